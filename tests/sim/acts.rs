//! Carries the steps of a script out.

use crate::device::Means;
use crate::files::upload_id_of;
use crate::ledger::{Kind, Word, text_of};
use crate::run::{Due, Run, note};
use crate::said::{answer_of, number_in};
use crate::script::{Act, Step};
use crate::tab::Tab;
use crate::world::desk::temporary;
use deskside::input::SurveyAction;
use deskside::output::Durable;
use deskside::plain::Value;
use deskside::protocol::error_code;
use deskside::view::{ItemBody, Status, Storage, View};
use deskside::{Action, Input, richtext};

const DAY_MS: i64 = 86_400_000;

impl Run {
    pub fn step(&mut self, step: Step) {
        let Step { act, pick, .. } = step;
        let visitor = self.front[step.visitor];
        note!(self, "-- {act:?} v{visitor} {pick}");
        let now = self.now_ms;
        let spell_ms = now + 300 + u64::from(pick % 40_000);
        let awake: Vec<usize> = self
            .alive(visitor)
            .into_iter()
            .filter(|tab| !self.tabs[*tab].frozen)
            .collect();
        let tab = awake.get(pick as usize % awake.len().max(1)).copied();
        match act {
            Act::Say
            | Act::Attach
            | Act::Draft
            | Act::OpenNew
            | Act::OpenAny
            | Act::Leave
            | Act::Look
            | Act::End
            | Act::Rate
            | Act::Feedback
            | Act::Retry
            | Act::Discard
            | Act::Edit
            | Act::Handoff
            | Act::Submit
            | Act::Ticket
            | Act::Older
            | Act::Newer
            | Act::Latest
            | Act::Reconnect => {
                if let Some(tab) = tab {
                    self.visitor_does(tab, act, pick);
                }
            }
            Act::RetryAll => {
                for tab in awake {
                    self.go_to_failed(tab);
                    self.visitor_does(tab, Act::Retry, pick);
                }
            }
            Act::Reload => {
                if let Some(tab) = tab {
                    self.end_tab(tab);
                    self.open_tab(visitor);
                }
            }
            Act::CloseTab | Act::CrashTab => {
                if let Some(tab) = tab {
                    self.end_tab(tab);
                    if self.alive(visitor).is_empty() {
                        self.open_tab(visitor);
                    }
                }
            }
            Act::SignIn => self.sign_in(step.visitor, pick),
            Act::CrashAtCommit => self.devices[visitor].dies_at_commit = true,
            Act::NewTab => {
                if self.alive(visitor).len() < 3 {
                    self.open_tab(visitor);
                }
            }
            Act::KillBrowser | Act::PowerLoss | Act::Evict => {
                for tab in self.alive(visitor) {
                    self.end_tab(tab);
                }
                self.devices[visitor].waiting.clear();
                match act {
                    Act::PowerLoss => self.devices[visitor].lose_power(pick),
                    Act::Evict => {
                        self.devices[visitor].evict();
                        self.excuse(visitor, "the store was emptied");
                    }
                    _ => {}
                }
                self.open_tab(visitor);
            }
            Act::Freeze => {
                self.devices[visitor].slept = true;
                if let Some(tab) = tab {
                    self.tabs[tab].frozen = true;
                    self.at(spell_ms, Due::Thaw(tab));
                }
            }
            Act::Suspend => {
                self.devices[visitor].slept = true;
                for tab in awake {
                    self.tabs[tab].frozen = true;
                    self.tabs[tab].sleeps_since = (pick.is_multiple_of(2)).then_some(now);
                    self.at(spell_ms, Due::Thaw(tab));
                }
            }
            Act::PutAway => {
                self.devices[visitor].slept = true;
                if let Some(tab) = tab {
                    self.tell(tab, Input::Suspended);
                    self.tabs[tab].frozen = true;
                    self.at(spell_ms, Due::Thaw(tab));
                }
            }
            Act::WallJump => {
                let days = i64::from(pick % 7_300) - 3_650;
                self.devices[visitor].wall_offset_ms = days * DAY_MS;
            }
            Act::SlowOpen => {
                self.devices[visitor].troubled = true;
                self.devices[visitor].opens_late_until_ms = spell_ms;
            }
            Act::SlowDisk => self.devices[visitor].slow_until_ms = spell_ms,
            Act::FullDisk => {
                self.devices[visitor].troubled = true;
                self.devices[visitor].full_until_ms = now + 1 + u64::from(pick % 3_000)
            }
            Act::LoseStore => {
                if pick.is_multiple_of(3) {
                    self.devices[visitor].troubled = true;
                    self.devices[visitor].shut_until_ms = now + u64::from(pick % 2_000);
                }
                if let Some(tab) = tab {
                    self.tabs[tab].astray |= !self.tabs[tab].engine.view().ready;
                    self.lose_store(tab);
                }
            }
            Act::LoseFile => self.lose_file(visitor, pick),
            Act::CorruptEntry | Act::CorruptRecord => self.corrupt(visitor, act, pick),
            Act::Offline => {
                self.devices[visitor].net.offline_ms = spell_ms;
                self.cut_device(visitor);
                for tab in self.alive(visitor) {
                    self.after(1, Due::Told(tab, Input::Network { online: false }));
                    self.at(
                        spell_ms + 1,
                        Due::Told(tab, Input::Network { online: true }),
                    );
                }
            }
            Act::Silent => {
                self.devices[visitor].net.up_lost_ms = spell_ms;
                self.devices[visitor].net.down_lost_ms = spell_ms;
            }
            Act::OneWayUp => self.devices[visitor].net.up_lost_ms = spell_ms,
            Act::OneWayDown => self.devices[visitor].net.down_lost_ms = spell_ms,
            Act::Refused => self.devices[visitor].net.refused_ms = spell_ms,
            Act::Reset => self.cut_device(visitor),
            Act::SlowNet => self.devices[visitor].net.slow_ms = spell_ms,
            Act::Twice => self.devices[visitor].net.twice_ms = spell_ms,
            Act::LosesParts => self.devices[visitor].net.parts_lost_ms = spell_ms,
            Act::Portal => self.devices[visitor].net.portal_ms = spell_ms,
            Act::Restart => self.restart_desk(u64::from(pick % 5_000)),
            Act::CrashAfterCommit => self.faults.crash_after_commit = true,
            Act::Drop => self.cut_device(visitor),
            Act::SlowAnswers => self.faults.slow_until_ms = spell_ms,
            Act::NewEpoch => {
                self.desk.restore_from_backup(0);
                self.restart_desk(100);
            }
            Act::LosesEvents => self.lose_events(pick),
            Act::Retention => {
                for log in &mut self.desk.logs {
                    log.resumable_from = log.events.len() as u32;
                }
            }
            Act::NoSocket => self.lose_sockets(visitor, spell_ms, pick),
            Act::LosesPoll => self.faults.poll_lost = true,
            Act::Busy => {
                self.desk.refused_marks = pick % 3;
                let codes = [error_code::UNAVAILABLE, error_code::RATE_LIMITED];
                for turn in 0..1 + pick % 4 {
                    let refusal = temporary(codes[(turn % 2) as usize], pick % 8_000);
                    self.desk.refusals.push_back(refusal);
                }
            }
            Act::RefusesMarks => self.desk.refused_marks = 1 + pick % 3,
            Act::OutOfOrder => self
                .desk
                .refusals
                .push_back(temporary(error_code::OUT_OF_ORDER, 100)),
            Act::Refuses => {
                let codes = [error_code::INVALID, error_code::CLOSED];
                self.will_refuse.said = Some(codes[usize::from(pick.is_multiple_of(2))]);
            }
            Act::RefusesDeed => self.will_refuse.deed = Some(error_code::INVALID),
            Act::TooMany => self.will_refuse.open = true,
            Act::RefusesFile => self.will_refuse.file = true,
            Act::Revoke if !self.devices[visitor].user.is_empty() => {
                self.revoke_tokens_of(self.devices[visitor].user);
            }
            Act::Revoke => {
                let meta = self.devices[visitor].stored.meta.as_ref();
                let Some(token) = meta.and_then(|meta| meta.token.clone()) else {
                    return;
                };
                self.desk.tokens.retain(|(known, _)| *known != token);
                self.devices[visitor].revoked = true;
                self.cut_device(visitor);
            }
            Act::Expire => self.faults.expire_next = true,
            Act::Hostile => self.be_hostile(visitor, pick),
            Act::AgentSays
            | Act::AgentResolves
            | Act::AgentReads
            | Act::AgentEdits
            | Act::AgentRedacts
            | Act::AgentNotes
            | Act::AgentAsks
            | Act::BotWrites
            | Act::BotSays => self.agent_does(act, pick),
        }
    }

    fn cut_device(&mut self, device: usize) {
        for conn in 0..self.conns.len() {
            if self.tabs[self.conns[conn].tab].device == device {
                // A session by requests does not end with a connection.
                match self.conns[conn].has_mailbox() {
                    true => self.break_off(conn),
                    false => self.cut(conn, 1006),
                }
            }
        }
    }

    /// What a device has written may be missing from here on.
    fn excuse(&mut self, device: usize, why: &'static str) {
        for word in self
            .ledger
            .words
            .iter_mut()
            .filter(|word| word.device == device)
        {
            word.excuse = Some(why);
        }
    }

    fn visitor_does(&mut self, tab: usize, act: Act, pick: u32) {
        let view = self.tabs[tab].engine.view();
        if !view.ready {
            return;
        }
        let conv = view
            .conversation
            .as_ref()
            .map(|conversation| conversation.id.clone());
        let action = match (act, conv) {
            (Act::Say, Some(conv)) => {
                let number = self.ledger.words.len();
                let device = self.tabs[tab].device;
                let word = Word::new(device, tab, self.devices[device].user);
                self.ledger.words.push(word);
                let text = text_of(number);
                // By a button, now and then.
                let said = match pick.is_multiple_of(11) {
                    true => Action::Choose {
                        conv,
                        title: text,
                        payload: Some("chosen".into()),
                    },
                    false => Action::Send {
                        conv,
                        text,
                        ticket: None,
                    },
                };
                if self.act(tab, said).is_err() {
                    self.ledger.words[number].discarded = true;
                    let _ = self.act(tab, Action::OpenNew);
                }
                return;
            }
            (Act::Handoff, Some(conv)) => return self.ask_person(tab, conv, pick),
            (Act::Ticket, Some(conv)) => return self.leave_ticket(tab, conv, pick),
            (Act::Submit, Some(conv)) => return self.fill_in(tab, conv, pick, &view),
            (Act::Attach, Some(conv)) => return self.attach(tab, conv, pick),
            (Act::Say | Act::OpenAny, _) => Action::Open {
                conv: (!view.conversations.is_empty()).then(|| {
                    view.conversations[pick as usize % view.conversations.len()]
                        .id
                        .clone()
                }),
            },
            (Act::Draft, Some(conv)) => Action::Draft {
                conv,
                text: format!("draft {pick}"),
            },
            (Act::OpenNew, _) => Action::OpenNew,
            (Act::Leave, _) => Action::Leave,
            (Act::Look, _) => {
                let visible = !pick.is_multiple_of(3);
                let told = if visible {
                    Input::Resumed
                } else {
                    Input::Hidden
                };
                self.tell(tab, told);
                Action::Look { visible }
            }
            (Act::End, Some(conv)) => Action::End { conv },
            (Act::Rate, Some(conv)) => return self.rate(tab, &conv, pick, &view),
            (Act::Feedback, _) => return self.rate_article(tab, pick),
            (Act::Older, _) => Action::Older,
            (Act::Newer, _) => Action::Newer,
            (Act::Latest, _) => Action::Latest,
            (Act::Reconnect, _) => Action::Reconnect,
            (Act::Retry | Act::Discard | Act::Edit, _) => {
                let said = failed(&view).map(|(key, number)| (key, Some(number)));
                // Only a message becomes a draft again.
                let deed = || (act != Act::Edit).then(|| self.refused(tab, pick, &view))?;
                let Some((key, number)) = said.or_else(deed) else {
                    return;
                };
                let Some(number) = number else {
                    return self.decide(tab, act, key);
                };
                let word = &mut self.ledger.words[number];
                word.failed = true;
                if act == Act::Retry {
                    if word.discarded {
                        word.excuse = Some("given up in one tab, and sent again in another");
                    }
                    word.retried = true;
                    // The desk has been mended; what has ended has ended for good.
                    let file = upload_id_of(number);
                    self.desk.refused.retain(|(refused, code)| {
                        *refused != key && *refused != file || *code == error_code::CLOSED
                    });
                    Action::Retry { key }
                } else {
                    let device = &self.devices[self.tabs[tab].device];
                    // One that sleeps over it may still send it when it wakes, before it hears that
                    // another leads; and where tabs can only look now and then, one that has not
                    // looked yet.
                    let here = self.tabs[tab].device;
                    let deaf = device.means == Means::Poll;
                    let hears_late = |(at, other): (usize, &Tab)| {
                        other.device == here && (other.frozen || deaf && other.alive && at != tab)
                    };
                    let mut others = self.tabs.iter().enumerate();
                    word.unsure |= others.any(hears_late);
                    // One whose store has fallen silent cannot write that down.
                    word.unsure |= view.storage != Storage::Durable;
                    word.discarded = true;
                    if act == Act::Edit {
                        return self.edit(tab, key, number);
                    }
                    Action::Discard { key }
                }
            }
            _ => return,
        };
        let _ = self.act(tab, action);
    }

    /// What says nothing and was refused is done again, or given up.
    fn decide(&mut self, tab: usize, act: Act, key: String) {
        let action = match act {
            Act::Retry => {
                self.desk.refused.retain(|(refused, _)| *refused != key);
                Action::Retry { key }
            }
            Act::Discard => {
                self.gives_up(tab, &key);
                Action::Discard { key }
            }
            _ => return,
        };
        let _ = self.act(tab, action);
    }

    /// Puts the conversation on the screen in which a message was refused for good.
    fn go_to_failed(&mut self, tab: usize) {
        let mut journal = self.devices[self.tabs[tab].device].stored.journal.iter();
        let failed = journal
            .find(|entry| entry.failed.is_some() && matches!(entry.command, Durable::Send(_)));
        if let Some(conv) = failed.map(|entry| entry.command.queue().to_owned()) {
            let conv = Some(conv);
            let _ = self.act(tab, Action::Open { conv });
        }
    }

    /// A failed message becomes a draft again.
    fn edit(&mut self, tab: usize, key: String, number: usize) {
        if self.act(tab, Action::Edit { key }).is_err() {
            return;
        }
        let text = text_of(number);
        let shown = self.tabs[tab].engine.view().conversation;
        let draft = shown.map(|shown| shown.draft).unwrap_or_default();
        let typed = draft.lines().any(|line| answer_of(line) == text);
        if !typed && self.ledger.words[number].kind != Kind::File {
            self.fail(|| format!("t{tab} takes {text} back, and the draft is {draft:?}"));
        }
    }

    /// The visitor answers the survey about a conversation.
    fn rate(&mut self, tab: usize, conv: &str, pick: u32, view: &View) {
        let mut surveys = view.surveys.iter();
        let of = surveys.rfind(|survey| survey.conv.as_deref() == Some(conv));
        let Some(survey) = of else { return };
        let id = survey.response_id.clone();
        let begun = survey.rating.is_some() && pick.is_multiple_of(2);
        let act = match pick % 7 {
            0 if survey.editable => "edit",
            1 if survey.finished => "dismiss",
            _ if begun => "next",
            _ => "answer",
        };
        let shown = Some((survey.rating, survey.finished));
        let known = self.ledger.shows(&id, shown);
        let tabs = &self.tabs;
        let puts_away = act == "dismiss";
        let device = tabs[tab].device;
        let unheard = |last: usize| tabs[last].alive || !known || tabs[last].device != device;
        self.ledger.rates(&id, tab, puts_away, unheard);
        let _ = self.act(
            tab,
            Action::Survey(SurveyAction {
                act: act.into(),
                id: id.clone(),
                name: "rating".into(),
                value: Value::Number((1 + pick % 5) as f64),
            }),
        );
        let view = self.tabs[tab].engine.view();
        let mut surveys = view.surveys.iter();
        let shown = surveys.find(|survey| survey.response_id == id);
        let shown = shown.map(|survey| (survey.rating, survey.finished));
        self.ledger.shows(&id, shown);
    }

    fn corrupt(&mut self, visitor: usize, act: Act, pick: u32) {
        let device = &mut self.devices[visitor];
        let pick = pick as usize;
        if act == Act::CorruptEntry {
            let journal = &device.stored.journal;
            let Some(entry) = journal.get(pick % journal.len().max(1)) else {
                return;
            };
            device.unreadable_entries.push(entry.local_seq);
        } else if pick.is_multiple_of(2) {
            let events = &device.stored.events;
            let Some(event) = events.get(pick % events.len().max(1)) else {
                return;
            };
            device
                .unreadable_events
                .push((event.conv.clone(), event.seq));
        } else {
            let records = &device.stored.conversations;
            let Some(record) = records.get(pick % records.len().max(1)) else {
                return;
            };
            device.unreadable_convs.push(record.id.clone());
        }
        device.damaged = true;
        if act == Act::CorruptEntry {
            self.excuse(visitor, "the journal was damaged");
        }
    }
}

/// The first message on the screen that was refused for good.
fn failed(view: &View) -> Option<(String, usize)> {
    let items = &view.conversation.as_ref()?.items;
    items.iter().find_map(|item| match &item.body {
        ItemBody::Message {
            content,
            status: Some(Status::Failed { .. }),
            files,
            ..
        } => {
            let number = number_in(&richtext::text_of(content), files)?;
            Some((item.key.clone(), number))
        }
        _ => None,
    })
}
