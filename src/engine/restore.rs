//! What the store held: the beginning of an engine, and what is the same after the store was read again.

use super::store::{events_of, is_guarded};
use super::{Engine, Phase};
use crate::conversation::Conversation;
use crate::input::Action;
use crate::list::Gather;
use crate::output::{Batch, ConversationRecord, Entry, Meta, Output, StoreOp, Stored};
use crate::view::Storage;

impl Engine {
    pub(super) fn restore(&mut self, stored: Stored) {
        if let Some(meta) = stored.meta {
            self.meta = meta;
        }
        #[cfg(feature = "survey")]
        self.surveys_kept(&stored.kept);
        // A tab that slept may have kept less than the log has.
        #[cfg(feature = "survey")]
        for event in &stored.events {
            self.answer_of_log(&event.body);
        }
        let mut events = stored.events;
        for record in stored.conversations {
            let log = events_of(&record.id, &mut events);
            self.conversations
                .insert(Conversation::restore(record, log));
        }
        for entry in stored.journal {
            self.make_room_for(&entry);
            let conversation = self.conversations.get(entry.command.queue());
            if conversation.is_some_and(|c| c.has_said(entry.command.cmid())) {
                // Whoever wrote it is gone, and did not hear that it arrived.
                self.forget_entry(entry.local_seq);
                continue;
            }
            self.outbox.push(entry, true);
        }
        for (conv, text) in stored.drafts {
            self.conversation_mut(&conv).draft = text;
        }
        self.take_marks(&stored.kept);
        self.told_unread = 0;
        self.changed = true;
    }

    /// The store was read again, by a tab that knows much already.
    pub(super) fn reloaded(&mut self, stored: Stored) {
        // A batch of which nobody knew whether it was committed may have been; and where the store has
        // come further than what was to be written, it stays as it is.
        for batch in self.store.waiting.iter_mut() {
            // Where the store's log is further than all that was to be written of it, nothing of that may
            // go back.
            let outdone = |kept: &&ConversationRecord| {
                let last = batch.ops.iter().rev().find_map(|op| match op {
                    StoreOp::SetConversation(ours) if ours.id == kept.id => Some(ours),
                    _ => None,
                });
                last.is_some_and(|ours| kept.epoch == ours.epoch && kept.cursor > ours.cursor)
            };
            let outdone = stored.conversations.iter().filter(outdone);
            let outdone = outdone.map(|kept| kept.id.clone()).listed();
            let is_outdone = |conv: &String| outdone.contains(conv);
            batch.ops.retain_mut(|op| match op {
                StoreOp::Enqueue(ours) => {
                    let cmid = ours.command.cmid();
                    let mut journal = stored.journal.iter();
                    let Some(entry) = journal.find(|entry| entry.command.cmid() == cmid) else {
                        return true;
                    };
                    let local_seq = entry.local_seq;
                    let Some(slot) = self.outbox.find_mut(cmid) else {
                        // Given up before it was known to be stored.
                        *op = StoreOp::Dequeue { local_seq };
                        return true;
                    };
                    slot.saved = true;
                    slot.entry.local_seq = local_seq;
                    false
                }
                StoreOp::SetConversation(ours) => !is_outdone(&ours.id),
                StoreOp::ClearEvents { conv, .. } => !is_outdone(conv),
                StoreOp::PutEvents(events) => !events.iter().any(|event| is_outdone(&event.conv)),
                _ => true,
            });
            batch.guarded = batch.ops.iter().any(is_guarded);
        }
        if stored.meta.is_none() {
            self.write_anew(&stored);
        }
        self.take(stored, None);
    }

    /// The store is empty, or another one, or has opened late: what waits and is not in it is written into it.
    #[inline(never)]
    fn write_anew(&mut self, stored: &Stored) {
        let mut ops = vec![StoreOp::MakeMeta(self.meta.clone())];
        for slot in self.outbox.slots_mut() {
            let cmid = slot.entry.command.cmid();
            let mut journal = stored.journal.iter();
            if let Some(entry) = journal.find(|entry| entry.command.cmid() == cmid) {
                slot.entry.local_seq = entry.local_seq;
            }
            // What was stored before, and is there no more, another tab has dealt with.
            let dealt_with = stored.meta.is_some() && slot.entry.local_seq > 0;
            if slot.saved && slot.acked.is_none() && !dealt_with {
                slot.saved = false;
                slot.entry.local_seq = 0;
                ops.push(StoreOp::Enqueue(slot.entry.clone()));
            }
        }
        if ops.len() > 1 || self.meta.token.is_some() {
            self.store.last_rev += 1;
            self.store.waiting.push_front(Batch {
                rev: self.store.last_rev,
                generation: None,
                strict: true,
                guarded: false,
                ops,
            });
        }
    }

    /// The store has opened after the engine had begun without it: what was done meanwhile goes into it.
    #[inline(never)]
    pub(super) fn join_late(&mut self, stored: Stored) {
        let theirs = stored.meta.as_ref().and_then(|meta| meta.token.clone());
        let mut begun = self.conversations.iter().map(Conversation::is_known);
        let begun = begun.any(|known| known) || self.outbox.slots().next().is_some();
        if self.meta.token.is_some() && theirs.is_some() && theirs != self.meta.token {
            if begun {
                // It was said as another visitor, and nobody can be both.
                self.outputs.push_back(Output::CloseStore);
                return;
            }
            self.meta.token = None;
        }
        self.store.state = Storage::Durable;
        // As whoever the store knows, if this tab leads; and what it held may be of a log that the desk has
        // replaced since.
        self.reconnect(0);
        self.link.phase = Phase::Idle;
        self.write_anew(&stored);
        let owed = std::mem::take(&mut self.store.owed).into_iter();
        let mut ops = owed
            .map(|local_seq| StoreOp::Dequeue { local_seq })
            .listed();
        for conversation in self.conversations.iter() {
            if !conversation.draft.is_empty() {
                let conv = conversation.record.id.clone();
                let text = conversation.draft.clone();
                ops.push(StoreOp::SetDraft { conv, text });
            }
        }
        self.persist(true, ops);
        if self.meta.token.is_some() && theirs.is_none() {
            self.token_rev = self.persist_meta(None);
        }
        self.take(stored, None);
        self.say_hello();
    }

    /// The past is known, or known to be lost: what the visitor did before it was is done now. Whoever did
    /// it was told that it was taken; of what now is not, the page is told.
    #[inline(never)]
    pub(super) fn begin(&mut self) {
        if self.meta.client_id.is_empty() {
            let client_id = self.rng.uuid_v7(self.now.wall_ms);
            self.meta = Meta {
                client_id,
                ..Default::default()
            };
        }
        self.changed = true;
        for action in std::mem::take(&mut self.store.early) {
            let command = match action {
                Action::Handoff { .. } => "handoff",
                Action::End { .. } => "close",
                Action::Survey(_) => "survey",
                Action::Feedback { .. } => "feedback",
                _ => "send",
            };
            if let Err(refusal) = self.visitor(action) {
                self.command_refused(command, refusal.code.to_owned());
            }
        }
    }

    /// The conversation that an entry of the journal stands in, made if it is not there.
    pub(super) fn make_room_for(&mut self, entry: &Entry) {
        let queue = entry.command.queue();
        if !queue.is_empty() {
            self.conversation_mut(queue);
        }
    }

    /// The conversation, made if it is not there.
    pub(super) fn conversation_mut(&mut self, id: &str) -> &mut Conversation {
        if self.conversations.get(id).is_none() {
            self.conversations.insert(Conversation::new(id.to_owned()));
        }
        self.conversations
            .get_mut(id)
            .expect("it was just made sure of")
    }
}
