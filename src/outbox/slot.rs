//! An entry of the journal, and how far it has come.

use super::upload::Upload;
use crate::limits::{OUTBOX_AGE_MS_MAX, OUTBOX_AGE_MS_PLAUSIBLE};
use crate::output::{Durable, Entry};
use crate::protocol::content::Content;
use crate::protocol::error_code;
use crate::protocol::event::HandoffContext;
use crate::richtext::{Block, message};
use std::rc::Rc;

/// An entry and how far it has come.
#[derive(Clone, Debug)]
pub struct Slot {
    /// As it is stored.
    pub entry: Entry,
    /// Whether the store has committed it (or the engine runs in memory).
    pub saved: bool,
    /// Sent and not yet answered: when to send it again (monotonic milliseconds).
    pub in_flight: Option<u64>,
    /// Acknowledged as this `seq`; waits for the log to come up to it.
    pub acked: Option<u32>,
    /// It was acknowledged once, and is shown as sent whoever asks anew.
    pub sent: bool,
    /// Tries that failed.
    pub attempts: u32,
    /// Not to be sent before (monotonic milliseconds).
    pub retry_at_ms: u64,
    /// Left to a newer version of this package, whose store it lies in.
    pub held: bool,
    /// What a message says, parsed once.
    pub content: Rc<Vec<Block>>,
    /// How far its file is.
    pub upload: Upload,
}

impl Slot {
    pub(super) fn new(entry: Entry, saved: bool) -> Box<Self> {
        let content = match entry.command.message() {
            Some(said) => message::parse(&said.text),
            None => Vec::new(),
        };
        let upload = Upload::of(&entry.command);
        Box::new(Self {
            entry,
            saved,
            in_flight: None,
            acked: None,
            sent: false,
            attempts: 0,
            retry_at_ms: 0,
            held: false,
            content: Rc::new(content),
            upload,
        })
    }

    /// What it says, where it is a message.
    pub fn message(&self) -> Option<&Content> {
        self.entry.command.message()
    }

    /// Whether it has waited too long to be sent unasked. What has been tried may have arrived: that
    /// is sent until the desk has answered.
    pub fn is_expired(&self, wall_ms: u64) -> bool {
        if self.attempts > 0 {
            return false;
        }
        let age_ms = wall_ms.saturating_sub(self.entry.made_at);
        self.message().is_some() && age_ms > OUTBOX_AGE_MS_MAX && age_ms < OUTBOX_AGE_MS_PLAUSIBLE
    }

    /// Whether it, or its file, is on the way.
    pub fn is_moving(&self) -> bool {
        self.in_flight.is_some() || self.upload.is_moving()
    }

    /// Whether the outbox keeps an eye on it: see [`super::Outbox::busy`].
    pub(super) fn is_busy(&self) -> bool {
        self.is_moving() || self.acked.is_some() || self.upload != Upload::Done
    }

    /// Whether it may go as soon as it is the head of its queue, committed, and its delay is over.
    pub(super) fn may_go(&self) -> bool {
        self.waits() && !self.held && self.upload == Upload::Done
    }

    /// When the answer to what is on the way is not waited for any more.
    pub(super) fn deadline(&self) -> Option<u64> {
        self.in_flight.or(self.upload.deadline())
    }

    /// Whether it still has a way to go by itself.
    pub fn waits(&self) -> bool {
        self.entry.failed.is_none() && self.acked.is_none()
    }
}

/// What an entry takes of the device, in bytes of text and files.
pub(super) fn bytes_of(entry: &Entry) -> u64 {
    let Some(said) = entry.command.message() else {
        return 0;
    };
    let files = said.attachments.iter();
    said.text.len() as u64 + files.map(|file| u64::from(file.size)).sum::<u64>()
}

/// The id after this one, as hexadecimal digits are counted up.
fn next_id(id: &str) -> String {
    let mut next = id.to_owned();
    let digit = match next.pop() {
        Some('9') => 'a',
        Some(digit @ '0'..'f') => char::from(digit as u8 + 1),
        Some('f') => {
            next = next_id(&next);
            '0'
        }
        _ => '0',
    };
    next.push(digit);
    next
}

impl Durable {
    /// The client's id of the command.
    pub fn cmid(&self) -> &str {
        match self {
            Self::Open(open) => &open.cmid,
            Self::Send(send) => &send.cmid,
            Self::Handoff(handoff) => &handoff.cmid,
            Self::Close(close) => &close.cmid,
            Self::Survey(survey) => &survey.cmid,
            Self::Feedback(feedback) => &feedback.cmid,
        }
    }

    /// Its name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open(_) => "open",
            Self::Send(_) => "send",
            Self::Handoff(_) => "handoff",
            Self::Close(_) => "close",
            Self::Survey(_) => "survey",
            Self::Feedback(_) => "feedback",
        }
    }

    /// What it says, where it is a message.
    pub fn message(&self) -> Option<&Content> {
        match self {
            Self::Send(send) => Some(&send.body),
            _ => None,
        }
    }

    /// Whether the visitor decides what becomes of it where the desk does not take it, for this reason.
    /// The rest nobody asked for, or is so without it.
    pub fn is_parked(&self, code: &str) -> bool {
        match self {
            Self::Open(_) => false,
            Self::Close(_) => code != error_code::NOT_FOUND && code != error_code::CLOSED,
            Self::Handoff(handoff) => handoff.context.reason != HandoffContext::UNASKED,
            _ => true,
        }
    }

    /// The same, to be said in this new conversation, under the id after that. False where it cannot be.
    pub fn move_to(&mut self, to: &str) -> bool {
        let (conv, cmid) = match self {
            Self::Send(send) if send.body.attachments.is_empty() => {
                // The form, or the button, that it answered is not there.
                send.body.answers = None;
                send.body.payload = None;
                (&mut send.conv, &mut send.cmid)
            }
            Self::Handoff(handoff) => (&mut handoff.conv, &mut handoff.cmid),
            _ => return false,
        };
        to.clone_into(conv);
        *cmid = next_id(to);
        true
    }

    /// Whether a conversation may begin with it.
    pub fn speaks(&self) -> bool {
        matches!(self, Self::Send(_) | Self::Handoff(_))
    }

    /// Only ever on purpose: see [`Bug::NewIdOnRetry`].
    pub(super) fn change_id(&mut self) {
        if let Self::Send(send) = self {
            send.cmid = next_id(&send.cmid);
        }
    }

    /// The queue that it stands in: its conversation, or the empty name.
    pub fn queue(&self) -> &str {
        match self {
            Self::Open(open) => &open.conv,
            Self::Send(send) => &send.conv,
            Self::Handoff(handoff) => &handoff.conv,
            Self::Close(close) => &close.conv,
            Self::Survey(survey) => &survey.conv,
            Self::Feedback(_) => "",
        }
    }
}
