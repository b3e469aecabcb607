//! A conversation as it is drawn: the log, then what waits on the device.

use super::{Conversation, Line};
use crate::outbox::Slot;
use crate::output::Durable;
use crate::protocol::event::{EventBody, Lifecycle, Participant, Role};
use crate::view::{Item, ItemBody, Status};

/// The items of a conversation, oldest first. `own` is what the outbox holds of it, oldest first.
pub fn items<'a>(
    conversation: &Conversation,
    own: impl Iterator<Item = &'a Slot>,
    scale: impl Fn(&str) -> u8,
) -> Vec<Item> {
    let mut items: Vec<Item> = conversation
        .log()
        .iter()
        .filter_map(|line| log_item(conversation, line, &scale))
        .collect();
    items.extend(own.filter_map(outbox_item));
    items
}

/// The key of a line: the visitor's own messages keep the one that they had in the outbox.
pub fn key(line: &Line) -> String {
    match &line.event.cmid {
        Some(cmid) if line.event.author.role == Role::Visitor => cmid.clone(),
        _ => line.event.seq.to_string(),
    }
}

fn log_item(conversation: &Conversation, line: &Line, scale: impl Fn(&str) -> u8) -> Option<Item> {
    let event = &line.event;
    let mine = event.author.role == Role::Visitor;
    let body = match &event.body {
        EventBody::Message(_) => ItemBody::Message {
            mine,
            author: conversation.participant(event.author.role, &event.author.id),
            content: line.content.clone(),
            status: mine.then(|| status_of(conversation, event.seq)),
        },
        EventBody::Assignment(agent) => ItemBody::Assigned {
            agent: agent.clone(),
        },
        EventBody::State(Lifecycle::Resolved) => ItemBody::Resolved,
        EventBody::State(Lifecycle::Reopened) => ItemBody::Reopened,
        EventBody::State(Lifecycle::Closed) => ItemBody::Closed,
        EventBody::Survey(response) if response.finished => ItemBody::Rated {
            rating: response.rating?,
            scale: scale(&response.response_id),
        },
        _ => return None,
    };
    Some(Item {
        key: key(line),
        ts: event.ts,
        body,
    })
}

fn status_of(conversation: &Conversation, seq: u32) -> Status {
    let marks = conversation.record.agent_marks;
    if marks.read_seq >= seq {
        Status::Read
    } else if marks.delivered_seq >= seq {
        Status::Delivered
    } else {
        Status::Sent
    }
}

fn outbox_item(slot: &Slot) -> Option<Item> {
    let Durable::Send(send) = &slot.entry.command else {
        return None;
    };
    let status = match (&slot.entry.failed, slot.acked, slot.saved, slot.in_flight) {
        (Some(code), ..) => Status::Failed { code: code.clone() },
        (None, Some(_), ..) => Status::Sent,
        (None, None, false, _) => Status::Saving,
        (None, None, true, None) => Status::Queued,
        (None, None, true, Some(_)) => Status::Sending,
    };
    let author = Participant {
        role: Role::Visitor,
        id: String::new(),
        name: String::new(),
        avatar: None,
    };
    Some(Item {
        key: send.cmid.clone(),
        ts: slot.entry.made_at,
        body: ItemBody::Message {
            mine: true,
            author,
            content: slot.content.clone(),
            status: Some(status),
        },
    })
}
