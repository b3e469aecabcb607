//! Who is asked, and how often: clocks, counts and sampling.
//!
//! There are two clocks. Each survey has its own (`recontactDays`), and there is one for all of them
//! (`globalCooldownDays`). A survey that names no global cooldown neither heeds that clock nor starts
//! it: a question after every conversation cannot starve the one that is asked each quarter.

use super::definition::Definition;
use super::structure::{at, count, flag, word};
use crate::plain;

const DAY_MS: u64 = 86_400_000;
/// Surveys and subjects that are remembered; the oldest is forgotten first.
const MARKS_MAX: usize = 400;

/// When something was last shown, and how often.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    /// A survey's id; a subject as in `csat/conversation/2`; empty for all surveys that heed the global
    /// clock.
    pub name: String,
    /// When. Milliseconds since 1970, UTC.
    pub at: u64,
    /// How often.
    pub shown: u32,
    /// Whether it was ever answered.
    pub answered: bool,
}
plain!(struct Mark { name, at, shown; answered });

/// What is remembered of all surveys.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clocks {
    /// The oldest first.
    pub marks: Vec<Mark>,
}
plain!(struct Clocks { ; marks });

impl Clocks {
    /// Why a survey is not shown now; `None` where it may be. `sampled` is whether chance took it.
    pub fn refuse(
        &self,
        survey: &Definition,
        subject: &str,
        sampled: bool,
        now: u64,
    ) -> Option<&'static str> {
        let display = survey.display();
        let per_subject = flag(display, "perSubject") && !subject.is_empty();
        if !sampled {
            return Some("sampled_out");
        }
        if per_subject && self.mark(subject).is_some() {
            return Some("subject_done");
        }
        let within = |mark: Option<&Mark>, days: &str| {
            let days = u64::from(count(display, days).unwrap_or(0)) * DAY_MS;
            mark.is_some_and(|mark| now.saturating_sub(mark.at) < days)
        };
        if within(self.mark(""), "globalCooldownDays") {
            return Some("global_cooldown");
        }
        let mark = self.mark(survey.id());
        if within(mark, "recontactDays") {
            return Some("recontact");
        }
        let mark = mark?;
        // Of a subject it is asked once; how often in all is then for `respondMultiple` to say.
        match word(display, "displayOption") {
            "respondMultiple" => None,
            "displayMultiple" | "displaySome" if mark.answered => Some("answered"),
            "displayMultiple" => None,
            "displaySome" => (mark.shown >= count(display, "displayLimit").unwrap_or(1))
                .then_some("display_limit"),
            _ => (!per_subject).then_some("display_once"),
        }
    }

    fn mark(&self, name: &str) -> Option<&Mark> {
        self.marks.iter().find(|mark| mark.name == name)
    }

    fn mark_mut(&mut self, name: &str) -> &mut Mark {
        let at = self
            .marks
            .iter()
            .position(|mark| mark.name == name)
            .unwrap_or_else(|| {
                if self.marks.len() >= MARKS_MAX {
                    self.marks.remove(0);
                }
                self.marks.push(Mark {
                    name: name.to_owned(),
                    ..Mark::default()
                });
                self.marks.len() - 1
            });
        &mut self.marks[at]
    }

    /// Notes that a survey is shown.
    pub fn shown(&mut self, survey: &Definition, subject: &str, now: u64) {
        let mut note = |name: &str| {
            let mark = self.mark_mut(name);
            mark.shown = mark.shown.saturating_add(1);
            mark.at = now;
        };
        note(survey.id());
        if at(survey.display(), "globalCooldownDays").is_some() {
            note("");
        }
        if !subject.is_empty() {
            note(subject);
        }
    }

    /// Notes that a survey was answered.
    pub fn answered(&mut self, survey_id: &str) {
        self.mark_mut(survey_id).answered = true;
    }

    /// Takes in what the device kept, or another tab has noted. A mark in the future was made by a
    /// clock that was wrong; it counts as made now.
    pub fn merge(&mut self, other: Clocks, now: u64) {
        for theirs in other.marks {
            let ours = self.mark_mut(&theirs.name);
            ours.at = ours.at.max(theirs.at.min(now));
            ours.shown = ours.shown.max(theirs.shown);
            ours.answered |= theirs.answered;
        }
    }
}

/// Whether chance takes this visitor (or conversation) for this survey: the same each time, because it
/// is no dice but a hash of both. Independent between surveys.
pub fn sampled(survey: &Definition, visitor: &str, conv: &str) -> bool {
    let Some(percentage) = count(survey.display(), "displayPercentage") else {
        return true;
    };
    let key = match word(survey.display(), "samplingKey") {
        "conversation" if !conv.is_empty() => conv,
        _ => visitor,
    };
    share_of(survey.id(), key) < u64::from(percentage) * 100
}

/// A number from 0 to 9,999 for a survey and a visitor: FNV-1a, mixed as in SplitMix64, since FNV
/// alone leaves its low bits uneven.
fn share_of(survey_id: &str, key: &str) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in survey_id.bytes().chain([0]).chain(key.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (hash ^ (hash >> 31)) % 10_000
}
