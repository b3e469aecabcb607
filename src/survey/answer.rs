//! One answer: which values a question takes, and what is still wrong with what was given.
//!
//! | Question | Answer |
//! |---|---|
//! | csat, nps, ces | a point of the scale |
//! | singleChoice | a choice's id, or `{"other": "..."}` |
//! | multipleChoice, tags | a list of those |
//! | openText | a text |
//! | boolean, consent | true or false |
//!
//! There is no regular expression here: a pattern from outside could cost a page its responsiveness,
//! and an engine for it costs every visitor bytes. A text may be asked to look like an e-mail address,
//! a web address, a telephone number or a number instead.

use super::structure::{at, count, flag, list, text_of, whole, word};
use super::terms::ANSWER_CHARS_MAX;
use crate::plain::Value;
use crate::written::{is_email, is_number, is_phone, is_url};

/// The lowest and the highest point of a rating; `None` for what is no rating.
pub fn points(element: &Value) -> Option<(u32, u32)> {
    match word(element, "type") {
        "nps" => Some((0, 10)),
        "csat" | "ces" => Some((1, count(element, "range").unwrap_or(5))),
        _ => None,
    }
}

/// The choices of a question as it stands: those of the rating that was given, for tags.
pub fn choices<'d>(element: &'d Value, data: &Value) -> &'d [Value] {
    if word(element, "type") != "tags" {
        return list(element, "choices");
    }
    let rating = at(data, word(element, "rating"));
    let for_rating =
        |set: &&Value| rating.is_some_and(|rating| list(set, "ratings").contains(rating));
    let set = list(element, "sets").iter().find(for_rating);
    set.map_or(&[], |set| list(set, "choices"))
}

/// Whether a question is asked at all: tags are not, where the rating has none.
pub fn is_asked(element: &Value, data: &Value) -> bool {
    word(element, "type") != "tags" || !choices(element, data).is_empty()
}

/// Whether a value is of the kind that this question takes. What it still lacks, [`lacking`] says.
pub fn fits(element: &Value, data: &Value, value: &Value) -> bool {
    let choice = |value: &Value| match value {
        Value::Map(_) => {
            at(element, "other").is_some()
                && at(value, "other").and_then(text_of).is_some_and(is_short)
        }
        id => choices(element, data)
            .iter()
            .any(|choice| at(choice, "id") == Some(id)),
    };
    match (word(element, "type"), value) {
        ("csat" | "nps" | "ces", _) => points(element)
            .is_some_and(|(low, high)| whole(value).is_some_and(|n| n >= low && n <= high)),
        ("singleChoice", _) => choice(value),
        ("multipleChoice" | "tags", Value::List(items)) => {
            let twice = |at: usize| items[..at].contains(&items[at]);
            items.iter().all(choice) && !(0..items.len()).any(twice)
        }
        ("openText", Value::Text(text)) => is_short(text),
        ("boolean" | "consent", Value::Bool(_)) => true,
        _ => false,
    }
}

/// Whether a condition may compare this question's answer with a value.
pub(super) fn comparable(element: &Value, value: &Value) -> bool {
    let among = |choices: &[Value]| choices.iter().any(|choice| at(choice, "id") == Some(value));
    match word(element, "type") {
        "singleChoice" | "multipleChoice" => {
            among(list(element, "choices"))
                || (text_of(value) == Some("other") && at(element, "other").is_some())
        }
        "tags" => list(element, "sets")
            .iter()
            .any(|set| among(list(set, "choices"))),
        "openText" => text_of(value).is_some(),
        _ => fits(element, &Value::Null, value),
    }
}

/// Whether an answer says anything.
pub(super) fn is_given(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Text(text)) => !text.trim().is_empty(),
        Some(Value::List(items)) => !items.is_empty(),
        Some(_) => true,
    }
}

/// What an answer lacks, as a code: `required`, `consent`, `too_short`, `too_long`, `too_few`,
/// `too_many`, `other`, `email`, `url`, `phone`, `number`. `None` where it will do.
pub fn lacking(element: &Value, data: &Value, required: bool) -> Option<&'static str> {
    if !is_asked(element, data) {
        return None;
    }
    let value = at(data, word(element, "id"));
    let required = required || flag(element, "required");
    let Some(value) = value.filter(|value| is_given(Some(value))) else {
        return required.then_some("required");
    };
    let rule = at(element, "validation").unwrap_or(&Value::Null);
    let below =
        |name: &str, length: usize| count(rule, name).is_some_and(|min| length < min as usize);
    let above =
        |name: &str, length: usize| count(rule, name).is_some_and(|max| length > max as usize);
    let unsaid = |value: &Value| {
        at(value, "other")
            .and_then(text_of)
            .is_some_and(|text| text.trim().is_empty())
    };
    match value {
        Value::Bool(false) if required && word(element, "type") == "consent" => Some("consent"),
        Value::Text(text) => {
            let text = text.trim();
            let length = text.chars().count();
            let kind = word(rule, "kind");
            if below("minLength", length) {
                Some("too_short")
            } else if above("maxLength", length) {
                Some("too_long")
            } else {
                match kind {
                    "email" if !is_email(text) => Some("email"),
                    "url" if !is_url(text) => Some("url"),
                    "phone" if !is_phone(text) => Some("phone"),
                    "number" if !is_number(text) => Some("number"),
                    _ => None,
                }
            }
        }
        Value::List(items) if below("min", items.len()) => Some("too_few"),
        Value::List(items) if above("max", items.len()) => Some("too_many"),
        Value::List(items) if items.iter().any(unsaid) => Some("other"),
        value if unsaid(value) => Some("other"),
        _ => None,
    }
}

fn is_short(text: &str) -> bool {
    text.chars().count() <= ANSWER_CHARS_MAX as usize
}
