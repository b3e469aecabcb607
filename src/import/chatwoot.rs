//! Articles of a Chatwoot help centre; their content is Markdown.

use super::fields::Fields;
use super::json::{Context, id_text};
use super::report::{Code, Reporter};
use super::{locale, records};
use crate::faq::record::Record;
use serde_json::{Map, Value};

pub(super) fn is_article(map: &Map<String, Value>) -> bool {
    map.contains_key("content")
        && [
            "status",
            "slug",
            "category",
            "category_id",
            "associated_article_id",
            "views",
            "portal_id",
        ]
        .iter()
        .any(|field| map.contains_key(*field))
}

pub(super) fn import(
    map: &Map<String, Value>,
    context: &Context<'_>,
    reporter: &mut Reporter,
) -> Option<Record> {
    let fields = Fields::new(map, context.place);
    let title = fields.text(&["title"], reporter).unwrap_or_default();
    // The database writes a number, the API a word.
    match fields.text(&["status"], reporter).as_deref() {
        Some("0" | "draft") => {
            reporter.skip(context.place, Code::Draft, title);
            return None;
        }
        Some("2" | "archived") => {
            reporter.skip(context.place, Code::Archived, title);
            return None;
        }
        Some("1" | "published") | None => {}
        Some(_) => {
            reporter.skip(context.place, Code::Field, "\"status\"");
            return None;
        }
    }
    let category = fields.inner("category");
    let spoken = fields.text(&["locale"], reporter).or_else(|| {
        category
            .as_ref()
            .and_then(|category| category.text(&["locale"], reporter))
    });
    let url = fields
        .text(&["url", "link"], reporter)
        .filter(|url| url.starts_with("http"));
    let content = fields.text(&["content"], reporter).unwrap_or_default();
    let summary = fields.text(&["description"], reporter);
    let meta = fields.inner("meta");
    let path = match category.and_then(|category| category.text(&["name"], reporter)) {
        Some(name) => vec![name],
        None => context.folders.path(fields.get(&["category_id"])),
    };
    let base = url.clone().unwrap_or_default();
    let record = Record {
        id: fields.text(&["id", "slug"], reporter).unwrap_or_default(),
        locale: spoken.map_or_else(
            || context.locale.into(),
            |text| locale::parse(&text).unwrap_or(text),
        ),
        translation_of: fields.get(&["associated_article_id"]).and_then(id_text),
        title,
        body: records::with_summary(
            summary,
            records::written(&content, &base, context.place, reporter),
        ),
        url,
        path,
        tags: meta
            .map(|meta| meta.list(&["tags"], reporter))
            .unwrap_or_default(),
        weight: fields
            .number(&["views"], reporter)
            .unwrap_or_default()
            .max(0.0) as f32,
        updated_at: fields
            .time(&["updated_at"], reporter)
            .map(|when| when.start_ms()),
        ..Record::default()
    };
    records::complete(record, context.place, reporter)
}
