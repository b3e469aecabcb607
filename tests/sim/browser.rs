//! What a browser is to its tabs: the store that they share, the lock that one of them holds, the
//! channel over which they hear each other.

use crate::device::{Means, Work};
use crate::ledger::{Kind, number_of};
use crate::run::{Due, Run, note};
use crate::said::said_by;
use deskside::Input;
use deskside::input::SLOW;
use deskside::limits::{STORE_OPEN_TIMEOUT_MS, STORE_POLL_MS};
use deskside::output::{Batch, Durable, Entry, StoreOp};
use deskside::tabs::{Changed, TabMessage};

impl Run {
    /// Reads the store whole, after opening it where it is not open.
    pub fn load(&mut self, tab: usize) {
        if self.tabs[tab].store_open {
            self.ask_store(tab, Work::Load);
        } else {
            let delay = u64::from(1 + self.rng.up_to(4));
            let index = self.tabs[tab].device;
            let open_ms = self.devices[index]
                .opens_late_until_ms
                .max(self.now_ms + delay);
            let overdue_ms = self.now_ms + u64::from(STORE_OPEN_TIMEOUT_MS);
            if open_ms > overdue_ms {
                self.tabs[tab].astray |= !self.tabs[tab].engine.view().ready;
                let code = SLOW.into();
                self.at(overdue_ms, Due::Told(tab, Input::StorageLost { code }));
            }
            self.tabs[tab].opens_ms = open_ms;
            self.at(open_ms, Due::StoreOpened(tab));
        }
    }

    pub fn store_opened(&mut self, tab: usize) {
        if !self.tabs[tab].alive {
            return;
        }
        let index = self.tabs[tab].device;
        if self.devices[index].shut_until_ms > self.now_ms {
            self.tabs[tab].astray |= !self.tabs[tab].engine.view().ready;
            let code = "unavailable".into();
            return self.tell(tab, Input::StorageLost { code });
        }
        self.tabs[tab].store_open = true;
        if std::mem::replace(&mut self.tabs[tab].joined, true) {
            return self.ask_store(tab, Work::Load);
        }
        self.tabs[tab].load_waits = true;
        match self.devices[index].means {
            Means::Locks => {
                let lock = &mut self.devices[index].lock;
                if lock.holder.is_none() && lock.line.is_empty() {
                    lock.holder = Some(tab);
                    self.after(1, Due::Granted(tab));
                } else {
                    lock.line.push_back(tab);
                    self.placed(tab, Input::Following);
                }
            }
            Means::Channel => self.placed(tab, Input::Leading { generation: 0 }),
            Means::Poll => {
                self.after(u64::from(STORE_POLL_MS), Due::Poll(tab));
                self.placed(tab, Input::Leading { generation: 0 });
            }
        }
    }

    pub fn placed(&mut self, tab: usize, place: Input) {
        if !self.tabs[tab].alive {
            return;
        }
        self.tell(tab, place);
        if std::mem::take(&mut self.tabs[tab].load_waits) {
            self.load(tab);
        }
    }

    /// The tab keeps to itself from here on, or is gone.
    pub fn leave(&mut self, tab: usize) {
        self.tabs[tab].joined = false;
        let lock = &mut self.devices[self.tabs[tab].device].lock;
        lock.line.retain(|waiting| *waiting != tab);
        if lock.holder == Some(tab) {
            lock.holder = lock.line.pop_front();
            if let Some(next) = lock.holder {
                let delay = u64::from(self.rng.up_to(60));
                self.after(delay, Due::Granted(next));
            }
        }
    }

    pub fn granted(&mut self, tab: usize) {
        let holds = self.devices[self.tabs[tab].device].lock.holder == Some(tab);
        if self.tabs[tab].alive && holds {
            self.ask_store(tab, Work::Lead);
        }
    }

    pub fn steal(&mut self, tab: usize) {
        if !self.tabs[tab].joined || self.devices[self.tabs[tab].device].means != Means::Locks {
            return;
        }
        note!(self, "t{tab} steals the lead");
        let lock = &mut self.devices[self.tabs[tab].device].lock;
        let old = lock.holder.replace(tab);
        if let Some(old) = old {
            self.after(0, Due::Stolen(old));
        }
        self.after(1, Due::Granted(tab));
    }

    pub fn stolen(&mut self, tab: usize) {
        if !self.tabs[tab].alive || !self.tabs[tab].joined {
            return;
        }
        self.placed(tab, Input::Following);
        let lock = &mut self.devices[self.tabs[tab].device].lock;
        if lock.holder.is_none() {
            lock.holder = Some(tab);
            self.after(1, Due::Granted(tab));
        } else if !lock.line.contains(&tab) {
            lock.line.push_back(tab);
        }
    }

    pub fn poll(&mut self, tab: usize) {
        if self.tabs[tab].alive && self.tabs[tab].joined {
            self.after(u64::from(STORE_POLL_MS), Due::Poll(tab));
            let changed = Changed {
                journal: true,
                ..Default::default()
            };
            self.tell(tab, Input::Told(TabMessage::Changed(changed)));
        }
    }

    pub fn broadcast(&mut self, tab: usize, message: &TabMessage) {
        let device = self.tabs[tab].device;
        if !self.tabs[tab].joined || self.devices[device].means == Means::Poll {
            return;
        }
        for other in self.alive(device) {
            if other != tab && self.tabs[other].joined {
                let delay = u64::from(self.rng.up_to(8));
                self.after(delay, Due::Told(other, Input::Told(message.clone())));
            }
        }
    }

    /// The connection to the store dies under a tab: what was at work may have been committed, but
    /// nobody hears of it.
    pub fn lose_store(&mut self, tab: usize) {
        let device = &mut self.devices[self.tabs[tab].device];
        device.forget_work_of(tab);
        if self.tabs[tab].store_open {
            self.tabs[tab].store_open = false;
            let code = "broken".into();
            self.tell(tab, Input::StoreClosed { code });
        }
    }

    pub fn ask_store(&mut self, tab: usize, work: Work) {
        let index = self.tabs[tab].device;
        if let Work::Write(batch) = &work {
            self.note_words(tab, batch);
        }
        note!(
            self,
            "t{tab} asks the store: {}",
            match &work {
                Work::Write(batch) => format!("{} {:?}", batch.rev, batch.ops),
                other => format!("{other:?}"),
            }
        );
        self.devices[index].waiting.push_back((tab, work));
        if self.devices[index].waiting.len() == 1 {
            self.work_on(index);
        }
    }

    fn work_on(&mut self, device: usize) {
        let slow = self.devices[device].slow_until_ms > self.now_ms;
        let delay = 1 + self.rng.up_to(if slow { 4_000 } else { 4 });
        self.after(u64::from(delay), Due::Worked(device));
    }

    pub fn worked(&mut self, index: usize) {
        let full = self.devices[index].full_until_ms > self.now_ms;
        let device = &mut self.devices[index];
        let Some((tab, work)) = device.waiting.pop_front() else {
            return;
        };
        if !device.waiting.is_empty() {
            self.work_on(index);
        }
        let device = &mut self.devices[index];
        match work {
            Work::Load => {
                let stored = device.load();
                self.reached(tab, Input::Loaded(stored));
            }
            Work::Read(wanted) => {
                let stored = device.read(&wanted);
                self.reached(tab, Input::Read(Some(stored)));
            }
            Work::Nothing => {}
            Work::Lead => {
                let generation = device.begin_generation();
                if self.tabs[tab].store_open {
                    self.after(0, Due::Placed(tab, Input::Leading { generation }));
                }
            }
            Work::Write(batch) if full => {
                note!(self, "t{tab} commit {} refused", batch.rev);
                let (rev, code) = (batch.rev, "quota".into());
                self.reached(tab, Input::PersistFailed { rev, code });
            }
            Work::Write(batch) => {
                let rev = batch.rev;
                let (texts, ends) = (texts_of(&batch), ends_of(&batch));
                let Some(local_seqs) = device.commit(tab, batch) else {
                    note!(self, "t{tab} commit {rev} is stale");
                    let code = "stale".into();
                    return self.reached(tab, Input::PersistFailed { rev, code });
                };
                let wrong = device.wrong.take();
                for (number, index) in texts {
                    let word = &mut self.ledger.words[number];
                    word.local_seq = local_seqs[index];
                    word.promised |=
                        matches!(word.kind, Kind::Handoff | Kind::Context | Kind::Feedback);
                }
                for conv in ends {
                    self.note_end(index, conv);
                }
                note!(self, "t{tab} committed {rev}");
                if let Some(wrong) = wrong {
                    self.fail(|| format!("t{tab}: {wrong}"));
                }
                if std::mem::take(&mut self.devices[index].dies_at_commit) && self.tabs[tab].alive {
                    note!(self, "t{tab} dies of it");
                    self.end_tab(tab);
                    if self.alive(index).is_empty() {
                        self.open_tab(index);
                    }
                    return;
                }
                self.reached(tab, Input::Persisted { rev, local_seqs });
            }
        }
    }

    /// What the store says reaches a tab that still has it open.
    fn reached(&mut self, tab: usize, input: Input) {
        if self.tabs[tab].store_open {
            let opening = self.tabs[tab].opening;
            self.after(0, Due::Answered(tab, opening, input));
        }
    }

    /// Who wrote a message is settled when it is written down.
    fn note_words(&mut self, tab: usize, batch: &Batch) {
        for op in &batch.ops {
            if let StoreOp::Enqueue(entry) = op
                && let Some(number) = said_by(&entry.command).and_then(number_of)
            {
                let word = &mut self.ledger.words[number];
                debug_assert_eq!(word.device, self.tabs[tab].device);
                word.author.clone_from(&entry.visitor);
            }
        }
    }
}

/// The conversations whose end a batch adds to the journal.
fn ends_of(batch: &Batch) -> Vec<String> {
    let ends = batch.ops.iter().filter_map(|op| match op {
        StoreOp::Enqueue(Entry {
            command: Durable::Close(close),
            ..
        }) => Some(close.conv.clone()),
        _ => None,
    });
    ends.collect()
}

/// The numbers of the messages that a batch adds to the journal, and their places among its entries.
fn texts_of(batch: &Batch) -> Vec<(usize, usize)> {
    let entries = batch.ops.iter().filter_map(|op| match op {
        StoreOp::Enqueue(entry) => Some(&entry.command),
        _ => None,
    });
    let numbers = entries
        .enumerate()
        .filter_map(|(index, command)| Some((number_of(said_by(command)?)?, index)));
    numbers.collect()
}
