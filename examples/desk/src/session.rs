//! One socket: a reader that takes frames in turn, a writer with a bounded queue, and an end that
//! both agree on. The visitor's and the agent's sessions are built on it.

use crate::frame;
use crate::limits::{
    BAD_FRAMES_MAX, FRAMES_PER_MESSAGE_MAX, GOODBYE_MS_MAX, Limits, RATE_REFUSALS_FORGIVEN,
    RATE_REFUSALS_MAX,
};
use crate::rate::Bucket;
use crate::refusal::Refusal;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use deskside::protocol::reply::Disconnect;
use deskside::protocol::{ServerFrame, close_code};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde::de::DeserializeOwned;
use std::collections::VecDeque;
use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time::timeout;

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

    /// Whether the client should come back.
    pub fn is_passing(self) -> bool {
        matches!(
            self.code,
            close_code::TRY_LATER | close_code::SLOW_READER | close_code::UNAUTHORIZED
        )
    }
}

/// The way to a socket's writer; clones reach the same one.
#[derive(Clone)]
pub struct Outbound {
    id: u64,
    queue: mpsc::UnboundedSender<(Utf8Bytes, OwnedSemaphorePermit)>,
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

    /// Whether it has ended or is about to.
    pub fn is_ending(&self) -> bool {
        self.ending.borrow().is_some()
    }

    fn cost(&self, text: &Utf8Bytes) -> u32 {
        // What an entry takes beside its text.
        const ENTRY_BYTES: u32 = 64;
        let bytes = u32::try_from(text.len()).unwrap_or(u32::MAX);
        bytes.saturating_add(ENTRY_BYTES).min(self.room_max)
    }
}

/// The reading side.
pub struct Inbound {
    socket: SplitStream<WebSocket>,
    lines: VecDeque<String>,
    out: Outbound,
    ended: watch::Receiver<Option<Ending>>,
    stopping: watch::Receiver<bool>,
    silence_max: Duration,
    frame_bytes_max: u32,
    bucket: Bucket,
    bad_frames: u32,
    rate_refusals: u32,
    writer: tokio::task::JoinHandle<()>,
}

/// What came.
pub enum Incoming<F> {
    /// A frame.
    Frame(F),
    /// Something that is no frame; already counted.
    Unreadable(frame::Unreadable),
    /// Nothing comes any more.
    Ended,
}

/// Takes a socket over, until it ends or the desk stops.
pub fn start(
    socket: WebSocket,
    limits: &Limits,
    stopping: watch::Receiver<bool>,
) -> (Outbound, Inbound) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let (sink, stream) = socket.split();
    let (queue, queued) = mpsc::unbounded_channel();
    let (ending, ended) = watch::channel(None);
    let out = Outbound {
        id: NEXT.fetch_add(1, Ordering::Relaxed),
        queue,
        room: Arc::new(Semaphore::new(limits.queue_bytes_max as usize)),
        room_max: limits.queue_bytes_max,
        ending: Arc::new(ending),
    };
    let silence_max = Duration::from_millis(u64::from(limits.ping_interval_ms) * 2);
    let writer = tokio::spawn(write(sink, queued, out.ending.clone(), silence_max));
    let inbound = Inbound {
        socket: stream,
        lines: VecDeque::new(),
        out: out.clone(),
        ended,
        stopping,
        silence_max,
        frame_bytes_max: limits.frame_bytes_max,
        bucket: Bucket::new(
            f64::from(limits.commands_per_second),
            limits.commands_burst,
            Instant::now(),
        ),
        bad_frames: 0,
        rate_refusals: 0,
        writer,
    };
    (out, inbound)
}

impl Inbound {
    /// The next frame. Frames are taken in turn, so a client that sends faster than the desk
    /// commits is slowed down by its own connection.
    pub async fn next<F: DeserializeOwned>(&mut self, commands: &[&str]) -> Incoming<F> {
        loop {
            if self.out.is_ending() {
                return Incoming::Ended;
            }
            if let Some(line) = self.lines.pop_front() {
                return self.read(&line, commands);
            }
            let message = tokio::select! {
                message = timeout(self.silence_max, self.socket.next()) => message,
                _ = self.ended.wait_for(Option::is_some) => return Incoming::Ended,
                _ = self.stopping.wait_for(|stopping| *stopping) => {
                    self.out.end(Ending::STOPPING);
                    return Incoming::Ended;
                }
            };
            match message {
                Err(_) => self.out.end(Ending::SILENT),
                Ok(None | Some(Ok(Message::Close(_)))) => self.out.end(Ending::GONE),
                Ok(Some(Err(error))) => self.out.end(ending_of(&error)),
                Ok(Some(Ok(Message::Text(text)))) => self.take_in(&text),
                Ok(Some(Ok(Message::Binary(_)))) => self.out.end(Ending::PROTOCOL),
                Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
            }
        }
    }

    /// Takes a token for a command, or refuses it.
    pub fn admit(&mut self) -> Result<(), Refusal> {
        match self.bucket.take(Instant::now()) {
            Ok(()) => {
                self.rate_refusals = self.rate_refusals.saturating_sub(RATE_REFUSALS_FORGIVEN);
                Ok(())
            }
            Err(retry_after_ms) => {
                self.rate_refusals += 1;
                if self.rate_refusals > RATE_REFUSALS_MAX {
                    self.out.end(Ending::FLOOD);
                }
                Err(Refusal::rate_limited(retry_after_ms))
            }
        }
    }

    /// Says goodbye: what is queued is written, then the reason; the client's own goodbye is
    /// awaited, or a reset could overtake what it has not read yet.
    pub async fn finish(mut self) {
        self.out.end(Ending::GONE);
        let goodbye = async {
            let _ = (&mut self.writer).await;
            while let Some(Ok(_)) = self.socket.next().await {}
        };
        if timeout(Duration::from_millis(GOODBYE_MS_MAX), goodbye)
            .await
            .is_err()
        {
            self.writer.abort();
        }
    }

    fn take_in(&mut self, text: &str) {
        let before = self.lines.len();
        self.lines.extend(
            frame::lines(text)
                .take(FRAMES_PER_MESSAGE_MAX + 1)
                .map(str::to_owned),
        );
        if self.lines.len() - before > FRAMES_PER_MESSAGE_MAX {
            self.out.end(Ending::PROTOCOL);
        }
    }

    fn read<F: DeserializeOwned>(&mut self, line: &str, commands: &[&str]) -> Incoming<F> {
        let read = match line.len() > self.frame_bytes_max as usize {
            true => Err(frame::too_large(line, self.frame_bytes_max)),
            false => frame::read(line, commands),
        };
        match read {
            Ok(frame) => Incoming::Frame(frame),
            Err(unreadable) => {
                self.bad_frames += 1;
                if self.bad_frames > BAD_FRAMES_MAX {
                    self.out.end(Ending::PROTOCOL);
                }
                Incoming::Unreadable(unreadable)
            }
        }
    }
}

/// The reason to give to the peer whose message could not be read.
fn ending_of(error: &axum::Error) -> Ending {
    let cause = error.source().and_then(|cause| cause.downcast_ref());
    match cause {
        Some(tungstenite::Error::Capacity(_)) => Ending::TOO_BIG,
        _ => Ending::PROTOCOL,
    }
}

/// The reason as a frame, for a client that is not shown close codes.
fn farewell(why: Ending) -> Utf8Bytes {
    frame::write(&ServerFrame {
        disconnect: Some(Disconnect {
            code: why.code,
            reconnect: why.is_passing(),
            retry_after_ms: None,
        }),
        ..ServerFrame::default()
    })
}

async fn write(
    mut sink: SplitSink<WebSocket, Message>,
    mut queued: mpsc::UnboundedReceiver<(Utf8Bytes, OwnedSemaphorePermit)>,
    ending: Arc<watch::Sender<Option<Ending>>>,
    stall_max: Duration,
) {
    let mut ended = ending.subscribe();
    let flow = async {
        while let Some((text, _permit)) = queued.recv().await {
            let sent = timeout(stall_max, sink.send(Message::Text(text))).await;
            match sent {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Some(Ending::GONE),
                Err(_) => return Some(Ending::SLOW_READER),
            }
        }
        None
    };
    let stopped = tokio::select! {
        stopped = flow => stopped,
        _ = ended.wait_for(Option::is_some) => None,
    };
    if let Some(why) = stopped {
        ending.send_if_modified(|ending| {
            *ending = ending.or(Some(why));
            true
        });
    }
    let why = (*ending.borrow()).unwrap_or(Ending::GONE);
    let goodbye = async {
        if why != Ending::SLOW_READER {
            while let Ok((text, _permit)) = queued.try_recv() {
                sink.send(Message::Text(text)).await?;
            }
        }
        if why != Ending::SLOW_READER && why != Ending::GONE {
            sink.send(Message::Text(farewell(why))).await?;
        }
        let close = CloseFrame {
            code: why.code,
            reason: why.reason.into(),
        };
        sink.send(Message::Close(Some(close))).await
    };
    // A peer that is gone, or reads nothing, cannot be told.
    let _ = timeout(Duration::from_millis(GOODBYE_MS_MAX), goodbye).await;
}
