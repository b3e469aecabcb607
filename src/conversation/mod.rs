//! One conversation: its log as far as it is known, who takes part, how far each side has read.

pub mod log;
mod parts;
pub mod timeline;

use crate::limits::{STREAM_EXPIRY_MS, STREAMS_MAX, TEXT_BYTES_MAX};
use crate::list::Gather;
use crate::output::ConversationRecord;
use crate::planted::{self, Bug};
use crate::protocol::command::Marks;
use crate::protocol::event::{Event, EventBody, Lifecycle, Participant, Role};
use crate::protocol::reply::{Delta, QueueNotice, SubState};
use crate::richtext::{Block, message};
use log::{Line, Log};
use std::rc::Rc;

/// What became of an event that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It was the next one.
    Next,
    /// It is known already.
    Known,
    /// Events before it are missing.
    Gap,
}

/// A bot's answer that is still being written.
#[derive(Clone, Debug)]
pub struct Stream {
    /// As far as it has come.
    pub delta: Delta,
    /// What it says, parsed.
    pub content: Rc<Vec<Block>>,
    /// When it began to be read here. Milliseconds since 1970, UTC.
    pub ts: u64,
    /// Until when another word of it is waited for (monotonic milliseconds).
    pub until_ms: u64,
}

/// One conversation.
#[derive(Clone, Debug, Default)]
pub struct Conversation {
    /// What is stored of it beside its log. An empty `epoch`: the desk does not know it yet.
    pub record: ConversationRecord,
    log: Log,
    /// What was typed and not sent.
    pub draft: String,
    /// Who types, and until when that is believed (monotonic milliseconds).
    pub typing: Option<(Participant, u64)>,
    /// Answers that bots are writing.
    pub streams: Vec<Stream>,
    /// The place in the queue.
    pub queue: Option<QueueNotice>,
    /// A page of events is on the way, for who reads what is older: their `seq` from and to.
    pub turning: Option<(u32, u32)>,
    /// A fetch of missing events is on the way.
    pub fetching_gap: bool,
    /// The marks that the desk was last told, or told us.
    pub told_marks: Marks,
    /// The desk would not hear them then.
    pub marks_refused: bool,
    /// Up to here the store has the log, or has been asked to take it.
    pub stored_seq: u32,
    /// The highest `seq` that came before its turn since missing events were last asked for.
    pub seen_seq: u32,
}

impl Conversation {
    /// A conversation that the desk does not know yet.
    pub fn new(id: String) -> Self {
        Self {
            record: ConversationRecord {
                id,
                ..Default::default()
            },
            ..Default::default()
        }
    }

    /// A conversation as it was stored, with the newest events of its log. Where the newest ones
    /// cannot be read, it goes back to those that can; the desk gives the rest again.
    pub fn restore(mut record: ConversationRecord, events: Vec<Event>) -> Self {
        let readable = events.last().map_or(0, |event| event.seq);
        if !planted::is(Bug::CursorSavedBeforeEvents) {
            record.cursor = record.cursor.min(readable);
        }
        let log = Log::up_to(record.cursor, events);
        Self {
            stored_seq: record.cursor,
            record,
            log,
            ..Default::default()
        }
    }

    /// What the store has not been asked to take yet.
    pub fn take_unstored(&mut self) -> Vec<Event> {
        let from = std::mem::replace(&mut self.stored_seq, self.record.cursor);
        let new = self.log().iter().filter(|line| line.event.seq > from);
        new.map(|line| line.event.clone()).listed()
    }

    /// Whether the desk knows it.
    pub fn is_known(&self) -> bool {
        !self.record.epoch.is_empty()
    }

    /// An event of the log, if it is in memory.
    pub fn event(&self, seq: u32) -> Option<&Event> {
        let lines = self.log.shown().iter().chain(self.log.newest());
        let mut events = lines.map(|line| &line.event);
        events.find(|event| event.seq == seq)
    }

    /// The newest part of the log, oldest first.
    pub fn log(&self) -> &[Line] {
        self.log.newest()
    }

    /// Whether the log in memory has what a command of this id made.
    pub fn has_said(&self, cmid: &str) -> bool {
        let mut lines = self.log().iter().rev();
        lines.any(|line| line.event.cmid.as_deref() == Some(cmid))
    }

    /// The log as it is read: see [`Log::shown`].
    pub fn reading(&mut self) -> &mut Log {
        &mut self.log
    }

    /// What is read of the log, oldest first.
    pub fn shown(&self) -> &[Line] {
        self.log.shown()
    }

    /// Whether what is read ends where the log ends.
    pub fn is_at_end(&self) -> bool {
        self.log.is_at_end()
    }

    /// The `seq` of the first and the last event that are read; where there is none, the last is the
    /// cursor and the first is behind it.
    pub fn shown_range(&self) -> (u32, u32) {
        let end = self.record.cursor;
        let shown = self.log.shown();
        match (shown.first(), shown.last()) {
            (Some(first), Some(last)) => (first.event.seq, last.event.seq),
            _ => (end.saturating_add(1), end),
        }
    }

    /// Applies an event if it is the very next one; changes nothing otherwise.
    pub fn apply(&mut self, event: Event) -> Applied {
        if event.seq <= self.record.cursor {
            return Applied::Known;
        }
        if event.seq - 1 != self.record.cursor && !planted::is(Bug::AppliedWithoutCursorCheck) {
            self.seen_seq = self.seen_seq.max(event.seq);
            return Applied::Gap;
        }
        self.record.cursor = event.seq;
        match &event.body {
            EventBody::State(state) => self.record.state = *state,
            EventBody::Assignment(agent) => {
                self.record.state = Lifecycle::Assigned;
                self.add_participant(agent.clone());
            }
            _ => {}
        }
        if !matches!(self.record.state, Lifecycle::Queued | Lifecycle::Reopened) {
            self.queue = None;
        }
        if let Some(cmid) = &event.cmid {
            self.streams.retain(|stream| stream.delta.id != *cmid);
        }
        if let Some((seq, content)) = event.body.amendment() {
            self.log.amend(seq, &content);
        }
        if self.log.push(event).is_incoming() {
            self.typing = None;
        }
        self.raise_visitor_marks(Marks {
            delivered_seq: self.record.cursor,
            read_seq: 0,
        });
        Applied::Next
    }

    /// Takes what the desk says of it. Where the log was recovered, its events are still to be
    /// applied one by one; where it was not, the log is replaced by them.
    pub fn adopt(&mut self, state: &SubState) {
        if state.epoch != self.record.epoch {
            if self.is_known() {
                self.record.visitor_marks = state.visitor_marks;
                self.record.agent_marks = state.agent_marks;
            }
            self.record.epoch.clone_from(&state.epoch);
        }
        for participant in &state.participants {
            self.add_participant(participant.clone());
        }
        self.raise_visitor_marks(state.visitor_marks);
        self.raise_agent_marks(state.agent_marks);
        self.told_marks = state.visitor_marks;
        self.fetching_gap = false;
        self.turning = None;
        if !state.recovered {
            self.record.cursor = state.top;
            self.stored_seq = 0;
            self.record.state = state.state;
            self.log = Log::up_to(state.top, state.events.clone());
            self.streams.clear();
            self.raise_visitor_marks(Marks {
                delivered_seq: state.top,
                read_seq: 0,
            });
        }
    }

    /// Takes what another tab has stored of it, up to which the log has come by now.
    pub fn agree(&mut self, record: ConversationRecord) {
        if record.cursor == self.record.cursor {
            self.record.state = record.state;
        }
        for participant in record.participants {
            self.add_participant(participant);
        }
        self.raise_visitor_marks(record.visitor_marks);
        self.raise_agent_marks(record.agent_marks);
    }

    /// Takes what another tab has stored of it in the place of all that was known.
    pub fn replace(&mut self, record: ConversationRecord, events: Vec<Event>) {
        let old = std::mem::replace(self, Self::restore(record, events));
        if old.record.epoch == self.record.epoch {
            self.raise_visitor_marks(old.record.visitor_marks);
            self.raise_agent_marks(old.record.agent_marks);
        }
        self.draft = old.draft;
        self.typing = old.typing;
    }

    /// Adds what belongs to the page that is on its way. Whether it has come with that.
    pub fn turn(&mut self, events: &[Event]) -> bool {
        let Some((from, to)) = self.turning else {
            return false;
        };
        let page = events
            .iter()
            .filter(|event| from <= event.seq && event.seq <= to);
        let joined = self.log.join(page.cloned().listed(), self.record.cursor);
        if joined {
            self.turning = None;
        }
        joined
    }

    /// Takes what a bot has written so far. What is said already, or is longer than a message may be,
    /// changes nothing.
    pub fn stream(&mut self, delta: Delta, wall_ms: u64, mono_ms: u64) {
        let said = |line: &Line| line.event.cmid.as_deref() == Some(&*delta.id);
        if self.log().iter().any(said) || delta.text.len() > TEXT_BYTES_MAX {
            return;
        }
        self.typing = None;
        self.add_participant(delta.by.clone());
        let known = self
            .streams
            .iter()
            .position(|stream| stream.delta.id == delta.id);
        let (at, ts) = match known {
            Some(at) => (at, self.streams.remove(at).ts),
            None => (self.streams.len(), wall_ms),
        };
        if delta.text.is_empty() || at == STREAMS_MAX {
            return;
        }
        let stream = Stream {
            content: Rc::new(message::parse(&delta.text)),
            delta,
            ts,
            until_ms: mono_ms + u64::from(STREAM_EXPIRY_MS),
        };
        self.streams.insert(at, stream);
    }

    /// Marks of the visitor only rise. Whether they did.
    pub fn raise_visitor_marks(&mut self, marks: Marks) -> bool {
        raise(&mut self.record.visitor_marks, marks)
    }

    /// Marks of the agents only rise. Whether they did.
    pub fn raise_agent_marks(&mut self, marks: Marks) -> bool {
        raise(&mut self.record.agent_marks, marks)
    }

    /// Whether somebody else has said anything after this `seq`, or may have: not all is in memory.
    pub fn has_heard_after(&self, seq: u32) -> bool {
        let mut last = self.record.cursor;
        for line in self.log().iter().rev() {
            if last <= seq || line.is_incoming() {
                break;
            }
            last = line.event.seq - 1;
        }
        last > seq
    }

    /// Messages of others that have not been looked at, as far as the log is in memory.
    pub fn unread(&self) -> u32 {
        let read = self.record.visitor_marks.read_seq;
        let unread = self
            .log()
            .iter()
            .rev()
            .take_while(|line| line.event.seq > read);
        unread.filter(|line| line.is_incoming()).count() as u32
    }

    /// Who has it, or had it last.
    pub fn agent(&self) -> Option<&Participant> {
        let assigned = self
            .log()
            .iter()
            .rev()
            .find_map(|line| match &line.event.body {
                EventBody::Assignment(agent) => Some(agent),
                _ => None,
            });
        assigned.or_else(|| {
            self.record
                .participants
                .iter()
                .rev()
                .find(|p| p.role == Role::Agent)
        })
    }

    /// The participant behind an author; a nameless one where nothing is known.
    pub fn participant(&self, role: Role, id: &str) -> Participant {
        let known = self
            .record
            .participants
            .iter()
            .find(|p| p.role == role && p.id == id);
        known.cloned().unwrap_or_else(|| Participant {
            role,
            id: id.to_owned(),
            name: String::new(),
            avatar: None,
        })
    }

    /// Takes part from now on, or under another name.
    pub fn add_participant(&mut self, participant: Participant) {
        let known = &mut self.record.participants;
        match known
            .iter_mut()
            .find(|p| p.role == participant.role && p.id == participant.id)
        {
            Some(found) => *found = participant,
            None => known.push(participant),
        }
    }
}

/// All conversations of the visitor, by id, which is by the time they were made.
///
/// A sorted `Vec`: there are few, and a `BTreeMap` costs the browser 12 KB.
#[derive(Clone, Debug, Default)]
pub struct Conversations(Vec<Conversation>);

impl Conversations {
    /// Every conversation, the oldest first.
    pub fn iter(&self) -> std::slice::Iter<'_, Conversation> {
        self.0.iter()
    }

    /// So many of those that were made last, the oldest first.
    pub fn newest(&self, count: usize) -> &[Conversation] {
        &self.0[self.0.len().saturating_sub(count)..]
    }

    /// Every conversation, to be changed.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Conversation> {
        self.0.iter_mut()
    }

    /// The conversation of this id.
    pub fn get(&self, id: &str) -> Option<&Conversation> {
        self.iter()
            .find(|conversation| conversation.record.id == id)
    }

    /// The conversation of this id, to be changed.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut Conversation> {
        self.iter_mut()
            .find(|conversation| conversation.record.id == id)
    }

    /// Adds a conversation, or replaces the one of its id.
    pub fn insert(&mut self, conversation: Conversation) -> &mut Conversation {
        self.remove(&conversation.record.id);
        let at = self
            .0
            .partition_point(|other| other.record.id < conversation.record.id);
        self.0.insert(at, conversation);
        &mut self.0[at]
    }

    /// Takes a conversation out.
    pub fn remove(&mut self, id: &str) {
        self.0.retain(|conversation| conversation.record.id != id);
    }
}

fn raise(marks: &mut Marks, to: Marks) -> bool {
    let raised = Marks {
        delivered_seq: marks.delivered_seq.max(to.delivered_seq).max(to.read_seq),
        read_seq: marks.read_seq.max(to.read_seq),
    };
    let changed = *marks != raised;
    *marks = raised;
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_tab_stored_of_the_same_log_takes_no_mark_back() {
        let marks = |read_seq| Marks {
            delivered_seq: read_seq,
            read_seq,
        };
        let record = |epoch: &str, read_seq| ConversationRecord {
            epoch: epoch.into(),
            visitor_marks: marks(read_seq),
            agent_marks: marks(read_seq),
            ..Default::default()
        };
        let mut conversation = Conversation::restore(record("a", 7), Vec::new());
        conversation.replace(record("a", 3), Vec::new());
        let of = |c: &Conversation| (c.record.visitor_marks, c.record.agent_marks);
        assert_eq!(of(&conversation), (marks(7), marks(7)));
        conversation.replace(record("b", 3), Vec::new());
        assert_eq!(of(&conversation), (marks(3), marks(3)), "another log");
    }
}
