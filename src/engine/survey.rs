//! Surveys: what starts one, when it is offered, what the visitor answers, what the desk is told.
//!
//! Of several that are due one is offered: the one about a conversation before the others (it is
//! fresh in the visitor's mind), then the one that was due first. The rest wait until it is answered,
//! waved away, or left alone for a while, and are checked again then.

use super::Engine;
use crate::error::Error;
use crate::input::SurveyAction;
use crate::limits::{RESPONSES_MAX, SURVEY_BUSY_MS, SURVEY_WAKE_MS_MAX};
use crate::output::{Durable, HostEvent, Output, StoreOp};
use crate::plain;
use crate::plain::{Readable, Value, Writable};
use crate::protocol::command::Survey;
use crate::protocol::event::{Event, EventBody, Lifecycle, Role};
use crate::protocol::survey::{SurveyResponse, SurveySet};
use crate::survey::Definition;
use crate::survey::eligibility::{Clocks, sampled};
use crate::survey::response::Kept;
use crate::survey::structure::until;
use crate::survey::trigger::{Signal, matches};
use crate::view::{Connection, SurveyView};
use std::rc::Rc;

const NO_SURVEY: Error = Error::new("no_survey", "there is no such survey, or it is over");
const NO_ACT: Error = Error::new("survey_act", "there is no such act");

/// The names under which the device keeps the definitions, and the responses.
const DEFINITIONS: &str = "surveys";
const RESPONSES: &str = "responses";

/// Everything about surveys.
#[derive(Clone, Debug, Default)]
pub(super) struct Surveys {
    /// The newest first.
    definitions: Vec<Rc<Definition>>,
    /// Of the desk's definitions.
    pub digest: String,
    book: Book,
    /// The response whose block was to be submitted while something was lacking.
    tried: String,
    /// Since when the question on the screen has been there (monotonic milliseconds).
    asked_at_ms: u64,
    page: Page,
    /// A survey that the page asked for before its definition was there.
    pub awaited: Option<(String, String, Value)>,
}

/// What the device remembers.
#[derive(Clone, Debug, Default)]
struct Book {
    clocks: Clocks,
    responses: Vec<Kept>,
}
plain!(struct Book { ; clocks, responses });

/// The page that is looked at.
#[derive(Clone, Debug, Default)]
struct Page {
    url: String,
    /// Since when (monotonic milliseconds).
    since_ms: u64,
    /// Seconds on it, and percent of it, that triggers have been told of.
    dwelt: u32,
    scrolled: u32,
}

/// How a response is changed.
type Change<'c> = &'c mut dyn FnMut(&mut Kept, &Definition) -> Result<(), Error>;

impl Surveys {
    /// The definition of that version; the newest of the survey where that is gone.
    fn find(&self, id: &str, version: u32) -> Option<Rc<Definition>> {
        let mut found = None;
        for survey in self.definitions.iter().rev() {
            if survey.id() == id {
                if survey.version() == version {
                    return Some(Rc::clone(survey));
                }
                found = Some(survey);
            }
        }
        found.cloned()
    }

    fn of(&self, kept: &Kept) -> Option<Rc<Definition>> {
        self.find(&kept.response.survey_id, kept.response.survey_version)
    }

    /// Adds a definition. Another version stays for the responses that it asked.
    fn add(&mut self, survey: Definition) {
        let mut at = 0;
        while at < self.definitions.len() {
            let old = &self.definitions[at];
            let (id, version) = (old.id(), old.version());
            let asked = |kept: &Kept| {
                let of = &kept.response;
                kept.offered && of.survey_id == id && of.survey_version == version
            };
            if id == survey.id()
                && (version == survey.version() || !self.book.responses.iter().any(asked))
            {
                self.definitions.remove(at);
            } else {
                at += 1;
            }
        }
        self.definitions.insert(0, Rc::new(survey));
    }

    fn position(&self, response_id: &str) -> Result<usize, Error> {
        let mut responses = self.book.responses.iter();
        responses
            .position(|kept| kept.response.response_id == response_id)
            .ok_or(NO_SURVEY)
    }

    fn remembered(&self) -> StoreOp {
        StoreOp::Keep {
            name: RESPONSES.into(),
            value: self.book.write(),
        }
    }
}

impl Engine {
    /// What the visitor, or the page in the visitor's name, does with surveys.
    pub(super) fn survey_action(&mut self, action: SurveyAction) -> Result<(), Error> {
        let SurveyAction {
            act,
            id,
            name,
            value,
        } = action;
        match &*act {
            "define" => self
                .surveys
                .add(Definition::take(value).map_err(|problem| Error {
                    code: "survey_definition",
                    message: problem.to_text().into(),
                })?),
            "start" => self.start_survey(&id, name, value)?,
            "url" => {
                self.surveys.page = Page {
                    url: name,
                    since_ms: self.now.mono_ms,
                    ..Page::default()
                };
                self.survey_signal("", "url", "", 0, &Value::Null);
            }
            "event" | "exitIntent" | "scrollShare" => {
                let amount = u32::read(&value).unwrap_or(0);
                self.survey_signal("", &act, &name, amount, &value);
            }
            _ => self.respond(&act, &id, &name, value)?,
        }
        Ok(())
    }

    fn respond(&mut self, act: &str, id: &str, element: &str, value: Value) -> Result<(), Error> {
        let mono_ms = self.now.mono_ms;
        let spent_ms = mono_ms
            .saturating_sub(self.surveys.asked_at_ms)
            .min(SURVEY_BUSY_MS);
        let result = self.change_response(id, &mut |kept, survey| {
            match act {
                "seen" => {}
                "answer" => kept.answer(survey, element, &value, spent_ms)?,
                "next" => kept.next(survey)?,
                "back" => kept.back(survey),
                "edit" => kept.edit(survey)?,
                "dismiss" => kept.dismiss(),
                _ => return Err(NO_ACT),
            }
            Ok(())
        });
        if act == "next" {
            self.surveys.tried.clear();
            if result.is_err() {
                self.surveys.tried.push_str(id);
            }
            self.changed = true;
        }
        result?;
        self.surveys.asked_at_ms = mono_ms;
        let response = &self.surveys.book.responses[self.surveys.position(id)?].response;
        match act {
            "answer" => self.tell_survey("answered", id, element),
            "next" if response.finished => self.tell_survey("completed", id, ""),
            "dismiss" if response.dismissed => self.tell_survey("dismissed", id, ""),
            _ => {}
        }
        Ok(())
    }

    /// The page asks by itself: no clock and no sampling says no to that. A response that was begun
    /// is gone on with.
    fn start_survey(
        &mut self,
        survey_id: &str,
        source: String,
        hidden: Value,
    ) -> Result<(), Error> {
        let Some(survey) = self.surveys.find(survey_id, u32::MAX) else {
            if self.connection() == Connection::Online {
                return Err(NO_SURVEY);
            }
            // The desk may have it: its definitions come with the answer to `connect`.
            self.surveys.awaited = Some((survey_id.to_owned(), source, hidden));
            self.hurry();
            return Ok(());
        };
        for kept in &mut self.surveys.book.responses {
            if kept.is_open() && kept.conv.is_empty() && kept.response.survey_id == survey_id {
                kept.response.source = source;
                return Ok(());
            }
        }
        let mut kept = self.new_response(&survey, Kept::blank());
        kept.offered = true;
        kept.response.source = source;
        kept.fill_in(&survey, &hidden);
        self.keep_response(kept);
        Ok(())
    }

    /// A response to come, of which is known what it is about, and when it came up (0: now).
    fn new_response(&mut self, survey: &Definition, mut kept: Kept) -> Kept {
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

    fn keep_response(&mut self, kept: Kept) {
        let responses = &mut self.surveys.book.responses;
        if responses.len() >= RESPONSES_MAX {
            responses.remove(0);
        }
        responses.push(kept);
        self.remember_surveys();
    }

    fn remember_surveys(&mut self) {
        self.changed = true;
        let meta = StoreOp::MakeMeta(self.meta.clone());
        self.persist(false, vec![meta, self.surveys.remembered()]);
    }

    /// Changes a response, and tells the desk if it did: the journal and what is remembered are
    /// written in one transaction.
    fn change_response(&mut self, response_id: &str, change: Change<'_>) -> Result<(), Error> {
        let at = self.surveys.position(response_id)?;
        let now = self.now.wall_ms;
        let kept = &self.surveys.book.responses[at];
        if kept.closed || kept.expires_at <= now {
            return Err(NO_SURVEY);
        }
        let survey = self.surveys.of(kept).ok_or(NO_SURVEY)?;
        let before = self.surveys.book.write();
        change(&mut self.surveys.book.responses[at], &survey)?;
        let shown = self.surveys.book.responses[at].response.revision == 0;
        if !shown && self.surveys.book.write() == before {
            return Ok(());
        }
        let Book { clocks, responses } = &mut self.surveys.book;
        let kept = &mut responses[at];
        kept.response.revision += 1;
        kept.response.updated_at = now;
        if shown {
            clocks.shown(&survey, &kept.subject(), now);
        }
        if kept.is_answered() {
            clocks.answered(survey.id());
        }
        let (conv, response) = (kept.conv.clone(), kept.response.clone());
        let cmid = self.rng.uuid_v7(now);
        let newest = cmid.clone();
        let more = vec![self.surveys.remembered()];
        let command = Durable::Survey(Survey {
            conv,
            cmid,
            response,
        });
        let told = self.enqueue(vec![command], more);
        if told.is_err() {
            if let Ok(book) = Book::read(&before) {
                self.surveys.book = book;
            }
            return told;
        }
        self.drop_superseded(response_id, &newest);
        if shown {
            self.tell_survey("shown", response_id, "");
        }
        told
    }

    /// Earlier states of a response that never left the device say nothing that the newest does not.
    fn drop_superseded(&mut self, response_id: &str, newest: &str) {
        let mut gone = Vec::new();
        for slot in self.outbox.slots() {
            let entry = &slot.entry;
            if let Durable::Survey(survey) = &entry.command
                && survey.response.response_id == response_id
                && survey.cmid != newest
                && entry.local_seq > 0
                && slot.waits()
                && slot.in_flight.is_none()
            {
                gone.push((survey.cmid.clone(), entry.local_seq));
            }
        }
        // Whoever does not lead leaves the journal to the one that does.
        if self.leads() {
            for (cmid, local_seq) in gone {
                self.outbox.remove(&cmid);
                self.forget_entry(local_seq);
            }
        }
    }

    fn tell_survey(&mut self, what: &str, response_id: &str, detail: &str) {
        let mut survey_id = String::new();
        let mut rating = None;
        if let Ok(at) = self.surveys.position(response_id) {
            let response = &self.surveys.book.responses[at].response;
            survey_id.clone_from(&response.survey_id);
            rating = response.rating;
        }
        self.outputs.push_back(Output::Event(HostEvent::Survey {
            what: what.to_owned(),
            survey_id,
            response_id: response_id.to_owned(),
            detail: detail.to_owned(),
            rating,
        }));
    }

    /// Something happened: surveys that wait for it come up, and those that it cancels are taken back
    /// unless they were answered: of one conversation, or of all there is.
    fn survey_signal(
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
        let mut cancelled = Vec::new();
        for kept in &self.surveys.book.responses {
            if !kept.closed
                && !kept.response.finished
                && !kept.is_answered()
                && (conv.is_empty() || kept.conv == conv)
                && let Some(survey) = self.surveys.of(kept)
                && survey
                    .cancel_on()
                    .iter()
                    .any(|cancel| matches(cancel, &signal))
            {
                cancelled.push(kept.response.response_id.clone());
            }
        }
        for response_id in cancelled {
            self.withdraw(&response_id, "cancelled");
        }
        let mut at = 0;
        while let Some(survey) = self.surveys.definitions.get(at).cloned() {
            at += 1;
            let waits_for = |trigger: &Value| matches(trigger, &signal);
            if survey.triggers().iter().any(waits_for) {
                self.survey_comes_up(&survey, Kept::blank());
            }
        }
    }

    /// An article's reader said whether it helped: the event `article.feedback`.
    pub(super) fn survey_feedback(&mut self, article: &str, helpful: bool) {
        let article = Value::Text(article.to_owned().into());
        let properties = Value::Map(vec![
            ("article".into(), article),
            ("helpful".into(), Value::Bool(helpful)),
        ]);
        self.survey_signal("", "event", "article.feedback", 0, &properties);
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

    fn ineligible(&self, survey: &Definition, kept: &Kept) -> Option<&'static str> {
        let sampled = sampled(survey, &self.meta.client_id, &kept.conv);
        self.surveys
            .book
            .clocks
            .refuse(survey, &kept.subject(), sampled, self.now.wall_ms)
    }

    /// Takes an invitation back.
    fn withdraw(&mut self, response_id: &str, reason: &str) {
        if let Ok(at) = self.surveys.position(response_id) {
            self.surveys.book.responses[at].closed = true;
            self.tell_survey("suppressed", response_id, reason);
            self.remember_surveys();
        }
    }

    /// What a conversation's log says of surveys: invitations, answers from another device, and that
    /// the conversation came back.
    pub(super) fn surveys_of_log(&mut self, events: &[Event], live: bool) {
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
                EventBody::Survey(response) => {
                    if let Ok(at) = self.surveys.position(&response.response_id)
                        && self.surveys.book.responses[at].merge(response)
                    {
                        self.remember_surveys();
                    }
                }
                EventBody::State(Lifecycle::Reopened) => {
                    self.survey_signal(&event.conv, "conversationReopened", "", 0, &Value::Null);
                }
                _ => {}
            }
        }
    }

    /// The desk's definitions came. A bad one is told of and left out; the others count.
    pub(super) fn take_surveys(&mut self, set: SurveySet) {
        self.load_definitions(&set);
        let kept = StoreOp::Keep {
            name: DEFINITIONS.into(),
            value: set.write(),
        };
        self.persist(false, vec![kept]);
    }

    /// What was asked for before the definitions were there is asked now. One that the desk does not
    /// have either is told of.
    fn start_awaited(&mut self) {
        if let Some((survey_id, source, hidden)) = self.surveys.awaited.take()
            && self.start_survey(&survey_id, source, hidden).is_err()
        {
            self.tell_survey("suppressed", "", NO_SURVEY.code);
        }
    }

    fn load_definitions(&mut self, set: &SurveySet) {
        self.surveys.digest.clone_from(&set.digest);
        for definition in &set.definitions {
            match Definition::take(definition.clone()) {
                Ok(survey) => self.surveys.add(survey),
                Err(problem) => self.tell_survey("suppressed", "", &problem.to_text()),
            }
        }
    }

    /// What the device kept, at the start or as another tab has written it.
    pub(super) fn surveys_kept(&mut self, kept: &[(String, Value)]) {
        for (name, value) in kept {
            if name == DEFINITIONS {
                if let Ok(set) = SurveySet::read(value)
                    && set.digest != self.surveys.digest
                {
                    self.load_definitions(&set);
                }
            } else if let Ok(book) = Book::read(value) {
                let clocks = &mut self.surveys.book.clocks;
                clocks.merge(&book.clocks, self.now.wall_ms);
                for theirs in book.responses {
                    match self.surveys.position(&theirs.response.response_id) {
                        Ok(at) => self.surveys.book.responses[at].join(&theirs),
                        Err(_) => self.surveys.book.responses.push(theirs),
                    }
                }
                self.changed = true;
            }
        }
    }

    /// Ends what has expired, fires what a clock triggers, and offers what is due.
    pub(super) fn tend_surveys(&mut self) {
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
        for survey in &self.surveys.definitions {
            if let Some(seconds) = survey.next_dwell(page.dwelt)
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
        for survey in &self.surveys.definitions {
            let Some(minutes) = survey.silence_minutes() else {
                continue;
            };
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
    pub(super) fn survey_deadline(&self) -> Option<u64> {
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

    /// The surveys that are offered, or were answered and not put away yet; the oldest first.
    pub(super) fn survey_views(&self) -> Vec<SurveyView> {
        let mut views = Vec::new();
        for kept in &self.surveys.book.responses {
            if kept.offered
                && !kept.closed
                && let Some(survey) = self.surveys.of(kept)
            {
                let mut view = kept.view(&survey);
                view.tried = self.surveys.tried == view.response_id;
                for slot in self.outbox.slots() {
                    if let Durable::Survey(survey) = &slot.entry.command
                        && survey.response.response_id == view.response_id
                    {
                        view.waiting |= slot.waits();
                    }
                }
                views.push(view);
            }
        }
        views
    }
}
