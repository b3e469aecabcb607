//! JSON: exports of Zendesk, Intercom and Chatwoot, FAQPage JSON-LD, and records of our own. Which
//! one it is, each article tells by its fields; lists and pages of lists may follow each other.

use super::report::{Code, Place, Reporter};
use super::{Page, chatwoot, faq_page, intercom, records, zendesk};
use crate::faq::record::Record;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Where exports keep their articles.
const LISTS: [&str; 5] = ["articles", "data", "payload", "records", "translations"];
/// Where they keep what articles are sorted into.
const FOLDERS: [&str; 3] = ["sections", "categories", "collections"];

pub(super) fn import(page: &Page<'_>, reporter: &mut Reporter) -> Vec<Record> {
    let mut values = Vec::new();
    for value in serde_json::Deserializer::from_str(page.text).into_iter::<Value>() {
        match value {
            Ok(value) => values.push(value),
            Err(error) => {
                report(&error, reporter);
                break;
            }
        }
    }
    let mut items = Vec::new();
    let mut folders = Folders::default();
    values
        .iter()
        .for_each(|value| gather(value, &mut items, &mut folders));
    if items.is_empty() && !values.is_empty() {
        reporter.skip(None, Code::NoArticles, "");
    }
    let locale = page.locale();
    let mut found = Vec::new();
    for (map, item) in items.into_iter().zip(1..) {
        let context = Context {
            place: Some(Place::Item(item)),
            locale: &locale,
            folders: &folders,
        };
        if map.contains_key("@type") || map.contains_key("@graph") {
            found.extend(faq_page::from_linked_data(
                &Value::Object(map.clone()),
                "",
                &context,
                reporter,
            ));
        } else if zendesk::is_article(map) {
            found.extend(zendesk::import(map, &context, reporter));
        } else if intercom::is_article(map) {
            found.extend(intercom::import(map, &context, reporter));
        } else if chatwoot::is_article(map) {
            found.extend(chatwoot::import(map, &context, reporter));
        } else if map.contains_key("title")
            && ["body", "alternatives", "url"]
                .iter()
                .any(|field| map.contains_key(*field))
        {
            found.extend(records::import(map, context.place, &locale, reporter));
        } else {
            reporter.skip(context.place, Code::UnknownFormat, "");
        }
    }
    found
}

/// Says where the JSON is wrong.
pub(super) fn report(error: &serde_json::Error, reporter: &mut Reporter) {
    let line = u32::try_from(error.line())
        .ok()
        .filter(|line| *line > 0)
        .map(Place::Line);
    reporter.skip(line, Code::Syntax, error.to_string());
}

fn gather<'v>(value: &'v Value, items: &mut Vec<&'v Map<String, Value>>, folders: &mut Folders) {
    match value {
        Value::Array(values) => values
            .iter()
            .for_each(|value| gather(value, items, folders)),
        Value::Object(map) => {
            FOLDERS
                .iter()
                .filter_map(|name| map.get(*name))
                .for_each(|list| folders.add(list));
            let is_item = map.contains_key("title");
            let lists = LISTS
                .iter()
                .filter_map(|name| map.get(*name))
                .filter(|list| list.is_array());
            let mut lists = lists.filter(|_| !is_item).peekable();
            if map.get("type").and_then(Value::as_str) == Some("collection") {
                folders.add(value);
            } else if lists.peek().is_some() {
                lists.for_each(|list| gather(list, items, folders));
            } else if !FOLDERS
                .iter()
                .any(|name| map.get(*name).is_some_and(Value::is_array))
                || is_item
            {
                items.push(map);
            }
        }
        _ => {}
    }
}

/// What an article is read with, besides its own fields.
pub(super) struct Context<'c> {
    pub place: Option<Place>,
    pub locale: &'c str,
    pub folders: &'c Folders,
}

/// Sections, categories, collections: name and parent by id.
#[derive(Default)]
pub(super) struct Folders(BTreeMap<String, (String, Option<String>)>);

const FOLDER_DEPTH_MAX: usize = 8;

impl Folders {
    fn add(&mut self, value: &Value) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| self.add(value)),
            Value::Object(map) => {
                let name = map.get("name").and_then(Value::as_str);
                if let (Some(id), Some(name)) = (map.get("id").and_then(id_text), name) {
                    let parent = ["parent_section_id", "category_id", "parent_id"];
                    let parent = parent
                        .iter()
                        .find_map(|field| map.get(*field).and_then(id_text));
                    self.0.insert(id, (name.trim().into(), parent));
                }
            }
            _ => {}
        }
    }

    /// The names from the outermost to the one with this id.
    pub fn path(&self, id: Option<&Value>) -> Vec<String> {
        let mut names = Vec::new();
        let mut next = id.and_then(id_text);
        while let Some((name, parent)) = next.as_ref().and_then(|id| self.0.get(id)) {
            names.push(name.clone());
            next.clone_from(parent);
            if names.len() == FOLDER_DEPTH_MAX {
                break;
            }
        }
        names.reverse();
        names
    }
}

/// An id as text; exports write it as a number or as a string.
pub(super) fn id_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
