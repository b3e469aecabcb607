//! What is answered, and how the desk hears of it.

use super::{Book, NO_SURVEY};
use crate::engine::Engine;
use crate::error::Error;
use crate::limits::SURVEY_BUSY_MS;
use crate::outbox::Slot;
use crate::output::Durable;
use crate::plain::{Readable, Value, Writable};
use crate::planted::{self, Bug};
use crate::protocol::command::Survey;
use crate::survey::Definition;
use crate::survey::response::Kept;
use crate::view::Connection;

const NO_ACT: Error = Error::new("survey_act", "there is no such act");

/// How a response is changed.
type Change<'c> = &'c mut dyn FnMut(&mut Kept, &Definition) -> Result<(), Error>;

impl Engine {
    pub(super) fn respond(
        &mut self,
        act: &str,
        id: &str,
        element: &str,
        value: Value,
    ) -> Result<(), Error> {
        let mono_ms = self.now.mono_ms;
        let spent_ms = mono_ms
            .saturating_sub(self.surveys.asked_at_ms)
            .min(SURVEY_BUSY_MS);
        let mut what = "";
        let result = self.change_response(id, &mut |kept, survey| {
            match act {
                "seen" => {}
                "answer" => {
                    kept.answer(survey, element, &value, spent_ms)?;
                    what = "answered";
                }
                "next" => {
                    kept.next(survey)?;
                    if kept.response.finished {
                        what = "completed";
                    }
                }
                "back" => kept.back(survey),
                "edit" => kept.edit(survey)?,
                "dismiss" => {
                    kept.dismiss();
                    if kept.response.dismissed {
                        what = "dismissed";
                    }
                }
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
        if !what.is_empty() {
            self.tell_survey(what, id, element);
        }
        Ok(())
    }

    /// The page asks by itself: no clock and no sampling says no to that. A response that was begun
    /// is gone on with.
    pub(super) fn start_survey(
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

    /// What was asked for before the definitions were there is asked now. One that the desk does not
    /// have either is told of.
    pub(super) fn start_awaited(&mut self) {
        if let Some((survey_id, source, hidden)) = self.surveys.awaited.take()
            && self.start_survey(&survey_id, source, hidden).is_err()
        {
            self.tell_survey("suppressed", "", NO_SURVEY.code);
        }
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
        let mut commands = vec![Durable::Survey(Survey {
            conv,
            cmid,
            response,
        })];
        if planted::is(Bug::AnswerNotQueued) {
            commands.clear();
        }
        let told = self.enqueue(commands, vec![self.surveys.remembered()]);
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
        let superseded = |slot: &Slot| {
            matches!(&slot.entry.command, Durable::Survey(survey)
                if survey.response.response_id == response_id && survey.cmid != newest)
                && slot.entry.local_seq > 0
                && slot.acked.is_none()
                && slot.in_flight.is_none()
        };
        // Whoever does not lead leaves the journal to the one that does.
        while self.leads()
            && let Some(cmid) = self.outbox.first(&superseded)
        {
            self.drop_entry(&cmid);
        }
    }
}
