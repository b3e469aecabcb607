//! The rules of a conversation: what each durable command does to the log, whatever the database.
//!
//! Each command runs inside one transaction and either does all of what it says or refuses.
//! The same command again, under the same cmid, gives the first answer (`duplicate: true`);
//! there is no time after which a cmid is forgotten.

pub mod agent;
pub mod handoff;
pub mod ledger;
mod note;
pub mod revise;
mod survey;
mod transfer;
pub mod upload;
pub mod visitor;

use crate::files::ContentHash;
use crate::limits::Limits;
use crate::refusal::Refusal;
use deskside::protocol::agent::{
    ConversationCommand, EditMessage, RedactMessage, Transfer, WriteNote,
};
use deskside::protocol::command::{
    Close, Feedback, Handoff, Marks, Open, Read, Send, Survey, UploadBegin,
};
use deskside::protocol::event::{Author, Content, Event, EventBody, Participant, Role};
use deskside::protocol::reply::{Receipt, Sent};
use ledger::{Change, Conversation, Digest, Draft, Entry, Kept, Ledger, Sender, Upload};
use sha2::{Digest as _, Sha256};

/// A command that is answered only after the commit.
#[derive(Clone, Debug)]
pub struct Durable {
    /// Who asks.
    pub by: Actor,
    /// The session it came through: it gets the answer and no push of its own marks.
    pub origin: u64,
    /// What is asked.
    pub action: Action,
}

/// Who asks, authenticated.
#[derive(Clone, Debug)]
pub enum Actor {
    /// A visitor.
    Visitor {
        /// The token's subject.
        id: String,
        /// The token's site.
        site: String,
        /// As the site's back end says; else empty.
        name: String,
        /// BCP 47.
        locale: String,
    },
    /// An agent.
    Agent(Participant),
}

impl Actor {
    /// As who sends files.
    pub fn sender(&self) -> Sender<'_> {
        match self {
            Self::Visitor { id, .. } => Sender::Visitor(id),
            Self::Agent(agent) => Sender::Agent(&agent.id),
        }
    }
}

/// What is asked. A visitor's commands and an agent's; `Send` and `Read` are of both.
#[derive(Clone, Debug)]
pub enum Action {
    /// Starts a conversation; with a bot, where one is there to answer.
    Open {
        /// What is asked.
        open: Open,
        /// Whether one is.
        by_bot: bool,
    },
    /// Says something.
    Send(Send),
    /// Ends a conversation.
    Close(Close),
    /// Answers a survey.
    Survey(Survey),
    /// Says whether an article helped.
    Feedback(Feedback),
    /// Asks for a person.
    Handoff(Handoff),
    /// Says something else in place of a message.
    Edit(EditMessage),
    /// Takes a message back.
    Redact(RedactMessage),
    /// Takes a conversation over.
    Assign(ConversationCommand),
    /// Gives a conversation to somebody else.
    Transfer(Transfer),
    /// Tells the other agents something.
    Note(WriteNote),
    /// The question is answered.
    Resolve(ConversationCommand),
    /// Moves a side's marks.
    Read(Read),
    /// Names a file that is about to come.
    UploadBegin(UploadBegin),
    /// The file is whole, and what it was announced to be.
    UploadFinish {
        /// Which.
        upload_id: String,
        /// Of its bytes.
        content: ContentHash,
    },
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    /// The command's event is committed.
    Sent(Sent),
    /// The file is known.
    Upload(Upload),
    /// The conversation is there.
    Opened,
    /// The marks are where they were asked to be, or further.
    Marked,
}

/// Carries one command out.
pub fn carry_out(
    ledger: &mut dyn Ledger,
    command: Durable,
    limits: &Limits,
    now: u64,
) -> Kept<Done> {
    let origin = command.origin;
    match (command.by, command.action) {
        (
            Actor::Visitor {
                id,
                site,
                name,
                locale,
            },
            action,
        ) => {
            let mut visitor = visitor::Visitor {
                ledger,
                id,
                site,
                name,
                locale,
                origin,
                now,
            };
            match action {
                Action::Open { open, by_bot } => {
                    visitor.open(open, by_bot, limits.conversations_per_visitor_max)
                }
                Action::Handoff(handoff) => visitor.handoff(handoff).map(Done::Sent),
                Action::Send(send) => visitor.send(send).map(Done::Sent),
                Action::Close(close) => visitor.close(close).map(Done::Sent),
                Action::Survey(survey) => visitor.survey(survey).map(Done::Sent),
                Action::Feedback(feedback) => visitor.feedback(feedback).map(Done::Sent),
                Action::Read(read) => visitor.read(read),
                Action::UploadBegin(begin) => visitor.begin_upload(begin, limits),
                Action::UploadFinish { upload_id, content } => {
                    visitor.finish_upload(&upload_id, &content)
                }
                Action::Assign(_)
                | Action::Transfer(_)
                | Action::Note(_)
                | Action::Resolve(_)
                | Action::Edit(_)
                | Action::Redact(_) => Err(Refusal::unknown_command("a command of agents")),
            }
        }
        (Actor::Agent(agent), action) => {
            let mut agent = agent::Agent {
                ledger,
                agent,
                origin,
                now,
            };
            match action {
                Action::Assign(assign) => agent.assign(assign).map(Done::Sent),
                Action::Transfer(transfer) => agent.transfer(transfer).map(Done::Sent),
                Action::Note(note) => agent.note(note).map(Done::Sent),
                Action::Send(send) => agent.send(send).map(Done::Sent),
                Action::UploadBegin(begin) => agent.begin_upload(begin, limits),
                Action::UploadFinish { upload_id, content } => {
                    agent.finish_upload(&upload_id, &content)
                }
                Action::Resolve(resolve) => agent.resolve(resolve).map(Done::Sent),
                Action::Read(read) => agent.read(read),
                Action::Handoff(handoff) => agent.handoff(handoff).map(Done::Sent),
                Action::Edit(edit) => agent.edit(edit).map(Done::Sent),
                Action::Redact(redact) => agent.redact(redact).map(Done::Sent),
                Action::Open { .. }
                | Action::Close(_)
                | Action::Survey(_)
                | Action::Feedback(_) => Err(Refusal::unknown_command("a command of visitors")),
            }
        }
    }
}

/// What a command asks, in 16 bytes. It is kept for good: a part that a later version adds must
/// not change the digest of a command without it.
fn digest(kind: &str, parts: &[&str]) -> Digest {
    let mut hash = Sha256::new();
    for part in [kind].iter().chain(parts) {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let mut digest = Digest::default();
    digest.copy_from_slice(&hash.finalize()[..16]);
    digest
}

/// The digest of what somebody says: of the text alone where there is nothing else.
fn said(kind: &str, content: &Content) -> Digest {
    let parts = Content {
        text: String::new(),
        ..content.clone()
    };
    if parts == Content::default() {
        return digest(kind, &[&content.text]);
    }
    let parts = serde_json::to_string(&parts).unwrap_or_default();
    digest(kind, &[&content.text, &parts])
}

/// Checks a cmid against the log: `Some` is the first answer, to be given again.
fn seen_before(
    ledger: &mut dyn Ledger,
    conversation: &Conversation,
    author: &Author,
    cmid: &str,
    digest: &Digest,
) -> Kept<Option<Sent>> {
    match ledger.by_cmid(conversation, author, cmid)? {
        Some(entry) if entry.digest == *digest => Ok(Some(again(conversation, cmid, &entry))),
        Some(_) => Err(Refusal::conflict()),
        None => Ok(None),
    }
}

/// The answer to a command whose effect is already there.
fn again(conversation: &Conversation, cmid: &str, entry: &Entry) -> Sent {
    Sent {
        cmid: cmid.to_owned(),
        conv: conversation.id.clone(),
        epoch: conversation.epoch.clone(),
        seq: entry.seq,
        ts: entry.ts,
        duplicate: true,
        ticket: None,
    }
}

/// The answer to a command whose event was appended now.
fn first(conversation: &Conversation, cmid: &str, event: &Event) -> Sent {
    Sent {
        cmid: cmid.to_owned(),
        conv: conversation.id.clone(),
        epoch: conversation.epoch.clone(),
        seq: event.seq,
        ts: event.ts,
        duplicate: false,
        ticket: None,
    }
}

/// Refuses a message whose predecessor has not arrived.
fn check_prev(
    ledger: &mut dyn Ledger,
    conversation: &Conversation,
    author: &Author,
    send: &Send,
) -> Kept<()> {
    match &send.prev {
        Some(prev) if *prev == send.cmid => Err(Refusal::invalid("prev is the message itself")),
        Some(prev) if ledger.by_cmid(conversation, author, prev)?.is_none() => {
            Err(Refusal::out_of_order())
        }
        _ => Ok(()),
    }
}

/// An event that the desk makes by itself.
fn by_desk(body: EventBody) -> Draft {
    Draft {
        author: Author {
            role: Role::System,
            id: String::new(),
        },
        command: None,
        body,
    }
}

/// Moves a side's marks, never backwards and never past the log.
fn move_marks(
    ledger: &mut dyn Ledger,
    mut conversation: Conversation,
    side: Role,
    to: Marks,
    origin: u64,
) -> Kept<Done> {
    let old = match side {
        Role::Visitor => conversation.visitor_marks,
        _ => conversation.agent_marks,
    };
    let read_seq = old.read_seq.max(to.read_seq.min(conversation.top));
    let marks = Marks {
        read_seq,
        delivered_seq: old
            .delivered_seq
            .max(to.delivered_seq.min(conversation.top))
            .max(read_seq),
    };
    if marks == old {
        return Ok(Done::Marked);
    }
    if side == Role::Visitor {
        conversation.visitor_marks = marks;
    } else {
        let now_read = ledger.visitor_messages(&conversation, old.read_seq, read_seq)?;
        conversation.unread = conversation.unread.saturating_sub(now_read);
        conversation.agent_marks = marks;
    }
    ledger.save(&conversation)?;
    ledger.announce(Change {
        conv: conversation.id.clone(),
        visitor: conversation.visitor,
        origin,
        events: Vec::new(),
        opened: None,
        receipt: Some(Receipt {
            conv: conversation.id,
            by: side,
            marks,
        }),
        queue: None,
        waited_ms: None,
    });
    Ok(Done::Marked)
}

/// The start of a message, on one line; of a message without words, its files' names.
fn preview(content: &Content) -> String {
    let names: Vec<&str> = match content.text.trim().is_empty() {
        true => content
            .attachments
            .iter()
            .map(|file| file.name.as_str())
            .collect(),
        false => Vec::new(),
    };
    let text = [&content.text, &names.join(", ")]
        .map(String::as_str)
        .join(" ");
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let mut line = String::new();
    for word in words.filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > crate::limits::PREVIEW_CHARS_MAX * 4 {
            break;
        }
    }
    line.chars()
        .take(crate::limits::PREVIEW_CHARS_MAX)
        .collect()
}
