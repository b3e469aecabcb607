//! What agents tell each other beside the conversation.

use super::ledger::{Conversation, Draft, Kept, Ledger};
use super::{digest, first, seen_before};
use deskside::protocol::agent::WriteNote;
use deskside::protocol::event::{Author, Event, EventBody, Note};
use deskside::protocol::reply::Sent;

/// Writes one down; it changes nothing else. Gives the answer, and the event where it is new.
pub(super) fn write(
    ledger: &mut dyn Ledger,
    conversation: &mut Conversation,
    author: Author,
    command: WriteNote,
    now: u64,
) -> Kept<(Sent, Option<Event>)> {
    let WriteNote { cmid, note, .. } = command;
    let digest = digest("note", &[&note.text]);
    if let Some(sent) = seen_before(ledger, conversation, &author, &cmid, &digest)? {
        return Ok((sent, None));
    }
    let draft = Draft {
        author,
        command: Some((cmid.clone(), digest)),
        body: EventBody::Note(note),
    };
    let event = ledger.append(conversation, draft, now)?;
    ledger.save(conversation)?;
    Ok((first(conversation, &cmid, &event), Some(event)))
}

/// The note that goes before something else, where there is one.
pub(super) fn before(
    ledger: &mut dyn Ledger,
    conversation: &mut Conversation,
    author: &Author,
    text: &str,
    now: u64,
) -> Kept<Option<Event>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let draft = Draft {
        author: author.clone(),
        command: None,
        body: EventBody::Note(Note {
            text: text.to_owned(),
        }),
    };
    ledger.append(conversation, draft, now).map(Some)
}
