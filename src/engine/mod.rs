//! The engine: everything that can happen comes in as an [`Input`], everything to be done comes out
//! as an [`Output`]. It knows no clock, no randomness, no network, no storage and no JavaScript.
//!
//! | Room | What |
//! |---|---|
//! | `link` | the connection: its state machine |
//! | `connect` | what is done by it |
//! | `identity` | a visitor whom the site names |
//! | `visitor` | what the visitor does |
//! | `say` | what the visitor says: into the journal, and out of it where it failed |
//! | `desk` | what the desk says |
//! | `entries` | what becomes of what was sent |
//! | `marks` | how far the visitor has read |
//! | `store` | what the device's store says |
//! | `restore` | what it held |
//! | `tabs` | which tab has the connection, and how the others keep up |
//! | `merge` | what other tabs have written |
//! | `due` | what a clock ends |
//! | `pages` | reading what is not in memory |
//! | `files` | files on their way to the desk |
//! | `survey` | what is asked of the visitor |
//! | `present` | what a screen shows |

mod connect;
mod desk;
mod due;
mod entries;
mod files;
mod identity;
mod link;
mod marks;
mod merge;
mod pages;
mod present;
mod restore;
mod say;
mod store;
#[cfg(feature = "survey")]
mod survey;
mod tabs;
mod visitor;

use crate::conversation::{Conversation, Conversations};
use crate::error::Error;
use crate::input::{Config, Input, Now};
use crate::limits::{ACK_TIMEOUT_MS, TEXT_BYTES_MAX};
use crate::outbox::{EXPIRED, Outbox, Slot};
use crate::output::{Durable, HostEvent, Meta, Output};
use crate::planted::{self, Bug};
use crate::protocol::command::Command;
use crate::protocol::error_code;
use crate::protocol::reply::{Availability, ServerFrame};
use crate::queue::Queue;
use crate::rng::Rng;
use identity::Identity;
use link::{Link, Phase};
use store::Store;
use tabs::Tabs;

/// What an answer from the desk will be about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Awaiting {
    /// `connect`.
    Connect,
    /// The journal's entry of this id.
    Entry(String),
    /// Events that were missed in this conversation.
    Gap(String),
    /// How far the visitor is in this conversation.
    Marks(String),
    /// A page of this conversation's log, for who reads in it.
    Page(String),
    /// A step in the upload of this file.
    Upload(String),
    /// `refresh`.
    Refresh,
}

/// What the visitor looks at.
#[derive(Clone, Debug, Default)]
struct Screen {
    conv: Option<String>,
    /// Nobody asked for this conversation by name.
    newest: bool,
    visible: bool,
    first_unread: Option<String>,
}

/// A draft that has yet to be stored, and who was told that somebody types.
#[derive(Clone, Debug, Default)]
struct Typing {
    /// The conversation whose draft is not stored, and when to store it.
    unsaved: Option<(String, u64)>,
    /// The conversation in which "typing" was told, when to say it again, when to take it back.
    told: Option<(String, u64, u64)>,
}

/// The engine. See the crate's documentation for how to drive it.
#[derive(Clone, Debug)]
pub struct Engine {
    config: Config,
    url: String,
    rng: Rng,
    now: Now,
    outputs: Queue<Output>,
    link: Link,
    /// By the number of the frame that asked.
    awaiting: Vec<(u32, Awaiting)>,
    /// Pushes that came before the answer to `connect`.
    early: Vec<ServerFrame>,
    store: Store,
    tabs: Tabs,
    meta: Meta,
    /// The token that must be stored before anything is sent under it: the batch that carries it.
    token_rev: Option<u32>,
    /// The token that `connect` went out with.
    token_shown: Option<String>,
    /// The desk has refused a command for the token's sake, and taken none since.
    token_doubted: bool,
    identity: Identity,
    outbox: Outbox,
    conversations: Conversations,
    #[cfg(feature = "survey")]
    surveys: survey::Surveys,
    screen: Screen,
    typing: Typing,
    site_name: String,
    availability: Option<Availability>,
    text_bytes_max: usize,
    told_unread: u32,
    woken_at_ms: Option<u64>,
    changed: bool,
}

impl Engine {
    /// An engine for one visitor of one site. `seed` must be unpredictable: 32 bytes from the
    /// platform's secure generator. The first output asks for the store to be read.
    ///
    /// # Errors
    /// `desk_address` and `site` where the configuration cannot work.
    pub fn new(config: Config, seed: [u8; 32]) -> Result<Self, Error> {
        let url = link::socket_url(&config.desk)?;
        if config.site.is_empty() || config.site.len() > 64 {
            return Err(Error::new("site", "the site's id must have 1 to 64 bytes"));
        }
        let mut outputs = Queue::default();
        outputs.push_back(Output::Load);
        Ok(Self {
            config,
            url,
            rng: Rng::new(seed),
            now: Now::default(),
            outputs,
            link: Link::new(),
            awaiting: Vec::new(),
            early: Vec::new(),
            store: Store::new(),
            tabs: Tabs::default(),
            meta: Meta::default(),
            token_rev: None,
            token_shown: None,
            token_doubted: false,
            identity: Identity::default(),
            outbox: Outbox::default(),
            conversations: Conversations::default(),
            #[cfg(feature = "survey")]
            surveys: survey::Surveys::default(),
            screen: Screen::default(),
            typing: Typing::default(),
            site_name: String::new(),
            availability: None,
            text_bytes_max: TEXT_BYTES_MAX,
            told_unread: 0,
            woken_at_ms: None,
            changed: false,
        })
    }

    /// Takes an input; then drain [`Engine::poll`].
    ///
    /// # Errors
    /// Only for an action of the visitor that cannot be carried out; nothing has changed then.
    pub fn handle(&mut self, now: Now, input: Input) -> Result<(), Error> {
        self.now = Now {
            mono_ms: now.mono_ms.max(self.now.mono_ms),
            wall_ms: now.wall_ms,
        };
        let result = match input {
            Input::Visitor(action) => self.visitor(action),
            other => {
                self.world(other);
                Ok(())
            }
        };
        self.settle();
        result
    }

    /// The visitor's token, for requests to the desk; empty where there is none.
    pub fn token(&self) -> &str {
        self.bearer().map(String::as_str).unwrap_or_default()
    }

    /// The next thing to do, in order; `None` when all is done.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn world(&mut self, input: Input) {
        match input {
            Input::Visitor(_) => unreachable!("handled before"),
            Input::Loaded(stored) => self.loaded(stored),
            Input::StorageLost { code } => self.storage_lost(code),
            Input::Persisted { rev, local_seqs } => self.persisted(rev, &local_seqs),
            Input::PersistFailed { rev, code } => self.persist_failed(rev, code),
            Input::Read(stored) => self.read(stored),
            Input::StoreClosed { code } => self.store_closed(code),
            Input::Leading { generation } => self.take_lead(generation),
            Input::Following => self.follow(),
            Input::Told(message) => self.told(message),
            Input::Uploaded(uploaded) => self.uploaded(uploaded),
            Input::SocketOpened => self.greet(),
            Input::Received(frames) => {
                // A push says nothing of the way to the desk; only an answer does.
                let any = planted::is(Bug::PushTakenAsLife);
                if frames.iter().any(|frame| any || frame.id.is_some()) {
                    self.link.heard(self.now.mono_ms);
                }
                for frame in frames {
                    self.received(frame);
                }
            }
            Input::SocketClosed { code } => self.socket_closed(code),
            Input::Network { online } => {
                self.link.network = online;
                if online {
                    self.link.hurry(self.now.mono_ms);
                }
                self.link.probe(self.now.mono_ms);
                self.changed = true;
            }
            Input::Resumed => {
                self.link.hurry(self.now.mono_ms);
                self.link.probe(self.now.mono_ms);
                self.came_back();
            }
            Input::Hidden => self.hide(),
            Input::Suspended => self.suspend(),
            Input::Woken => self.woken_at_ms = None,
        }
    }

    /// Does all that has become due, and says when to come back.
    fn settle(&mut self) {
        self.expire();
        #[cfg(feature = "survey")]
        if self.store.is_ready() && !self.store.is_loading() && !self.store.is_suspended() {
            self.tend_surveys();
        }
        if self.store.is_suspended() {
            // Whatever is due waits until the page is back.
        } else if !self.leads() {
            self.tend_lead();
        } else if self.store.is_ready() && !self.store.is_loading() {
            self.tend_link();
        }
        if self.link.is_online() && self.token_rev.is_none() {
            self.tend_uploads();
            self.pump();
            self.tell_marks();
            self.look_for_lost();
        }
        self.read_wanted();
        self.tell_lead();
        self.tell_unread();
        if std::mem::take(&mut self.changed) {
            self.outputs.push_back(Output::Changed);
        }
        self.ask_to_wake();
    }

    /// Why an entry must not go out.
    fn unsendable(&self, slot: &Slot) -> Option<&'static str> {
        let author = &slot.entry.visitor;
        let other = !author.is_empty() && *author != self.meta.visitor;
        if other && !planted::is(Bug::OtherVisitorsQueueSent) {
            // What one visitor wrote is never sent as another. For whoever has come in the place of
            // that one, its conversation does not exist.
            return Some(error_code::NOT_FOUND);
        }
        slot.is_expired(self.now.wall_ms).then_some(EXPIRED)
    }

    /// Sends every head that may go.
    fn pump(&mut self) {
        while let Some(cmid) = self.outbox.next_ready(self.now.mono_ms) {
            let Some(slot) = self.outbox.find(&cmid) else {
                break;
            };
            if let Some(code) = self.unsendable(slot) {
                self.entry_refused(&cmid, code.to_owned());
                continue;
            }
            let command = match slot.entry.command.clone() {
                Durable::Open(open) => Command::Open(open),
                Durable::Send(mut send) => {
                    send.prev = self.last_acknowledged(&send.conv);
                    Command::Send(send)
                }
                Durable::Handoff(handoff) => Command::Handoff(handoff),
                Durable::Close(close) => Command::Close(close),
                Durable::Survey(survey) => Command::Survey(survey),
                Durable::Feedback(feedback) => Command::Feedback(feedback),
            };
            if planted::is(Bug::DeletedBeforeSent) {
                let local_seq = self.outbox.find(&cmid).map_or(0, |s| s.entry.local_seq);
                self.forget_entry(local_seq);
            }
            let id = self.transmit(command);
            self.awaiting.push((id, Awaiting::Entry(cmid.clone())));
            let deadline = self.now.mono_ms + u64::from(ACK_TIMEOUT_MS);
            self.outbox.mark_in_flight(&cmid, deadline);
            self.changed = true;
        }
    }

    fn tell_unread(&mut self) {
        let unread = self.unread();
        if unread != self.told_unread {
            self.told_unread = unread;
            self.tell_page(HostEvent::UnreadChanged { unread });
            self.changed = true;
        }
    }

    /// Tells the page.
    fn tell_page(&mut self, event: HostEvent) {
        self.outputs.push_back(Output::Event(event));
    }

    fn unread(&self) -> u32 {
        self.conversations.iter().map(Conversation::unread).sum()
    }
}
