//! The reference desk: the real back end of the examples. It speaks the protocol of
//! [`deskside::protocol`] over one WebSocket per visitor and agent, and keeps what it must not lose
//! in one SQLite file.
//!
//! ```text
//! socket --frame--> visitor / agent --Durable--> store: rules in one transaction, group commit
//!                                                  |                     |
//!                        answer, after the commit <+                     +> hub -> other sessions
//! ```
#![warn(missing_docs)]

pub mod agent;
pub mod auth;
pub mod check;
pub mod colleagues;
pub mod config;
pub mod connections;
pub mod content;
pub mod conversation;
pub mod files;
pub mod frame;
pub mod http;
pub mod hub;
pub mod identity;
pub mod limits;
pub mod login;
pub mod news;
pub mod outbound;
pub mod processes;
pub mod queue;
pub mod rate;
pub mod refusal;
pub mod session;
pub mod sockets;
pub mod store;
pub mod survey;
pub mod upload;
pub mod uploads;
pub mod visitor;
pub mod wait;

use auth::{DEMO_EMAIL, DEMO_NAME, DEMO_PASSWORD, Passwords, VisitorTokens};
use config::Config;
use deskside::protocol::event::{Participant, Role};
use files::Files;
use hub::Hub;
use identity::Identities;
use news::Newsroom;
use rate::{Buckets, Rates};
use session::Stopping;
use sockets::Sockets;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use store::sqlite::SqliteStore;
use store::{Account, Store};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use visitor::poll::Mailboxes;

/// Why the desk did not start, or a command of its command line failed.
pub type StartError = Box<dyn std::error::Error + Send + Sync>;

/// What every session shares.
pub struct Desk {
    /// As read.
    pub config: Config,
    /// The database.
    pub store: Arc<dyn Store>,
    /// The bytes of attachments.
    pub files: Files,
    /// The sessions.
    pub hub: Arc<Hub>,
    /// To other processes, what no commit tells.
    pub whispers: mpsc::Sender<news::Hint>,
    /// What visitors are asked.
    pub surveys: Arc<survey::Definitions>,
    /// Signs visitors in.
    pub visitor_tokens: VisitorTokens,
    /// Whom the sites name.
    pub identities: Identities,
    /// Signs agents in.
    pub passwords: Passwords,
    /// Logins by address.
    pub logins: Buckets<IpAddr>,
    /// Commands by who sends them, and by address.
    pub rates: Rates,
    /// Sessions without a socket.
    pub mailboxes: Arc<Mailboxes>,
    /// Sessions by address.
    pub sockets: Arc<Sockets>,
    /// Parts of files on their way, by address.
    pub parts: Arc<Sockets>,
    /// Turns once.
    pub stopping: Stopping,
}

/// A desk at work. Dropping it leaves it running; [`Running::stop`] ends it.
pub struct Running {
    address: SocketAddr,
    stop: watch::Sender<Option<u32>>,
    sockets: Arc<Sockets>,
    server: JoinHandle<()>,
    keepers: Vec<JoinHandle<()>>,
    store: Arc<dyn Store>,
    writer: std::thread::JoinHandle<()>,
}

/// Milliseconds since 1970, UTC.
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

/// Starts a desk.
pub async fn start(config: Config) -> Result<Running, StartError> {
    let limits = config.limits;
    // First of all: nothing is done to the database by a desk that cannot be reached.
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| cannot_listen(config.listen, &error))?;
    let address = listener.local_addr()?;
    let (news, heard) = mpsc::channel(limits::BATCHES_UNPUBLISHED_MAX);
    let (store, writer) = SqliteStore::open(&config.database, limits, news)?;
    let store: Arc<dyn Store> = Arc::new(store);
    let files = Files::open(&config.database, &limits)
        .map_err(|error| format!("the folder of attachments cannot be used: {error}"))?;
    if config.demo {
        add_agent(
            store.as_ref(),
            DEMO_EMAIL,
            DEMO_NAME,
            DEMO_PASSWORD,
            "",
            None,
        )
        .await?;
    }
    // Before anything is read that another process may change.
    store.join().await.map_err(|r| r.message)?;
    let surveys = Arc::new(survey::load(&config, store.as_ref()).await?);
    let (stop, stopping) = watch::channel(None);
    let hub = Arc::new(Hub::default());
    hub.set_elsewhere(store.consoles_elsewhere().await.map_err(|r| r.message)?);
    let mailboxes = Arc::new(Mailboxes::default());
    let (whispers, whispered) = mpsc::channel(limits::WHISPERS_MAX);
    let newsroom = Newsroom {
        hub: hub.clone(),
        store: store.clone(),
        surveys: surveys.clone(),
    };
    let keepers = vec![
        tokio::spawn(mailboxes.clone().sweep(stopping.clone())),
        tokio::spawn(newsroom.publish_all(heard)),
        tokio::spawn(processes::keep(hub.clone(), store.clone())),
        tokio::spawn(processes::pass_on(whispered, store.clone())),
        tokio::spawn(hub.clone().keep_inboxes(store.clone())),
        tokio::spawn(uploads::keep_tidy(store.clone(), files.clone())),
        tokio::spawn(queue::keep(hub.clone(), store.clone())),
        tokio::spawn(colleagues::keep(hub.clone(), store.clone(), config.clone())),
        tokio::spawn(
            hub.clone()
                .keep_availability(Duration::from_millis(limits.agent_leave_grace_ms.into())),
        ),
    ];
    // Who waited when the desk stopped waits still.
    config
        .sites
        .iter()
        .for_each(|site| hub.queues.stir(&site.id));
    let sockets = Arc::new(Sockets::new(
        limits.sockets_max,
        limits.sockets_per_address_max,
        limits.queue_bytes_per_address_max,
    ));
    let kept = store.clone();
    let desk = Desk {
        whispers,
        surveys,
        visitor_tokens: VisitorTokens::new(&store.secret().await.map_err(|r| r.message)?),
        identities: Identities::new(&config.sites)?,
        passwords: Passwords::default(),
        logins: Buckets::new(
            f64::from(limits.logins_per_minute) / 60.0,
            limits.logins_per_minute,
            limits.sockets_max as usize,
        ),
        rates: Rates::new(&limits),
        mailboxes,
        sockets: sockets.clone(),
        parts: Arc::new(Sockets::new(
            limits::PARTS_AT_ONCE_MAX,
            limits::PARTS_AT_ONCE_PER_ADDRESS_MAX,
            0,
        )),
        config,
        store,
        files,
        hub,
        stopping: stopping.clone(),
    };
    let app = http::router(Arc::new(desk));
    let head_max = Duration::from_millis(limits::HTTP_HEAD_MS_MAX);
    let server = connections::serve(listener, app, head_max, stopping);
    Ok(Running {
        address,
        stop,
        sockets,
        server: tokio::spawn(server),
        keepers,
        store: kept,
        writer,
    })
}

fn cannot_listen(address: SocketAddr, error: &std::io::Error) -> String {
    let why = match error.kind() {
        ErrorKind::AddrInUse => {
            "another program listens there; stop it, or choose another port with --listen \
             (0 takes a free one)"
        }
        ErrorKind::AddrNotAvailable => "this machine has no such address",
        ErrorKind::PermissionDenied => "this user may not; ports below 1024 are often reserved",
        _ => return format!("cannot listen on {address}: {error}"),
    };
    format!("cannot listen on {address}: {why}")
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Resolves when a part of the desk that never ends has ended: then it looks alive, and may push nothing.
    pub async fn broken(&mut self) {
        let parts = self.keepers.iter_mut().chain([&mut self.server]);
        let (ended, ..) = futures_util::future::select_all(parts).await;
        tracing::error!(?ended, "a part of the desk has ended by itself");
    }

    /// Takes no more, says goodbye to every session, and returns when all that was answered is on
    /// disk and the file is closed.
    pub async fn stop(self) {
        self.stop.send_replace(Some(self.sockets.count()));
        let goodbyes = Duration::from_millis(limits::STOP_MS_MAX);
        if tokio::time::timeout(goodbyes, self.sockets.emptied())
            .await
            .is_err()
        {
            tracing::warn!("some sessions did not end in time");
        }
        let server = self.server.abort_handle();
        // One that has ended already must not be waited for again.
        if !server.is_finished() && tokio::time::timeout(goodbyes, self.server).await.is_err() {
            server.abort();
        }
        for keeper in self.keepers {
            keeper.abort();
        }
        if let Err(refusal) = self.store.leave().await {
            tracing::warn!(
                ?refusal,
                "other processes will find out that this one is gone"
            );
        }
        drop(self.store);
        // The writer ends when the last holder of the store has; then its file is closed.
        let writer = tokio::task::spawn_blocking(move || self.writer.join());
        if !matches!(tokio::time::timeout(goodbyes, writer).await, Ok(Ok(Ok(())))) {
            tracing::warn!("the writer did not end by itself");
        }
    }
}

/// Adds an agent; `false` where the address has an account.
pub async fn add_agent(
    store: &dyn Store,
    email: &str,
    name: &str,
    password: &str,
    team: &str,
    avatar: Option<String>,
) -> Result<bool, StartError> {
    if store.account(email).await.map_err(|r| r.message)?.is_some() {
        return Ok(false);
    }
    let account = Account {
        agent: Participant {
            role: Role::Agent,
            id: uuid::Uuid::now_v7().to_string(),
            name: name.to_owned(),
            avatar,
        },
        email: email.to_owned(),
        password: auth::hash_password(password).map_err(|r| r.message)?,
        team: team.to_owned(),
    };
    Ok(store.add_account(account).await.map_err(|r| r.message)?)
}

/// Adds a bot and gives its token, of which the desk keeps only a hash; none where the name is taken.
pub async fn add_bot(store: &dyn Store, name: &str) -> Result<Option<String>, StartError> {
    let (token, hash) = auth::agent_token().map_err(|r| r.message)?;
    let bot = Participant {
        role: Role::Bot,
        id: uuid::Uuid::now_v7().to_string(),
        name: name.to_owned(),
        avatar: None,
    };
    let added = store.add_bot(bot, hash).await.map_err(|r| r.message)?;
    Ok(added.then_some(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_desk_of_which_a_part_has_ended_knows_that_it_is_broken() {
        const PATIENCE: Duration = Duration::from_secs(20);
        let folder = tempfile::tempdir().unwrap();
        let text = r#"{ "listen": "127.0.0.1:0", "sites": [{ "id": "shop", "name": "Shop", "allowedOrigins": ["*"] }] }"#;
        let mut config = Config::parse(text).unwrap();
        config.database = folder.path().join("desk.db");
        for part in 0.. {
            let mut running = start(config.clone()).await.unwrap();
            let keeper = running.keepers.get(part);
            let is_last = keeper.is_none();
            keeper.unwrap_or(&running.server).abort();
            let broken = tokio::time::timeout(PATIENCE, running.broken()).await;
            assert!(broken.is_ok(), "part {part}");
            running.stop().await;
            if is_last {
                break;
            }
        }
    }
}
