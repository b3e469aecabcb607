//! A world for one engine on virtual time: a device store and a desk, both as plain as the promises
//! they keep, and a network that does what it is told.
#![allow(dead_code, reason = "each test file uses its part of the world")]

pub mod desk;
pub mod device;
mod files;

use desk::Desk;
use deskside::input::Uploaded;
use deskside::limits::LOADED_EVENTS_MAX;
use deskside::output::{Batch, HostEvent};
use deskside::protocol::reply::ServerFrame;
use deskside::view::{ConversationView, Item, ItemBody, Status, View};
use deskside::{Action, Config, Engine, Error, Input, Now, Output, Stored, richtext};
use std::collections::VecDeque;

/// What the store does with a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// Commits it at once.
    Works,
    /// Keeps it waiting: neither committed nor refused.
    Stalls,
    /// Refuses it.
    Full,
    /// Refuses the next one with this code, then works.
    FailsOnce(&'static str),
    /// Commits it, and does not say so.
    Mute,
    /// Does not open in time.
    Slow,
}

/// What the network does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Net {
    /// Carries everything.
    Works,
    /// Refuses every connection.
    Down,
    /// Takes everything and delivers nothing, without a word.
    Silent,
    /// Carries to the desk, and loses what comes back.
    LosesReplies,
}

pub struct World {
    pub engine: Engine,
    pub desk: Desk,
    pub disk: Disk,
    pub net: Net,
    pub stored: Stored,
    pub now: Now,
    pub events: Vec<HostEvent>,
    /// Every frame that left the device, by the name of its command.
    pub transmitted: Vec<String>,
    /// Bytes of files that the device keeps.
    pub files: Vec<(String, Vec<u8>)>,
    /// Answers to the parts of files that went out.
    chunks: Vec<Uploaded>,
    pub next_local_seq: u32,
    /// What the newest leading tab has written into the store.
    pub generation: u32,
    connected: bool,
    pub session: u32,
    /// What [`Net::LosesReplies`] has lost.
    pub lost_replies: Vec<Vec<ServerFrame>>,
    wake_at: Option<u64>,
    pub stalled: VecDeque<Batch>,
    seed: u8,
}

pub fn config() -> Config {
    Config {
        desk: "http://desk.test".into(),
        site: "demo".into(),
        locale: "en".into(),
        page: "https://shop.test/".into(),
        ..Default::default()
    }
}

impl World {
    /// A first visit: nothing stored, everything works.
    pub fn new() -> Self {
        Self::with_desk(Desk::new())
    }

    pub fn with_desk(desk: Desk) -> Self {
        let mut world = Self {
            engine: Engine::new(config(), [1; 32]).unwrap(),
            desk,
            disk: Disk::Works,
            net: Net::Works,
            stored: Stored::default(),
            now: Now {
                mono_ms: 1_000,
                wall_ms: 1_700_000_000_000,
            },
            events: Vec::new(),
            transmitted: Vec::new(),
            files: Vec::new(),
            chunks: Vec::new(),
            next_local_seq: 1,
            generation: 0,
            connected: false,
            session: 0,
            lost_replies: Vec::new(),
            wake_at: None,
            stalled: VecDeque::new(),
            seed: 1,
        };
        world.settle();
        world
    }

    /// The visitor's conversation is on the screen, and seen.
    pub fn chatting() -> Self {
        let mut world = Self::new();
        world.open_chat();
        world
    }

    pub fn open_chat(&mut self) {
        self.act(Action::Open { conv: None }).unwrap();
        self.act(Action::Look { visible: true }).unwrap();
    }

    pub fn act(&mut self, action: Action) -> Result<(), Error> {
        let result = self.engine.handle(self.now, Input::Visitor(action));
        self.settle();
        result
    }

    pub fn input(&mut self, input: Input) {
        self.engine.handle(self.now, input).unwrap();
        self.settle();
    }

    pub fn say(&mut self, text: &str) {
        let conv = self.chat().id;
        self.act(Action::Send {
            conv,
            text: text.into(),
            ticket: None,
        })
        .unwrap();
    }

    /// Lets time pass, waking the engine whenever it asked for it.
    pub fn pass_ms(&mut self, ms: u64) {
        let end = self.now.mono_ms + ms;
        while let Some(at) = self.wake_at.filter(|at| *at <= end) {
            self.tick_to(at.max(self.now.mono_ms));
            self.wake_at = None;
            self.input(Input::Woken);
        }
        self.tick_to(end);
    }

    /// The device sleeps: time passes, and nobody is woken until it is over.
    pub fn sleep_ms(&mut self, ms: u64) {
        self.tick_to(self.now.mono_ms + ms);
        self.wake_at = None;
        self.input(Input::Woken);
    }

    fn tick_to(&mut self, mono_ms: u64) {
        self.now.wall_ms += mono_ms - self.now.mono_ms;
        self.now.mono_ms = mono_ms;
    }

    /// The network fails, and the device knows.
    pub fn lose_network(&mut self) {
        self.net = Net::Down;
        if self.connected {
            self.connected = false;
            self.input(Input::SocketClosed { code: 1006 });
        }
        self.input(Input::Network { online: false });
    }

    pub fn restore_network(&mut self) {
        self.net = Net::Works;
        self.input(Input::Network { online: true });
        self.pass_ms(1);
    }

    /// The page goes away in the middle of whatever it did, and comes back: a new engine on what the
    /// store has committed.
    pub fn reload(&mut self) {
        self.restart();
        self.open_chat();
        self.pass_ms(1);
    }

    /// The same, and nobody looks.
    pub fn restart(&mut self) {
        self.stalled.clear();
        self.chunks.clear();
        self.connected = false;
        self.desk.disconnect();
        self.wake_at = None;
        self.seed += 1;
        self.engine = Engine::new(config(), [self.seed; 32]).unwrap();
        self.settle();
    }

    /// The store gets to work on what it had kept waiting.
    pub fn unstall(&mut self) {
        self.disk = Disk::Works;
        while let Some(batch) = self.stalled.pop_front() {
            self.commit(batch);
        }
        self.settle();
    }

    /// What the desk would push now.
    pub fn take_pushes(&mut self) -> Vec<ServerFrame> {
        let pushes = self.desk.take_pushes().into_iter();
        pushes.map(|(_, push)| push).collect()
    }

    /// Pushes of the desk reach the device.
    pub fn deliver(&mut self) {
        let frames = self.take_pushes();
        if self.connected && matches!(self.net, Net::Works) && !frames.is_empty() {
            self.input(Input::Received(frames));
        }
    }

    pub fn view(&self) -> View {
        self.engine.view()
    }

    pub fn chat(&self) -> ConversationView {
        self.view()
            .conversation
            .expect("a conversation is on the screen")
    }

    /// The text of every message, in the order in which they are shown.
    pub fn texts(&self) -> Vec<String> {
        let items = self.chat().items.into_iter();
        let texts = items.filter_map(|item| match item.body {
            ItemBody::Message { content, .. } => Some(richtext::text_of(&content)),
            _ => None,
        });
        texts.collect()
    }

    /// Text and status of the visitor's own messages, in the order in which they are shown.
    pub fn own(&self) -> Vec<(String, Status)> {
        let own = self
            .chat()
            .items
            .into_iter()
            .filter_map(|item| match item.body {
                ItemBody::Message {
                    mine: true,
                    content,
                    status: Some(status),
                    ..
                } => Some((richtext::text_of(&content), status)),
                _ => None,
            });
        own.collect()
    }

    pub fn status(&self, text: &str) -> Status {
        let own = self.own().into_iter().filter(|(said, _)| said == text);
        let mut statuses = own.map(|(_, status)| status);
        let status = statuses.next().expect("the message is shown");
        assert_eq!(statuses.next(), None, "it is shown once");
        status
    }

    pub fn key_of(&self, text: &str) -> String {
        let shows = |item: &Item| match &item.body {
            ItemBody::Message { content, .. } => richtext::text_of(content) == text,
            _ => false,
        };
        self.chat()
            .items
            .into_iter()
            .find(shows)
            .expect("the message is shown")
            .key
    }

    fn settle(&mut self) {
        while let Some(output) = self.engine.poll() {
            self.perform(output);
        }
        self.deliver();
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::Load if self.disk == Disk::Slow => {
                let code = "slow".into();
                self.feed(Input::StorageLost { code });
            }
            Output::Load => {
                let mut stored = self.stored.clone();
                // The newest of each conversation, as a platform reads them.
                stored.events.retain(|event| {
                    let mut records = self.stored.conversations.iter();
                    let record = records.find(|record| record.id == event.conv);
                    record.is_some_and(|one| event.seq + LOADED_EVENTS_MAX > one.cursor)
                });
                self.feed(Input::Loaded(stored));
            }
            Output::Read(wanted) => {
                let stored = device::read(&self.stored, &wanted);
                self.feed(Input::Read(Some(stored)));
            }
            // There is no other tab.
            Output::Tell(_) | Output::Steal | Output::CloseStore => {}
            Output::Persist(batch) => match self.disk {
                Disk::Works => self.commit(batch),
                Disk::Stalls | Disk::Slow => self.stalled.push_back(batch),
                Disk::Full => self.feed(Input::PersistFailed {
                    rev: batch.rev,
                    code: "quota".into(),
                }),
                Disk::FailsOnce(code) => {
                    self.disk = Disk::Works;
                    self.feed(Input::PersistFailed {
                        rev: batch.rev,
                        code: code.into(),
                    });
                }
                Disk::Mute => {
                    let next = &mut self.next_local_seq;
                    device::commit(&mut self.stored, next, self.generation, &batch);
                }
            },
            Output::Connect { url } => {
                assert_eq!(url, "ws://desk.test/v1/socket");
                self.desk.disconnect();
                self.session += 1;
                self.connected = self.net != Net::Down;
                let answer = if self.connected {
                    Input::SocketOpened
                } else {
                    Input::SocketClosed { code: 1006 }
                };
                self.feed(answer);
            }
            Output::Transmit(frame) => {
                let json = serde_json::to_value(&frame).unwrap();
                let name = json
                    .as_object()
                    .unwrap()
                    .keys()
                    .find(|key| *key != "id")
                    .unwrap()
                    .clone();
                self.transmitted.push(name);
                if !self.connected || self.net == Net::Silent || self.net == Net::Down {
                    return;
                }
                let answer = self.desk.receive(self.session, frame, self.now.wall_ms);
                // The echo of a command comes before its answer, as it may from a real desk.
                let mut frames = self.take_pushes();
                frames.extend(answer);
                if self.net == Net::LosesReplies {
                    self.lost_replies.push(frames);
                } else if !frames.is_empty() {
                    self.feed(Input::Received(frames));
                }
            }
            Output::SendChunk(chunk) => {
                let uploaded = self.upload(chunk);
                self.chunks.extend(uploaded);
            }
            Output::ForgetFile { upload_id } => {
                self.files.retain(|(known, _)| *known != upload_id);
            }
            Output::Disconnect => {
                self.connected = false;
                self.desk.disconnect();
            }
            Output::Wake { after_ms } => {
                self.wake_at = Some(self.now.mono_ms + u64::from(after_ms))
            }
            Output::Changed => {}
            Output::Event(event) => self.events.push(event),
        }
    }

    fn feed(&mut self, input: Input) {
        self.engine.handle(self.now, input).unwrap();
    }

    fn commit(&mut self, batch: Batch) {
        let rev = batch.rev;
        let (next, generation) = (&mut self.next_local_seq, self.generation);
        let answer = match device::commit(&mut self.stored, next, generation, &batch) {
            Some(local_seqs) => Input::Persisted { rev, local_seqs },
            None => Input::PersistFailed {
                rev,
                code: "stale".into(),
            },
        };
        self.feed(answer);
    }
}

/// A push of one kind.
pub fn push(fill: impl FnOnce(&mut ServerFrame)) -> ServerFrame {
    let mut frame = ServerFrame::default();
    fill(&mut frame);
    frame
}
