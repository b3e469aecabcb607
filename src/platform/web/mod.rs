//! The engine in a browser's page.
//!
//! Every listener and every callback ends in [`Shell::drive`]: the input goes in, the outputs are
//! drained and performed, and only then, with nothing borrowed, is the page's own code called. A
//! call that comes in while another is at work waits in line, so that no re-entrance can trap.

mod callback;
mod clock;
mod database;
mod signals;
mod socket;
mod tabs;
mod transaction;

use crate::engine::Engine;
use crate::error::Error;
use crate::input::{Action, Config, Input, Uploaded};
use crate::output::{Batch, Chunk, HostEvent, Output, Stored};
use crate::queue::Queue;
use crate::view::View;
use callback::later;
use database::Database;
use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use socket::Socket;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use tabs::Tabs;
use transaction::{BROKEN, Code};
use web_sys::WebSocket;

/// What the page's own code is told.
pub(crate) trait Host {
    /// The view is not what it was.
    fn changed(&self);
    /// Something happened that the page may want to know.
    fn event(&self, event: HostEvent);
    /// Some bytes of a file are to go up, or (`bytes` is 0) nobody needs it any more. What became of
    /// them comes back by [`Shell::uploaded`].
    fn file(&self, chunk: Chunk);
    /// Opens a socket, or what takes its place; nothing where the address is refused outright.
    fn dial(&self, url: &str) -> Option<WebSocket>;
}

/// The engine and all that it drives.
pub(crate) struct Shell {
    engine: RefCell<Engine>,
    parts: RefCell<Parts>,
    line: RefCell<Queue<Input>>,
    driving: Cell<bool>,
    closed: Cell<bool>,
    host: Box<dyn Host>,
    name: String,
}

#[derive(Default)]
struct Parts {
    socket: Option<Socket>,
    database: Option<Rc<Database>>,
    /// The store is to be read once it is known whether this tab leads.
    load_waits: bool,
    tabs: Option<Tabs>,
    timer: Option<Timeout>,
    listeners: Vec<EventListener>,
}

/// What is left to tell the page when the outputs are drained.
#[derive(Default)]
struct News {
    changed: bool,
    events: Vec<HostEvent>,
    chunks: Vec<Chunk>,
}

impl Shell {
    /// Starts an engine: the store is opened, the signals of the page are listened to.
    pub(crate) fn start(config: Config, host: Box<dyn Host>) -> Result<Rc<Self>, Error> {
        let seed = clock::random_seed()?;
        let name = database::name(&config);
        let engine = Engine::new(config, seed)?;
        let shell = Rc::new(Self {
            engine: RefCell::new(engine),
            parts: RefCell::default(),
            line: RefCell::default(),
            driving: Cell::new(false),
            closed: Cell::new(false),
            host,
            name,
        });
        let listeners = signals::of_page(&shell.handle());
        shell.parts.borrow_mut().listeners = listeners;
        shell.drive(Input::Network {
            online: signals::is_online(),
        });
        if !signals::is_visible() {
            shell.drive(Input::Hidden);
        }
        Ok(shell)
    }

    /// What a screen shows, now.
    pub(crate) fn view(&self) -> View {
        self.engine.borrow().view()
    }

    /// Does what the visitor asks for. Within a callback of the page it is done right after.
    pub(crate) fn dispatch(self: &Rc<Self>, action: Action) -> Result<(), Error> {
        if self.closed.get() {
            return Err(Error::new("client_closed", "this client was closed"));
        }
        if self.driving.get() {
            self.line.borrow_mut().push_back(Input::Visitor(action));
            return Ok(());
        }
        self.driving.set(true);
        let result = self
            .engine
            .borrow_mut()
            .handle(clock::now(), Input::Visitor(action));
        self.finish();
        result
    }

    /// What became of some bytes of a file.
    pub(crate) fn uploaded(self: &Rc<Self>, uploaded: Uploaded) {
        self.drive(Input::Uploaded(uploaded));
    }

    /// The bearer for requests to the desk; empty where there is none.
    pub(crate) fn token(&self) -> String {
        self.engine.borrow().token().to_owned()
    }

    /// Ends everything. What is queued stays in the store.
    pub(crate) fn close(&self) {
        self.closed.set(true);
        // After a panic somebody may hold them for ever.
        if let Ok(mut parts) = self.parts.try_borrow_mut() {
            *parts = Parts::default();
        }
    }

    /// A way back to the shell that does not keep it alive.
    fn handle(self: &Rc<Self>) -> Handle {
        Handle(Rc::downgrade(self))
    }

    fn drive(self: &Rc<Self>, input: Input) {
        if self.closed.get() {
            return;
        }
        self.line.borrow_mut().push_back(input);
        if !self.driving.get() {
            self.driving.set(true);
            self.finish();
        }
    }

    /// Performs what is to be done until nothing is left, then tells the page.
    fn finish(self: &Rc<Self>) {
        let mut news = News::default();
        loop {
            // The borrow ends with this statement: performing an output may drive again.
            let output = self.engine.borrow_mut().poll();
            if let Some(output) = output {
                self.perform(output, &mut news);
                continue;
            }
            let Some(input) = self.line.borrow_mut().pop_front() else {
                break;
            };
            // An action that waited in line has nobody left to take its refusal.
            let _ = self.engine.borrow_mut().handle(clock::now(), input);
        }
        self.driving.set(false);
        for event in news.events {
            self.host.event(event);
        }
        for chunk in news.chunks {
            self.host.file(chunk);
        }
        if news.changed {
            self.host.changed();
        }
    }

    fn perform(self: &Rc<Self>, output: Output, news: &mut News) {
        let handle = self.handle();
        match output {
            Output::Load => self.load(),
            Output::Read(wanted) => {
                let Some(database) = self.database() else {
                    return handle.store_closed(BROKEN);
                };
                let of = Rc::downgrade(&database);
                let done = move |result| handle.answer(&of, result, |s| Input::Read(Some(s)));
                database.read(&wanted, Box::new(done));
            }
            Output::CloseStore => {
                let mut parts = self.parts.borrow_mut();
                (parts.database, parts.tabs) = (None, None);
            }
            Output::Tell(message) => {
                if let Some(tabs) = &self.parts.borrow().tabs {
                    tabs.tell(&message);
                }
            }
            Output::Steal => {
                if let Some(tabs) = &self.parts.borrow().tabs {
                    tabs.steal();
                }
            }
            Output::Persist(batch) => self.persist(batch),
            Output::SendChunk(chunk) => news.chunks.push(chunk),
            Output::ForgetFile { upload_id } => news.chunks.push(Chunk {
                upload_id,
                ..Chunk::default()
            }),
            Output::Connect { url } => {
                // Where there is none, the engine hears nothing, and tries again.
                let socket = self.host.dial(&url);
                let socket = socket.map(|socket| Socket::of(socket, handle));
                self.parts.borrow_mut().socket = socket;
            }
            Output::Transmit(frame) => {
                if let Some(socket) = &self.parts.borrow().socket {
                    socket.send(&frame);
                }
            }
            Output::Disconnect => self.parts.borrow_mut().socket = None,
            Output::Wake { after_ms } => {
                let timer = later(after_ms, Box::new(move || handle.drive(Input::Woken)));
                self.parts.borrow_mut().timer = Some(timer);
            }
            Output::Changed => news.changed = true,
            Output::Event(event) => news.events.push(event),
        }
    }

    fn persist(self: &Rc<Self>, batch: Batch) {
        let rev = batch.rev;
        let Some(database) = self.database() else {
            let code = BROKEN.into();
            let failed = Input::PersistFailed { rev, code };
            return self.line.borrow_mut().push_back(failed);
        };
        let handle = self.handle();
        database.commit(
            batch,
            Box::new(move |result| match result {
                Ok(local_seqs) => handle.drive(Input::Persisted { rev, local_seqs }),
                Err(code) => {
                    let code = code.into();
                    handle.drive(Input::PersistFailed { rev, code });
                }
            }),
        );
    }

    fn database(&self) -> Option<Rc<Database>> {
        self.parts.borrow().database.clone()
    }

    /// Reads the store whole, after opening it where it is not.
    fn load(self: &Rc<Self>) {
        let handle = self.handle();
        match self.database() {
            Some(database) => {
                let of = Rc::downgrade(&database);
                let done = move |result| handle.answer(&of, result, Input::Loaded);
                database.load(Box::new(done));
            }
            None => database::open(&self.name, &handle),
        }
    }

    /// A newer version owns the store: it is read once, and let alone.
    fn opened_newer(self: &Rc<Self>, database: Database) {
        let handle = self.handle();
        let database = Rc::new(database);
        let kept = Rc::clone(&database);
        database.load(Box::new(move |result| {
            let stored = result.unwrap_or_default();
            handle.drive(Input::Loaded(Stored {
                newer: true,
                ..stored
            }));
            drop(kept);
        }));
    }

    /// The store is open: find the place among the tabs, then read it.
    fn opened(self: &Rc<Self>, database: Database) {
        self.parts.borrow_mut().database = Some(Rc::new(database));
        if self.parts.borrow().tabs.is_some() {
            return self.load();
        }
        self.parts.borrow_mut().load_waits = true;
        let tabs = Tabs::join(&self.name, &self.handle());
        self.parts.borrow_mut().tabs = Some(tabs);
    }

    /// This tab leads; `elected` where no other does.
    fn leads(self: &Rc<Self>, elected: bool) {
        let Some(database) = self.database().filter(|_| elected) else {
            return self.placed(Input::Leading { generation: 0 });
        };
        let handle = self.handle();
        database.begin_generation(Box::new(move |result| match result {
            Ok(generation) => handle.with(|shell| shell.placed(Input::Leading { generation })),
            Err(code) => handle.store_closed(code),
        }));
    }

    /// Another tab leads.
    fn follows(self: &Rc<Self>) {
        self.placed(Input::Following);
    }

    fn placed(self: &Rc<Self>, place: Input) {
        self.drive(place);
        if std::mem::take(&mut self.parts.borrow_mut().load_waits) {
            self.load();
        }
    }
}

/// A way back to the shell from a callback; leads nowhere once the shell is gone.
#[derive(Clone)]
struct Handle(Weak<Shell>);

impl Handle {
    fn with(&self, act: impl FnOnce(&Rc<Shell>)) {
        if let Some(shell) = self.0.upgrade()
            && !shell.closed.get()
        {
            act(&shell);
        }
    }

    fn drive(&self, input: Input) {
        self.with(|shell| shell.drive(input));
    }

    /// What a read of the store gave; one that failed means that its connection is dead. A connection
    /// that was let go of meanwhile has nothing more to say.
    fn answer(
        &self,
        of: &Weak<Database>,
        result: Result<Stored, Code>,
        input: fn(Stored) -> Input,
    ) {
        self.with(|shell| {
            let now = shell.database();
            if now.is_some_and(|now| Rc::downgrade(&now).ptr_eq(of)) {
                let closed = |code: Code| Input::StoreClosed { code: code.into() };
                shell.drive(result.map_or_else(closed, input));
            }
        });
    }

    fn store_closed(&self, code: Code) {
        self.drive(Input::StoreClosed { code: code.into() });
    }
}
