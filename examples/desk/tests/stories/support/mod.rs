//! A desk to talk to, and visitors and agents who talk.

mod files;
mod http;
mod people;
mod socket;

pub use files::*;
pub use http::*;
pub use people::*;
pub use socket::*;

use desk::auth;
use desk::config::Config;
use desk::store::sqlite::SqliteStore;
use desk::store::{Account, Store};
use desk::{Running, limits::Limits};
use deskside::protocol::command::Sub;
use deskside::protocol::event::{Participant, Role};
use serde_json::json;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::mpsc;
use uuid::Uuid;

/// Far longer than anything here takes: only a test that fails waits for it.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// The origin of the site `shop`.
pub const SHOP: &str = "https://shop.example";

pub fn uuid() -> String {
    Uuid::now_v7().to_string()
}

pub struct Desk {
    pub running: Option<Running>,
    pub config: Config,
    pub address: SocketAddr,
    _folder: TempDir,
}

impl Desk {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(adjust: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config(folder.path().join("desk.db"));
        adjust(&mut config);
        let running = desk::start(config.clone()).await.unwrap();
        Self {
            address: running.address(),
            running: Some(running),
            config,
            _folder: folder,
        }
    }

    pub async fn start_limited(adjust: impl FnOnce(&mut Limits)) -> Self {
        Self::start_with(|config| adjust(&mut config.limits)).await
    }

    pub async fn stop(&mut self) {
        self.running.take().unwrap().stop().await;
    }

    /// Comes back on the same database.
    pub async fn start_again(&mut self) {
        let running = desk::start(self.config.clone()).await.unwrap();
        self.address = running.address();
        self.running = Some(running);
    }

    /// A visitor on first contact.
    pub async fn visitor(&self) -> Visitor {
        Visitor::connect(self.address, None, vec![]).await
    }

    /// A visitor who has been here before.
    pub async fn visitor_again(&self, token: &str, subs: Vec<Sub>) -> Visitor {
        Visitor::connect(self.address, Some(token.to_owned()), subs).await
    }

    /// An agent whose console is connected.
    pub async fn agent(&self, name: &str) -> Agent {
        let token = self.agent_token(name).await;
        Agent::connect(self.address, token).await
    }

    /// A bot that is connected.
    pub async fn bot(&self, name: &str) -> Agent {
        let token = desk::add_bot(&self.store(), name).await.unwrap().unwrap();
        Agent::connect(self.address, token).await
    }

    /// Signs an agent in behind the login's back: the login hashes, which takes its time.
    pub async fn agent_token(&self, name: &str) -> String {
        sign_in(&self.store(), name).await
    }

    /// As the command does.
    pub async fn set_team(&self, name: &str, team: &str) {
        let email = format!("{name}@desk.example");
        assert!(self.store().set_team(&email, team).await.unwrap());
    }

    /// The database, beside the running desk.
    pub fn store(&self) -> SqliteStore {
        let (changes, _) = mpsc::channel(1);
        let path = &self.config.database;
        SqliteStore::open(path, self.config.limits, changes)
            .unwrap()
            .0
    }
}

/// An agent's token, behind the login's back.
pub async fn sign_in(store: &SqliteStore, name: &str) -> String {
    let email = format!("{name}@desk.example");
    let account = Account {
        agent: Participant {
            role: Role::Agent,
            id: format!("agent-{name}"),
            name: name.to_owned(),
            avatar: None,
        },
        email: email.clone(),
        password: "!".to_owned(),
        team: String::new(),
    };
    store.add_account(account).await.unwrap();
    let (token, hash) = auth::agent_token().unwrap();
    let now = desk::now_ms();
    let agent = store.account(&email).await.unwrap().unwrap().agent;
    store
        .sign_in(&agent.id, hash, now + 60_000, now)
        .await
        .unwrap();
    token
}

pub fn config(database: PathBuf) -> Config {
    let text = json!({
        "listen": "127.0.0.1:0",
        "sites": [
            { "id": "shop", "name": "Shop", "allowedOrigins": [SHOP], "selfService": true },
            { "id": "bank", "name": "Bank", "allowedOrigins": ["https://bank.example"] },
            { "id": "open", "name": "Open", "allowedOrigins": ["*"] },
        ],
        "limits": { "commandsPerSecond": 100_000, "commandsBurst": 100_000, "commandsPerSecondPerAddress": 100_000, "commandsBurstPerAddress": 100_000, "agentLeaveGraceMs": 50 },
    });
    let mut config = Config::parse(&text.to_string()).unwrap();
    config.database = database;
    config
}
