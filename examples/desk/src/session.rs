//! One socket: a reader that takes frames in turn, a writer with a bounded queue, and an end that
//! both agree on. The visitor's and the agent's sessions are built on it.

use crate::frame;
use crate::limits::{
    BAD_FRAMES_MAX, FRAMES_PER_MESSAGE_MAX, GOODBYE_MS_MAX, Limits, RATE_REFUSALS_FORGIVEN,
    RATE_REFUSALS_MAX,
};
use crate::outbound::{self, Ending, Outbound, Queue};
use crate::refusal::Refusal;
use crate::sockets::Slot;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde::de::DeserializeOwned;
use std::collections::VecDeque;
use std::error::Error as _;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// Tells that the desk stops, and how many sessions end then; none while it works.
pub type Stopping = watch::Receiver<Option<u32>>;

/// How many sessions end, once the desk stops.
pub async fn stopped(stopping: &mut Stopping) -> u32 {
    let stopped = stopping.wait_for(Option::is_some).await;
    stopped.ok().and_then(|sessions| *sessions).unwrap_or(0)
}

/// The reading side.
pub struct Inbound {
    socket: SplitStream<WebSocket>,
    lines: VecDeque<String>,
    out: Outbound,
    ended: watch::Receiver<Option<Ending>>,
    stopping: Stopping,
    silence_max: Duration,
    frame_bytes_max: u32,
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
    slot: &Slot,
    limits: &Limits,
    stopping: Stopping,
) -> (Outbound, Inbound) {
    let (sink, stream) = socket.split();
    let (out, queued) = outbound::open(limits, slot.room());
    let silence_max = Duration::from_millis(u64::from(limits.ping_interval_ms) * 2);
    let writer = tokio::spawn(write(sink, queued, out.clone(), silence_max));
    let inbound = Inbound {
        socket: stream,
        lines: VecDeque::new(),
        ended: out.ended(),
        out: out.clone(),
        stopping,
        silence_max,
        frame_bytes_max: limits.frame_bytes_max,
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
            if self.out.ending().is_some() {
                return Incoming::Ended;
            }
            if let Some(line) = self.lines.pop_front() {
                return self.read(&line, commands);
            }
            let message = tokio::select! {
                message = timeout(self.silence_max, self.socket.next()) => message,
                _ = self.ended.wait_for(Option::is_some) => return Incoming::Ended,
                sessions = stopped(&mut self.stopping) => {
                    self.out.end(Ending::STOPPING.of_many(self.out.id(), sessions));
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

    /// Counts whether a command was admitted: who never waits is sent away.
    pub fn admit(&mut self, admitted: Result<(), Refusal>) -> Result<(), Refusal> {
        if admitted.is_ok() {
            self.rate_refusals = self.rate_refusals.saturating_sub(RATE_REFUSALS_FORGIVEN);
        } else {
            self.rate_refusals += 1;
            if self.rate_refusals > RATE_REFUSALS_MAX {
                self.out.end(Ending::FLOOD);
            }
        }
        admitted
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

impl Drop for Inbound {
    fn drop(&mut self) {
        // The writer ends with the reader, whatever ended that.
        self.out.end(Ending::GONE);
    }
}

/// The reason to give to the peer whose message could not be read.
fn ending_of(error: &axum::Error) -> Ending {
    let cause = error.source().and_then(|cause| cause.downcast_ref());
    match cause {
        Some(tungstenite::Error::Capacity(_)) => Ending::TOO_BIG,
        Some(tungstenite::Error::Utf8(_)) => Ending::NO_TEXT,
        Some(tungstenite::Error::Protocol(_)) => Ending::NO_WEBSOCKET,
        _ => Ending::PROTOCOL,
    }
}

async fn write(
    mut sink: SplitSink<WebSocket, Message>,
    mut queued: Queue,
    out: Outbound,
    stall_max: Duration,
) {
    let mut ended = out.ended();
    let flow = async {
        while let Some((text, _taken)) = queued.recv().await {
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
        out.end(why);
    }
    let why = out.ending().unwrap_or(Ending::GONE);
    let goodbye = async {
        if why != Ending::SLOW_READER {
            while let Ok((text, _taken)) = queued.try_recv() {
                sink.send(Message::Text(text)).await?;
            }
        }
        if why != Ending::GONE {
            sink.send(Message::Text(why.farewell())).await?;
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
