//! Links between the articles of a help centre: `../orders/cancel.md#refund` and the public address
//! of an article that is in the index too become `#/id#anchor`, which opens the article in place.

use super::report::{Code, Reporter};
use super::rewrite::{Fate, Holder, addresses};
use super::{Found, ImportOptions, Source};
use crate::richtext::link::Link;
use std::collections::BTreeMap;

pub(super) fn connect(
    found: &mut [Found],
    sources: &[Source<'_>],
    options: &ImportOptions,
    reporter: &mut Reporter,
) {
    let articles = Addresses::of(found, sources);
    for Found { record, source } in found {
        let path = sources[*source].path;
        let url = record.url.clone();
        let base = url.as_deref().or(options.base_url.as_deref());
        reporter.enter(path);
        addresses(&mut record.body, &mut |href, holder| {
            if holder == Holder::Link
                && let Some(inside) = articles.find(path, href)
            {
                return Fate::Lead(inside, String::new());
            }
            let (target, _) = cut(href);
            if target.is_empty() || target.contains(':') {
                return Fate::Keep;
            }
            if holder == Holder::Link && is_markdown(target) {
                reporter.warn(None, Code::LinkBroken, href);
                return Fate::Drop;
            }
            match base.map(|base| Link::parse(href, Some(base))) {
                Some(Ok(link)) => Fate::Lead(link.href, link.host),
                _ => Fate::Keep,
            }
        });
    }
}

/// Where the articles are: files that hold one article, and public addresses.
#[derive(Default)]
struct Addresses {
    by_path: BTreeMap<String, String>,
    by_url: BTreeMap<String, String>,
}

impl Addresses {
    fn of(found: &[Found], sources: &[Source<'_>]) -> Self {
        let mut addresses = Self::default();
        let mut counts = vec![0u32; sources.len()];
        found.iter().for_each(|found| counts[found.source] += 1);
        for Found { record, source } in found {
            if counts[*source] == 1 {
                addresses.by_path.insert(
                    without_extension(sources[*source].path).into(),
                    record.id.clone(),
                );
            }
            if let Some(url) = &record.url {
                addresses
                    .by_url
                    .entry(url.trim_end_matches('/').into())
                    .or_insert_with(|| record.id.clone());
            }
        }
        addresses
    }

    /// The article that `href`, written in the file at `path`, leads to.
    fn find(&self, path: &str, href: &str) -> Option<String> {
        let (target, fragment) = cut(href);
        if target.is_empty() {
            return None;
        }
        let id = if target.contains("://") {
            self.by_url.get(target.trim_end_matches('/'))?
        } else {
            let target = join(path, &decoded(target))?;
            let target = without_extension(target.trim_end_matches('/'));
            let index = || {
                ["index", "README"]
                    .iter()
                    .find_map(|name| self.by_path.get(&format!("{target}/{name}")))
            };
            self.by_path.get(target).or_else(index)?
        };
        Some(format!("#/{id}{fragment}"))
    }
}

/// The address without its query, and its fragment with the `#`.
fn cut(href: &str) -> (&str, &str) {
    let (rest, fragment) = href.split_at(href.find('#').unwrap_or(href.len()));
    (rest.split('?').next().unwrap_or_default(), fragment)
}

fn is_markdown(path: &str) -> bool {
    [".md", ".mdx", ".markdown"]
        .iter()
        .any(|extension| path.ends_with(extension))
}

fn without_extension(path: &str) -> &str {
    [".md", ".mdx", ".markdown", ".html", ".htm"]
        .iter()
        .find_map(|extension| path.strip_suffix(extension))
        .unwrap_or(path)
}

/// `target` seen from the file at `path`, or from the outermost folder if it begins with `/`.
fn join(path: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.truncate(if target.starts_with('/') {
        1
    } else {
        parts.len() - 1
    });
    for part in target.split('/').filter(|part| !part.is_empty()) {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Percent escapes as the characters that they stand for.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes().iter();
    while let Some(&byte) = rest.next() {
        let hex = rest
            .as_slice()
            .get(..2)
            .filter(|_| byte == b'%')
            .and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(value) => {
                bytes.push(value);
                rest.nth(1);
            }
            None => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
