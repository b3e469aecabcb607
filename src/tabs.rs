//! What the tabs of one visitor tell each other. Content never travels here: a tab is told what
//! changed, and reads it from the store. Only what no store holds is told as it is.

use crate::plain;
use crate::protocol::command::Marks;
use crate::protocol::event::Participant;
use crate::protocol::reply::{Delta, QueueNotice};
use crate::view::Connection;

/// A word from one tab to all others.
#[derive(Clone, Debug, PartialEq)]
pub enum TabMessage {
    /// From the leading tab, each second and whenever it changes.
    Leads(Lead),
    /// A tab has committed something.
    Changed(Changed),
    /// A tab has come, or has come back, or wants the desk.
    Hello {
        /// Whether it wants the desk to be connected.
        wants_desk: bool,
    },
    /// The visitor has come so far in a conversation, in a tab that cannot tell the desk.
    Marked {
        /// The conversation.
        conv: String,
        /// How far.
        marks: Marks,
    },
    /// The visitor types, or no longer does, in a tab that cannot tell the desk.
    Typing {
        /// The conversation.
        conv: String,
        /// Whether it goes on.
        active: bool,
    },
    /// Older entries are wanted in the store.
    Older {
        /// The conversation.
        conv: String,
        /// Those before this `seq`; 0 says that there are none to be had now.
        before: u32,
    },
}

/// What only the tab with the connection knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lead {
    /// Counts the leaders, from 1.
    pub generation: u32,
    /// The way to the desk.
    pub connection: Connection,
    /// The site's name as the desk gives it.
    pub site_name: String,
    /// How many agents are there.
    pub agents_online: Option<u32>,
    /// The longest message that the desk takes.
    pub text_bytes_max: u32,
    /// The ids of the entries that are on their way.
    pub sending: Vec<String>,
    /// Who types.
    pub typing: Vec<TypingIn>,
    /// What bots are writing.
    pub streams: Vec<Delta>,
    /// Places in the queue.
    pub queue: Vec<QueueNotice>,
}

/// Somebody types in a conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct TypingIn {
    /// The conversation.
    pub conv: String,
    /// Who.
    pub by: Participant,
}

/// What a commit changed; drafts and the device's own record are always looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changed {
    /// Whether it changed the journal.
    pub journal: bool,
    /// The conversations whose record or log it changed.
    pub conversations: Vec<String>,
}

plain!(enum TabMessage { Leads(content), Changed(content), Hello { wants_desk }, Marked { conv, marks }, Typing { conv, active }, Older { conv, before } });
plain!(struct Lead { generation, connection, agents_online; site_name, text_bytes_max, sending, typing, streams, queue });
plain!(struct TypingIn { conv, by });
plain!(struct Changed { ; journal, conversations });
