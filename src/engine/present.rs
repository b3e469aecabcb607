//! What a screen shows, derived from the state and from nothing else.

use super::Engine;
use crate::conversation::{Conversation, timeline};
use crate::limits::PREVIEW_CHARS_MAX;
use crate::output::Durable;
use crate::protocol::event::{EventBody, SurveyResponse};
use crate::richtext;
use crate::survey;
use crate::view::{ConversationView, Summary, SurveyView, View};

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
            conversations,
            conversation: self
                .screen
                .conv
                .as_deref()
                .map(|conv| self.conversation_view(conv)),
        }
    }

    /// A line for the list; none for a conversation in which nothing was said.
    fn summary(&self, conversation: &Conversation) -> Option<Summary> {
        let id = &conversation.record.id;
        let own = self
            .outbox
            .queue(id)
            .rev()
            .find(|slot| !slot.content.is_empty());
        let logged = || {
            let lines = conversation.log().iter().rev();
            lines
                .clone()
                .find(|line| !line.content.is_empty())
                .map(|line| (line.event.ts, &line.content))
        };
        let last = own
            .map(|slot| (slot.entry.made_at, &slot.content))
            .or_else(logged);
        if last.is_none() && !conversation.is_known() {
            return None;
        }
        let newest = conversation.log().back().map_or(0, |line| line.event.ts);
        let text = last
            .map(|(_, content)| richtext::text_of(content))
            .unwrap_or_default();
        Some(Summary {
            id: id.clone(),
            state: conversation.record.state,
            agent: conversation.agent().cloned(),
            preview: text.chars().take(PREVIEW_CHARS_MAX).collect(),
            updated_at: last.map_or(newest, |(ts, _)| ts.max(newest)),
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
        let scale = |response_id: &str| {
            let invited = conversation
                .log()
                .iter()
                .rev()
                .find_map(|line| match &line.event.body {
                    EventBody::Invitation(i) if i.response_id == response_id => Some(i.scale),
                    _ => None,
                });
            invited.unwrap_or(5)
        };
        let items = timeline::items(conversation, self.outbox.queue(id), scale);
        let first = conversation.first_seq();
        ConversationView {
            id: id.to_owned(),
            state: conversation.record.state,
            agent: conversation.agent().cloned(),
            typing: conversation.typing.as_ref().map(|(who, _)| who.clone()),
            items,
            has_older: conversation.is_known() && first > 1,
            loading_older: conversation.fetching_older,
            first_unread: self.screen.first_unread.clone(),
            draft: conversation.draft.clone(),
            survey: self.survey_view(conversation),
        }
    }

    fn survey_view(&self, conversation: &Conversation) -> Option<SurveyView> {
        let waiting: Vec<&SurveyResponse> = self.waiting_answers(&conversation.record.id).collect();
        let log = conversation.log().iter().map(|line| &line.event);
        let standing = survey::standing(log, waiting.iter().copied())?;
        let invitation = standing.invitation;
        let response = standing.response;
        Some(SurveyView {
            response_id: invitation.response_id.clone(),
            survey_id: invitation.survey_id.clone(),
            scale: invitation.scale,
            agent: invitation.agent.clone(),
            rating: response.and_then(|r| r.rating),
            comment: response.and_then(|r| r.comment.clone()).unwrap_or_default(),
            finished: response.is_some_and(|r| r.finished),
            waiting: waiting
                .iter()
                .any(|r| r.response_id == invitation.response_id),
        })
    }

    /// The answers to surveys of a conversation that still wait on the device.
    pub(super) fn waiting_answers<'a>(
        &'a self,
        conv: &'a str,
    ) -> impl Iterator<Item = &'a SurveyResponse> {
        self.outbox
            .queue(conv)
            .filter_map(|slot| match &slot.entry.command {
                Durable::Survey(survey) => Some(&survey.response),
                _ => None,
            })
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
