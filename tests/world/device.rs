//! What a device's store does with a batch, in memory.

use deskside::output::{Entry, StoreOp, Stored};
use deskside::protocol::event::Event;

/// Carries a batch out whole; gives the journal numbers of its new entries.
pub fn commit(stored: &mut Stored, next_local_seq: &mut u32, ops: &[StoreOp]) -> Vec<u32> {
    let mut local_seqs = Vec::new();
    for op in ops {
        match op {
            StoreOp::SetMeta(meta) => stored.meta = Some(meta.clone()),
            StoreOp::Enqueue(entry) => {
                let mut entry = entry.clone();
                entry.local_seq = *next_local_seq;
                local_seqs.push(entry.local_seq);
                *next_local_seq += 1;
                stored.journal.push(entry);
            }
            StoreOp::UpdateEntry(entry) => {
                let there = |kept: &&mut Entry| kept.local_seq == entry.local_seq;
                if let Some(kept) = stored.journal.iter_mut().find(there) {
                    kept.clone_from(entry);
                }
            }
            StoreOp::Dequeue { local_seq } => {
                stored.journal.retain(|kept| kept.local_seq != *local_seq);
            }
            StoreOp::SetConversation(record) => {
                stored.conversations.retain(|kept| kept.id != record.id);
                stored.conversations.push(record.clone());
            }
            StoreOp::PutEvents(events) => {
                for event in events {
                    put(&mut stored.events, event.clone());
                }
            }
            StoreOp::ClearEvents { conv } => stored.events.retain(|event| event.conv != *conv),
            StoreOp::SetDraft { conv, text } => {
                stored.drafts.retain(|(kept, _)| kept != conv);
                if !text.is_empty() {
                    stored.drafts.push((conv.clone(), text.clone()));
                }
            }
        }
    }
    local_seqs
}

/// Ascending by `seq` within a conversation.
fn put(kept: &mut Vec<Event>, event: Event) {
    let before = |other: &Event| other.seq <= event.seq && other.conv == event.conv;
    match kept.iter().rposition(before) {
        Some(at) if kept[at].seq == event.seq => kept[at] = event,
        Some(at) => kept.insert(at + 1, event),
        None => kept.insert(0, event),
    }
}
