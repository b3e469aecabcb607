//! What the device's store says: what it held, what it committed, and that it is lost.

use super::Engine;
use crate::conversation::Conversation;
use crate::input::Action;
use crate::output::{Batch, Durable, Meta, Output, StoreOp, Stored};
use crate::protocol::event::Event;
use crate::view::Storage;

/// The way to the store.
#[derive(Clone, Debug)]
pub(super) struct Store {
    pub state: Storage,
    last_rev: u32,
    /// The ids of new journal entries, by the batch that carries them.
    pending: Vec<(u32, Vec<String>)>,
    /// What the visitor did before the store was read.
    pub early: Vec<Action>,
}

impl Store {
    pub fn new() -> Self {
        Self {
            state: Storage::Opening,
            last_rev: 0,
            pending: Vec::new(),
            early: Vec::new(),
        }
    }

    /// Whether the past is known, or known to be lost.
    pub fn is_ready(&self) -> bool {
        self.state != Storage::Opening
    }
}

impl Engine {
    /// Asks for a commit. In memory there is nothing to wait for: new entries count as saved.
    pub(super) fn persist(&mut self, strict: bool, ops: Vec<StoreOp>) -> Option<u32> {
        let entries = ops.iter().filter_map(|op| match op {
            StoreOp::Enqueue(entry) => Some(entry.command.cmid().to_owned()),
            _ => None,
        });
        let entries: Vec<String> = entries.collect();
        if self.store.state != Storage::Durable {
            self.mark_saved(&entries, &[]);
            return None;
        }
        self.store.last_rev += 1;
        let rev = self.store.last_rev;
        self.store.pending.push((rev, entries));
        self.outputs
            .push_back(Output::Persist(Batch { rev, strict, ops }));
        Some(rev)
    }

    pub(super) fn loaded(&mut self, stored: Stored) {
        if self.store.is_ready() {
            return;
        }
        self.store.state = Storage::Durable;
        self.restore(stored);
        self.first_contact();
        self.replay_early();
    }

    pub(super) fn storage_lost(&mut self, code: String) {
        let was_ready = self.store.is_ready();
        self.store.state = Storage::Memory { code };
        let pending = std::mem::take(&mut self.store.pending);
        for (_, entries) in pending {
            self.mark_saved(&entries, &[]);
        }
        self.token_rev = None;
        self.changed = true;
        if !was_ready {
            self.first_contact();
            self.replay_early();
        }
    }

    pub(super) fn persisted(&mut self, rev: u32, local_seqs: &[u32]) {
        if let Some(at) = self
            .store
            .pending
            .iter()
            .position(|(pending, _)| *pending == rev)
        {
            let (_, entries) = self.store.pending.remove(at);
            self.mark_saved(&entries, local_seqs);
        }
        if self.token_rev == Some(rev) {
            self.token_rev = None;
        }
    }

    /// A commit that failed is never pretended: from here on the visitor is told that nothing is
    /// stored, and what was typed goes on in memory.
    pub(super) fn persist_failed(&mut self, rev: u32, code: String) {
        if self
            .store
            .pending
            .iter()
            .any(|(pending, _)| *pending == rev)
        {
            self.storage_lost(code);
        }
    }

    fn mark_saved(&mut self, entries: &[String], local_seqs: &[u32]) {
        for (index, cmid) in entries.iter().enumerate() {
            if let Some(slot) = self.outbox.find_mut(cmid) {
                slot.saved = true;
                slot.entry.local_seq = local_seqs.get(index).copied().unwrap_or(0);
            }
            self.changed = true;
        }
    }

    fn restore(&mut self, stored: Stored) {
        if let Some(meta) = stored.meta {
            self.meta = meta;
        }
        let mut events = stored.events;
        for record in stored.conversations {
            let (log, others): (Vec<Event>, Vec<Event>) = events
                .into_iter()
                .partition(|event| event.conv == record.id);
            events = others;
            self.conversations
                .insert(Conversation::restore(record, log));
        }
        for entry in stored.journal {
            if let Durable::Open(open) = &entry.command {
                self.conversation_mut(&open.conv);
            }
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
        self.told_unread = 0;
        self.changed = true;
    }

    fn first_contact(&mut self) {
        if self.meta.client_id.is_empty() {
            let client_id = self.rng.uuid_v7(self.now.wall_ms);
            self.meta = Meta {
                client_id,
                ..Default::default()
            };
        }
        self.changed = true;
    }

    fn replay_early(&mut self) {
        for action in std::mem::take(&mut self.store.early) {
            // Its text was checked when it came; whatever else is wrong now would be wrong later.
            let _ = self.visitor(action);
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
