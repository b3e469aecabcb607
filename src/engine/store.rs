//! What the device's store says: what it held, what it committed, and that it is lost.
//!
//! One batch is at work at a time; what comes meanwhile goes together in the next. So a batch that
//! fails can be tried once more without anything overtaking it.

use super::{Engine, Phase};
use crate::input::{self, Action};
use crate::limits::STORE_ANSWER_TIMEOUT_MS;
use crate::list::Gather;
use crate::output::{Batch, ConversationRecord, Entry, Output, StoreOp, Stored, Wanted};
use crate::planted::{self, Bug};
use crate::protocol::event::Event;
use crate::queue::Queue;
use crate::view::Storage;

/// The way to the store.
#[derive(Clone, Debug)]
pub(super) struct Store {
    pub state: Storage,
    pub last_rev: u32,
    /// The batch that the platform is committing.
    at_work: Option<Batch>,
    /// It was asked of a connection that is gone; its answer may come yet.
    in_doubt: bool,
    /// What follows it, in order.
    pub waiting: Queue<Batch>,
    /// The store is being read whole; nothing else is asked of it until it was.
    loading: bool,
    /// Its connection was opened anew, and nothing has been committed since.
    pub reopened: bool,
    /// The page is put away; nothing is asked of the store until it is back.
    suspended: bool,
    /// Since when the platform owes an answer.
    busy_since_ms: Option<u64>,
    /// The cache was emptied to make room, and nothing has been committed since.
    dropped: bool,
    /// Whether the store has been without the conversations since a tab last came.
    pub emptied: bool,
    /// What is being read, and what is to be read next.
    pub reading: Option<Wanted>,
    pub wanted: Option<Wanted>,
    /// What the visitor did before the store was read.
    pub early: Vec<Action>,
    /// What has left the journal since the store was lost: it goes should that open after all.
    pub owed: Vec<u32>,
}

impl Store {
    pub fn new() -> Self {
        Self {
            state: Storage::Opening,
            last_rev: 0,
            at_work: None,
            in_doubt: false,
            waiting: Queue::default(),
            loading: true,
            reopened: false,
            suspended: false,
            busy_since_ms: None,
            dropped: false,
            emptied: false,
            reading: None,
            wanted: None,
            early: Vec::new(),
            owed: Vec::new(),
        }
    }

    /// Whether the past is known, or known to be lost.
    pub fn is_ready(&self) -> bool {
        self.state != Storage::Opening
    }

    /// Whether it is being read whole.
    pub fn is_loading(&self) -> bool {
        self.loading
    }

    /// Whether the page is put away.
    pub fn is_suspended(&self) -> bool {
        self.suspended
    }

    /// Every change that has been asked for and is not known to be committed.
    pub fn pending(&self) -> impl Iterator<Item = &StoreOp> {
        self.at_work
            .iter()
            .chain(self.waiting.iter())
            .flat_map(|batch| &batch.ops)
    }
}

/// Whether only the leading tab may write it. What any tab knows to be over leaves the journal: that
/// the visitor gave it up, or sends it again, must not be lost with the lead.
pub(super) fn is_guarded(op: &StoreOp) -> bool {
    !matches!(
        op,
        StoreOp::Enqueue(_)
            | StoreOp::UpdateEntry(Entry { failed: None, .. })
            | StoreOp::Dequeue { .. }
            | StoreOp::MakeMeta(_)
            | StoreOp::SetDraft { .. }
            | StoreOp::Keep { .. }
            | StoreOp::DropCache
    )
}

/// It is compared with what the store holds, so it must be the first of its batch.
fn is_meta(op: &StoreOp) -> bool {
    matches!(op, StoreOp::SetMeta { .. })
}

impl Engine {
    /// Asks for a commit. In memory there is nothing to wait for: new entries count as saved.
    pub(super) fn persist(&mut self, strict: bool, ops: Vec<StoreOp>) -> Option<u32> {
        let mut ops = self.with_events(ops);
        if planted::is(Bug::CursorSavedBeforeEvents) {
            let is_log = |op: &StoreOp| matches!(op, StoreOp::PutEvents(_));
            let (log, rest): (Vec<StoreOp>, Vec<StoreOp>) = ops.into_iter().partition(is_log);
            if !log.is_empty() && !rest.is_empty() {
                self.persist(strict, rest);
                ops = log;
            } else {
                ops = if log.is_empty() { rest } else { log };
            }
        }
        let guarded = ops.iter().any(is_guarded);
        self.store.last_rev += 1;
        let batch = Batch {
            rev: self.store.last_rev,
            generation: self.generation().filter(|_| guarded),
            strict,
            guarded,
            ops,
        };
        if self.store.state != Storage::Durable {
            self.mark_saved(&batch, &[]);
            return None;
        }
        if let Some(last) = self.store.waiting.back_mut()
            && last.generation == batch.generation
            && last.guarded == guarded
            && !batch.ops.iter().any(is_meta)
        {
            last.strict |= strict;
            last.ops.extend(batch.ops);
            return Some(last.rev);
        }
        let rev = batch.rev;
        self.store.waiting.push_back(batch);
        self.go_on();
        Some(rev)
    }

    /// Asks for a commit of one change.
    pub(super) fn persist_one(&mut self, strict: bool, op: StoreOp) -> Option<u32> {
        self.persist(strict, vec![op])
    }

    /// Asks for a commit of the device's own record, in the place of the one with this token.
    pub(super) fn persist_meta(&mut self, was: Option<String>) -> Option<u32> {
        let meta = self.meta.clone();
        self.persist_one(true, StoreOp::SetMeta { meta, was })
    }

    /// Asks for a commit of what is known of a conversation.
    pub(super) fn persist_record(&mut self, record: ConversationRecord) {
        self.persist_one(false, StoreOp::SetConversation(record));
    }

    /// Whoever opens a store that was emptied finds no conversation in it: it is to have what is unread, or
    /// the newest event, and comes to the rest by pages.
    pub(super) fn write_records(&mut self) {
        let mut ops = Vec::new();
        for conversation in self.conversations.iter_mut() {
            let record = conversation.record.clone();
            if conversation.is_known() {
                let read = record.visitor_marks.read_seq;
                conversation.stored_seq = read.min(record.cursor.saturating_sub(1));
                ops.push(StoreOp::SetConversation(record));
            }
        }
        self.persist(false, ops);
    }

    /// A cursor is stored together with the events up to it, also with those that were in a batch
    /// which the store refused.
    fn with_events(&mut self, ops: Vec<StoreOp>) -> Vec<StoreOp> {
        let mut all = Vec::new();
        for op in ops {
            if let StoreOp::SetConversation(record) = &op
                && let Some(conversation) = self.conversations.get_mut(&record.id)
            {
                let events = conversation.take_unstored();
                if !events.is_empty() {
                    all.push(StoreOp::PutEvents(events));
                }
            }
            all.push(op);
        }
        all
    }

    /// Hands the next batch to the platform.
    fn go_on(&mut self) {
        if self.store.at_work.is_some() || self.store.loading {
            return;
        }
        if let Some(batch) = self.store.waiting.pop_front() {
            self.ask_store();
            self.store.at_work = Some(batch.clone());
            self.outputs.push_back(Output::Persist(batch));
        }
    }

    /// Reads the store whole, after opening it where it is closed.
    pub(super) fn reload(&mut self) {
        if self.store.state == Storage::Durable && !self.store.loading {
            self.store.loading = true;
            self.load_next();
        }
    }

    /// What was asked for before is answered first, so that nothing old is taken for news.
    pub(super) fn load_next(&mut self) {
        if self.store.loading && self.store.reading.is_none() {
            self.ask_store();
            self.outputs.push_back(Output::Load);
        }
    }

    pub(super) fn ask_store(&mut self) {
        self.store.busy_since_ms.get_or_insert(self.now.mono_ms);
    }

    pub(super) fn answered_by_store(&mut self) {
        let store = &mut self.store;
        let busy = store.loading || store.at_work.is_some() || store.reading.is_some();
        store.busy_since_ms = busy.then_some(self.now.mono_ms);
    }

    /// By when the store must have answered. Some browsers lose it while the page is away, and say nothing.
    pub(super) fn store_deadline(&self) -> Option<u64> {
        let since = self.store.busy_since_ms?;
        (self.store.state == Storage::Durable && !self.store.suspended)
            .then_some(since + u64::from(STORE_ANSWER_TIMEOUT_MS))
    }

    /// The page is put away whole, and may come back: it must let go of the store, and of the lead.
    pub(super) fn suspend(&mut self) {
        self.save_draft();
        if self.link.phase != Phase::Idle {
            self.outputs.push_back(Output::Disconnect);
            self.link.phase = Phase::Idle;
            self.forget_answers();
        }
        self.store.suspended = true;
        if self.store.state == Storage::Durable {
            self.drop_guarded();
            self.forget_acknowledgements();
            self.requeue();
            self.store.loading = true;
            self.outputs.push_back(Output::CloseStore);
        }
    }

    /// The page is back.
    pub(super) fn resume(&mut self) {
        if std::mem::take(&mut self.store.suspended) && self.store.state == Storage::Durable {
            self.store.loading = false;
            self.reload();
        }
        // It may have been away for long; what it asked before is still to be answered.
        self.answered_by_store();
    }

    /// Whether the batch at work was committed is not known: it stays the next one.
    fn requeue(&mut self) {
        if let Some(batch) = self.store.at_work.take() {
            self.store.waiting.push_front(batch);
        }
        self.store.reading = None;
    }

    pub(super) fn loaded(&mut self, stored: Stored) {
        if matches!(&self.store.state, Storage::Memory { code } if code == input::SLOW) {
            self.join_late(stored);
            return self.go_on();
        }
        if !std::mem::take(&mut self.store.loading) {
            return;
        }
        if std::mem::take(&mut self.store.in_doubt) {
            self.requeue();
        }
        self.answered_by_store();
        let newer = stored.newer;
        let was_ready = self.store.is_ready();
        // Nothing is written into a store that belongs to a newer version.
        self.store.state = if newer {
            Storage::Opening
        } else {
            Storage::Durable
        };
        if was_ready {
            self.reloaded(stored);
        } else {
            self.restore(stored);
        }
        if newer {
            for slot in self.outbox.slots_mut() {
                slot.held = slot.entry.local_seq > 0;
            }
            return self.storage_lost("newer".into());
        }
        if !was_ready {
            self.begin();
        }
        self.go_on();
    }

    pub(super) fn storage_lost(&mut self, code: String) {
        let was_ready = self.store.is_ready();
        let pending = self.store.at_work.take().into_iter();
        let pending: Vec<Batch> = pending.chain(self.store.waiting.take()).listed();
        self.store = Store {
            state: Storage::Memory { code },
            loading: false,
            suspended: self.store.suspended,
            early: std::mem::take(&mut self.store.early),
            owed: std::mem::take(&mut self.store.owed),
            ..Store::new()
        };
        for batch in pending {
            self.mark_saved(&batch, &[]);
        }
        if !self.link.is_online() {
            // What the leader had on its way is this tab's own to send now.
            self.outbox.connection_lost();
        }
        self.outputs.push_back(Output::CloseStore);
        self.token_rev = None;
        self.changed = true;
        if !was_ready {
            self.begin();
        }
    }

    /// The connection to the store is dead. Whether its last batch was committed, the store will say.
    pub(super) fn store_closed(&mut self, code: String) {
        if matches!(self.store.state, Storage::Memory { .. }) || self.store.suspended {
            return;
        }
        if std::mem::replace(&mut self.store.reopened, true) || !self.store.is_ready() {
            self.storage_lost(code);
        } else {
            self.store.in_doubt = self.store.at_work.is_some();
            self.store.loading = false;
            self.store.reading = None;
            self.store.busy_since_ms = None;
            self.outputs.push_back(Output::CloseStore);
            self.reload();
        }
    }

    pub(super) fn persisted(&mut self, rev: u32, local_seqs: &[u32]) {
        let Some(batch) = self.store.at_work.take_if(|batch| batch.rev == rev) else {
            return;
        };
        self.store.in_doubt = false;
        self.answered_by_store();
        self.mark_saved(&batch, local_seqs);
        if self.token_rev == Some(rev) {
            self.token_rev = None;
        }
        self.store.reopened = false;
        self.store.dropped = matches!(batch.ops.as_slice(), [StoreOp::DropCache]);
        self.tell_changed(&batch);
        self.go_on();
    }

    /// A commit that failed is never pretended. Where another try may help, it is made; else the
    /// visitor is told that nothing is stored from here on, and what was typed goes on in memory.
    pub(super) fn persist_failed(&mut self, rev: u32, code: String) {
        let Some(batch) = self.store.at_work.take_if(|batch| batch.rev == rev) else {
            return;
        };
        let in_doubt = std::mem::take(&mut self.store.in_doubt);
        self.answered_by_store();
        if code == "stale" && planted::is(Bug::StaleCommitTakenAsDone) {
            self.store.at_work = Some(batch);
            return self.persisted(rev, &[]);
        }
        let anew = batch.generation > Some(0) && self.generation() > batch.generation;
        if code == "stale" && anew {
            // This tab has come to lead anew since it asked for the commit, and nobody between.
            let generation = self.generation();
            self.store.waiting.push_front(Batch {
                generation,
                ..batch
            });
            return self.go_on();
        }
        if code == "stale" {
            // What was asked for under a lead that is over says nothing of this one.
            if batch.generation != Some(0) {
                self.overtaken(&batch);
            }
            return self.go_on();
        }
        self.store.waiting.push_front(batch);
        match &*code {
            "quota" if !self.store.dropped => {
                self.store.dropped = true;
                self.store.emptied = true;
                self.store.last_rev += 1;
                self.store.waiting.push_front(Batch {
                    rev: self.store.last_rev,
                    generation: None,
                    strict: false,
                    guarded: false,
                    ops: vec![StoreOp::DropCache],
                });
                self.go_on();
            }
            // That is known, and it is being opened anew.
            "broken" if in_doubt => {}
            "broken" => self.store_closed(code),
            _ => self.storage_lost(code),
        }
    }

    /// Another tab leads: what only a leader may write is no longer for this one to write.
    pub(super) fn drop_guarded(&mut self) {
        for batch in self.store.waiting.take() {
            if !batch.guarded {
                self.store.waiting.push_back(batch);
            }
        }
        if let Some(batch) = &mut self.store.at_work {
            // Should it come too late, it is not tried again.
            batch.generation = batch.generation.map(|_| 0);
        }
        if self.token_rev.take().is_some() {
            // Nobody can be who this token makes of the visitor; the store says who it is.
            self.meta.token = None;
            self.meta.visitor.clear();
        }
    }

    /// A batch was committed, or there is no store to commit it to.
    fn mark_saved(&mut self, batch: &Batch, local_seqs: &[u32]) {
        let mut local_seqs = local_seqs.iter();
        for op in &batch.ops {
            let entry = match op {
                StoreOp::Enqueue(entry) => entry,
                StoreOp::Dequeue { local_seq } if self.store.state != Storage::Durable => {
                    self.store.owed.push(*local_seq);
                    continue;
                }
                _ => continue,
            };
            self.changed = true;
            let local_seq = local_seqs.next().copied().unwrap_or(0);
            let Some(slot) = self.outbox.find_mut(entry.command.cmid()) else {
                // Given up before it was stored.
                self.forget_entry(local_seq);
                continue;
            };
            slot.saved = true;
            slot.entry.local_seq = local_seq;
            if slot.entry.failed.is_some() && slot.entry.local_seq > 0 {
                // Refused before it was stored, with what it waited for.
                let entry = slot.entry.clone();
                self.persist_one(true, StoreOp::UpdateEntry(entry));
            }
        }
    }
}

/// Takes the events of one conversation out of those of all.
pub(super) fn events_of(conv: &str, events: &mut Vec<Event>) -> Vec<Event> {
    let (own, others) = std::mem::take(events)
        .into_iter()
        .partition(|event| event.conv == conv);
    *events = others;
    own
}
