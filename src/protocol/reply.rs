//! What the desk answers and pushes to a visitor's SDK.

use macro_rules_attribute::apply;

use super::command::Marks;
use super::event::{Event, Lifecycle, Participant, Role};
use crate::plain;
use crate::plain::Value;
use crate::typescript::{protocol_ts, protocol_ts_optional};

/// A frame from the desk: with `id`, the answer to a command (`result` or `error`); without, a push.
///
/// A struct of options rather than an enum, so that a push this version does not know is an empty
/// frame and not an error.
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServerFrame {
    /// The command's number.
    pub id: Option<u32>,
    /// The command was carried out.
    pub result: Option<Reply>,
    /// The command was not carried out.
    pub error: Option<ErrorBody>,
    /// Push: a new entry of a conversation's log.
    #[cfg_attr(feature = "typescript", ts(as = "Option<super::event::WireEvent>"))]
    pub event: Option<Event>,
    /// Push: how far a side has received and read; of the visitor's own side when another of the
    /// visitor's sessions moved it.
    pub read: Option<Receipt>,
    /// Push: the other side is typing.
    pub typing: Option<TypingNotice>,
    /// Push: a bot's answer as far as it is written.
    pub delta: Option<Delta>,
    /// Push: the site's surveys are others now.
    pub surveys: Option<super::survey::SurveySet>,
    /// Push: a survey was shown, answered or dismissed on another device; as in [`Connected::clocks`].
    #[cfg_attr(
        feature = "typescript",
        ts(type = "{ [of: string]: [number, number, number] }", optional)
    )]
    pub clocks: Option<Value>,
    /// Push: the place in the queue, when it changed, and after `connected` for each conversation that
    /// waits.
    pub queue: Option<QueueNotice>,
    /// Push: a conversation of this visitor began elsewhere (another tab or device), or a bot takes part
    /// in one for the first time.
    pub conversation: Option<SubState>,
    /// Push: whether somebody is there to answer.
    pub availability: Option<Availability>,
    /// Push: the desk is about to close the connection.
    pub disconnect: Option<Disconnect>,
}

/// The result of a command; one field is set, named after what it is. `{}` is a plain "done".
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// To `connect`.
    pub connected: Option<Connected>,
    /// To `open`.
    pub opened: Option<SubState>,
    /// To `send`, `ticket`, `handoff`, `close`, `survey`, `feedback`.
    pub sent: Option<Sent>,
    /// To `uploadBegin`, `uploadCommit`.
    pub upload: Option<UploadState>,
    /// To `refresh`.
    pub refreshed: Option<Refreshed>,
    /// To `history`.
    pub history: Option<HistoryPage>,
    /// To `ping`.
    pub pong: Option<Pong>,
}

/// Why a command was not carried out.
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorBody {
    /// One of [`super::error_code`].
    pub code: String,
    /// A sentence for a developer.
    pub message: String,
    /// Whether the same command may succeed later.
    pub temporary: bool,
    /// Not before so many milliseconds.
    pub retry_after_ms: Option<u32>,
}

/// The session, and where every conversation stands.
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Connected {
    /// Names this connection in logs.
    pub session: String,
    /// The visitor's id at the desk.
    pub visitor: String,
    /// A token that the client stores before it sends anything else; set when the desk made one.
    pub token: Option<String>,
    /// The token ends after so long, and the session with it, unless it is refreshed; none for a
    /// token that does not end.
    pub token_expires_in_ms: Option<u32>,
    /// The client pings so often.
    pub ping_interval_ms: u32,
    /// What the desk takes.
    pub limits: WireLimits,
    /// What the site is called.
    pub site_name: String,
    /// Whether somebody is there to answer.
    pub availability: Availability,
    /// The conversations that moved last and those that were named, newest last.
    pub subs: Vec<SubState>,
    /// The site's surveys, where they are not the ones that the client named.
    pub surveys: Option<super::survey::SurveySet>,
    /// What a visitor whom the site names was asked on any device: when it was last shown (milliseconds
    /// since 1970, UTC), how often, and whether it was answered (1, or 0). By a survey's id; by nothing
    /// for all surveys with a global cooldown; by a subject, as `csat/conversation/2`, that is done.
    #[cfg_attr(
        feature = "typescript",
        ts(type = "{ [of: string]: [number, number, number] }", optional)
    )]
    pub clocks: Option<Value>,
}

/// What the desk takes.
#[apply(protocol_ts!)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireLimits {
    /// The largest message on the socket.
    pub frame_bytes_max: u32,
    /// The longest text, in UTF-8 bytes.
    pub text_bytes_max: u32,
    /// The largest file; 0 where the desk takes none.
    pub attachment_bytes_max: u32,
}

/// See [`super::command::Refresh`].
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refreshed {
    /// The new token ends after so long.
    pub token_expires_in_ms: Option<u32>,
}

/// How far a file came.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadState {
    /// The file's.
    pub upload_id: String,
    /// How many of its bytes the desk has, from the first on.
    pub offset: u32,
    /// Whether it is whole, and may be named in a message.
    pub committed: bool,
}

/// A bot's answer as far as it is written. It has no `seq` and is not kept; the `message` that ends it
/// has its id as `cmid`, and stands in its place.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Delta {
    /// The conversation.
    pub conv: String,
    /// The `cmid` that the message will have.
    pub id: String,
    /// Who writes.
    pub by: Participant,
    /// All of the text so far: one that is lost is made good by the next. Empty where the bot gave up.
    pub text: String,
}

/// How many wait before this visitor, and for how long.
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueNotice {
    /// The conversation.
    pub conv: String,
    /// 1 is next; 0 where it does not wait any more.
    pub position: u32,
    /// Between this ...
    pub wait_ms_min: Option<u32>,
    /// ... and this it may take; none where nobody can tell.
    pub wait_ms_max: Option<u32>,
}

/// Whether somebody is there to answer.
#[apply(protocol_ts!)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Availability {
    /// Agents whose console is connected.
    pub agents_online: u32,
}

/// Where one conversation stands, and the events that the client lacks.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct SubState {
    /// The conversation.
    pub conv: String,
    /// Changes when the desk's log was replaced (restored from a backup, say).
    pub epoch: String,
    /// The highest `seq` of the log.
    pub top: u32,
    /// `true`: `events` continue the client's offset. `false`: load anew; `events` are the newest page.
    pub recovered: bool,
    /// Where it is in its life.
    pub state: Lifecycle,
    /// Everybody who took part.
    pub participants: Vec<Participant>,
    /// How far the visitor's devices are.
    pub visitor_marks: Marks,
    /// How far the agents are.
    pub agent_marks: Marks,
    /// Ascending by `seq`.
    #[cfg_attr(feature = "typescript", ts(as = "Vec<super::event::WireEvent>"))]
    pub events: Vec<Event>,
}

/// A durable command was committed.
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// The command's.
    pub cmid: String,
    /// The conversation; empty for a command outside one.
    pub conv: String,
    /// Of the conversation's log.
    pub epoch: String,
    /// The event that the command made; 0 for a command outside a conversation.
    pub seq: u32,
    /// When it was committed. Milliseconds since 1970, UTC.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub ts: u64,
    /// Whether it had been committed before.
    pub duplicate: bool,
    /// The number of the ticket that it made.
    pub ticket: Option<u32>,
}

/// A range of events.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryPage {
    /// The conversation.
    pub conv: String,
    /// Of the log.
    pub epoch: String,
    /// The highest `seq` of the log.
    pub top: u32,
    /// Ascending by `seq`.
    #[cfg_attr(feature = "typescript", ts(as = "Vec<super::event::WireEvent>"))]
    pub events: Vec<Event>,
}

/// The answer to `ping`.
#[apply(protocol_ts!)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pong {}

/// How far one side is.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    /// The conversation.
    pub conv: String,
    /// Whose.
    pub by: Role,
    /// How far.
    pub marks: Marks,
}

/// Somebody is, or is no longer, typing. Expires by itself after a few seconds.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct TypingNotice {
    /// The conversation.
    pub conv: String,
    /// Who.
    pub by: Participant,
    /// Whether it goes on.
    pub active: bool,
}

/// The desk is about to close the connection.
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Disconnect {
    /// One of [`super::close_code`].
    pub code: u16,
    /// Whether to come back.
    pub reconnect: bool,
    /// Not before so many milliseconds.
    pub retry_after_ms: Option<u32>,
}

plain!(struct ServerFrame { id, result, error, event, read, typing, delta, surveys, clocks, queue, conversation, availability, disconnect });
plain!(struct Reply { connected, opened, sent, upload, refreshed, history, pong });
plain!(struct Refreshed { token_expires_in_ms });
plain!(struct ErrorBody { code, retry_after_ms; message, temporary });
plain!(struct Connected { session, visitor, token, token_expires_in_ms, ping_interval_ms, limits, subs; site_name, availability, surveys, clocks });
plain!(struct WireLimits { frame_bytes_max, text_bytes_max; attachment_bytes_max });
plain!(struct UploadState { upload_id, offset; committed });
plain!(struct Delta { conv, id, by, text });
plain!(struct QueueNotice { conv, position; wait_ms_min, wait_ms_max });
plain!(struct Availability { ; agents_online });
plain!(struct SubState { conv, epoch, top, recovered, state, participants, events; visitor_marks, agent_marks });
plain!(struct Sent { cmid, ts; conv, epoch, seq, duplicate, ticket });
plain!(struct HistoryPage { conv, epoch, top, events });
plain!(
    struct Pong {}
);
plain!(struct Receipt { conv, by, marks });
plain!(struct TypingNotice { conv, by, active });
plain!(struct Disconnect { code, reconnect, retry_after_ms });
