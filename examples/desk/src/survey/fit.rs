//! Whether a response is one to its survey: a device may send anything.

use super::Site;
use crate::limits::Limits;
use crate::refusal::Refusal;
use deskside::plain::Value;
use deskside::protocol::survey::SurveyResponse;
use deskside::survey::answer;

/// Refuses what no survey of the site could have been answered with.
pub fn check(site: &Site, response: &SurveyResponse, limits: &Limits) -> Result<(), Refusal> {
    let Some(saved) = site.find(&response.survey_id, response.survey_version) else {
        return Err(Refusal::invalid(format!(
            "this site has no survey {:?}",
            response.survey_id
        )));
    };
    let survey = &saved.definition;
    let bytes = serde_json::to_vec(response).map_or(0, |body| body.len());
    if bytes > limits.frame_bytes_max as usize {
        return Err(Refusal::too_large(format!(
            "the response has {bytes} bytes; at most {} are taken",
            limits.frame_bytes_max
        )));
    }
    if response.steps as usize > survey.blocks().len() {
        return Err(Refusal::invalid("steps is more than the survey has"));
    }
    if let Value::Map(answers) = &response.data {
        for (id, value) in answers {
            let Some(element) = survey.element(id) else {
                return Err(Refusal::invalid(format!(
                    "data.{id} is no question of the survey"
                )));
            };
            if !answer::fits(element, &response.data, value) {
                return Err(Refusal::invalid(format!(
                    "data.{id} is no answer to that question"
                )));
            }
        }
    }
    let points = survey.rating().and_then(answer::points);
    if let (Some(rating), Some((low, high))) = (response.rating, points)
        && !(low..=high).contains(&u32::from(rating))
    {
        return Err(Refusal::invalid(format!(
            "rating is {rating}; the scale goes from {low} to {high}"
        )));
    }
    Ok(())
}

/// Whether anything was answered.
pub fn is_answered(response: &SurveyResponse) -> bool {
    let data = matches!(&response.data, Value::Map(answers) if !answers.is_empty());
    data || response.rating.is_some() || response.comment.is_some()
}
