//! A conversation's log, as much of it as is held in memory: its newest part always, and an older
//! part while somebody reads it.

use crate::limits::LOG_EVENTS_MAX;
use crate::protocol::event::{Content, Event, EventBody, Role};
use crate::richtext::{Block, message};
use std::rc::Rc;

/// An event with its text parsed once.
#[derive(Clone, Debug)]
pub struct Line {
    /// The event.
    pub event: Event,
    /// What a message says.
    pub content: Rc<Vec<Block>>,
}

impl Line {
    fn new(event: Event) -> Self {
        let content = match &event.body {
            EventBody::Message(content) => message::parse(&content.text),
            _ => Vec::new(),
        };
        Self {
            event,
            content: Rc::new(content),
        }
    }

    /// What a message says, with its parts.
    pub fn message(&self) -> Option<&Content> {
        match &self.event.body {
            EventBody::Message(content) => Some(content),
            _ => None,
        }
    }

    /// Whether it is a message that the visitor did not write. The desk's own are notes, which nobody
    /// has to answer.
    pub fn is_incoming(&self) -> bool {
        let by_other = matches!(self.event.author.role, Role::Agent | Role::Bot);
        by_other && self.message().is_some_and(|content| !content.redacted)
    }
}

/// See the module. Both parts are without gaps.
#[derive(Clone, Debug, Default)]
pub struct Log {
    newest: Vec<Line>,
    older: Option<Vec<Line>>,
}

impl Log {
    /// The longest run of events, ascending as they came, without a gap that ends at `top`; of more than
    /// are held in memory, the newest.
    pub fn up_to(top: u32, events: Vec<Event>) -> Self {
        let mut newest = Vec::new();
        let mut next = top;
        for event in events.into_iter().rev() {
            if next > 0 && event.seq == next && newest.len() < LOG_EVENTS_MAX {
                next -= 1;
                newest.push(Line::new(event));
            }
        }
        newest.reverse();
        let mut log = Self {
            newest,
            older: None,
        };
        log.amend_all();
        log
    }

    /// The store may have taken what changes a message, and not the change; a page of it may have been read
    /// before either.
    fn amend_all(&mut self) {
        for at in 0..self.newest.len() {
            if let Some((seq, content)) = self.newest[at].event.body.amendment() {
                self.amend(seq, &content);
            }
        }
    }

    /// The newest part, oldest first.
    pub fn newest(&self) -> &[Line] {
        &self.newest
    }

    /// What is read: the older part where there is one.
    pub fn shown(&self) -> &[Line] {
        self.older.as_ref().unwrap_or(&self.newest)
    }

    /// Whether what is read ends where the log ends.
    pub fn is_at_end(&self) -> bool {
        self.older.is_none()
    }

    /// Goes back to the newest part.
    pub fn to_end(&mut self) {
        self.older = None;
    }

    /// Adds the next event.
    pub fn push(&mut self, event: Event) -> &Line {
        if self.newest.len() == LOG_EVENTS_MAX {
            self.newest.remove(0);
        }
        self.newest.push(Line::new(event));
        &self.newest[self.newest.len() - 1]
    }

    /// Adds a page to what is read, before it or after it; what does not join without a gap is left
    /// out. `top` is where the log ends. Whether any did.
    pub fn join(&mut self, page: Vec<Event>, top: u32) -> bool {
        let first_of = |lines: &[Line]| lines.first().map_or(top + 1, |line| line.event.seq);
        let first = first_of(self.shown());
        let before = page.first().is_some_and(|event| event.seq < first);
        if self.older.is_none() && self.newest.len() + page.len() > LOG_EVENTS_MAX {
            self.older = Some(self.newest.clone());
        }
        let lines = self.older.as_mut().unwrap_or(&mut self.newest);
        let known = lines.len();
        if before {
            for event in page.into_iter().rev() {
                if event.seq > 0 && event.seq + 1 == first_of(lines) {
                    lines.insert(0, Line::new(event));
                }
            }
        } else {
            for event in page {
                if lines
                    .last()
                    .is_some_and(|line| line.event.seq + 1 == event.seq)
                {
                    lines.push(Line::new(event));
                }
            }
        }
        let joined = lines.len() > known;
        self.amend_all();
        self.bound(before);
        joined
    }

    /// Goes on towards the end with what is in memory already. Whether there was any.
    pub fn forward(&mut self, count: usize) -> bool {
        let Some(older) = &mut self.older else {
            return false;
        };
        let last = older.last().map_or(0, |line| line.event.seq);
        let first = self.newest.first().map_or(u32::MAX, |line| line.event.seq);
        if last.saturating_add(1) < first {
            return false;
        }
        let next = self.newest.iter().skip((last + 1 - first) as usize);
        older.extend(next.take(count).cloned());
        self.bound(false);
        true
    }

    /// Lets go of what is too much at the far side of a page that came, and of the older part where it
    /// has come to the end.
    fn bound(&mut self, before: bool) {
        let Some(older) = &mut self.older else {
            return;
        };
        while older.len() > LOG_EVENTS_MAX {
            if before {
                older.pop();
            } else {
                older.remove(0);
            }
        }
        let end = |lines: &[Line]| lines.last().map_or(0, |line| line.event.seq);
        if end(older) >= end(&self.newest) {
            self.newest = self.older.take().unwrap_or_default();
        }
    }

    /// Puts other words into a message, if it is in memory; one that was taken back stays so.
    pub fn amend(&mut self, seq: u32, content: &Content) {
        for lines in self.older.iter_mut().chain([&mut self.newest]) {
            let first = lines.first().map_or(0, |line| line.event.seq);
            let at = seq.checked_sub(first).map(|at| at as usize);
            let Some(line) = at.and_then(|at| lines.get_mut(at)) else {
                continue;
            };
            if let EventBody::Message(said) = &mut line.event.body
                && !said.redacted
            {
                said.clone_from(content);
                *line = Line::new(line.event.clone());
            }
        }
    }
}
