//! Surveys: what starts one, when it is offered, what the visitor answers, what the desk is told.
//!
//! | Room | What |
//! |---|---|
//! | here | the definitions, what the device remembers, what a screen shows |
//! | [`offer`] | what starts a survey, and when it is shown |
//! | [`respond`] | what is answered, and how the desk hears of it |

mod offer;
mod respond;

use super::Engine;
use crate::error::Error;
use crate::input::SurveyAction;
use crate::output::{Durable, HostEvent, StoreOp};
use crate::plain;
use crate::plain::{Readable, Value, Writable};
use crate::protocol::survey::SurveySet;
use crate::survey::Definition;
use crate::survey::eligibility::Clocks;
use crate::survey::response::Kept;
use crate::survey::structure::{count, set};
use crate::view::SurveyView;
use offer::Page;
use std::rc::Rc;

const NO_SURVEY: Error = Error::new("no_survey", "there is no such survey, or it is over");

/// The names under which the device keeps the definitions, and the responses.
const DEFINITIONS: &str = "surveys";
const RESPONSES: &str = "responses";
/// Of the definitions that are kept, how many are earlier ones, by which something is being answered.
const PAST: &str = "past";

/// Everything about surveys.
#[derive(Clone, Debug, Default)]
pub(super) struct Surveys {
    /// The newest first.
    definitions: Vec<Held>,
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

/// A definition, and who asks by it.
#[derive(Clone, Debug)]
struct Held {
    survey: Rc<Definition>,
    origin: Origin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// The desk.
    Desk,
    /// The page, by itself.
    Page,
    /// Nobody any more: it is there for what is being answered.
    Past,
}

/// What the device remembers.
#[derive(Clone, Debug, Default)]
struct Book {
    clocks: Clocks,
    responses: Vec<Kept>,
}
plain!(struct Book { ; clocks, responses });

impl Surveys {
    /// The definition of that version; the newest of the survey where that is gone.
    fn find(&self, id: &str, version: u32) -> Option<Rc<Definition>> {
        let mut found = None;
        for Held { survey, origin } in self.definitions.iter().rev() {
            if survey.id() == id {
                if survey.version() == version {
                    return Some(Rc::clone(survey));
                }
                if *origin != Origin::Past {
                    found = Some(survey);
                }
            }
        }
        found.cloned()
    }

    fn of(&self, kept: &Kept) -> Option<Rc<Definition>> {
        self.find(&kept.response.survey_id, kept.response.survey_version)
    }

    /// Adds a definition, the newest of its survey.
    fn add(&mut self, survey: Definition, origin: Origin) {
        let mut at = 0;
        while at < self.definitions.len() {
            let old = &mut self.definitions[at];
            if old.survey.id() == survey.id() {
                if old.survey.version() == survey.version() {
                    self.definitions.remove(at);
                    continue;
                }
                old.origin = Origin::Past;
            }
            at += 1;
        }
        let survey = Rc::new(survey);
        self.definitions.insert(0, Held { survey, origin });
    }

    /// Lets go of earlier definitions by which nothing is being answered any more; these are left.
    fn keep_past(&mut self) -> Vec<Value> {
        let mut past = Vec::new();
        let responses = &self.book.responses;
        self.definitions.retain(|held| {
            if held.origin != Origin::Past {
                return true;
            }
            let asked = responses.iter().any(|kept| {
                kept.offered
                    && !kept.closed
                    && kept.response.survey_version == held.survey.version()
                    && kept.response.survey_id == held.survey.id()
            });
            if asked {
                past.push(held.survey.value().clone());
            }
            asked
        });
        past
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
            "define" => self.surveys.add(
                Definition::take(value).map_err(|problem| Error {
                    code: "survey_definition",
                    message: problem.to_text().into(),
                })?,
                Origin::Page,
            ),
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

    /// The desk's definitions came. A bad one is told of and left out; the others count. Earlier ones
    /// by which something is being answered are kept before them.
    pub(super) fn take_surveys(&mut self, mut surveys: SurveySet) {
        self.load_definitions(&surveys, 0);
        let mut past = self.surveys.keep_past();
        let earlier = (past.len() as u32).write();
        past.append(&mut surveys.definitions);
        surveys.definitions = past;
        let mut value = surveys.write();
        set(&mut value, PAST, earlier);
        let kept = StoreOp::Keep {
            name: DEFINITIONS.into(),
            value,
        };
        self.persist(false, vec![kept]);
    }

    /// What was shown and answered on the visitor's other devices. An offer that nobody has seen yet is
    /// thought over.
    pub(super) fn take_clocks(&mut self, marks: &Value) {
        if self.surveys.book.clocks.merge(marks, self.now.wall_ms) {
            for kept in &mut self.surveys.book.responses {
                kept.offered &= kept.response.revision > 0 || kept.response.source != "widget";
            }
            self.remember_surveys();
        }
    }

    /// The first so many are earlier ones.
    fn load_definitions(&mut self, surveys: &SurveySet, past: u32) {
        self.surveys.digest.clone_from(&surveys.digest);
        for held in &mut self.surveys.definitions {
            if held.origin == Origin::Desk {
                held.origin = Origin::Past;
            }
        }
        for (at, definition) in surveys.definitions.iter().enumerate() {
            let origin = if (at as u32) < past {
                Origin::Past
            } else {
                Origin::Desk
            };
            match Definition::take(definition.clone()) {
                Ok(survey) => self.surveys.add(survey, origin),
                Err(problem) => self.tell_survey("suppressed", "", &problem.to_text()),
            }
        }
    }

    /// What the device kept, at the start or as another tab has written it.
    pub(super) fn surveys_kept(&mut self, kept: &[(String, Value)]) {
        let (mut learned, mut behind) = (false, false);
        for (name, value) in kept {
            if name == DEFINITIONS {
                if let Ok(set) = SurveySet::read(value)
                    && set.digest != self.surveys.digest
                {
                    self.load_definitions(&set, count(value, PAST).unwrap_or(0));
                }
            } else if name == RESPONSES
                && let Ok(book) = Book::read(value)
            {
                let clocks = &mut self.surveys.book.clocks;
                clocks.merge(&book.clocks.marks, self.now.wall_ms);
                let standing = |kept: &Kept| kept.response.revision * 2 + u32::from(kept.closed);
                let written = book.responses.len();
                for theirs in book.responses {
                    match self.surveys.position(&theirs.response.response_id) {
                        Ok(at) => {
                            let ours = &mut self.surveys.book.responses[at];
                            let before = standing(ours);
                            ours.join(&theirs);
                            learned |= standing(ours) != before;
                            behind |= standing(ours) != standing(&theirs);
                        }
                        Err(_) => {
                            self.surveys.book.responses.push(theirs);
                            learned = true;
                        }
                    }
                }
                behind |= self.surveys.book.responses.len() > written;
                self.changed = true;
            }
        }
        // The book is one record: another tab has written over what this one had, or this one is about to
        // write over what it has just learned.
        let keeps = |op: &StoreOp| matches!(op, StoreOp::Keep { name, .. } if name == RESPONSES);
        let pending = self.store.pending().any(keeps);
        if pending && learned || !pending && behind {
            self.remember_surveys();
        }
    }

    fn remember_surveys(&mut self) {
        self.changed = true;
        let meta = StoreOp::MakeMeta(self.meta.clone());
        self.persist(false, vec![meta, self.surveys.remembered()]);
    }

    fn tell_survey(&mut self, what: &str, response_id: &str, detail: &str) {
        let mut survey_id = String::new();
        let mut rating = None;
        if let Ok(at) = self.surveys.position(response_id) {
            let response = &self.surveys.book.responses[at].response;
            survey_id.clone_from(&response.survey_id);
            rating = response.rating;
        }
        self.tell_page(HostEvent::Survey {
            what: what.to_owned(),
            survey_id,
            response_id: response_id.to_owned(),
            detail: detail.to_owned(),
            rating,
        });
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
