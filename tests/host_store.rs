//! The device's store of a mini-program: texts under keys, no transactions, and a process that may end
//! between any two writes, or in the middle of one.

use deskside::output::{Batch, ConversationRecord, Durable, Entry, Meta, StoreOp};
use deskside::plain::Value;
use deskside::platform::Json;
use deskside::platform::host::store::{Act, Answer, Store};
use deskside::protocol::command::Send;
use deskside::protocol::event::{Author, Content, Event, EventBody, Role};
use deskside::rng::Rng;
use deskside::{Input, Stored};

fn json() -> Json {
    Json {
        write: |value| serde_json::to_string(value).unwrap(),
        read: |text| serde_json::from_str::<Value>(text).ok(),
    }
}

/// A key/value storage, and what is wrong with it.
#[derive(Clone)]
struct Storage {
    keys: Vec<(String, String)>,
    /// Writes and removals until the process ends; the one that it ends in is torn.
    lives: Option<usize>,
    bytes_max: usize,
    unreadable: bool,
    shuffle: Rng,
}

impl Storage {
    fn new(seed: u8) -> Self {
        Self {
            keys: Vec::new(),
            lives: None,
            bytes_max: usize::MAX,
            unreadable: false,
            shuffle: Rng::new([seed; 32]),
        }
    }

    fn get(&self, key: &str) -> Option<&String> {
        let found = self.keys.iter().find(|(known, _)| known == key)?;
        Some(&found.1)
    }

    fn put(&mut self, key: &str, text: String) {
        self.keys.retain(|(known, _)| known != key);
        self.keys.push((key.into(), text));
    }

    fn bytes(&self) -> usize {
        self.keys
            .iter()
            .map(|(key, text)| key.len() + text.len())
            .sum()
    }

    /// What it answers; nothing once the process has ended.
    fn perform(&mut self, key: &str, act: Act) -> Option<Answer> {
        if self.lives == Some(0) {
            return None;
        }
        if let (Some(lives), false) = (&mut self.lives, act == Act::Get) {
            *lives -= 1;
        }
        let torn = self.lives == Some(0);
        Some(match act {
            Act::Get if self.unreadable => Answer::Failed,
            Act::Get => self.get(key).cloned().map_or(Answer::Done, Answer::Found),
            Act::Set(text) => {
                let before = self.get(key).map_or(0, String::len);
                if self.bytes() - before + text.len() > self.bytes_max {
                    return Some(Answer::Full);
                }
                let whole = text.len();
                let kept = if torn {
                    self.shuffle.up_to(whole as u32 - 1) as usize
                } else {
                    whole
                };
                self.put(key, text.chars().take(kept).collect());
                Answer::Done
            }
            Act::Remove => {
                self.keys.retain(|(known, _)| known != key);
                Answer::Done
            }
        })
        .filter(|_| !torn)
    }

    /// Lets a store do all that it has to do; what it has to tell.
    fn settle(&mut self, store: &mut Store) -> Vec<Input> {
        let mut told = Vec::new();
        loop {
            let mut requests: Vec<_> = std::iter::from_fn(|| store.request()).collect();
            told.extend(std::iter::from_fn(|| store.news()));
            if requests.is_empty() {
                return told;
            }
            // A host may answer in any order.
            while !requests.is_empty() {
                let at = self.shuffle.up_to(requests.len() as u32 - 1) as usize;
                let request = requests.swap_remove(at);
                if let Some(answer) = self.perform(&request.key, request.act) {
                    store.answered(request.id, answer);
                }
            }
        }
    }

    fn open(&mut self) -> (Store, Vec<Input>) {
        let mut store = Store::new("deskside:demo@desk".into(), json());
        store.load();
        let told = self.settle(&mut store);
        (store, told)
    }

    fn reopened(&mut self) -> (Store, Stored) {
        self.lives = None;
        let (store, told) = self.open();
        match told.as_slice() {
            [Input::Loaded(stored)] => (store, in_order(stored.clone())),
            other => panic!("not loaded: {other:?}"),
        }
    }
}

fn in_order(mut stored: Stored) -> Stored {
    stored.journal.sort_by_key(|entry| entry.local_seq);
    stored.conversations.sort_by(|a, b| a.id.cmp(&b.id));
    stored
        .events
        .sort_by(|a, b| (&a.conv, a.seq).cmp(&(&b.conv, b.seq)));
    stored.drafts.sort();
    stored
}

fn entry(cmid: &str) -> Entry {
    Entry {
        local_seq: 0,
        made_at: 1,
        visitor: String::new(),
        command: Durable::Send(Send {
            conv: "c1".into(),
            cmid: cmid.into(),
            prev: None,
            body: Content {
                text: "包裹到哪里了？".into(),
                ..Default::default()
            },
        }),
        failed: None,
    }
}

fn event(seq: u32) -> Event {
    Event {
        conv: "c1".into(),
        seq,
        ts: 1_700_000_000_000,
        author: Author {
            role: Role::Agent,
            id: "a".into(),
        },
        cmid: None,
        body: EventBody::Message(Content {
            text: format!("answer {seq}"),
            ..Default::default()
        }),
    }
}

fn record(cursor: u32) -> ConversationRecord {
    ConversationRecord {
        id: "c1".into(),
        epoch: "e".into(),
        cursor,
        ..Default::default()
    }
}

fn batch(rev: u32, ops: Vec<StoreOp>) -> Batch {
    Batch {
        rev,
        generation: None,
        strict: true,
        guarded: false,
        ops,
    }
}

/// A visit: a token, messages, answers, a draft, an acknowledgement.
fn visit() -> Vec<Batch> {
    let meta = Meta {
        client_id: "d".into(),
        token: Some("t".into()),
        visitor: "v".into(),
        attachment_bytes_max: Some(1_000),
    };
    let said = |cmid: &str| StoreOp::Enqueue(entry(cmid));
    let got = |from: u32, to: u32| {
        vec![
            StoreOp::PutEvents((from..=to).map(event).collect()),
            StoreOp::SetConversation(record(to)),
        ]
    };
    let mut acknowledged = got(1, 1);
    acknowledged.push(StoreOp::Dequeue { local_seq: 1 });
    let failed = Entry {
        local_seq: 2,
        failed: Some("too_large".into()),
        ..entry("m2")
    };
    [
        vec![
            StoreOp::SetMeta { meta, was: None },
            StoreOp::SetDraft {
                conv: "c1".into(),
                text: "包裹".into(),
            },
        ],
        vec![
            said("m1"),
            StoreOp::SetDraft {
                conv: "c1".into(),
                text: String::new(),
            },
        ],
        vec![said("m2"), said("m3")],
        acknowledged,
        got(2, 60),
        vec![StoreOp::UpdateEntry(failed)],
        vec![StoreOp::Dequeue { local_seq: 3 }],
        vec![
            StoreOp::ClearEvents {
                conv: "c1".into(),
                up_to: u32::MAX,
            },
            StoreOp::PutEvents(vec![event(90)]),
            StoreOp::SetConversation(record(90)),
        ],
        got(91, 92),
    ]
    .into_iter()
    .enumerate()
    .map(|(at, ops)| batch(at as u32 + 1, ops))
    .collect()
}

/// What the store holds after each batch of the visit.
fn after_each() -> Vec<Stored> {
    let mut storage = Storage::new(1);
    let (mut store, _) = storage.open();
    let mut states = vec![Stored::default()];
    for batch in visit() {
        store.commit(batch);
        storage.settle(&mut store);
        states.push(storage.clone().reopened().1);
    }
    states
}

#[test]
fn what_was_committed_is_there_at_the_next_start() {
    let states = after_each();
    let last = states.last().unwrap();
    assert_eq!(last.meta.as_ref().unwrap().token.as_deref(), Some("t"));
    assert_eq!(last.journal.len(), 1);
    assert_eq!(
        (last.journal[0].local_seq, last.journal[0].failed.as_deref()),
        (2, Some("too_large"))
    );
    assert_eq!(last.conversations[0].cursor, 92);
    let seqs: Vec<u32> = last.events.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, [90, 91, 92]);
    assert_eq!(states[1].drafts, [("c1".to_owned(), "包裹".to_owned())]);
    assert_eq!(states[5].events.len(), 60);
}

#[test]
fn the_store_numbers_entries_without_ever_using_a_number_twice() {
    let mut storage = Storage::new(1);
    let (mut store, _) = storage.open();
    store.commit(batch(
        1,
        vec![StoreOp::Enqueue(entry("m1")), StoreOp::Enqueue(entry("m2"))],
    ));
    let told = storage.settle(&mut store);
    assert_eq!(
        told,
        [Input::Persisted {
            rev: 1,
            local_seqs: vec![1, 2]
        }]
    );
    store.commit(batch(
        2,
        vec![
            StoreOp::Dequeue { local_seq: 1 },
            StoreOp::Dequeue { local_seq: 2 },
        ],
    ));
    storage.settle(&mut store);
    let (mut store, _) = storage.reopened();
    store.commit(batch(1, vec![StoreOp::Enqueue(entry("m3"))]));
    assert_eq!(
        storage.settle(&mut store),
        [Input::Persisted {
            rev: 1,
            local_seqs: vec![3]
        }]
    );
}

/// A batch is there whole or not at all, and always if it was called persisted: whichever write the
/// process ends in, and however torn that write is.
#[test]
fn whichever_write_the_process_ends_in_no_batch_is_torn_and_none_that_counts_is_lost() {
    let states = after_each();
    for seed in 0..20 {
        for lives in 1.. {
            let mut storage = Storage::new(seed);
            let (mut store, _) = storage.open();
            storage.lives = Some(lives);
            let mut persisted = 0;
            for batch in visit() {
                store.commit(batch);
                persisted += storage.settle(&mut store).len();
            }
            let survived = storage.lives != Some(0);
            let (_, stored) = storage.reopened();
            let next = states.get(persisted + 1);
            assert!(
                stored == states[persisted] || Some(&stored) == next,
                "ended in write {lives} (seed {seed}): {persisted} batches persisted, found {stored:?}"
            );
            if survived {
                break;
            }
        }
    }
}

#[test]
fn after_a_crash_writing_goes_on_and_a_second_crash_does_no_harm_either() {
    for first in 1..40 {
        let mut storage = Storage::new(first as u8);
        let (mut store, _) = storage.open();
        storage.lives = Some(first);
        for batch in visit() {
            store.commit(batch);
            storage.settle(&mut store);
        }
        let (mut store, before) = storage.reopened();
        storage.lives = Some(1 + first % 4);
        store.commit(batch(1, vec![StoreOp::Enqueue(entry("late"))]));
        let told = storage.settle(&mut store);
        let (_, stored) = storage.reopened();
        let cmids = |stored: &Stored| -> Vec<String> {
            stored
                .journal
                .iter()
                .map(|entry| entry.command.cmid().to_owned())
                .collect()
        };
        let mut with = cmids(&before);
        with.push("late".into());
        let found = cmids(&stored);
        assert!(
            found == with || (told.is_empty() && found == cmids(&before)),
            "{found:?}"
        );
    }
}

#[test]
fn a_record_that_is_damaged_takes_nothing_else_with_it() {
    let mut storage = Storage::new(1);
    let (mut store, _) = storage.open();
    for batch in visit().into_iter().take(3) {
        store.commit(batch);
        storage.settle(&mut store);
    }
    store.commit(batch(
        9,
        vec![StoreOp::SetDraft {
            conv: "c1".into(),
            text: "x".into(),
        }],
    ));
    storage.settle(&mut store);
    let damaged = storage
        .keys
        .iter()
        .position(|(_, text)| text.contains("\"m2\""))
        .unwrap();
    storage.keys[damaged].1.truncate(20);
    let (mut store, stored) = storage.reopened();
    let cmids: Vec<&str> = stored
        .journal
        .iter()
        .map(|entry| entry.command.cmid())
        .collect();
    assert_eq!(cmids, ["m1", "m3"]);
    assert!(stored.meta.is_some());
    // It stays where it is.
    let key = storage.keys[damaged].0.clone();
    store.commit(batch(
        1,
        vec![StoreOp::SetDraft {
            conv: "c1".into(),
            text: "y".into(),
        }],
    ));
    storage.settle(&mut store);
    assert!(storage.get(&key).is_some());
}

/// A list with a right checksum that counts less than it names, and calls gone what it lists.
#[test]
fn a_list_that_contradicts_itself_lets_nothing_be_written_over() {
    let mut storage = Storage::new(1);
    let (mut store, _) = storage.open();
    for batch in visit().into_iter().take(3) {
        store.commit(batch);
        storage.settle(&mut store);
    }
    let said = |stored: &Stored| -> Vec<String> {
        let entries = stored.journal.iter();
        entries.map(|e| e.command.cmid().to_owned()).collect()
    };
    let mut before = said(&storage.reopened().1);
    for (_, text) in &mut storage.keys {
        let Some(list) = text.strip_prefix("1 ").and_then(|t| t.split_once(' ')) else {
            continue;
        };
        let mut root: serde_json::Value = serde_json::from_str(list.1).unwrap();
        let keys = root["records"].as_array().unwrap().iter();
        root["gone"] = keys.map(|record| record["key"].clone()).collect();
        root["nextKey"] = 1.into();
        root["nextLocalSeq"] = 1.into();
        let list = root.to_string();
        let sum = list.bytes().fold(0x811C_9DC5_u32, |sum, byte| {
            (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
        *text = format!("1 {sum} {list}");
    }
    let (mut store, stored) = storage.reopened();
    assert_eq!(said(&stored), before);
    store.commit(batch(1, vec![StoreOp::Enqueue(entry("m9"))]));
    storage.settle(&mut store);
    before.push("m9".into());
    assert_eq!(said(&storage.reopened().1), before);
}

#[test]
fn where_a_new_record_is_damaged_the_state_before_counts_but_no_message_is_lost() {
    let mut storage = Storage::new(1);
    let (mut store, _) = storage.open();
    for batch in visit().into_iter().take(2) {
        store.commit(batch);
        storage.settle(&mut store);
    }
    store.commit(batch(
        3,
        vec![
            StoreOp::Enqueue(entry("m2")),
            StoreOp::SetConversation(record(7)),
        ],
    ));
    storage.settle(&mut store);
    let damaged = storage
        .keys
        .iter_mut()
        .find(|(_, text)| text.contains("\"cursor\":7"))
        .unwrap();
    damaged.1.truncate(9);
    let (_, stored) = storage.reopened();
    assert!(stored.conversations.is_empty());
    let cmids: Vec<&str> = stored
        .journal
        .iter()
        .map(|entry| entry.command.cmid())
        .collect();
    assert_eq!(cmids, ["m1", "m2"]);
}

#[test]
fn where_there_is_no_room_old_answers_make_way_and_the_message_is_stored() {
    let mut storage = Storage::new(1);
    let (mut store, _) = storage.open();
    let answers = (1..=200).map(event).collect();
    store.commit(batch(
        1,
        vec![
            StoreOp::PutEvents(answers),
            StoreOp::SetConversation(record(200)),
        ],
    ));
    storage.settle(&mut store);
    storage.bytes_max = storage.bytes() + 100;
    store.commit(batch(2, vec![StoreOp::Enqueue(entry("m1"))]));
    assert_eq!(
        storage.settle(&mut store),
        [Input::Persisted {
            rev: 2,
            local_seqs: vec![1]
        }]
    );
    let (_, stored) = storage.reopened();
    assert_eq!(stored.journal.len(), 1);
    assert_eq!(stored.events.last().unwrap().seq, 200);
}

#[test]
fn where_there_is_no_room_at_all_it_says_so_and_keeps_what_it_had() {
    let mut storage = Storage::new(1);
    let (mut store, _) = storage.open();
    store.commit(batch(1, vec![StoreOp::Enqueue(entry("m1"))]));
    storage.settle(&mut store);
    storage.bytes_max = storage.bytes();
    store.commit(batch(2, vec![StoreOp::Enqueue(entry("m2"))]));
    assert_eq!(
        storage.settle(&mut store),
        [Input::PersistFailed {
            rev: 2,
            code: "quota".into()
        }]
    );
    assert_eq!(storage.reopened().1.journal.len(), 1);
}

#[test]
fn a_storage_that_cannot_be_read_is_left_alone() {
    let mut storage = Storage::new(1);
    let (mut store, _) = storage.open();
    store.commit(batch(1, vec![StoreOp::Enqueue(entry("m1"))]));
    storage.settle(&mut store);
    storage.unreadable = true;
    let before = storage.keys.clone();
    let (mut store, told) = storage.open();
    assert_eq!(
        told,
        [Input::StorageLost {
            code: "unavailable".into()
        }]
    );
    store.commit(batch(1, vec![StoreOp::Enqueue(entry("m2"))]));
    assert_eq!(
        storage.settle(&mut store),
        [Input::PersistFailed {
            rev: 1,
            code: "unavailable".into()
        }]
    );
    assert_eq!(storage.keys, before);
}

#[test]
fn what_a_newer_version_wrote_is_neither_read_nor_written_over() {
    let mut storage = Storage::new(1);
    storage.put(
        "deskside:demo@desk#b",
        "2 99 whatever a later layout holds".into(),
    );
    let before = storage.keys.clone();
    let (_, told) = storage.open();
    assert_eq!(
        told,
        [Input::StorageLost {
            code: "newer".into()
        }]
    );
    assert_eq!(storage.keys, before);
}

#[test]
fn nothing_that_is_let_go_of_stays_behind_for_ever() {
    let mut storage = Storage::new(1);
    let (mut store, _) = storage.open();
    for round in 0..300 {
        let text = format!("draft {round}");
        store.commit(batch(
            round + 1,
            vec![StoreOp::SetDraft {
                conv: "c1".into(),
                text,
            }],
        ));
        storage.settle(&mut store);
    }
    assert!(storage.keys.len() <= 5, "{:?}", storage.keys);
    let largest = storage.keys.iter().map(|(_, text)| text.len()).max();
    assert!(largest < Some(1_000));
}
