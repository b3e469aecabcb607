//! The storage of a mini-program as a device may hold it: the first two lines are the roots in the two
//! slots, the others the records under the keys 1, 2, 3... A root that begins with `*` is given the
//! checksums that its records have, so that what lies behind them is reached. Whatever is there, a message
//! that is committed afterwards is found by the next start.
#![no_main]

use deskside::output::{Batch, Durable, Entry, StoreOp};
use deskside::plain::{Value, Writable};
use deskside::platform::Json;
use deskside::platform::host::store::{Act, Answer, Store};
use deskside::protocol::command::Send;
use deskside::protocol::event::Content;
use deskside::{Config, Engine, Input, Now};
use libfuzzer_sys::fuzz_target;

const CMID: &str = "01890000-0000-7000-8000-0000000000aa";

fn json() -> Json {
    Json {
        write: |value| serde_json::to_string(value).unwrap_or_default(),
        read: |text| serde_json::from_str::<Value>(text).ok(),
    }
}

fn checksum(text: &str) -> u32 {
    text.bytes().fold(0x811C_9DC5, |sum, byte| {
        (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// Gives every record that the root lists the checksum of its text.
fn mend(root: &mut Value, texts: &[&str]) {
    let Value::Map(fields) = root else { return };
    let records = fields.iter_mut().find(|(name, _)| name == "records");
    let Some((_, Value::List(records))) = records else {
        return;
    };
    for record in records {
        let key = record.get("key").cloned();
        let text = texts
            .iter()
            .zip(1_u32..)
            .find(|(_, at)| Some(at.write()) == key);
        if let (Value::Map(fields), Some((text, _))) = (record, text) {
            fields.retain(|(name, _)| name != "sum");
            fields.push(("sum".into(), checksum(text).write()));
        }
    }
}

fn slot(line: &str, texts: &[&str]) -> String {
    let Some(list) = line.strip_prefix('*') else {
        return line.to_owned();
    };
    let Some(mut root) = (json().read)(list) else {
        return line.to_owned();
    };
    mend(&mut root, texts);
    let list = (json().write)(&root);
    format!("1 {} {list}", checksum(&list))
}

/// Lets the store do all that it has to do; what it has to tell.
fn settle(store: &mut Store, keys: &mut Vec<(String, String)>) -> Vec<Input> {
    let mut told = Vec::new();
    loop {
        told.extend(std::iter::from_fn(|| store.news()));
        let Some(request) = store.request() else {
            return told;
        };
        let at = keys.iter().position(|(known, _)| *known == request.key);
        let answer = match (request.act, at) {
            (Act::Get, Some(at)) => Answer::Found(keys[at].1.clone()),
            (Act::Set(text), _) => {
                keys.retain(|(known, _)| *known != request.key);
                keys.push((request.key, text));
                Answer::Done
            }
            (Act::Remove, Some(at)) => {
                keys.remove(at);
                Answer::Done
            }
            _ => Answer::Done,
        };
        store.answered(request.id, answer);
    }
}

fn load(keys: &mut Vec<(String, String)>) -> (Store, Vec<Input>) {
    let mut store = Store::new("s".into(), json());
    store.load();
    let told = settle(&mut store, keys);
    (store, told)
}

fuzz_target!(|text: &str| {
    let mut lines = text.lines();
    let roots = [lines.next().unwrap_or(""), lines.next().unwrap_or("")];
    let texts: Vec<&str> = lines.collect();
    let mut keys: Vec<(String, String)> = Vec::new();
    for (name, root) in ["s#a", "s#b"].iter().zip(roots) {
        if !root.is_empty() {
            keys.push(((*name).to_owned(), slot(root, &texts)));
        }
    }
    keys.extend(
        texts
            .iter()
            .zip(1..)
            .map(|(text, key)| (format!("s#{key}"), (*text).to_owned())),
    );

    let (mut store, told) = load(&mut keys);
    let [Input::Loaded(stored)] = told.as_slice() else {
        return;
    };
    let newer = stored.newer;
    let config = Config {
        desk: "https://desk.test".into(),
        site: "demo".into(),
        ..Config::default()
    };
    let mut engine = Engine::new(config, [7; 32]).expect("the configuration is sound");
    let now = Now {
        mono_ms: 1,
        wall_ms: 1_700_000_000_000,
    };
    engine
        .handle(now, Input::Loaded(stored.clone()))
        .expect("only visitors are refused");
    while engine.poll().is_some() {}
    engine.view();
    if newer {
        return;
    }
    let entry = Entry {
        local_seq: 0,
        made_at: now.wall_ms,
        visitor: String::new(),
        command: Durable::Send(Send {
            conv: "c".into(),
            cmid: CMID.into(),
            prev: None,
            body: Content::from("kept".to_owned()),
        }),
        failed: None,
    };
    store.commit(Batch {
        rev: 1,
        generation: None,
        strict: true,
        guarded: false,
        ops: vec![StoreOp::Enqueue(entry)],
    });
    let told = settle(&mut store, &mut keys);
    if !told
        .iter()
        .any(|told| matches!(told, Input::Persisted { .. }))
    {
        return;
    }
    let (_, told) = load(&mut keys);
    let [Input::Loaded(stored)] = told.as_slice() else {
        panic!("what was written cannot be read");
    };
    let kept = stored
        .journal
        .iter()
        .any(|entry| entry.command.cmid() == CMID);
    assert!(kept, "a message that was committed is gone");
});
