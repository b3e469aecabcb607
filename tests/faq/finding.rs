//! What people find.

use super::shop::*;
use deskside::faq::params::GUESSES_MAX;
use deskside::faq::record::Record;
use deskside::faq::{Index, SearchOptions, Verdict};

#[test]
fn whole_questions_keywords_typos_and_beginnings_find_the_article() {
    let index = open(&shop());
    for query in [
        "how can I get my money back",
        "refund",
        "refudn",
        "REFUND",
        "ｒｅｆｕｎｄ",
        "réfund",
        "refu",
        "returning items",
    ] {
        assert_eq!(first(&index, query), "refund", "{query}");
    }
    for query in [
        "parcel hasn't arrived",
        "delivry",
        "deliveries",
        "where is my deliv",
    ] {
        assert_eq!(first(&index, query), "delivery", "{query}");
    }
}

#[test]
fn chinese_is_found_by_characters_traditional_forms_pinyin_and_initials() {
    let index = open(&shop());
    for query in [
        "退款",
        "怎么申请退款",
        "我想退錢",
        "申請退款",
        "tuikuan",
        "tk",
        "退款refund",
    ] {
        assert!(
            ids(&index, query).contains(&"zh-refund".to_owned()),
            "{query}"
        );
    }
    assert_eq!(first(&index, "xgmm"), "zh-password");
    assert_eq!(first(&index, "忘记密马"), "zh-password");
}

#[test]
fn codes_stay_whole_and_no_typo_is_looked_for_in_them() {
    let index = open(&shop());
    assert_eq!(first(&index, "E4521"), "e4521");
    assert_eq!(first(&index, "ab-12/3"), "e4521");
    assert_eq!(first(&index, "AB123"), "e4521");
    assert!(ids(&index, "E4522").is_empty());
}

#[test]
fn a_word_that_exists_is_never_overtaken_by_a_guess() {
    let mut records = vec![record("form", "A form", &[])];
    for n in 0..5 {
        records.push(record(
            &format!("formal{n}"),
            "Formal formal formats",
            &["formal formats", "formal"],
        ));
    }
    let index = open(&records);
    assert_eq!(first(&index, "form"), "form");
}

#[test]
fn equal_scores_are_ordered_by_weight() {
    let mut records: Vec<Record> = (0..4)
        .map(|n| record(&format!("r{n}"), "Opening hours", &[]))
        .collect();
    records[2].weight = 3.0;
    records[3].weight = 1.0;
    assert_eq!(
        ids(&open(&records), "opening hours"),
        ["r2", "r3", "r0", "r1"]
    );
}

#[test]
fn articles_in_one_language_are_ranked_alike_whatever_other_languages_stand_beside_them() {
    let english = |count: usize| {
        let things = ["parcel", "invoice", "password", "garden", "window"];
        let body = "Where it is and how it goes, step by step.";
        let all = things.iter().map(|thing| Record {
            body: vec![paragraph(body)],
            ..record(thing, &format!("Where is my {thing}?"), &[])
        });
        all.take(count).collect::<Vec<_>>()
    };
    let chinese = (0..60u32).map(|n| {
        let han = |n| char::from_u32(0x4e00 + n).expect("a character");
        let title: String = (0..6).map(|k| han(n * 6 + k)).collect();
        Record {
            locale: "zh-CN".into(),
            ..record(&format!("zh{n}"), &title, &[])
        }
    });
    let alone = open(&english(5));
    let beside = open(&english(5).into_iter().chain(chinese).collect::<Vec<_>>());
    for query in ["where is my garden", "parcel", "how does it go"] {
        let hits = |index: &Index| index.search(query, &SearchOptions::default()).hits;
        let (alone, beside) = (hits(&alone), hits(&beside));
        assert_eq!(alone.len(), beside.len(), "{query}");
        for (one, other) in alone.iter().zip(&beside) {
            assert_eq!(one.id, other.id, "{query}");
            let share = one.score / alone[0].score - other.score / beside[0].score;
            assert!(share.abs() < 0.02, "{query}: {} by {share}", one.id);
        }
    }
}

#[test]
fn a_corrected_query_is_offered() {
    let index = open(&shop());
    let results = index.search("forgoten pasword", &SearchOptions::default());
    assert_eq!(results.did_you_mean.as_deref(), Some("forgotten password"));
    assert_eq!(
        index
            .search("forgotten password", &SearchOptions::default())
            .did_you_mean,
        None
    );
}

#[test]
fn nothing_is_answered_to_what_has_nothing_to_do_with_the_articles() {
    let index = open(&shop());
    let results = index.search(
        "weather forecast tomorrow morning in lisbon",
        &SearchOptions::default(),
    );
    assert_eq!(results.verdict, Verdict::Nothing);
    assert_eq!(index.search("", &SearchOptions::default()).hits, []);
    assert_ne!(
        index
            .search("how do I get a refund", &SearchOptions::default())
            .verdict,
        Verdict::Nothing
    );
}

#[test]
fn among_few_articles_the_words_of_every_question_are_no_answer() {
    let titles = [
        "How do I get a refund?",
        "Where is my order?",
        "I forgot my password",
        "Cancel my subscription",
        "Opening hours",
    ];
    let records = titles.map(|title| Record {
        id: title.into(),
        title: title.into(),
        ..Record::default()
    });
    let index = open(&records);
    let verdict = |query| index.search(query, &SearchOptions::default()).verdict;
    for query in [
        "how do I cook rice",
        "where is my cat",
        "who is the president of france",
        "can I bring my dog",
        "what is the weather tomorrow",
        "I like my new bicycle",
    ] {
        assert_eq!(verdict(query), Verdict::Nothing, "{query}");
    }
    for query in [
        "how do I get a refund",
        "refund",
        "forgot pasword",
        "where is the order",
    ] {
        assert_ne!(verdict(query), Verdict::Nothing, "{query}");
    }
    assert_eq!(verdict("where is my order"), Verdict::Answer);
}

#[test]
fn a_search_guesses_at_so_many_words_and_no_more() {
    let index = open(&shop());
    let behind = |strangers: usize| {
        let query = format!("{} refudn", "qwxzvk ".repeat(strangers));
        index
            .search(&query, &SearchOptions::default())
            .did_you_mean
            .is_some()
    };
    assert!(behind(0) && behind(GUESSES_MAX - 1));
    assert!(!behind(GUESSES_MAX));
}

#[test]
fn an_article_is_found_by_its_tags() {
    let mut plan = record("plan", "Change your plan", &[]);
    plan.tags = vec!["downgrade".into(), "invoice address".into()];
    let others = [
        record("page", "Change a page", &[]),
        record("name", "Change your name", &[]),
    ];
    let index = open(&[&others[..], &[plan]].concat());
    assert_eq!(first(&index, "downgrade"), "plan");
    assert_eq!(first(&index, "adress of invoices"), "plan");
}

#[test]
fn what_a_body_says_in_several_passages_counts_together() {
    let long =
        "This paragraph is about something else and only there to be long enough. ".repeat(9);
    let article = |id: &str, passages: [&str; 3]| {
        let mut article = record(id, id, &[]);
        article.body = passages
            .map(|text| paragraph(&format!("{text} {long}")))
            .into();
        article
    };
    let index = open(&[
        article("bicycle", ["A bicycle.", "Its lamp.", "Its battery."]),
        article("boat", ["A boat with a lamp.", "Its sail.", "Its anchor."]),
        article("train", ["A train.", "Its battery.", "Its doors."]),
    ]);
    assert_eq!(first(&index, "battery for the lamp"), "bicycle");
}

#[test]
fn words_that_stand_together_in_a_passage_bring_it_forward() {
    let article = |id: &str, text: &str| {
        let mut article = record(id, id, &[]);
        article.body = vec![
            heading("One", "one"),
            paragraph(text),
            heading("Two", "two"),
        ];
        article.body.push(paragraph("Nothing of it here."));
        article
    };
    let index = open(&[
        article(
            "apart",
            "The method of shipping is chosen before payment of the goods.",
        ),
        article(
            "near",
            "Before shipping of the goods the payment method is chosen.",
        ),
    ]);
    assert_eq!(first(&index, "payment method"), "near");
}

#[test]
fn a_chinese_character_too_many_or_too_few_does_not_hide_an_article() {
    let zh = |id: &str, title: &str| Record {
        locale: "zh".into(),
        ..record(id, title, &[])
    };
    let index = open(&[
        zh("card", "更换还款银行卡"),
        zh("loan", "取消借款申请"),
        zh("phone", "客服电话是多少"),
        zh("account", "我的账户怎么开户"),
    ]);
    assert_eq!(first(&index, "取消借贝款申请"), "loan");
    assert_eq!(first(&index, "更还款银行卡"), "card");
    assert_eq!(first(&index, "服客电话"), "phone");
    assert_eq!(first(&index, "怎么开妈户"), "account");
}
