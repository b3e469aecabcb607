//! Pages that carry their questions as FAQPage JSON-LD (schema.org), in a script element or by itself.

use super::fields::Fields;
use super::json::{Context, Folders};
use super::report::{Code, Place, Reporter};
use super::{Page, html, locale, records};
use crate::faq::record::Record;
use crate::richtext::text_of;
use serde_json::{Map, Value};

/// The questions of a page.
pub(super) fn import(page: &Page<'_>, reporter: &mut Reporter) -> Vec<Record> {
    let (scripts, language) = html::linked_data(page.text);
    let spoken = language
        .as_deref()
        .and_then(locale::parse)
        .unwrap_or_else(|| page.locale());
    let folders = Folders::default();
    let mut found = Vec::new();
    let mut has_faq = false;
    for (script, item) in scripts.iter().zip(1..) {
        let place = Some(Place::Item(item));
        match serde_json::from_str::<Value>(script) {
            Ok(value) => {
                has_faq |= !pages(&value).is_empty();
                let context = Context {
                    place,
                    locale: &spoken,
                    folders: &folders,
                };
                found.extend(from_pages(&pages(&value), page.path, &context, reporter));
            }
            Err(error) => {
                has_faq = true;
                reporter.skip(place, Code::Syntax, error.to_string());
            }
        }
    }
    if !has_faq {
        reporter.skip(None, Code::NoFaqPage, "");
    }
    found
}

/// The questions of JSON-LD that stands by itself.
pub(super) fn from_linked_data(
    value: &Value,
    path: &str,
    context: &Context<'_>,
    reporter: &mut Reporter,
) -> Vec<Record> {
    let pages = pages(value);
    if pages.is_empty() {
        reporter.skip(context.place, Code::NoFaqPage, "");
    }
    from_pages(&pages, path, context, reporter)
}

fn from_pages(
    pages: &[&Map<String, Value>],
    path: &str,
    context: &Context<'_>,
    reporter: &mut Reporter,
) -> Vec<Record> {
    let mut found = Vec::new();
    for page in pages {
        let fields = Fields::new(page, context.place);
        let spoken = fields
            .text(&["inLanguage"], reporter)
            .and_then(|text| locale::parse(&text));
        let context = Context {
            locale: spoken.as_deref().unwrap_or(context.locale),
            ..*context
        };
        for question in each(page.get("mainEntity")) {
            found.extend(question_record(question, &fields, &context, reporter));
        }
    }
    if found.is_empty() && !pages.is_empty() {
        reporter.enter(path);
        reporter.skip(context.place, Code::NoArticles, "");
    }
    found
}

fn question_record(
    question: &Map<String, Value>,
    page: &Fields<'_>,
    context: &Context<'_>,
    reporter: &mut Reporter,
) -> Option<Record> {
    let fields = Fields::new(question, context.place);
    let answers = each(question.get("acceptedAnswer")).chain(each(question.get("suggestedAnswer")));
    let answer = answers
        .filter_map(|answer| answer.get("text").and_then(Value::as_str))
        .next();
    let own_url = fields
        .text(&["url", "@id"], reporter)
        .filter(|url| url.starts_with("http"));
    let url = own_url.or_else(|| {
        page.text(&["url", "@id"], reporter)
            .filter(|url| url.starts_with("http"))
    });
    let base = url.clone().unwrap_or_default();
    let name = fields.text(&["name", "text"], reporter).unwrap_or_default();
    let updated = fields
        .time(&["dateModified"], reporter)
        .or_else(|| page.time(&["dateModified"], reporter));
    let spoken = fields
        .text(&["inLanguage"], reporter)
        .and_then(|text| locale::parse(&text));
    let record = Record {
        locale: spoken.unwrap_or_else(|| context.locale.into()),
        // A name may hold markup and entities, as the answer does.
        title: text_of(&html::blocks(&name, "", context.place, reporter)),
        alternatives: fields.list(&["alternateName", "keywords"], reporter),
        body: html::blocks(answer.unwrap_or_default(), &base, context.place, reporter),
        url,
        weight: fields
            .number(&["upvoteCount"], reporter)
            .unwrap_or_default()
            .max(0.0) as f32,
        updated_at: updated.map(|when| when.start_ms()),
        ..Record::default()
    };
    records::complete(record, context.place, reporter)
}

/// One object or a list of them.
fn each(value: Option<&Value>) -> impl Iterator<Item = &Map<String, Value>> {
    let list = match value {
        Some(Value::Array(values)) => values.as_slice(),
        Some(value) => std::slice::from_ref(value),
        None => &[],
    };
    list.iter().filter_map(Value::as_object)
}

/// The objects of type FAQPage: the value itself, in a list, or in a graph.
fn pages(value: &Value) -> Vec<&Map<String, Value>> {
    match value {
        Value::Array(values) => values.iter().flat_map(pages).collect(),
        Value::Object(map) => {
            let mut found = map.get("@graph").map(pages).unwrap_or_default();
            let names = |name: &Value| {
                name.as_str()
                    .is_some_and(|name| name.rsplit(['/', ':', '#']).next() == Some("FAQPage"))
            };
            let is_page = match map.get("@type") {
                Some(Value::Array(types)) => types.iter().any(names),
                Some(name) => names(name),
                None => false,
            };
            if is_page {
                found.push(map);
            }
            found
        }
        _ => Vec::new(),
    }
}
