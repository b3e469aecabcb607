//! What is marked in titles and passages.

use deskside::faq::record::Record;
use deskside::faq::{BuildOptions, Index, Run, SearchOptions, build};
use deskside::richtext::{Block, Inline};
use proptest::prelude::*;

fn record(title: &str, body: &str) -> Record {
    Record {
        id: title.into(),
        locale: "en".into(),
        title: title.into(),
        body: vec![Block::Paragraph(vec![Inline::Text(body.into())])],
        ..Record::default()
    }
}

/// Titles that begin alike, so that their first words tell little.
fn index() -> Index {
    let records: Vec<Record> = [
        (
            "How to return an item",
            "Send an item back within thirty days; the refund follows.",
        ),
        ("How to return a gift", "Gifts go back like anything else."),
        ("How to pay by card", "Every card is taken."),
        (
            "How to change the address",
            "Write to us before the parcel leaves.",
        ),
        (
            "How to close your account",
            "Your data is deleted after a month.",
        ),
        ("How to find an invoice", "It is in your account."),
        ("Error AB-12/3 on the terminal", "Switch it off and on."),
        ("Crème brûlée by post", "Kept cool on the way."),
        ("怎么退货", "签收后七天内可以申请退货。"),
        ("怎么退款", "退款原路返回。"),
        ("怎么修改地址", "发货前可以修改。"),
        ("怎么联系客服", "在线客服随时都在。"),
        ("怎么开发票", "订单完成后可以开票。"),
        ("怎么下载App", "在应用商店里搜索。"),
        ("如何申请退款", "在订单页提交。"),
        ("会员积分怎么用", "结账时可以抵扣。"),
    ]
    .iter()
    .map(|(title, body)| record(title, body))
    .chain((0..40).map(|n| record(&format!("How to mend part {n}"), "")))
    .chain((0..40).map(|n| record(&format!("怎么修理零件{n}"), "")))
    .collect();
    let built = build(&records, &BuildOptions::default()).expect("builds");
    Index::open(built.bytes()).expect("opens")
}

fn shown(runs: &[Run]) -> String {
    runs.iter()
        .map(|run| match run.marked {
            true => format!("[{}]", run.text),
            false => run.text.clone(),
        })
        .collect()
}

/// The title of an article as it is shown for a query, marks in brackets.
fn title(query: &str, id: &str) -> String {
    let results = index().search(query, &SearchOptions::default());
    let hit = results.hits.iter().find(|hit| hit.id == id);
    hit.map_or("not found".into(), |hit| shown(&hit.title_runs))
}

#[test]
fn a_title_that_is_typed_is_marked_whole() {
    for typed in [
        "怎么退货",
        "如何申请退款",
        "怎么下载App",
        "How to return an item",
    ] {
        assert_eq!(title(typed, typed), format!("[{typed}]"));
    }
    assert_eq!(
        title("how to return an item please", "How to return an item"),
        "[How to return an item]"
    );
    assert_eq!(title("請問怎麼退貨", "怎么退货"), "[怎么退货]");
    assert_eq!(
        title("ｈｏｗ ｔｏ ｒｅｔｕｒｎ", "How to return a gift"),
        "[How to return] a gift"
    );
    assert_eq!(
        title("creme brulee by post", "Crème brûlée by post"),
        "[Crème brûlée by post]"
    );
}

#[test]
fn chinese_is_marked_as_far_as_it_stands_in_the_query() {
    assert_eq!(title("退货", "怎么退货"), "怎么[退货]");
    assert_eq!(title("怎么退货", "怎么退款"), "[怎么退]款");
    assert_eq!(title("怎么下载", "怎么下载App"), "[怎么下载]App");
    assert_eq!(title("下载app", "怎么下载App"), "怎么[下载App]");
    assert_eq!(title("积分怎么用啊", "会员积分怎么用"), "会员[积分怎么用]");
    // 怎么 alone says nothing beside what else is asked.
    assert_eq!(title("发票怎么申请", "怎么开发票"), "怎么开[发票]");
}

#[test]
fn a_phrase_is_marked_as_one_and_its_common_words_only_within_it() {
    assert_eq!(
        title("how to return", "How to return an item"),
        "[How to return] an item"
    );
    assert_eq!(
        title("can I return an item", "How to return an item"),
        "How to [return an item]"
    );
    assert_eq!(
        title("item to return", "How to return an item"),
        "How to [return] an [item]"
    );
    assert_eq!(
        title("returning items", "How to return an item"),
        "How to [return] an [item]"
    );
}

#[test]
fn what_is_misspelled_or_unfinished_is_part_of_its_phrase() {
    assert_eq!(
        title("how to retrun", "How to return an item"),
        "[How to return] an item"
    );
    assert_eq!(
        title("how to return an it", "How to return an item"),
        "[How to return an it]em"
    );
    assert_eq!(
        title("close your acc", "How to close your account"),
        "How to [close your acc]ount"
    );
    // The word is there in full, whatever is begun after it.
    assert_eq!(
        title("invoice in", "How to find an invoice"),
        "How to find an [invoice]"
    );
}

#[test]
fn a_common_word_marks_no_beginnings_of_others() {
    let records = [
        record(
            "Sign in",
            "Say who you are in the sign-in form, as you were invited.",
        ),
        record("An invoice in German", "In the account."),
        record("Change the address in time", ""),
        record("A gift in paper", ""),
    ];
    let built = build(&records, &BuildOptions::default()).expect("builds");
    let index = Index::open(built.bytes()).expect("opens");
    let results = index.search("I cannot sign in", &SearchOptions::default());
    assert_eq!(shown(&results.hits[0].title_runs), "[Sign in]");
    let passage = shown(&results.hits[0].passage_runs);
    assert_eq!(
        passage,
        "Say who you are in the [sign]-in form, as you were invited."
    );
}

#[test]
fn beside_pairs_a_single_character_is_not_marked() {
    let records = [
        record("退款说明", "退货以后退款，货到退回。"),
        record("怎么开发票", ""),
        record("会员积分", ""),
    ];
    let built = build(&records, &BuildOptions::default()).expect("builds");
    let index = Index::open(built.bytes()).expect("opens");
    let results = index.search("退款多久", &SearchOptions::default());
    assert_eq!(shown(&results.hits[0].title_runs), "[退款]说明");
    assert_eq!(
        shown(&results.hits[0].passage_runs),
        "退货以后[退款]，货到退回。"
    );
}

#[test]
fn a_code_is_marked_as_one() {
    assert_eq!(
        title("AB-12/3", "Error AB-12/3 on the terminal"),
        "Error [AB-12/3] on the terminal"
    );
}

#[test]
fn passages_are_marked_alike() {
    let results = index().search("签收后七天", &SearchOptions::default());
    assert_eq!(
        shown(&results.hits[0].passage_runs),
        "[签收后七天]内可以申请退货。"
    );
}

const PIECES: &[&str] = &[
    "how",
    "to",
    "return",
    "an",
    "item",
    "retrun",
    "AB-12/3",
    "怎么",
    "退",
    "货",
    "退貨",
    "App",
    "ａｐｐ",
    "crème",
    "cre\u{301}me",
    " ",
    "-",
    "。",
    "é",
    "👍🏽",
    "ｈｏｗ",
    "カード",
    "ที่",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Marks are in order, apart, within the text and at borders of characters: the runs are never empty, make up
    /// the text, and no two beside each other are alike.
    #[test]
    fn marks_are_apart_and_make_up_the_text(
        title in prop::collection::vec(prop::sample::select(PIECES), 1..12),
        query in prop::collection::vec(prop::sample::select(PIECES), 1..10),
        typing in any::<bool>(),
    ) {
        let (title, query) = (title.concat(), query.concat());
        let records = [record(&title, &title.repeat(9)), record("How to return an item", "怎么退货")];
        let built = build(&records, &BuildOptions::default()).expect("builds");
        let index = Index::open(built.bytes()).expect("opens");
        let options = SearchOptions { typing, ..SearchOptions::default() };
        for hit in index.search(&query, &options).hits {
            let whole: String = hit.title_runs.iter().map(|run| run.text.as_str()).collect();
            prop_assert_eq!(&whole, &hit.title);
            let passage: String = hit.passage_runs.iter().map(|run| run.text.as_str()).collect();
            let passage = passage.trim_matches('…');
            prop_assert!(passage.is_empty() || title.repeat(9).contains(passage) || "怎么退货".contains(passage));
            for runs in [&hit.title_runs, &hit.passage_runs] {
                prop_assert!(runs.iter().all(|run| !run.text.is_empty()));
                let apart = |pair: &[Run]| pair[0].marked != pair[1].marked || pair.iter().any(|run| run.text == "…");
                prop_assert!(runs.windows(2).all(apart), "{:?}", runs);
            }
        }
    }

    #[test]
    fn a_query_that_is_a_title_marks_it_from_its_first_word_to_its_last(
        words in prop::collection::vec(prop::sample::select(&["how", "to", "return", "item", "怎么", "退货", "app"][..]), 1..8),
    ) {
        let title = words.join(" ");
        let records = [record(&title, ""), record("How to pay an item", ""), record("怎么付款", "")];
        let built = build(&records, &BuildOptions::default()).expect("builds");
        let index = Index::open(built.bytes()).expect("opens");
        let results = index.search(&title, &SearchOptions::default());
        let hit = results.hits.iter().find(|hit| hit.id == title).expect("is found");
        prop_assert_eq!(shown(&hit.title_runs), format!("[{title}]"));
    }
}
