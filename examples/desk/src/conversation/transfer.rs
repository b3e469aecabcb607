//! From one agent to another, or back to the queue.

use super::ledger::{Conversation, Draft, Kept, Ledger};
use super::{by_desk, digest, first, note, seen_before};
use crate::refusal::Refusal;
use deskside::protocol::agent::Transfer;
use deskside::protocol::event::{Author, Event, EventBody, Lifecycle};
use deskside::protocol::reply::Sent;

/// Gives the conversation away; the note goes before it. Gives the answer, and the events where it was
/// not given before.
pub(super) fn transfer(
    ledger: &mut dyn Ledger,
    conversation: &mut Conversation,
    author: Author,
    transfer: Transfer,
    now: u64,
) -> Kept<(Sent, Vec<Event>)> {
    let to = transfer.to.as_deref();
    let digest = digest("transfer", &[to.unwrap_or(""), &transfer.note]);
    if let Some(sent) = seen_before(ledger, conversation, &author, &transfer.cmid, &digest)? {
        return Ok((sent, Vec::new()));
    }
    match conversation.state {
        Lifecycle::Closed => return Err(Refusal::closed()),
        Lifecycle::Resolved => {
            return Err(Refusal::invalid("a resolved conversation waits for nobody"));
        }
        _ => {}
    }
    let taker = match to {
        Some(id) => Some(ledger.agent(id)?.ok_or_else(|| {
            Refusal::invalid("transfer.to is nobody to whom a conversation can be given")
        })?),
        None => None,
    };
    let mut events: Vec<Event> = note::before(ledger, conversation, &author, &transfer.note, now)?
        .into_iter()
        .collect();
    conversation.assignee = taker.clone();
    let state = match taker {
        Some(_) => Lifecycle::Assigned,
        None => Lifecycle::Queued,
    };
    let is_other = conversation.state != state;
    conversation.enter(state, now);
    let given = Draft {
        author,
        command: Some((transfer.cmid.clone(), digest)),
        body: match taker {
            Some(agent) => EventBody::Assignment(agent),
            None => EventBody::State(state),
        },
    };
    let given = ledger.append(conversation, given, now)?;
    let sent = first(conversation, &transfer.cmid, &given);
    let says_state = matches!(given.body, EventBody::State(_));
    events.push(given);
    if is_other && !says_state {
        events.push(ledger.append(conversation, by_desk(EventBody::State(state)), now)?);
    }
    ledger.save(conversation)?;
    Ok((sent, events))
}
