//! `POST /v1/poll`: the pushes for who has no socket. A `connect` by request opens a mailbox that
//! hears what a socket would; a poll takes what is in it, and waits while it is empty. What was
//! handed out stays until the next poll acknowledges it, so a lost answer loses nothing.

use super::request::{self, Asked};
use crate::Desk;
use crate::auth::VisitorClaims;
use crate::hub::Seat;
use crate::limits::{ANSWER_BYTES_MAX, HTTP_REQUEST_MS_MAX, MAILBOX_IDLE_MS_MAX, POLL_WAIT_MS_MAX};
use crate::outbound::{self, Ending, Outbound, Queue, Queued};
use crate::refusal::Refusal;
use crate::session::{Stopping, stopped};
use crate::sockets::Slot;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequest, Request, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

/// The body of a poll.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Poll {
    /// From `connected`.
    session: String,
    /// The number of the last answer that arrived; 0 before the first.
    #[serde(default)]
    ack: u32,
    /// How long to wait while there is nothing.
    #[serde(default)]
    wait_ms: u64,
}

/// The answer to a poll.
#[derive(Debug, Serialize)]
struct Polled {
    /// For the next poll.
    ack: u32,
    /// As a socket would have pushed them.
    frames: Vec<Box<RawValue>>,
}

/// Answers a poll.
pub async fn poll(
    State(desk): State<Arc<Desk>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let asked = Asked::new(&desk.config, request.headers().clone(), peer);
    request::respond(take(&desk, &asked, request).await)
}

async fn take(desk: &Desk, asked: &Asked, request: Request) -> Result<Polled, Refusal> {
    let caller = asked.caller(desk).await?;
    // A poll may wait for long, but not for its own body.
    let patience = Duration::from_millis(HTTP_REQUEST_MS_MAX);
    let body = timeout(patience, Bytes::from_request(request, &())).await;
    let body = body.map_err(|_| Refusal::bad_frame("the body did not come in time"))?;
    let body = request::bytes(&desk.config, body)?;
    let poll: Poll = serde_json::from_slice(&body).map_err(|e| Refusal::invalid(e.to_string()))?;
    let mailbox = desk.mailboxes.find(&poll.session, &caller.claims);
    let mailbox = mailbox.ok_or_else(Refusal::no_session)?;
    let wait = Duration::from_millis(poll.wait_ms.min(POLL_WAIT_MS_MAX));
    let polled = mailbox.take(poll.ack, wait, desk.stopping.clone()).await?;
    if mailbox.is_done() {
        desk.mailboxes.drop_one(&poll.session);
    }
    Ok(polled)
}

/// A session without a socket.
pub struct Mailbox {
    visitor: String,
    site: String,
    out: Outbound,
    tray: tokio::sync::Mutex<Tray>,
    /// Counts the polls: a new one takes the place of one that still waits, whose client is gone.
    turns: watch::Sender<u64>,
    used_at: Mutex<Instant>,
    _seat: Seat,
    _slot: Slot,
}

struct Tray {
    queue: Queue,
    /// Handed out and not yet acknowledged.
    handed: Vec<Queued>,
    /// The number of that answer.
    batch: u32,
    /// Whether the client was told that it is over.
    is_done: bool,
}

impl Mailbox {
    /// Hears from now on what the visitor's sockets hear.
    pub fn open(desk: &Desk, claims: &VisitorClaims, address: IpAddr) -> Result<Self, Refusal> {
        let slot = desk.sockets.enter(address).map_err(Refusal::from)?;
        let (out, queue) = outbound::open(&desk.config.limits, slot.room());
        Ok(Self {
            visitor: claims.sub.clone(),
            site: claims.aud.clone(),
            _seat: desk.hub.seat_visitor(&claims.aud, &claims.sub, out.clone()),
            _slot: slot,
            out,
            tray: tokio::sync::Mutex::new(Tray {
                queue,
                handed: Vec::new(),
                batch: 0,
                is_done: false,
            }),
            turns: watch::Sender::new(0),
            used_at: Mutex::new(Instant::now()),
        })
    }

    /// Puts in how many wait before each of the visitor's conversations.
    pub fn tell_places(&self, desk: &Desk, claims: &VisitorClaims) {
        for place in super::places(desk, claims) {
            self.out.push(&place);
        }
    }

    /// The number of its session.
    pub fn session(&self) -> u64 {
        self.out.id()
    }

    async fn take(&self, ack: u32, wait: Duration, stopping: Stopping) -> Result<Polled, Refusal> {
        self.touch();
        let mut turn = 0;
        self.turns.send_modify(|turns| {
            *turns += 1;
            turn = *turns;
        });
        let mut tray = self.tray.lock().await;
        if ack == tray.batch {
            tray.handed.clear();
        } else if ack.checked_add(1) != Some(tray.batch) {
            return Err(Refusal::invalid(format!(
                "ack is {ack}; the last answer was {}",
                tray.batch
            )));
        }
        if tray.handed.is_empty() {
            self.fill(&mut tray, turn, wait, stopping).await;
        }
        let mut frames: Vec<Box<RawValue>> = Vec::with_capacity(tray.handed.len());
        for (text, _) in &tray.handed {
            frames.extend(raw(text));
        }
        if frames.is_empty()
            && let Some(why) = self.out.ending()
        {
            tray.is_done = true;
            frames.extend(raw(&why.farewell()));
        }
        self.touch();
        let ack = tray.batch;
        Ok(Polled { ack, frames })
    }

    async fn fill(&self, tray: &mut Tray, turn: u64, wait: Duration, mut stopping: Stopping) {
        let (mut turns, mut ended) = (self.turns.subscribe(), self.out.ended());
        let first = tokio::select! {
            biased;
            first = tray.queue.recv() => first,
            _ = turns.wait_for(|now| *now != turn) => None,
            _ = ended.wait_for(Option::is_some) => None,
            sessions = stopped(&mut stopping) => {
                self.out.end(Ending::STOPPING.of_many(self.out.id(), sessions));
                None
            }
            () = sleep(wait) => None,
        };
        let Some(first) = first else {
            return;
        };
        tray.batch += 1;
        let mut bytes = first.0.len();
        tray.handed.push(first);
        while bytes < ANSWER_BYTES_MAX
            && let Ok(next) = tray.queue.try_recv()
        {
            bytes += next.0.len();
            tray.handed.push(next);
        }
    }

    fn is_done(&self) -> bool {
        self.tray.try_lock().is_ok_and(|tray| tray.is_done)
    }

    fn touch(&self) {
        *self.used_at.lock().unwrap_or_else(|e| e.into_inner()) = Instant::now();
    }

    fn idle(&self) -> Duration {
        let used_at = self.used_at.lock().unwrap_or_else(|e| e.into_inner());
        used_at.elapsed()
    }
}

fn raw(text: &str) -> Option<Box<RawValue>> {
    RawValue::from_string(text.to_owned()).ok()
}

/// The mailboxes of this process, by the name of their session.
#[derive(Default)]
pub struct Mailboxes {
    open: Mutex<HashMap<String, Arc<Mailbox>>>,
}

impl Mailboxes {
    /// Keeps a mailbox and gives its session a name that cannot be guessed.
    pub fn keep(&self, mailbox: Mailbox) -> String {
        let session = Uuid::new_v4().to_string();
        self.open().insert(session.clone(), Arc::new(mailbox));
        session
    }

    /// The mailbox of that session, where it is this visitor's.
    pub fn find(&self, session: &str, claims: &VisitorClaims) -> Option<Arc<Mailbox>> {
        let open = self.open();
        let mailbox = open.get(session)?;
        let is_theirs = mailbox.visitor == claims.sub && mailbox.site == claims.aud;
        is_theirs.then(|| mailbox.clone())
    }

    /// Forgets those that nobody empties any more, until the desk stops; then all.
    pub async fn sweep(self: Arc<Self>, mut stopping: Stopping) {
        let idle_max = Duration::from_millis(MAILBOX_IDLE_MS_MAX);
        let stopped = stopped(&mut stopping);
        tokio::pin!(stopped);
        while timeout(idle_max / 8, &mut stopped).await.is_err() {
            self.open().retain(|_, mailbox| mailbox.idle() < idle_max);
        }
        self.open().clear();
    }

    fn drop_one(&self, session: &str) {
        self.open().remove(session);
    }

    fn open(&self) -> MutexGuard<'_, HashMap<String, Arc<Mailbox>>> {
        self.open.lock().unwrap_or_else(|e| e.into_inner())
    }
}
