//! What a visitor types into the search.
#![no_main]

use deskside::faq::{Index, SearchOptions, exercise::query_text};
use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

static INDEX: OnceLock<Index> = OnceLock::new();

fuzz_target!(|query: &str| {
    let frozen = include_bytes!("../../fixtures/faq/v2.idx");
    let index = INDEX.get_or_init(|| Index::open(frozen.to_vec()).expect("the frozen index opens"));
    query_text(index, query);
    for hit in index.search(query, &SearchOptions::default()).hits {
        let whole: String = hit.title_runs.iter().map(|run| run.text.as_str()).collect();
        assert_eq!(whole, hit.title);
        assert!((0.0..=1.0).contains(&hit.confidence));
    }
});
