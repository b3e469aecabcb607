//! The way to one client, whatever carries it: a bounded queue of frames, and an end that both
//! sides of it agree on.

use crate::frame;
use crate::limits::{FLOOD_PAUSE_MS, Limits, RESTART_MS};
use axum::extract::ws::Utf8Bytes;
use deskside::protocol::reply::Disconnect;
use deskside::protocol::{ServerFrame, close_code};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};

/// Why a session ends, for its last frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Of [`close_code`], or of RFC 6455.
    pub code: u16,
    /// A sentence for a developer.
    pub reason: &'static str,
}

impl Ending {
    /// The client went, or the connection did.
    pub const GONE: Self = Self {
        code: 1000,
        reason: "goodbye",
    };
    /// A message over the hard limit.
    pub const TOO_BIG: Self = Self {
        code: 1009,
        reason: "the message is too large",
    };
    /// A text that is not UTF-8.
    pub const NO_TEXT: Self = Self {
        code: 1007,
        reason: "the text is not UTF-8",
    };
    /// Bytes that are no WebSocket frame.
    pub const NO_WEBSOCKET: Self = Self {
        code: 1002,
        reason: "the bytes are no WebSocket frame",
    };
    /// Nothing was heard for two ping intervals.
    pub const SILENT: Self = Self {
        code: close_code::TRY_LATER,
        reason: "nothing was heard for two ping intervals",
    };
    /// The database does not answer.
    pub const UNAVAILABLE: Self = Self {
        code: close_code::TRY_LATER,
        reason: "the desk cannot read its database now",
    };
    /// The desk stops.
    pub const STOPPING: Self = Self {
        code: close_code::TRY_LATER,
        reason: "the desk stops",
    };
    /// This process has not heard of all that another one committed.
    pub const BEHIND: Self = Self {
        code: close_code::TRY_LATER,
        reason: "the desk has missed something; resume",
    };
    /// The client goes on sending although it was told to wait.
    pub const FLOOD: Self = Self {
        code: close_code::TRY_LATER,
        reason: "too many commands in spite of retryAfterMs",
    };
    /// The queue is full.
    pub const SLOW_READER: Self = Self {
        code: close_code::SLOW_READER,
        reason: "pushes were not read in time",
    };
    /// No `connect` first, or malformed frames.
    pub const PROTOCOL: Self = Self {
        code: close_code::PROTOCOL,
        reason: "the first frame must be a valid connect, and frames must be well-formed",
    };
    /// The token is not accepted, or not any more.
    pub const UNAUTHORIZED: Self = Self {
        code: close_code::UNAUTHORIZED,
        reason: "the token is not accepted",
    };
    /// The site or the origin is not known here.
    pub const FORBIDDEN_SITE: Self = Self {
        code: close_code::FORBIDDEN_SITE,
        reason: "this site or origin is not known here",
    };

    /// The reason as a frame, for a client that is not shown close codes.
    pub fn farewell(self) -> Utf8Bytes {
        frame::write(&ServerFrame {
            disconnect: Some(Disconnect {
                code: self.code,
                reconnect: self.is_passing(),
                retry_after_ms: self.retry_after_ms(),
            }),
            ..ServerFrame::default()
        })
    }

    /// How long the client should stay away at least.
    fn retry_after_ms(self) -> Option<u32> {
        match self {
            Self::STOPPING => Some(RESTART_MS),
            Self::FLOOD => Some(FLOOD_PAUSE_MS),
            Self::UNAVAILABLE => Some(RESTART_MS),
            _ => None,
        }
    }

    /// Whether the client should come back.
    pub fn is_passing(self) -> bool {
        matches!(
            self.code,
            close_code::TRY_LATER | close_code::SLOW_READER | close_code::UNAUTHORIZED
        )
    }
}

/// A frame that waits, and the room that it takes until it is written.
pub type Queued = (Utf8Bytes, OwnedSemaphorePermit);

/// What waits for a session's client.
pub type Queue = mpsc::UnboundedReceiver<Queued>;

/// A queue of its own.
pub fn open(limits: &Limits) -> (Outbound, Queue) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let (queue, queued) = mpsc::unbounded_channel();
    let (ending, _) = watch::channel(None);
    let out = Outbound {
        id: NEXT.fetch_add(1, Ordering::Relaxed),
        queue,
        room: Arc::new(Semaphore::new(limits.queue_bytes_max as usize)),
        room_max: limits.queue_bytes_max,
        ending: Arc::new(ending),
    };
    (out, queued)
}

/// The way to a session's queue; clones reach the same one.
#[derive(Clone)]
pub struct Outbound {
    id: u64,
    queue: mpsc::UnboundedSender<Queued>,
    /// One permit per byte that may wait.
    room: Arc<Semaphore>,
    room_max: u32,
    ending: Arc<watch::Sender<Option<Ending>>>,
}

impl Outbound {
    /// Tells this session from all others since the desk started.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Queues a push and never waits: where there is no room the session ends, and its client
    /// resumes from its cursor.
    pub fn push(&self, text: &Utf8Bytes) {
        match self.room.clone().try_acquire_many_owned(self.cost(text)) {
            Ok(permit) => {
                // A writer that has ended has no use for it.
                let _ = self.queue.send((text.clone(), permit));
            }
            Err(_) => self.end(Ending::SLOW_READER),
        }
    }

    /// Queues an answer, once there is room: a client that does not read its answers is not
    /// listened to any further.
    pub async fn answer(&self, text: Utf8Bytes) {
        let room = self.room.clone().acquire_many_owned(self.cost(&text));
        let mut ended = self.ending.subscribe();
        tokio::select! {
            Ok(permit) = room => {
                let _ = self.queue.send((text, permit));
            }
            _ = ended.wait_for(Option::is_some) => {}
        }
    }

    /// Ends the session; the first reason counts.
    pub fn end(&self, why: Ending) {
        self.ending.send_if_modified(|ending| {
            let is_first = ending.is_none();
            if is_first {
                *ending = Some(why);
            }
            is_first
        });
    }

    /// Why it has ended or is about to, if it is.
    pub fn ending(&self) -> Option<Ending> {
        *self.ending.borrow()
    }

    /// Tells of the end.
    pub fn ended(&self) -> watch::Receiver<Option<Ending>> {
        self.ending.subscribe()
    }

    fn cost(&self, text: &Utf8Bytes) -> u32 {
        // What an entry takes beside its text.
        const ENTRY_BYTES: u32 = 64;
        let bytes = u32::try_from(text.len()).unwrap_or(u32::MAX);
        bytes.saturating_add(ENTRY_BYTES).min(self.room_max)
    }
}
