//! A visitor's device: the store that its tabs share, its clock and its way to the network.

use crate::planted::Bug;
use crate::said::said_by;
use crate::world::device;
use deskside::output::{Batch, ConversationRecord, Entry, StoreOp, Stored, Wanted};
use std::collections::VecDeque;

/// Work for the store; transactions are carried out one after the other.
#[derive(Clone, Debug)]
pub enum Work {
    Load,
    Read(Wanted),
    Write(Batch),
    /// A new leader counts the generations up.
    Lead,
    /// What was asked of a connection that was closed meanwhile.
    Nothing,
}

/// How the tabs of a device may find each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// By a lock and a channel.
    Locks,
    /// By a channel only: each leads.
    Channel,
    /// Not at all: each leads, and looks at the store now and then.
    Poll,
}

/// Who holds the lock of a device's tabs, and who waits for it.
#[derive(Debug, Default)]
pub struct Lock {
    pub holder: Option<usize>,
    pub line: VecDeque<usize>,
}

/// A transaction that was committed.
#[derive(Debug)]
enum Commit {
    Batch(bool, Vec<StoreOp>),
    Generation,
}

/// How the network treats what is sent now.
#[derive(Clone, Copy, Debug, Default)]
pub struct Net {
    /// Until then each of these holds.
    pub offline_ms: u64,
    pub refused_ms: u64,
    pub up_lost_ms: u64,
    pub down_lost_ms: u64,
    pub slow_ms: u64,
    pub twice_ms: u64,
    pub portal_ms: u64,
    /// Requests come through, and sockets do not.
    pub no_socket_ms: u64,
    /// Parts of files alone.
    pub parts_lost_ms: u64,
}

#[derive(Debug)]
pub struct Device {
    /// Which of the devices it is, and who is signed in: each has a store.
    pub body: usize,
    pub user: &'static str,
    /// What is committed.
    pub stored: Stored,
    next_local_seq: u32,
    generation: u32,
    /// Every commit since the store was made; and whether it was strict.
    commits: Vec<Commit>,
    pub means: Means,
    pub lock: Lock,
    /// What waits, and for which tab.
    pub waiting: VecDeque<(usize, Work)>,
    pub slow_until_ms: u64,
    /// It is opened then, which is too late.
    pub opens_late_until_ms: u64,
    /// It cannot be opened until then.
    pub shut_until_ms: u64,
    pub full_until_ms: u64,
    /// Journal entries and conversations whose records cannot be read.
    pub unreadable_entries: Vec<u32>,
    pub unreadable_convs: Vec<String>,
    pub unreadable_events: Vec<(String, u32)>,
    pub wall_offset_ms: i64,
    /// The store was emptied, or something in it broke, while it was in use.
    pub damaged: bool,
    /// The store has refused something: a tab went on in memory.
    pub troubled: bool,
    /// The visitor's token was revoked: what is known of before belongs to somebody whom nobody can be.
    pub revoked: bool,
    /// One of its tabs has slept.
    pub slept: bool,
    /// A desk that lies has answered with nothing what it may have refused.
    pub lied_to: bool,
    /// It was refused once, in the middle of a session.
    pub doubted: bool,
    /// So often its pages were told that a hand-off was refused.
    pub told_refused: u32,
    pub net: Net,
    /// The files that it keeps.
    pub files: Vec<String>,
    /// The tab whose commit is the next to be done dies of it.
    pub dies_at_commit: bool,
    pub bug: Option<Bug>,
    /// What a commit has made worse.
    pub wrong: Option<String>,
    counts: Vec<(usize, u32)>,
}

impl Device {
    pub fn new(means: Means, body: usize, user: &'static str) -> Self {
        Self {
            body,
            user,
            stored: Stored::default(),
            next_local_seq: 1,
            generation: 0,
            commits: Vec::new(),
            means,
            lock: Lock::default(),
            waiting: VecDeque::new(),
            slow_until_ms: 0,
            opens_late_until_ms: 0,
            shut_until_ms: 0,
            full_until_ms: 0,
            unreadable_entries: Vec::new(),
            unreadable_convs: Vec::new(),
            unreadable_events: Vec::new(),
            wall_offset_ms: 0,
            damaged: false,
            troubled: false,
            revoked: false,
            slept: false,
            lied_to: false,
            doubted: false,
            told_refused: 0,
            net: Net::default(),
            files: Vec::new(),
            dies_at_commit: false,
            bug: None,
            wrong: None,
            counts: Vec::new(),
        }
    }

    /// Commits a batch of a tab and gives the numbers of its new entries, unless it came too late.
    pub fn commit(&mut self, tab: usize, mut batch: Batch) -> Option<Vec<u32>> {
        if self.bug == Some(Bug::JournalRelaxed) {
            batch.strict = false;
        }
        if self.bug == Some(Bug::LocalSeqFromTab) {
            return Some(self.commit_numbered_by(tab, &batch));
        }
        let generation = self.generation;
        if self.bug == Some(Bug::StaleGenerationCommitted) {
            batch.generation = batch.generation.map(|_| generation);
        }
        let before = std::mem::take(&mut self.stored.conversations);
        self.stored.conversations.clone_from(&before);
        let numbers = device::commit(
            &mut self.stored,
            &mut self.next_local_seq,
            generation,
            &batch,
        )?;
        self.compare(&before);
        for op in &batch.ops {
            // What is written anew can be read again.
            match op {
                StoreOp::SetConversation(record) => {
                    self.unreadable_convs.retain(|id| *id != record.id);
                }
                StoreOp::PutEvents(events) => self
                    .unreadable_events
                    .retain(|(conv, seq)| !events.iter().any(|e| e.conv == *conv && e.seq == *seq)),
                _ => {}
            }
        }
        self.commits.push(Commit::Batch(batch.strict, batch.ops));
        Some(numbers)
    }

    /// One tab writes at a time where one leads: within an epoch a cursor never goes back, nor does how far
    /// the visitor has read.
    fn compare(&mut self, before: &[ConversationRecord]) {
        if self.means != Means::Locks || self.damaged || self.troubled {
            return;
        }
        for old in before {
            let mut records = self.stored.conversations.iter();
            let Some(new) = records.find(|new| new.id == old.id && new.epoch == old.epoch) else {
                continue;
            };
            let (was, is) = (old.visitor_marks.read_seq, new.visitor_marks.read_seq);
            if new.cursor < old.cursor || is < was {
                self.wrong = Some(format!(
                    "a commit took the cursor from {} to {}, what is read from {was} to {is}",
                    old.cursor, new.cursor
                ));
            }
        }
    }

    /// [`Bug::LocalSeqFromTab`]: each tab counts by itself from what it found, and what has the same
    /// number is overwritten.
    fn commit_numbered_by(&mut self, tab: usize, batch: &Batch) -> Vec<u32> {
        let found = self
            .stored
            .journal
            .last()
            .map_or(1, |last| last.local_seq + 1);
        let counted = self
            .counts
            .iter()
            .position(|(counting, _)| *counting == tab);
        let at = counted.unwrap_or_else(|| {
            self.counts.push((tab, found));
            self.counts.len() - 1
        });
        let from = self.counts[at].1;
        let mut next = from;
        let new = batch
            .ops
            .iter()
            .filter(|op| matches!(op, StoreOp::Enqueue(_)))
            .count() as u32;
        let overwritten = from..from + new;
        self.stored
            .journal
            .retain(|entry| !overwritten.contains(&entry.local_seq));
        let numbers = device::apply(&mut self.stored, &mut next, &batch.ops);
        self.counts[at].1 = next;
        numbers
    }

    /// Another tab leads from here on.
    pub fn begin_generation(&mut self) -> u32 {
        self.generation += 1;
        self.commits.push(Commit::Generation);
        self.generation
    }

    /// What a reader gets: what can be read.
    pub fn load(&self) -> Stored {
        let mut stored = self.stored.clone();
        stored.journal = self.journal();
        let gone = &self.unreadable_convs;
        stored.conversations.retain(|kept| !gone.contains(&kept.id));
        let gone = &self.unreadable_events;
        if !gone.is_empty() {
            let readable = |conv: &str, seq| !gone.iter().any(|(c, s)| c == conv && *s == seq);
            stored
                .events
                .retain(|event| readable(&event.conv, event.seq));
        }
        stored
    }

    fn journal(&self) -> Vec<Entry> {
        let readable = |entry: &&Entry| !self.unreadable_entries.contains(&entry.local_seq);
        let journal = self.stored.journal.iter().filter(readable);
        journal.cloned().collect()
    }

    pub fn read(&self, wanted: &Wanted) -> Stored {
        device::read(&self.load(), wanted)
    }

    /// The tab will not hear of what it asked for. What is at work goes on.
    pub fn forget_work_of(&mut self, tab: usize) {
        let mut first = true;
        self.waiting
            .retain(|(owner, _)| std::mem::take(&mut first) || *owner != tab);
    }

    /// The tab has closed its connection: nobody waits for what it wanted to read.
    pub fn forget_reads_of(&mut self, tab: usize) {
        let own = self.waiting.iter_mut().filter(|(owner, _)| *owner == tab);
        for (_, work) in own {
            if matches!(work, Work::Load | Work::Read(_)) {
                *work = Work::Nothing;
            }
        }
    }

    /// The power fails: of what was committed since the last strict commit, any number of the newest
    /// commits is gone. `pick` says how many.
    pub fn lose_power(&mut self, pick: u32) {
        let is_strict = |commit: &Commit| !matches!(commit, Commit::Batch(false, _));
        let strict = self.commits.iter().rposition(is_strict);
        let safe = strict.map_or(0, |at| at + 1);
        let relaxed = self.commits.len() - safe;
        let kept = safe + pick as usize % (relaxed + 1);
        self.commits.truncate(kept);
        self.stored = Stored::default();
        self.next_local_seq = 1;
        self.generation = 0;
        for commit in &self.commits {
            match commit {
                Commit::Generation => self.generation += 1,
                Commit::Batch(_, ops) => {
                    device::apply(&mut self.stored, &mut self.next_local_seq, ops);
                }
            }
        }
    }

    /// The browser empties the store.
    pub fn evict(&mut self) {
        self.commits.clear();
        self.stored = Stored::default();
        self.next_local_seq = 1;
        self.generation = 0;
        self.waiting.clear();
        self.files.clear();
        self.unreadable_entries.clear();
        self.unreadable_convs.clear();
        self.unreadable_events.clear();
        self.damaged = true;
    }

    /// Whether a message is in the journal.
    pub fn holds(&self, text: &str) -> bool {
        let said = |entry: &Entry| said_by(&entry.command) == Some(text);
        self.stored.journal.iter().any(said)
    }
}
