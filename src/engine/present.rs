//! What a screen shows, derived from the state and from nothing else.

use super::Engine;
use crate::conversation::{Conversation, timeline};
use crate::limits::PREVIEW_CHARS_MAX;
use crate::protocol::event::Content;
use crate::richtext::{self, Block};
use crate::view::{ConversationView, QueueView, Refused, Summary, View};

impl Engine {
    /// Everything that the widget draws, now.
    pub fn view(&self) -> View {
        let mut conversations: Vec<Summary> = Vec::new();
        for summary in self.conversations.iter().filter_map(|c| self.summary(c)) {
            // By hand: the standard library's sort costs a kilobyte, and there are few.
            let newer = |other: &Summary| other.updated_at > summary.updated_at;
            let at = conversations
                .iter()
                .take_while(|other| newer(other))
                .count();
            conversations.insert(at, summary);
        }
        View {
            ready: self.store.is_ready(),
            connection: self.connection(),
            storage: self.store.state.clone(),
            site_name: self.site_name.clone(),
            agents_online: self.availability.map(|a| a.agents_online),
            unread: self.unread(),
            waiting: self.outbox.words_waiting() as u32,
            attachment_bytes_max: self.meta.attachment_bytes_max.unwrap_or(0),
            conversations,
            conversation: self
                .screen
                .conv
                .as_deref()
                .map(|conv| self.conversation_view(conv)),
            #[cfg(feature = "survey")]
            surveys: self.survey_views(),
            #[cfg(not(feature = "survey"))]
            surveys: Vec::new(),
            refused: self.refused_entries(),
        }
    }

    fn refused_entries(&self) -> Vec<Refused> {
        let mut refused = Vec::new();
        for slot in self.outbox.slots() {
            if let Some(code) = slot.entry.failed.clone()
                && slot.message().is_none()
            {
                let command = &slot.entry.command;
                refused.push(Refused {
                    key: command.cmid().to_owned(),
                    command: command.name().to_owned(),
                    code,
                });
            }
        }
        refused
    }

    /// A line for the list; none for a conversation in which nothing was said.
    fn summary(&self, conversation: &Conversation) -> Option<Summary> {
        let id = &conversation.record.id;
        let own = self.outbox.queue(id).rev().find_map(|slot| {
            let text = preview(slot.message()?, &slot.content);
            Some((slot.entry.made_at, text))
        });
        let logged = || {
            conversation.log().iter().rev().find_map(|line| {
                let said = line.message().filter(|said| !said.redacted)?;
                Some((line.event.ts, preview(said, &line.content)))
            })
        };
        let last = own.or_else(logged);
        if last.is_none() && !conversation.is_known() {
            return None;
        }
        let newest = conversation.log().last().map_or(0, |line| line.event.ts);
        let (said_at, preview) = last.unwrap_or_default();
        Some(Summary {
            id: id.clone(),
            state: conversation.record.state,
            agent: conversation.agent().cloned(),
            preview,
            updated_at: said_at.max(newest),
            unread: conversation.unread(),
        })
    }

    fn conversation_view(&self, id: &str) -> ConversationView {
        let blank;
        let conversation = match self.conversations.get(id) {
            Some(conversation) => conversation,
            None => {
                blank = Conversation::new(id.to_owned());
                &blank
            }
        };
        let own = self.outbox.queue(id);
        let items = timeline::items(conversation, own.clone(), &self.config.desk);
        let (first, _) = conversation.shown_range();
        ConversationView {
            id: id.to_owned(),
            state: conversation.record.state,
            agent: conversation.agent().cloned(),
            typing: conversation.typing.as_ref().map(|(who, _)| who.clone()),
            queue: conversation.queue.as_ref().map(|queue| QueueView {
                position: queue.position,
                wait_ms_min: queue.wait_ms_min,
                wait_ms_max: queue.wait_ms_max,
            }),
            items,
            has_older: conversation.is_known() && first > 1,
            has_newer: !conversation.is_at_end(),
            loading: conversation.turning.is_some(),
            quick_replies: timeline::quick_replies(conversation, own),
            first_unread: self.screen.first_unread.clone(),
            draft: conversation.draft.clone(),
        }
    }

    /// The key of the first message that was not looked at, for the line above it.
    pub(super) fn first_unread_key(&self, conv: &str) -> Option<String> {
        let conversation = self.conversations.get(conv)?;
        let read = conversation.record.visitor_marks.read_seq;
        let line = conversation
            .log()
            .iter()
            .find(|line| line.event.seq > read && line.is_incoming())?;
        Some(timeline::key(line))
    }
}

/// The start of a message: its text, else the name of its file.
fn preview(said: &Content, content: &[Block]) -> String {
    let mut text = richtext::text_of(content);
    if text.is_empty()
        && let Some(file) = said.attachments.first()
    {
        text.clone_from(&file.name);
    }
    let shown = text.chars().take(PREVIEW_CHARS_MAX);
    shown.map(richtext::neutral).collect()
}
