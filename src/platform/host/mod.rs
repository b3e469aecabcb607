//! The engine on functions that a host supplies: a mini-program, or anything else that can open a
//! socket or make a request, keep texts under keys, and wait.
//!
//! Nothing here waits or is called back by itself: the host makes the calls, and brings what came of
//! them ([`Shell::drive`], [`Shell::stored`], [`Shell::heard`], [`Shell::answered`]).
//!
//! | Room | What |
//! |---|---|
//! | [`store`] | the device's store over keys and texts, `layout` how it lies there |
//! | `clock` | a time that only rises |

mod clock;
mod layout;
pub mod store;

use super::Json;
use super::poll::{Poll, Post};
use super::way::{Choice, Way};
use crate::engine::Engine;
use crate::error::Error;
use crate::input::{Action, Config, Input, Uploaded};
use crate::output::{Chunk, HostEvent, Output};
use crate::plain::{Readable, Writable};
use crate::protocol::command::ClientFrame;
use crate::protocol::reply::ServerFrame;
use crate::view::View;
use clock::Clock;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use store::{Answer, Request, Store};

/// What a host does for the engine. None of it may call the shell before it returns, but for
/// [`Host::changed`] and [`Host::happened`].
pub trait Host {
    /// Milliseconds since 1970, UTC.
    fn now(&self) -> f64;
    /// JSON, as the host has it.
    fn json(&self) -> Json;
    /// Drive `Woken` after so many milliseconds. Replaces the last one.
    fn wake(&self, after_ms: u32);
    /// Whether it can open a socket at all.
    fn has_socket(&self) -> bool;
    /// Open a socket, after closing the one there is.
    fn connect(&self, url: &str);
    /// Send a message on the socket.
    fn send(&self, text: &str);
    /// Close the socket, without a word afterwards.
    fn disconnect(&self);
    /// Make a request; the answer comes to [`Shell::answered`].
    fn post(&self, post: Post);
    /// Send some bytes of a file, or forget it where there are none of them; what became of those that
    /// were sent comes to [`Shell::uploaded`].
    fn file(&self, chunk: Chunk);
    /// Ask the storage; the answer comes to [`Shell::stored`].
    fn store(&self, request: Request);
    /// The view is not what it was.
    fn changed(&self);
    /// The page may want to know.
    fn happened(&self, event: HostEvent);
}

/// The engine and all that it drives.
pub struct Shell<H: Host> {
    engine: RefCell<Engine>,
    store: RefCell<Store>,
    poll: RefCell<Poll>,
    choice: Cell<Choice>,
    clock: Cell<Clock>,
    line: RefCell<VecDeque<Input>>,
    driving: Cell<bool>,
    closed: Cell<bool>,
    host: H,
}

impl<H: Host> Shell<H> {
    /// Starts an engine, and reads the device's store. `seed` must be unpredictable.
    ///
    /// # Errors
    /// `no_random` where the seed has not 32 bytes; what [`Engine::new`] refuses.
    pub fn start(config: Config, seed: &[u8], host: H) -> Result<Self, Error> {
        let seed: [u8; 32] = seed
            .try_into()
            .map_err(|_| Error::new("no_random", "the host gave no 32 unpredictable bytes"))?;
        let name = [
            "deskside:",
            &config.site,
            "@",
            config.desk.trim().trim_end_matches('/'),
            "#",
            &config.user,
        ];
        let store = Store::new(name.concat(), host.json());
        let poll = Poll::new(&config.desk, host.json());
        let shell = Self {
            engine: RefCell::new(Engine::new(config, seed)?),
            store: RefCell::new(store),
            poll: RefCell::new(poll),
            choice: Cell::new(Choice::new(host.has_socket())),
            clock: Cell::default(),
            line: RefCell::default(),
            driving: Cell::new(false),
            closed: Cell::new(false),
            host,
        };
        shell.go_on();
        Ok(shell)
    }

    /// What a screen shows, now.
    pub fn view(&self) -> View {
        self.engine.borrow().view()
    }

    /// Does what the visitor asks for. Within [`Host::changed`] it is done right after.
    ///
    /// # Errors
    /// What the engine refuses; `client_closed` after [`Shell::close`].
    pub fn dispatch(&self, action: Action) -> Result<(), Error> {
        if self.closed.get() {
            return Err(Error::new("client_closed", "this client was closed"));
        }
        if self.driving.get() {
            self.line.borrow_mut().push_back(Input::Visitor(action));
            return Ok(());
        }
        self.driving.set(true);
        let result = self.handle(Input::Visitor(action));
        self.finish();
        result
    }

    /// Something happened.
    pub fn drive(&self, input: Input) {
        if self.closed.get() {
            return;
        }
        self.line.borrow_mut().push_back(input);
        self.go_on();
    }

    /// The storage answered a request.
    pub fn stored(&self, id: u32, answer: Answer) {
        self.store.borrow_mut().answered(id, answer);
        self.go_on();
    }

    /// A request was answered; `status` is 0 where no answer came.
    pub fn answered(&self, id: u32, status: u16, body: &str) {
        self.poll.borrow_mut().answered(id, status, body);
        self.go_on();
    }

    /// What became of some bytes of a file.
    pub fn uploaded(&self, uploaded: Uploaded) {
        self.drive(Input::Uploaded(uploaded));
    }

    /// The bearer for requests to the desk; empty where there is none.
    pub fn token(&self) -> String {
        self.engine.borrow().token().to_owned()
    }

    /// A message came on the socket: frames, one a line. What is not a frame is passed over: a proxy's
    /// page of HTML acknowledges nothing.
    pub fn heard(&self, text: &str) {
        let read = self.host.json().read;
        let lines = text.split('\n').filter(|line| !line.trim().is_empty());
        let frames = lines.filter_map(|line| ServerFrame::read(&read(line)?).ok());
        self.drive(Input::Received(frames.collect()));
    }

    /// Ends everything. What is queued stays in the store.
    pub fn close(&self) {
        self.closed.set(true);
        self.poll.borrow_mut().close();
        self.host.disconnect();
    }

    fn handle(&self, input: Input) -> Result<(), Error> {
        let mut clock = self.clock.get();
        let now = clock.at(self.host.now());
        self.clock.set(clock);
        self.engine.borrow_mut().handle(now, input)
    }

    fn go_on(&self) {
        if !self.driving.get() && !self.closed.get() {
            self.driving.set(true);
            self.finish();
        }
    }

    /// Performs what is to be done until nothing is left, then tells the page.
    fn finish(&self) {
        let mut changed = false;
        let mut events = Vec::new();
        loop {
            let output = self.engine.borrow_mut().poll();
            if let Some(output) = output {
                match output {
                    Output::Changed => changed = true,
                    Output::Event(event) => events.push(event),
                    other => self.perform(other),
                }
                continue;
            }
            let request = self.store.borrow_mut().request();
            if let Some(request) = request {
                self.host.store(request);
                continue;
            }
            let post = self.poll.borrow_mut().post();
            if let Some(post) = post {
                self.host.post(post);
                continue;
            }
            let Some(input) = self.next_input() else {
                break;
            };
            if let Input::Received(_) = input {
                let mut choice = self.choice.get();
                choice.heard();
                self.choice.set(choice);
            }
            // An action that waited in line has nobody left to take its refusal.
            let _ = self.handle(input);
        }
        self.driving.set(false);
        for event in events {
            self.host.happened(event);
        }
        if changed {
            self.host.changed();
        }
    }

    fn next_input(&self) -> Option<Input> {
        let stored = self.store.borrow_mut().news();
        let polled = || self.poll.borrow_mut().news();
        let lined = || self.line.borrow_mut().pop_front();
        stored.or_else(polled).or_else(lined)
    }

    fn perform(&self, output: Output) {
        match output {
            Output::Load => self.store.borrow_mut().load(),
            // Nobody else writes into this store, and older pages are the desk's.
            Output::Read(_) => self.line.borrow_mut().push_back(Input::Read(None)),
            // There are no other tabs.
            Output::Tell(_) | Output::Steal | Output::CloseStore => {}
            Output::Persist(batch) => self.store.borrow_mut().commit(batch),
            Output::Connect { url } => self.connect(&url),
            Output::Transmit(frame) => self.transmit(&frame),
            Output::Disconnect => self.disconnect(),
            Output::Wake { after_ms } => self.host.wake(after_ms),
            Output::SendChunk(chunk) => self.host.file(chunk),
            Output::ForgetFile { upload_id } => self.host.file(Chunk {
                upload_id,
                ..Chunk::default()
            }),
            Output::Changed | Output::Event(_) => {}
        }
    }

    fn connect(&self, url: &str) {
        self.disconnect();
        let mut choice = self.choice.get();
        let way = choice.choose();
        self.choice.set(choice);
        match way {
            Way::Socket => self.host.connect(url),
            Way::Requests => self.poll.borrow_mut().open(),
        }
    }

    fn disconnect(&self) {
        match self.choice.get().way() {
            Way::Socket => self.host.disconnect(),
            Way::Requests => self.poll.borrow_mut().close(),
        }
    }

    fn transmit(&self, frame: &ClientFrame) {
        match self.choice.get().way() {
            Way::Socket => {
                let text = (self.host.json().write)(&frame.write());
                self.host.send(&text);
            }
            Way::Requests => self.poll.borrow_mut().send(frame),
        }
    }
}
