//! One transaction on the device's store: what is put into it, read in it, and how it ends.

use super::callback::{Done, once};
use crate::limits::LOADED_EVENTS_MAX;
use crate::output::{ConversationRecord, Entry, StoreOp};
use crate::plain::{Readable, Writable};
use crate::wasm::{from_js, to_js};
use js_sys::Array;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::{DomException, IdbKeyRange, IdbRequest, IdbTransaction};

/// The key of the device's own record in `meta`.
pub(super) const DEVICE: &str = "device";
/// The key of the next journal number in `meta`.
const NEXT_LOCAL_SEQ: &str = "nextLocalSeq";

/// Why the store cannot be used.
pub(super) type Code = &'static str;
/// The browser does not let us have one.
pub(super) const UNAVAILABLE: Code = "unavailable";
/// It failed, and will fail again.
pub(super) const BROKEN: Code = "broken";
/// The device has no room left.
const QUOTA: Code = "quota";
/// A newer version of the page owns it.
pub(super) const NEWER: Code = "newer";

/// Gives each entry the next number, in the transaction that counts the numbers up.
pub(super) fn enqueue(tx: &IdbTransaction, entries: Vec<Entry>, numbers: Rc<RefCell<Vec<u32>>>) {
    let writing = tx.clone();
    get(
        tx,
        "meta",
        &NEXT_LOCAL_SEQ.into(),
        Box::new(move |value| {
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
        }),
    );
}

pub(super) fn apply(tx: &IdbTransaction, op: StoreOp) -> Option<()> {
    match op {
        StoreOp::SetMeta(meta) => put(tx, "meta", &DEVICE.into(), &meta),
        // New entries go in together: see `enqueue`.
        StoreOp::Enqueue(_) => None,
        StoreOp::UpdateEntry(entry) => {
            let (writing, key) = (tx.clone(), JsValue::from(entry.local_seq));
            get(
                tx,
                "outbox",
                &key.clone(),
                Box::new(move |there| {
                    if !there.is_undefined() && put(&writing, "outbox", &key, &entry).is_none() {
                        abort(&writing);
                    }
                }),
            );
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
