//! The device's store over a host's key/value storage: what to ask of it, one batch after the other.
//!
//! A step asks for several keys at once and goes on when all are answered. The order of the steps is
//! the promise: records, then the root, then `Persisted`, and only then is anything removed.

use super::layout::{Draft, Layout, NoRoot, Root};
use crate::input::Input;
use crate::output::Batch;
use crate::plain::Writable;
use crate::platform::Json;
use std::collections::VecDeque;

/// What is asked of the storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Comes back with the answer.
    pub id: u32,
    /// Which key.
    pub key: String,
    /// What to do with it.
    pub act: Act,
}

/// See [`Request`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Read it.
    Get,
    /// Write it.
    Set(String),
    /// Remove it.
    Remove,
}

/// What the storage answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To `Get`: its text.
    Found(String),
    /// To `Get`: there is none. To the others: done.
    Done,
    /// There is no room.
    Full,
    /// It did not work.
    Failed,
}

/// What the pending requests are for.
#[derive(Clone, Debug)]
enum Step {
    Idle,
    /// Both slots are read.
    Slots {
        found: [Option<String>; 2],
    },
    /// The records of a root are read, and, where some are not whole, those of the one before it.
    Records {
        roots: Vec<Root>,
        texts: Vec<(u32, String)>,
        both: bool,
    },
    /// The records of a batch are written, then (`root`) the root that lists them.
    Writing {
        batch: Batch,
        draft: Box<Draft>,
        root: bool,
        /// Whether room was made for it already.
        shrunk: bool,
    },
    /// Room is made for a batch that did not fit.
    Room {
        batch: Batch,
    },
    /// It could not be read; nothing is written.
    Lost,
}

/// A request that was made, and the record that it is about.
#[derive(Clone, Copy, Debug)]
struct Asked {
    id: u32,
    key: u32,
}

/// The store. Ask [`Store::request`] and [`Store::news`] until both have nothing left.
#[derive(Clone, Debug)]
pub struct Store {
    name: String,
    json: Json,
    layout: Layout,
    step: Step,
    batches: VecDeque<Batch>,
    requests: VecDeque<Request>,
    asked: Vec<Asked>,
    /// The worst answer of this step.
    trouble: Option<Answer>,
    news: VecDeque<Input>,
    last_id: u32,
}

impl Store {
    /// A store whose keys all begin with `name`.
    pub fn new(name: String, json: Json) -> Self {
        Self {
            name,
            json,
            layout: Layout::default(),
            step: Step::Idle,
            batches: VecDeque::new(),
            requests: VecDeque::new(),
            asked: Vec::new(),
            trouble: None,
            news: VecDeque::new(),
            last_id: 0,
        }
    }

    /// The next request to make.
    pub fn request(&mut self) -> Option<Request> {
        self.requests.pop_front()
    }

    /// The next thing to tell the engine.
    pub fn news(&mut self) -> Option<Input> {
        self.news.pop_front()
    }

    /// Reads everything; ends in `Loaded` or `StorageLost`.
    pub fn load(&mut self) {
        self.step = Step::Slots {
            found: [None, None],
        };
        for slot in 0..2 {
            self.ask(slot, self.slot_key(slot), Act::Get);
        }
    }

    /// Commits a batch after those before it; ends in `Persisted` or `PersistFailed`.
    pub fn commit(&mut self, batch: Batch) {
        self.batches.push_back(batch);
        self.next_batch();
    }

    /// Takes an answer. One to a request that nobody waits for says nothing.
    pub fn answered(&mut self, id: u32, answer: Answer) {
        let Some(at) = self.asked.iter().position(|asked| asked.id == id) else {
            return;
        };
        let key = self.asked.swap_remove(at).key;
        match answer {
            Answer::Found(text) => self.found(key, text),
            Answer::Done => {}
            Answer::Full => self.trouble = Some(Answer::Full),
            Answer::Failed if self.trouble.is_none() => self.trouble = Some(Answer::Failed),
            Answer::Failed => {}
        }
        if self.asked.is_empty() {
            let trouble = self.trouble.take();
            self.go_on(trouble);
        }
    }

    fn found(&mut self, key: u32, text: String) {
        match &mut self.step {
            Step::Slots { found } => found[key as usize % 2] = Some(text),
            Step::Records { texts, .. } => texts.push((key, text)),
            _ => {}
        }
    }

    fn go_on(&mut self, trouble: Option<Answer>) {
        match std::mem::replace(&mut self.step, Step::Idle) {
            Step::Slots { found } => {
                if trouble.is_some() {
                    return self.lose("unavailable");
                }
                self.read_roots(found);
            }
            // What could not be read is left out like what is not whole.
            Step::Records { roots, texts, both } => self.choose(roots, texts, both),
            Step::Writing {
                batch,
                draft,
                root,
                shrunk,
            } => match trouble {
                Some(trouble) => self.write_failed(batch, &draft, &trouble, shrunk),
                None if root => self.committed(batch.rev, *draft),
                None => self.write_root(batch, draft, shrunk),
            },
            Step::Room { batch } => self.write(batch, true),
            step @ (Step::Idle | Step::Lost) => self.step = step,
        }
        self.next_batch();
    }

    fn lose(&mut self, code: &str) {
        self.step = Step::Lost;
        self.news
            .push_back(Input::StorageLost { code: code.into() });
    }

    fn read_roots(&mut self, found: [Option<String>; 2]) {
        let mut roots = Vec::new();
        for text in found.into_iter().flatten() {
            match Root::parse(&text, self.json) {
                Ok(root) => roots.push(root),
                Err(NoRoot::Torn) => {}
                Err(NoRoot::Newer) => return self.lose("newer"),
            }
        }
        roots.sort_by_key(|root| std::cmp::Reverse(root.generation));
        self.read_records(roots, Vec::new(), false);
    }

    /// Reads the records of the newest root, or of `both`.
    fn read_records(&mut self, roots: Vec<Root>, texts: Vec<(u32, String)>, both: bool) {
        let count = if both { 2 } else { 1 };
        for root in roots.iter().take(count) {
            self.ask_for(root, &texts);
        }
        self.step = Step::Records { roots, texts, both };
        if self.asked.is_empty() {
            self.go_on(None);
        }
    }

    fn ask_for(&mut self, root: &Root, read: &[(u32, String)]) {
        for record in &root.records {
            let known = read.iter().any(|(key, _)| *key == record.key);
            let asked = self.asked.iter().any(|asked| asked.key == record.key);
            if !known && !asked {
                self.ask(record.key, self.record_key(record.key), Act::Get);
            }
        }
    }

    /// The newest root, if all of its records are whole; else the one before it, if all of that one's
    /// are; else the newest with what there is.
    fn choose(&mut self, mut roots: Vec<Root>, texts: Vec<(u32, String)>, both: bool) {
        if let [newest, older] = roots.as_slice()
            && !newest.is_whole(&texts)
            && older.has_visitor_of(newest)
        {
            if !both {
                return self.read_records(roots, texts, true);
            }
            if older.is_whole(&texts) {
                let newest = roots.remove(0);
                roots[0].rescue(&newest, &texts);
            }
        }
        let mut root = roots.first().cloned().unwrap_or_default();
        roots.iter().for_each(|named| root.count_past(named));
        // What it lists it keeps, whatever it calls gone.
        let gone = root.gone.iter().copied().filter(|key| !root.lists(*key));
        let listed = |key: &u32| roots.iter().any(|root| root.lists(*key));
        let (dropped, gone): (Vec<u32>, Vec<u32>) = gone.partition(listed);
        let (layout, stored) = Layout::restore(root, &texts, self.json);
        self.layout = layout;
        self.layout.dropped = dropped;
        self.remove(&gone);
        self.news.push_back(Input::Loaded(stored));
    }

    fn next_batch(&mut self) {
        if matches!(self.step, Step::Lost) {
            for batch in std::mem::take(&mut self.batches) {
                self.refuse(batch.rev, "unavailable");
            }
        }
        if !matches!(self.step, Step::Idle) {
            return;
        }
        if let Some(batch) = self.batches.pop_front() {
            self.write(batch, false);
        }
    }

    fn write(&mut self, batch: Batch, shrunk: bool) {
        let draft = Box::new(Draft::of(&self.layout, &batch, self.json));
        for (key, text) in draft.writes.clone() {
            self.ask(key, self.record_key(key), Act::Set(text));
        }
        if draft.writes.is_empty() {
            return self.write_root(batch, draft, shrunk);
        }
        self.step = Step::Writing {
            batch,
            draft,
            root: false,
            shrunk,
        };
    }

    fn write_root(&mut self, batch: Batch, draft: Box<Draft>, shrunk: bool) {
        let root = &draft.layout.root;
        let key = self.slot_key(root.generation % 2);
        self.ask(0, key, Act::Set(root.text(self.json)));
        self.step = Step::Writing {
            batch,
            draft,
            root: true,
            shrunk,
        };
    }

    fn committed(&mut self, rev: u32, draft: Draft) {
        // Only the root that was just written over listed what the one before this had dropped.
        let gone = std::mem::replace(&mut self.layout, draft.layout).dropped;
        self.remove(&gone);
        self.news.push_back(Input::Persisted {
            rev,
            local_seqs: draft.local_seqs,
        });
    }

    /// Where there is no room, what the desk has as well makes way once.
    fn write_failed(&mut self, batch: Batch, draft: &Draft, trouble: &Answer, shrunk: bool) {
        let written: Vec<u32> = draft.writes.iter().map(|(key, _)| *key).collect();
        self.remove(&written);
        // A removal may be slow: its key is not used again.
        self.layout.root.next_key = draft.layout.root.next_key;
        if *trouble == Answer::Full && !shrunk {
            for key in self.layout.shrink(self.json) {
                self.ask(key, self.record_key(key), Act::Remove);
            }
            self.step = Step::Room { batch };
            if self.asked.is_empty() {
                self.go_on(None);
            }
            return;
        }
        let code = if *trouble == Answer::Full {
            "quota"
        } else {
            "broken"
        };
        self.refuse(batch.rev, code);
    }

    fn refuse(&mut self, rev: u32, code: &str) {
        self.news.push_back(Input::PersistFailed {
            rev,
            code: code.into(),
        });
    }

    /// Nobody waits for it: what stays behind is garbage, not harm.
    fn remove(&mut self, keys: &[u32]) {
        for key in keys {
            self.last_id += 1;
            self.requests.push_back(Request {
                id: self.last_id,
                key: self.record_key(*key),
                act: Act::Remove,
            });
        }
    }

    fn ask(&mut self, key: u32, named: String, act: Act) {
        self.last_id += 1;
        let id = self.last_id;
        self.asked.push(Asked { id, key });
        self.requests.push_back(Request {
            id,
            key: named,
            act,
        });
    }

    fn slot_key(&self, slot: u32) -> String {
        [self.name.as_str(), if slot == 0 { "#a" } else { "#b" }].concat()
    }

    fn record_key(&self, key: u32) -> String {
        let number = (self.json.write)(&key.write());
        [self.name.as_str(), "#", &number].concat()
    }
}
