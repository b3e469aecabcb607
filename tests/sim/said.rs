//! What is said, wherever it stands: in a message, as the name of its file, as what was filled into a
//! form, as the reason for which a person was asked for, as the article that was rated.

use crate::ledger::number_of;
use deskside::output::Durable;
use deskside::protocol::command::Command;
use deskside::protocol::content::Content;
use deskside::protocol::event::{EventBody, HandoffContext};
use deskside::view::FileView;

/// The only field of each form: its name, and what it asks.
pub const FIELD: &str = "q";

/// A text without what the form asked.
pub fn answer_of(text: &str) -> &str {
    text.strip_prefix("q: ").unwrap_or(text)
}

/// What a message says here: its text, or what its file is called.
pub fn said_in(content: &Content) -> &str {
    match content.attachments.first() {
        Some(file) => &file.name,
        None => answer_of(&content.text),
    }
}

/// What is said to whom a conversation is handed off: why, or where nobody asked, what was looked for.
fn said_to(context: &HandoffContext) -> &str {
    match &*context.reason {
        HandoffContext::UNASKED => &context.query,
        reason => reason,
    }
}

/// What an event says.
pub fn said_of(body: &EventBody) -> Option<&str> {
    match body {
        EventBody::Message(content) => Some(said_in(content)),
        EventBody::Handoff(context) => Some(said_to(context)),
        _ => None,
    }
}

/// What an entry of the journal says.
pub fn said_by(entry: &Durable) -> Option<&str> {
    match entry {
        Durable::Send(send) => Some(said_in(&send.body)),
        Durable::Handoff(handoff) => Some(said_to(&handoff.context)),
        Durable::Feedback(feedback) => Some(&feedback.article),
        _ => None,
    }
}

/// What a command says.
pub fn said_with(command: &Command) -> Option<&str> {
    match command {
        Command::Send(send) => Some(said_in(&send.body)),
        Command::Handoff(handoff) => Some(said_to(&handoff.context)),
        Command::Feedback(feedback) => Some(&feedback.article),
        _ => None,
    }
}

/// The number of a message on the screen.
pub fn number_in(text: &str, files: &[FileView]) -> Option<usize> {
    let text = files.first().map_or(text, |shown| &shown.file.name);
    number_of(answer_of(text))
}
