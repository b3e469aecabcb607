//! What may come in a command's fields, checked before anything else is done with it.

use crate::limits::{ARTICLES_MAX, ID_BYTES_MAX, Limits, PAGE_BYTES_MAX, QUERY_BYTES_MAX};
use crate::refusal::Refusal;
use deskside::protocol::command::{Feedback, Handoff, Open, Survey};
use deskside::protocol::event::Note;

/// An id that a client made: a UUID in its one written form, or two forms would be two ids.
pub fn uuid(field: &str, value: &str) -> Result<(), Refusal> {
    let is_written_form = value.len() == 36
        && value.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        });
    match is_written_form {
        true => Ok(()),
        false => Err(Refusal::invalid(format!(
            "{field} is not a UUID in lower case with hyphens"
        ))),
    }
}

/// An id that is not a UUID.
pub fn id(field: &str, value: &str) -> Result<(), Refusal> {
    match value.len() {
        0 => Err(Refusal::invalid(format!("{field} is empty"))),
        1..=ID_BYTES_MAX => Ok(()),
        _ => Err(Refusal::invalid(format!(
            "{field} is longer than {ID_BYTES_MAX} bytes"
        ))),
    }
}

/// A new conversation. A page is kept without its query and fragment, where secrets may be.
pub fn open(mut open: Open) -> Result<Open, Refusal> {
    uuid("conv", &open.conv)?;
    uuid("cmid", &open.cmid)?;
    if let Some(end) = open.page.find(['?', '#']) {
        open.page.truncate(end);
    }
    cut(&mut open.page, PAGE_BYTES_MAX);
    Ok(open)
}

/// A hand-off; what it tells is cut where it is too much.
pub fn handoff(mut handoff: Handoff) -> Result<Handoff, Refusal> {
    uuid("conv", &handoff.conv)?;
    uuid("cmid", &handoff.cmid)?;
    let context = &mut handoff.context;
    cut(&mut context.reason, ID_BYTES_MAX);
    cut(&mut context.query, QUERY_BYTES_MAX);
    let too_many = context.articles.len().saturating_sub(ARTICLES_MAX);
    context.articles.drain(..too_many);
    for article in &context.articles {
        id("context.articles.id", &article.id)?;
    }
    Ok(handoff)
}

/// A response to a survey; whether it fits the survey, and its invitation, is looked at elsewhere.
pub fn survey(survey: &Survey, limits: &Limits) -> Result<(), Refusal> {
    if !survey.conv.is_empty() {
        uuid("conv", &survey.conv)?;
    }
    uuid("cmid", &survey.cmid)?;
    id("response.responseId", &survey.response.response_id)?;
    if survey.response.revision == 0 {
        return Err(Refusal::invalid("response.revision is 0; it counts from 1"));
    }
    match &survey.response.comment {
        Some(comment) => text("response.comment", comment, limits),
        None => Ok(()),
    }
}

/// Whether an article helped.
pub fn feedback(mut feedback: Feedback) -> Result<Feedback, Refusal> {
    uuid("cmid", &feedback.cmid)?;
    id("article", &feedback.article)?;
    cut(&mut feedback.query, QUERY_BYTES_MAX);
    Ok(feedback)
}

/// What agents tell each other.
pub fn note(note: &Note, limits: &Limits) -> Result<(), Refusal> {
    match note.text.trim().is_empty() {
        true => Err(Refusal::invalid("note.text is empty")),
        false => text("note.text", &note.text, limits),
    }
}

/// A language tag as browsers give it; what is none becomes `und`, for a visitor can do nothing
/// about it.
pub fn locale(value: &str) -> String {
    const LOCALE_BYTES_MAX: usize = 35;
    let is_tag = (2..=LOCALE_BYTES_MAX).contains(&value.len())
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if is_tag { value } else { "und" }.to_owned()
}

pub(crate) fn text(field: &str, value: &str, limits: &Limits) -> Result<(), Refusal> {
    if value.len() > limits.text_bytes_max as usize {
        return Err(Refusal::too_large(format!(
            "{field} has {} bytes; at most {} are taken",
            value.len(),
            limits.text_bytes_max
        )));
    }
    Ok(())
}

fn cut(value: &mut String, bytes_max: usize) {
    if value.len() > bytes_max {
        let ends = (0..=bytes_max).rev();
        let end = ends.into_iter().find(|at| value.is_char_boundary(*at));
        value.truncate(end.unwrap_or(0));
    }
}
