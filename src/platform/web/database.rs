//! The device's store: one IndexedDB database per site and desk.
//!
//! | Store | Key | Value |
//! |---|---|---|
//! | `meta` | `device`, `nextLocalSeq` | the device's own record; the next journal number |
//! | `outbox` | journal number | what waits for the desk |
//! | `conversations` | id | what is known beside the log, with its cursor |
//! | `events` | [conversation, seq] | the log |
//! | `drafts` | conversation | what was typed and not sent |
//!
//! Only a transaction's `complete` is a commit: at quota a request may succeed and its transaction
//! be undone afterwards. Nothing but IndexedDB is awaited inside a transaction.

use super::Handle;
use crate::input::{Config, Input};
use crate::limits::{LOADED_EVENTS_MAX, STORE_OPEN_TIMEOUT_MS};
use crate::output::{Batch, ConversationRecord, Entry, StoreOp, Stored};
use crate::plain::{Readable, Writable};
use crate::protocol::event::Event;
use crate::wasm::{from_js, to_js};
use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use js_sys::{Array, Function, Object, Reflect};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    IdbDatabase, IdbFactory, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest, IdbRequest,
    IdbTransaction,
};

const SCHEMA_VERSION: u32 = 1;
const STORES: [&str; 5] = ["meta", "outbox", "conversations", "events", "drafts"];
const DEVICE: &str = "device";
const NEXT_LOCAL_SEQ: &str = "nextLocalSeq";

/// Why the store cannot be used.
pub(super) type Code = &'static str;
const UNAVAILABLE: Code = "unavailable";
const BROKEN: Code = "broken";
const QUOTA: Code = "quota";
const NEWER: Code = "newer";

/// The database's name: another site or another desk never sees what is in it.
pub(super) fn name(config: &Config) -> String {
    let mut name = String::from("deskside:");
    name.push_str(&config.site);
    name.push('@');
    name.push_str(config.desk.trim().trim_end_matches('/'));
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

/// Opens the store; ends in `Shell::opened` or in `StorageLost`, once, and soon: some browsers never
/// answer the first call.
pub(super) fn open(name: &str, handle: Handle) {
    let answered = Rc::new(Cell::new(false));
    let lost = {
        let (answered, handle) = (Rc::clone(&answered), handle.clone());
        move |code: Code| {
            if !answered.replace(true) {
                handle.drive(Input::StorageLost { code: code.into() });
            }
        }
    };
    let Some(request) = request_open(name) else {
        return lost(UNAVAILABLE);
    };
    let timed_out = lost.clone();
    Timeout::new(STORE_OPEN_TIMEOUT_MS, move || timed_out(UNAVAILABLE)).forget();

    let upgrading = request.clone();
    EventListener::once(&request, "upgradeneeded", move |_| {
        if let Some(db) = result::<IdbDatabase>(&upgrading) {
            create_stores(&db);
        }
    })
    .forget();
    let (failed, refused) = (request.clone(), lost);
    EventListener::once(&request, "error", move |_| {
        refused(code_of(failed.error().ok().flatten()))
    })
    .forget();
    let succeeded = request.clone();
    EventListener::once(&request, "success", move |_| {
        let Some(db) = result::<IdbDatabase>(&succeeded) else {
            return;
        };
        if answered.replace(true) {
            // Too late: the engine goes on in memory, and must not be told two stories.
            return db.close();
        }
        let database = Database::new(db, &handle);
        handle.with(|shell| shell.opened(database));
    })
    .forget();
}

fn request_open(name: &str) -> Option<IdbOpenDbRequest> {
    // Reached by name: the property is missing, null or throwing where storage is forbidden.
    let factory = Reflect::get(&js_sys::global(), &JsValue::from_str("indexedDB")).ok()?;
    factory
        .dyn_into::<IdbFactory>()
        .ok()?
        .open_with_u32(name, SCHEMA_VERSION)
        .ok()
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
            EventListener::once(&db, "versionchange", move |_| {
                old.close();
                gone.drive(Input::StorageLost { code: NEWER.into() });
            }),
            EventListener::once(&db, "close", move |_| {
                lost.drive(Input::StorageLost {
                    code: BROKEN.into(),
                });
            }),
        ];
        Self {
            db,
            _listeners: listeners,
        }
    }

    /// Reads everything that the engine starts from, in one transaction.
    pub fn load(&self, done: impl FnOnce(Result<Stored, Code>) + 'static) {
        let Some(tx) = self.transaction("readonly", false) else {
            return done(Err(BROKEN));
        };
        let stored = Rc::new(RefCell::new(Stored::default()));
        let into = Rc::clone(&stored);
        get(&tx, "meta", DEVICE, move |value| {
            into.borrow_mut().meta = from_js(value).ok()
        });
        let into = Rc::clone(&stored);
        get_all(&tx, "outbox", None, move |entries| {
            into.borrow_mut().journal = readable(entries)
        });
        let (into, reading) = (Rc::clone(&stored), tx.clone());
        get_all(&tx, "conversations", None, move |records| {
            let records: Vec<ConversationRecord> = readable(records);
            for record in &records {
                let into = Rc::clone(&into);
                get_all(&reading, "events", newest_events(record), move |events| {
                    into.borrow_mut().events.extend(readable::<Event>(events));
                });
            }
            into.borrow_mut().conversations = records;
        });
        let into = Rc::clone(&stored);
        get_all(&tx, "drafts", None, move |drafts| {
            into.borrow_mut().drafts = readable(drafts)
        });
        when_done(&tx, move |result| done(result.map(|()| stored.take())));
    }

    /// Reads the journal.
    pub fn journal(&self, done: impl FnOnce(Result<Vec<Entry>, Code>) + 'static) {
        let Some(tx) = self.transaction("readonly", false) else {
            return done(Err(BROKEN));
        };
        let journal = Rc::new(RefCell::new(Vec::new()));
        let into = Rc::clone(&journal);
        get_all(&tx, "outbox", None, move |entries| {
            *into.borrow_mut() = readable(entries)
        });
        when_done(&tx, move |result| done(result.map(|()| journal.take())));
    }

    /// Commits a batch; gives the journal numbers of its new entries.
    pub fn commit(&self, batch: Batch, done: impl FnOnce(Result<Vec<u32>, Code>) + 'static) {
        let Some(tx) = self.transaction("readwrite", batch.strict) else {
            return done(Err(BROKEN));
        };
        let mut entries = Vec::new();
        for op in batch.ops {
            let applied = match op {
                StoreOp::Enqueue(entry) => {
                    entries.push(entry);
                    Some(())
                }
                other => apply(&tx, other),
            };
            if applied.is_none() {
                abort(&tx);
            }
        }
        let numbers = Rc::new(RefCell::new(Vec::new()));
        if !entries.is_empty() {
            enqueue(&tx, entries, Rc::clone(&numbers));
        }
        when_done(&tx, move |result| done(result.map(|()| numbers.take())));
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
        let begin: Function = Reflect::get(&self.db, &"transaction".into())
            .ok()?
            .dyn_into()
            .ok()?;
        begin
            .call3(&self.db, &names, &mode.into(), &options)
            .ok()?
            .dyn_into()
            .ok()
    }
}

/// Gives each entry the next number, in the transaction that counts the numbers up.
fn enqueue(tx: &IdbTransaction, entries: Vec<Entry>, numbers: Rc<RefCell<Vec<u32>>>) {
    let writing = tx.clone();
    get(tx, "meta", NEXT_LOCAL_SEQ, move |value| {
        let mut next = value.as_f64().map_or(1, |next| next as u32).max(1);
        for mut entry in entries {
            entry.local_seq = next;
            if put(&writing, "outbox", &next.into(), &entry).is_none() {
                return abort(&writing);
            }
            numbers.borrow_mut().push(next);
            next += 1;
        }
        if put(&writing, "meta", &NEXT_LOCAL_SEQ.into(), &next).is_none() {
            abort(&writing);
        }
    });
}

fn apply(tx: &IdbTransaction, op: StoreOp) -> Option<()> {
    match op {
        StoreOp::SetMeta(meta) => put(tx, "meta", &DEVICE.into(), &meta),
        // New entries go in together: see `enqueue`.
        StoreOp::Enqueue(_) => None,
        StoreOp::UpdateEntry(entry) => {
            let (writing, key) = (tx.clone(), JsValue::from(entry.local_seq));
            get_by(tx, "outbox", &key.clone(), move |there| {
                if !there.is_undefined() && put(&writing, "outbox", &key, &entry).is_none() {
                    abort(&writing);
                }
            });
            Some(())
        }
        StoreOp::Dequeue { local_seq } => delete(tx, "outbox", &local_seq.into()),
        StoreOp::SetConversation(record) => {
            put(tx, "conversations", &record.id.as_str().into(), &record)
        }
        StoreOp::PutEvents(events) => {
            for event in events {
                put(tx, "events", &event_key(&event.conv, event.seq), &event)?;
            }
            Some(())
        }
        StoreOp::ClearEvents { conv } => delete(tx, "events", &range(&conv, 0, u32::MAX)?),
        StoreOp::SetDraft { conv, text } if text.is_empty() => {
            delete(tx, "drafts", &conv.as_str().into())
        }
        StoreOp::SetDraft { conv, text } => {
            put(tx, "drafts", &conv.as_str().into(), &(conv.clone(), text))
        }
    }
}

fn event_key(conv: &str, seq: u32) -> JsValue {
    Array::of2(&conv.into(), &seq.into()).into()
}

fn range(conv: &str, from: u32, to: u32) -> Option<JsValue> {
    IdbKeyRange::bound(&event_key(conv, from), &event_key(conv, to))
        .ok()
        .map(JsValue::from)
}

fn newest_events(record: &ConversationRecord) -> Option<JsValue> {
    range(
        &record.id,
        record.cursor.saturating_sub(LOADED_EVENTS_MAX - 1),
        record.cursor,
    )
}

/// Records of another shape are passed over and stay where they are: one bad record must not take
/// the rest with it.
fn readable<T: Readable>(values: Array) -> Vec<T> {
    values
        .iter()
        .filter_map(|value| from_js(value).ok())
        .collect()
}

fn put(tx: &IdbTransaction, store: &str, key: &JsValue, value: &dyn Writable) -> Option<()> {
    let value = to_js(value);
    tx.object_store(store)
        .ok()?
        .put_with_key(&value, key)
        .ok()
        .map(drop)
}

fn delete(tx: &IdbTransaction, store: &str, key: &JsValue) -> Option<()> {
    tx.object_store(store).ok()?.delete(key).ok().map(drop)
}

fn get(tx: &IdbTransaction, store: &str, key: &str, done: impl FnOnce(JsValue) + 'static) {
    get_by(tx, store, &key.into(), done);
}

fn get_by(tx: &IdbTransaction, store: &str, key: &JsValue, done: impl FnOnce(JsValue) + 'static) {
    when_read(tx, store, |store| store.get(key), done);
}

fn get_all(
    tx: &IdbTransaction,
    store: &str,
    range: Option<JsValue>,
    done: impl FnOnce(Array) + 'static,
) {
    let ask = |store: &IdbObjectStore| match &range {
        Some(range) => store.get_all_with_key(range),
        None => store.get_all(),
    };
    when_read(tx, store, ask, move |values| done(Array::from(&values)));
}

/// A read that cannot even be asked aborts its transaction, which reports it.
fn when_read(
    tx: &IdbTransaction,
    store: &str,
    ask: impl FnOnce(&IdbObjectStore) -> Result<IdbRequest, JsValue>,
    done: impl FnOnce(JsValue) + 'static,
) {
    match tx.object_store(store).and_then(|store| ask(&store)) {
        Ok(request) => {
            let read = request.clone();
            let listener =
                Closure::once_into_js(move || done(read.result().unwrap_or(JsValue::UNDEFINED)));
            request.set_onsuccess(listener.dyn_ref());
        }
        Err(_) => abort(tx),
    }
}

fn when_done(tx: &IdbTransaction, done: impl FnOnce(Result<(), Code>) + 'static) {
    let done = Rc::new(RefCell::new(Some(done)));
    let (completed, aborted, failed) = (Rc::clone(&done), done, tx.clone());
    let complete = Closure::once_into_js(move || {
        if let Some(done) = completed.take() {
            done(Ok(()));
        }
    });
    let abort = Closure::once_into_js(move || {
        if let Some(done) = aborted.take() {
            done(Err(code_of(failed.error())));
        }
    });
    tx.set_oncomplete(complete.dyn_ref());
    tx.set_onabort(abort.dyn_ref());
}

fn abort(tx: &IdbTransaction) {
    // Already aborted is as good.
    let _ = tx.abort();
}

fn result<T: JsCast>(request: &IdbRequest) -> Option<T> {
    request.result().ok()?.dyn_into().ok()
}

fn code_of(error: Option<web_sys::DomException>) -> Code {
    match error.map(|error| error.name()).as_deref() {
        Some("QuotaExceededError") => QUOTA,
        Some("VersionError") => NEWER,
        Some("SecurityError" | "InvalidStateError" | "NotSupportedError") => UNAVAILABLE,
        _ => BROKEN,
    }
}
