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
use crate::input::{Action, Config, Input};
use crate::output::{Batch, HostEvent, Output, StoreOp};
use crate::view::View;
use callback::later;
use database::Database;
use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use socket::Socket;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use tabs::Tabs;

/// What the page's own code is told.
pub(crate) trait Host {
    /// The view is not what it was.
    fn changed(&self);
    /// Something happened that the page may want to know.
    fn event(&self, event: HostEvent);
}

/// The engine and all that it drives.
pub(crate) struct Shell {
    engine: RefCell<Engine>,
    parts: RefCell<Parts>,
    line: RefCell<VecDeque<Input>>,
    driving: Cell<bool>,
    closed: Cell<bool>,
    host: Box<dyn Host>,
    name: String,
}

#[derive(Default)]
struct Parts {
    socket: Option<Socket>,
    database: Option<Rc<Database>>,
    tabs: Option<Tabs>,
    timer: Option<Timeout>,
    listeners: Vec<EventListener>,
}

/// What is left to tell the page when the outputs are drained.
#[derive(Default)]
struct News {
    changed: bool,
    events: Vec<HostEvent>,
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
        Ok(shell)
    }

    /// What a screen shows, now.
    pub(crate) fn view(&self) -> View {
        self.engine.borrow().view()
    }

    /// Does what the visitor asks for. Within a callback of the page it is done right after.
    pub(crate) fn dispatch(self: &Rc<Self>, action: Action) -> Result<(), Error> {
        if self.closed.get() {
            return Err(Error::new(
                "client_closed",
                "this client was closed; make a new one",
            ));
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

    /// Ends everything. What is queued stays in the store.
    pub(crate) fn close(&self) {
        self.closed.set(true);
        *self.parts.borrow_mut() = Parts::default();
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
        if news.changed {
            self.host.changed();
        }
    }

    fn perform(self: &Rc<Self>, output: Output, news: &mut News) {
        let handle = self.handle();
        match output {
            Output::Load => database::open(&self.name, handle),
            Output::Persist(batch) => self.persist(batch),
            Output::Connect { url } => {
                self.parts.borrow_mut().socket = None;
                match Socket::open(&url, handle) {
                    Ok(socket) => self.parts.borrow_mut().socket = Some(socket),
                    Err(code) => self
                        .line
                        .borrow_mut()
                        .push_back(Input::SocketClosed { code }),
                }
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
        let database = self.parts.borrow().database.clone();
        let Some(database) = database else {
            let failed = Input::PersistFailed {
                rev,
                code: "unavailable".into(),
            };
            self.line.borrow_mut().push_back(failed);
            return;
        };
        let of_journal = |op: &StoreOp| {
            matches!(
                op,
                StoreOp::Enqueue(_) | StoreOp::UpdateEntry(_) | StoreOp::Dequeue { .. }
            )
        };
        let tell_tabs = batch.ops.iter().any(of_journal);
        let handle = self.handle();
        database.commit(
            batch,
            Box::new(move |result| match result {
                Ok(local_seqs) => {
                    if tell_tabs {
                        handle.with(|shell| shell.tell_tabs());
                    }
                    handle.drive(Input::Persisted { rev, local_seqs });
                }
                Err(code) => handle.drive(Input::PersistFailed {
                    rev,
                    code: code.into(),
                }),
            }),
        );
    }

    fn tell_tabs(&self) {
        if let Some(tabs) = &self.parts.borrow().tabs {
            tabs.journal_changed();
        }
    }

    /// The store is open: read it, and listen for other tabs.
    fn opened(self: &Rc<Self>, database: Database) {
        let database = Rc::new(database);
        {
            let mut parts = self.parts.borrow_mut();
            parts.database = Some(Rc::clone(&database));
            parts.tabs = Tabs::join(&self.name, self.handle());
        }
        let handle = self.handle();
        database.load(Box::new(move |result| match result {
            Ok(stored) => handle.drive(Input::Loaded(stored)),
            Err(code) => handle.drive(Input::StorageLost { code: code.into() }),
        }));
    }

    /// Another tab changed the journal: read it again.
    fn journal_changed(self: &Rc<Self>) {
        let database = self.parts.borrow().database.clone();
        let handle = self.handle();
        if let Some(database) = database {
            database.journal(Box::new(move |result| {
                if let Ok(entries) = result {
                    handle.drive(Input::Journal(entries));
                }
            }));
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
}
