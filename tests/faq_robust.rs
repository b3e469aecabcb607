//! Hostile bytes and hostile queries: wrong answers at worst, never a panic, never a hang.
#![cfg(feature = "indexer")]

use deskside::faq::exercise::{index_bytes, sealed};
use deskside::faq::record::Record;
use deskside::faq::{BuildOptions, Index, Pinned, SearchOptions, build};
use deskside::richtext::{Block, Inline};
use proptest::prelude::*;

fn records() -> Vec<Record> {
    let record = |id: &str, locale: &str, title: &str, alternative: &str, body: &str| Record {
        id: id.into(),
        locale: locale.into(),
        title: title.into(),
        alternatives: vec![alternative.into()],
        body: vec![
            Block::Heading {
                level: 2,
                anchor: "a".into(),
                content: vec![Inline::Text(title.into())],
            },
            Block::List {
                ordered: false,
                start: 1,
                items: vec![vec![Block::Paragraph(vec![Inline::Text(body.into())])]],
            },
        ],
        path: vec!["Help".into()],
        tags: vec!["tag".into()],
        ..Record::default()
    };
    vec![
        record(
            "refund",
            "en",
            "How do I get a refund?",
            "Money back for order AB-12",
            "Three working days.",
        ),
        record(
            "delivery",
            "en",
            "Where is my delivery?",
            "Parcel has not arrived",
            "Track it in the app.",
        ),
        record(
            "zh",
            "zh-CN",
            "如何申请退款",
            "我要退钱",
            "三个工作日内到账。",
        ),
    ]
}

fn bytes() -> Vec<u8> {
    let options = BuildOptions {
        synonyms: vec![vec!["parcel".into(), "shipment".into()]],
        pinned: vec![Pinned {
            query: "help".into(),
            ids: vec!["refund".into()],
        }],
        ..BuildOptions::default()
    };
    build(&records(), &options).expect("builds").bytes()
}

#[test]
fn every_truncation_is_refused() {
    let whole = bytes();
    let front = Index::open(whole.clone())
        .map(|_| u32::from_le_bytes(whole[8..12].try_into().unwrap()) as usize)
        .unwrap();
    for len in (0..whole.len()).filter(|&len| len != front) {
        let error = Index::open(whole[..len].to_vec()).expect_err("cut short");
        assert!(error.code().starts_with("index_"), "{len}");
    }
}

#[test]
fn every_flipped_byte_is_noticed() {
    let whole = bytes();
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        assert!(Index::open(damaged).is_err(), "byte {at}");
    }
}

#[test]
fn changed_bytes_all_over_a_part_with_a_right_checksum_are_survived() {
    let whole = bytes();
    // The directory and the beginnings of sections byte by byte, the rest in strides.
    for (n, at) in (24..300).chain((300..whole.len()).step_by(41)).enumerate() {
        let mut damaged = whole.clone();
        damaged[at] = [0, 0x7F, 0xFF][n % 3];
        index_bytes(&sealed(damaged));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn many_changes_behind_a_right_checksum_are_survived(changes in prop::collection::vec((24usize..6000, any::<u8>()), 1..40)) {
        let mut damaged = bytes();
        for (at, value) in changes {
            let len = damaged.len();
            damaged[24 + at % (len - 24)] = value;
        }
        index_bytes(&sealed(damaged));
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        index_bytes(&bytes);
    }

    #[test]
    fn any_query_is_survived_and_its_runs_add_up(query in "\\PC{0,60}", typing in any::<bool>()) {
        let index = Index::open(bytes()).unwrap();
        for hit in index.search(&query, &SearchOptions { typing, ..SearchOptions::default() }).hits {
            let whole: String = hit.title_runs.iter().map(|run| run.text.as_str()).collect();
            prop_assert_eq!(whole, hit.title);
            prop_assert!((0.0..=1.0).contains(&hit.confidence));
        }
    }
}

#[test]
fn an_index_of_an_earlier_build_still_opens_and_answers() {
    let frozen = include_bytes!("fixtures/faq/v2.idx").to_vec();
    let index = Index::open(frozen).expect("version 2 opens");
    let first = |query: &str| {
        index
            .search(query, &SearchOptions::default())
            .hits
            .first()
            .map(|hit| hit.id.clone())
    };
    assert_eq!(first("refnd").as_deref(), Some("refund"));
    assert_eq!(first("申請退款").as_deref(), Some("zh"));
    assert_eq!(first("shipment").as_deref(), Some("delivery"));
    assert_eq!(
        index.article("zh").map(|article| article.body),
        Some(records()[2].body.clone())
    );
}

#[test]
fn the_frozen_fixture_can_be_made_again() {
    // Written with DESKSIDE_FREEZE=1 when the format gets a new version, never otherwise.
    if std::env::var_os("DESKSIDE_FREEZE").is_some() {
        std::fs::write(
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/faq/v2.idx"),
            bytes(),
        )
        .expect("writes");
    }
    assert_eq!(bytes(), bytes());
}

#[test]
fn a_query_of_a_megabyte_is_answered_at_once() {
    let index = Index::open(bytes()).unwrap();
    let long = "refund delivery 退款 ".repeat(60_000);
    assert!(
        !index
            .search(&long, &SearchOptions::default())
            .hits
            .is_empty()
    );
}

#[test]
fn an_article_of_more_sections_than_an_index_numbers_is_built() {
    let heading = |n: usize| Block::Heading {
        level: 2,
        anchor: format!("section-{n}"),
        content: vec![Inline::Text(format!("Section {n}"))],
    };
    let text = |n: usize| Block::Paragraph(vec![Inline::Text(format!("What holds for part{n}."))]);
    let records = [Record {
        id: "long".into(),
        title: "Everything".into(),
        body: (0..700).flat_map(|n| [heading(n), text(n)]).collect(),
        ..Record::default()
    }];
    let built = build(&records, &BuildOptions::default()).expect("builds");
    assert!((2..=255).contains(&built.report.passages));
    let index = Index::open(built.bytes()).expect("opens");
    assert_eq!(
        index
            .search("part699", &SearchOptions::default())
            .hits
            .len(),
        1
    );
}
