//! Everything that the engine asks of the platform, and the records that it stores.

use macro_rules_attribute::apply;

use crate::plain;
use crate::plain::Value;
use crate::protocol::command::{ClientFrame, Marks, Open, Send};
use crate::protocol::command::{Close, Feedback, Handoff, Survey};
use crate::protocol::event::{Event, Lifecycle, Participant};
use crate::tabs::TabMessage;
use crate::typescript::{client_ts, client_ts_variants};

/// What the platform is to do, in order.
#[derive(Clone, Debug, PartialEq)]
#[allow(
    clippy::large_enum_variant,
    reason = "few are held at a time, and a box costs the browser more"
)]
pub enum Output {
    /// Read the store whole, after opening it if it is not open; answered by `Loaded` or `StorageLost`.
    Load,
    /// Read a part of the store, in one transaction; answered by `Read` or `StoreClosed`.
    Read(Wanted),
    /// Commit a batch in one transaction; answered by `Persisted` or `PersistFailed`. There is one at a time.
    Persist(Batch),
    /// The store is not used any more, and this tab keeps to itself.
    CloseStore,
    /// Tell the other tabs.
    Tell(TabMessage),
    /// The leading tab is silent: take the lead from it, if there are locks to take.
    Steal,
    /// Open the socket, after closing the one there is.
    Connect {
        /// The address, `ws://` or `wss://`.
        url: String,
    },
    /// Send a frame.
    Transmit(ClientFrame),
    /// Close the socket; no `SocketClosed` is expected.
    Disconnect,
    /// Send some bytes of a file, over HTTP; answered by `Uploaded`.
    SendChunk(Chunk),
    /// Nobody needs the bytes of this file any more.
    ForgetFile {
        /// The file's.
        upload_id: String,
    },
    /// Give `Woken` after so many milliseconds. Replaces the last one.
    Wake {
        /// How long.
        after_ms: u32,
    },
    /// The view is not what it was.
    Changed,
    /// Tell the page.
    Event(HostEvent),
}

/// Some bytes of a file that the device keeps, and where they go: see [`crate::protocol`], "Files".
#[apply(client_ts!)]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chunk {
    /// The file's.
    pub upload_id: String,
    /// Where they go, `https://` or `http://`.
    pub url: String,
    /// The bearer; empty where there is none.
    pub token: String,
    /// The first byte.
    pub offset: u32,
    /// How many.
    pub bytes: u32,
}

/// What the page is told, with the name it listens for.
#[apply(client_ts_variants!)]
#[derive(Clone, Debug, PartialEq)]
pub enum HostEvent {
    /// A message from somebody else came.
    MessageReceived {
        /// The conversation.
        conv: String,
        /// Who wrote it.
        author: Participant,
        /// The text.
        text: String,
    },
    /// The unread count changed.
    UnreadChanged {
        /// Over all conversations.
        unread: u32,
    },
    /// A conversation began at the desk.
    ConversationStarted {
        /// The conversation.
        conv: String,
    },
    /// A conversation was resolved.
    ConversationResolved {
        /// The conversation.
        conv: String,
    },
    /// The desk refused a command for good that is no message. What the visitor did stays, in the view: see
    /// [`crate::view::View::refused`]. Or what was done before the device's store was read found no room in
    /// it (`outbox_full`), or had no place to go.
    CommandRefused {
        /// Which, as in `feedback`.
        command: String,
        /// The desk's error code.
        code: String,
    },
    /// The desk wants to be shown who this is: bring a token by `Action::Identify`.
    TokenWanted {
        /// As in the configuration.
        user: String,
    },
    /// Something became of a survey.
    Survey {
        /// `shown`, `answered`, `completed`, `dismissed`, `expired` or `suppressed`.
        what: String,
        /// Which survey; empty where its definition was refused.
        survey_id: String,
        /// Which response.
        response_id: String,
        /// The element that was answered; why it was suppressed.
        detail: String,
        /// The first rating so far.
        rating: Option<u8>,
    },
}

/// Changes that are committed together or not at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Counts the batches of this engine, from 1.
    pub rev: u32,
    /// The generation of leaders that the store must still be in, or the batch is refused as `stale`;
    /// none for what any tab may write.
    pub generation: Option<u32>,
    /// Whether the commit must have reached the disk (the journal) or may be redone from the desk (the rest).
    pub strict: bool,
    /// Whether only the leading tab may write it.
    pub guarded: bool,
    /// In order.
    pub ops: Vec<StoreOp>,
}

/// One change of the store.
#[derive(Clone, Debug, PartialEq)]
pub enum StoreOp {
    /// Writes the device's own record where there is none.
    MakeMeta(Meta),
    /// Replaces the device's own record. The batch is refused as `stale` where the stored token is another
    /// than the one that was known: another tab has been somebody else meanwhile.
    SetMeta {
        /// The new record.
        meta: Meta,
        /// The token that it replaces.
        was: Option<String>,
    },
    /// Adds to the journal. The store gives the number, counted up in the same transaction.
    Enqueue(Entry),
    /// Replaces an entry of the journal, if it is still there.
    UpdateEntry(Entry),
    /// Takes an entry out of the journal.
    Dequeue {
        /// Its number.
        local_seq: u32,
    },
    /// Replaces a conversation's record.
    SetConversation(ConversationRecord),
    /// Adds to a conversation's log.
    PutEvents(Vec<Event>),
    /// Removes the oldest part of a conversation's log, or all of it. What is wanted of it again comes
    /// from the desk.
    ClearEvents {
        /// The conversation.
        conv: String,
        /// The last `seq` that goes.
        up_to: u32,
    },
    /// Empties every log and removes every conversation's record: the desk has them still.
    DropCache,
    /// Keeps a value of the engine's own under a name.
    Keep {
        /// The name.
        name: String,
        /// The value.
        value: Value,
    },
    /// Keeps what was typed; empty text removes it.
    SetDraft {
        /// The conversation.
        conv: String,
        /// The text.
        text: String,
    },
}

/// A part of the store. Drafts and the device's own record are always in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// The journal too.
    pub journal: bool,
    /// These conversations' records, and of their logs these ranges.
    pub events: Vec<Range>,
}

/// A range of a conversation's log, of which the newest are read if there are too many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The conversation.
    pub conv: String,
    /// The lowest `seq`.
    pub from: u32,
    /// The highest.
    pub to: u32,
}

/// All that the store holds, or what was wanted of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stored {
    /// The device's own record; none on first contact.
    pub meta: Option<Meta>,
    /// The journal, by number.
    pub journal: Vec<Entry>,
    /// Every conversation.
    pub conversations: Vec<ConversationRecord>,
    /// The newest events of each conversation, ascending by `seq` within one.
    pub events: Vec<Event>,
    /// Conversation and text.
    pub drafts: Vec<(String, String)>,
    /// What was kept under each name.
    pub kept: Vec<(String, Value)>,
    /// A newer version of this package wrote it: nothing of it may be changed, and what waits in it
    /// is that version's to send.
    pub newer: bool,
}

/// The device's own record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// Made once.
    pub client_id: String,
    /// The visitor's token.
    pub token: Option<String>,
    /// The visitor's id at the desk; empty until known.
    pub visitor: String,
    /// The largest file that the desk takes, as it said last; 0 where it takes none, none until known.
    pub attachment_bytes_max: Option<u32>,
}

/// One durable command that waits for its acknowledgement.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its number in the journal; 0 until the store gave one.
    pub local_seq: u32,
    /// When it was made. Milliseconds since 1970, UTC.
    pub made_at: u64,
    /// Who wrote it, as in [`Meta`]; empty where that was not known yet.
    pub visitor: String,
    /// What to send.
    pub command: Durable,
    /// Why the desk refused it for good. Such an entry waits for the visitor and blocks nothing.
    pub failed: Option<String>,
}

/// The commands that travel by the journal.
#[derive(Clone, Debug, PartialEq)]
pub enum Durable {
    /// Starts a conversation.
    Open(Open),
    /// Says something.
    Send(Send),
    /// Asks for a person.
    Handoff(Handoff),
    /// Ends a conversation.
    Close(Close),
    /// Answers a survey.
    Survey(Survey),
    /// Rates an article.
    Feedback(Feedback),
}

/// What is known of a conversation beside its log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConversationRecord {
    /// The conversation.
    pub id: String,
    /// Of the log.
    pub epoch: String,
    /// The highest `seq` applied. Written in the same transaction as the events up to it.
    pub cursor: u32,
    /// Where it is in its life.
    pub state: Lifecycle,
    /// Everybody who took part.
    pub participants: Vec<Participant>,
    /// How far this visitor is.
    pub visitor_marks: Marks,
    /// How far the agents are.
    pub agent_marks: Marks,
}

plain!(enum HostEvent { MessageReceived { conv, author, text }, UnreadChanged { unread }, ConversationStarted { conv }, ConversationResolved { conv }, CommandRefused { command, code }, TokenWanted { user }, Survey { what, survey_id, response_id, detail, rating } });
plain!(struct Chunk { upload_id, url, token, offset, bytes });
plain!(struct Meta { ; client_id, token, visitor, attachment_bytes_max });
plain!(struct Entry { made_at, command, failed; local_seq, visitor });
plain!(
    enum Durable {
        Open(content),
        Send(content | Ticket),
        Handoff(content),
        Close(content),
        Survey(content),
        Feedback(content),
    }
);
plain!(struct ConversationRecord { ; id, epoch, cursor, state, participants, visitor_marks, agent_marks });
