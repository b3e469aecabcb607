//! What starts a survey, and when it is offered.
//!
//! Of several that are due one is offered: the one about a conversation before the others (it is
//! fresh in the visitor's mind), then the one that was due first. The rest wait until it is answered,
//! waved away, or left alone for a while, and are checked again then.

use super::{Held, Origin};
use crate::engine::Engine;
use crate::limits::{RESPONSES_MAX, SURVEY_BUSY_MS, SURVEY_WAKE_MS_MAX};
use crate::plain::{Readable, Value};
use crate::protocol::event::{Event, EventBody, Lifecycle, Role};
use crate::protocol::survey::SurveyResponse;
use crate::survey::Definition;
use crate::survey::eligibility::sampled;
use crate::survey::response::Kept;
use crate::survey::trigger::{Signal, matches};
use crate::view::Connection;
use crate::written::until;

/// The page that is looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Page {
    pub(super) url: String,
    /// Since when (monotonic milliseconds).
    pub(super) since_ms: u64,
    /// Seconds on it, and percent of it, that triggers have been told of.
    pub(super) dwelt: u32,
    pub(super) scrolled: u32,
}

impl Engine {
    /// Something happened: surveys that wait for it come up, and those that it cancels are taken back
    /// unless they were answered: of one conversation, or of all there is.
    pub(super) fn survey_signal(
        &mut self,
        conv: &str,
        kind: &str,
        name: &str,
        amount: u32,
        properties: &Value,
    ) {
        let page = &mut self.surveys.page;
        let mark = match kind {
            "pageDwell" => &mut page.dwelt,
            "scrollShare" => &mut page.scrolled,
            _ => &mut 0,
        };
        let told = *mark;
        *mark = told.max(amount);
        let url = page.url.clone();
        let signal = Signal {
            kind,
            name,
            properties,
            amount,
            told,
            url: &url,
        };
        self.cancel(&signal, Some(conv));
        let mut at = 0;
        while let Some(held) = self.surveys.definitions.get(at).cloned() {
            at += 1;
            let survey = held.survey;
            let waits_for = |trigger: &Value| matches(trigger, &signal);
            if held.origin != Origin::Past && survey.triggers().iter().any(waits_for) {
                self.survey_comes_up(&survey, Kept::blank());
            }
        }
    }

    /// Takes back what was not answered yet, where its survey says so of this signal: of one conversation,
    /// of all (the empty name), or of those that came back by what their logs say.
    fn cancel(&mut self, signal: &Signal<'_>, conv: Option<&str>) {
        let mut cancelled = Vec::new();
        for kept in &self.surveys.book.responses {
            if !kept.closed
                && !kept.response.finished
                && !kept.is_answered()
                && match conv {
                    Some(conv) => conv.is_empty() || kept.conv == conv,
                    None => self.is_reopened(kept),
                }
                && let Some(survey) = self.surveys.of(kept)
                && survey
                    .cancel_on()
                    .iter()
                    .any(|cancel| matches(cancel, signal))
            {
                cancelled.push(kept.response.response_id.clone());
            }
        }
        for response_id in cancelled {
            self.withdraw(&response_id, "cancelled");
        }
    }

    /// Whether the log says that the conversation came back after it was asked.
    fn is_reopened(&self, kept: &Kept) -> bool {
        let Some(conversation) = self.conversations.get(&kept.conv) else {
            return false;
        };
        let mut bodies = conversation.log().iter().map(|line| &line.event.body);
        let id = &kept.response.response_id;
        bodies.any(|body| matches!(body, EventBody::Invitation(asked) if asked.response_id == *id))
            && bodies.any(|body| matches!(body, EventBody::State(Lifecycle::Reopened)))
    }

    /// An article's reader said whether it helped: the event `article.feedback`.
    pub(in crate::engine) fn survey_feedback(&mut self, article: &str, helpful: bool) {
        let article = Value::Text(article.to_owned().into());
        let properties = Value::Map(vec![
            ("article".into(), article),
            ("helpful".into(), Value::Bool(helpful)),
        ]);
        self.survey_signal("", "event", "article.feedback", 0, &properties);
    }

    /// What a conversation's log says of surveys: invitations, answers from another device, and that
    /// the conversation came back.
    pub(in crate::engine) fn surveys_of_log(&mut self, events: &[Event], live: bool) {
        for event in events {
            match &event.body {
                EventBody::Invitation(invitation) => {
                    if let Some(survey) = self.surveys.find(&invitation.survey_id, u32::MAX) {
                        let mut subject = Kept::blank();
                        subject
                            .response
                            .response_id
                            .clone_from(&invitation.response_id);
                        subject.conv.clone_from(&event.conv);
                        subject.cycle = invitation.resolution_cycle;
                        subject.agent.clone_from(&invitation.agent);
                        subject.due_at = if live { 0 } else { event.ts };
                        self.survey_comes_up(&survey, subject);
                    }
                }
                EventBody::State(Lifecycle::Reopened) => {
                    self.survey_signal(&event.conv, "conversationReopened", "", 0, &Value::Null);
                }
                body => self.answer_of_log(body),
            }
        }
    }

    /// An answer that a conversation's log has, if this is one.
    pub(in crate::engine) fn answer_of_log(&mut self, body: &EventBody) {
        if let EventBody::Survey(response) = body
            && let Ok(at) = self.surveys.position(&response.response_id)
            && self.surveys.book.responses[at].merge(response)
        {
            self.remember_surveys();
        }
    }

    /// A survey's trigger fired. Whether it may be shown is asked now and, after its delay, again.
    fn survey_comes_up(&mut self, survey: &Definition, subject: Kept) {
        for kept in &self.surveys.book.responses {
            let same = kept.response.survey_id == survey.id()
                && kept.conv == subject.conv
                && kept.cycle == subject.cycle;
            // About a conversation it is asked once in each cycle.
            if same && (!kept.conv.is_empty() || !(kept.closed || kept.response.finished)) {
                return;
            }
        }
        let kept = self.new_response(survey, subject);
        let refused = self.ineligible(survey, &kept);
        // That it was not asked about a conversation is remembered as well.
        let keep = refused.is_none() || !kept.conv.is_empty();
        let response_id = kept.response.response_id.clone();
        self.keep_response(kept);
        if let Some(reason) = refused {
            self.withdraw(&response_id, reason);
            if !keep {
                self.surveys.book.responses.pop();
            }
        }
    }

    /// A response to come, of which is known what it is about, and when it came up (0: now).
    pub(super) fn new_response(&mut self, survey: &Definition, mut kept: Kept) -> Kept {
        let now = self.now.wall_ms;
        if kept.response.response_id.is_empty() {
            kept.response.response_id = self.rng.uuid_v7(now);
        }
        if kept.due_at == 0 {
            kept.due_at = now;
        }
        let mut url = self.surveys.page.url.clone();
        url.truncate(until(&url, b"?#").len());
        if url.is_empty() {
            url.clone_from(&self.config.page);
        }
        kept.response.survey_id = survey.id().to_owned();
        kept.response.survey_version = survey.version();
        kept.response.language = survey.language(&self.config.locale).to_owned();
        kept.response.source = String::from("widget");
        kept.response.url = url;
        kept.response.created_at = now;
        kept.expires_at = kept.due_at + survey.expires_after_ms();
        kept.due_at += survey.delay_ms();
        kept
    }

    pub(super) fn keep_response(&mut self, kept: Kept) {
        let responses = &mut self.surveys.book.responses;
        if responses.len() >= RESPONSES_MAX {
            responses.remove(0);
        }
        responses.push(kept);
        self.remember_surveys();
    }

    fn ineligible(&self, survey: &Definition, kept: &Kept) -> Option<&'static str> {
        let visitor = match self.is_named() {
            true => &self.config.user,
            false => &self.meta.client_id,
        };
        let sampled = sampled(survey, visitor, &kept.conv);
        self.surveys
            .book
            .clocks
            .refuse(survey, &kept.subject(), sampled, self.now.wall_ms)
    }

    /// Takes an invitation back.
    pub(super) fn withdraw(&mut self, response_id: &str, reason: &str) {
        if let Ok(at) = self.surveys.position(response_id) {
            let kept = &mut self.surveys.book.responses[at];
            kept.closed = true;
            // Another tab may have offered it, and got an answer.
            kept.offered |= reason == "cancelled";
            self.tell_survey("suppressed", response_id, reason);
            self.remember_surveys();
        }
    }

    /// Ends what has expired, fires what a clock triggers, and offers what is due.
    pub(in crate::engine) fn tend_surveys(&mut self) {
        if self.connection() == Connection::Online {
            self.start_awaited();
        }
        if self.surveys.definitions.is_empty() {
            return;
        }
        let mut at = 0;
        while at < self.surveys.book.responses.len() {
            let kept = &self.surveys.book.responses[at];
            if kept.expires_at > self.now.wall_ms {
                at += 1;
                continue;
            }
            if kept.is_open() {
                let response_id = kept.response.response_id.clone();
                self.tell_survey("expired", &response_id, "");
            }
            self.surveys.book.responses.remove(at);
            self.remember_surveys();
        }
        // Whoever asked may not have been the one to whom the desk said that it came back.
        let reopened = Signal {
            kind: "conversationReopened",
            ..Signal::default()
        };
        self.cancel(&reopened, None);
        let page = &self.surveys.page;
        let seconds = (self.now.mono_ms.saturating_sub(page.since_ms) / 1_000) as u32;
        if self.next_dwell().is_some_and(|next| next <= seconds) {
            self.survey_signal("", "pageDwell", "", seconds, &Value::Null);
        }
        for subject in self.silences() {
            if subject.due_at <= self.now.wall_ms
                && let Some(survey) = self.surveys.of(&subject)
            {
                self.survey_comes_up(&survey, subject);
            }
        }
        // What a named visitor was asked on another device, only the desk knows.
        if self.is_named() && self.connection() != Connection::Online {
            return;
        }
        while let Some(at) = self.next_to_offer() {
            let kept = &self.surveys.book.responses[at];
            let Some(survey) = self.surveys.of(kept) else {
                return;
            };
            match self.ineligible(&survey, kept) {
                Some(reason) => {
                    let response_id = kept.response.response_id.clone();
                    self.withdraw(&response_id, reason);
                }
                None => {
                    let kept = &mut self.surveys.book.responses[at];
                    kept.offered = true;
                    // By whichever version is asked now.
                    kept.response.survey_version = survey.version();
                    kept.response.created_at = self.now.wall_ms;
                    self.remember_surveys();
                }
            }
        }
    }

    /// Seconds on this page at which the next trigger fires.
    fn next_dwell(&self) -> Option<u32> {
        let page = &self.surveys.page;
        let mut next: Option<u32> = None;
        for Held { survey, origin } in &self.surveys.definitions {
            if let Some(seconds) = survey.next_dwell(page.dwelt)
                && *origin != Origin::Past
                && !page.url.is_empty()
            {
                next = Some(next.unwrap_or(seconds).min(seconds));
            }
        }
        next
    }

    /// The conversations in which both sides have spoken, with each survey that waits for silence in
    /// them, and when it comes up if nobody speaks again.
    fn silences(&self) -> Vec<Kept> {
        let mut silences = Vec::new();
        for Held { survey, origin } in &self.surveys.definitions {
            let Some(minutes) = survey.silence_minutes() else {
                continue;
            };
            if *origin == Origin::Past {
                continue;
            }
            for conversation in self.conversations.iter() {
                if !conversation.record.state.is_open() {
                    continue;
                }
                let (mut last, mut asked, mut answered) = (0, false, false);
                for line in conversation.log() {
                    if let EventBody::Message(_) = line.event.body {
                        last = line.event.ts;
                        asked |= line.event.author.role == Role::Visitor;
                        answered |= line.event.author.role != Role::Visitor;
                    }
                }
                let conv = &conversation.record.id;
                let known = |kept: &Kept| {
                    kept.conv == *conv && kept.cycle == 0 && kept.response.survey_id == survey.id()
                };
                if asked && answered && !self.surveys.book.responses.iter().any(known) {
                    let mut subject = Kept::blank();
                    subject.response.survey_id = survey.id().to_owned();
                    subject.response.survey_version = survey.version();
                    subject.conv.clone_from(conv);
                    subject.agent = conversation.agent().cloned();
                    subject.due_at = last + u64::from(minutes) * 60_000;
                    silences.push(subject);
                }
            }
        }
        silences
    }

    /// The response that is to be offered now, by the rule at the top.
    fn next_to_offer(&self) -> Option<usize> {
        let now = self.now.wall_ms;
        let responses = &self.surveys.book.responses;
        let mut next: Option<usize> = None;
        for (at, kept) in responses.iter().enumerate() {
            let SurveyResponse {
                revision,
                updated_at,
                source,
                ..
            } = &kept.response;
            let left_alone = *revision > 0 && now.saturating_sub(*updated_at) >= SURVEY_BUSY_MS;
            if kept.is_open() && source == "widget" && !left_alone {
                return None;
            }
            let about_none = kept.conv.is_empty();
            let sooner = next.is_none_or(|next| {
                let next = &responses[next];
                if about_none == next.conv.is_empty() {
                    kept.due_at < next.due_at
                } else {
                    next.conv.is_empty()
                }
            });
            if !kept.offered && !kept.closed && kept.due_at <= now && sooner {
                next = Some(at);
            }
        }
        next
    }

    /// When a clock may next say something about surveys (monotonic milliseconds).
    pub(in crate::engine) fn survey_deadline(&self) -> Option<u64> {
        if self.surveys.definitions.is_empty() {
            return None;
        }
        let now = self.now.wall_ms;
        // A wall clock may jump, and a browser's timer is short: look again within the hour.
        let mut after = SURVEY_WAKE_MS_MAX;
        let mut wait_until = |at: u64| {
            if at > now {
                after = after.min(at - now);
            }
        };
        for subject in self.silences() {
            wait_until(subject.due_at);
        }
        for kept in &self.surveys.book.responses {
            wait_until(kept.due_at);
            wait_until(kept.expires_at);
            wait_until(kept.response.updated_at + SURVEY_BUSY_MS);
        }
        let at = self.now.mono_ms + after;
        let dwell = self
            .next_dwell()
            .map(|seconds| self.surveys.page.since_ms + u64::from(seconds) * 1_000);
        let waits = after < SURVEY_WAKE_MS_MAX || !self.surveys.book.responses.is_empty();
        match dwell {
            Some(dwell) => Some(at.min(dwell)),
            None => waits.then_some(at),
        }
    }
}
