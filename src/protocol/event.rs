//! The entries of a conversation's log: each has a `seq`, dense per conversation, and never changes.

use serde::{Deserialize, Serialize};

/// What kind of participant acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(export, export_to = "protocol.ts")
)]
pub enum Role {
    /// The person who asks.
    Visitor,
    /// A person of the team.
    Agent,
    /// An automatic answerer.
    Bot,
    /// The desk itself.
    System,
}

/// Who wrote an event. The name is found in the conversation's participants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(export, export_to = "protocol.ts")
)]
pub struct Author {
    /// The kind of participant.
    pub role: Role,
    /// The participant's id; empty for the desk itself.
    #[serde(default)]
    pub id: String,
}

/// Somebody who takes part in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(export, export_to = "protocol.ts")
)]
pub struct Participant {
    /// The kind of participant.
    pub role: Role,
    /// Unique among participants of that role.
    pub id: String,
    /// The name to show; may be empty.
    #[serde(default)]
    pub name: String,
    /// The https address of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
}

/// Where a conversation is in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(export, export_to = "protocol.ts")
)]
pub enum Lifecycle {
    /// Made on the device, not yet known to the desk.
    #[default]
    New,
    /// Waiting for an agent.
    Queued,
    /// An agent has it.
    Assigned,
    /// The question is answered; a new message reopens it.
    Resolved,
    /// Came back after it had been resolved, and waits again.
    Reopened,
    /// Ended for good.
    Closed,
}

impl Lifecycle {
    /// Whether somebody is, or will be, at work on it.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            Self::New | Self::Queued | Self::Assigned | Self::Reopened
        )
    }
}

/// What a message says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(export, export_to = "protocol.ts")
)]
pub struct Content {
    /// Plain text, or the markdown subset of [`crate::richtext`].
    pub text: String,
}

/// An invitation to a survey, frozen when it is made: a later reassignment does not move the rating.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(export, export_to = "protocol.ts")
)]
pub struct Invitation {
    /// Made by the desk; the idempotency key of the response.
    pub response_id: String,
    /// Which survey, as in `csat`.
    pub survey_id: String,
    /// Points of the rating scale.
    pub scale: u8,
    /// Who is rated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Participant>,
    /// Which resolution of this conversation, from 1.
    pub resolution_cycle: u32,
}

/// The answer to a survey so far. The highest `revision` wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(export, export_to = "protocol.ts")
)]
pub struct SurveyResponse {
    /// From the invitation.
    pub response_id: String,
    /// From the invitation.
    pub survey_id: String,
    /// Counts the updates of this response, from 1.
    pub revision: u32,
    /// 1 to the invitation's scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<u8>,
    /// In the visitor's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Whether the visitor is done.
    pub finished: bool,
}

/// What happened. On the wire it is `type` and `body`; a type that this version does not know
/// becomes [`EventBody::Unknown`], which moves the cursor and shows nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventBody {
    /// Somebody wrote (`message`).
    Message(Content),
    /// The conversation moved in its life (`state`).
    State(Lifecycle),
    /// An agent took it over (`assignment`).
    Assignment(Participant),
    /// The visitor is asked to rate (`invitation`).
    Invitation(Invitation),
    /// The visitor rated (`survey`).
    Survey(SurveyResponse),
    /// Of a type that this version does not know.
    Unknown(String),
}

/// One entry of a conversation's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WireEvent", into = "WireEvent")]
pub struct Event {
    /// The conversation.
    pub conv: String,
    /// Dense per conversation, from 1.
    pub seq: u32,
    /// When the desk committed it. Milliseconds since 1970, UTC.
    pub ts: u64,
    /// Who did it.
    pub author: Author,
    /// The client's id of the command that made it, where there was one.
    pub cmid: Option<String>,
    /// What happened.
    pub body: EventBody,
}

/// [`Event`] as it travels.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(export, export_to = "protocol.ts", rename = "Event")
)]
pub struct WireEvent {
    conv: String,
    seq: u32,
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    ts: u64,
    author: Author,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cmid: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    body: WireBody,
}

/// The union of all bodies' fields; `type` says which are there.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(
        export,
        export_to = "protocol.ts",
        rename = "EventBody",
        optional_fields
    )
)]
struct WireBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Content>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<Lifecycle>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<Participant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation: Option<Invitation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<SurveyResponse>,
}

impl EventBody {
    /// The wire name of the type.
    pub fn kind(&self) -> &str {
        match self {
            Self::Message(_) => "message",
            Self::State(_) => "state",
            Self::Assignment(_) => "assignment",
            Self::Invitation(_) => "invitation",
            Self::Survey(_) => "survey",
            Self::Unknown(kind) => kind,
        }
    }
}

impl From<WireEvent> for Event {
    fn from(wire: WireEvent) -> Self {
        let b = wire.body;
        let body = match (
            wire.kind.as_str(),
            b.content,
            b.state,
            b.agent,
            b.invitation,
            b.response,
        ) {
            ("message", Some(content), ..) => EventBody::Message(content),
            ("state", _, Some(state), ..) => EventBody::State(state),
            ("assignment", _, _, Some(agent), ..) => EventBody::Assignment(agent),
            ("invitation", _, _, _, Some(invitation), _) => EventBody::Invitation(invitation),
            ("survey", _, _, _, _, Some(response)) => EventBody::Survey(response),
            _ => EventBody::Unknown(wire.kind),
        };
        Self {
            conv: wire.conv,
            seq: wire.seq,
            ts: wire.ts,
            author: wire.author,
            cmid: wire.cmid,
            body,
        }
    }
}

impl From<Event> for WireEvent {
    fn from(event: Event) -> Self {
        let kind = event.body.kind().to_owned();
        let mut body = WireBody::default();
        match event.body {
            EventBody::Message(content) => body.content = Some(content),
            EventBody::State(state) => body.state = Some(state),
            EventBody::Assignment(agent) => body.agent = Some(agent),
            EventBody::Invitation(invitation) => body.invitation = Some(invitation),
            EventBody::Survey(response) => body.response = Some(response),
            EventBody::Unknown(_) => {}
        }
        Self {
            conv: event.conv,
            seq: event.seq,
            ts: event.ts,
            author: event.author,
            cmid: event.cmid,
            kind,
            body,
        }
    }
}
