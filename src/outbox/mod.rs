//! The journal of what must reach the desk exactly once, and when each entry may go.
//!
//! An entry is sent only after the store has committed it, only when it is the head of its queue
//! (one queue a conversation, one for all that belongs to none), and always under the id it was
//! made with. It leaves when the desk has acknowledged it.
//!
//! A message with a file goes when its file is up, and lets what was said after it go first.
//!
//! However much waits, an answer of the desk costs the same: entries are found by their ids, and each
//! queue knows where its head is.

pub mod backoff;
pub mod sealed;
mod slot;
pub mod upload;

pub use slot::Slot;

use crate::limits::{OUTBOX_BYTES_MAX, OUTBOX_ENTRIES_MAX, OUTBOX_HOLES_MAX, OUTBOX_IN_FLIGHT_MAX};
use crate::output::{Durable, Entry};
use crate::planted::{self, Bug};
use slot::bytes_of;
use upload::Upload;

/// Why an entry failed that waited longer than [`OUTBOX_AGE_MS_MAX`].
pub const EXPIRED: &str = "expired";

/// All that waits, in the order in which it was made.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    /// What has left is a hole, until there are many: so all others stay where they are.
    slots: Vec<Option<Box<Slot>>>,
    /// Where each entry lies, counted from 1, by its id: open addresses, at least half of them free.
    places: Vec<u32>,
    lanes: Vec<Lane>,
    /// Where that lies which is on the way, has a file to send, or is acknowledged and not in the log yet.
    busy: Vec<usize>,
    holes: usize,
    bytes: u64,
}

/// The entries of one queue.
#[derive(Clone, Debug)]
struct Lane {
    queue: String,
    /// Where they lie.
    slots: Vec<usize>,
    /// So many of them, from the front, do not go by themselves.
    passed: usize,
}

impl Outbox {
    /// Adds a new entry that the store has yet to commit (`saved: false`), or one that came from it.
    /// One that is there already is not added again.
    pub fn push(&mut self, entry: Entry, saved: bool) {
        if self.find(entry.command.cmid()).is_none() {
            self.add(Slot::new(entry, saved));
        }
    }

    fn add(&mut self, slot: Box<Slot>) {
        let at = self.slots.len();
        let queue = slot.entry.command.queue();
        match self.lanes.iter_mut().find(|lane| lane.queue == queue) {
            // What is said anew stands where it stood, before what opens its new conversation.
            Some(lane) if matches!(slot.entry.command, Durable::Open(_)) => {
                lane.slots.insert(0, at);
                lane.passed = 0;
            }
            Some(lane) => lane.slots.push(at),
            None => self.lanes.push(Lane {
                queue: queue.to_owned(),
                slots: vec![at],
                passed: 0,
            }),
        }
        if slot.is_busy() {
            self.busy.push(at);
        }
        self.bytes += bytes_of(&slot.entry);
        self.slots.push(Some(slot));
        if self.slots.len() * 2 > self.places.len() {
            self.places = vec![0; self.slots.len() * 4];
            (0..at).for_each(|at| self.note_place(at));
        }
        self.note_place(at);
    }

    /// Lets an entry be found by its id.
    fn note_place(&mut self, at: usize) {
        if let Some(slot) = &self.slots[at] {
            let mut place = hash(slot.entry.command.cmid()) % self.places.len();
            while self.places[place] != 0 {
                place = (place + 1) % self.places.len();
            }
            self.places[place] = at as u32 + 1;
        }
    }

    /// Where the entry with this id lies.
    fn place_of(&self, cmid: &str) -> Option<usize> {
        let mut place = hash(cmid) % self.places.len().max(1);
        loop {
            let at = self.places.get(place)?.checked_sub(1)? as usize;
            let slot = self.at(at);
            if slot.is_some_and(|slot| slot.entry.command.cmid() == cmid) {
                return Some(at);
            }
            place = (place + 1) % self.places.len();
        }
    }

    #[inline(never)]
    fn at(&self, at: usize) -> Option<&Slot> {
        self.slots.get(at)?.as_deref()
    }

    /// Lays all of it down anew, without holes.
    fn lay(&mut self, slots: Vec<Option<Box<Slot>>>) {
        *self = Self::default();
        for slot in slots.into_iter().flatten() {
            self.add(slot);
        }
    }

    /// Everything, oldest first.
    pub fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter().filter_map(Option::as_deref)
    }

    /// Everything, to be changed.
    pub fn slots_mut(&mut self) -> impl Iterator<Item = &mut Slot> {
        self.look_again();
        self.slots.iter_mut().filter_map(Option::as_deref_mut)
    }

    /// What did not go by itself may do so now.
    #[inline(never)]
    pub fn look_again(&mut self) {
        for lane in &mut self.lanes {
            lane.passed = 0;
        }
    }

    /// The queues in which anything stands, or has stood lately.
    pub fn queues(&self) -> impl Iterator<Item = &str> {
        self.lanes.iter().map(|lane| &*lane.queue)
    }

    /// What stands in one queue, oldest first.
    pub fn queue(&self, queue: &str) -> impl DoubleEndedIterator<Item = &Slot> + Clone + use<'_> {
        let lane = self.lanes.iter().find(|lane| lane.queue == queue);
        let slots = lane.map_or(&[][..], |lane| &lane.slots);
        slots.iter().filter_map(|at| self.at(*at))
    }

    /// Whether what opens this conversation stands in its queue.
    pub fn opens(&self, conv: &str) -> bool {
        let opens = |slot: &Slot| matches!(slot.entry.command, Durable::Open(_));
        self.queue(conv).any(opens)
    }

    /// What is on the way, has a file to send, or is acknowledged and not in the log yet.
    pub fn busy(&self) -> impl DoubleEndedIterator<Item = &Slot> {
        self.busy.iter().filter_map(|at| self.at(*at))
    }

    /// The id of the first entry of which this is true.
    pub fn first(&self, is: &dyn Fn(&Slot) -> bool) -> Option<String> {
        let slot = self.slots().find(|slot| is(slot))?;
        Some(slot.entry.command.cmid().to_owned())
    }

    /// The entry with this id.
    pub fn find(&self, cmid: &str) -> Option<&Slot> {
        self.at(self.place_of(cmid)?)
    }

    /// The entry with this id, to be changed.
    pub fn find_mut(&mut self, cmid: &str) -> Option<&mut Slot> {
        let at = self.place_of(cmid)?;
        self.slots[at].as_deref_mut()
    }

    /// Takes an entry out.
    pub fn remove(&mut self, cmid: &str) -> Option<Box<Slot>> {
        let at = self.place_of(cmid)?;
        let slot = self.slots[at].take()?;
        self.bytes -= bytes_of(&slot.entry);
        self.holes += 1;
        if self.holes > OUTBOX_HOLES_MAX && self.holes * 2 > self.slots.len() {
            let left = std::mem::take(&mut self.slots);
            self.lay(left);
        }
        Some(slot)
    }

    /// Gives up waiting for acknowledgements that are overdue: the same entries go out again.
    pub fn expire_in_flight(&mut self, mono_ms: u64) {
        for at in std::mem::take(&mut self.busy) {
            let Some(slot) = &mut self.slots[at] else {
                continue;
            };
            if slot.deadline().is_some_and(|deadline| deadline <= mono_ms) {
                slot.in_flight = None;
                slot.upload.stop();
                slot.attempts = slot.attempts.saturating_add(1);
            }
            if slot.is_busy() {
                self.busy.push(at);
            }
        }
        let slots = &self.slots;
        for lane in &mut self.lanes {
            let left = lane.slots[lane.passed..].iter();
            let idle = |at: &&usize| !slots[**at].as_ref().is_some_and(|slot| slot.may_go());
            lane.passed += left.take_while(idle).count();
        }
    }

    /// Where the heads of the queues lie: the first of each that goes by itself.
    fn heads(&self, mono_ms: u64) -> impl Iterator<Item = usize> {
        self.lanes.iter().filter_map(move |lane| {
            let mut left = lane.slots[lane.passed..].iter().copied();
            left.find(|at| {
                self.at(*at).is_some_and(|slot| {
                    let skipped = planted::is(Bug::HeadSkipped) && slot.retry_at_ms > mono_ms;
                    slot.may_go() && !skipped
                })
            })
        })
    }

    /// The id of the oldest entry that may be sent now: the head of its queue, committed, not on the
    /// way, and its delay is over.
    pub fn next_ready(&self, mono_ms: u64) -> Option<String> {
        let mut oldest = usize::MAX;
        let mut in_flight = 0;
        for head in self.heads(mono_ms) {
            match self.at(head) {
                Some(slot) if slot.in_flight.is_some() => in_flight += 1,
                Some(slot) if slot.saved && slot.retry_at_ms <= mono_ms => {
                    oldest = oldest.min(head);
                }
                _ => {}
            }
        }
        let slot = self.at(oldest).filter(|_| in_flight < OUTBOX_IN_FLIGHT_MAX);
        slot.map(|slot| slot.entry.command.cmid().to_owned())
    }

    /// Notes that an entry went out, and until when its answer is waited for.
    pub fn mark_in_flight(&mut self, cmid: &str, deadline_ms: u64) {
        if let Some(at) = self.place_of(cmid)
            && let Some(slot) = &mut self.slots[at]
        {
            slot.in_flight = Some(deadline_ms);
            if !self.busy.contains(&at) {
                self.busy.push(at);
            }
        }
    }

    /// These, and nothing else, are on the way from another tab.
    pub fn only_moving(&mut self, cmids: &[String]) {
        for at in &self.busy {
            if let Some(slot) = &mut self.slots[*at] {
                slot.in_flight = None;
            }
        }
        for cmid in cmids {
            self.mark_in_flight(cmid, u64::MAX);
        }
    }

    /// The connection is gone: nothing is on the way any more, and nothing need wait for a delay
    /// that the old connection earned.
    pub fn connection_lost(&mut self) {
        let mut renamed = false;
        for slot in self.slots_mut() {
            if slot.in_flight.take().is_some() && planted::is(Bug::NewIdOnRetry) {
                slot.entry.command.change_id();
                renamed = true;
            }
            slot.upload.stop();
        }
        if renamed {
            let left = std::mem::take(&mut self.slots);
            self.lay(left);
        }
    }

    /// The message whose file may go up next: one at a time, and after what opens its conversation.
    pub fn next_upload(&self, mono_ms: u64) -> Option<&Slot> {
        if self.busy().any(|slot| slot.upload.is_moving()) {
            return None;
        }
        self.busy().find(|slot| {
            matches!(slot.upload, Upload::Waits { .. })
                && slot.waits()
                && !slot.held
                && slot.saved
                && slot.retry_at_ms <= mono_ms
                && !self.opens(slot.entry.command.queue())
        })
    }

    /// The entry that has this file to send.
    pub fn find_upload(&mut self, upload_id: &str) -> Option<&mut Slot> {
        let at = self.busy.iter().copied().find(|at| {
            let said = self.at(*at).and_then(Slot::message);
            said.is_some_and(|said| {
                let mut files = said.attachments.iter();
                files.any(|file| file.upload_id == upload_id)
            })
        })?;
        self.slots[at].as_deref_mut()
    }

    /// Whether the device still takes these.
    pub fn has_room_for(&self, entries: &[Entry]) -> bool {
        let bytes: u64 = entries.iter().map(bytes_of).sum();
        self.slots.len() - self.holes + entries.len() <= OUTBOX_ENTRIES_MAX
            && self.bytes + bytes <= OUTBOX_BYTES_MAX
    }

    /// The next moment at which something here is due, as far as a clock decides it.
    pub fn next_deadline(&self, mono_ms: u64) -> Option<u64> {
        let mut next = u64::MAX;
        let mut look = |slot: &Slot| {
            let at = slot.deadline().unwrap_or(slot.retry_at_ms);
            if slot.waits() && slot.saved && (slot.is_moving() || at > mono_ms) {
                next = next.min(at);
            }
        };
        self.busy().for_each(&mut look);
        let heads = self.heads(mono_ms).filter_map(|at| self.at(at));
        heads.for_each(look);
        (next < u64::MAX).then_some(next)
    }

    /// Whether anything has yet to reach the desk by itself.
    pub fn is_waiting(&self) -> bool {
        self.heads(u64::MAX).next().is_some() || self.busy().any(Slot::waits)
    }

    /// How many entries have yet to reach the desk by themselves, without what the visitor did not
    /// say: that a conversation begins goes with its first message.
    pub fn words_waiting(&self) -> usize {
        let said = |slot: &&Slot| slot.waits() && !matches!(slot.entry.command, Durable::Open(_));
        self.slots().filter(said).count()
    }

    /// The journal as the store has it: takes what is new, forgets what is gone. What is new came from
    /// another tab, and is not sent before `retry_at_ms`.
    pub fn merge(&mut self, journal: Vec<Entry>, retry_at_ms: u64) {
        let mut known = std::mem::take(self);
        let unnumbered = known
            .slots
            .iter()
            .position(|slot| slot.as_ref().is_some_and(|slot| slot.entry.local_seq == 0))
            .unwrap_or(known.slots.len());
        let mut read = Self::default();
        for entry in journal {
            let cmid = entry.command.cmid();
            let at = known.place_of(cmid);
            if read.find(cmid).is_some() || at.is_some_and(|at| at >= unnumbered) {
                continue;
            }
            let slot = match at.and_then(|at| known.slots[at].take()) {
                Some(mut slot) => {
                    slot.entry.failed = entry.failed;
                    slot
                }
                None => {
                    let mut slot = Slot::new(entry, true);
                    slot.retry_at_ms = retry_at_ms;
                    slot
                }
            };
            read.add(slot);
        }
        // What the desk has acknowledged goes first; what has no number yet will get the highest.
        let mut unsaved = known.slots.split_off(unnumbered);
        for slot in &mut known.slots {
            slot.take_if(|slot| slot.acked.is_none());
        }
        known.slots.append(&mut read.slots);
        known.slots.append(&mut unsaved);
        self.lay(known.slots);
    }
}

/// FNV-1a.
fn hash(cmid: &str) -> usize {
    let add = |sum: u32, byte: u8| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    cmid.bytes().fold(0x811C_9DC5, add) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::Gather;
    use crate::protocol::command::Close;

    fn entry(conv: &str, cmid: &str) -> Entry {
        Entry {
            local_seq: 1,
            made_at: 0,
            visitor: String::new(),
            command: Durable::Close(Close {
                conv: conv.into(),
                cmid: cmid.into(),
            }),
            failed: None,
        }
    }

    #[test]
    fn whatever_has_left_the_rest_is_found_by_id_and_stands_in_its_order() {
        let mut outbox = Outbox::default();
        let cmids = (0..500).map(|number| number.to_string()).listed();
        for (number, cmid) in cmids.iter().enumerate() {
            outbox.push(entry(["a", "b", "c"][number % 3], cmid), true);
        }
        let (gone, left): (Vec<&String>, Vec<&String>) =
            cmids.iter().partition(|cmid| !cmid.ends_with('7'));
        for cmid in &gone {
            assert!(outbox.remove(cmid).is_some());
            assert!(outbox.remove(cmid).is_none() && outbox.find(cmid).is_none());
        }
        for queue in ["a", "b", "c"] {
            let stands = outbox.queue(queue).map(|slot| slot.entry.command.cmid());
            let of_queue =
                |cmid: &&&String| outbox.find(cmid).unwrap().entry.command.queue() == queue;
            let expected = left.iter().filter(of_queue).map(|cmid| &***cmid);
            assert_eq!(stands.listed(), expected.listed());
        }
        assert_eq!(outbox.slots().count(), left.len());
    }

    #[test]
    fn the_oldest_heads_go_first_and_one_of_a_queue_at_a_time() {
        let mut outbox = Outbox::default();
        for (conv, cmid) in [("a", "1"), ("b", "2"), ("a", "3"), ("b", "4")] {
            outbox.push(entry(conv, cmid), true);
        }
        let mut went = Vec::new();
        let mut send_all = |outbox: &mut Outbox| {
            while let Some(cmid) = outbox.next_ready(0) {
                outbox.mark_in_flight(&cmid, 10);
                went.push(cmid);
            }
        };
        send_all(&mut outbox);
        outbox.remove("2");
        send_all(&mut outbox);
        outbox.find_mut("1").unwrap().entry.failed = Some("too_large".into());
        outbox.expire_in_flight(0);
        send_all(&mut outbox);
        assert_eq!(went, ["1", "2", "4", "3"]);
        assert_eq!(outbox.next_deadline(0), Some(10));
    }
}
