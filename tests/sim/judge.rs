//! Judges a run: while it goes on by what is shown, and at its end, when all faults are healed, by
//! what the desk has, what every tab shows, and what a device still knows after a crash.

use crate::device::{Net, Work};
use crate::ledger::{number_of, rank, text_of};
use crate::run::{DeskFaults, Run, START_MS, note};
use crate::world::desk::Log;
use deskside::output::{Durable, Entry};
use deskside::protocol::event::{Event, EventBody, Lifecycle, Role};
use deskside::view::{Connection, ItemBody, Status, Storage, View};
use deskside::{Action, richtext};

/// Within so much time after the last fault all is as it should be: two ping intervals to find a dead
/// connection, the longest backoff, and what slow answers may take.
const HEALED_WITHIN_MS: u64 = 240_000;

impl Run {
    /// What a tab shows now must be true.
    pub fn look_at(&mut self, tab: usize) {
        let view = self.tabs[tab].engine.view();
        let Some(conversation) = &view.conversation else {
            return;
        };
        let mut shown: Vec<usize> = Vec::new();
        for item in &conversation.items {
            let ItemBody::Message {
                content,
                status: Some(status),
                ..
            } = &item.body
            else {
                continue;
            };
            let Some(number) = number_of(&richtext::text_of(content)) else {
                continue;
            };
            if shown.contains(&number) {
                return self.fail(|| format!("t{tab} shows {} twice", text_of(number)));
            }
            shown.push(number);
            self.judge_status(tab, number, status, &view);
        }
    }

    fn judge_status(&mut self, tab: usize, number: usize, status: &Status, view: &View) {
        let text = text_of(number);
        let ranks = &mut self.tabs[tab].ranks;
        if ranks.len() <= number {
            ranks.resize(number + 1, 0);
        }
        let (old, new) = (
            std::mem::replace(&mut ranks[number], rank(status)),
            rank(status),
        );
        let word = &self.ledger.words[number];
        // What the desk lost, or the visitor sent again, begins anew.
        let anew = word.excuse.is_some() || word.retried || self.desk.epochs > 0;
        if new > 0 && new < old && !anew {
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
        self.refuse_next = false;
        for device in 0..self.devices.len() {
            self.devices[device].net = Net::default();
            self.devices[device].slow_until_ms = 0;
            self.devices[device].full_until_ms = 0;
            self.devices[device].shut_until_ms = 0;
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
                            .agent_says_in(&conv, "are you there?", self.now_ms);
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
            if !view.ready {
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
            let durable = |tab: &crate::run::Tab| {
                tab.device != index || !tab.alive || tab.engine.view().storage == Storage::Durable
            };
            let waits = |entry: &Entry| {
                entry.failed.is_none() && !device.unreadable_entries.contains(&entry.local_seq)
            };
            if device.stored.journal.iter().any(waits) && self.tabs.iter().all(durable) {
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
    fn wrong_unread(&self, tab: usize) -> Option<String> {
        let device = &self.devices[self.tabs[tab].device];
        let visitor = &device.stored.meta.as_ref()?.visitor;
        let view = self.tabs[tab].engine.view();
        let logs = self.desk.logs.iter().filter(|log| log.visitor == *visitor);
        let unread: u32 = logs.map(unread).sum();
        if visitor.is_empty() {
            return None;
        }
        let sure = view.storage == Storage::Durable
            && !self.tabs[tab].astray
            && !device.revoked
            && !device.damaged
            && view.connection == Connection::Online;
        (sure && view.unread != unread)
            .then(|| format!("t{tab} counts {} unread, the desk {unread}", view.unread))
    }

    /// What the desk has must be what was promised.
    pub fn judge_desk(&mut self) {
        let mut counts = vec![0_u32; self.ledger.words.len()];
        for log in &self.desk.logs {
            let mut last: Vec<(usize, usize)> = Vec::new();
            for event in &log.events {
                let EventBody::Message(content) = &event.body else {
                    continue;
                };
                let Some(number) = number_of(&content.text) else {
                    continue;
                };
                counts[number] += 1;
                let word = self.ledger.words[number].clone();
                let author = event.author.id.clone();
                if !word.author.is_empty() && word.author != author && !word.retried {
                    let text = text_of(number);
                    return self.fail(|| {
                        format!("{text}, written by {}, was sent by {author}", word.author)
                    });
                }
                if word.failed || word.retried || word.excuse.is_some() {
                    continue;
                }
                // Each author's words stand in the order in which that tab wrote them.
                match last.iter_mut().find(|(tab, _)| *tab == word.tab) {
                    Some((_, before)) if *before > number => {
                        let before = *before;
                        return self.fail(|| {
                            format!("{} came after {}", text_of(number), text_of(before))
                        });
                    }
                    Some((_, before)) => *before = number,
                    None => last.push((word.tab, number)),
                }
            }
        }
        let mut feedback: Vec<&String> = self.desk.feedback.iter().map(|(cmid, ..)| cmid).collect();
        feedback.sort();
        if feedback.windows(2).any(|two| two[0] == two[1]) {
            return self.fail(|| "the desk has the same feedback twice".into());
        }
        for (number, count) in counts.into_iter().enumerate() {
            let word = &self.ledger.words[number];
            let text = text_of(number);
            // Who lost the first answer with the token may say it once more, as somebody else.
            let device = &self.devices[word.device];
            let again = word.retried && (device.revoked || device.troubled);
            if count > 1 && !again {
                return self.fail(|| format!("the desk has {text} {count} times"));
            }
            // Who lost the token that it was sent under is told that it was not sent.
            let device = &self.devices[word.device];
            let sealed = device.revoked || device.troubled || word.unsure;
            if count == 1 && word.discarded && !word.retried && !sealed {
                return self.fail(|| format!("the desk has {text}, which was given up"));
            }
            let parked = self.parked(&text);
            let given_up = word.discarded || word.excuse.is_some();
            if word.promised && count == 0 && !given_up && !parked {
                return self.fail(|| {
                    format!("{text} was promised, and is neither on the desk nor parked")
                });
            }
            if word.failed && count == 0 && !given_up && !parked && word.promised {
                return self.fail(|| format!("{text} was parked, and is gone"));
            }
        }
    }

    /// Whether some device keeps a message for its visitor to decide upon.
    fn parked(&self, text: &str) -> bool {
        let kept = |entry: &Entry| {
            entry.failed.is_some()
                && matches!(&entry.command, Durable::Send(send) if send.body.text == text)
        };
        let kept_by = |device: &crate::device::Device| device.stored.journal.iter().any(kept);
        let stored = self.devices.iter().any(kept_by);
        // A tab that has lost its store keeps it as long as it lives.
        let in_memory =
            |tab: &crate::run::Tab| tab.alive && tab.engine.view().storage != Storage::Durable;
        stored || self.tabs.iter().any(in_memory)
    }

    /// Every tab must show what the desk has.
    pub fn judge_tabs(&mut self) {
        for tab in 0..self.tabs.len() {
            if !self.tabs[tab].alive || self.failure.is_some() {
                continue;
            }
            let device = self.tabs[tab].device;
            let visitor = self.devices[device]
                .stored
                .meta
                .as_ref()
                .map(|meta| meta.visitor.clone());
            let Some(visitor) = visitor.filter(|visitor| !visitor.is_empty()) else {
                continue;
            };
            let view = self.tabs[tab].engine.view();
            let astray = self.devices[device].revoked && self.devices[device].troubled;
            // A tab that has lost its store may be a visitor of its own.
            let alone = self.tabs.iter().filter(|tab| tab.device == device).count() == 1;
            let astray =
                astray || self.tabs[tab].astray || view.storage != Storage::Durable && !alone;
            if view.connection == Connection::Idle || astray {
                continue;
            }
            if let Some(wrong) = self.wrong_unread(tab) {
                return self.fail(|| wrong);
            }
            let before = view.conversation.map(|conversation| conversation.id);
            let _ = self.act(tab, Action::Look { visible: false });
            let logs: Vec<Log> = self
                .desk
                .logs
                .iter()
                .filter(|log| log.visitor == visitor)
                .cloned()
                .collect();
            for log in logs {
                if self
                    .act(
                        tab,
                        Action::Open {
                            conv: Some(log.conv.clone()),
                        },
                    )
                    .is_err()
                {
                    // A tab without its store may be a visitor of its own.
                    if self.devices[device].damaged || view.storage != Storage::Durable {
                        continue;
                    }
                    return self.fail(|| format!("t{tab} does not know {}", log.conv));
                }
                let view = self.tabs[tab].engine.view();
                self.judge_timeline(tab, &log, &view);
            }
            let _ = self.act(tab, Action::Leave);
            if let Some(conv) = before {
                let _ = self.act(tab, Action::Open { conv: Some(conv) });
            }
            let _ = self.act(tab, Action::Look { visible: true });
        }
    }

    fn judge_timeline(&mut self, tab: usize, log: &Log, view: &View) {
        let Some(conversation) = &view.conversation else {
            return;
        };
        let drawn = conversation
            .items
            .iter()
            .filter_map(|item| match &item.body {
                ItemBody::Message {
                    status: Some(Status::Failed { .. }),
                    ..
                } => None,
                ItemBody::Message { content, .. } => Some(richtext::text_of(content)),
                ItemBody::Assigned { .. } => Some("assigned".into()),
                ItemBody::Resolved => Some("resolved".into()),
                ItemBody::Reopened => Some("reopened".into()),
                ItemBody::Closed => Some("closed".into()),
                ItemBody::Rated { rating, .. } => Some(format!("rated {rating}")),
                #[allow(
                    unreachable_patterns,
                    reason = "what is added to the timeline is looked at elsewhere"
                )]
                _ => None,
            });
        let drawn: Vec<String> = drawn.collect();
        let device = &self.devices[self.tabs[tab].device];
        let holes = device.damaged || device.troubled;
        let written: Vec<String> = log.events.iter().filter_map(line_of).collect();
        let newest = written.len().saturating_sub(drawn.len());
        // What a store has lost may be missing anywhere; what is there must be right.
        let right = drawn == written[newest..]
            || device.damaged
                && (drawn.is_empty() || written.windows(drawn.len()).any(|part| drawn == part));
        let whole =
            drawn.len() == written.len() || conversation.has_older && drawn.len() >= 20 || holes;
        if !right || !whole {
            return self.fail(|| {
                format!(
                    "t{tab} shows {drawn:?} of {}, the desk has {written:?}",
                    log.conv
                )
            });
        }
        let damaged = self.devices[self.tabs[tab].device].damaged;
        if conversation.state != log.state && log.state != Lifecycle::Assigned && !damaged {
            let state = conversation.state;
            self.fail(|| {
                format!(
                    "t{tab} has {} as {state:?}, the desk as {:?}",
                    log.conv, log.state
                )
            });
        }
    }

    /// Every draft that was typed in peace is there after the browser is killed, and so is all else.
    pub fn judge_restart(&mut self) {
        let mut drafts = Vec::new();
        for device in 0..self.devices.len() {
            let Some(tab) = self.alive(device).first().copied() else {
                continue;
            };
            let view = self.tabs[tab].engine.view();
            let durable = view.storage == Storage::Durable;
            if let Some(conv) = view
                .conversation
                .map(|conversation| conversation.id)
                .filter(|_| durable)
            {
                let text = format!("draft of device {device}");
                if self
                    .act(
                        tab,
                        Action::Draft {
                            conv: conv.clone(),
                            text: text.clone(),
                        },
                    )
                    .is_ok()
                {
                    drafts.push((device, conv, text));
                }
            }
        }
        self.until(self.now_ms + 2_000);
        let words = self.ledger.words.iter().enumerate();
        let given_up = words
            .filter(|(_, word)| word.discarded && !word.retried && !word.unsure && word.failed);
        let given_up: Vec<usize> = given_up.map(|(number, _)| number).collect();
        let parked: Vec<Vec<Entry>> = self
            .devices
            .iter()
            .map(|device| device.stored.journal.clone())
            .collect();
        for tab in 0..self.tabs.len() {
            if self.tabs[tab].alive {
                self.end_tab(tab);
            }
        }
        for device in 0..self.devices.len() {
            self.devices[device].waiting.clear();
            self.open_tab(device);
        }
        self.settle();
        for (device, conv, text) in drafts {
            let tab = self.alive(device)[0];
            let _ = self.act(tab, Action::Open { conv: Some(conv) });
            let draft = self.tabs[tab]
                .engine
                .view()
                .conversation
                .map(|c| c.draft)
                .unwrap_or_default();
            if draft != text && !self.devices[device].damaged {
                return self.fail(|| format!("t{tab} has the draft {draft:?}, not {text:?}"));
            }
        }
        for number in given_up {
            let word = &self.ledger.words[number];
            let device = &self.devices[word.device];
            if device.holds(&text_of(number)) && !device.troubled && !device.damaged {
                return self.fail(|| format!("{} was given up, and is back", text_of(number)));
            }
        }
        for (device, before) in parked.into_iter().enumerate() {
            let failed = |entry: &&Entry| entry.failed.is_some();
            let kept = &self.devices[device].stored.journal;
            let gone = before.iter().filter(failed).find(|entry| {
                let on_desk = match &entry.command {
                    Durable::Send(send) => {
                        self.ledger.word(&send.body.text).is_some_and(|w| w.on_desk)
                    }
                    _ => false,
                };
                !on_desk && !kept.contains(entry)
            });
            if let Some(gone) = gone {
                return self.fail(|| format!("device {device} has lost {gone:?}"));
            }
        }
    }

    /// The whole run, to its verdict.
    pub fn play(&mut self) {
        let end_ms = self.script.steps.last().map_or(0, |step| step.at_ms);
        self.until(START_MS + 200 + end_ms);
        self.heal();
        self.settle();
        if self.failure.is_none() {
            self.judge_desk();
            self.judge_tabs();
        }
        if self.failure.is_none() {
            self.judge_restart();
        }
        if self.failure.is_none() {
            self.judge_desk();
            self.judge_tabs();
        }
    }
}

fn unread(log: &Log) -> u32 {
    let read = log.visitor_marks.read_seq;
    let incoming = |event: &&Event| {
        event.seq > read
            && event.author.role != Role::Visitor
            && matches!(event.body, EventBody::Message(_))
    };
    log.events.iter().filter(incoming).count() as u32
}

/// What a timeline shows of an event.
fn line_of(event: &Event) -> Option<String> {
    match &event.body {
        EventBody::Message(content) => Some(content.text.clone()),
        EventBody::Assignment(_) => Some("assigned".into()),
        EventBody::State(Lifecycle::Resolved) => Some("resolved".into()),
        EventBody::State(Lifecycle::Reopened) => Some("reopened".into()),
        EventBody::State(Lifecycle::Closed) => Some("closed".into()),
        EventBody::Survey(response) if response.finished => {
            response.rating.map(|rating| format!("rated {rating}"))
        }
        _ => None,
    }
}
