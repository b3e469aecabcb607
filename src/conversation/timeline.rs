//! A conversation as it is drawn: what is read of the log, then what bots are writing, then what waits
//! on the device.

use super::log::Line;
use super::{Conversation, Stream, parts};
use crate::list::Gather;
use crate::outbox::Slot;
use crate::plain::decimal;
use crate::protocol::content::{Button, Content};
use crate::protocol::event::{EventBody, HandoffContext, Lifecycle, Participant, Role};
use crate::richtext::Block;
use crate::view::{FileView, FormView, Item, ItemBody, Status};
use std::rc::Rc;

/// The items of a conversation, oldest first. `own` is what the outbox holds of it, oldest first.
pub fn items<'a>(
    conversation: &'a Conversation,
    own: impl Iterator<Item = &'a Slot> + Clone,
    desk: &str,
) -> Vec<Item> {
    let lines = conversation.shown().iter();
    let mut items: Vec<Item> = lines
        .filter_map(|line| log_item(conversation, line, desk))
        .listed();
    if conversation.is_at_end() {
        items.extend(conversation.streams.iter().map(stream_item));
        items.extend(own.clone().filter_map(outbox_item));
    }
    let sent = conversation.shown().iter().filter_map(Line::message);
    let waiting = own.filter_map(Slot::message);
    let answers = sent
        .chain(waiting)
        .filter_map(|content| content.answers.as_ref());
    for answers in answers {
        for item in &mut items {
            if let ItemBody::Message {
                form: Some(form), ..
            } = &mut item.body
            {
                form.answered |= form.seq == answers.form;
            }
        }
    }
    items
}

/// The answers that the newest message offers, until anything is said after it.
pub fn quick_replies<'a>(
    conversation: &Conversation,
    mut own: impl Iterator<Item = &'a Slot>,
) -> Vec<Button> {
    let newest = conversation.log().iter().rev().find_map(Line::message);
    let over = conversation.record.state == Lifecycle::Closed
        || !conversation.is_at_end()
        || own.any(|slot| slot.waits() && slot.message().is_some());
    match newest {
        Some(content) if !over => parts::buttons(&content.quick_replies),
        _ => Vec::new(),
    }
}

/// The key of a line: a message keeps the one that it had in the outbox, or while a bot wrote it.
pub fn key(line: &Line) -> String {
    match &line.event.cmid {
        Some(cmid) if line.message().is_some() => cmid.clone(),
        _ => decimal(line.event.seq),
    }
}

fn log_item(conversation: &Conversation, line: &Line, desk: &str) -> Option<Item> {
    let event = &line.event;
    let mine = event.author.role == Role::Visitor;
    let author = || conversation.participant(event.author.role, &event.author.id);
    let body = match &event.body {
        EventBody::Message(content) if content.redacted => ItemBody::Redacted {
            mine,
            author: author(),
        },
        EventBody::Message(_) if event.author.role == Role::System => ItemBody::Note {
            content: line.content.clone(),
        },
        EventBody::Message(content) => ItemBody::Message {
            mine,
            author: author(),
            content: line.content.clone(),
            status: mine.then(|| status_of(conversation, event.seq)),
            edited: content.edited,
            writing: false,
            cards: parts::cards(&content.cards, desk),
            form: content.form.as_ref().map(|form| FormView {
                seq: event.seq,
                fields: parts::fields(form),
                submit: form.submit.clone(),
                answered: false,
            }),
            files: files(content, None),
            ticket: None,
        },
        EventBody::Handoff(context) if context.reason != HandoffContext::UNASKED => {
            ItemBody::HandedOff
        }
        EventBody::Assignment(agent) => ItemBody::Assigned {
            agent: agent.clone(),
        },
        EventBody::State(Lifecycle::Resolved) => ItemBody::Resolved,
        EventBody::State(Lifecycle::Reopened) => ItemBody::Reopened,
        EventBody::State(Lifecycle::Closed) => ItemBody::Closed,
        EventBody::Survey(response) if response.finished => ItemBody::Rated {
            rating: response.rating?,
            scale: if response.scale > 0 {
                response.scale
            } else {
                5
            },
        },
        _ => return None,
    };
    Some(item(key(line), event.ts, body, line.message()))
}

fn item(key: String, ts: u64, mut body: ItemBody, said: Option<&Content>) -> Item {
    if let (ItemBody::Message { ticket, .. }, Some(said)) = (&mut body, said) {
        ticket.clone_from(&said.ticket);
    }
    Item { key, ts, body }
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

fn files(content: &Content, sent_bytes: Option<u32>) -> Vec<FileView> {
    let files = content.attachments.iter().map(|file| FileView {
        file: parts::file(file),
        sent_bytes,
    });
    files.listed()
}

/// A message of which there is nothing but its text and its files.
fn plain(
    mine: bool,
    author: Participant,
    content: &Rc<Vec<Block>>,
    status: Option<Status>,
    files: Vec<FileView>,
) -> ItemBody {
    ItemBody::Message {
        mine,
        author,
        content: content.clone(),
        writing: status.is_none(),
        status,
        edited: false,
        cards: Vec::new(),
        form: None,
        files,
        ticket: None,
    }
}

fn stream_item(stream: &Stream) -> Item {
    let author = stream.delta.by.clone();
    let body = plain(false, author, &stream.content, None, Vec::new());
    item(stream.delta.id.clone(), stream.ts, body, None)
}

fn outbox_item(slot: &Slot) -> Option<Item> {
    let said = slot.message()?;
    let status = match (&slot.entry.failed, slot.sent, slot.saved) {
        (Some(code), ..) => Status::Failed { code: code.clone() },
        (None, true, _) => Status::Sent,
        (None, false, false) => Status::Saving,
        (None, false, true) if slot.is_moving() => Status::Sending,
        (None, false, true) => Status::Queued,
    };
    let author = Participant {
        role: Role::Visitor,
        id: String::new(),
        name: String::new(),
        avatar: None,
    };
    let files = files(said, slot.upload.sent_bytes());
    let body = plain(true, author, &slot.content, Some(status), files);
    let key = slot.entry.command.cmid().to_owned();
    Some(item(key, slot.entry.made_at, body, Some(said)))
}
