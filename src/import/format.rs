//! Which format a file is in.

use super::table;

/// A family of formats; the exports of the help desks are told apart item by item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Markdown with or without front matter.
    Markdown,
    /// A question list in CSV or TSV.
    Table,
    /// A page with FAQPage JSON-LD.
    Html,
    /// An export of Zendesk, Intercom or Chatwoot, records of our own, or JSON-LD.
    Json,
}

/// By the end of the name, and by the content where that says nothing.
pub(super) fn detect(path: &str, text: &str) -> Option<Format> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let extension = name
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension)
        .to_ascii_lowercase();
    match extension.as_str() {
        "md" | "mdx" | "markdown" => return Some(Format::Markdown),
        "csv" | "tsv" => return Some(Format::Table),
        "html" | "htm" | "xhtml" => return Some(Format::Html),
        "json" | "jsonl" | "ndjson" | "jsonld" => return Some(Format::Json),
        _ => {}
    }
    let text = text.trim_start();
    if text.starts_with(['{', '[']) {
        Some(Format::Json)
    } else if text.starts_with('<') {
        Some(Format::Html)
    } else if table::looks_like_one(text) {
        Some(Format::Table)
    } else if text.starts_with("---\n") || text.starts_with("---\r\n") || text.starts_with("# ") {
        Some(Format::Markdown)
    } else {
        None
    }
}
