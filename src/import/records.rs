//! Records of our own in JSON, and the fields that Markdown's front matter shares with them.

use super::fields::Fields;
use super::report::{Code, Place, Reporter};
use super::rewrite::{Fate, Holder, addresses, neutralise};
use super::{ImportOptions, Imported, html, json, locale, markdown};
use crate::faq::record::{Record, Visibility};
use crate::richtext::link::Link;
use crate::richtext::{Block, Inline, neutral, text_of};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Reads records that a program made: a JSON array of objects with the fields of [`Record`], whose
/// `body` may also be a text in Markdown or HTML, and whose `category` is short for `path`.
pub fn from_json(text: &str, options: &ImportOptions) -> Imported {
    let mut reporter = Reporter::default();
    let mut records = Vec::new();
    match serde_json::from_str::<Vec<Value>>(text) {
        Ok(values) => {
            for (value, item) in values.iter().zip(1..) {
                let place = Some(Place::Item(item));
                match value.as_object() {
                    Some(map) => records.extend(import(map, place, &options.locale, &mut reporter)),
                    None => reporter.skip(place, Code::Syntax, "a record is an object"),
                }
            }
        }
        Err(error) => json::report(&error, &mut reporter),
    }
    Imported {
        paths: vec![String::new(); records.len()],
        records,
        skipped: reporter.skipped,
        warnings: reporter.warnings,
    }
}

/// One record of our own.
pub(super) fn import(
    map: &Map<String, Value>,
    place: Option<Place>,
    default_locale: &str,
    reporter: &mut Reporter,
) -> Option<Record> {
    let fields = Fields::new(map, place);
    let mut record = Record {
        locale: default_locale.into(),
        ..Record::default()
    };
    fill(&mut record, &fields, reporter);
    record.title = fields.text(&["title"], reporter).unwrap_or_default();
    record.body = match fields.get(&["body"]) {
        Some(Value::Array(blocks)) => given_blocks(blocks, place, reporter),
        _ => {
            let text = fields.text(&["body"], reporter).unwrap_or_default();
            let base = record.url.as_deref().unwrap_or_default();
            written(&text, base, place, reporter)
        }
    };
    // A program may well index titles that lead elsewhere by their address.
    titled(record, place, reporter)
}

/// A text that is HTML or Markdown.
pub(super) fn written(
    text: &str,
    base: &str,
    place: Option<Place>,
    reporter: &mut Reporter,
) -> Vec<Block> {
    if html::looks_like_html(text) {
        html::blocks(text, base, place, reporter)
    } else {
        markdown::blocks(text, base, place, reporter)
    }
}

/// Blocks that came ready-made obey the same rules as those that are made here.
fn given_blocks(values: &[Value], place: Option<Place>, reporter: &mut Reporter) -> Vec<Block> {
    let mut blocks = match Vec::<Block>::deserialize(Value::Array(values.to_vec())) {
        Ok(blocks) => blocks,
        Err(error) => {
            reporter.warn(place, Code::Syntax, format!("body: {error}"));
            return Vec::new();
        }
    };
    neutralise(&mut blocks);
    addresses(
        &mut blocks,
        &mut |href, holder| match Link::parse(href, Some("")) {
            Ok(link)
                if holder == Holder::Link
                    || !link.href.contains(':')
                    || link.href.starts_with("https://") =>
            {
                Fate::Lead(link.href, link.host)
            }
            _ => {
                let code = if holder == Holder::Link {
                    Code::LinkRefused
                } else {
                    Code::PictureRefused
                };
                reporter.warn(place, code, href);
                Fate::Drop
            }
        },
    );
    blocks
}

/// A summary stands above the text, as it does in a help centre, unless the text begins with it.
pub(super) fn with_summary(summary: Option<String>, mut body: Vec<Block>) -> Vec<Block> {
    if let Some(summary) = summary {
        let first = body
            .first()
            .map(|block| text_of(std::slice::from_ref(block)))
            .unwrap_or_default();
        if !body.is_empty() && !first.starts_with(&summary) {
            let summary = summary
                .chars()
                .map(|c| neutral(if c == '\n' { ' ' } else { c }))
                .collect();
            body.insert(0, Block::Paragraph(vec![Inline::Text(summary)]));
        }
    }
    body
}

/// Fills what front matter and records of our own share.
pub(super) fn fill(record: &mut Record, fields: &Fields<'_>, reporter: &mut Reporter) {
    record.id = fields.text(&["id"], reporter).unwrap_or_default();
    if let Some(text) = fields.text(&["locale", "lang", "language"], reporter) {
        record.locale = locale::parse(&text).unwrap_or(text);
    }
    record.translation_of = fields.text(&["translationOf", "translation_of"], reporter);
    record.alternatives = fields.list_of_lines(&["alternatives", "aliases"], reporter);
    record.path = fields.list_of_lines(&["path", "category", "categories"], reporter);
    record.tags = fields.list(&["tags", "labels"], reporter);
    record.url = fields.text(&["url", "permalink"], reporter).filter(|url| {
        let allowed = Link::parse(url, Some("")).is_ok();
        if !allowed {
            reporter.warn(fields.place(), Code::LinkRefused, url);
        }
        allowed
    });
    record.weight = fields.number(&["weight"], reporter).unwrap_or_default() as f32;
    let updated = fields.time(
        &["updatedAt", "updated_at", "lastUpdated", "date"],
        reporter,
    );
    record.updated_at = updated.map(|when| when.start_ms());
    let valid_until = fields.time(&["validUntil", "valid_until", "expires"], reporter);
    record.valid_until = valid_until.map(|when| when.end_ms());
    if let Some(text) = fields.text(&["visibility"], reporter) {
        record.visibility = match text.as_str() {
            "public" => Visibility::Public,
            "restricted" => Visibility::Restricted,
            "internal" => Visibility::Internal,
            _ => {
                reporter.warn(fields.place(), Code::Field, "\"visibility\"");
                // Nobody is shown what was not clearly meant for them.
                Visibility::Internal
            }
        };
    }
}

/// The record if it has what an imported article needs: a title and an answer.
pub(super) fn complete(
    record: Record,
    place: Option<Place>,
    reporter: &mut Reporter,
) -> Option<Record> {
    let record = titled(record, place, reporter)?;
    if record.body.is_empty() {
        reporter.skip(place, Code::NoAnswer, record.title);
        return None;
    }
    Some(record)
}

/// The record if it has a title; its id is made from it where it has none.
fn titled(mut record: Record, place: Option<Place>, reporter: &mut Reporter) -> Option<Record> {
    let words = record
        .title
        .split(|c: char| c.is_whitespace() || c == '\u{feff}')
        .filter(|word| !word.is_empty());
    let title = words.collect::<Vec<_>>().join(" ");
    if title.is_empty() {
        reporter.skip(place, Code::NoTitle, "");
        return None;
    }
    if record.id.is_empty() {
        record.id = super::line::slug(&title);
    }
    record
        .alternatives
        .retain(|alternative| !alternative.trim().is_empty() && *alternative != title);
    record.title = title;
    Some(record)
}
