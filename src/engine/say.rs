//! What the visitor says: how it gets into the journal, and out of it again where it failed.

use super::Engine;
use super::visitor::{NO_CONVERSATION, TOO_LONG};
use crate::conversation::Conversation;
use crate::error::Error;
use crate::input::Action;
use crate::limits::HANDOFF_ARTICLES_MAX;
use crate::list::Gather;
use crate::output::{Durable, Entry, StoreOp};
use crate::planted::{self, Bug};
use crate::protocol::command::{Handoff, Open, Send};
use crate::protocol::content::{Answers, Attachment, Content, Ticket};
use crate::protocol::error_code;
use crate::protocol::event::{HandoffContext, Lifecycle, ShownArticle};

const EMPTY: Error = Error::new("empty", "there is no text to send");
pub(super) const FULL: Error = Error::new("outbox_full", "too many messages wait on this device");
const CLOSED: Error = Error::new("closed", "the conversation has ended");
const NO_FILES: Error = Error::new("no_files", "the desk takes no files");
const FILE_TOO_LARGE: Error = Error::new(
    "file_too_large",
    "the file is empty, or larger than the desk takes",
);
const NO_FORM: Error = Error::new("no_form", "there is no such form");
const FIELD_MISSING: Error = Error::new("field_missing", "a field of the form is missing");
const REPLY_TO: Error = Error::new(
    "reply_to_invalid",
    "no e-mail address or phone number to answer to",
);
const NO_MESSAGE: Error = Error::new("no_message", "there is no failed message of this key");

impl Engine {
    /// What is refused at once, also while the store is not read yet.
    pub(super) fn check(&self, action: &Action) -> Result<(), Error> {
        let text = match action {
            Action::Send {
                ticket: Some(ticket),
                ..
            } if !ticket.is_reachable() => {
                return Err(REPLY_TO);
            }
            Action::Send { text, .. } => text,
            Action::Choose { title, .. } => title,
            _ => return Ok(()),
        };
        if text.trim().is_empty() {
            return Err(EMPTY);
        }
        if text.len() > self.text_bytes_max {
            return Err(TOO_LONG);
        }
        Ok(())
    }

    /// Says the words of the draft, as a ticket where there is one. What is not taken stands in the draft.
    pub(super) fn send(
        &mut self,
        conv: &str,
        text: String,
        ticket: Option<Ticket>,
    ) -> Result<(), Error> {
        let sent = StoreOp::SetDraft {
            conv: conv.to_owned(),
            text: String::new(),
        };
        if let Some(conversation) = self.conversations.get_mut(conv) {
            conversation.draft.clone_from(&text);
        }
        let mut body = Content::from(text);
        body.ticket = ticket;
        self.say(conv, body, vec![sent])?;
        self.conversation_mut(conv).draft.clear();
        // A draft of another conversation has yet to be stored.
        self.typing.unsaved.take_if(|(unsaved, _)| unsaved == conv);
        self.stop_typing();
        Ok(())
    }

    /// Writes a message into the journal, in one transaction with `more`.
    pub(super) fn say(
        &mut self,
        conv: &str,
        body: Content,
        more: Vec<StoreOp>,
    ) -> Result<(), Error> {
        let cmid = self.rng.uuid_v7(self.now.wall_ms);
        // `prev` is filled in when it is sent: what it follows is known for sure only then.
        let send = Durable::Send(Send {
            conv: conv.to_owned(),
            cmid,
            prev: None,
            body,
        });
        self.write_down(conv, send, more)?;
        self.show_latest();
        self.screen.first_unread = None;
        Ok(())
    }

    /// Writes a command into the journal, after the one that opens its conversation where the desk does
    /// not know it yet.
    fn write_down(
        &mut self,
        conv: &str,
        command: Durable,
        more: Vec<StoreOp>,
    ) -> Result<(), Error> {
        let conversation = self.conversations.get(conv).ok_or(NO_CONVERSATION)?;
        if conversation.record.state == Lifecycle::Closed {
            return Err(CLOSED);
        }
        let opened = conversation.is_known() || self.outbox.opens(conv);
        let mut commands = Vec::new();
        if !opened {
            commands.push(self.open_command(conv));
        }
        commands.push(command);
        self.enqueue(commands, more)
    }

    /// A file: a message of its own, so that whatever becomes of it, the words beside it go.
    pub(super) fn attach(&mut self, conv: &str, file: Attachment) -> Result<(), Error> {
        let max = self.meta.attachment_bytes_max;
        if max == Some(0) {
            return Err(NO_FILES);
        }
        if file.size == 0 || max.is_some_and(|max| file.size > max) {
            return Err(FILE_TOO_LARGE);
        }
        let body = Content {
            attachments: vec![file],
            ..Content::default()
        };
        self.say(conv, body, Vec::new())
    }

    #[inline(never)]
    pub(super) fn submit(
        &mut self,
        conv: &str,
        form: u32,
        values: Vec<(String, String)>,
    ) -> Result<(), Error> {
        let conversation = self.conversations.get(conv).ok_or(NO_CONVERSATION)?;
        let mut lines = conversation.shown().iter().chain(conversation.log());
        let line = lines.find(|line| line.event.seq == form);
        let asked = line.and_then(|line| line.message()?.form.as_ref());
        let mut text = String::new();
        for field in &asked.ok_or(NO_FORM)?.fields {
            let answer = values.iter().find(|(name, _)| *name == field.name);
            let answer = answer.map_or("", |(_, value)| value.trim());
            if answer.is_empty() && field.required {
                return Err(FIELD_MISSING);
            }
            if !answer.is_empty() {
                let separator = if text.is_empty() { "" } else { "\n" };
                text.push_str(separator);
                text.push_str(&field.label);
                text.push_str(": ");
                text.push_str(answer);
            }
        }
        if text.len() > self.text_bytes_max {
            return Err(TOO_LONG);
        }
        let mut body = Content::from(text);
        if !planted::is(Bug::AnswersLost) {
            body.answers = Some(Answers { form, values });
        }
        self.say(conv, body, Vec::new())
    }

    #[inline(never)]
    pub(super) fn ask_person(
        &mut self,
        conv: &str,
        reason: String,
        query: String,
        mut articles: Vec<ShownArticle>,
    ) -> Result<(), Error> {
        articles.drain(..articles.len().saturating_sub(HANDOFF_ARTICLES_MAX));
        let cmid = self.rng.uuid_v7(self.now.wall_ms);
        let handoff = Durable::Handoff(Handoff {
            conv: conv.to_owned(),
            cmid,
            context: HandoffContext {
                reason,
                query,
                articles,
            },
        });
        self.write_down(conv, handoff, Vec::new())
    }

    fn open_command(&mut self, conv: &str) -> Durable {
        let cmid = self.rng.uuid_v7(self.now.wall_ms);
        Durable::Open(Open {
            conv: conv.to_owned(),
            cmid,
            page: self.config.page.clone(),
        })
    }

    /// Who writes now; empty as long as a token is not stored, and another may come in its place.
    fn author(&self) -> String {
        let known = self.token_rev.is_none().then_some(&self.meta.visitor);
        known.cloned().unwrap_or_default()
    }

    /// Writes commands into the journal, in one transaction with `more`.
    pub(super) fn enqueue(
        &mut self,
        commands: Vec<Durable>,
        more: Vec<StoreOp>,
    ) -> Result<(), Error> {
        let visitor = self.author();
        let entries: Vec<Entry> = commands
            .into_iter()
            .map(|command| Entry {
                local_seq: 0,
                made_at: self.now.wall_ms,
                visitor: visitor.clone(),
                command,
                failed: None,
            })
            .listed();
        if !self.outbox.has_room_for(&entries) {
            return Err(FULL);
        }
        let mut ops = vec![StoreOp::MakeMeta(self.meta.clone())];
        for entry in entries {
            let saved = planted::is(Bug::QueuedBeforeCommit);
            self.outbox.push(entry.clone(), saved);
            ops.push(StoreOp::Enqueue(entry));
        }
        ops.extend(more);
        self.persist(true, ops);
        self.link.hurry(self.now.mono_ms);
        Ok(())
    }

    /// Sends a failed entry again. What the desk does not know the conversation of (its records were lost,
    /// or belong to somebody else), or what came after its end, is said anew in a new one; what waited for
    /// a conversation that might not begin asks for that one again.
    #[inline(never)]
    pub(super) fn retry(&mut self, key: &str) -> Result<(), Error> {
        let author = self.author();
        let slot = self.outbox.find(key).ok_or(NO_MESSAGE)?;
        let saved = slot.saved;
        let mut entry = slot.entry.clone();
        let failed = entry.failed.take().ok_or(NO_MESSAGE)?;
        entry.made_at = self.now.wall_ms;
        let mut conv = entry.command.queue().to_owned();
        let known = self.conversations.get(&conv);
        let begun = known.is_none_or(Conversation::is_known) || self.outbox.opens(&conv);
        let homeless = failed == error_code::NOT_FOUND || failed == error_code::CLOSED;
        if homeless {
            key.clone_into(&mut conv);
            if planted::is(Bug::SaidAnewAtRandom) {
                conv = self.rng.uuid_v7(self.now.wall_ms);
            }
        }
        // The same ids, and the same entry of the journal, whichever tab says it anew: two may that do not
        // hear of each other.
        let anew = match homeless {
            true => entry.command.move_to(&conv),
            false => !begun && entry.command.speaks(),
        };
        if anew {
            entry.visitor = author;
            let open = vec![self.open_command(&conv)];
            // What is still on its way into the store goes into it under its new id, beside the old one.
            let op = match saved || !homeless {
                true => StoreOp::UpdateEntry(entry.clone()),
                false => StoreOp::Enqueue(entry.clone()),
            };
            self.enqueue(open, vec![op])?;
            self.outbox.remove(key);
            // Another one may have, and heard that it arrived.
            if !self.conversation_mut(&conv).has_said(entry.command.cmid()) {
                self.outbox.push(entry, saved);
            }
            self.show(conv);
        } else if let Some(slot) = self.outbox.find_mut(key) {
            slot.attempts = 0;
            slot.retry_at_ms = self.now.mono_ms;
            slot.entry = entry.clone();
            self.outbox.look_again();
            self.persist_one(true, StoreOp::UpdateEntry(entry));
        }
        Ok(())
    }

    /// Takes a failed message out; back into the draft, or for good.
    pub(super) fn take_back(&mut self, key: &str, to_draft: bool) -> Result<(), Error> {
        let slot = self.outbox.find(key).ok_or(NO_MESSAGE)?;
        if slot.entry.failed.is_none() || to_draft && slot.message().is_none() {
            return Err(NO_MESSAGE);
        }
        let Some(slot) = self.outbox.remove(key) else {
            return Err(NO_MESSAGE);
        };
        if let (true, Some(said)) = (to_draft, slot.message()) {
            let conv = slot.entry.command.queue();
            let draft = &mut self.conversation_mut(conv).draft;
            if !draft.is_empty() {
                draft.push('\n');
            }
            draft.push_str(&said.text);
            self.typing.unsaved = Some((conv.to_owned(), self.now.mono_ms));
            self.save_draft();
            if self.conversation_mut(conv).record.state == Lifecycle::Closed {
                self.show_new();
            }
        }
        self.forget_files(&slot);
        if !planted::is(Bug::DiscardForgotten) {
            self.forget_entry(slot.entry.local_seq);
        }
        Ok(())
    }

    pub(super) fn forget_entry(&mut self, local_seq: u32) {
        if local_seq > 0 {
            self.persist_one(true, StoreOp::Dequeue { local_seq });
        }
    }
}
