//! The device's store: one IndexedDB database per site and desk.
//!
//! | Store | Key | Value |
//! |---|---|---|
//! | `meta` | `device`, `nextLocalSeq`, `generation`, `kept:...` | the device's own record; the next journal number; how many leaders there were; what the engine keeps |
//! | `outbox` | journal number | what waits for the desk |
//! | `conversations` | id | what is known beside the log, with its cursor |
//! | `events` | [conversation, seq] | the log |
//! | `drafts` | conversation | what was typed and not sent |
//!
//! Only a transaction's `complete` is a commit: at quota a request may succeed and its transaction
//! be undone afterwards. Nothing but IndexedDB is awaited inside a transaction.

use super::Handle;
use super::callback::{Done, later, listen, once, property};
use super::transaction::{BROKEN, DEVICE, NEWER, STALE, UNAVAILABLE};
use super::transaction::{
    Code, KEPT, Outcome, abort, begin_generation, code_of, get, get_all, get_kept, newest_events,
    range, readable, when_done, write,
};
use crate::input::{Config, Input, SLOW};
use crate::limits::STORE_OPEN_TIMEOUT_MS;
use crate::list::Gather;
use crate::outbox::sealed::Sealed;
use crate::output::{Batch, ConversationRecord, Entry, Stored, Wanted};
use crate::protocol::event::Event;
use crate::wasm::from_js;
use gloo::events::EventListener;
use js_sys::{Array, Function, Object, Reflect};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{IdbDatabase, IdbFactory, IdbOpenDbRequest, IdbRequest, IdbTransaction};

const SCHEMA_VERSION: u32 = 1;
const STORES: [&str; 5] = ["meta", "outbox", "conversations", "events", "drafts"];
/// The database's name: another site or another desk never sees what is in it.
pub(super) fn name(config: &Config) -> String {
    let mut name = String::from("deskside:");
    name.push_str(&config.site);
    name.push('@');
    name.push_str(config.desk.trim().trim_end_matches('/'));
    if !config.user.is_empty() {
        name.push('#');
        name.push_str(&config.user);
    }
    name
}

/// An open database.
pub(super) struct Database {
    db: IdbDatabase,
    _listeners: [EventListener; 2],
}

impl Drop for Database {
    fn drop(&mut self) {
        self.db.close();
    }
}

/// Opens the store; ends in `Shell::opened` or in `StorageLost`, and soon: some browsers never answer the
/// first call. One that is slow may open yet, and then it is used.
pub(super) fn open(name: &str, handle: &Handle) {
    let opening = Opening {
        name: name.to_owned(),
        handle: handle.clone(),
        answered: Rc::default(),
    };
    let overdue = opening.clone();
    later(STORE_OPEN_TIMEOUT_MS, Box::new(move || overdue.lost(SLOW))).forget();
    opening.ask(Some(SCHEMA_VERSION));
}

#[derive(Clone)]
struct Opening {
    name: String,
    handle: Handle,
    answered: Rc<Cell<bool>>,
}

impl Opening {
    fn lost(&self, code: Code) {
        if !self.answered.replace(true) {
            self.handle.drive(Input::StorageLost { code: code.into() });
        }
    }

    /// Without a version it is opened as it is: a newer one.
    fn ask(self, version: Option<u32>) {
        let Some(request) = request_open(&self.name, version) else {
            return self.lost(UNAVAILABLE);
        };
        let upgrading = request.clone();
        let upgrade = once(Box::new(move || {
            if let Some(db) = result::<IdbDatabase>(&upgrading) {
                create_stores(&db);
            }
        }));
        request.set_onupgradeneeded(Some(&upgrade));
        let (failed, refused) = (request.clone(), self.clone());
        let refuse = once(Box::new(move || {
            match code_of(failed.error().ok().flatten()) {
                NEWER if version.is_some() => refused.ask(None),
                code => refused.lost(code),
            }
        }));
        request.set_onerror(Some(&refuse));
        let succeeded = request.clone();
        let succeed = once(Box::new(move || {
            if let Some(db) = result::<IdbDatabase>(&succeeded) {
                self.opened(db, version.is_none());
            }
        }));
        request.set_onsuccess(Some(&succeed));
    }

    fn opened(&self, db: IdbDatabase, newer: bool) {
        if self.answered.replace(true) && newer {
            // Too late: the engine goes on in memory, and nothing is written here.
            return db.close();
        }
        let database = Database::new(db, &self.handle);
        self.handle.with(|shell| {
            if newer {
                shell.opened_newer(database);
            } else {
                shell.opened(database);
            }
        });
    }
}

fn request_open(name: &str, version: Option<u32>) -> Option<IdbOpenDbRequest> {
    // Reached by name: the property is missing, null or throwing where storage is forbidden.
    let factory = property(&js_sys::global(), "indexedDB");
    let factory: IdbFactory = factory.dyn_into().ok()?;
    let request = match version {
        Some(version) => factory.open_with_u32(name, version),
        None => factory.open(name),
    };
    request.ok()
}

fn create_stores(db: &IdbDatabase) {
    let there = db.object_store_names();
    for store in STORES.into_iter().filter(|store| !there.contains(store)) {
        // A failure here aborts the upgrade, and the open request reports it.
        let _ = db.create_object_store(store);
    }
}

impl Database {
    fn new(db: IdbDatabase, handle: &Handle) -> Self {
        let (old, gone) = (db.clone(), handle.clone());
        let lost = handle.clone();
        let listeners = [
            // A newer version of the page wants to upgrade: step aside, so that it can.
            listen(
                &db,
                "versionchange",
                Box::new(move |_| {
                    old.close();
                    gone.store_closed(NEWER);
                }),
            ),
            listen(
                &db,
                "close",
                Box::new(move |_| {
                    lost.store_closed(BROKEN);
                }),
            ),
        ];
        Self {
            db,
            _listeners: listeners,
        }
    }

    /// Reads everything that the engine starts from, in one transaction.
    pub fn load(&self, done: Done<Result<Stored, Code>>) {
        let Some(tx) = self.transaction("readonly", false) else {
            return done(Err(BROKEN));
        };
        let stored = Rc::new(RefCell::new(Stored::default()));
        read_device(&tx, &stored, true);
        let (into, reading) = (Rc::clone(&stored), tx.clone());
        get_all(
            &tx,
            "conversations",
            None,
            Box::new(move |records| {
                let records: Vec<ConversationRecord> = readable(records);
                for record in &records {
                    let into = Rc::clone(&into);
                    get_all(
                        &reading,
                        "events",
                        newest_events(record),
                        Box::new(move |events| {
                            into.borrow_mut().events.extend(readable::<Event>(events));
                        }),
                    );
                }
                into.borrow_mut().conversations = records;
            }),
        );
        finish(&tx, stored, done);
    }

    /// Reads what is wanted, in one transaction.
    pub fn read(&self, wanted: &Wanted, done: Done<Result<Stored, Code>>) {
        let Some(tx) = self.transaction("readonly", false) else {
            return done(Err(BROKEN));
        };
        let stored = Rc::new(RefCell::new(Stored::default()));
        read_device(&tx, &stored, wanted.journal);
        for wanted in &wanted.events {
            let into = Rc::clone(&stored);
            let then = move |record| into.borrow_mut().conversations.extend(from_js(record).ok());
            get(
                &tx,
                "conversations",
                &wanted.conv.as_str().into(),
                Box::new(then),
            );
            let into = Rc::clone(&stored);
            let then = move |events| into.borrow_mut().events.extend(readable::<Event>(events));
            let Some(range) = range(&wanted.conv, wanted.from, wanted.to) else {
                return abort(&tx);
            };
            get_all(&tx, "events", Some(range), Box::new(then));
        }
        finish(&tx, stored, done);
    }

    /// Makes this tab the leader: no other one's transactions are accepted from here on.
    pub fn begin_generation(&self, done: Done<Result<u32, Code>>) {
        let Some(tx) = self.transaction("readwrite", true) else {
            return done(Err(BROKEN));
        };
        let generation = Rc::new(Cell::new(0));
        begin_generation(&tx, Rc::clone(&generation));
        when_done(
            &tx,
            Box::new(move |result| done(result.map(|()| generation.get()))),
        );
    }

    /// Commits a batch; gives the journal numbers of its new entries.
    pub fn commit(&self, batch: Batch, done: Done<Result<Vec<u32>, Code>>) {
        let Some(tx) = self.transaction("readwrite", batch.strict) else {
            return done(Err(BROKEN));
        };
        let outcome = Rc::new(RefCell::new(Outcome::default()));
        write(&tx, batch, Rc::clone(&outcome));
        when_done(
            &tx,
            Box::new(move |result| {
                let Outcome { local_seqs, stale } = outcome.take();
                let stale_or = |code| if stale { STALE } else { code };
                done(result.map(|()| local_seqs).map_err(stale_or));
            }),
        );
    }

    /// `None` where the connection is dead.
    fn transaction(&self, mode: &str, strict: bool) -> Option<IdbTransaction> {
        let names: Array = STORES
            .iter()
            .map(|store| JsValue::from_str(store))
            .collect();
        let options = Object::new();
        let durability = if strict { "strict" } else { "relaxed" };
        Reflect::set(&options, &"durability".into(), &durability.into()).ok()?;
        // By name: web-sys has no binding with options yet. Old browsers ignore the third argument.
        let begin: Function = property(&self.db, "transaction").dyn_into().ok()?;
        begin
            .call3(&self.db, &names, &mode.into(), &options)
            .ok()?
            .dyn_into()
            .ok()
    }
}

/// Reads the device's own record and the drafts, and the journal if it is wanted.
fn read_device(tx: &IdbTransaction, stored: &Rc<RefCell<Stored>>, journal: bool) {
    let into = Rc::clone(stored);
    let then = move |value| into.borrow_mut().meta = from_js(value).ok();
    get(tx, "meta", &DEVICE.into(), Box::new(then));
    let into = Rc::clone(stored);
    let then = move |drafts| into.borrow_mut().drafts = readable(drafts);
    get_all(tx, "drafts", None, Box::new(then));
    for name in KEPT {
        let into = Rc::clone(stored);
        get_kept(
            tx,
            name,
            Box::new(move |kept| into.borrow_mut().kept.extend(kept)),
        );
    }
    if journal {
        let into = Rc::clone(stored);
        let then = move |entries| into.borrow_mut().journal = entries_of(entries);
        get_all(tx, "outbox", None, Box::new(then));
    }
}

/// One that fails its checksum is left where it is, and out.
fn entries_of(stored: Array) -> Vec<Entry> {
    let sealed: Vec<Sealed> = readable(stored);
    sealed.into_iter().map(|Sealed(entry)| entry).listed()
}

fn finish(tx: &IdbTransaction, stored: Rc<RefCell<Stored>>, done: Done<Result<Stored, Code>>) {
    when_done(
        tx,
        Box::new(move |result| done(result.map(|()| stored.take()))),
    );
}

fn result<T: JsCast>(request: &IdbRequest) -> Option<T> {
    request.result().ok()?.dyn_into().ok()
}
