//! Articles of a Zendesk help centre.

use super::fields::Fields;
use super::json::Context;
use super::report::{Code, Reporter};
use super::{html, locale, records};
use crate::faq::record::{Record, Visibility};
use serde_json::{Map, Value};

/// A promoted article comes before any with fewer votes than this.
const PROMOTED_WEIGHT: f64 = 100.0;

pub(super) fn is_article(map: &Map<String, Value>) -> bool {
    [
        "html_url",
        "label_names",
        "section_id",
        "user_segment_id",
        "source_locale",
        "source_id",
    ]
    .iter()
    .any(|field| map.contains_key(*field))
}

/// An article, and its translations where they come with it.
pub(super) fn import(
    map: &Map<String, Value>,
    context: &Context<'_>,
    reporter: &mut Reporter,
) -> Vec<Record> {
    let own = one(map, map, context, reporter);
    let own_locale = own.as_ref().map(|record| record.locale.clone());
    let mut found = Vec::from_iter(own);
    for translation in map
        .get("translations")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if let Some(translation) = translation.as_object() {
            let spoken = translation
                .get("locale")
                .and_then(Value::as_str)
                .and_then(locale::parse);
            if spoken.is_none() || spoken != own_locale {
                found.extend(one(map, translation, context, reporter));
            }
        }
    }
    found
}

/// The words of `text` (the article itself or a translation) with the facts of the article.
fn one(
    article: &Map<String, Value>,
    text: &Map<String, Value>,
    context: &Context<'_>,
    reporter: &mut Reporter,
) -> Option<Record> {
    let facts = Fields::new(article, context.place);
    let words = Fields::new(text, context.place);
    let title = words.text(&["title", "name"], reporter).unwrap_or_default();
    if words.flag(&["draft"], reporter) == Some(true) {
        reporter.skip(context.place, Code::Draft, title);
        return None;
    }
    let is_set = |value: Option<&Value>| match value {
        None => false,
        Some(Value::Array(list)) => !list.is_empty(),
        Some(_) => true,
    };
    let restricted =
        is_set(facts.get(&["user_segment_id"])) || is_set(facts.get(&["user_segment_ids"]));
    let votes = facts
        .number(&["vote_sum"], reporter)
        .unwrap_or_default()
        .max(0.0);
    let promoted = facts.flag(&["promoted"], reporter) == Some(true);
    let spoken = words.text(&["locale"], reporter);
    let url = words.text(&["html_url"], reporter);
    let record = Record {
        // A translation that comes by itself names its article in `source_id`.
        id: facts
            .text(&["source_id", "id"], reporter)
            .unwrap_or_default(),
        locale: spoken.map_or_else(
            || context.locale.into(),
            |text| locale::parse(&text).unwrap_or(text),
        ),
        title,
        body: html::blocks(
            &words.text(&["body"], reporter).unwrap_or_default(),
            url.as_deref().unwrap_or_default(),
            context.place,
            reporter,
        ),
        url,
        path: context.folders.path(facts.get(&["section_id"])),
        tags: facts.list(&["label_names"], reporter),
        weight: (votes + if promoted { PROMOTED_WEIGHT } else { 0.0 }) as f32,
        updated_at: words
            .time(&["edited_at", "updated_at"], reporter)
            .map(|when| when.start_ms()),
        visibility: if restricted {
            Visibility::Restricted
        } else {
            Visibility::Public
        },
        ..Record::default()
    };
    records::complete(record, context.place, reporter)
}
