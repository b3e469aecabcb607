//! The journal of what must reach the desk exactly once, and when each entry may go.
//!
//! An entry is sent only after the store has committed it, only when it is the head of its queue
//! (one queue a conversation, one for all that belongs to none), and always under the id it was
//! made with. It leaves when the desk has acknowledged it.
//!
//! A message with a file goes when its file is up, and lets what was said after it go first.

pub mod backoff;
pub mod sealed;
pub mod upload;

use crate::limits::{
    ACK_TIMEOUT_MS, OUTBOX_AGE_MS_MAX, OUTBOX_AGE_MS_PLAUSIBLE, OUTBOX_BYTES_MAX,
    OUTBOX_ENTRIES_MAX, OUTBOX_IN_FLIGHT_MAX,
};
use crate::output::{Durable, Entry};
use crate::planted::{self, Bug};
use crate::protocol::content::Content;
use crate::richtext::{Block, message};
use std::rc::Rc;
use upload::Upload;

/// Why an entry failed that waited longer than [`OUTBOX_AGE_MS_MAX`].
pub const EXPIRED: &str = "expired";

/// An entry and how far it has come.
#[derive(Clone, Debug)]
pub struct Slot {
    /// As it is stored.
    pub entry: Entry,
    /// Whether the store has committed it (or the engine runs in memory).
    pub saved: bool,
    /// Sent and not yet answered: the frame's number and when to send it again.
    pub in_flight: Option<(u32, u64)>,
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
    fn new(entry: Entry, saved: bool) -> Self {
        let content = match &entry.command {
            Durable::Send(send) => message::parse(&send.body.text),
            _ => Vec::new(),
        };
        let upload = Upload::of(&entry.command);
        Self {
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
        }
    }

    /// What it says, where it is a message.
    pub fn message(&self) -> Option<&Content> {
        match &self.entry.command {
            Durable::Send(send) => Some(&send.body),
            _ => None,
        }
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

    /// Whether it still has a way to go by itself.
    pub fn waits(&self) -> bool {
        self.entry.failed.is_none() && self.acked.is_none()
    }
}

/// What an entry takes of the device, in bytes of text and files.
fn bytes_of(entry: &Entry) -> u64 {
    let Durable::Send(send) = &entry.command else {
        return 0;
    };
    let files = send.body.attachments.iter();
    send.body.text.len() as u64 + files.map(|file| u64::from(file.size)).sum::<u64>()
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

    /// Only ever on purpose: see [`Bug::NewIdOnRetry`].
    fn change_id(&mut self) {
        if let Self::Send(send) = self {
            let last = send.cmid.pop();
            send.cmid.push(if last == Some('0') { '1' } else { '0' });
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

/// All that waits, in the order in which it was made.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    slots: Vec<Slot>,
}

impl Outbox {
    /// Adds a new entry that the store has yet to commit (`saved: false`), or one that came from it.
    /// One that is there already is not added again.
    pub fn push(&mut self, entry: Entry, saved: bool) {
        if self.find(entry.command.cmid()).is_none() {
            self.slots.push(Slot::new(entry, saved));
        }
    }

    /// Everything, oldest first.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Everything, to be changed.
    pub fn slots_mut(&mut self) -> std::slice::IterMut<'_, Slot> {
        self.slots.iter_mut()
    }

    /// What stands in one queue, oldest first.
    pub fn queue<'a>(
        &'a self,
        queue: &'a str,
    ) -> impl DoubleEndedIterator<Item = &'a Slot> + Clone {
        self.slots
            .iter()
            .filter(move |slot| slot.entry.command.queue() == queue)
    }

    /// The entry with this id.
    pub fn find(&self, cmid: &str) -> Option<&Slot> {
        self.slots
            .iter()
            .find(|slot| slot.entry.command.cmid() == cmid)
    }

    /// The entry with this id, to be changed.
    pub fn find_mut(&mut self, cmid: &str) -> Option<&mut Slot> {
        self.slots
            .iter_mut()
            .find(|slot| slot.entry.command.cmid() == cmid)
    }

    /// Takes an entry out.
    pub fn remove(&mut self, cmid: &str) -> Option<Slot> {
        let index = self
            .slots
            .iter()
            .position(|slot| slot.entry.command.cmid() == cmid)?;
        Some(self.slots.remove(index))
    }

    /// The ids of the entries that may be sent now: the heads of their queues that are committed,
    /// not on the way, and whose delay is over.
    pub fn ready(&self, mono_ms: u64) -> Vec<String> {
        let mut seen: Vec<&str> = Vec::new();
        let mut ready = Vec::new();
        let mut in_flight = 0;
        let may_go = |slot: &&Slot| slot.waits() && !slot.held && slot.upload == Upload::Done;
        for slot in self.slots.iter().filter(may_go) {
            let queue = slot.entry.command.queue();
            let skipped = planted::is(Bug::HeadSkipped) && slot.retry_at_ms > mono_ms;
            if seen.contains(&queue) || skipped {
                continue;
            }
            seen.push(queue);
            if slot.in_flight.is_some() {
                in_flight += 1;
            } else if slot.saved && slot.retry_at_ms <= mono_ms {
                ready.push(slot.entry.command.cmid().to_owned());
            }
        }
        ready.truncate(OUTBOX_IN_FLIGHT_MAX.saturating_sub(in_flight));
        ready
    }

    /// Notes that an entry went out under a frame number.
    pub fn mark_in_flight(&mut self, cmid: &str, frame: u32, mono_ms: u64) {
        if let Some(slot) = self.find_mut(cmid) {
            slot.in_flight = Some((frame, mono_ms + u64::from(ACK_TIMEOUT_MS)));
        }
    }

    /// The connection is gone: nothing is on the way any more, and nothing need wait for a delay
    /// that the old connection earned.
    pub fn connection_lost(&mut self) {
        for slot in &mut self.slots {
            if slot.in_flight.take().is_some() && planted::is(Bug::NewIdOnRetry) {
                slot.entry.command.change_id();
            }
            slot.upload.stop();
        }
    }

    /// The message whose file may go up next: one at a time, and after what opens its conversation.
    pub fn next_upload(&self, mono_ms: u64) -> Option<&Slot> {
        if self.slots.iter().any(|slot| slot.upload.is_moving()) {
            return None;
        }
        let opens = |slot: &Slot| matches!(slot.entry.command, Durable::Open(_));
        self.slots.iter().find(|slot| {
            matches!(slot.upload, Upload::Waits { .. })
                && slot.waits()
                && !slot.held
                && slot.saved
                && slot.retry_at_ms <= mono_ms
                && !self.queue(slot.entry.command.queue()).any(opens)
        })
    }

    /// The entry whose file this is.
    pub fn find_upload(&mut self, upload_id: &str) -> Option<&mut Slot> {
        self.slots.iter_mut().find(|slot| {
            let mut files = slot
                .message()
                .into_iter()
                .flat_map(|said| &said.attachments);
            files.any(|file| file.upload_id == upload_id)
        })
    }

    /// Whether the device still takes these.
    pub fn has_room_for(&self, entries: &[Entry]) -> bool {
        let waiting = self.slots.iter().map(|slot| &slot.entry);
        let bytes: u64 = waiting.chain(entries).map(bytes_of).sum();
        self.slots.len() + entries.len() <= OUTBOX_ENTRIES_MAX && bytes <= OUTBOX_BYTES_MAX
    }

    /// Gives up waiting for acknowledgements that are overdue: the same entries go out again.
    pub fn expire_in_flight(&mut self, mono_ms: u64) {
        for slot in &mut self.slots {
            let in_flight = slot.in_flight.map(|(_, deadline)| deadline);
            let deadline = in_flight.or(slot.upload.deadline());
            if deadline.is_some_and(|deadline| deadline <= mono_ms) {
                slot.in_flight = None;
                slot.upload.stop();
                slot.attempts = slot.attempts.saturating_add(1);
            }
        }
    }

    /// The next moment at which something here is due, as far as a clock decides it.
    pub fn next_deadline(&self, mono_ms: u64) -> Option<u64> {
        let due = |slot: &Slot| match slot.in_flight.map(|(_, at)| at).or(slot.upload.deadline()) {
            Some(deadline) => Some(deadline),
            None => Some(slot.retry_at_ms).filter(|at| *at > mono_ms),
        };
        self.slots
            .iter()
            .filter(|slot| slot.waits() && slot.saved)
            .filter_map(due)
            .min()
    }

    /// How many entries have yet to reach the desk by themselves.
    pub fn waiting(&self) -> usize {
        self.slots.iter().filter(|slot| slot.waits()).count()
    }

    /// The same, without what the visitor did not say: that a conversation begins goes with its
    /// first message.
    pub fn words_waiting(&self) -> usize {
        let said = |slot: &&Slot| slot.waits() && !matches!(slot.entry.command, Durable::Open(_));
        self.slots.iter().filter(said).count()
    }

    /// The journal as the store has it: takes what is new, forgets what is gone. What is new came from
    /// another tab, and is not sent before `retry_at_ms`.
    pub fn merge(&mut self, journal: Vec<Entry>, retry_at_ms: u64) {
        let mut known = std::mem::take(&mut self.slots);
        // What the desk has acknowledged goes first; what has no number yet will get the highest.
        let unnumbered = known.iter().position(|slot| slot.entry.local_seq == 0);
        let unsaved = known.split_off(unnumbered.unwrap_or(known.len()));
        for entry in journal {
            let cmid = entry.command.cmid();
            let same = |slot: &Slot| slot.entry.command.cmid() == cmid;
            if unsaved.iter().any(same) || self.slots.iter().any(same) {
                continue;
            }
            if let Some(at) = known.iter().position(same) {
                let mut slot = known.remove(at);
                slot.entry.failed = entry.failed;
                self.slots.push(slot);
            } else {
                let mut slot = Slot::new(entry, true);
                slot.retry_at_ms = retry_at_ms;
                self.slots.push(slot);
            }
        }
        known.retain(|slot| slot.acked.is_some());
        known.append(&mut self.slots);
        known.extend(unsaved);
        self.slots = known;
    }
}
