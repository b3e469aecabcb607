//! A response on its way: from the invitation over each answer to its end.

use super::answer::{self, fits, is_asked, is_given, lacking};
use super::definition::Definition;
use super::logic::{Place, Way, follow};
use super::structure::{at, flag, list, position, set, text_of, whole, word};
use crate::error::Error;
use crate::limits::COMMENT_CHARS_MAX;
use crate::plain;
use crate::plain::Value;
use crate::plain::decimal;
use crate::protocol::event::Participant;
use crate::protocol::survey::SurveyResponse;
use crate::view::{Question, SurveyView};

const FINISHED: Error = Error::new("survey_finished", "this survey has been answered");
const NO_ELEMENT: Error = Error::new("survey_element", "this question is not asked now");
const NO_ANSWER: Error = Error::new("survey_answer", "this is no answer to that question");
const LACKING: Error = Error::new("survey_incomplete", "an answer is missing, or does not fit");
const NO_EDIT: Error = Error::new("survey_edit", "answers to this survey cannot be changed");

/// A response and what only this device needs to know of it.
#[derive(Clone, Debug)]
pub struct Kept {
    /// As it goes to the desk. Revision 0: not shown yet.
    pub response: SurveyResponse,
    /// The conversation that it is about; empty where it is about none.
    pub conv: String,
    /// How often that had been resolved.
    pub cycle: u32,
    /// Who is rated, frozen when it was asked for.
    pub agent: Option<Participant>,
    /// When it may be offered. Milliseconds since 1970, UTC; this and the next.
    pub due_at: u64,
    /// Until when it may be answered.
    pub expires_at: u64,
    /// Whether it was found eligible, and waits for the visitor.
    pub offered: bool,
    /// Whether it is over for this visitor: waved away, suppressed, taken back.
    pub closed: bool,
}
plain!(struct Kept { response; conv, cycle, agent, due_at, expires_at, offered, closed });

impl Kept {
    /// Whether it can still be answered.
    pub fn is_open(&self) -> bool {
        self.offered && !self.closed && !self.response.finished
    }

    /// Whether anything was answered.
    pub fn is_answered(&self) -> bool {
        matches!(&self.response.data, Value::Map(answers) if !answers.is_empty())
    }

    /// What is asked about, as one text; empty where it is about nothing that ends.
    pub fn subject(&self) -> String {
        if self.conv.is_empty() {
            return String::new();
        }
        [
            &self.response.survey_id,
            "/",
            &self.conv,
            "/",
            &decimal(self.cycle),
        ]
        .concat()
    }

    /// Where it stands.
    pub fn way(&self, survey: &Definition) -> Way {
        let response = &self.response;
        follow(
            survey,
            &response.data,
            &response.hidden,
            response.steps as usize,
        )
    }

    /// The elements of the block that is asked now.
    fn asked<'d>(&self, survey: &'d Definition, way: &Way) -> &'d [Value] {
        match way.place {
            Place::Block(block) => list(&survey.blocks()[block], "elements"),
            Place::End(_) => &[],
        }
    }

    /// Takes an answer as it is given; null takes it back.
    ///
    /// # Errors
    /// `survey_finished`, `survey_element`, `survey_answer`.
    pub fn answer(
        &mut self,
        survey: &Definition,
        element_id: &str,
        value: &Value,
        spent_ms: u64,
    ) -> Result<(), Error> {
        if self.response.finished {
            return Err(FINISHED);
        }
        let way = self.way(survey);
        let asked = self.asked(survey, &way);
        let element = &asked[position(asked, element_id).ok_or(NO_ELEMENT)?];
        if *value != Value::Null && !fits(element, &self.response.data, value) {
            return Err(NO_ANSWER);
        }
        set(&mut self.response.data, element_id, value.clone());
        let spent = at(&self.response.ttc, element_id)
            .and_then(whole)
            .unwrap_or(0);
        let spent = u64::from(spent) + spent_ms;
        set(
            &mut self.response.ttc,
            element_id,
            Value::Number(spent as f64),
        );
        self.drop_strayed(asked);
        self.summarise(survey, &way);
        Ok(())
    }

    /// Tags of another rating than the one that stands now are answers to nothing.
    fn drop_strayed(&mut self, asked: &[Value]) {
        for element in asked {
            let id = word(element, "id");
            if word(element, "type") == "tags"
                && let Some(value) = at(&self.response.data, id)
                && !fits(element, &self.response.data, value)
            {
                set(&mut self.response.data, id, Value::Null);
            }
        }
    }

    /// The first rating, the first words, and the variables, for whoever reads no definitions.
    fn summarise(&mut self, survey: &Definition, way: &Way) {
        let response = &mut self.response;
        if let Some(rating) = survey.rating() {
            response.rating = at(&response.data, word(rating, "id"))
                .and_then(whole)
                .map(|n| n as u8);
            response.scale = answer::points(rating).map_or(0, |(_, high)| high as u8);
        }
        let said = |element: &Value| at(&response.data, word(element, "id")).and_then(text_of);
        let words = survey
            .first(&|element| word(element, "type") == "openText" && said(element).is_some())
            .and_then(said);
        response.comment = words.map(|text| text.chars().take(COMMENT_CHARS_MAX).collect());
        response.variables = way.variables.clone();
    }

    /// Submits the block that is asked, if nothing is lacking.
    ///
    /// # Errors
    /// `survey_finished`, `survey_incomplete`.
    pub fn next(&mut self, survey: &Definition) -> Result<(), Error> {
        if self.response.finished {
            return Err(FINISHED);
        }
        let way = self.way(survey);
        for element in self.asked(survey, &way) {
            if lacking(element, &self.response.data, requires(&way, element)).is_some() {
                return Err(LACKING);
            }
        }
        self.response.steps = way.trail.len() as u32 + 1;
        let way = self.way(survey);
        if let Place::End(ending) = &way.place {
            self.response.finished = true;
            self.response.ending_id.clone_from(ending);
            self.keep_only(survey, &way);
        }
        self.summarise(survey, &way);
        Ok(())
    }

    /// Answers on a branch that was left again are not part of the response.
    fn keep_only(&mut self, survey: &Definition, way: &Way) {
        let mut kept = Value::Map(Vec::new());
        for block in &way.trail {
            for element in survey.elements_of(*block) {
                let id = word(element, "id");
                if let Some(value) = at(&self.response.data, id)
                    && is_given(Some(value))
                {
                    set(&mut kept, id, value.clone());
                }
            }
        }
        self.response.data = kept;
    }

    /// Goes back to the block before.
    pub fn back(&mut self, survey: &Definition) {
        let steps = self.way(survey).trail.len() as u32;
        if !self.response.finished {
            self.response.steps = steps.saturating_sub(1);
        }
    }

    /// Opens a finished response again, at its start and with its answers.
    ///
    /// # Errors
    /// `survey_edit`.
    pub fn edit(&mut self, survey: &Definition) -> Result<(), Error> {
        if !survey.allows_edit() {
            return Err(NO_EDIT);
        }
        self.response.finished = false;
        self.response.ending_id = None;
        self.response.steps = 0;
        self.closed = false;
        Ok(())
    }

    /// Waves it away, or puts a finished one away.
    pub fn dismiss(&mut self) {
        self.closed = true;
        self.response.dismissed |= !self.response.finished;
    }

    /// Fills in the fields that the page may; others are left out.
    pub fn fill_in(&mut self, survey: &Definition, hidden: &Value) {
        if let Value::Map(fields) = hidden {
            for (name, value) in fields {
                if survey.has_hidden_field(name) {
                    set(&mut self.response.hidden, name, value.clone());
                }
            }
        }
    }

    /// Takes in what another tab has of this response. That it was taken back unanswered there counts
    /// for nothing where it was answered here.
    pub fn join(&mut self, other: &Self) {
        if self.response.revision <= other.response.revision {
            let newer = self.merge(&other.response);
            self.closed = other.closed || self.closed && !newer;
        }
        self.offered |= other.offered;
    }

    /// Takes in a state of this response that came from elsewhere, where it is newer.
    pub fn merge(&mut self, other: &SurveyResponse) -> bool {
        let newer = other.revision > self.response.revision;
        if newer {
            self.response = other.clone();
            // What was offered and then taken back was answered elsewhere before.
            self.closed = other.dismissed || self.closed && !self.offered;
            self.offered = true;
        }
        newer
    }

    /// How it is drawn.
    pub fn view(&self, survey: &Definition) -> SurveyView {
        let response = &self.response;
        let way = self.way(survey);
        let done = way.trail.len() as u32;
        let mut view = SurveyView {
            response_id: response.response_id.clone(),
            survey_id: response.survey_id.clone(),
            source: response.source.clone(),
            conv: (!self.conv.is_empty()).then(|| self.conv.clone()),
            agent: self.agent.clone(),
            language: response.language.clone(),
            questions: Vec::new(),
            tried: false,
            step: done,
            steps: done,
            finished: response.finished,
            ending: Value::Null,
            editable: response.finished && survey.allows_edit(),
            rating: response.rating,
            waiting: false,
        };
        if response.finished {
            let ending = survey.ending_in(response.ending_id.as_deref(), &response.language);
            view.ending = ending.unwrap_or_default();
        } else if let Place::Block(block) = way.place {
            view.questions = self.questions(survey, &way);
            view.step += 1;
            view.steps += survey.longest_way(block);
        }
        view
    }

    /// What is asked now, to be drawn: the question in the response's language, its answer so far,
    /// whether it must be answered, and what is lacking.
    fn questions(&self, survey: &Definition, way: &Way) -> Vec<Question> {
        let data = &self.response.data;
        let mut questions = Vec::new();
        for element in self.asked(survey, way) {
            if !is_asked(element, data) {
                continue;
            }
            let required = requires(way, element) || flag(element, "required");
            let mut shown =
                survey.element_in(element, &self.response.language, &self.response.response_id);
            // Of tags, only those of the rating that was given.
            if word(element, "type") == "tags" {
                let choices = Value::List(answer::choices(&shown, data).to_vec());
                set(&mut shown, "sets", Value::Null);
                set(&mut shown, "choices", choices);
            }
            questions.push(Question {
                element: shown,
                value: at(data, word(element, "id"))
                    .cloned()
                    .unwrap_or(Value::Null),
                required,
                problem: lacking(element, data, required).map(String::from),
            });
        }
        questions
    }
}

fn requires(way: &Way, element: &Value) -> bool {
    way.required.iter().any(|id| *id == word(element, "id"))
}
