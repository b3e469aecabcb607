//! Changing what was said. The change is an entry of its own, for who has read the message; the
//! message itself says the new words to who reads it later.

use super::ledger::{Conversation, Draft, Kept, Ledger};
use super::{digest, first, preview, said, seen_before};
use crate::refusal::Refusal;
use deskside::protocol::agent::{EditMessage, RedactMessage};
use deskside::protocol::event::{Author, Content, Event, EventBody, Lifecycle, Role};
use deskside::protocol::reply::Sent;

/// Says something else in place of a message of one's own. Its files stay.
pub(super) fn edit(
    ledger: &mut dyn Ledger,
    conversation: &mut Conversation,
    author: Author,
    command: EditMessage,
    now: u64,
) -> Kept<(Sent, Option<Event>)> {
    let EditMessage { cmid, mut edit, .. } = command;
    let digest = said(&format!("edit {}", edit.seq), &edit.content);
    if let Some(sent) = seen_before(ledger, conversation, &author, &cmid, &digest)? {
        return Ok((sent, None));
    }
    if conversation.state == Lifecycle::Closed {
        return Err(Refusal::closed());
    }
    let (of, now_says) = message(ledger, conversation, edit.seq)?;
    if of != author {
        return Err(Refusal::invalid("edit.seq is a message of somebody else"));
    }
    if now_says.redacted {
        return Err(Refusal::invalid(
            "edit.seq is a message that was taken back",
        ));
    }
    edit.content.edited = true;
    edit.content.attachments = now_says.attachments;
    ledger.rewrite(conversation, edit.seq, &edit.content)?;
    let draft = Draft {
        author,
        command: Some((cmid.clone(), digest)),
        body: EventBody::Edit(edit),
    };
    finish(ledger, conversation, &cmid, draft, now)
}

/// Takes a message back: nothing that it said is kept, even where the conversation is closed. An
/// agent may take back a message of either side, a bot its own.
pub(super) fn redact(
    ledger: &mut dyn Ledger,
    conversation: &mut Conversation,
    author: Author,
    command: RedactMessage,
    now: u64,
) -> Kept<(Sent, Option<Event>)> {
    let RedactMessage { cmid, redact, .. } = command;
    let digest = digest("redact", &[&redact.seq.to_string()]);
    if let Some(sent) = seen_before(ledger, conversation, &author, &cmid, &digest)? {
        return Ok((sent, None));
    }
    let (of, _) = message(ledger, conversation, redact.seq)?;
    if author.role == Role::Bot && of != author {
        return Err(Refusal::invalid("redact.seq is a message of somebody else"));
    }
    let nothing = Content {
        redacted: true,
        ..Content::default()
    };
    ledger.rewrite(conversation, redact.seq, &nothing)?;
    ledger.forget_edits(conversation, redact.seq)?;
    ledger.forget_uploads(conversation, redact.seq)?;
    let draft = Draft {
        author,
        command: Some((cmid.clone(), digest)),
        body: EventBody::Redact(redact),
    };
    finish(ledger, conversation, &cmid, draft, now)
}

fn message(
    ledger: &mut dyn Ledger,
    conversation: &Conversation,
    seq: u32,
) -> Kept<(Author, Content)> {
    let message = ledger.message(conversation, seq)?;
    message.ok_or_else(|| Refusal::invalid(format!("there is no message with seq {seq}")))
}

fn finish(
    ledger: &mut dyn Ledger,
    conversation: &mut Conversation,
    cmid: &str,
    draft: Draft,
    now: u64,
) -> Kept<(Sent, Option<Event>)> {
    let event = ledger.append(conversation, draft, now)?;
    let last = ledger.last_words(conversation)?.unwrap_or_default();
    conversation.preview = preview(&last);
    ledger.save(conversation)?;
    Ok((first(conversation, cmid, &event), Some(event)))
}
