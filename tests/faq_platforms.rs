//! The same articles give the same bytes wherever an index is built. `tests/cli/node.test.mjs` builds the same
//! ones in WebAssembly and compares with the same sums.
#![cfg(feature = "import")]

use deskside::faq::{BuildOptions, build};
use deskside::import::{ImportOptions, from_json};

const SUMS: &str = include_str!("fixtures/faq/records.sums");

/// The checksum in a part's header, which covers all of it.
fn sum(part: &[u8]) -> String {
    part[16..24]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn an_index_built_here_is_the_index_built_in_webassembly() {
    let records = include_str!("fixtures/faq/records.json");
    let imported = from_json(records, &ImportOptions::default());
    assert_eq!(imported.skipped, []);
    let built = build(&imported.records, &BuildOptions::default()).expect("builds");
    let sums = format!("{}\n{}\n", sum(&built.titles), sum(&built.bodies));
    // Written with DESKSIDE_FREEZE=1 when what is built changes.
    if std::env::var_os("DESKSIDE_FREEZE").is_some() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/fixtures/faq/records.sums"
        );
        return std::fs::write(path, sums).expect("writes");
    }
    assert_eq!(
        sums, SUMS,
        "run once with DESKSIDE_FREEZE=1 if what is built was meant to change"
    );
}
