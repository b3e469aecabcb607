//! From a bot, or from nobody, to a person.

use super::ledger::{Conversation, Draft, Kept, Ledger};
use super::{by_desk, digest, first, seen_before};
use crate::refusal::Refusal;
use deskside::protocol::command::Handoff;
use deskside::protocol::event::{Author, Event, EventBody, HandoffContext, Lifecycle};
use deskside::protocol::reply::Sent;

/// The conversation waits for a person from now on, unless one has it or it waits already. Gives the
/// answer, and the events where it was not given before.
pub(super) fn hand_over(
    ledger: &mut dyn Ledger,
    conversation: &mut Conversation,
    author: Author,
    handoff: Handoff,
    now: u64,
) -> Kept<(Sent, Vec<Event>)> {
    let digest = asked(&handoff.context);
    if let Some(sent) = seen_before(ledger, conversation, &author, &handoff.cmid, &digest)? {
        return Ok((sent, Vec::new()));
    }
    let waits_as = match conversation.state {
        Lifecycle::Closed => return Err(Refusal::closed()),
        // Only told, for whoever takes it one day.
        _ if handoff.context.reason == HandoffContext::UNASKED => None,
        Lifecycle::New | Lifecycle::SelfService => Some(Lifecycle::Queued),
        Lifecycle::Resolved => Some(Lifecycle::Reopened),
        Lifecycle::Queued | Lifecycle::Assigned | Lifecycle::Reopened => None,
    };
    let draft = Draft {
        author,
        command: Some((handoff.cmid.clone(), digest)),
        body: EventBody::Handoff(handoff.context),
    };
    let event = ledger.append(conversation, draft, now)?;
    let sent = first(conversation, &handoff.cmid, &event);
    let mut events = vec![event];
    if let Some(state) = waits_as {
        conversation.enter(state, now);
        events.push(ledger.append(conversation, by_desk(EventBody::State(state)), now)?);
    }
    ledger.save(conversation)?;
    Ok((sent, events))
}

fn asked(context: &HandoffContext) -> super::Digest {
    let mut parts = vec![context.reason.as_str(), &context.query];
    for article in &context.articles {
        parts.push(&article.id);
        parts.push(match article.helpful {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        });
    }
    digest("handoff", &parts)
}
