//! Several tabs, one connection: one tab leads, the others follow it through the store.
//!
//! The store is what counts: a leader's transactions are refused once another leads, so two that
//! both believe to lead do no harm. A follower hears what changed, and reads it from the store.

use super::merge::newer_than;
use super::{Engine, Phase};
use crate::limits::{LEAD_PING_MS, LEAD_SILENCE_MS, TYPING_EXPIRY_MS};
use crate::list::Gather;
use crate::output::{Batch, Output, StoreOp};
use crate::plain::Writable;
use crate::planted::{self, Bug};
use crate::protocol::command::{Command, Typing};
use crate::protocol::reply::{Availability, Delta};
use crate::tabs::{Changed, Lead, TabMessage, TypingIn};
use crate::view::{Connection, Storage};

/// This tab's place among those of the visitor.
#[derive(Clone, Debug, Default)]
pub(super) struct Tabs {
    pub following: bool,
    /// As a leader: the store's generation, 0 where tabs have no way to agree on a leader.
    pub generation: u32,
    /// As a leader: whether there is another tab to hear of it, and whether one wants the desk.
    company: bool,
    pub desk_wanted: bool,
    /// As a leader: what was told, and when.
    told: Option<(Lead, u64)>,
    /// As a follower: what was heard, and when.
    heard: Lead,
    heard_at_ms: u64,
    /// As a follower: whether the leader was asked for the desk.
    asked_for_desk: bool,
    /// Nobody sees this page.
    hidden: bool,
}

impl Engine {
    /// Whether this tab may send: nobody else does so for it.
    pub(super) fn leads(&self) -> bool {
        !self.tabs.following || self.store.state != Storage::Durable
    }

    /// What a leader's transactions are checked against.
    pub(super) fn generation(&self) -> Option<u32> {
        (!self.tabs.following && self.tabs.generation > 0).then_some(self.tabs.generation)
    }

    /// The way to the desk, this tab's own or the leader's.
    pub(super) fn connection(&self) -> Connection {
        if self.leads() {
            self.link.view()
        } else {
            self.tabs.heard.connection.clone()
        }
    }

    pub(super) fn take_lead(&mut self, generation: u32) {
        let led = self.tabs.generation;
        if led > 0 && generation != led + 1 {
            // Another has led between, and this one has not heard of it.
            self.follow();
        }
        let was_following = std::mem::take(&mut self.tabs.following);
        self.tabs.generation = generation;
        self.tabs.told = None;
        if was_following {
            // Another tab said that they were on their way.
            self.outbox.connection_lost();
            if !planted::is(Bug::LedWithoutReading) {
                self.reload();
            }
        }
    }

    pub(super) fn follow(&mut self) {
        self.tabs.heard_at_ms = self.now.mono_ms;
        self.tabs.asked_for_desk = false;
        // Where the store is not the one it was, its leaders are counted from 1 again.
        self.tabs.heard = Lead::default();
        if !std::mem::replace(&mut self.tabs.following, true) {
            self.tabs.generation = 0;
            self.step_down();
        }
        self.say_hello();
    }

    /// What this tab knew of the desk may be old: another one speaks with it.
    fn step_down(&mut self) {
        if self.store.state != Storage::Durable {
            return;
        }
        self.drop_guarded();
        self.keep_marks();
        self.outputs.push_back(Output::Disconnect);
        self.link.phase = Phase::Idle;
        self.link.attempts = 0;
        self.forget_answers();
        self.forget_acknowledgements();
        self.reload();
    }

    pub(super) fn forget_acknowledgements(&mut self) {
        for slot in self.outbox.slots_mut() {
            slot.acked = None;
        }
    }

    /// A batch came too late: another tab leads, or has been given another token.
    pub(super) fn overtaken(&mut self, batch: &Batch) {
        self.drop_guarded();
        if batch.generation.is_some() {
            return self.follow();
        }
        self.reconnect(0);
        self.forget_acknowledgements();
        self.reload();
    }

    pub(super) fn say_hello(&mut self) {
        self.tabs.asked_for_desk |= self.wants_desk();
        self.tell(TabMessage::Hello {
            wants_desk: self.tabs.asked_for_desk,
        });
    }

    pub(super) fn tell(&mut self, message: TabMessage) {
        self.outputs.push_back(Output::Tell(message));
    }

    /// Asks whoever has the connection to make or hurry it.
    pub(super) fn hurry(&mut self) {
        self.link.hurry(self.now.mono_ms);
        if !self.leads() {
            self.say_hello();
        }
    }

    /// The page came back: others may have done much meanwhile, and silence was its own.
    pub(super) fn came_back(&mut self) {
        self.resume();
        self.tabs.hidden = false;
        self.tabs.heard_at_ms = self.now.mono_ms;
        let all = self.conversations.iter().map(newer_than);
        let all = all.listed();
        self.want(true, if self.leads() { Vec::new() } else { all });
        if !self.leads() {
            self.say_hello();
        }
    }

    pub(super) fn hide(&mut self) {
        self.tabs.hidden = true;
    }

    pub(super) fn told(&mut self, message: TabMessage) {
        if matches!(self.store.state, Storage::Memory { .. }) {
            return;
        }
        match message {
            TabMessage::Leads(lead) if self.tabs.following => self.hear(lead),
            TabMessage::Leads(_) => {}
            TabMessage::Changed(changed) => self.look_at(&changed),
            TabMessage::Older { conv, before: 0 } if self.tabs.following => self.no_page(&conv),
            // The rest is for the leader.
            _ if self.tabs.following => {}
            TabMessage::Older { before: 0, .. } => {}
            TabMessage::Hello { wants_desk } => {
                self.tabs.company = true;
                self.tabs.told = None;
                self.look_for_entries();
                if std::mem::take(&mut self.store.emptied) {
                    self.write_records();
                }
                if wants_desk {
                    self.tabs.desk_wanted = true;
                    self.link.hurry(self.now.mono_ms);
                }
            }
            TabMessage::Marked { conv, marks } => {
                if let Some(conversation) = self.conversations.get_mut(&conv)
                    && conversation.raise_visitor_marks(marks)
                {
                    let record = conversation.record.clone();
                    self.persist_record(record);
                    self.changed = true;
                }
            }
            TabMessage::Typing { conv, active } => {
                if self.link.is_online() {
                    self.transmit(Command::Typing(Typing { conv, active }));
                }
            }
            TabMessage::Older { conv, before } => self.ask_page(conv, before),
        }
    }

    fn hear(&mut self, lead: Lead) {
        self.tabs.heard_at_ms = self.now.mono_ms;
        let heard = &self.tabs.heard;
        // What comes while the store is read whole is said again within a second.
        if self.store.is_loading() || lead.generation < heard.generation || same(&lead, heard) {
            return;
        }
        if lead.generation != heard.generation {
            // What the one before wrote last, nobody may have told of.
            self.reload();
            // What was read under another leader, or while this tab led, it may not know of.
            for conversation in self.conversations.iter() {
                let told = TabMessage::Marked {
                    conv: conversation.record.id.clone(),
                    marks: conversation.record.visitor_marks,
                };
                self.outputs.push_back(Output::Tell(told));
            }
        }
        self.site_name.clone_from(&lead.site_name);
        let there = |agents_online| Availability { agents_online };
        self.availability = lead.agents_online.map(there);
        self.text_bytes_max = lead.text_bytes_max.max(1) as usize;
        self.outbox.only_moving(&lead.sending);
        let until = self.now.mono_ms + u64::from(TYPING_EXPIRY_MS);
        for conversation in self.conversations.iter_mut() {
            let own = |delta: &&Delta| delta.conv == conversation.record.id;
            let streams: Vec<Delta> = lead.streams.iter().filter(own).cloned().listed();
            conversation
                .streams
                .retain(|stream| streams.iter().any(|delta| delta.id == stream.delta.id));
            for delta in streams {
                conversation.stream(delta, self.now.wall_ms, self.now.mono_ms);
            }
            let mut queue = lead.queue.iter();
            conversation.queue = queue.find(|q| q.conv == conversation.record.id).cloned();
            let typing = lead
                .typing
                .iter()
                .find(|t| t.conv == conversation.record.id);
            conversation.typing = typing.map(|typing| (typing.by.clone(), until));
            if lead.connection != Connection::Online {
                conversation.turning = None;
            }
        }
        self.tabs.heard = lead;
        self.changed = true;
    }

    /// Tells the others what a commit of this tab changed.
    pub(super) fn tell_changed(&mut self, batch: &Batch) {
        let mut changed = Changed::default();
        for op in &batch.ops {
            let conv = match op {
                StoreOp::Enqueue(_) | StoreOp::UpdateEntry(_) | StoreOp::Dequeue { .. } => {
                    changed.journal = true;
                    continue;
                }
                StoreOp::SetConversation(record) => &record.id,
                StoreOp::PutEvents(events) => match events.first() {
                    Some(event) => &event.conv,
                    None => continue,
                },
                _ => continue,
            };
            if !changed.conversations.contains(conv) {
                changed.conversations.push(conv.clone());
            }
        }
        self.tell(TabMessage::Changed(changed));
    }

    /// Says that this tab leads, and what only it knows, to those who listen.
    pub(super) fn tell_lead(&mut self) {
        if self.generation().is_none() || !self.tabs.company || !self.store.is_ready() {
            return;
        }
        let now = self.now.mono_ms;
        let lead = self.lead();
        let fresh =
            |(told, at): &(Lead, u64)| same(told, &lead) && *at + u64::from(LEAD_PING_MS) > now;
        if !self.tabs.told.as_ref().is_some_and(fresh) {
            self.tabs.told = Some((lead.clone(), now));
            self.tell(TabMessage::Leads(lead));
        }
    }

    fn lead(&self) -> Lead {
        let on_the_way = self.outbox.busy().filter(|slot| slot.is_moving());
        let typing = self.conversations.iter().filter_map(|c| {
            let (by, _) = c.typing.clone()?;
            let conv = c.record.id.clone();
            Some(TypingIn { conv, by })
        });
        let streams = self.conversations.iter().flat_map(|c| &c.streams);
        let queue = self.conversations.iter().filter_map(|c| c.queue.as_ref());
        Lead {
            generation: self.tabs.generation,
            connection: self.link.view(),
            site_name: self.site_name.clone(),
            agents_online: self.availability.map(|there| there.agents_online),
            text_bytes_max: self.text_bytes_max as u32,
            sending: on_the_way
                .map(|slot| slot.entry.command.cmid().to_owned())
                .listed(),
            typing: typing.listed(),
            streams: streams.map(|stream| stream.delta.clone()).listed(),
            queue: queue.cloned().listed(),
        }
    }

    /// Follows, unless the leader has been silent for too long.
    pub(super) fn tend_lead(&mut self) {
        if !self.tabs.asked_for_desk && self.wants_desk() {
            self.say_hello();
        }
        if self.silent_at_ms().is_some_and(|at| at <= self.now.mono_ms) {
            self.tabs.heard_at_ms = self.now.mono_ms;
            self.outputs.push_back(Output::Steal);
        }
    }

    fn silent_at_ms(&self) -> Option<u64> {
        let at = self.tabs.heard_at_ms + u64::from(LEAD_SILENCE_MS);
        (!self.leads() && !self.tabs.hidden).then_some(at)
    }

    /// When there is something to tell or to miss.
    pub(super) fn lead_deadline(&self) -> Option<u64> {
        let told = self.tabs.told.as_ref();
        let ping = told.map(|(_, at)| at + u64::from(LEAD_PING_MS));
        self.silent_at_ms().or(ping.filter(|_| self.leads()))
    }
}

/// Whether the same would be told, compared as it is told.
fn same(one: &Lead, other: &Lead) -> bool {
    one.write() == other.write()
}
