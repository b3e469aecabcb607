//! The entries of a conversation's log: each has a `seq`, dense per conversation.
//!
//! An entry never changes, but for what is said in it: whoever reads a message later, from a page of
//! history or on another device, gets it as the edits and redactions after it have left it. They are
//! entries of their own, so that whoever has read it already learns of them.

use macro_rules_attribute::apply;

pub use super::content::Content;
use crate::typescript::{protocol_ts, protocol_ts_optional};

use crate::plain;
use crate::plain::{Readable, Reading, Value, Writable, Writing};

pub use super::survey::{Invitation, SurveyResponse};

/// What kind of participant acted.
#[apply(protocol_ts!)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The kind of participant.
    pub role: Role,
    /// The participant's id; empty for the desk itself.
    pub id: String,
}

/// Somebody who takes part in a conversation.
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// The kind of participant.
    pub role: Role,
    /// Unique among participants of that role.
    pub id: String,
    /// The name to show; may be empty.
    pub name: String,
    /// The https address of a picture.
    pub avatar: Option<String>,
}

/// Where a conversation is in its life.
#[apply(protocol_ts!)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lifecycle {
    /// Made on the device, not yet known to the desk.
    #[default]
    New,
    /// A bot answers; nobody waits for an agent.
    SelfService,
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
            Self::New | Self::SelfService | Self::Queued | Self::Assigned | Self::Reopened
        )
    }
}

/// A message says something else now.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The message's.
    pub seq: u32,
    /// The whole of it, in place of what it said. Its `edited` is set.
    pub content: Content,
}

/// A message was taken back. What it said is gone from the desk as well.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redact {
    /// The message's.
    pub seq: u32,
}

/// What agents tell each other. A visitor gets it without its text.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Plain text, or the markdown subset of [`crate::richtext`].
    pub text: String,
}

/// The visitor asked for a person; what the person should know.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandoffContext {
    /// `asked` (the button), `intent` (in words), `misses`, `feedback`, `tone`, or a bot's own;
    /// [`HandoffContext::UNASKED`] where nobody asked, and this is only what an agent should know.
    pub reason: String,
    /// What was searched for last; may be empty.
    pub query: String,
    /// What was shown of the help articles, the latest last.
    pub articles: Vec<ShownArticle>,
}

impl HandoffContext {
    /// The `reason` of what was searched and read before a conversation that waits for a person anyway.
    pub const UNASKED: &str = "context";
}

/// A help article that was shown.
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownArticle {
    /// The article's id in the index.
    pub id: String,
    /// Whether it helped, where that was said.
    pub helpful: Option<bool>,
}

/// What happened. On the wire it is `type` and `body`; a type that this version does not know
/// becomes [`EventBody::Unknown`], which moves the cursor and shows nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum EventBody {
    /// Somebody wrote (`message`); the desk itself writes a note.
    Message(Content),
    /// A message says something else now (`edit`).
    Edit(Edit),
    /// A message was taken back (`redact`).
    Redact(Redact),
    /// The visitor asked for a person (`handoff`).
    Handoff(HandoffContext),
    /// The conversation moved in its life (`state`).
    State(Lifecycle),
    /// An agent took it over, or was given it (`assignment`).
    Assignment(Participant),
    /// What agents tell each other (`note`). No build for visitors knows it.
    #[cfg(feature = "agents")]
    Note(Note),
    /// The visitor is asked to rate (`invitation`).
    Invitation(Invitation),
    /// The visitor rated (`survey`).
    Survey(SurveyResponse),
    /// Of a type that this version does not know.
    Unknown(String),
}

/// One entry of a conversation's log.
#[derive(Clone, Debug, PartialEq)]
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

impl EventBody {
    /// Which message it changes, and what that says from then on.
    pub fn amendment(&self) -> Option<(u32, Content)> {
        match self {
            Self::Edit(edit) => {
                let mut content = edit.content.clone();
                content.edited = true;
                Some((edit.seq, content))
            }
            Self::Redact(redact) => {
                let content = Content {
                    redacted: true,
                    ..Content::default()
                };
                Some((redact.seq, content))
            }
            _ => None,
        }
    }

    /// The wire name of the type.
    pub fn kind(&self) -> &str {
        match self {
            Self::Message(_) => "message",
            Self::Edit(_) => "edit",
            Self::Redact(_) => "redact",
            Self::Handoff(_) => "handoff",
            Self::State(_) => "state",
            Self::Assignment(_) => "assignment",
            #[cfg(feature = "agents")]
            Self::Note(_) => "note",
            Self::Invitation(_) => "invitation",
            Self::Survey(_) => "survey",
            Self::Unknown(kind) => kind,
        }
    }

    /// Reads the body of a type; one that is not known, or not as this version knows it, is unknown.
    pub fn from_wire(kind: &str, body: &Value) -> Self {
        let mut read = match kind {
            "message" => Self::Message(Readable::blank()),
            "edit" => Self::Edit(Readable::blank()),
            "redact" => Self::Redact(Readable::blank()),
            "handoff" => Self::Handoff(Readable::blank()),
            "state" => Self::State(Readable::blank()),
            "assignment" => Self::Assignment(Readable::blank()),
            #[cfg(feature = "agents")]
            "note" => Self::Note(Readable::blank()),
            "invitation" => Self::Invitation(Readable::blank()),
            "survey" => Self::Survey(Readable::blank()),
            _ => return Self::Unknown(kind.to_owned()),
        };
        let (name, content): (&'static str, &mut dyn Readable) = match &mut read {
            Self::Message(content) => ("content", content),
            Self::Edit(edit) => ("edit", edit),
            Self::Redact(redact) => ("redact", redact),
            Self::Handoff(context) => ("handoff", context),
            Self::State(state) => ("state", state),
            Self::Assignment(agent) => ("agent", agent),
            #[cfg(feature = "agents")]
            Self::Note(note) => ("note", note),
            Self::Invitation(invitation) => ("invitation", invitation),
            Self::Survey(response) => ("response", response),
            Self::Unknown(_) => return read,
        };
        match body.get(name).map(|value| plain::fill(content, value)) {
            Some(Ok(())) => read,
            _ => Self::Unknown(kind.to_owned()),
        }
    }

    /// Writes the body; the type is [`EventBody::kind`].
    pub fn to_wire(&self) -> Value {
        let (name, content): (&'static str, &dyn Writable) = match self {
            Self::Message(content) => ("content", content),
            Self::Edit(edit) => ("edit", edit),
            Self::Redact(redact) => ("redact", redact),
            Self::Handoff(context) => ("handoff", context),
            Self::State(state) => ("state", state),
            Self::Assignment(agent) => ("agent", agent),
            #[cfg(feature = "agents")]
            Self::Note(note) => ("note", note),
            Self::Invitation(invitation) => ("invitation", invitation),
            Self::Survey(response) => ("response", response),
            Self::Unknown(_) => return Value::Map(Vec::new()),
        };
        Value::Map(Vec::new()).with(name, plain::write(content))
    }
}

impl Readable for Event {
    fn blank() -> Self {
        Self {
            conv: String::new(),
            seq: 0,
            ts: 0,
            author: Author::blank(),
            cmid: None,
            body: EventBody::Unknown(String::new()),
        }
    }

    fn take(&mut self, from: &mut Reading) {
        let mut kind = String::new();
        from.record("conv seq ts author type cmid?")
            .field(&mut self.conv)
            .field(&mut self.seq)
            .field(&mut self.ts)
            .field(&mut self.author)
            .field(&mut kind)
            .field(&mut self.cmid);
        self.body = EventBody::from_wire(&kind, from.value.get("body").unwrap_or(&Value::Null));
    }
}

impl Writable for Event {
    fn give(&self, to: &mut Writing) {
        to.record("conv seq ts author cmid?type body ")
            .field(&self.conv)
            .field(&self.seq)
            .field(&self.ts)
            .field(&self.author)
            .field(&self.cmid)
            .field(&Value::Text(self.body.kind().to_owned().into()))
            .field(&self.body.to_wire());
    }
}
plain!(@serde Event);

/// [`Event`] as it travels, for the TypeScript declarations.
#[cfg(feature = "typescript")]
#[derive(ts_rs::TS)]
#[ts(export, export_to = "protocol.ts", rename = "Event", optional_fields)]
#[allow(dead_code, reason = "only its declaration is used")]
pub struct WireEvent {
    conv: String,
    seq: u32,
    #[ts(type = "number")]
    ts: u64,
    author: Author,
    cmid: Option<String>,
    #[ts(
        type = "\"message\" | \"edit\" | \"redact\" | \"handoff\" | \"state\" | \"assignment\" | \"note\" | \"invitation\" | \"survey\" | (string & {})"
    )]
    r#type: String,
    body: WireBody,
}

/// The union of all bodies' fields; `type` says which are there.
#[cfg(feature = "typescript")]
#[derive(ts_rs::TS)]
#[ts(
    export,
    export_to = "protocol.ts",
    rename = "EventBody",
    optional_fields
)]
#[allow(dead_code, reason = "only its declaration is used")]
struct WireBody {
    content: Option<Content>,
    edit: Option<Edit>,
    redact: Option<Redact>,
    handoff: Option<HandoffContext>,
    state: Option<Lifecycle>,
    agent: Option<Participant>,
    note: Option<Note>,
    invitation: Option<Invitation>,
    response: Option<SurveyResponse>,
}

plain!(
    enum Role {
        Visitor,
        Agent,
        Bot,
        System,
    }
);
plain!(struct Author { role; id });
plain!(struct Participant { role, id, avatar; name });
plain!(
    enum Lifecycle {
        New,
        SelfService,
        Queued,
        Assigned,
        Resolved,
        Reopened,
        Closed,
    }
);
plain!(struct Edit { seq, content });
plain!(struct Redact { seq });
plain!(struct Note { text });
plain!(struct HandoffContext { ; reason, query, articles });
plain!(struct ShownArticle { id; helpful });
