//! Rows to what they mean, and back.

use crate::conversation::ledger::{Conversation, Digest, Entry, Upload};
use crate::refusal::Refusal;
use deskside::protocol::agent::Identity;
use deskside::protocol::command::Marks;
use deskside::protocol::content::Attachment;
use deskside::protocol::event::{Author, Event, EventBody, Lifecycle, Participant, Role};
use rusqlite::types::Type;
use rusqlite::{Error, Result, Row};

/// A database error on its way out: the cause into the log, a plain refusal to the client.
pub fn unavailable(error: Error) -> Refusal {
    tracing::error!(%error, "the database refused");
    Refusal::unavailable()
}

/// `SELECT` of what [`conversation`] reads; a condition follows.
macro_rules! select_conversation {
    ($rest:literal) => {
        concat!(
            "SELECT c.num, c.id, c.visitor, c.site, c.epoch, c.page, c.locale, c.state, c.top, \
             c.cycle, c.visitor_delivered, c.visitor_read, c.agent_delivered, c.agent_read, \
             c.unread, c.preview, c.rated, c.updated_at, a.id, a.name, a.avatar, \
             c.waiting_since, coalesce(k.name, ''), k.subject, k.email, c.ticket \
             FROM conversations c LEFT JOIN agents a ON a.id = c.assignee \
               LEFT JOIN contacts k ON k.id = c.visitor ",
            $rest
        )
    };
}

/// `SELECT` of what [`event`] reads; a condition follows.
macro_rules! select_event {
    ($rest:literal) => {
        concat!(
            "SELECT seq, ts, role, author, cmid, kind, body FROM events ",
            $rest
        )
    };
}

/// `SELECT` of what [`upload`] reads; a condition follows.
macro_rules! select_upload {
    ($rest:literal) => {
        concat!(
            "SELECT id, conv, visitor, name, mime, size, width, height, sha256, seq, agent \
             FROM uploads ",
            $rest
        )
    };
}

pub(super) use {select_conversation, select_event, select_upload};

/// See [`select_upload`].
pub fn upload(row: &Row<'_>) -> Result<Upload> {
    Ok(Upload {
        conv: row.get(1)?,
        visitor: row.get(2)?,
        file: Attachment {
            upload_id: row.get(0)?,
            name: row.get(3)?,
            mime: row.get(4)?,
            size: row.get(5)?,
            width: row.get(6)?,
            height: row.get(7)?,
        },
        sha256: row.get(8)?,
        seq: row.get(9)?,
        agent: row.get(10)?,
    })
}

/// See [`select_conversation`].
pub fn conversation(row: &Row<'_>) -> Result<Conversation> {
    let assignee: Option<String> = row.get(18)?;
    Ok(Conversation {
        num: row.get(0)?,
        id: row.get(1)?,
        visitor: row.get(2)?,
        visitor_name: row.get(22)?,
        identity: match row.get(23)? {
            Some(subject) => Some(Identity {
                subject,
                email: row.get(24)?,
            }),
            None => None,
        },
        site: row.get(3)?,
        epoch: row.get(4)?,
        page: row.get(5)?,
        locale: row.get(6)?,
        state: lifecycle(row, 7)?,
        top: row.get(8)?,
        cycle: row.get(9)?,
        visitor_marks: Marks {
            delivered_seq: row.get(10)?,
            read_seq: row.get(11)?,
        },
        agent_marks: Marks {
            delivered_seq: row.get(12)?,
            read_seq: row.get(13)?,
        },
        unread: row.get(14)?,
        preview: row.get(15)?,
        rated: row.get(16)?,
        updated_at: row.get(17)?,
        waiting_since: row.get(21)?,
        ticket: row.get(25)?,
        assignee: match assignee {
            Some(id) => Some(agent(id, row, 19)?),
            None => None,
        },
    })
}

/// An agent whose name and picture are the columns from `at`.
pub fn agent(id: String, row: &Row<'_>, at: usize) -> Result<Participant> {
    Ok(Participant {
        role: Role::Agent,
        id,
        name: row.get(at)?,
        avatar: row.get(at + 1)?,
    })
}

/// Of `SELECT role, id, name, avatar`.
pub fn participant(row: &Row<'_>) -> Result<Participant> {
    Ok(Participant {
        role: role(row, 0)?,
        id: row.get(1)?,
        name: row.get(2)?,
        avatar: row.get(3)?,
    })
}

/// See [`select_event`]. A body that cannot be read becomes an event of unknown type: the log goes on,
/// and one damaged entry does not lock a whole conversation.
pub fn event(conv: &str, row: &Row<'_>) -> Result<Event> {
    let kind: String = row.get(5)?;
    let body: String = row.get(6)?;
    let seq = row.get(0)?;
    let body = decode(kind, &body).unwrap_or_else(|(kind, error)| {
        tracing::error!(conv, seq, kind, %error, "the body of an event cannot be read");
        EventBody::Unknown(kind)
    });
    Ok(Event {
        conv: conv.to_owned(),
        seq,
        ts: row.get(1)?,
        author: Author {
            role: role(row, 2)?,
            id: row.get(3)?,
        },
        cmid: row.get(4)?,
        body,
    })
}

/// Of `SELECT seq, ts, digest`. An event that no command made has a digest that matches none.
pub fn entry(row: &Row<'_>) -> Result<Entry> {
    let digest: Option<Digest> = row.get(2)?;
    Ok(Entry {
        seq: row.get(0)?,
        ts: row.get(1)?,
        digest: digest.unwrap_or_default(),
    })
}

/// An event's body as it is kept.
pub fn encode(body: &EventBody) -> serde_json::Result<String> {
    match body {
        EventBody::Message(content) => serde_json::to_string(content),
        EventBody::Edit(edit) => serde_json::to_string(edit),
        EventBody::Redact(redact) => serde_json::to_string(redact),
        EventBody::Handoff(context) => serde_json::to_string(context),
        EventBody::State(state) => serde_json::to_string(state),
        EventBody::Assignment(agent) => serde_json::to_string(agent),
        EventBody::Note(note) => serde_json::to_string(note),
        EventBody::Invitation(invitation) => serde_json::to_string(invitation),
        EventBody::Survey(response) => serde_json::to_string(response),
        EventBody::Unknown(_) => Ok("null".to_owned()),
    }
}

fn decode(kind: String, body: &str) -> Result<EventBody, (String, serde_json::Error)> {
    let decoded = match kind.as_str() {
        "message" => serde_json::from_str(body).map(EventBody::Message),
        "edit" => serde_json::from_str(body).map(EventBody::Edit),
        "redact" => serde_json::from_str(body).map(EventBody::Redact),
        "handoff" => serde_json::from_str(body).map(EventBody::Handoff),
        "state" => serde_json::from_str(body).map(EventBody::State),
        "assignment" => serde_json::from_str(body).map(EventBody::Assignment),
        "note" => serde_json::from_str(body).map(EventBody::Note),
        "invitation" => serde_json::from_str(body).map(EventBody::Invitation),
        "survey" => serde_json::from_str(body).map(EventBody::Survey),
        _ => return Ok(EventBody::Unknown(kind)),
    };
    decoded.map_err(|error| (kind, error))
}

/// A role's name in the database.
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Visitor => "visitor",
        Role::Agent => "agent",
        Role::Bot => "bot",
        Role::System => "system",
    }
}

/// The role in a column.
pub fn role(row: &Row<'_>, at: usize) -> Result<Role> {
    match row.get_ref(at)?.as_str()? {
        "visitor" => Ok(Role::Visitor),
        "agent" => Ok(Role::Agent),
        "bot" => Ok(Role::Bot),
        "system" => Ok(Role::System),
        other => Err(unknown(at, other)),
    }
}

/// A state's name in the database.
pub fn lifecycle_name(state: Lifecycle) -> &'static str {
    match state {
        Lifecycle::New => "new",
        Lifecycle::SelfService => "selfService",
        Lifecycle::Queued => "queued",
        Lifecycle::Assigned => "assigned",
        Lifecycle::Resolved => "resolved",
        Lifecycle::Reopened => "reopened",
        Lifecycle::Closed => "closed",
    }
}

fn lifecycle(row: &Row<'_>, at: usize) -> Result<Lifecycle> {
    match row.get_ref(at)?.as_str()? {
        "new" => Ok(Lifecycle::New),
        "selfService" => Ok(Lifecycle::SelfService),
        "queued" => Ok(Lifecycle::Queued),
        "assigned" => Ok(Lifecycle::Assigned),
        "resolved" => Ok(Lifecycle::Resolved),
        "reopened" => Ok(Lifecycle::Reopened),
        "closed" => Ok(Lifecycle::Closed),
        other => Err(unknown(at, other)),
    }
}

fn unknown(at: usize, value: &str) -> Error {
    Error::FromSqlConversionFailure(at, Type::Text, format!("unknown value {value:?}").into())
}
