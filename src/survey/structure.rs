//! What stands in a definition: its fields, and its texts in a language.

use crate::plain::Value;

/// The fields that hold a text for people, as [`Kind::Texts`] in the table of terms.
const TEXTS: &[&str] = &[
    "headline",
    "description",
    "label",
    "placeholder",
    "lowerLabel",
    "upperLabel",
    "yesLabel",
    "noLabel",
];

/// Puts all texts of a value into one language: the wanted one, else another of its kind (`zh-TW` for
/// `zh-CN`), else the survey's first.
pub(super) fn localise(value: &mut Value, languages: &[&str]) {
    match value {
        Value::List(items) => {
            for item in items {
                localise(item, languages);
            }
        }
        Value::Map(fields) => {
            for (name, value) in fields {
                match value {
                    Value::Map(_) if TEXTS.contains(&&**name) => {
                        *value = in_language(value, languages)
                    }
                    _ => localise(value, languages),
                }
            }
        }
        _ => {}
    }
}

fn in_language(texts: &Value, languages: &[&str]) -> Value {
    let mut found = None;
    for language in languages {
        found = found.or(at(texts, language));
    }
    if let (None, Value::Map(texts)) = (found, texts) {
        found = texts.first().map(|(_, text)| text);
    }
    found.cloned().unwrap_or_default()
}

/// The field of exactly this name, where it is there and not null.
pub(super) fn at<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let Value::Map(fields) = value else {
        return None;
    };
    let (_, found) = fields.iter().rev().find(|(key, _)| key == name)?;
    (*found != Value::Null).then_some(found)
}

/// Sets a field of a map; null takes it out.
pub(crate) fn set(map: &mut Value, name: &str, value: Value) {
    if !matches!(map, Value::Map(_)) {
        *map = Value::Map(Vec::new());
    }
    if let Value::Map(fields) = map {
        let there = fields.iter().position(|(key, _)| key == name);
        match (there, value) {
            (Some(at), Value::Null) => {
                fields.remove(at);
            }
            (Some(at), value) => fields[at].1 = value,
            (None, Value::Null) => {}
            (None, value) => fields.push((name.to_owned().into(), value)),
        }
    }
}

/// The text in a field; empty where there is none.
pub(super) fn word<'v>(value: &'v Value, name: &str) -> &'v str {
    at(value, name).and_then(text_of).unwrap_or_default()
}

/// The whole number in a field.
pub(crate) fn count(value: &Value, name: &str) -> Option<u32> {
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

/// Where the one of this id is.
pub(super) fn position(items: &[Value], id: &str) -> Option<usize> {
    items.iter().position(|item| word(item, "id") == id)
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

#[cfg(test)]
mod tests {
    use super::super::terms::{Field, Form, Kind, SURVEY};
    use super::TEXTS;

    fn check(form: &'static Form, seen: &mut Vec<&'static str>) {
        if seen.contains(&form.name) {
            return;
        }
        seen.push(form.name);
        for Field(name, kind, _) in form.fields {
            assert_eq!(matches!(kind, Kind::Texts), TEXTS.contains(name), "{name}");
            let kind = if let Kind::List(kind, ..) = kind {
                kind
            } else {
                kind
            };
            match kind {
                Kind::Record(form) => check(form, seen),
                Kind::Forms(forms) => forms.iter().for_each(|form| check(form, seen)),
                _ => {}
            }
        }
    }

    #[test]
    fn the_fields_with_texts_are_those_of_the_table_of_terms() {
        let mut seen = Vec::new();
        check(&SURVEY, &mut seen);
        assert!(seen.contains(&"OtherChoice"));
    }
}
