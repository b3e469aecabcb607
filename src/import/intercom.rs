//! Articles of an Intercom help centre.

use super::fields::Fields;
use super::json::Context;
use super::report::{Code, Reporter};
use super::{html, locale, records};
use crate::faq::record::Record;
use serde_json::{Map, Value};

pub(super) fn is_article(map: &Map<String, Value>) -> bool {
    map.get("type").and_then(Value::as_str) == Some("article")
        || ["translated_content", "workspace_id"]
            .iter()
            .any(|field| map.contains_key(*field))
        || map.contains_key("state") && map.contains_key("author_id")
}

/// An article and its translations.
pub(super) fn import(
    map: &Map<String, Value>,
    context: &Context<'_>,
    reporter: &mut Reporter,
) -> Vec<Record> {
    let fields = Fields::new(map, context.place);
    let own_locale = fields
        .text(&["default_locale", "locale"], reporter)
        .map_or_else(
            || context.locale.into(),
            |text| locale::parse(&text).unwrap_or(text),
        );
    let mut found = Vec::from_iter(one(map, map, own_locale.clone(), context, reporter));
    for (name, value) in map
        .get("translated_content")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let spoken = locale::parse(name).unwrap_or_else(|| name.clone());
        if let Some(translation) = value.as_object().filter(|_| spoken != own_locale) {
            found.extend(one(map, translation, spoken, context, reporter));
        }
    }
    found
}

fn one(
    article: &Map<String, Value>,
    text: &Map<String, Value>,
    spoken: String,
    context: &Context<'_>,
    reporter: &mut Reporter,
) -> Option<Record> {
    let facts = Fields::new(article, context.place);
    let words = Fields::new(text, context.place);
    let title = words.text(&["title"], reporter).unwrap_or_default();
    // Languages that are set up but not written have neither title nor body.
    if title.is_empty()
        && words.get(&["body"]).is_none_or(|body| body == "")
        && !std::ptr::eq(article, text)
    {
        return None;
    }
    if words
        .text(&["state"], reporter)
        .is_some_and(|state| state != "published")
    {
        reporter.skip(context.place, Code::Draft, title);
        return None;
    }
    let url = words.text(&["url"], reporter);
    let body = words.text(&["body"], reporter).unwrap_or_default();
    let summary = words.text(&["description"], reporter);
    let parent = facts
        .get(&["parent_id"])
        .or_else(|| facts.get(&["parent_ids"]).and_then(|ids| ids.get(0)));
    let views = facts
        .inner("statistics")
        .and_then(|statistics| statistics.number(&["views"], reporter));
    let base = url.clone().unwrap_or_default();
    let record = Record {
        id: facts.text(&["id"], reporter).unwrap_or_default(),
        locale: spoken,
        title,
        body: records::with_summary(summary, html::blocks(&body, &base, context.place, reporter)),
        url,
        path: context.folders.path(parent),
        tags: facts.list(&["tags"], reporter),
        weight: views.unwrap_or_default().max(0.0) as f32,
        updated_at: words
            .time(&["updated_at"], reporter)
            .map(|when| when.start_ms()),
        ..Record::default()
    };
    records::complete(record, context.place, reporter)
}
