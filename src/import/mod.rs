//! Help-centre formats -> article records.
//!
//! [`import`] takes the files of a help centre as bytes, in whatever mix of formats, and gives
//! [`Record`]s for [`faq::build`](crate::faq::build) with a report of what was left out and why.
//! Nothing that a file holds can stop the others: what cannot be read is a [`Remark`].

mod article;
mod chatwoot;
mod crosslink;
mod faq_page;
mod fields;
mod format;
mod front_matter;
mod html;
mod intercom;
mod json;
mod line;
mod locale;
mod markdown;
mod records;
mod report;
mod rewrite;
mod table;
mod text;
mod time;
mod zendesk;

pub use format::Format;
pub use records::from_json;
pub use report::{Code, Place, Remark};

use crate::faq::record::Record;
use crate::limits::IMPORT_BYTES_MAX;
use report::Reporter;
use serde::{Deserialize, Serialize};

/// A file of a help centre.
#[derive(Clone, Copy, Debug)]
pub struct Source<'s> {
    /// Its path inside the help centre, parted by `/`. Folders tell the locale (`zh-CN/…`) and the
    /// category of an article that does not name its own.
    pub path: &'s str,
    /// What it holds.
    pub bytes: &'s [u8],
}

/// How to import.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImportOptions {
    /// The locale of articles that do not tell theirs. BCP 47.
    pub locale: String,
    /// Where the files are published. With it articles from files get an address, and relative
    /// links and pictures lead there.
    pub base_url: Option<String>,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self {
            locale: "en".into(),
            base_url: None,
        }
    }
}

/// What came of the files.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Imported {
    /// The articles, in the order of the files.
    pub records: Vec<Record>,
    /// For each article the file that it came from.
    pub paths: Vec<String>,
    /// Files and articles that were left out.
    pub skipped: Vec<Remark>,
    /// What was taken in but for a part, such as a link that leads nowhere.
    pub warnings: Vec<Remark>,
}

/// An article and the file it came from.
struct Found {
    record: Record,
    source: usize,
}

/// Imports files. They are read together, so that their links to each other keep working.
pub fn import(sources: &[Source<'_>], options: &ImportOptions) -> Imported {
    let mut reporter = Reporter::default();
    let mut found = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        reporter.enter(source.path);
        let records = read(source, options, &mut reporter);
        found.extend(records.into_iter().map(|record| Found {
            record,
            source: index,
        }));
    }
    locale::part_translations(&mut found, &options.locale);
    crosslink::connect(&mut found, sources, options, &mut reporter);
    Imported {
        paths: found
            .iter()
            .map(|found| sources[found.source].path.into())
            .collect(),
        records: found.into_iter().map(|found| found.record).collect(),
        skipped: reporter.skipped,
        warnings: reporter.warnings,
    }
}

fn read(source: &Source<'_>, options: &ImportOptions, reporter: &mut Reporter) -> Vec<Record> {
    if source.bytes.len() > IMPORT_BYTES_MAX {
        reporter.skip(None, Code::TooLarge, "");
        return Vec::new();
    }
    let Some(text) = text::decode(source.bytes, reporter) else {
        return Vec::new();
    };
    let page = Page {
        path: source.path,
        text: &text,
        options,
    };
    match format::detect(source.path, &text) {
        Some(Format::Markdown) => markdown::import(&page, reporter),
        Some(Format::Table) => table::import(&page, reporter),
        Some(Format::Html) => faq_page::import(&page, reporter),
        Some(Format::Json) => json::import(&page, reporter),
        None => {
            reporter.skip(None, Code::UnknownFormat, "");
            Vec::new()
        }
    }
}

/// A file as text.
struct Page<'p> {
    path: &'p str,
    text: &'p str,
    options: &'p ImportOptions,
}

impl Page<'_> {
    /// The locale that the path tells, or the default.
    fn locale(&self) -> String {
        locale::of_path(self.path).unwrap_or_else(|| self.options.locale.clone())
    }
}
