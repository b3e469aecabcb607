//! How far the file of a message is. Each step begins with asking the desk what it has: a file that
//! broke off goes on from there.

use crate::limits::UPLOAD_TIMEOUT_MS;
use crate::output::Durable;
use crate::planted::{self, Bug};

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upload {
    /// There is no file, or the desk has it.
    Done,
    /// Its turn has yet to come, or to come again.
    Waits {
        /// What the desk was last known to have.
        sent_bytes: u32,
    },
    /// A step is on the way.
    Moves {
        /// What the desk was last known to have.
        sent_bytes: u32,
        /// When it is not waited for any more (monotonic milliseconds).
        deadline_ms: u64,
    },
}

impl Upload {
    /// Where it begins.
    pub fn of(command: &Durable) -> Self {
        match command.message() {
            Some(said) if !said.attachments.is_empty() && !planted::is(Bug::MessageBeforeFile) => {
                Self::Waits { sent_bytes: 0 }
            }
            _ => Self::Done,
        }
    }

    /// Whether a step is on the way.
    pub fn is_moving(self) -> bool {
        matches!(self, Self::Moves { .. })
    }

    /// What the desk has, while it does not have all.
    pub fn sent_bytes(self) -> Option<u32> {
        match self {
            Self::Done => None,
            Self::Waits { sent_bytes } | Self::Moves { sent_bytes, .. } => Some(sent_bytes),
        }
    }

    /// When a step is not waited for any more.
    pub fn deadline(self) -> Option<u64> {
        match self {
            Self::Moves { deadline_ms, .. } if !planted::is(Bug::UploadWaitedForForever) => {
                Some(deadline_ms)
            }
            _ => None,
        }
    }

    /// A step is on its way; the desk has so much.
    pub fn step(&mut self, sent_bytes: u32, mono_ms: u64) {
        *self = Self::Moves {
            sent_bytes,
            deadline_ms: mono_ms + u64::from(UPLOAD_TIMEOUT_MS),
        };
    }

    /// Whatever was on its way is not waited for.
    pub fn stop(&mut self) {
        if let Self::Moves { sent_bytes, .. } = *self {
            *self = Self::Waits { sent_bytes };
        }
    }
}
