//! What a screen shows: plain data, derived from the engine's state and drawn as it is.
//!
//! Nothing here is text for people, but what people wrote: a screen finds its words in its own
//! locale files by these names and codes.

use macro_rules_attribute::apply;

use crate::plain;
use crate::plain::Value;
use crate::protocol::content::{Attachment, Button, Card, Field, Ticket};
use crate::protocol::event::{Lifecycle, Participant};
use crate::richtext::Block;
use crate::typescript::{view_ts, view_ts_variants};
use std::rc::Rc;

/// Everything that the widget draws.
#[apply(view_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Whether what the device stored has been read; until then nothing of the past is known.
    pub ready: bool,
    /// The way to the desk.
    pub connection: Connection,
    /// The way to the device's store.
    pub storage: Storage,
    /// The site's name as the desk gives it; empty until connected once.
    pub site_name: String,
    /// How many agents are there; `null` until known.
    pub agents_online: Option<u32>,
    /// Messages from others that have not been looked at, over all conversations.
    pub unread: u32,
    /// Messages and answers that wait on this device, over all conversations.
    pub waiting: u32,
    /// The largest file that the desk takes, as it said last; 0 where it takes none, or has yet to say.
    pub attachment_bytes_max: u32,
    /// Every conversation, the newest first.
    pub conversations: Vec<Summary>,
    /// The conversation on the screen.
    pub conversation: Option<ConversationView>,
    /// The surveys that are offered, or were answered and not put away yet; the oldest first.
    pub surveys: Vec<SurveyView>,
    /// What the visitor did beside messages, and the desk refused for good; the oldest first.
    pub refused: Vec<Refused>,
}

/// An answer, a rating, a request for a person or an end that waits for the visitor: sent again by [`crate::Action::Retry`], given up by
/// [`crate::Action::Discard`].
#[apply(view_ts!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Of the entry.
    pub key: String,
    /// Which command: `survey`, `feedback`, `handoff`, `close`.
    pub command: String,
    /// The desk's error code.
    pub code: String,
}

/// The way to the desk.
#[apply(view_ts_variants!)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// Nothing needs the desk yet.
    #[default]
    Idle,
    /// The socket opens, or the desk has not answered `connect` yet.
    Connecting,
    /// The desk answers.
    Online,
    /// The device says that it has no network.
    Offline,
    /// The desk could not be reached; it is tried again by itself.
    Unreachable {
        /// Tries since it last answered.
        attempts: u32,
    },
    /// The desk refuses this site or this version; trying again would not help.
    Refused {
        /// The desk's error code.
        code: String,
    },
}

/// The way to the device's store.
#[apply(view_ts_variants!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Storage {
    /// Being opened.
    Opening,
    /// What is written survives a reload.
    Durable,
    /// What is written lives as long as the page; the visitor is told.
    Memory {
        /// Why, as in `unavailable`, `quota`, `broken`.
        code: String,
    },
}

/// A conversation's line in a list.
#[apply(view_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The conversation.
    pub id: String,
    /// Where it is in its life.
    pub state: Lifecycle,
    /// Who has it, or had it last.
    pub agent: Option<Participant>,
    /// The start of the newest message.
    pub preview: String,
    /// When the newest entry was made. Milliseconds since 1970, UTC; 0 where there is none.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub updated_at: u64,
    /// Messages from others that have not been looked at.
    pub unread: u32,
}

/// A conversation, drawn whole.
#[apply(view_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct ConversationView {
    /// The conversation.
    pub id: String,
    /// Where it is in its life.
    pub state: Lifecycle,
    /// Who has it, or had it last.
    pub agent: Option<Participant>,
    /// Who is typing now.
    pub typing: Option<Participant>,
    /// Where it stands in the queue; none while it does not wait, or nobody knows.
    pub queue: Option<QueueView>,
    /// Oldest first: what is read of the log, then what bots are writing, then what waits on this device.
    pub items: Vec<Item>,
    /// Whether there are older entries than `items`.
    pub has_older: bool,
    /// Whether there are newer ones: something from long ago is being read, and what is new is not
    /// among `items`.
    pub has_newer: bool,
    /// Whether a page of entries is being fetched.
    pub loading: bool,
    /// Answers that are offered to the visitor, as buttons.
    pub quick_replies: Vec<Button>,
    /// The `key` of the first item that had not been looked at when the conversation came on screen.
    pub first_unread: Option<String>,
    /// What was typed and not sent.
    pub draft: String,
}

/// One entry of the timeline.
#[apply(view_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Stable over the entry's life, so that a bubble stays the same element.
    pub key: String,
    /// When it was made. Milliseconds since 1970, UTC.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub ts: u64,
    /// What it is.
    pub body: ItemBody,
}

/// What an entry of the timeline is.
#[apply(view_ts_variants!)]
#[derive(Clone, Debug, PartialEq)]
pub enum ItemBody {
    /// Somebody wrote.
    Message {
        /// Whether it is the visitor's own.
        mine: bool,
        /// Who wrote it.
        author: Participant,
        /// What it says.
        content: Rc<Vec<Block>>,
        /// How far it has come; only for the visitor's own.
        status: Option<Status>,
        /// Whether it says something else than at first.
        edited: bool,
        /// Whether a bot is still writing it.
        writing: bool,
        /// Shown side by side under the text.
        cards: Vec<Card>,
        /// What the visitor is asked to fill in.
        form: Option<FormView>,
        /// Its files.
        files: Vec<FileView>,
        /// Where it is to be answered, if it was left as a ticket; the number as soon as the desk has it.
        ticket: Option<Ticket>,
    },
    /// A message that was taken back.
    Redacted {
        /// Whether it was the visitor's own.
        mine: bool,
        /// Who wrote it.
        author: Participant,
    },
    /// The desk itself says something.
    Note {
        /// What.
        content: Rc<Vec<Block>>,
    },
    /// The visitor asked for a person.
    HandedOff,
    /// An agent took the conversation over.
    Assigned {
        /// Who.
        agent: Participant,
    },
    /// The conversation was resolved.
    Resolved,
    /// The conversation came back.
    Reopened,
    /// The conversation ended.
    Closed,
    /// The visitor rated.
    Rated {
        /// 1 to `scale`.
        rating: u8,
        /// Points of the scale.
        scale: u8,
    },
}

/// A place in the queue.
#[apply(view_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct QueueView {
    /// 1 is next.
    pub position: u32,
    /// Between this ...
    pub wait_ms_min: Option<u32>,
    /// ... and this it may take; none where nobody can tell.
    pub wait_ms_max: Option<u32>,
}

/// A form in a message.
#[apply(view_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct FormView {
    /// Names the form in [`crate::input::Action::Submit`].
    pub seq: u32,
    /// In order.
    pub fields: Vec<Field>,
    /// What stands on its button; empty for the widget's own word.
    pub submit: String,
    /// Whether the visitor has filled it in.
    pub answered: bool,
}

/// A file in a message.
#[apply(view_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct FileView {
    /// What it is.
    pub file: Attachment,
    /// How many of its bytes have gone up; none where it is up already.
    pub sent_bytes: Option<u32>,
}

/// How far a message of the visitor has come. It only moves forward, but for a failure and its retry.
#[apply(view_ts_variants!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Being written to the device's store.
    Saving,
    /// Stored on the device (or held in memory, see [`Storage`]); goes out when it can.
    Queued,
    /// Handed to the network, not yet acknowledged.
    Sending,
    /// Committed by the desk.
    Sent,
    /// Has reached an agent's console.
    Delivered,
    /// Has been looked at.
    Read,
    /// Refused for good; the visitor may retry or discard it.
    Failed {
        /// The desk's error code.
        code: String,
    },
}

/// A survey that is offered, or was answered and not put away yet.
#[apply(view_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct SurveyView {
    /// Names the response in [`crate::input::SurveyAction`].
    pub response_id: String,
    /// Which survey.
    pub survey_id: String,
    /// Where it is to be drawn: `widget`, `inline` or `headless`.
    pub source: String,
    /// The conversation that it is about.
    pub conv: Option<String>,
    /// Who is rated.
    pub agent: Option<Participant>,
    /// BCP 47: in which the questions are.
    pub language: String,
    /// What is asked now; empty once it is finished.
    pub questions: Vec<Question>,
    /// Whether the visitor tried to go on while something was lacking: only then is it said.
    pub tried: bool,
    /// Which of the steps this is, from 1.
    pub step: u32,
    /// How many there are, if the visitor goes the longest way from here.
    pub steps: u32,
    /// Whether the visitor is done.
    pub finished: bool,
    /// The end screen, in the response's language; `null` where there is none.
    #[cfg_attr(
        feature = "typescript",
        ts(
            type = "{ readonly id: string; readonly headline: string; readonly description?: string } | null"
        )
    )]
    pub ending: Value,
    /// Whether a finished response may be changed.
    pub editable: bool,
    /// The first rating so far.
    pub rating: Option<u8>,
    /// Whether the latest answer still waits on this device.
    pub waiting: bool,
}

/// A question as it is drawn.
#[apply(view_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The element, its texts in the response's language.
    #[cfg_attr(
        feature = "typescript",
        ts(
            type = "{ readonly type: string; readonly id: string; readonly headline: string; readonly description?: string; readonly scale?: string; readonly range?: number; readonly lowerLabel?: string; readonly upperLabel?: string; readonly choices?: readonly { readonly id: string; readonly label: string }[]; readonly other?: { readonly label: string; readonly placeholder?: string }; readonly multiline?: boolean; readonly placeholder?: string; readonly validation?: { readonly kind?: string; readonly min?: number; readonly max?: number; readonly minLength?: number; readonly maxLength?: number }; readonly yesLabel?: string; readonly noLabel?: string; readonly label?: string }"
        )
    )]
    pub element: Value,
    /// The answer so far; `null` where there is none.
    #[cfg_attr(feature = "typescript", ts(type = "unknown"))]
    pub value: Value,
    /// Whether it must be answered.
    pub required: bool,
    /// What the answer lacks, as a code; `null` where it will do.
    pub problem: Option<String>,
}

plain!(view View { ready, connection, storage, site_name, agents_online, unread, waiting, attachment_bytes_max, conversations, conversation, surveys, refused });
plain!(view Refused { key, command, code });
plain!(enum Connection { Idle, Connecting, Online, Offline, Unreachable { attempts }, Refused { code } });
plain!(enum Storage { Opening, Durable, Memory { code } });
plain!(view Summary { id, state, agent, preview, updated_at, unread });
plain!(view ConversationView { id, state, agent, typing, queue, items, has_older, has_newer, loading, quick_replies, first_unread, draft });
plain!(view Item { key, ts, body });
plain!(enum ItemBody { Message { mine, author, content, status, edited, writing, cards, form, files, ticket }, Redacted { mine, author }, Note { content }, HandedOff, Assigned { agent }, Resolved, Reopened, Closed, Rated { rating, scale } });
plain!(view QueueView { position, wait_ms_min, wait_ms_max });
plain!(view FormView { seq, fields, submit, answered });
plain!(view FileView { file, sent_bytes });
plain!(enum Status { Saving, Queued, Sending, Sent, Delivered, Read, Failed { code } });
plain!(view SurveyView { response_id, survey_id, source, conv, agent, language, questions, tried, step, steps, finished, ending, editable, rating, waiting });
plain!(view Question { element, value, required, problem });
