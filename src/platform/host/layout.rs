//! How the store lies in a key/value storage that knows no transactions.
//!
//! Every record has a key of its own and is never written over. The root lists the records that count,
//! with a checksum each; it is written last, to two slots in turn, and that write is the commit. A root
//! that was torn fails its checksum, and the one before it still counts: what only that one lists is
//! removed when the root after the next is written.

use crate::limits::{LOADED_EVENTS_MAX, STORE_CHUNK_BYTES_MAX, STORE_CHUNK_EVENTS_MAX};
use crate::output::{Batch, Entry, StoreOp, Stored};
use crate::plain;
use crate::plain::{Readable, Writable};
use crate::platform::Json;
use crate::protocol::event::Event;

/// The layout's own version.
const LAYOUT_VERSION: u32 = 1;

/// Why a slot holds no root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoRoot {
    /// Its text is not whole.
    Torn,
    /// A newer version of this package wrote it: not ours to read, or to write over.
    Newer,
}

/// What counts. Its place in the sequence of commits is its `generation`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Root {
    pub generation: u32,
    pub next_key: u32,
    pub next_local_seq: u32,
    pub records: Vec<Named>,
    /// Keys that this root or the one before it does not list any more: to be removed.
    pub gone: Vec<u32>,
}

/// A record, where it lies, and what its text sums up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    pub name: String,
    pub key: u32,
    pub sum: u32,
}

plain!(struct Root { generation, next_key, next_local_seq, records; gone });
plain!(struct Named { name, key, sum });

const META: &str = "meta";
const ENTRY: &str = "entry:";
const CONVERSATION: &str = "conversation:";
const LOG: &str = "log:";
const DRAFT: &str = "draft:";
const KEPT: &str = "kept:";

/// FNV-1a: tells a torn text from a whole one.
pub(super) fn checksum(text: &str) -> u32 {
    text.bytes().fold(0x811C_9DC5, |sum, byte| {
        (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

impl Root {
    /// As it lies in its slot: the layout's version, the checksum, the list.
    pub fn text(&self, json: Json) -> String {
        let list = (json.write)(&self.write());
        let number = |number: u32| (json.write)(&number.write());
        [
            number(LAYOUT_VERSION).as_str(),
            &number(checksum(&list)),
            &list,
        ]
        .join(" ")
    }

    /// Reads a slot.
    pub fn parse(text: &str, json: Json) -> Result<Self, NoRoot> {
        let mut parts = text.splitn(3, ' ');
        let mut number = || u32::read(&(json.read)(parts.next()?)?).ok();
        let (version, sum) = (number(), number());
        if version.is_some_and(|version| version > LAYOUT_VERSION) {
            return Err(NoRoot::Newer);
        }
        let list = parts.next().filter(|list| sum == Some(checksum(list)));
        let list = list.and_then(json.read).ok_or(NoRoot::Torn)?;
        Self::read(&list).map_err(|_| NoRoot::Torn)
    }

    pub fn lists(&self, key: u32) -> bool {
        self.records.iter().any(|record| record.key == key)
    }

    fn meta_key(&self) -> Option<u32> {
        let mut records = self.records.iter();
        let meta = records.find(|record| record.name == META)?;
        Some(meta.key)
    }

    /// Counts on from behind every key that is named: what a list names beyond its own count would be
    /// written over.
    pub fn count_past(&mut self, named: &Root) {
        let keys = named.records.iter().map(|record| record.key);
        for key in keys.chain(named.gone.iter().copied()) {
            self.next_key = self.next_key.max(key.saturating_add(1));
        }
    }

    /// Whether all of its records can be read.
    pub fn is_whole(&self, texts: &[(u32, String)]) -> bool {
        let mut records = self.records.iter();
        records.all(|record| readable(record, texts).is_some())
    }

    /// Whether the visitor of a newer root was known to this one already, under the same token.
    pub fn has_visitor_of(&self, newer: &Self) -> bool {
        self.meta_key() == newer.meta_key()
    }

    /// Takes over what waits for the desk in a newer root of which something else cannot be read.
    pub fn rescue(&mut self, newer: &Root, texts: &[(u32, String)]) {
        for record in &newer.records {
            let known = self.records.iter().any(|known| known.name == record.name);
            if record.name.starts_with(ENTRY) && !known && readable(record, texts).is_some() {
                self.records.push(record.clone());
            }
        }
        self.next_local_seq = newer.next_local_seq;
        self.next_key = newer.next_key;
    }
}

/// The store as the newest root has it, and the end of each log, which is what events are added to.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    pub root: Root,
    /// Keys that the root before this one lists, and this one does not.
    pub dropped: Vec<u32>,
    tails: Vec<Tail>,
}

/// The last chunk of a conversation's log.
#[derive(Clone, Debug, Default)]
struct Tail {
    conv: String,
    events: Vec<Event>,
    bytes: usize,
}

/// A batch ready to be written: the layout after it, and the texts under their keys.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub layout: Layout,
    pub writes: Vec<(u32, String)>,
    pub local_seqs: Vec<u32>,
    json: Json,
}

impl Draft {
    pub fn of(before: &Layout, batch: &Batch, json: Json) -> Self {
        let mut draft = Self {
            layout: before.clone(),
            writes: Vec::new(),
            local_seqs: Vec::new(),
            json,
        };
        draft.layout.root.generation += 1;
        draft.layout.dropped.clear();
        for op in &batch.ops {
            draft.apply(op);
        }
        let gone = draft.layout.dropped.iter().chain(&before.dropped);
        draft.layout.root.gone = gone.copied().collect();
        draft
    }

    fn apply(&mut self, op: &StoreOp) {
        match op {
            StoreOp::MakeMeta(meta) => {
                if self.listed(META).is_none() {
                    self.put(META.into(), meta);
                }
            }
            // Nobody else writes here, so the token is the one that was known.
            StoreOp::SetMeta { meta, .. } => self.put(META.into(), meta),
            StoreOp::Keep { name, value } => self.put([KEPT, name].concat(), value),
            StoreOp::Enqueue(entry) => {
                let local_seq = self.layout.root.next_local_seq.max(1);
                self.layout.root.next_local_seq = local_seq.saturating_add(1);
                self.local_seqs.push(local_seq);
                let entry = Entry {
                    local_seq,
                    ..entry.clone()
                };
                self.put(self.entry_name(local_seq), &entry);
            }
            StoreOp::UpdateEntry(entry) => {
                let name = self.entry_name(entry.local_seq);
                if self.listed(&name).is_some() {
                    self.put(name, entry);
                }
            }
            StoreOp::Dequeue { local_seq } => {
                let name = self.entry_name(*local_seq);
                self.remove(&name);
            }
            StoreOp::SetConversation(record) => {
                self.put([CONVERSATION, &record.id].concat(), record);
            }
            StoreOp::PutEvents(events) => {
                for of_one in events.chunk_by(|a, b| a.conv == b.conv) {
                    self.add(of_one);
                }
            }
            StoreOp::ClearEvents { conv, up_to } => self.clear(conv, *up_to),
            StoreOp::DropCache => self.clear_all(),
            StoreOp::SetDraft { conv, text } => {
                let name = [DRAFT, conv].concat();
                if text.is_empty() {
                    self.remove(&name);
                } else {
                    self.put(name, &(conv.clone(), text.clone()));
                }
            }
        }
    }

    fn entry_name(&self, local_seq: u32) -> String {
        [ENTRY, &(self.json.write)(&local_seq.write())].concat()
    }

    fn listed(&self, name: &str) -> Option<usize> {
        let mut records = self.layout.root.records.iter();
        records.position(|record| record.name == name)
    }

    fn put(&mut self, name: String, record: &dyn Writable) {
        let text = (self.json.write)(&plain::write(record));
        let sum = checksum(&text);
        let at = match self.listed(&name) {
            Some(at) => at,
            None => {
                let records = &mut self.layout.root.records;
                records.push(Named {
                    name,
                    ..Default::default()
                });
                records.len() - 1
            }
        };
        let old = self.layout.root.records[at].key;
        // Twice in one batch: the first text was never written.
        if let Some(write) = self.writes.iter_mut().find(|(key, _)| *key == old) {
            write.1 = text;
        } else {
            if old > 0 {
                self.layout.dropped.push(old);
            }
            let key = self.layout.root.next_key.max(1);
            self.layout.root.next_key = key.saturating_add(1);
            self.layout.root.records[at].key = key;
            self.writes.push((key, text));
        }
        self.layout.root.records[at].sum = sum;
    }

    fn remove(&mut self, name: &str) {
        if let Some(at) = self.listed(name) {
            let key = self.layout.root.records.remove(at).key;
            if let Some(write) = self.writes.iter().position(|(written, _)| *written == key) {
                self.writes.remove(write);
            } else {
                self.layout.dropped.push(key);
            }
        }
    }

    /// Adds events to the end of their log: to the last chunk while that has room, else to a new one.
    fn add(&mut self, events: &[Event]) {
        let Some(conv) = events.first().map(|event| event.conv.clone()) else {
            return;
        };
        let at = self.layout.tail(&conv);
        let last = |layout: &Layout| layout.tails[at].events.last().map_or(0, |last| last.seq);
        // A page of older ones is not kept: a log grows at its end alone.
        let end = last(&self.layout);
        for event in events.iter().filter(|event| event.seq > end) {
            let tail = &mut self.layout.tails[at];
            if tail.events.last().is_some_and(|last| event.seq <= last.seq) {
                // A message says something else now: here, or in a chunk that is not true any more.
                match tail.events.iter_mut().find(|kept| kept.seq == event.seq) {
                    Some(kept) => kept.clone_from(event),
                    None => self.keep_newest(&conv, 1),
                }
                continue;
            }
            if tail.events.len() >= STORE_CHUNK_EVENTS_MAX || tail.bytes >= STORE_CHUNK_BYTES_MAX {
                self.put_tail(at);
                let tail = &mut self.layout.tails[at];
                tail.events.clear();
                tail.bytes = 0;
            }
            let bytes = (self.json.write)(&event.write()).len();
            let tail = &mut self.layout.tails[at];
            tail.events.push(event.clone());
            tail.bytes += bytes;
        }
        self.put_tail(at);
        let chunks_max = LOADED_EVENTS_MAX as usize / STORE_CHUNK_EVENTS_MAX + 1;
        self.keep_newest(&conv, chunks_max);
    }

    fn put_tail(&mut self, at: usize) {
        let tail = self.layout.tails[at].clone();
        if let Some(first) = tail.events.first() {
            let first = (self.json.write)(&first.seq.write());
            self.put([LOG, &tail.conv, ":", &first].concat(), &tail.events);
        }
    }

    fn clear_all(&mut self) {
        let records = self.layout.root.records.iter();
        let of_cache = records
            .filter(|record| record.name.starts_with(LOG) || record.name.starts_with(CONVERSATION));
        let names: Vec<String> = of_cache.map(|record| record.name.clone()).collect();
        for name in &names {
            self.remove(name);
        }
        self.layout.tails.clear();
    }

    fn clear(&mut self, conv: &str, up_to: u32) {
        let at = self.layout.tail(conv);
        let tail = &mut self.layout.tails[at];
        tail.events.retain(|event| event.seq > up_to);
        let rest = std::mem::take(&mut tail.events);
        self.keep_newest(conv, 0);
        self.layout.tails.remove(at);
        self.add(&rest);
    }

    fn keep_newest(&mut self, conv: &str, chunks: usize) {
        let prefix = [LOG, conv, ":"].concat();
        let records = self.layout.root.records.iter();
        let names: Vec<String> = records
            .filter(|record| record.name.starts_with(&prefix))
            .map(|record| record.name.clone())
            .collect();
        for name in names.iter().rev().skip(chunks) {
            self.remove(name);
        }
    }
}

impl Layout {
    /// The place of a conversation's last chunk among the tails.
    fn tail(&mut self, conv: &str) -> usize {
        let found = self.tails.iter().position(|tail| tail.conv == conv);
        found.unwrap_or_else(|| {
            self.tails.push(Tail {
                conv: conv.to_owned(),
                ..Default::default()
            });
            self.tails.len() - 1
        })
    }

    /// Lets go of all but the end of each log: the desk has them. Gives the keys to remove.
    pub fn shrink(&mut self, json: Json) -> Vec<u32> {
        let convs: Vec<String> = self.tails.iter().map(|tail| tail.conv.clone()).collect();
        let mut draft = Draft {
            layout: self.clone(),
            writes: Vec::new(),
            local_seqs: Vec::new(),
            json,
        };
        for conv in convs {
            draft.keep_newest(&conv, 1);
        }
        *self = draft.layout;
        std::mem::take(&mut self.dropped)
    }

    /// Takes what was read of a root's records. A text that does not fit its checksum, or is of another
    /// shape, is left out and stays where it is.
    pub fn restore(root: Root, texts: &[(u32, String)], json: Json) -> (Self, Stored) {
        let mut layout = Self {
            root,
            ..Default::default()
        };
        let mut stored = Stored::default();
        for record in layout.root.records.clone() {
            let Some(text) = readable(&record, texts) else {
                continue;
            };
            let Some(value) = (json.read)(text) else {
                continue;
            };
            let name = record.name.as_str();
            if name == META {
                stored.meta = Readable::read(&value).ok();
            } else if name.starts_with(ENTRY) {
                stored.journal.extend(Readable::read(&value).ok());
            } else if name.starts_with(CONVERSATION) {
                stored.conversations.extend(Readable::read(&value).ok());
            } else if name.starts_with(DRAFT) {
                stored.drafts.extend(Readable::read(&value).ok());
            } else if let Some(name) = name.strip_prefix(KEPT) {
                stored.kept.push((name.into(), value));
            } else if name.starts_with(LOG) {
                let events: Vec<Event> = Readable::read(&value).unwrap_or_default();
                if let Some(event) = events.first() {
                    let at = layout.tail(&event.conv);
                    layout.tails[at].events = events.clone();
                    layout.tails[at].bytes = text.len();
                }
                stored.events.extend(events);
            }
        }
        stored.journal.sort_by_key(|entry| entry.local_seq);
        if let Some(last) = stored.journal.last() {
            let next = &mut layout.root.next_local_seq;
            *next = (*next).max(last.local_seq.saturating_add(1));
        }
        (layout, stored)
    }
}

/// A record's text, if it is there and whole.
pub(super) fn readable<'t>(record: &Named, texts: &'t [(u32, String)]) -> Option<&'t str> {
    let (_, text) = texts.iter().find(|(key, _)| *key == record.key)?;
    (checksum(text) == record.sum).then_some(text.as_str())
}
