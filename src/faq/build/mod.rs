//! Building an index from article records.

mod corpus;
mod features;
mod han;
mod learn;
mod lexicon;
mod rarity;
mod terms;
mod weigh;
mod writer;

use super::record::{Record, Visibility};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How to build.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BuildOptions {
    /// Shown where a visitor's own locale has no article. BCP 47.
    pub default_locale: String,
    /// Groups of words or phrases that mean the same.
    pub synonyms: Vec<Vec<String>>,
    /// What was asked, and the record that helped.
    pub log: Vec<Logged>,
    /// Queries with the records that must come first for them.
    pub pinned: Vec<Pinned>,
    /// Milliseconds since 1970, UTC: records whose validity ended are left out.
    pub now_ms: Option<f64>,
    /// Also take in articles for signed-in customers.
    pub include_restricted: bool,
}

impl Default for BuildOptions {
    fn default() -> Self {
        Self {
            default_locale: "en".to_owned(),
            synonyms: Vec::new(),
            log: Vec::new(),
            pinned: Vec::new(),
            now_ms: None,
            include_restricted: false,
        }
    }
}

/// A query of the past and the record that helped.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Logged {
    /// What was asked.
    pub query: String,
    /// The record that helped.
    pub id: String,
}

/// A query with the answers chosen for it by hand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pinned {
    /// What is asked; compared after folding.
    pub query: String,
    /// The records, best first.
    pub ids: Vec<String>,
}

/// A finished index.
#[derive(Clone, Debug)]
pub struct Built {
    /// Titles and phrasings: enough to answer while typing.
    pub titles: Vec<u8>,
    /// Bodies: passages, articles.
    pub bodies: Vec<u8>,
    /// What was done.
    pub report: BuildReport,
}

impl Built {
    /// Both parts as one file, the titles in front.
    pub fn bytes(&self) -> Vec<u8> {
        [self.titles.as_slice(), self.bodies.as_slice()].concat()
    }
}

/// What was indexed, what was not, and why.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BuildReport {
    /// Articles in the index.
    pub indexed: u32,
    /// Phrasings besides the titles.
    pub alternatives: u32,
    /// Passages of bodies.
    pub passages: u32,
    /// Distinct terms.
    pub terms: u32,
    /// Bytes of the front part.
    pub titles_bytes: u32,
    /// Bytes of the body part.
    pub bodies_bytes: u32,
    /// What was left out.
    pub skipped: Vec<Skipped>,
}

/// A record, log line or pin that was left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Skipped {
    /// Its id.
    pub id: String,
    /// Why.
    pub reason: SkipReason,
}

/// Why something was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum SkipReason {
    /// The record has no id.
    NoId,
    /// The record has no title.
    NoTitle,
    /// Another record with this id came before.
    RepeatedId,
    /// Its validity has ended.
    Expired,
    /// It is for agents only.
    Internal,
    /// It is for signed-in customers, and the index is public.
    Restricted,
    /// A log line or a pin names a record that is not in the index.
    UnknownRecord,
    /// A pin or a log line whose query has no word.
    EmptyQuery,
}

/// Why no index could be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum BuildError {
    /// The index would pass 4 GB.
    TooLarge,
    /// There are more records than an index can number.
    TooManyRecords,
}

impl BuildError {
    /// Stable, for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "build_too_large",
            Self::TooManyRecords => "build_too_many_records",
        }
    }
}

impl core::fmt::Display for BuildError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::TooLarge => {
                "The index would be larger than 4 GB; split the articles over several indexes."
            }
            Self::TooManyRecords => {
                "There are more records than one index can hold; split them over several indexes."
            }
        })
    }
}

impl std::error::Error for BuildError {}

/// More records than this are refused.
pub const RECORDS_MAX: usize = 4_000_000;

/// Builds an index. The same input gives the same bytes everywhere.
pub fn build(records: &[Record], options: &BuildOptions) -> Result<Built, BuildError> {
    if records.len() > RECORDS_MAX {
        return Err(BuildError::TooManyRecords);
    }
    let mut skipped = Vec::new();
    let mut ids = BTreeSet::new();
    let mut kept: Vec<&Record> = Vec::new();
    for record in records {
        match reason_to_skip(record, options, &mut ids) {
            Some(reason) => skipped.push(Skipped {
                id: record.id.clone(),
                reason,
            }),
            None => kept.push(record),
        }
    }
    // Numbered by weight, so that equal scores and "popular" need no lookup.
    kept.sort_by(|a, b| weight_of(b).total_cmp(&weight_of(a)));
    let corpus = corpus::Corpus::read(&kept, options, &mut skipped);
    let languages = rarity::Languages::of(&corpus);
    let (features, vectors) = features::Features::of(&corpus, &languages);
    let model = learn::learn(&features, &vectors, corpus.articles.len());
    drop(vectors);
    writer::write(&corpus, &languages, &features, &model, options, skipped)
}

fn weight_of(record: &Record) -> f32 {
    if record.weight.is_finite() {
        record.weight
    } else {
        0.0
    }
}

fn reason_to_skip<'r>(
    record: &'r Record,
    options: &BuildOptions,
    ids: &mut BTreeSet<&'r str>,
) -> Option<SkipReason> {
    if record.id.is_empty() {
        return Some(SkipReason::NoId);
    }
    if record.title.trim().is_empty() {
        return Some(SkipReason::NoTitle);
    }
    match record.visibility {
        Visibility::Internal => return Some(SkipReason::Internal),
        Visibility::Restricted if !options.include_restricted => {
            return Some(SkipReason::Restricted);
        }
        _ => {}
    }
    if let (Some(until), Some(now)) = (record.valid_until, options.now_ms)
        && (until as f64) < now
    {
        return Some(SkipReason::Expired);
    }
    (!ids.insert(record.id.as_str())).then_some(SkipReason::RepeatedId)
}
