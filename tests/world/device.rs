//! What a device's store does with a batch, in memory.

use deskside::output::{Batch, Entry, Range, StoreOp, Stored, Wanted};
use deskside::protocol::event::Event;

/// Carries a batch out whole, and gives the journal numbers of its new entries; or refuses it as stale.
/// `generation` is the one that the newest leader has written into the store.
pub fn commit(
    stored: &mut Stored,
    next_local_seq: &mut u32,
    generation: u32,
    batch: &Batch,
) -> Option<Vec<u32>> {
    let token = stored.meta.as_ref().and_then(|meta| meta.token.clone());
    let overtaken = |op: &StoreOp| matches!(op, StoreOp::SetMeta { was, .. } if *was != token);
    let stale = batch.generation.is_some_and(|of| of != generation);
    // A token that is compared stands first in its batch.
    if stale || batch.ops.first().is_some_and(overtaken) {
        return None;
    }
    Some(apply(stored, next_local_seq, &batch.ops))
}

/// What is wanted of the store.
pub fn read(stored: &Stored, wanted: &Wanted) -> Stored {
    let in_range = |event: &&Event| {
        let holds = |range: &Range| {
            range.conv == event.conv && (range.from..=range.to).contains(&event.seq)
        };
        wanted.events.iter().any(holds)
    };
    let named = |id: &String| wanted.events.iter().any(|range| range.conv == *id);
    let conversations = stored.conversations.iter().filter(|c| named(&c.id));
    Stored {
        meta: stored.meta.clone(),
        journal: if wanted.journal {
            stored.journal.clone()
        } else {
            Vec::new()
        },
        conversations: conversations.cloned().collect(),
        events: stored.events.iter().filter(in_range).cloned().collect(),
        drafts: stored.drafts.clone(),
        kept: stored.kept.clone(),
        newer: false,
    }
}

/// Carries changes out, whoever makes them.
pub fn apply(stored: &mut Stored, next_local_seq: &mut u32, ops: &[StoreOp]) -> Vec<u32> {
    let mut local_seqs = Vec::new();
    for op in ops {
        match op {
            StoreOp::MakeMeta(meta) => {
                stored.meta.get_or_insert_with(|| meta.clone());
            }
            StoreOp::SetMeta { meta, .. } => stored.meta = Some(meta.clone()),
            StoreOp::Keep { name, value } => {
                stored.kept.retain(|(kept, _)| kept != name);
                stored.kept.push((name.clone(), value.clone()));
            }
            StoreOp::DropCache => {
                stored.conversations.clear();
                stored.events.clear();
            }
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
            StoreOp::ClearEvents { conv, up_to } => {
                let stays = |event: &Event| event.conv != *conv || event.seq > *up_to;
                stored.events.retain(stays);
            }
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
