//! The verdict at the end: what the desk has, what every tab shows, and what a device still knows after a
//! crash.

use crate::device::Means;
use crate::identity::is_imposture;
use crate::ledger::{Kind, number_of, text_of};
use crate::refused::has_event;
use crate::run::Run;
use crate::said::{answer_of, said_by, said_of};
use crate::world::desk::Log;
use deskside::output::Entry;
use deskside::protocol::event::{Event, EventBody, HandoffContext, Lifecycle};
use deskside::protocol::survey::SurveyResponse;
use deskside::view::{Connection, ItemBody, Status, Storage, View};
use deskside::{Action, richtext};

impl Run {
    /// What the desk has must be what was promised.
    pub fn judge_desk(&mut self) {
        let mut counts = vec![0_u32; self.ledger.words.len()];
        for log in &self.desk.logs {
            let mut last: Vec<(usize, usize)> = Vec::new();
            for event in &log.events {
                let Some(number) = said_of(&event.body).and_then(number_of) else {
                    continue;
                };
                counts[number] += 1;
                let word = self.ledger.words[number].clone();
                let author = event.author.id.clone();
                let imposture = is_imposture(word.user, &author);
                let known = !word.author.is_empty() && word.author != author;
                if imposture || known && !word.retried {
                    let text = text_of(number);
                    return self.fail(|| {
                        format!("{text}, written by {}, was sent by {author}", word.author)
                    });
                }
                // One that was to open the conversation may be what cannot be read any more.
                let damaged = !self.devices[word.device].unreadable_entries.is_empty();
                let loose = word.failed || word.retried || word.excuse.is_some();
                let loose = loose || self.was_told(&word);
                if loose || damaged || word.kind == Kind::File {
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
        for (_, article, _) in &self.desk.feedback {
            counts[number_of(article).expect("a number is said of")] += 1;
        }
        for (number, count) in counts.into_iter().enumerate() {
            let word = &self.ledger.words[number];
            let text = text_of(number);
            // Who lost the first answer with the token may say it once more, as somebody else.
            let device = &self.devices[word.device];
            // What one tab cannot read of the journal another may still have on its way.
            let unread = device.damaged && device.means != Means::Locks;
            let again = word.retried && (device.revoked || device.troubled || unread);
            if count > 1 && !again {
                return self.fail(|| format!("the desk has {text} {count} times"));
            }
            // Who lost the token that it was sent under is told that it was not sent.
            let device = &self.devices[word.device];
            let sealed = device.revoked || device.troubled || word.unsure;
            if count == 1 && word.discarded && !word.retried && !sealed {
                return self.fail(|| format!("the desk has {text}, which was given up"));
            }
            let parked = self.parked(&text) || self.was_told(word);
            let given_up = word.discarded || word.excuse.is_some();
            let away = self.alive(word.device).is_empty() && device.holds(&text);
            if word.promised && count == 0 && !given_up && !parked && !away {
                return self.fail(|| {
                    format!("{text} was promised, and is neither on the desk nor parked")
                });
            }
            if word.failed && count == 0 && !given_up && !parked && !away && word.promised {
                return self.fail(|| format!("{text} was parked, and is gone"));
            }
        }
    }

    /// Whether some device keeps a message for its visitor to decide upon.
    fn parked(&self, text: &str) -> bool {
        let kept = |entry: &Entry| entry.failed.is_some() && said_by(&entry.command) == Some(text);
        let kept_by = |device: &crate::device::Device| device.stored.journal.iter().any(kept);
        let stored = self.devices.iter().any(kept_by);
        // A tab that has lost its store keeps it as long as it lives.
        let in_memory =
            |tab: &crate::tab::Tab| tab.alive && tab.engine.view().storage != Storage::Durable;
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
            let in_memory = view.storage != Storage::Durable;
            let troubled = self.devices[device].troubled || in_memory;
            let astray = self.devices[device].revoked && troubled;
            // A tab that has lost its store may be a visitor of its own.
            let alone = self.tabs.iter().filter(|tab| tab.device == device).count() == 1;
            let astray = astray || self.tabs[tab].astray || in_memory && !alone;
            if view.connection == Connection::Idle || astray {
                continue;
            }
            let sure = !troubled && !self.devices[device].revoked && !self.devices[device].damaged;
            let foreign = self.foreign_conversation(tab, &visitor);
            if let Some(foreign) = foreign.filter(|_| sure) {
                return self.fail(|| format!("t{tab} shows {foreign}, which is somebody else's"));
            }
            if let Some(wrong) = self.wrong_unread(tab) {
                return self.fail(|| wrong);
            }
            if let Some(wrong) = self.wrong_survey(tab, &view) {
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
                let view = self.read_back(tab, &log);
                self.judge_timeline(tab, &log, &view);
                if let Some(conversation) = &view.conversation {
                    self.judge_forms(tab, &log, conversation);
                    self.judge_marks(tab, &log, conversation);
                    self.judge_tickets(tab, &log, conversation);
                }
            }
            let _ = self.act(tab, Action::Leave);
            if let Some(conv) = before {
                let _ = self.act(tab, Action::Open { conv: Some(conv) });
            }
            let _ = self.act(tab, Action::Look { visible: true });
        }
    }

    /// What the desk has of a response is what the visitor answered last, in states that only get newer;
    /// and nothing is asked about a conversation that goes on.
    fn wrong_survey(&self, tab: usize, view: &View) -> Option<String> {
        let device = &self.devices[self.tabs[tab].device];
        if device.damaged || device.troubled || device.revoked || self.desk.epochs > 0 {
            return None;
        }
        // By a clock that has jumped it may have expired, and be asked anew by a tab that slept over it.
        let timely = device.wall_offset_ms == 0;
        for (id, last, both) in &self.ledger.rated {
            let answered = |event: &Event| {
                matches!(&event.body, EventBody::Survey(response)
                    if response.response_id == *id && response.rating.is_some())
            };
            let here = self.tabs[*last].device == self.tabs[tab].device && timely;
            let shown = view.surveys.iter().any(|survey| survey.response_id == *id);
            // In memory it may have been answered as somebody else.
            let visitor = device.stored.meta.as_ref().map(|meta| &meta.visitor);
            let logs = self.desk.logs.iter();
            let mut own = logs.filter(|log| Some(&log.visitor) == visitor);
            if here && !shown && !both && own.any(|log| log.events.iter().any(answered)) {
                return Some(format!("t{tab} does not show {id}, which was answered"));
            }
        }
        for survey in &view.surveys {
            let conv = survey.conv.as_ref()?;
            let id = &survey.response_id;
            let log = self.desk.logs.iter().find(|log| log.conv == *conv)?;
            let mut newest: Option<&SurveyResponse> = None;
            let mut reopened = false;
            for event in &log.events {
                match &event.body {
                    EventBody::Invitation(invitation) if invitation.response_id == *id => {
                        reopened = false;
                    }
                    EventBody::State(Lifecycle::Reopened) => reopened = true,
                    EventBody::Survey(response) if response.response_id == *id => {
                        if newest.is_some_and(|newest| newest.revision >= response.revision) {
                            return Some(format!("the desk has {response:?} after {newest:?}"));
                        }
                        newest = Some(response);
                    }
                    _ => {}
                }
            }
            let (rating, finished) = newest.map_or((None, false), |n| (n.rating, n.finished));
            let same = survey.rating == rating && survey.finished == finished;
            if !same && timely && !self.ledger.is_contested(id) && !self.parks_answer(id) {
                let shown = (survey.rating, survey.finished);
                return Some(format!(
                    "t{tab} shows {shown:?} of {id}, the desk has {newest:?}"
                ));
            }
            if reopened && survey.rating.is_none() {
                return Some(format!("t{tab} asks {id} of a conversation that goes on"));
            }
        }
        None
    }

    /// Where no tab leads, one may write the page it was given over what another has written since: what
    /// comes after the hole is shown, and the rest by pages.
    fn read_back(&mut self, tab: usize, log: &Log) -> View {
        const PAGES_MAX: usize = 5;
        let means = self.devices[self.tabs[tab].device].means;
        let mut view = self.tabs[tab].engine.view();
        for _ in 0..PAGES_MAX {
            let has_older = view.conversation.as_ref().is_some_and(|c| c.has_older);
            if means == Means::Locks || log.resumable_from == 0 || !has_older {
                break;
            }
            let _ = self.act(tab, Action::Older);
            self.until(self.now_ms + 1_000);
            view = self.tabs[tab].engine.view();
        }
        view
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
                // What a bot is writing is in no log; when it is said, it is written no more.
                ItemBody::Message { writing: true, .. } => {
                    let said = |event: &Event| event.cmid.as_deref() == Some(&*item.key);
                    log.events
                        .iter()
                        .any(said)
                        .then(|| format!("writes {}", item.key))
                }
                ItemBody::Message { content, files, .. } => Some(match files.first() {
                    Some(shown) => shown.file.name.clone(),
                    None => answer_of(&richtext::text_of(content)).to_owned(),
                }),
                ItemBody::Redacted { .. } => Some("redacted".into()),
                ItemBody::HandedOff => Some("handed off".into()),
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
        // Where no tab leads, one that slept over the end of an epoch may write what it knows of the old one.
        if device.slept && device.means != Means::Locks && self.desk.epochs > 0 {
            return;
        }
        // A tab that follows hears nothing of what cannot be read.
        let leads = device.means != Means::Locks || device.lock.holder == Some(tab);
        if !leads && device.unreadable_convs.contains(&log.conv) {
            return;
        }
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
            let chat = |run: &Self| run.tabs[tab].engine.view().conversation;
            let first = chat(self).map(|chat| chat.draft);
            let _ = self.act(tab, Action::Open { conv: Some(conv) });
            let there = chat(self);
            // What was typed into one that has ended stands in the new one, in which it can be said.
            let ended = there.as_ref().is_some_and(|c| c.state == Lifecycle::Closed);
            let moved = ended && first.as_ref() == Some(&text);
            let draft = there.map(|chat| chat.draft).unwrap_or_default();
            if draft != text && !moved && !self.devices[device].damaged {
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
                let word = said_by(&entry.command).and_then(|said| self.ledger.word(said));
                let on_desk = word.is_some_and(|word| word.on_desk)
                    || has_event(&self.desk, entry.command.cmid());
                !on_desk && !kept.contains(entry)
            });
            if let Some(gone) = gone {
                return self.fail(|| format!("device {device} has lost {gone:?}"));
            }
        }
    }
}

/// What a timeline shows of an event.
fn line_of(event: &Event) -> Option<String> {
    match &event.body {
        EventBody::Message(content) if content.redacted => Some("redacted".into()),
        EventBody::Message(_) => said_of(&event.body).map(|said| said.trim().to_owned()),
        EventBody::Handoff(context) if context.reason != HandoffContext::UNASKED => {
            Some("handed off".into())
        }
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
