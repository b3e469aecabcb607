//! The log of one conversation as the desk keeps it.

use super::agents::agent;
use super::permanent;
use deskside::protocol::command::Marks;
use deskside::protocol::content::Ticket;
use deskside::protocol::error_code;
use deskside::protocol::event::{Event, EventBody, Lifecycle};
use deskside::protocol::reply::{ErrorBody, Sent, SubState};

#[derive(Clone, Debug)]
pub struct Log {
    pub conv: String,
    /// Whose it is.
    pub visitor: String,
    pub epoch: String,
    pub events: Vec<Event>,
    pub state: Lifecycle,
    pub visitor_marks: Marks,
    pub agent_marks: Marks,
    /// Who resumes from before this `seq` loads the log anew.
    pub resumable_from: u32,
    pub cycles: u32,
    /// Messages as they were before anybody changed them.
    pub originals: Vec<Event>,
    /// Ids of commands that made events before this index are forgotten.
    pub ids_from: usize,
}

impl Log {
    /// A log that lost its newest events has lost what they changed.
    pub fn undo_lost_changes(&mut self) {
        let top = self.events.len();
        self.originals
            .retain(|original| (original.seq as usize) <= top);
        for original in &self.originals {
            let mut body = original.body.clone();
            for (seq, content) in self
                .events
                .iter()
                .filter_map(|event| event.body.amendment())
            {
                if seq == original.seq {
                    body = EventBody::Message(content);
                }
            }
            self.events[original.seq as usize - 1].body = body;
        }
    }

    /// Where it stands, and what who has it up to `offset` lacks.
    pub fn standing(&self, offset: Option<u32>, page_max: usize) -> SubState {
        let top = self.events.len() as u32;
        let missed = offset.filter(|offset| {
            let page = *offset <= top && (top - offset) as usize <= page_max;
            page && *offset >= self.resumable_from
        });
        let events = match missed {
            Some(offset) => self.events[offset as usize..].to_vec(),
            None => self.events[self.events.len().saturating_sub(100)..].to_vec(),
        };
        SubState {
            conv: self.conv.clone(),
            epoch: self.epoch.clone(),
            top,
            recovered: missed.is_some(),
            state: self.state,
            participants: vec![agent()],
            visitor_marks: self.visitor_marks,
            agent_marks: self.agent_marks,
            events,
        }
    }

    /// The answer that a command of this id was given before.
    pub fn seen(&self, cmid: &str, body: &EventBody) -> Result<Option<Sent>, ErrorBody> {
        let known = &self.events[self.ids_from..];
        let before = known
            .iter()
            .find(|event| event.cmid.as_deref() == Some(cmid));
        // What an agent has changed is compared with what it had been, by its hash on a real desk.
        let changed = |event: &Event| matches!(&event.body, EventBody::Message(content) if content.edited || content.redacted);
        match before {
            Some(event) if asked(&event.body) == asked(body) || changed(event) => {
                Ok(Some(self.sent(cmid, event, true)))
            }
            Some(_) => Err(permanent(error_code::CONFLICT)),
            None => Ok(None),
        }
    }

    pub fn sent(&self, cmid: &str, event: &Event, duplicate: bool) -> Sent {
        Sent {
            cmid: cmid.to_owned(),
            conv: self.conv.clone(),
            epoch: self.epoch.clone(),
            seq: event.seq,
            ts: event.ts,
            duplicate,
            ticket: ticket(&event.body).and_then(|ticket| ticket.number),
        }
    }
}

/// What makes a message a ticket.
pub fn ticket(body: &EventBody) -> Option<&Ticket> {
    match body {
        EventBody::Message(content) => content.ticket.as_ref(),
        _ => None,
    }
}

/// A body as it was asked for: the number of a ticket is the desk's.
fn asked(body: &EventBody) -> EventBody {
    let mut body = body.clone();
    if let EventBody::Message(content) = &mut body
        && let Some(ticket) = &mut content.ticket
    {
        ticket.number = None;
    }
    body
}

pub trait Supersedes {
    /// Whether it is an answer to the same invitation that is as new, or newer.
    fn supersedes(&self, body: &EventBody) -> bool;
}

impl Supersedes for Event {
    fn supersedes(&self, body: &EventBody) -> bool {
        matches!((&self.body, body), (EventBody::Survey(kept), EventBody::Survey(new))
            if kept.response_id == new.response_id && kept.revision >= new.revision)
    }
}
