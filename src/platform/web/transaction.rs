//! One transaction on the device's store: what is put into it, read in it, and how it ends.

use super::callback::{Done, once};
use crate::limits::LOADED_EVENTS_MAX;
use crate::list::Gather;
use crate::outbox::sealed::Sealed;
use crate::output::{Batch, ConversationRecord, Meta, StoreOp};
use crate::plain::{Readable, Value, Writable};
use crate::wasm::{from_js, to_js};
use js_sys::Array;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::vec::IntoIter;
use wasm_bindgen::JsValue;
use web_sys::{DomException, IdbKeyRange, IdbRequest, IdbTransaction};

/// The key of the device's own record in `meta`.
pub(super) const DEVICE: &str = "device";
/// The key of the next journal number in `meta`.
const NEXT_LOCAL_SEQ: &str = "nextLocalSeq";
/// The key in `meta` of the number of leaders that there have been.
const GENERATION: &str = "generation";

/// The names under which the engine keeps values of its own.
pub(super) const KEPT: [&str; 3] = ["surveys", "responses", "marks"];

/// Why the store cannot be used.
pub(super) type Code = &'static str;
/// The browser does not let us have one.
pub(super) const UNAVAILABLE: Code = "unavailable";
/// It failed, and will fail again.
pub(super) const BROKEN: Code = "broken";
/// The device has no room left.
const QUOTA: Code = "quota";
/// Another tab has written meanwhile.
pub(super) const STALE: Code = "stale";
/// A newer version of the page owns it.
pub(super) const NEWER: Code = "newer";

/// A batch on its way into the store: its changes are made one after the other, each when what it must
/// look at before has been read.
struct Commit {
    tx: IdbTransaction,
    ops: IntoIter<StoreOp>,
    /// The next journal number, once it is read.
    next_local_seq: Option<u32>,
    outcome: Rc<RefCell<Outcome>>,
}

/// What a transaction has found, beside its end.
#[derive(Default)]
pub(super) struct Outcome {
    /// The journal numbers of the new entries.
    pub local_seqs: Vec<u32>,
    /// It was given up because another tab has written meanwhile.
    pub stale: bool,
}

/// Makes the changes of a batch.
pub(super) fn write(tx: &IdbTransaction, batch: Batch, outcome: Rc<RefCell<Outcome>>) {
    let commit = Commit {
        tx: tx.clone(),
        ops: batch.ops.into_iter(),
        next_local_seq: None,
        outcome,
    };
    let Some(generation) = batch.generation else {
        return commit.go_on();
    };
    let then = move |stored: JsValue| {
        if stored.as_f64() == Some(f64::from(generation)) {
            commit.go_on();
        } else {
            commit.give_up();
        }
    };
    get(tx, "meta", &GENERATION.into(), Box::new(then));
}

impl Commit {
    fn go_on(mut self) {
        while let Some(op) = self.ops.next() {
            let (store, key) = match &op {
                StoreOp::MakeMeta(_) | StoreOp::SetMeta { .. } => ("meta", DEVICE.into()),
                StoreOp::Enqueue(_) if self.next_local_seq.is_none() => {
                    ("meta", NEXT_LOCAL_SEQ.into())
                }
                StoreOp::UpdateEntry(entry) => ("outbox", entry.local_seq.into()),
                _ => {
                    if self.apply(op).is_none() {
                        return abort(&self.tx);
                    }
                    continue;
                }
            };
            let tx = self.tx.clone();
            return get(
                &tx,
                store,
                &key,
                Box::new(move |there| self.look(op, there)),
            );
        }
    }

    /// Makes a change that depends on what is there.
    fn look(mut self, op: StoreOp, there: JsValue) {
        let done = match op {
            StoreOp::MakeMeta(meta) if there.is_undefined() => self.put("meta", DEVICE, &meta),
            StoreOp::SetMeta { meta, was } => {
                let stored: Option<Meta> = from_js(there).ok();
                if stored.and_then(|stored| stored.token) != was {
                    return self.give_up();
                }
                self.put("meta", DEVICE, &meta)
            }
            StoreOp::UpdateEntry(entry) if !there.is_undefined() => {
                self.put("outbox", entry.local_seq, &Sealed(entry))
            }
            StoreOp::Enqueue(_) => {
                self.next_local_seq = Some(there.as_f64().map_or(1, |next| next as u32).max(1));
                self.apply(op)
            }
            _ => Some(()),
        };
        if done.is_none() {
            return abort(&self.tx);
        }
        self.go_on();
    }

    fn apply(&mut self, op: StoreOp) -> Option<()> {
        let tx = &self.tx;
        match op {
            StoreOp::Enqueue(mut entry) => {
                let next = self.next_local_seq?;
                entry.local_seq = next;
                self.next_local_seq = Some(next + 1);
                self.outcome.borrow_mut().local_seqs.push(next);
                self.put("outbox", next, &Sealed(entry))?;
                self.put("meta", NEXT_LOCAL_SEQ, &(next + 1))
            }
            StoreOp::Dequeue { local_seq } => delete(tx, "outbox", &local_seq.into()),
            StoreOp::SetConversation(record) => self.put("conversations", &*record.id, &record),
            StoreOp::PutEvents(events) => {
                for event in events {
                    self.put("events", event_key(&event.conv, event.seq), &event)?;
                }
                Some(())
            }
            StoreOp::Keep { name, value } => self.put("meta", kept_key(&name), &value),
            StoreOp::ClearEvents { conv, up_to } => delete(tx, "events", &range(&conv, 0, up_to)?),
            StoreOp::DropCache => {
                clear(tx, "events")?;
                clear(tx, "conversations")
            }
            StoreOp::SetDraft { conv, text } if text.is_empty() => {
                delete(tx, "drafts", &conv.as_str().into())
            }
            StoreOp::SetDraft { conv, text } => {
                let key = JsValue::from_str(&conv);
                self.put("drafts", key, &(conv, text))
            }
            // These look at what is there first.
            StoreOp::MakeMeta(_) | StoreOp::SetMeta { .. } | StoreOp::UpdateEntry(_) => None,
        }
    }

    fn put(&self, store: &str, key: impl Into<JsValue>, value: &dyn Writable) -> Option<()> {
        put(&self.tx, store, &key.into(), value)
    }

    fn give_up(self) {
        self.outcome.borrow_mut().stale = true;
        abort(&self.tx);
    }
}

/// Counts the leaders up, and gives the new number.
pub(super) fn begin_generation(tx: &IdbTransaction, generation: Rc<Cell<u32>>) {
    let writing = tx.clone();
    let then = move |stored: JsValue| {
        let next = stored.as_f64().map_or(0, |last| last as u32) + 1;
        generation.set(next);
        if put(&writing, "meta", &GENERATION.into(), &next).is_none() {
            abort(&writing);
        }
    };
    get(tx, "meta", &GENERATION.into(), Box::new(then));
}

fn kept_key(name: &str) -> JsValue {
    ["kept:", name].concat().into()
}

/// Reads what is kept under a name, if there is anything.
pub(super) fn get_kept(
    tx: &IdbTransaction,
    name: &'static str,
    done: Done<Option<(String, Value)>>,
) {
    let then = move |value| {
        let kept = from_js::<Value>(value).ok();
        let kept = kept.filter(|kept| *kept != Value::Null);
        done(kept.map(|kept| (name.to_owned(), kept)));
    };
    get(tx, "meta", &kept_key(name), Box::new(then));
}

fn event_key(conv: &str, seq: u32) -> JsValue {
    Array::of2(&conv.into(), &seq.into()).into()
}

pub(super) fn range(conv: &str, from: u32, to: u32) -> Option<JsValue> {
    IdbKeyRange::bound(&event_key(conv, from), &event_key(conv, to))
        .ok()
        .map(JsValue::from)
}

pub(super) fn newest_events(record: &ConversationRecord) -> Option<JsValue> {
    range(
        &record.id,
        record.cursor.saturating_sub(LOADED_EVENTS_MAX - 1),
        record.cursor,
    )
}

/// Records of another shape are passed over and stay where they are: one bad record must not take
/// the rest with it.
pub(super) fn readable<T: Readable>(values: Array) -> Vec<T> {
    values
        .iter()
        .filter_map(|value| from_js(value).ok())
        .listed()
}

fn put(tx: &IdbTransaction, store: &str, key: &JsValue, value: &dyn Writable) -> Option<()> {
    let value = to_js(value);
    tx.object_store(store)
        .ok()?
        .put_with_key(&value, key)
        .ok()
        .map(drop)
}

fn clear(tx: &IdbTransaction, store: &str) -> Option<()> {
    tx.object_store(store).ok()?.clear().ok().map(drop)
}

fn delete(tx: &IdbTransaction, store: &str, key: &JsValue) -> Option<()> {
    tx.object_store(store).ok()?.delete(key).ok().map(drop)
}

pub(super) fn get(tx: &IdbTransaction, store: &str, key: &JsValue, done: Done<JsValue>) {
    let request = tx.object_store(store).and_then(|store| store.get(key));
    when_read(tx, request, done);
}

pub(super) fn get_all(tx: &IdbTransaction, store: &str, range: Option<JsValue>, done: Done<Array>) {
    let request = tx.object_store(store).and_then(|store| match &range {
        Some(range) => store.get_all_with_key(range),
        None => store.get_all(),
    });
    when_read(
        tx,
        request,
        Box::new(move |values| done(Array::from(&values))),
    );
}

/// A read that cannot even be asked aborts its transaction, which reports it.
fn when_read(tx: &IdbTransaction, request: Result<IdbRequest, JsValue>, done: Done<JsValue>) {
    let Ok(request) = request else {
        return abort(tx);
    };
    let read = request.clone();
    let then = once(Box::new(move || {
        done(read.result().unwrap_or(JsValue::UNDEFINED));
    }));
    request.set_onsuccess(Some(&then));
}

pub(super) fn when_done(tx: &IdbTransaction, done: Done<Result<(), Code>>) {
    let done = Rc::new(RefCell::new(Some(done)));
    let (completed, aborted, failed) = (Rc::clone(&done), done, tx.clone());
    let complete = once(Box::new(move || {
        if let Some(done) = completed.take() {
            done(Ok(()));
        }
    }));
    let abort = once(Box::new(move || {
        if let Some(done) = aborted.take() {
            done(Err(code_of(failed.error())));
        }
    }));
    tx.set_oncomplete(Some(&complete));
    tx.set_onabort(Some(&abort));
}

pub(super) fn abort(tx: &IdbTransaction) {
    // Already aborted is as good.
    let _ = tx.abort();
}

pub(super) fn code_of(error: Option<DomException>) -> Code {
    match error.map(|error| error.name()).as_deref() {
        Some("QuotaExceededError") => QUOTA,
        Some("VersionError") => NEWER,
        Some("SecurityError" | "InvalidStateError" | "NotSupportedError") => UNAVAILABLE,
        _ => BROKEN,
    }
}
