//! What becomes of what was sent: the journal's entries as the desk answers them.

use super::Engine;
use crate::outbox::{Slot, backoff};
use crate::output::{Durable, HostEvent, StoreOp};
use crate::planted::{self, Bug};
use crate::protocol::event::{Author, Event, EventBody, Lifecycle, Role};
use crate::protocol::reply::{ErrorBody, Sent, SubState};

impl Engine {
    pub(super) fn opened(&mut self, cmid: &str, state: SubState) {
        let conv = state.conv.clone();
        self.drop_entry(cmid);
        self.adopt_late(state);
        self.tell_page(HostEvent::ConversationStarted { conv });
    }

    /// The desk has committed a command. It leaves the journal when the log has come up to it, in
    /// the same transaction.
    pub(super) fn acknowledged(&mut self, cmid: &str, sent: Sent) {
        self.token_doubted = false;
        if planted::is(Bug::DuplicateTakenAsFailure) && sent.duplicate {
            return self.entry_refused(cmid, crate::protocol::error_code::CONFLICT.to_owned());
        }
        let Some(slot) = self.outbox.find_mut(cmid) else {
            return;
        };
        slot.acked = Some(sent.seq);
        slot.sent = true;
        slot.attempts = 0;
        if let Durable::Send(send) = &mut slot.entry.command
            && let Some(ticket) = &mut send.body.ticket
            && !planted::is(Bug::TicketNumberForgotten)
        {
            ticket.number = sent.ticket;
        }
        let entry = slot.entry.clone();
        self.changed = true;
        let conv = entry.command.queue().to_owned();
        // Another device has answered the same: its answer stands there, and comes with the log.
        let outdone = sent.duplicate && matches!(entry.command, Durable::Survey(_));
        let body = match entry.command {
            Durable::Send(send) => EventBody::Message(send.body),
            // A response that is about no conversation, or says nothing yet, is in no log.
            Durable::Survey(_) if sent.seq == 0 => return self.drop_entry(cmid),
            Durable::Survey(survey) => EventBody::Survey(survey.response),
            Durable::Handoff(handoff) => EventBody::Handoff(handoff.context),
            Durable::Close(_) => EventBody::State(Lifecycle::Closed),
            Durable::Open(_) | Durable::Feedback(_) => return self.drop_entry(cmid),
        };
        if let Some(conversation) = self.conversations.get_mut(&conv)
            && !conversation.is_known()
        {
            // Another tab began it, or the answer to `open` was lost.
            conversation.record.epoch = sent.epoch;
        }
        let author = Author {
            role: Role::Visitor,
            id: self.meta.visitor.clone(),
        };
        let event = Event {
            conv: conv.clone(),
            seq: sent.seq,
            ts: sent.ts,
            author,
            cmid: Some(cmid.to_owned()),
            body,
        };
        if !outdone {
            self.apply(&conv, vec![event], true);
        }
        let behind = self
            .conversations
            .get(&conv)
            .is_some_and(|c| c.record.cursor >= sent.seq);
        if behind {
            self.drop_entry(cmid);
        }
    }

    /// An entry leaves the journal, and its file the device.
    pub(super) fn drop_entry(&mut self, cmid: &str) {
        if let Some(slot) = self.outbox.remove(cmid) {
            self.forget_files(&slot);
            self.forget_entry(slot.entry.local_seq);
        }
    }

    /// Removes from the outbox what stands in the log now; the changes of the store that go with it.
    pub(super) fn settle_entries(&mut self, conv: &str, events: &[Event]) -> Vec<StoreOp> {
        let cursor = self.conversations.get(conv).map_or(0, |c| c.record.cursor);
        let mut settled = Vec::new();
        let mut settle = |slot: &Slot| {
            if slot.entry.command.queue() == conv {
                settled.push(slot.entry.command.cmid().to_owned());
            }
        };
        for event in events {
            let logged = event.cmid.as_ref();
            if let Some(slot) = logged.and_then(|cmid| self.outbox.find(cmid)) {
                settle(slot);
            }
        }
        for slot in self.outbox.busy() {
            if slot.acked.is_some_and(|seq| seq <= cursor) {
                settle(slot);
            }
        }
        let mut ops = Vec::new();
        for cmid in settled {
            let Some(slot) = self.outbox.remove(&cmid) else {
                continue;
            };
            self.forget_files(&slot);
            let local_seq = slot.entry.local_seq;
            if local_seq > 0 {
                ops.push(StoreOp::Dequeue { local_seq });
            }
        }
        ops
    }

    /// The visitor is somebody else from now on: what has arrived and not come back stands in a log that
    /// nobody here can read again.
    pub(super) fn leave_arrived(&mut self) {
        while let Some(cmid) = self.outbox.first(&|slot| slot.acked.is_some()) {
            self.drop_entry(&cmid);
        }
    }

    /// The newest message of the visitor that the desk is known to have.
    pub(super) fn last_acknowledged(&self, conv: &str) -> Option<String> {
        let acked = self.outbox.busy().rev().find(|slot| {
            slot.acked.is_some()
                && matches!(&slot.entry.command, Durable::Send(send) if send.conv == conv)
        });
        if let Some(slot) = acked {
            return Some(slot.entry.command.cmid().to_owned());
        }
        let log = self.conversations.get(conv)?.log();
        log.iter()
            .rev()
            .find_map(|line| match (&line.event.body, line.event.author.role) {
                (EventBody::Message(_), Role::Visitor) => line.event.cmid.clone(),
                _ => None,
            })
    }

    pub(super) fn entry_failed(&mut self, cmid: &str, error: ErrorBody) {
        if planted::is(Bug::AnyAnswerTakenAsSuccess) {
            let slot = self.outbox.remove(cmid);
            self.forget_entry(slot.map_or(0, |slot| slot.entry.local_seq));
            return;
        }
        let (now, attempts) = match self.outbox.find_mut(cmid) {
            Some(slot) => {
                slot.in_flight = None;
                slot.attempts = slot.attempts.saturating_add(1);
                (self.now.mono_ms, slot.attempts)
            }
            None => return,
        };
        self.changed = true;
        if error.temporary {
            let delay =
                backoff::delay_ms(attempts, &mut self.rng).max(error.retry_after_ms.unwrap_or(0));
            if let Some(slot) = self.outbox.find_mut(cmid) {
                slot.retry_at_ms = now + u64::from(delay);
            }
            return;
        }
        self.entry_refused(cmid, error.code);
    }

    /// Refused for good: what the visitor said waits for the visitor, and the next ones go on; the rest
    /// is dropped. What waits for a conversation that may not begin is refused with what would begin it.
    pub(super) fn entry_refused(&mut self, cmid: &str, code: String) {
        self.changed = true;
        let Some(slot) = self.outbox.find_mut(cmid) else {
            return;
        };
        let command = slot.entry.command.name();
        let is_message = slot.message().is_some();
        let conv = slot.entry.command.queue().to_owned();
        let dropped = match slot.entry.command {
            Durable::Close(_) => planted::is(Bug::RefusedEndDropped),
            Durable::Survey(_) => planted::is(Bug::RefusedAnswerDropped),
            _ => planted::is(Bug::RefusedDropped),
        };
        if slot.entry.command.is_parked(&code) && !dropped {
            slot.entry.failed = Some(code.clone());
            slot.sent = false;
            let entry = slot.entry.clone();
            self.persist_one(true, StoreOp::UpdateEntry(entry));
        } else {
            self.drop_entry(cmid);
        }
        let behind = |slot: &Slot| slot.waits() && slot.entry.command.queue() == conv;
        while command == "open"
            && let Some(behind) = self.outbox.first(&behind)
        {
            self.entry_refused(&behind, code.clone());
        }
        if !is_message && !planted::is(Bug::RefusalUntold) {
            self.command_refused(command, code);
        }
    }

    pub(super) fn command_refused(&mut self, command: &str, code: String) {
        let command = command.to_owned();
        let refused = HostEvent::CommandRefused { command, code };
        self.tell_page(refused);
    }
}
