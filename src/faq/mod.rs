//! Self-service search over help articles: an index that is read in place from its bytes.
//!
//! [`build`] (feature `indexer`) turns [`record::Record`]s into bytes; [`Index::open`] answers from them.

mod best;
mod body;
#[cfg(feature = "indexer")]
mod build;
mod closeness;
mod confidence;
#[cfg(feature = "indexer")]
pub mod exercise;
pub mod format;
mod han;
mod highlight;
mod index;
mod neighbours;
pub mod params;
mod query;
mod rank;
pub mod record;
mod result;
mod search;
pub mod text;

#[cfg(feature = "indexer")]
pub use build::{
    BuildError, BuildOptions, BuildReport, Built, Logged, Pinned, RECORDS_MAX, SkipReason, Skipped,
    build,
};
pub use format::part::IndexError;
pub use index::Index;
pub use result::{Article, Hit, Listed, Results, Run, SearchOptions, Suggestion, Verdict};
