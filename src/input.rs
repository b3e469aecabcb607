//! Everything that can happen to the engine.

use macro_rules_attribute::apply;

use crate::output::Stored;
use crate::plain;
use crate::plain::Value;
use crate::protocol::content::{Attachment, Ticket};
use crate::protocol::event::ShownArticle;
use crate::protocol::reply::{ErrorBody, ServerFrame};
use crate::tabs::TabMessage;
use crate::typescript::{client_ts, client_ts_optional, client_ts_variants};

/// The time of an input. Two clocks, because the wall clock jumps and the other does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds since some fixed moment; never goes back. Drives every delay.
    pub mono_ms: u64,
    /// Milliseconds since 1970, UTC, as the device believes. Only ever shown, or put into ids.
    pub wall_ms: u64,
}

/// What an engine is made for.
#[apply(client_ts!)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// The desk's address: `http://` or `https://`, host, optional port and path.
    pub desk: String,
    /// The site's id at that desk.
    pub site: String,
    /// BCP 47.
    pub locale: String,
    /// The page, without query and fragment; may be empty.
    pub page: String,
    /// Who is signed in at the site, as in its tokens' `sub`; empty for a visitor whom it does not know.
    /// What the device stores is apart for each.
    pub user: String,
    /// Whether the page lets surveys come up by themselves: then the desk is asked for them, and what
    /// they remember is stored, before the visitor does anything.
    pub surveys: bool,
}

/// Why a store is lost that has not opened in time, and may open yet: then it is `Loaded` all the same.
pub const SLOW: &str = "slow";

/// Something happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The visitor, or the page in the visitor's name, did something.
    Visitor(Action),
    /// The store was read; answers [`crate::output::Output::Load`].
    Loaded(Stored),
    /// The store cannot be used; the engine goes on in memory.
    StorageLost {
        /// Why: `unavailable`, `quota`, `broken`, `blocked`, or [`SLOW`].
        code: String,
    },
    /// A batch was committed; answers [`crate::output::Output::Persist`].
    Persisted {
        /// The batch's.
        rev: u32,
        /// The journal numbers of the batch's new entries, in their order.
        local_seqs: Vec<u32>,
    },
    /// A batch was not committed, and will not be; nothing of it is in the store.
    PersistFailed {
        /// The batch's.
        rev: u32,
        /// Why: `stale` where another tab leads now, `quota`, `broken`, `unavailable`.
        code: String,
    },
    /// A part of the store was read; answers [`crate::output::Output::Read`]. Nothing from a platform
    /// that reads no parts, where only this engine writes.
    Read(Option<Stored>),
    /// The store's connection is dead, or had to be given up. It is opened once more.
    StoreClosed {
        /// Why, should it not open again: `broken`, `newer`.
        code: String,
    },
    /// This tab has the connection to the desk from now on. An engine that hears neither this nor
    /// `Following` leads, with nothing to check its generation against.
    Leading {
        /// As it is in the store, counted up by this tab; 0 where tabs cannot agree on a leader, and
        /// each of them sends.
        generation: u32,
    },
    /// Another tab has the connection.
    Following,
    /// Another tab said something.
    Told(TabMessage),
    /// A part of a file went up, or did not; answers [`crate::output::Output::SendChunk`].
    Uploaded(Uploaded),
    /// The socket is open.
    SocketOpened,
    /// Frames came.
    Received(Vec<ServerFrame>),
    /// The socket closed, or could not be opened.
    SocketClosed {
        /// The close code; 1006 where there was none.
        code: u16,
    },
    /// The device has, or has lost, its network.
    Network {
        /// Whether it has one.
        online: bool,
    },
    /// The page came to the front, or back from a cache: whatever the socket and the store say, check them.
    Resumed,
    /// The page went to the back.
    Hidden,
    /// The page is put away whole, and may come back: then it hears `Resumed`.
    Suspended,
    /// The time asked for by [`crate::output::Output::Wake`] has come.
    Woken,
}

/// What became of a part of a file.
#[apply(client_ts_optional!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Uploaded {
    /// The file's.
    pub upload_id: String,
    /// How many bytes the desk has now.
    pub offset: Option<u32>,
    /// Of all bytes of the file, in lower-case hexadecimal; where the device can work it out.
    pub sha256: Option<String>,
    /// Why it did not go: the desk's error, or `file_unreadable`, or a temporary one of the network.
    pub error: Option<ErrorBody>,
}

impl Uploaded {
    /// The device does not have the file's bytes, or cannot read them.
    pub fn unreadable(upload_id: String) -> Self {
        let error = ErrorBody {
            code: "file_unreadable".into(),
            message: String::new(),
            temporary: false,
            retry_after_ms: None,
        };
        Self {
            upload_id,
            offset: None,
            sha256: None,
            error: Some(error),
        }
    }
}

/// What is done with surveys: one act, and what it is done to.
///
/// | `act` | `id` | `name` | `value` |
/// |---|---|---|---|
/// | `define`: the page brings a definition; refused with `survey_definition` | | | the definition |
/// | `start`: asks now, or goes on where the visitor stopped | the survey | where it is drawn: `widget`, `inline`, `headless` | its hidden fields |
/// | `event`: something that surveys may wait for | | the event | its properties |
/// | `url`: another page came | | its address | |
/// | `scrollShare`: so much of it was scrolled through | | | percent |
/// | `exitIntent`: the visitor is about to leave | | | |
/// | `seen`: a survey is before the visitor's eyes | the response | | |
/// | `answer`: saved and sent each time | the response | the element | the answer; null takes it back |
/// | `next`: submits the questions on the screen | the response | | |
/// | `back`: to the questions before | the response | | |
/// | `edit`: opens a finished response again | the response | | |
/// | `dismiss`: waves it away, or puts a finished one away | the response | | |
#[apply(client_ts_optional!)]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SurveyAction {
    /// What is done.
    #[cfg_attr(
        feature = "typescript",
        ts(
            type = "\"define\" | \"start\" | \"event\" | \"url\" | \"scrollShare\" | \"exitIntent\" | \"seen\" | \"answer\" | \"next\" | \"back\" | \"edit\" | \"dismiss\""
        )
    )]
    pub act: String,
    /// The survey, or the response.
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub id: String,
    /// See above.
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub name: String,
    /// See above.
    #[cfg_attr(feature = "typescript", ts(type = "unknown", optional))]
    pub value: Value,
}

/// What a visitor does.
#[apply(client_ts_variants!)]
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Puts a conversation on the screen: the one named, else the newest that is open, else a new one
    /// (which exists nowhere until something is said in it).
    Open {
        /// The conversation.
        conv: Option<String>,
    },
    /// Puts a new conversation on the screen.
    OpenNew,
    /// Takes the conversation off the screen.
    Leave,
    /// Whether the visitor can see the conversation on the screen right now; what can be seen is read.
    Look {
        /// Whether it can be seen.
        visible: bool,
    },
    /// Keeps what is being typed, and tells the other side that somebody types.
    Draft {
        /// The conversation.
        conv: String,
        /// The whole text so far.
        text: String,
    },
    /// Says something. Empty text is refused (`empty`), too long text as well (`too_long`).
    Send {
        /// The conversation.
        conv: String,
        /// The text.
        text: String,
        /// Leaves it as a ticket, since nobody is there: where it is to be answered. Refused where that is
        /// neither an e-mail address nor a phone number (`reply_to_invalid`).
        #[cfg_attr(feature = "typescript", ts(optional))]
        ticket: Option<Ticket>,
    },
    /// Answers with a button: says its title.
    Choose {
        /// The conversation.
        conv: String,
        /// What stands on the button.
        title: String,
        /// What it carries.
        payload: Option<String>,
    },
    /// Answers a form. A required field without an answer is refused (`field_missing`).
    Submit {
        /// The conversation.
        conv: String,
        /// The form's [`crate::view::FormView::seq`].
        form: u32,
        /// Names of fields and what was put in.
        values: Vec<(String, String)>,
    },
    /// Says a file, whose bytes the platform keeps already. It is refused where the desk takes none
    /// (`no_files`), or none so large (`file_too_large`).
    Attach {
        /// The conversation.
        conv: String,
        /// The file.
        file: Attachment,
    },
    /// Asks for a person, and says what the person should know.
    Handoff {
        /// The conversation.
        conv: String,
        /// See [`crate::protocol::event::HandoffContext::reason`].
        reason: String,
        /// What was searched for last; may be empty.
        query: String,
        /// The articles that were shown, the latest last.
        articles: Vec<ShownArticle>,
    },
    /// Sends a failed message, or what else was refused, once more.
    Retry {
        /// The item's key, or the refused entry's.
        key: String,
    },
    /// Takes a failed message back into the draft, after what is typed there. The address of a ticket is not
    /// part of a draft: a form takes it from the item first.
    Edit {
        /// The item's key.
        key: String,
    },
    /// Gives a failed message, or what else was refused, up.
    Discard {
        /// The item's key, or the refused entry's.
        key: String,
    },
    /// Goes on to older entries of the conversation on the screen.
    Older,
    /// Goes on to newer ones, where older ones are being read.
    Newer,
    /// Goes back to the newest.
    Latest,
    /// The visitor ends the conversation.
    End {
        /// The conversation.
        conv: String,
    },
    /// Does something with surveys.
    Survey(SurveyAction),
    /// Says whether an article helped.
    Feedback {
        /// The article's id.
        article: String,
        /// Whether it helped.
        helpful: bool,
        /// What had been searched for; may be empty.
        query: String,
    },
    /// Tries the desk now instead of waiting.
    Reconnect,
    /// Brings a token of the site's own back end: at first, and whenever one is wanted.
    Identify {
        /// A JWT that names `Config::user`.
        token: String,
    },
}

plain!(struct Uploaded { upload_id; offset, sha256, error });
plain!(struct Config { ; desk, site, locale, page, user, surveys });
plain!(struct SurveyAction { act; id, name, value });
plain!(enum Action { Open { conv }, OpenNew, Leave, Look { visible }, Draft { conv, text }, Send { conv, text, ticket }, Choose { conv, title, payload }, Submit { conv, form, values }, Attach { conv, file }, Handoff { conv, reason, query, articles }, Retry { key }, Edit { key }, Discard { key }, Older, Newer, Latest, End { conv }, Survey(action), Feedback { article, helpful, query }, Reconnect, Identify { token } });
