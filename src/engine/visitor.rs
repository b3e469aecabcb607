//! What the visitor does.

use super::Engine;
use super::say::FULL;
use crate::conversation::Conversation;
use crate::error::Error;
use crate::input::Action;
use crate::limits::{DRAFT_SAVE_DELAY_MS, OUTBOX_ENTRIES_MAX, TYPING_EXPIRY_MS, TYPING_REPEAT_MS};
use crate::output::{Durable, StoreOp};
use crate::planted::{self, Bug};
use crate::protocol::command::{Close, Command, Feedback, Typing as TypingCommand};
use crate::protocol::content::Content;
use crate::protocol::event::Lifecycle;
use crate::tabs::TabMessage;
use crate::view::Connection;

pub(super) const TOO_LONG: Error = Error::new("too_long", "the text is longer than the desk takes");
pub(super) const NO_CONVERSATION: Error = Error::new(
    "no_conversation",
    "there is no such conversation on this device",
);

impl Engine {
    pub(super) fn visitor(&mut self, action: Action) -> Result<(), Error> {
        self.check(&action)?;
        if !self.store.is_ready() {
            #[cfg(feature = "survey")]
            if let Action::Survey(define) = &action
                && define.act == "define"
            {
                // Needs no store, and whoever wrote it is to hear at once what is wrong with it.
                return self.survey_action(define.clone());
            }
            if self.store.early.len() >= OUTBOX_ENTRIES_MAX {
                return Err(FULL);
            }
            self.store.early.push(action);
            return Ok(());
        }
        match action {
            Action::Open { conv } => self.open_screen(conv)?,
            Action::OpenNew => self.show_new(),
            Action::Leave => {
                self.save_draft();
                self.stop_typing();
                self.screen.conv = None;
                self.screen.first_unread = None;
            }
            Action::Look { visible } => self.look(visible),
            Action::Draft { conv, text } => self.draft(conv, text)?,
            Action::Send { conv, text, ticket } => self.send(&conv, text, ticket)?,
            Action::Choose {
                conv,
                title,
                payload,
            } => {
                let mut body = Content::from(title);
                body.payload = payload;
                self.say(&conv, body, Vec::new())?;
            }
            Action::Submit { conv, form, values } => self.submit(&conv, form, values)?,
            Action::Attach { conv, file } => self.attach(&conv, file)?,
            Action::Handoff {
                conv,
                reason,
                query,
                articles,
            } => self.ask_person(&conv, reason, query, articles)?,
            Action::Retry { key } => self.retry(&key)?,
            Action::Edit { key } => self.take_back(&key, true)?,
            Action::Discard { key } => self.take_back(&key, false)?,
            Action::Older => self.turn_page(true),
            Action::Newer => self.turn_page(false),
            Action::Latest => self.show_latest(),
            Action::End { conv } => self.end(&conv)?,
            #[cfg(feature = "survey")]
            Action::Survey(action) => self.survey_action(action)?,
            #[cfg(not(feature = "survey"))]
            Action::Survey(_) => {}
            Action::Feedback {
                article,
                helpful,
                query,
            } => {
                #[cfg(feature = "survey")]
                self.survey_feedback(&article, helpful);
                let cmid = self.rng.uuid_v7(self.now.wall_ms);
                self.enqueue(
                    vec![Durable::Feedback(Feedback {
                        cmid,
                        article,
                        helpful,
                        query,
                    })],
                    Vec::new(),
                )?;
            }
            Action::Reconnect => self.hurry(),
            Action::Identify { token } => return self.identify(token),
        }
        self.changed = true;
        Ok(())
    }

    fn open_screen(&mut self, conv: Option<String>) -> Result<(), Error> {
        self.screen.newest = conv.is_none();
        let id = match conv {
            Some(id) if self.conversations.get(&id).is_some() => id,
            Some(_) => return Err(NO_CONVERSATION),
            None => {
                let open = self
                    .conversations
                    .iter()
                    .filter(|c| c.record.state != Lifecycle::Closed);
                match open.map(|c| c.record.id.clone()).next_back() {
                    Some(id) => id,
                    None => {
                        self.show_new();
                        self.screen.newest = true;
                        return Ok(());
                    }
                }
            }
        };
        self.conversation_mut(&id);
        self.show(id);
        Ok(())
    }

    /// A new conversation, with what was typed in one that ended before it was said: there nobody can say it.
    pub(super) fn show_new(&mut self) {
        let id = self.rng.uuid_v7(self.now.wall_ms);
        let left =
            |c: &&mut Conversation| c.record.state == Lifecycle::Closed && !c.draft.is_empty();
        if let Some(ended) = self.conversations.iter_mut().rfind(left) {
            let text = std::mem::take(&mut ended.draft);
            let ended = ended.record.id.clone();
            self.conversation_mut(&id).draft = text;
            for conv in [id.clone(), ended] {
                self.typing.unsaved = Some((conv, 0));
                self.save_draft();
            }
        }
        self.conversation_mut(&id);
        self.screen.newest = false;
        self.show(id);
    }

    pub(super) fn show(&mut self, id: String) {
        self.screen.first_unread = self.first_unread_key(&id);
        self.screen.conv = Some(id);
        self.mark_read();
    }

    fn look(&mut self, visible: bool) {
        self.screen.visible = visible;
        if visible {
            if let Some(conv) = &self.screen.conv {
                self.screen.first_unread = self
                    .first_unread_key(conv)
                    .or(self.screen.first_unread.take());
            }
            self.mark_read();
        } else {
            // The page may never come back.
            self.save_draft();
            self.stop_typing();
        }
    }

    fn draft(&mut self, conv: String, text: String) -> Result<(), Error> {
        if text.len() > self.text_bytes_max.saturating_mul(4) {
            return Err(TOO_LONG);
        }
        let conversation = self.conversations.get_mut(&conv).ok_or(NO_CONVERSATION)?;
        if conversation.draft == text {
            return Ok(());
        }
        conversation.draft = text;
        let (known, typing) = (
            conversation.is_known(),
            !conversation.draft.trim().is_empty(),
        );
        if self
            .typing
            .unsaved
            .as_ref()
            .is_some_and(|(unsaved, _)| *unsaved != conv)
        {
            self.save_draft();
        }
        let at = self.now.mono_ms + u64::from(DRAFT_SAVE_DELAY_MS);
        self.typing.unsaved.get_or_insert((conv.clone(), at));
        if !typing {
            self.stop_typing();
        } else if known && self.connection() == Connection::Online {
            self.tell_typing(conv);
        }
        Ok(())
    }

    fn tell_typing(&mut self, conv: String) {
        let now = self.now.mono_ms;
        let until = now + u64::from(TYPING_EXPIRY_MS);
        match &mut self.typing.told {
            Some((told, again_at, stop_at)) if *told == conv && *again_at > now => *stop_at = until,
            _ => {
                self.typing.told = Some((conv.clone(), now + u64::from(TYPING_REPEAT_MS), until));
                self.say_typing(conv, true);
            }
        }
    }

    pub(super) fn stop_typing(&mut self) {
        if let Some((conv, ..)) = self.typing.told.take() {
            self.say_typing(conv, false);
        }
    }

    fn say_typing(&mut self, conv: String, active: bool) {
        if self.link.is_online() {
            self.transmit(Command::Typing(TypingCommand { conv, active }));
        } else if !self.leads() {
            self.tell(TabMessage::Typing { conv, active });
        }
    }

    pub(super) fn save_draft(&mut self) {
        if let Some((conv, _)) = self.typing.unsaved.take() {
            let text = self
                .conversations
                .get(&conv)
                .map(|c| c.draft.clone())
                .unwrap_or_default();
            if !planted::is(Bug::DraftNotStored) {
                self.persist_one(false, StoreOp::SetDraft { conv, text });
            }
        }
    }

    fn end(&mut self, conv: &str) -> Result<(), Error> {
        let conversation = self.conversations.get(conv).ok_or(NO_CONVERSATION)?;
        if conversation.record.state == Lifecycle::Closed {
            return Ok(());
        }
        if conversation.is_known() || self.outbox.queue(conv).next().is_some() {
            let cmid = self.rng.uuid_v7(self.now.wall_ms);
            self.enqueue(
                vec![Durable::Close(Close {
                    conv: conv.to_owned(),
                    cmid,
                })],
                Vec::new(),
            )?;
        } else {
            self.conversations.remove(conv);
            self.persist(
                false,
                vec![StoreOp::SetDraft {
                    conv: conv.to_owned(),
                    text: String::new(),
                }],
            );
            self.screen.conv = None;
        }
        Ok(())
    }
}
