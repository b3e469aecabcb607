//! Who is asked, and how often: clocks, counts and sampling.
//!
//! There are two clocks. Each survey has its own (`recontactDays`), and there is one for all of them
//! (`globalCooldownDays`). A survey that names no global cooldown neither heeds that clock nor starts
//! it: a question after every conversation cannot starve the one that is asked each quarter.

use super::definition::Definition;
use super::structure::{at, count, flag, set, word};
use crate::plain;
use crate::plain::{Readable, Value, Writable};

const DAY_MS: u64 = 86_400_000;
/// Surveys and subjects that are remembered; the oldest is forgotten first.
const MARKS_MAX: usize = 400;

/// When it was last shown (milliseconds since 1970, UTC), how often, and whether it was ever answered
/// (1, or 0). All three only grow.
type Mark = [u64; 3];

/// What is remembered of all surveys.
#[derive(Clone, Debug, Default)]
pub struct Clocks {
    /// A mark by a survey's id; by a subject as in `csat/conversation/2`; by nothing for all surveys that
    /// heed the global clock. The oldest first.
    pub marks: Value,
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
        let within = |mark: Option<Mark>, days: &str| {
            let days = u64::from(count(display, days).unwrap_or(0)) * DAY_MS;
            mark.is_some_and(|[at, ..]| now.saturating_sub(at) < days)
        };
        if within(self.mark(""), "globalCooldownDays") {
            return Some("global_cooldown");
        }
        let mark = self.mark(survey.id());
        if within(mark, "recontactDays") {
            return Some("recontact");
        }
        let [_, shown, answered] = mark?;
        // Of a subject it is asked once; how often in all is then for `respondMultiple` to say.
        match word(display, "displayOption") {
            "respondMultiple" => None,
            "displayMultiple" | "displaySome" if answered > 0 => Some("answered"),
            "displayMultiple" => None,
            "displaySome" => (shown >= u64::from(count(display, "displayLimit").unwrap_or(1)))
                .then_some("display_limit"),
            _ => (!per_subject).then_some("display_once"),
        }
    }

    fn mark(&self, name: &str) -> Option<Mark> {
        at(&self.marks, name).map(mark_of)
    }

    fn put(&mut self, name: &str, mark: Mark) {
        if let Value::Map(marks) = &mut self.marks
            && marks.len() >= MARKS_MAX
            && !marks.iter().any(|(known, _)| known == name)
        {
            marks.remove(0);
        }
        let numbers = vec![mark[0].write(), mark[1].write(), mark[2].write()];
        set(&mut self.marks, name, Value::List(numbers));
    }

    /// Notes that a survey is shown.
    pub fn shown(&mut self, survey: &Definition, subject: &str, now: u64) {
        let mut note = |name: &str| {
            let [_, shown, answered] = self.mark(name).unwrap_or_default();
            self.put(name, [now, shown + 1, answered]);
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
        let [at, shown, _] = self.mark(survey_id).unwrap_or_default();
        self.put(survey_id, [at, shown, 1]);
    }

    /// Takes in the marks that the device kept, another tab has noted, or the desk has of the visitor's
    /// other devices; whether that said anything new. A mark in the future was made by a clock that was
    /// wrong; it counts as made now.
    pub fn merge(&mut self, marks: &Value, now: u64) -> bool {
        let mut new = false;
        if let Value::Map(marks) = marks {
            for (name, theirs) in marks {
                let ours = self.mark(name);
                let mut mark = mark_of(theirs);
                mark[0] = mark[0].min(now);
                for (mark, ours) in mark.iter_mut().zip(ours.unwrap_or_default()) {
                    *mark = ours.max(*mark);
                }
                if ours != Some(mark) {
                    new = true;
                    self.put(name, mark);
                }
            }
        }
        new
    }
}

fn mark_of(value: &Value) -> Mark {
    let mut mark = Mark::default();
    if let Value::List(numbers) = value {
        for (number, value) in mark.iter_mut().zip(numbers) {
            // What is no number counts as 0.
            let _ = number.fill(value);
        }
    }
    mark
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
