//! What the desk refuses for good that is no message: the page is told of it, and what the visitor did
//! waits to be done again or given up.

use crate::ledger::{End, number_of};
use crate::run::Run;
use crate::said::said_by;
use crate::tab::Tab;
use crate::world::desk::Desk;
use deskside::output::{Durable, Entry};
use deskside::protocol::command::{ClientFrame, Command};
use deskside::protocol::error_code;
use deskside::protocol::event::Lifecycle;
use deskside::view::{Refused, View};

/// What the desk will refuse for good, when it comes.
#[derive(Clone, Copy, Debug, Default)]
pub struct WillRefuse {
    /// The next that is said and that it has not seen, with this code.
    pub said: Option<&'static str>,
    /// The next that is done and says nothing to anybody: an end, an answer to a survey, a word about an article.
    pub deed: Option<&'static str>,
    pub open: bool,
    pub file: bool,
}

impl Run {
    /// Chooses what is refused.
    pub fn choose_refused(&mut self, frame: &ClientFrame) {
        let desk = &self.desk;
        let begun = |conv: &str| desk.logs.iter().any(|log| log.conv == conv);
        let will = &mut self.will_refuse;
        let refused = match &frame.command {
            Command::Send(send) if !has_event(desk, &send.cmid) => (&send.cmid, will.said.take()),
            Command::Handoff(handoff) if !has_event(desk, &handoff.cmid) => {
                (&handoff.cmid, will.said.take())
            }
            Command::Survey(survey) if !has_event(desk, &survey.cmid) => {
                (&survey.cmid, will.deed.take())
            }
            Command::Feedback(feedback) if !has_feedback(desk, &feedback.cmid) => {
                (&feedback.cmid, will.deed.take())
            }
            Command::Close(close) if !has_event(desk, &close.cmid) => {
                (&close.cmid, will.deed.take())
            }
            Command::Open(open) if !begun(&open.conv) => {
                let too_many = std::mem::take(&mut will.open);
                (&open.cmid, too_many.then_some(error_code::TOO_MANY))
            }
            Command::UploadBegin(begin) if desk.upload(&begin.file.upload_id).is_none() => {
                let unwanted = std::mem::take(&mut will.file);
                let id = &begin.file.upload_id;
                (id, unwanted.then_some(error_code::FILE_REFUSED))
            }
            _ => return,
        };
        if let (id, Some(code)) = refused {
            let id = id.clone();
            self.desk.refused.push((id, code));
        }
    }

    /// What a tab shows anew as refused by what the desk has just said, it has told its page of.
    pub fn look_at_refused(&mut self, tab: usize, view: &View, answered: bool) {
        let keys = view.refused.iter().map(|refused| refused.key.clone());
        let keys: Vec<String> = keys.collect();
        let Tab {
            refused,
            told_refused,
            ..
        } = &mut self.tabs[tab];
        let known = std::mem::replace(refused, keys);
        let told = std::mem::take(told_refused);
        let new = view.refused.iter().filter(|one| !known.contains(&one.key));
        let new: Vec<&Refused> = new.collect();
        let journal = &self.devices[self.tabs[tab].device].stored.journal;
        for entry in journal.iter().filter(|_| !new.is_empty()) {
            let named = new.iter().any(|one| one.key == entry.command.cmid());
            let word = said_by(&entry.command).and_then(|said| self.ledger.word(said));
            if let Some(word) = word.filter(|_| named) {
                word.failed = true;
            }
        }
        if answered && new.len() > told {
            self.fail(|| format!("t{tab} has parked [{new:?}], and told its page of {told}"));
        }
    }

    /// One of those that were refused for good, and its number if it says something.
    pub fn refused(&self, tab: usize, pick: u32, view: &View) -> Option<(String, Option<usize>)> {
        let refused = view
            .refused
            .get(pick as usize % view.refused.len().max(1))?;
        let mut journal = self.devices[self.tabs[tab].device].stored.journal.iter();
        let entry = journal.find(|entry| entry.command.cmid() == refused.key)?;
        let number = said_by(&entry.command).and_then(number_of);
        Some((refused.key.clone(), number))
    }

    /// What has no words is given up: nothing need come of it.
    pub fn gives_up(&mut self, tab: usize, key: &str) {
        let device = self.tabs[tab].device;
        let mut journal = self.devices[device].stored.journal.iter();
        match journal.find(|entry| entry.command.cmid() == key) {
            Some(Entry {
                command: Durable::Survey(survey),
                ..
            }) => {
                let id = survey.response.response_id.clone();
                self.ledger.rates(&id, tab, true, |_| true);
            }
            Some(Entry {
                command: Durable::Close(close),
                ..
            }) => {
                let conv = close.conv.clone();
                self.forget_end(&conv);
            }
            _ => {}
        }
    }

    /// An end that was written down.
    pub fn note_end(&mut self, device: usize, conv: String) {
        self.ledger.ends.push(End { device, conv });
    }

    /// What is not there, or not any more, has no end to come.
    pub fn forget_end(&mut self, conv: &str) {
        self.ledger.ends.retain(|end| end.conv != conv);
    }

    /// What the visitor ended has ended, or the end waits for the visitor.
    pub fn judge_ends(&mut self) {
        for End { device: at, conv } in self.ledger.ends.clone() {
            let device = &self.devices[at];
            if device.damaged || device.troubled || device.revoked || self.desk.epochs > 0 {
                continue;
            }
            let ends = |entry: &Entry| matches!(&entry.command, Durable::Close(close) if close.conv == conv);
            let mut logs = self.desk.logs.iter();
            let log = logs.find(|log| log.conv == conv);
            let ended = log.is_none_or(|log| log.state == Lifecycle::Closed);
            if !ended && !device.stored.journal.iter().any(ends) {
                return self.fail(|| format!("{conv}, which device {at} ended, goes on"));
            }
        }
    }

    /// Whether an answer to a survey waits on some device for its visitor to decide upon.
    pub fn parks_answer(&self, response_id: &str) -> bool {
        let of_it = |entry: &Entry| {
            entry.failed.is_some()
                && matches!(&entry.command, Durable::Survey(survey) if survey.response.response_id == response_id)
        };
        let mut devices = self.devices.iter();
        devices.any(|device| device.stored.journal.iter().any(of_it))
    }
}

/// Whether some log has what a command of this id made.
pub fn has_event(desk: &Desk, cmid: &str) -> bool {
    let mut events = desk.logs.iter().flat_map(|log| &log.events);
    events.any(|event| event.cmid.as_deref() == Some(cmid))
}

fn has_feedback(desk: &Desk, cmid: &str) -> bool {
    desk.feedback.iter().any(|(known, ..)| known == cmid)
}
