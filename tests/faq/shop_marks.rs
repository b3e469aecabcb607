//! What is marked in the articles of the shop, and among few.

use super::shop::*;
use deskside::faq::SearchOptions;
use deskside::faq::record::Record;

#[test]
fn titles_and_passages_are_marked_where_they_match() {
    let index = open(&shop());
    let hit = |query: &str| {
        index
            .search(query, &SearchOptions::default())
            .hits
            .remove(0)
    };
    assert_eq!(marked(&hit("refund").title_runs), ["refund"]);
    assert_eq!(marked(&hit("refudn").title_runs), ["refund"]);
    assert_eq!(marked(&hit("deliv").title_runs), ["deliv"]);
    assert_eq!(marked(&hit("退款").title_runs), ["退款"]);
    assert_eq!(marked(&hit("申请退").title_runs), ["申请退"]);
    assert_eq!(marked(&hit("如何申").title_runs), ["如何申"]);
    let found = hit("refund bank statement");
    assert_eq!(found.anchor.as_deref(), Some("how-long"));
    assert_eq!(marked(&found.passage_runs), ["bank", "statement"]);
    let passage: String = found
        .passage_runs
        .iter()
        .map(|run| run.text.as_str())
        .collect();
    assert!(
        passage.starts_with("How long it takes · The bank"),
        "{passage}"
    );
    let whole: String = hit("申請退款")
        .title_runs
        .into_iter()
        .map(|run| run.text)
        .collect();
    assert_eq!(whole, "如何申请退款");
}

#[test]
fn words_that_only_ask_are_not_marked_beside_one_that_tells() {
    let index = open(&[
        record("late", "My parcel is late", &[]),
        record(
            "part",
            "Only part of my order arrived",
            &["part of a parcel"],
        ),
        record("track", "Track an order", &["where is it"]),
    ]);
    let hits = index.search("where is my parcel", &SearchOptions::default());
    let title = |id: &str| {
        let hit = hits.hits.iter().find(|hit| hit.id == id).expect("a hit");
        marked(&hit.title_runs)
    };
    assert_eq!(title("late"), ["parcel"]);
    assert!(title("part").is_empty(), "{:?}", title("part"));
}

#[test]
fn common_words_are_not_marked_beside_rarer_ones() {
    let index = open(&shop());
    let passage = "Do it as often as it takes, and how I do it myself.";
    let records: Vec<Record> = [
        "refund", "invoice", "password", "parcel", "garden", "window",
    ]
    .iter()
    .map(|word| Record {
        body: vec![paragraph(&format!("{passage} {word}"))],
        ..record(word, &format!("How do I find it: {word}"), &[])
    })
    .collect();
    let common = open(&records);
    let hit = |query: &str| {
        common
            .search(query, &SearchOptions::default())
            .hits
            .remove(0)
    };
    assert_eq!(marked(&hit("how do I do it refund").title_runs), ["refund"]);
    assert_eq!(
        marked(&hit("how do I do it refund").passage_runs),
        ["refund"]
    );
    assert_eq!(
        marked(&hit("how").title_runs),
        ["How"],
        "alone it is what was asked"
    );
    let chinese = index
        .search("我的退款怎么申请", &SearchOptions::default())
        .hits
        .remove(0);
    assert!(
        marked(&chinese.title_runs).contains(&"申请退款"),
        "{:?}",
        chinese.title_runs
    );
}
