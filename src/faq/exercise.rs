//! Everything that reads untrusted bytes, called once: for fuzzers, and for the tests of hostile input.

use super::{Index, SearchOptions};

/// Opens `bytes` as an index, as one file and as two parts, and uses whatever opens.
pub fn index_bytes(bytes: &[u8]) {
    if let Ok(mut index) = Index::open(bytes.to_vec()) {
        let _ = index.attach_bodies(bytes.to_vec());
        for query in [
            "refund",
            "shipmnt",
            "退款",
            "tuikuan",
            "tk",
            "help",
            "where is my deliv",
            "ab-12",
        ] {
            query_text(&index, query);
        }
        for listed in index.popular(None, 5) {
            let _ = index.article(&listed.id);
            let _ = index.related(&listed.id, 3);
        }
    }
}

/// Asks everything that takes text from a visitor.
pub fn query_text(index: &Index, query: &str) {
    for typing in [false, true] {
        let _ = index.search(
            query,
            &SearchOptions {
                typing,
                ..SearchOptions::default()
            },
        );
    }
    let _ = index.suggest(query, Some("zh-TW"), 5);
    let _ = index.for_url(query, None, 5);
}
