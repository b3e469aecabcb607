//! Everything that reads untrusted bytes, called once: for fuzzers, and for the tests of hostile input.

use super::format::part::{HEADER_LEN, checksum, header_seed};
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

/// Makes the checksums of an index's parts right, so that damage reaches the readers behind them.
pub fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut at = 0;
    while let Some(part) = bytes.get(at..).filter(|part| part.len() >= HEADER_LEN) {
        let len = u32::from_le_bytes([part[8], part[9], part[10], part[11]]) as usize;
        if len < HEADER_LEN || len > part.len() {
            break;
        }
        let sum = checksum(&part[HEADER_LEN..len], header_seed(part));
        bytes[at + 16..at + HEADER_LEN].copy_from_slice(&sum.to_le_bytes());
        at += len;
    }
    bytes
}
