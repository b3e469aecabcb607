//! Files of a help centre. The first byte chooses the name, and so the format; what is imported can be built
//! into an index that opens.
#![no_main]

use deskside::faq::{BuildOptions, Index, build};
use deskside::import::{ImportOptions, Source, import};
use libfuzzer_sys::fuzz_target;

const PATHS: [&str; 6] = [
    "en/returns/refund.md",
    "zh-CN/questions.csv",
    "questions.tsv",
    "articles.json",
    "help/page.html",
    "export.zip",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, bytes)) = bytes.split_first() else {
        return;
    };
    let source = Source {
        path: PATHS[usize::from(*choice) % PATHS.len()],
        bytes,
    };
    let options = ImportOptions {
        base_url: Some("https://help.example.com/".into()),
        ..ImportOptions::default()
    };
    let imported = import(&[source], &options);
    let built = build(&imported.records, &BuildOptions::default()).expect("builds");
    let index = Index::open(built.bytes()).expect("opens");
    assert!(index.len() <= imported.records.len());
});
