//! Asking how it went: which invitation of a conversation stands, and what was answered to it.

use crate::list::Gather;
use crate::protocol::event::{Event, EventBody, Invitation, Lifecycle, SurveyResponse};

/// An invitation and the newest answer to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing<'a> {
    /// What is asked.
    pub invitation: &'a Invitation,
    /// The newest answer; the highest revision wins.
    pub response: Option<&'a SurveyResponse>,
}

/// The invitation that stands in a log: the newest one, unless the conversation was reopened since
/// and nothing had been answered. `waiting` are answers that the desk has not acknowledged.
pub fn standing<'a>(
    log: impl DoubleEndedIterator<Item = &'a Event>,
    waiting: impl Iterator<Item = &'a SurveyResponse>,
) -> Option<Standing<'a>> {
    let mut reopened = false;
    let mut answers: Vec<&SurveyResponse> = waiting.listed();
    for event in log.rev() {
        match &event.body {
            EventBody::State(Lifecycle::Reopened) => reopened = true,
            EventBody::Survey(response) => answers.push(response),
            EventBody::Invitation(invitation) => {
                let response = answers
                    .into_iter()
                    .filter(|answer| answer.response_id == invitation.response_id)
                    .max_by_key(|answer| answer.revision);
                let cancelled = reopened && response.is_none();
                return (!cancelled).then_some(Standing {
                    invitation,
                    response,
                });
            }
            _ => {}
        }
    }
    None
}
