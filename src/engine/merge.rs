//! What other tabs have written: wanted of the store, read, and taken in beside what this one knows.

use super::Engine;
use super::pages::page_of;
use super::store::events_of;
use crate::conversation::{Applied, Conversation};
use crate::limits::OTHER_TAB_GRACE_MS;
use crate::list::Gather;
use crate::output::{ConversationRecord, Entry, Output, Range, StoreOp, Stored, Wanted};
use crate::planted::{self, Bug};
use crate::protocol::event::{Event, Lifecycle};
use crate::tabs::Changed;
use crate::view::Storage;

impl Engine {
    /// Another tab changed the store. A leader has the conversations from the desk itself.
    pub(super) fn look_at(&mut self, changed: &Changed) {
        let mut ranges = Vec::new();
        if self.tabs.following {
            let mut named = changed.conversations.clone();
            if changed.journal {
                // What left the journal stands in the log now: both are read at once.
                named.extend(self.outbox.queues().map(str::to_owned));
            }
            for conv in named {
                let conversation = self.conversations.get(&conv);
                let fetches = conversation.and_then(page_of);
                ranges.extend(fetches);
                ranges.push(match conversation {
                    Some(conversation) => newer_than(conversation),
                    None => whole(conv),
                });
            }
        }
        self.want(changed.journal, ranges);
    }

    /// Another tab may be gone before it could tell of what it wrote.
    pub(super) fn look_for_entries(&mut self) {
        if !planted::is(Bug::LedWithoutReading) {
            self.want(true, Vec::new());
        }
    }

    /// Asks for a part of the store; what is asked for meanwhile is read together.
    pub(super) fn want(&mut self, journal: bool, ranges: Vec<Range>) {
        if matches!(self.store.state, Storage::Memory { .. }) {
            return;
        }
        let wanted = self.store.wanted.get_or_insert_default();
        wanted.journal |= journal;
        for range in ranges {
            if !wanted.events.contains(&range) {
                wanted.events.push(range);
            }
        }
    }

    pub(super) fn read_wanted(&mut self) {
        if self.store.is_loading() || self.store.reading.is_some() {
            return;
        }
        if let Some(wanted) = self.store.wanted.take() {
            self.ask_store();
            self.store.reading = Some(wanted.clone());
            self.outputs.push_back(Output::Read(wanted));
        }
    }

    pub(super) fn read(&mut self, stored: Option<Stored>) {
        let Some(wanted) = self.store.reading.take() else {
            return;
        };
        self.answered_by_store();
        let ranges = wanted.events.clone();
        if let Some(stored) = stored {
            self.store.reopened = false;
            self.take(stored, Some(wanted));
        }
        for range in &ranges {
            let conversation = self.conversations.get(&range.conv);
            if conversation.and_then(page_of).as_ref() == Some(range) {
                self.still_wanted(&range.conv);
            }
        }
        self.load_next();
    }

    /// Takes what the store holds: what was `wanted` of it, or all.
    pub(super) fn take(&mut self, stored: Stored, wanted: Option<Wanted>) {
        let ours = self
            .store
            .pending()
            .any(|op| matches!(op, StoreOp::SetMeta { .. }));
        if let Some(meta) = stored.meta
            && !ours
            && (wanted.is_none() || self.tabs.following || self.meta.token.is_none())
        {
            self.meta = meta;
        }
        if wanted.as_ref().is_none_or(|wanted| wanted.journal) {
            self.take_journal(stored.journal);
        }
        let mut events = stored.events;
        if wanted.is_none() {
            for conversation in self.conversations.iter_mut() {
                conversation.stored_seq = 0;
            }
        }
        for record in stored.conversations {
            let log = events_of(&record.id, &mut events);
            let mut ranges = wanted.iter().flat_map(|wanted| &wanted.events);
            let complete =
                wanted.is_none() || ranges.any(|range| range.conv == record.id && range.from == 0);
            self.take_conversation(record, log, complete);
        }
        self.take_drafts(stored.drafts);
        self.take_marks(&stored.kept);
        #[cfg(feature = "survey")]
        self.surveys_kept(&stored.kept);
        self.show_what_came();
        self.changed = true;
    }

    /// What this engine has done to the journal and the store has not done yet stays done.
    pub(super) fn take_journal(&mut self, mut journal: Vec<Entry>) {
        for op in self.store.pending() {
            match op {
                StoreOp::Dequeue { local_seq } => {
                    journal.retain(|entry| entry.local_seq != *local_seq);
                }
                StoreOp::UpdateEntry(ours) => {
                    let same = |entry: &&mut Entry| entry.local_seq == ours.local_seq;
                    if let Some(entry) = journal.iter_mut().find(same) {
                        entry.clone_from(ours);
                    }
                }
                _ => {}
            }
        }
        let mut said = Vec::new();
        journal.retain(|entry| {
            let conversation = self.conversations.get(entry.command.queue());
            let is_said = conversation.is_some_and(|c| c.has_said(entry.command.cmid()));
            if is_said {
                said.push(entry.local_seq);
            }
            !is_said
        });
        if self.leads() {
            // The transaction that would have taken it out was another leader's, and came too late.
            said.into_iter().for_each(|seq| self.forget_entry(seq));
        }
        for entry in &journal {
            self.make_room_for(entry);
        }
        // Where tabs have a leader, it alone sends; where they have none, each leaves an entry to
        // the tab that made it for a while, in which that one may well be done.
        let elected = self.tabs.following || self.tabs.generation > 0;
        let grace_ms = if elected { 0 } else { OTHER_TAB_GRACE_MS };
        self.outbox
            .merge(journal, self.now.mono_ms + u64::from(grace_ms));
        if self.outbox.is_waiting() {
            self.link.hurry(self.now.mono_ms);
        }
    }

    pub(super) fn take_conversation(
        &mut self,
        record: ConversationRecord,
        log: Vec<Event>,
        complete: bool,
    ) {
        if record.epoch.is_empty() {
            // A leader that does not know it yet was told how far it has been read.
            return;
        }
        let conv = record.id.clone();
        let cmids: Vec<String> = log.iter().filter_map(|event| event.cmid.clone()).listed();
        self.merge_conversation(record, log, complete);
        // What stands in the log is not on its way any more, whatever was read of the journal.
        for cmid in cmids {
            if self
                .conversations
                .get(&conv)
                .is_some_and(|c| c.has_said(&cmid))
            {
                self.outbox.remove(&cmid);
            }
        }
        self.mark_read();
    }

    pub(super) fn merge_conversation(
        &mut self,
        record: ConversationRecord,
        log: Vec<Event>,
        complete: bool,
    ) {
        let conv = record.id.clone();
        // What this tab knows better it has asked the store to take.
        let ours = |op: &StoreOp| matches!(op, StoreOp::SetConversation(r) if r.id == conv);
        let ours = self.store.pending().any(ours);
        let Some(known) = self.conversations.get_mut(&conv) else {
            self.conversations
                .insert(Conversation::restore(record, log));
            return;
        };
        let mut applied = Vec::new();
        let same = known.record.epoch == record.epoch;
        if same {
            known.turn(&log);
            for event in &log {
                if known.apply(event.clone()) == Applied::Next {
                    applied.push(event.clone());
                }
            }
        }
        if same {
            known.stored_seq = known.stored_seq.max(record.cursor);
        }
        if same && known.record.cursor >= record.cursor {
            known.agree(record);
            self.announce(&conv, &applied);
        } else if ours {
        } else if complete {
            known.replace(record, log);
        } else {
            self.want(false, vec![whole(conv)]);
        }
    }

    /// What was typed in another tab stands in this one too, unless something is being typed here.
    pub(super) fn take_drafts(&mut self, drafts: Vec<(String, String)>) {
        for (conv, _) in &drafts {
            self.conversation_mut(conv);
        }
        for conversation in self.conversations.iter_mut() {
            let id = &conversation.record.id;
            let own = |op: &StoreOp| matches!(op, StoreOp::SetDraft { conv, .. } if conv == id);
            let unsaved = self.typing.unsaved.as_ref();
            if unsaved.is_some_and(|(conv, _)| conv == id) || self.store.pending().any(own) {
                continue;
            }
            let stored = drafts.iter().find(|(conv, _)| conv == id);
            let text = stored.map_or("", |(_, text)| text);
            if conversation.draft != text {
                conversation.draft = text.to_owned();
            }
        }
    }

    /// A blank conversation on the screen, that nobody asked for by name, makes way for the one that
    /// another tab has begun.
    pub(super) fn show_what_came(&mut self) {
        let Some(shown) = self.screen.conv.as_deref().filter(|_| self.screen.newest) else {
            return;
        };
        let begun = |c: &&Conversation| {
            let id = &*c.record.id;
            c.is_known() || !c.draft.is_empty() || self.outbox.queue(id).next().is_some()
        };
        let blank = !self.conversations.get(shown).iter().any(begun);
        let open = |c: &&Conversation| c.record.state != Lifecycle::Closed;
        let newest = self.conversations.iter().filter(open).rfind(begun);
        if let Some(id) = newest.filter(|_| blank).map(|c| c.record.id.clone()) {
            self.show(id);
        }
    }
}

pub(super) fn newer_than(conversation: &Conversation) -> Range {
    Range {
        conv: conversation.record.id.clone(),
        from: conversation.record.cursor.saturating_add(1),
        to: u32::MAX,
    }
}

fn whole(conv: String) -> Range {
    Range {
        conv,
        from: 0,
        to: u32::MAX,
    }
}
