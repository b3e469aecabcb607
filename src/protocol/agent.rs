//! What an agent's console asks of the desk, and what it gets. The same rules as for a visitor:
//! commands with a `cmid` are durable and idempotent, unknown fields are ignored.

use macro_rules_attribute::apply;

use super::command::{Handoff, History, Marks, Read, Send, Typing, UploadBegin, UploadCommit};
use super::event::{Edit, Event, Lifecycle, Note, Participant, Redact, SurveyResponse};
use super::reply::{
    Delta, ErrorBody, HistoryPage, Pong, Receipt, Sent, SubState, TypingNotice, UploadState,
    WireLimits,
};
use crate::plain;
use crate::plain::{Readable, Reading, Writable, Writing};
use crate::typescript::{protocol_ts, protocol_ts_optional};

/// A command with the number that its answer will carry.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct AgentFrame {
    /// Unique per connection while the answer is awaited.
    pub id: u32,
    /// The command, as one field named after it.
    #[cfg_attr(feature = "typescript", ts(flatten))]
    pub command: AgentCommand,
}

/// What an agent's console may ask.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub enum AgentCommand {
    /// The first frame: the token that the login gave.
    Connect(AgentConnect),
    /// Gives a conversation's newest events, then pushes what follows.
    Watch(ConversationRef),
    /// Ends the pushes of [`AgentCommand::Watch`].
    Unwatch(ConversationRef),
    /// Takes the conversation over.
    Assign(ConversationCommand),
    /// Gives the conversation to another agent, or back to the queue.
    Transfer(Transfer),
    /// Tells the other agents something (a `note`); the visitor learns nothing of it.
    Note(WriteNote),
    /// Says which file comes next, and asks how much of it is there already. As of a visitor.
    UploadBegin(UploadBegin),
    /// The file is there: from now on a message of this agent may name it. As of a visitor.
    UploadCommit(UploadCommit),
    /// Says something. Whoever answers has the conversation: an `assignment` comes before the
    /// message where somebody else, or nobody, had it.
    Send(Send),
    /// Says something else in place of a message of their own (an `edit`).
    Edit(EditMessage),
    /// Takes a message back, of whichever side (a `redact`).
    Redact(RedactMessage),
    /// A bot knows no further: the conversation waits for a person from now on.
    Handoff(Handoff),
    /// What a bot has written of an answer so far. Ephemeral: no answer. It `send`s the whole under the
    /// same id.
    Delta(Delta),
    /// The question is answered: the visitor is asked to rate.
    Resolve(ConversationCommand),
    /// How far this console has received, and the agent has read.
    Read(Read),
    /// The agent is, or is no longer, typing.
    Typing(Typing),
    /// Asks for a range of events.
    History(History),
    /// Asks for a `pong`.
    Ping {},
}

/// See [`AgentCommand::Connect`].
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct AgentConnect {
    /// See [`super::PROTOCOL_VERSION`].
    pub version: u32,
    /// From the login.
    pub token: String,
}

/// Names a conversation.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct ConversationRef {
    /// The conversation.
    pub conv: String,
}

/// A durable command on a conversation that needs nothing else.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct ConversationCommand {
    /// The conversation.
    pub conv: String,
    /// UUIDv7, made by the console.
    pub cmid: String,
}

/// See [`AgentCommand::Transfer`].
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Transfer {
    /// The conversation.
    pub conv: String,
    /// UUIDv7, made by the console.
    pub cmid: String,
    /// The agent's id; none gives it back to the queue.
    pub to: Option<String>,
    /// What they should know, as a `note` before it; may be empty.
    pub note: String,
}

/// See [`AgentCommand::Note`].
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct WriteNote {
    /// The conversation.
    pub conv: String,
    /// UUIDv7, made by the console.
    pub cmid: String,
    /// What is told.
    pub note: Note,
}

/// See [`AgentCommand::Edit`].
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct EditMessage {
    /// The conversation.
    pub conv: String,
    /// UUIDv7, made by the console.
    pub cmid: String,
    /// Which message, and what it says from now on.
    pub edit: Edit,
}

/// See [`AgentCommand::Redact`].
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct RedactMessage {
    /// The conversation.
    pub conv: String,
    /// UUIDv7, made by the console.
    pub cmid: String,
    /// Which message.
    pub redact: Redact,
}

/// The body of `POST /v1/agent/login`.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Login {
    /// The agent's address.
    pub email: String,
    /// The agent's password.
    pub password: String,
}

/// The answer to a login.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedIn {
    /// For [`AgentCommand::Connect`].
    pub token: String,
    /// Who logged in.
    pub agent: Participant,
}

/// A frame from the desk to a console.
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AgentServerFrame {
    /// The command's number.
    pub id: Option<u32>,
    /// The command was carried out.
    pub result: Option<AgentReply>,
    /// The command was not carried out.
    pub error: Option<ErrorBody>,
    /// Push: a conversation is new, or its line in the inbox changed.
    pub inbox: Option<InboxItem>,
    /// Push: a new entry of a watched conversation.
    #[cfg_attr(feature = "typescript", ts(as = "Option<super::event::WireEvent>"))]
    pub event: Option<Event>,
    /// Push: how far a side of a watched conversation is.
    pub read: Option<Receipt>,
    /// Push: somebody types in a watched conversation.
    pub typing: Option<TypingNotice>,
    /// Push: what a bot writes in a watched conversation.
    pub delta: Option<Delta>,
    /// Push: everybody to whom a conversation may be given, when somebody comes or goes.
    pub colleagues: Option<Vec<Colleague>>,
}

/// The result of a console's command; one field is set. `{}` is a plain "done".
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AgentReply {
    /// To `connect`.
    pub connected: Option<AgentConnected>,
    /// To `watch`.
    pub watched: Option<SubState>,
    /// To `send`, `edit`, `redact`, `note`, `handoff`, `assign`, `transfer`, `resolve`.
    pub sent: Option<Sent>,
    /// To `uploadBegin`, `uploadCommit`.
    pub upload: Option<UploadState>,
    /// To `history`.
    pub history: Option<HistoryPage>,
    /// To `ping`.
    pub pong: Option<Pong>,
}

/// The console's session.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct AgentConnected {
    /// Who is logged in.
    pub agent: Participant,
    /// The console pings so often.
    pub ping_interval_ms: u32,
    /// What the desk takes.
    pub limits: WireLimits,
    /// The newest conversations, newest first.
    pub inbox: Vec<InboxItem>,
    /// Everybody to whom a conversation may be given, by name.
    pub colleagues: Vec<Colleague>,
}

/// An agent, as the others see them.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague {
    /// Who it is.
    pub agent: Participant,
    /// Whether a console of theirs is connected.
    pub online: bool,
}

/// A conversation's line in the inbox.
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, PartialEq)]
pub struct InboxItem {
    /// The conversation.
    pub conv: String,
    /// The site on which it began.
    pub site: String,
    /// The page on which it began; may be empty.
    pub page: String,
    /// Who asks.
    pub visitor: Participant,
    /// Who the site says that they are; none where it says nothing, and a name is no more than a name.
    pub identity: Option<Identity>,
    /// BCP 47.
    pub locale: String,
    /// Where it is in its life.
    pub state: Lifecycle,
    /// Who has it.
    pub assignee: Option<Participant>,
    /// The highest `seq` of the log.
    pub top: u32,
    /// How far the agents are.
    pub agent_marks: Marks,
    /// Messages of the visitor after `agent_marks.read_seq`.
    pub unread: u32,
    /// The start of the newest message.
    pub preview: String,
    /// The number of the newest ticket in it. It is open as long as the conversation is: there is no other
    /// way to be done with it than to resolve that.
    pub ticket: Option<u32>,
    /// Since when it waits for an agent, if it does. Milliseconds since 1970, UTC.
    #[cfg_attr(feature = "typescript", ts(optional, type = "number"))]
    pub waiting_since: Option<u64>,
    /// When the log last grew. Milliseconds since 1970, UTC.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub updated_at: u64,
    /// The newest rating.
    pub rating: Option<SurveyResponse>,
}

/// A visitor whom the site's own back end has named.
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// As the site calls them: a customer's number, say.
    pub subject: String,
    /// Their address, where the site tells it.
    pub email: Option<String>,
}

plain!(
    enum AgentCommand {
        Connect(content),
        Watch(content),
        Unwatch(content),
        Assign(content),
        Transfer(content),
        Note(content),
        UploadBegin(content),
        UploadCommit(content),
        Send(content),
        Edit(content),
        Redact(content),
        Handoff(content),
        Delta(content),
        Resolve(content),
        Read(content),
        Typing(content),
        History(content),
        Ping {},
    }
);
plain!(struct AgentConnect { version, token });
plain!(struct ConversationRef { conv });
plain!(struct ConversationCommand { conv, cmid });
plain!(struct Transfer { conv, cmid, to; note });
plain!(struct WriteNote { conv, cmid, note });
plain!(struct EditMessage { conv, cmid, edit });
plain!(struct RedactMessage { conv, cmid, redact });
plain!(struct Login { email, password });
plain!(struct LoggedIn { token, agent });
plain!(struct AgentServerFrame { id, result, error, inbox, event, read, typing, delta, colleagues });
plain!(struct AgentReply { connected, watched, sent, upload, history, pong });
plain!(struct AgentConnected { agent, ping_interval_ms, limits, inbox; colleagues });
plain!(struct Colleague { agent, online });
plain!(struct Identity { subject, email });
plain!(struct InboxItem { conv, site, page, visitor, identity, locale, state, assignee, top, agent_marks, unread, preview, ticket, waiting_since, updated_at, rating });

impl Readable for AgentFrame {
    fn blank() -> Self {
        Self {
            id: 0,
            command: AgentCommand::blank(),
        }
    }

    fn take(&mut self, from: &mut Reading) {
        from.record("id ").field(&mut self.id);
        if from.misfit.is_none() {
            self.command.take(from);
        }
    }
}

impl Writable for AgentFrame {
    fn give(&self, to: &mut Writing) {
        to.value = self.command.write().with("id", self.id.write());
    }
}
plain!(@serde AgentFrame);
