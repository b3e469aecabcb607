//! The way to one client, whatever carries it: a bounded queue of frames, and an end that both
//! sides of it agree on.

use crate::frame;
use crate::limits::{FLOOD_PAUSE_MS, Limits, RESTART_MS, RETURN_MS_MAX, RETURN_SPACING_MS};
use axum::extract::ws::Utf8Bytes;
use deskside::protocol::reply::Disconnect;
use deskside::protocol::{ServerFrame, close_code};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, mpsc, watch};

/// Why a session ends, for its last frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Of [`close_code`], or of RFC 6455.
    pub code: u16,
    /// A sentence for a developer.
    pub reason: &'static str,
    /// How long the client should stay away at least.
    pub retry_after_ms: Option<u32>,
}

impl Ending {
    /// The client went, or the connection did.
    pub const GONE: Self = Self {
        code: 1000,
        reason: "goodbye",
        retry_after_ms: None,
    };
    /// A message over the hard limit.
    pub const TOO_BIG: Self = Self {
        code: 1009,
        reason: "the message is too large",
        retry_after_ms: None,
    };
    /// A text that is not UTF-8.
    pub const NO_TEXT: Self = Self {
        code: 1007,
        reason: "the text is not UTF-8",
        retry_after_ms: None,
    };
    /// Bytes that are no WebSocket frame.
    pub const NO_WEBSOCKET: Self = Self {
        code: 1002,
        reason: "the bytes are no WebSocket frame",
        retry_after_ms: None,
    };
    /// Nothing was heard for two ping intervals.
    pub const SILENT: Self = Self {
        code: close_code::TRY_LATER,
        reason: "nothing was heard for two ping intervals",
        retry_after_ms: None,
    };
    /// The database does not answer.
    pub const UNAVAILABLE: Self = Self {
        code: close_code::TRY_LATER,
        reason: "the desk cannot read its database now",
        retry_after_ms: Some(RESTART_MS),
    };
    /// The desk stops.
    pub const STOPPING: Self = Self {
        code: close_code::TRY_LATER,
        reason: "the desk stops",
        retry_after_ms: Some(RESTART_MS),
    };
    /// This process has not heard of all that another one committed.
    pub const BEHIND: Self = Self {
        code: close_code::TRY_LATER,
        reason: "the desk has missed something; resume",
        retry_after_ms: None,
    };
    /// Too many sign in from one address.
    pub const CROWDED: Self = Self {
        code: close_code::TRY_LATER,
        reason: "too many sign in from this address at once",
        retry_after_ms: Some(RESTART_MS),
    };
    /// The client goes on sending although it was told to wait.
    pub const FLOOD: Self = Self {
        code: close_code::TRY_LATER,
        reason: "too many commands in spite of retryAfterMs",
        retry_after_ms: Some(FLOOD_PAUSE_MS),
    };
    /// The queue is full.
    pub const SLOW_READER: Self = Self {
        code: close_code::SLOW_READER,
        reason: "pushes were not read in time",
        retry_after_ms: None,
    };
    /// No `connect` first, or malformed frames.
    pub const PROTOCOL: Self = Self {
        code: close_code::PROTOCOL,
        reason: "the first frame must be a valid connect, and frames must be well-formed",
        retry_after_ms: None,
    };
    /// The token is not accepted, or not any more.
    pub const UNAUTHORIZED: Self = Self {
        code: close_code::UNAUTHORIZED,
        reason: "the token is not accepted",
        retry_after_ms: None,
    };
    /// The site or the origin is not known here.
    pub const FORBIDDEN_SITE: Self = Self {
        code: close_code::FORBIDDEN_SITE,
        reason: "this site or origin is not known here",
        retry_after_ms: None,
    };

    /// The reason as a frame, for a client that is not shown close codes.
    pub fn farewell(self) -> Utf8Bytes {
        frame::write(&ServerFrame {
            disconnect: Some(Disconnect {
                code: self.code,
                reconnect: self.is_passing(),
                retry_after_ms: self.retry_after_ms,
            }),
            ..ServerFrame::default()
        })
    }

    /// For one of many sessions that end together: each stays away for a time of its own, evenly spread, so
    /// that they do not come back together.
    pub fn of_many(self, session: u64, sessions: u32) -> Self {
        /// 2^64 by the golden ratio: its multiples fall evenly wherever one begins.
        const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
        let window_ms = sessions
            .saturating_mul(RETURN_SPACING_MS)
            .min(RETURN_MS_MAX);
        let place = session.wrapping_mul(GOLDEN) >> 32;
        let share_ms = (place * u64::from(window_ms)) >> 32;
        let share_ms = u32::try_from(share_ms).unwrap_or(RETURN_MS_MAX);
        Self {
            retry_after_ms: Some(self.retry_after_ms.unwrap_or(0) + share_ms),
            ..self
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
pub type Queued = (Utf8Bytes, Taken);

/// Of the session, and of its address.
pub type Taken = (OwnedSemaphorePermit, OwnedSemaphorePermit);

/// What waits for a session's client.
pub type Queue = mpsc::UnboundedReceiver<Queued>;

/// A queue of its own, for a session of an address that has so much room.
pub fn open(limits: &Limits, of_address: Arc<Semaphore>) -> (Outbound, Queue) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let (queue, queued) = mpsc::unbounded_channel();
    let (ending, _) = watch::channel(None);
    let out = Outbound {
        id: NEXT.fetch_add(1, Ordering::Relaxed),
        queue,
        room: Arc::new(Semaphore::new(limits.queue_bytes_max as usize)),
        room_max: limits.queue_bytes_max,
        of_address,
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
    /// The same for all sessions of an address: they share it, and nobody else's.
    of_address: Arc<Semaphore>,
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
        let cost = self.cost(text);
        let take = |room: &Arc<Semaphore>| room.clone().try_acquire_many_owned(cost);
        match (take(&self.room), take(&self.of_address)) {
            (Ok(own), Ok(of_address)) => {
                // A writer that has ended has no use for it.
                let _ = self.queue.send((text.clone(), (own, of_address)));
            }
            _ => self.end(Ending::SLOW_READER),
        }
    }

    /// Queues an answer, once there is room: a client that does not read its answers is not
    /// listened to any further.
    pub async fn answer(&self, text: Utf8Bytes) {
        let cost = self.cost(&text);
        let take = |room: &Arc<Semaphore>| room.clone().acquire_many_owned(cost);
        // First its own: whoever waits for that holds nothing that others of the address wait for.
        let room = async {
            Ok::<Taken, AcquireError>((take(&self.room).await?, take(&self.of_address).await?))
        };
        let mut ended = self.ending.subscribe();
        tokio::select! {
            Ok(taken) = room => {
                let _ = self.queue.send((text, taken));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_that_end_together_come_back_evenly_over_half_a_minute() {
        let mut seconds = [0_u32; 30];
        for session in 1_000_000..1_010_000 {
            let ending = Ending::STOPPING.of_many(session, 10_000);
            let after_ms = ending.retry_after_ms.unwrap() - RESTART_MS;
            seconds[(after_ms / 1_000) as usize] += 1;
        }
        let even = |count: &u32| (320..=346).contains(count);
        assert!(seconds.iter().all(even), "{seconds:?}");
    }

    #[test]
    fn a_few_are_not_kept_waiting() {
        let longest = (1..=10).map(|session| Ending::STOPPING.of_many(session, 10).retry_after_ms);
        assert!(longest.max().unwrap().unwrap() < RESTART_MS + 50);
    }

    #[tokio::test]
    async fn what_waits_for_one_address_is_bounded_over_all_its_sessions_and_no_other_address_feels_it()
     {
        let limits = Limits::default();
        let [crowded, other] = [100_000, 100_000].map(|bytes| Arc::new(Semaphore::new(bytes)));
        let text = Utf8Bytes::from("w".repeat(30_000));
        let sessions: Vec<_> = (0..5).map(|_| open(&limits, crowded.clone())).collect();
        let (elsewhere, _queue) = open(&limits, other);
        for (out, _) in &sessions {
            out.push(&text);
        }
        elsewhere.push(&text);
        let ended = sessions.iter().map(|(out, _)| out.ending().is_some());
        assert_eq!(ended.collect::<Vec<_>>(), [false, false, false, true, true]);
        assert_eq!(elsewhere.ending(), None);
        // An answer waits until one of the others has read.
        let (waiting, mut queue) = open(&limits, crowded);
        let answer = waiting.answer(text.clone());
        tokio::pin!(answer);
        tokio::select! {
            biased;
            () = &mut answer => panic!("there is no room for it"),
            () = std::future::ready(()) => {}
        }
        drop(sessions);
        answer.await;
        assert!(queue.try_recv().is_ok());
    }
}
