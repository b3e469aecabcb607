//! What stands in a definition: its fields, and its texts in a language.

use super::terms::{Field, Form, Kind};
use crate::plain::Value;
use std::borrow::Cow;

/// Which form a value has.
pub(super) fn form_of(forms: &[&'static Form], value: &Value) -> Option<&'static Form> {
    let has = |form: &&&'static Form| {
        let Field(name, kind, _) = &form.fields[0];
        match (at(value, name), kind) {
            (Some(found), Kind::Exactly(word)) => text_of(found) == Some(word),
            (found, _) => found.is_some(),
        }
    };
    forms.iter().find(has).copied()
}

/// A value with all its texts in one language: the wanted one, else another of its kind (`zh-TW` for
/// `zh-CN`), else the survey's first.
pub(super) fn localised(kind: &'static Kind, value: &Value, languages: &[&str]) -> Value {
    match (kind, value) {
        (Kind::Texts, Value::Map(texts)) => {
            let mut found = languages.iter().filter_map(|language| at(value, language));
            found
                .next()
                .or(texts.first().map(|(_, text)| text))
                .cloned()
                .unwrap_or(Value::Null)
        }
        (Kind::List(kind, ..), Value::List(items)) => {
            let mut all = Vec::with_capacity(items.len());
            for item in items {
                all.push(localised(kind, item, languages));
            }
            Value::List(all)
        }
        (Kind::Record(form), _) => record(form, value, languages),
        (Kind::Forms(forms), _) => match form_of(forms, value) {
            Some(form) => record(form, value, languages),
            None => Value::Null,
        },
        _ => value.clone(),
    }
}

fn record(form: &'static Form, value: &Value, languages: &[&str]) -> Value {
    let mut fields = Vec::new();
    for Field(name, kind, _) in form.fields {
        if let Some(value) = at(value, name) {
            fields.push((Cow::Borrowed(*name), localised(kind, value, languages)));
        }
    }
    Value::Map(fields)
}

/// The field of exactly this name, where it is there and not null.
pub(super) fn at<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let Value::Map(fields) = value else {
        return None;
    };
    let (_, found) = fields.iter().rev().find(|(key, _)| key == name)?;
    (*found != Value::Null).then_some(found)
}

/// The text in a field; empty where there is none.
pub(super) fn word<'v>(value: &'v Value, name: &str) -> &'v str {
    at(value, name).and_then(text_of).unwrap_or_default()
}

/// The whole number in a field.
pub(super) fn count(value: &Value, name: &str) -> Option<u32> {
    at(value, name).and_then(whole)
}

/// Whether a field says yes.
pub(super) fn flag(value: &Value, name: &str) -> bool {
    at(value, name) == Some(&Value::Bool(true))
}

/// The items in a field; none where it is missing.
pub(super) fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    match at(value, name) {
        Some(Value::List(items)) => items,
        _ => &[],
    }
}

/// The text that a value is.
pub(super) fn text_of(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// The whole number that a value is, from 0.
pub(super) fn whole(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number)
            if *number >= 0.0 && *number <= f64::from(u32::MAX) && number.trunc() == *number =>
        {
            Some(*number as u32)
        }
        _ => None,
    }
}
