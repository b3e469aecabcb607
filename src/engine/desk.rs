//! What the desk says.

use super::{Awaiting, Engine};
use crate::conversation::{Applied, Conversation};
use crate::limits::{DOUBTS_BEFORE_RESUME, HISTORY_PAGE_EVENTS, LOG_EVENTS_MAX, TYPING_EXPIRY_MS};
use crate::list::Gather;
use crate::outbox::Slot;
use crate::output::{HostEvent, StoreOp};
use crate::planted::{self, Bug};
use crate::protocol::command::{Command, History};
use crate::protocol::error_code;
use crate::protocol::event::{Event, EventBody, Lifecycle, Role};
use crate::protocol::reply::{
    Connected, Disconnect, ErrorBody, HistoryPage, Receipt, Reply, ServerFrame, SubState,
    TypingNotice,
};

impl Engine {
    pub(super) fn received(&mut self, frame: ServerFrame) {
        if let Some(id) = frame.id {
            // What nobody waits for any more says nothing new, but that a conversation exists: an `open`
            // that came twice may have been refused first and carried out then.
            let says = frame.error.is_some() || frame.result.is_some();
            let waits = self.awaiting.iter().position(|(asked, _)| *asked == id);
            let about = waits
                .filter(|_| says)
                .map(|at| self.awaiting.swap_remove(at).1);
            match (about, frame.error, frame.result) {
                (Some(about), Some(error), _) => self.failed(about, error),
                (Some(about), None, Some(reply)) => self.answered(about, reply),
                (None, _, Some(reply)) => {
                    if let Some(state) = reply.opened {
                        self.adopt_late(state);
                    }
                }
                _ => {}
            }
            return;
        }
        if !self.link.is_online() {
            // The desk pushes as soon as it has taken `connect`: what comes before its answer may
            // be newer than what the answer says.
            let room = self.early.len() < LOG_EVENTS_MAX && !planted::is(Bug::EarlyPushDropped);
            if room && self.link.is_greeting() {
                self.early.push(frame);
            }
            return;
        }
        if let Some(event) = frame.event {
            let conv = event.conv.clone();
            self.apply(&conv, vec![event], true);
        }
        if let Some(receipt) = frame.read {
            self.receipt(receipt);
        }
        if let Some(notice) = frame.typing {
            self.typing_notice(notice);
        }
        if let Some(delta) = frame.delta
            && let Some(conversation) = self.conversations.get_mut(&delta.conv)
        {
            conversation.stream(delta, self.now.wall_ms, self.now.mono_ms);
            self.changed = true;
        }
        if let Some(notice) = frame.queue
            && let Some(conversation) = self.conversations.get_mut(&notice.conv)
        {
            conversation.queue = (notice.position > 0).then_some(notice);
            self.changed = true;
        }
        if let Some(state) = frame.conversation {
            self.adopt_late(state);
        }
        if let Some(availability) = frame.availability {
            self.availability = Some(availability);
            self.changed = true;
        }
        #[cfg(feature = "survey")]
        if let Some(clocks) = frame.clocks {
            self.take_clocks(&clocks);
        }
        #[cfg(feature = "survey")]
        if let Some(surveys) = frame.surveys {
            self.take_surveys(surveys);
        }
        if let Some(disconnect) = frame.disconnect {
            self.disconnected(disconnect);
        }
    }

    #[inline(never)]
    fn receipt(&mut self, receipt: Receipt) {
        // What comes before the answer to `open` is stored with that.
        let Some(conversation) = self.conversations.get_mut(&receipt.conv) else {
            return;
        };
        let changed = match receipt.by {
            Role::Visitor => conversation.raise_visitor_marks(receipt.marks),
            _ => conversation.raise_agent_marks(receipt.marks),
        };
        if changed && conversation.is_known() {
            let record = conversation.record.clone();
            self.persist_record(record);
            self.changed = true;
        }
    }

    fn answered(&mut self, about: Awaiting, reply: Reply) {
        match about {
            Awaiting::Connect => {
                if let Some(connected) = reply.connected {
                    self.connected(connected);
                }
            }
            Awaiting::Entry(cmid) => {
                if let Some(slot) = self.outbox.find_mut(&cmid) {
                    slot.in_flight = None;
                }
                if let Some(state) = reply.opened {
                    self.opened(&cmid, state);
                } else if let Some(sent) = reply.sent {
                    self.acknowledged(&cmid, sent);
                }
            }
            Awaiting::Gap(conv) => {
                if let Some(conversation) = self.conversations.get_mut(&conv) {
                    conversation.fetching_gap = false;
                }
                if let Some(page) = reply.history.filter(|page| self.is_current(page)) {
                    self.apply(&conv, page.events, true);
                    self.fetch_gap(&conv, page.top);
                }
            }
            Awaiting::Marks(_) => {}
            Awaiting::Refresh => {
                let refreshed = reply.refreshed;
                self.token_lasts(refreshed.and_then(|refreshed| refreshed.token_expires_in_ms));
            }
            Awaiting::Page(_) => {
                if let Some(page) = reply.history.filter(|page| self.is_current(page)) {
                    self.page_came(page);
                }
            }
            Awaiting::Upload(_) => {
                if let Some(state) = reply.upload {
                    self.upload_is_at(state, None);
                }
            }
        }
    }

    /// A page of another epoch belongs to a log that is no more: connect anew and resume from nothing.
    fn is_current(&mut self, page: &HistoryPage) -> bool {
        let known = self
            .conversations
            .get(&page.conv)
            .map(|c| c.record.epoch.as_str());
        if known == Some(page.epoch.as_str()) {
            return true;
        }
        self.reconnect(0);
        false
    }

    #[inline(never)]
    fn connected(&mut self, connected: Connected) {
        if self.token_shown != self.meta.token {
            // Meanwhile another tab was given a token: this one comes as the same visitor.
            return self.reconnect(0);
        }
        self.link
            .online(self.now.mono_ms, connected.ping_interval_ms);
        self.site_name = connected.site_name;
        self.token_lasts(connected.token_expires_in_ms.filter(|_| self.is_named()));
        self.availability = Some(connected.availability);
        self.text_bytes_max = connected.limits.text_bytes_max.max(1) as usize;
        let files_max = Some(connected.limits.attachment_bytes_max);
        let other_files =
            std::mem::replace(&mut self.meta.attachment_bytes_max, files_max) != files_max;
        let was = self.meta.token.clone();
        if connected.visitor != self.meta.visitor || connected.token.is_some() {
            if connected.visitor != self.meta.visitor {
                self.leave_arrived();
            }
            self.meta.visitor = connected.visitor;
            if connected.token.is_some() {
                self.meta.token = connected.token;
            }
            // Nothing is sent under a token that a crash could lose: what it had sent would belong
            // to a visitor whom nobody can be again.
            self.token_rev = self.persist_meta(was);
        } else if other_files {
            self.persist_meta(was);
        }
        #[cfg(feature = "survey")]
        if let Some(clocks) = connected.clocks {
            self.take_clocks(&clocks);
        }
        #[cfg(feature = "survey")]
        if let Some(surveys) = connected.surveys {
            self.take_surveys(surveys);
        }
        for state in connected.subs {
            self.adopt(state);
        }
        for frame in std::mem::take(&mut self.early) {
            self.received(frame);
        }
        self.show_what_came();
        self.changed = true;
    }

    /// Takes a conversation as the desk had it at some time since `connect`: what has been applied
    /// by now may be newer.
    pub(super) fn adopt_late(&mut self, state: SubState) {
        let known = self.conversations.get(&state.conv).map(|c| &c.record);
        let old = known.is_some_and(|r| r.epoch == state.epoch && r.cursor >= state.top);
        let recovered = state.recovered || old && !planted::is(Bug::OlderAnswerTaken);
        self.adopt(SubState { recovered, ..state });
    }

    /// Takes a conversation as the desk has it.
    fn adopt(&mut self, state: SubState) {
        let conv = state.conv.clone();
        let conversation = self.conversation_mut(&conv);
        let recovered = state.recovered && state.epoch == conversation.record.epoch
            || planted::is(Bug::ResumeTakenAsRecovered) && conversation.is_known();
        if state.epoch != conversation.record.epoch {
            // What was acknowledged is in the log that is no more: whether the new one has it, its
            // events say, or the desk once it is asked again.
            let of_conv = |slot: &&mut Slot| slot.entry.command.queue() == conv;
            for slot in self.outbox.slots_mut().filter(of_conv) {
                slot.acked = None;
                slot.sent = false;
            }
        }
        // Where no tab leads, another may have stored more of one that was not known here than this
        // answer says.
        let led = self.generation().is_some();
        let conversation = self.conversation_mut(&conv);
        let new = !led && !conversation.is_known();
        let first = state.events.first().filter(|_| new);
        let up_to = first.map_or(u32::MAX, |event| event.seq.saturating_sub(1));
        let state = SubState { recovered, ..state };
        conversation.adopt(&state);
        if recovered {
            let record = conversation.record.clone();
            self.persist_record(record);
            self.apply(&conv, state.events, true);
            self.fetch_gap(&conv, state.top);
        } else {
            let record = conversation.record.clone();
            let mut ops = vec![
                StoreOp::ClearEvents {
                    conv: conv.clone(),
                    up_to,
                },
                StoreOp::SetConversation(record),
            ];
            #[cfg(feature = "survey")]
            self.surveys_of_log(&state.events, false);
            let settled = self.settle_entries(&conv, &state.events);
            let strict = !settled.is_empty();
            ops.extend(settled);
            self.persist(strict, ops);
            // Events may have come before anything was known of the log.
            self.fetch_gap(&conv, state.top);
        }
        self.mark_read();
        self.changed = true;
    }

    /// Applies events in order, stores them with the cursor in one transaction, and takes what they
    /// acknowledge out of the journal in that same one.
    pub(super) fn apply(&mut self, conv: &str, events: Vec<Event>, live: bool) {
        let Some(conversation) = self.conversations.get_mut(conv) else {
            return;
        };
        let mut applied = Vec::new();
        let mut gap_top = None;
        for event in events {
            if event.conv != conv {
                continue;
            }
            match conversation.apply(event.clone()) {
                Applied::Next => applied.push(event),
                Applied::Known => {}
                Applied::Gap => gap_top = gap_top.max(Some(event.seq)),
            }
        }
        if !applied.is_empty() {
            let record = conversation.record.clone();
            let settled = self.settle_entries(conv, &applied);
            let strict = !settled.is_empty();
            if live {
                self.announce(conv, &applied);
            }
            #[cfg(feature = "survey")]
            self.surveys_of_log(&applied, true);
            let amended = self.amended(conv, &applied);
            let mut ops = vec![StoreOp::SetConversation(record)];
            ops.extend(amended);
            ops.extend(settled);
            self.persist(strict, ops);
            self.mark_read();
            self.changed = true;
        }
        if let Some(top) = gap_top {
            self.fetch_gap(conv, top);
        }
    }

    /// What changes in the store because messages were changed. Where one is not in memory, what the
    /// store may hold of it is not true any more.
    fn amended(&self, conv: &str, applied: &[Event]) -> Vec<StoreOp> {
        let conversation = self.conversations.get(conv);
        let changes = applied.iter().filter_map(|event| {
            let (seq, _) = event.body.amendment()?;
            let changed = conversation?.event(seq);
            (seq < event.seq).then(|| match changed {
                Some(changed) => StoreOp::PutEvents(vec![changed.clone()]),
                None => StoreOp::ClearEvents {
                    conv: conv.to_owned(),
                    up_to: seq,
                },
            })
        });
        changes.listed()
    }

    pub(super) fn announce(&mut self, conv: &str, events: &[Event]) {
        for event in events {
            let Some(conversation) = self.conversations.get(conv) else {
                return;
            };
            let read = conversation.record.visitor_marks.read_seq;
            match &event.body {
                EventBody::Message(content)
                    if matches!(event.author.role, Role::Agent | Role::Bot) && event.seq > read =>
                {
                    let author = conversation.participant(event.author.role, &event.author.id);
                    let message = HostEvent::MessageReceived {
                        conv: conv.to_owned(),
                        author,
                        text: content.text.clone(),
                    };
                    self.tell_page(message);
                }
                EventBody::State(Lifecycle::Resolved) => {
                    let resolved = HostEvent::ConversationResolved {
                        conv: conv.to_owned(),
                    };
                    self.tell_page(resolved);
                }
                _ => {}
            }
        }
    }

    fn fetch_gap(&mut self, conv: &str, top: u32) {
        let Some(conversation) = self.conversations.get_mut(conv) else {
            return;
        };
        let cursor = conversation.record.cursor;
        if top.max(conversation.seen_seq) <= cursor
            || conversation.fetching_gap
            || !conversation.is_known()
            || !self.link.is_online()
        {
            return;
        }
        conversation.fetching_gap = true;
        conversation.seen_seq = 0;
        let history = History {
            conv: conv.to_owned(),
            before: None,
            after: Some(cursor),
            limit: HISTORY_PAGE_EVENTS,
        };
        let id = self.transmit(Command::History(history));
        self.awaiting.push((id, Awaiting::Gap(conv.to_owned())));
    }

    /// The answer to what opened a conversation was lost, and another tab took what would have asked again:
    /// the desk says what there is when it is asked anew, once.
    pub(super) fn look_for_lost(&mut self) {
        let lost = |c: &&mut Conversation| {
            !c.is_known() && c.seen_seq > 0 && !self.outbox.opens(&c.record.id)
        };
        if let Some(conversation) = self.conversations.iter_mut().find(lost) {
            conversation.seen_seq = 0;
            self.reconnect(0);
        }
    }

    fn typing_notice(&mut self, notice: TypingNotice) {
        let until = self.now.mono_ms + u64::from(TYPING_EXPIRY_MS);
        if let Some(conversation) = self.conversations.get_mut(&notice.conv) {
            conversation.add_participant(notice.by.clone());
            conversation.typing = notice.active.then_some((notice.by, until));
            self.changed = true;
        }
    }

    #[inline(never)]
    fn failed(&mut self, about: Awaiting, error: ErrorBody) {
        match about {
            Awaiting::Connect => self.connect_failed(error),
            Awaiting::Refresh => self.token_refused(),
            Awaiting::Entry(_) | Awaiting::Marks(_) if error.code == error_code::UNAUTHORIZED => {
                self.unauthorized();
            }
            Awaiting::Entry(cmid) => {
                let doubted = error.code == error_code::OUT_OF_ORDER;
                self.entry_failed(&cmid, error);
                let attempts = self.outbox.find(&cmid).map_or(0, |slot| slot.attempts);
                if doubted && attempts >= DOUBTS_BEFORE_RESUME {
                    self.reconnect(0);
                }
            }
            Awaiting::Gap(conv) => {
                // The connection heals it: a resume either recovers the log or loads it anew.
                if let Some(conversation) = self.conversations.get_mut(&conv) {
                    conversation.fetching_gap = false;
                }
                self.reconnect(error.retry_after_ms.unwrap_or(0));
            }
            Awaiting::Marks(conv) => {
                // Told again with the next ping.
                if let Some(conversation) = self.conversations.get_mut(&conv) {
                    conversation.marks_refused =
                        error.temporary && !planted::is(Bug::RefusedMarksForgotten);
                }
            }
            Awaiting::Page(conv) => self.no_page(&conv),
            Awaiting::Upload(upload_id) => self.upload_failed(&upload_id, error),
        }
    }

    fn connect_failed(&mut self, error: ErrorBody) {
        if error.code == error_code::UNAUTHORIZED {
            self.unauthorized();
        } else if error.temporary {
            self.reconnect(error.retry_after_ms.unwrap_or(0));
        } else {
            self.refused(&error.code);
        }
    }

    /// The token is not taken. In the middle of a session it may have expired: the session is begun
    /// anew with it, once. Where it begins none, the desk makes a new one; the journal is kept.
    pub(super) fn unauthorized(&mut self) {
        if self.is_named() {
            return self.token_refused();
        }
        let doubted = std::mem::replace(&mut self.token_doubted, true);
        if doubted || !self.link.is_online() {
            self.token_doubted = false;
            // What is refused may be another token than the one that is known by now.
            if self.token_shown == self.meta.token {
                let was = self.meta.token.take();
                if was.is_none() {
                    self.refused(error_code::UNAUTHORIZED);
                    return;
                }
                self.persist_meta(was);
            }
        }
        self.reconnect(0);
    }

    fn disconnected(&mut self, disconnect: Disconnect) {
        if disconnect.reconnect {
            self.reconnect(disconnect.retry_after_ms.unwrap_or(0));
        } else {
            self.refused(error_code::UNAVAILABLE);
        }
    }
}
