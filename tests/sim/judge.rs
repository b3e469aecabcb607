//! Judges a run: while it goes on by what is shown, and at its end, when all faults are healed, by
//! what the desk has, what every tab shows, and what a device still knows after a crash.

use crate::device::{Net, Work};
use crate::ledger::{rank, text_of};
use crate::refused::WillRefuse;
use crate::run::{DeskFaults, Run, START_MS, note};
use crate::said::number_in;
use crate::script::Act;
use crate::world::desk::Log;
use deskside::output::Entry;
use deskside::protocol::event::{Event, EventBody, Lifecycle, Role};
use deskside::richtext;
use deskside::view::{Connection, ItemBody, Status, Storage, View};

/// Within so much time after the last fault all is as it should be: two ping intervals to find a dead
/// connection, the longest backoff, and what slow answers may take.
const HEALED_WITHIN_MS: u64 = 240_000;

impl Run {
    /// What a tab shows now must be true.
    pub fn look_at(&mut self, tab: usize) -> View {
        let view = self.tabs[tab].engine.view();
        self.look_at_chat(tab, &view);
        view
    }

    fn look_at_chat(&mut self, tab: usize, view: &View) {
        let Some(conversation) = &view.conversation else {
            return;
        };
        let mut keys: Vec<&String> = conversation.items.iter().map(|item| &item.key).collect();
        keys.sort();
        if let Some(twice) = keys.windows(2).find(|two| two[0] == two[1]) {
            let key = twice[0].clone();
            return self.fail(|| format!("t{tab} shows the key {key} twice"));
        }
        let mut shown: Vec<usize> = Vec::new();
        for item in &conversation.items {
            let ItemBody::Message {
                content,
                status: Some(status),
                files,
                ..
            } = &item.body
            else {
                continue;
            };
            let Some(number) = number_in(&richtext::text_of(content), files) else {
                continue;
            };
            if shown.contains(&number) {
                return self.fail(|| format!("t{tab} shows {} twice", text_of(number)));
            }
            shown.push(number);
            self.judge_status(tab, number, status, view);
        }
    }

    fn judge_status(&mut self, tab: usize, number: usize, status: &Status, view: &View) {
        let text = text_of(number);
        let ranks = &mut self.tabs[tab].ranks;
        if ranks.len() <= number {
            ranks.resize(number + 1, 0);
        }
        // What waits in memory alone may yet have to be stored.
        let stored = view.storage == Storage::Durable;
        let new = match rank(status) {
            2 if !stored => 1,
            rank => rank,
        };
        let old = std::mem::replace(&mut ranks[number], new);
        let word = &self.ledger.words[number];
        // What the desk lost, or the visitor sent again, begins anew.
        let anew = word.excuse.is_some() || word.retried || self.desk.epochs > 0;
        if new > 0 && new < old && !anew && (stored || new > 1) {
            self.fail(|| format!("t{tab} shows {text} as {status:?}, after rank {old}"));
        }
        let word = &mut self.ledger.words[number];
        word.failed |= new == 0;
        if new < 2 || view.storage != Storage::Durable {
            return;
        }
        let device = &self.devices[self.tabs[tab].device];
        let first = !std::mem::replace(&mut word.promised, true);
        let kept = word.on_desk || word.excuse.is_some() || device.damaged || device.holds(&text);
        if first && !kept {
            self.fail(|| format!("t{tab} shows {text} as {status:?}, but it is not written down"));
        }
    }

    /// All faults end; then everything must come right.
    pub fn heal(&mut self) {
        note!(self, "-- all heals");
        let now = self.now_ms;
        self.faults = DeskFaults::default();
        self.desk.refusals.clear();
        self.desk.refused_marks = 0;
        self.will_refuse = WillRefuse::default();
        for device in 0..self.devices.len() {
            self.devices[device].net = Net::default();
            self.devices[device].slow_until_ms = 0;
            self.devices[device].full_until_ms = 0;
            self.devices[device].shut_until_ms = 0;
            self.devices[device].opens_late_until_ms = 0;
            self.devices[device].dies_at_commit = false;
        }
        for tab in 0..self.tabs.len() {
            if self.tabs[tab].frozen {
                self.at(now, crate::run::Due::Thaw(tab));
            }
        }
        self.until(now + 1);
        for tab in 0..self.tabs.len() {
            self.tell(tab, deskside::Input::Network { online: true });
            self.tell(tab, deskside::Input::Resumed);
        }
    }

    /// Waits until nothing is left to do, as long as is allowed.
    pub fn settle(&mut self) {
        let end_ms = self.now_ms + HEALED_WITHIN_MS;
        while self.failure.is_none() {
            self.until(self.now_ms + 3_000);
            let Some(unfinished) = self.unfinished() else {
                // Marks and receipts are on their way yet.
                return self.until(self.now_ms + 1_000);
            };
            if unfinished.contains("dead connection") && self.now_ms % 9_000 < 3_000 {
                // Agents who go on writing must not keep it alive.
                for number in 0..self.desk.logs.len() {
                    let conv = self.desk.logs[number].conv.clone();
                    if self.desk.logs[number].state != Lifecycle::Closed {
                        self.desk
                            .agent_says_in(&conv, "are you there?", self.wall_ms());
                    }
                }
                self.push_all();
            }
            if self.now_ms >= end_ms {
                return self
                    .fail(|| format!("{HEALED_WITHIN_MS} ms after the last fault, {unfinished}"));
            }
        }
    }

    /// What there is left to do.
    fn unfinished(&self) -> Option<String> {
        for (index, tab) in self.tabs.iter().enumerate().filter(|(_, tab)| tab.alive) {
            let view = tab.engine.view();
            if !view.ready || tab.opens_ms > self.now_ms {
                return Some(format!("t{index} has not read its store"));
            }
            if !matches!(view.connection, Connection::Online | Connection::Idle) {
                return Some(format!("t{index} is {:?}", view.connection));
            }
            let dead = |conn: usize| {
                let conn = &self.conns[conn];
                conn.dead_up || conn.dead_down || !conn.desk_side
            };
            if tab.conn.is_some_and(dead) {
                return Some(format!("t{index} holds on to a dead connection"));
            }
            if tab.asks() {
                return Some(format!("t{index} has no answer to a request"));
            }
            if tab.wants_token {
                return Some(format!("t{index} waits for a token"));
            }
            if tab.conn.is_some_and(|conn| self.conns[conn].has_mail()) {
                return Some(format!("t{index} has mail at the desk"));
            }
            if let Some(wrong) = self.wrong_unread(index) {
                return Some(wrong);
            }
            if view.waiting > 0 {
                return Some(format!("t{index} has {} waiting", view.waiting));
            }
        }
        if self.frames > 0 {
            return Some(format!("{} frames are on their way", self.frames));
        }
        for (index, device) in self.devices.iter().enumerate() {
            let durable = |tab: &crate::tab::Tab| {
                tab.device != index || !tab.alive || tab.engine.view().storage == Storage::Durable
            };
            let waits = |entry: &Entry| {
                entry.failed.is_none() && !device.unreadable_entries.contains(&entry.local_seq)
            };
            // Whoever is signed out sends nothing.
            let open = self.front[device.body] == index || !self.alive(index).is_empty();
            if open && device.stored.journal.iter().any(waits) && self.tabs.iter().all(durable) {
                return Some(format!("the journal of device {index} is not empty"));
            }
            let writes = |work: &Work| !matches!(work, Work::Read(_) | Work::Nothing);
            if device.waiting.iter().any(|(_, work)| writes(work)) {
                return Some(format!("the store of device {index} is at work"));
            }
        }
        None
    }

    /// Whether a tab counts other messages as unread than the desk does.
    pub fn wrong_unread(&self, tab: usize) -> Option<String> {
        let device = &self.devices[self.tabs[tab].device];
        let visitor = &device.stored.meta.as_ref()?.visitor;
        let view = self.tabs[tab].engine.view();
        let logs = self.desk.logs.iter().filter(|log| log.visitor == *visitor);
        let unread: u32 = logs.map(unread).sum();
        if visitor.is_empty() {
            return None;
        }
        // What it refused it may have said that it took.
        let mut steps = self.script.steps.iter();
        let refuses = steps.any(|step| matches!(step.act, Act::RefusesMarks | Act::Busy));
        let truthful = !(device.lied_to && refuses);
        let sure = view.storage == Storage::Durable
            && truthful
            && !self.tabs[tab].astray
            && !device.revoked
            && !device.damaged
            // What made room for the journal is not counted any more.
            && !device.troubled
            && view.connection == Connection::Online;
        (sure && view.unread != unread)
            .then(|| format!("t{tab} counts {} unread, the desk {unread}", view.unread))
    }

    /// The whole run, to its verdict.
    pub fn play(&mut self) {
        let end_ms = self.script.steps.last().map_or(0, |step| step.at_ms);
        self.until(START_MS + 200 + end_ms);
        self.heal();
        self.settle();
        if self.failure.is_none() {
            self.judge_desk();
            self.judge_asks();
            self.judge_ends();
            self.judge_tabs();
        }
        if self.failure.is_none() {
            self.judge_restart();
        }
        if self.failure.is_none() {
            self.judge_desk();
            self.judge_asks();
            self.judge_ends();
            self.judge_tabs();
        }
    }
}

fn unread(log: &Log) -> u32 {
    let read = log.visitor_marks.read_seq;
    let incoming = |event: &&Event| {
        event.seq > read
            && event.author.role != Role::Visitor
            && matches!(&event.body, EventBody::Message(content) if !content.redacted)
    };
    log.events.iter().filter(incoming).count() as u32
}
