//! What people find, by behaviour.
#![cfg(feature = "indexer")]

use deskside::faq::params::GUESSES_MAX;
use deskside::faq::record::{Record, Visibility};
use deskside::faq::{
    BuildOptions, Built, Index, Logged, Pinned, Run, SearchOptions, SkipReason, Verdict, build,
};
use deskside::richtext::{Block, Inline};

fn record(id: &str, title: &str, alternatives: &[&str]) -> Record {
    Record {
        id: id.into(),
        locale: "en".into(),
        title: title.into(),
        alternatives: alternatives.iter().map(|a| (*a).to_owned()).collect(),
        ..Record::default()
    }
}

fn paragraph(text: &str) -> Block {
    Block::Paragraph(vec![Inline::Text(text.into())])
}

fn heading(text: &str, anchor: &str) -> Block {
    Block::Heading {
        level: 2,
        anchor: anchor.into(),
        content: vec![Inline::Text(text.into())],
    }
}

fn shop() -> Vec<Record> {
    let mut refund = record(
        "refund",
        "How do I get a refund?",
        &["I want my money back", "Return an item for a refund"],
    );
    refund.path = vec!["Orders".into(), "Returns".into()];
    refund.tags = vec!["money".into()];
    refund.url = Some("https://shop.example/help/returns/refund".into());
    refund.weight = 5.0;
    refund.body = vec![
        paragraph("You can send goods back within thirty days."),
        heading("How long it takes", "how-long"),
        paragraph(
            "The bank needs three to five working days until the amount appears on your statement.",
        ),
    ];
    let mut delivery = record(
        "delivery",
        "Where is my delivery?",
        &["My parcel has not arrived", "Track an order"],
    );
    delivery.path = vec!["Orders".into()];
    delivery.weight = 9.0;
    delivery.url = Some("https://shop.example/help/delivery".into());
    let mut reset = record(
        "password",
        "Reset your password",
        &["I cannot sign in", "Forgotten password"],
    );
    reset.path = vec!["Account".into()];
    let mut code = record(
        "e4521",
        "Error E4521 when paying",
        &["Card terminal shows AB-12/3"],
    );
    code.path = vec!["Payments".into()];
    let mut zh = record("zh-refund", "如何申请退款", &["我要退钱", "怎么退货退款"]);
    zh.locale = "zh-CN".into();
    zh.translation_of = Some("refund".into());
    let mut zh_password = record("zh-password", "修改登录密码", &["忘记密码怎么办"]);
    zh_password.locale = "zh-CN".into();
    zh_password.translation_of = Some("password".into());
    vec![refund, delivery, reset, code, zh, zh_password]
}

fn built(records: &[Record], options: &BuildOptions) -> Built {
    build(records, options).expect("builds")
}

fn open(records: &[Record]) -> Index {
    Index::open(built(records, &BuildOptions::default()).bytes()).expect("opens")
}

fn ids(index: &Index, query: &str) -> Vec<String> {
    index
        .search(query, &SearchOptions::default())
        .hits
        .into_iter()
        .map(|hit| hit.id)
        .collect()
}

fn first(index: &Index, query: &str) -> String {
    ids(index, query).into_iter().next().unwrap_or_default()
}

fn marked(runs: &[Run]) -> Vec<&str> {
    runs.iter()
        .filter(|run| run.marked)
        .map(|run| run.text.as_str())
        .collect()
}

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
fn locales_fall_back_from_region_to_language_to_default() {
    let index = open(&shop());
    let ask = |query: &str, locale: &str| {
        let options = SearchOptions {
            locale: Some(locale.into()),
            ..SearchOptions::default()
        };
        index
            .search(query, &options)
            .hits
            .into_iter()
            .map(|h| h.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(ask("退款", "zh-TW"), ["zh-refund"]);
    assert_eq!(ask("delivery", "zh-TW"), ["delivery"]);
    assert!(!ask("refund", "zh-TW").contains(&"refund".to_owned()));
    assert!(!ask("退款 refund", "en").contains(&"zh-refund".to_owned()));
}

#[test]
fn of_two_versions_the_one_in_the_very_locale_is_shown() {
    let version = |id: &str, locale: &str, title: &str| Record {
        locale: locale.into(),
        translation_of: (locale != "en").then(|| "refund".into()),
        ..record(id, title, &[])
    };
    let index = open(&[
        version("refund", "en", "Get a refund"),
        version("refund-tw", "zh-TW", "申請退款"),
        version("refund-zh", "zh", "申请退款"),
    ]);
    let ask = |locale: &str| {
        let options = SearchOptions {
            locale: Some(locale.into()),
            ..SearchOptions::default()
        };
        let hits = index.search("退款", &options).hits.into_iter();
        hits.map(|hit| hit.id).collect::<Vec<_>>()
    };
    assert_eq!(ask("zh"), ["refund-zh"]);
    assert_eq!(ask("zh-TW"), ["refund-tw"]);
    assert_eq!(ask("zh-HK"), ["refund-zh"]);
}

#[test]
fn filters_narrow_and_unknown_ones_find_nothing() {
    let index = open(&shop());
    let ask = |category: Option<&str>, tag: Option<&str>| {
        let options = SearchOptions {
            category: category.map(str::to_owned),
            tag: tag.map(str::to_owned),
            ..SearchOptions::default()
        };
        index
            .search("my order refund delivery password", &options)
            .hits
            .into_iter()
            .map(|h| h.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(ask(Some("Account"), None), ["password"]);
    assert_eq!(ask(None, Some("money")), ["refund"]);
    assert_eq!(ask(Some("Orders"), None).len(), 2);
    assert_eq!(ask(Some("Orders\nAccount\nNowhere"), None).len(), 3);
    assert!(ask(Some("Nowhere"), None).is_empty());
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
fn synonyms_and_pinned_answers_come_from_the_options() {
    let options = BuildOptions {
        synonyms: vec![
            vec!["parcel".into(), "shipment".into()],
            vec!["退款".into(), "返现".into()],
        ],
        pinned: vec![Pinned {
            query: "help me".into(),
            ids: vec!["password".into()],
        }],
        log: vec![Logged {
            query: "two factor token".into(),
            id: "password".into(),
        }],
        ..BuildOptions::default()
    };
    let index = Index::open(built(&shop(), &options).bytes()).unwrap();
    assert_eq!(first(&index, "shipment"), "delivery");
    assert!(ids(&index, "返现").contains(&"zh-refund".to_owned()));
    // A word that only the synonyms know is answered as surely as the word itself.
    for (synonym, word) in [("shipment", "parcel"), ("返现", "退款")] {
        let confidence = |query| index.search(query, &SearchOptions::default()).hits[0].confidence;
        assert!(confidence(synonym) > 0.9 * confidence(word), "{synonym}");
    }
    // Several words may be meant as one, though each of them is known by itself.
    let options = BuildOptions {
        synonyms: vec![vec!["log in".into(), "sign in".into()]],
        ..BuildOptions::default()
    };
    let articles = [
        record("audit", "Read the log of a team in the settings", &[]),
        record("account", "I cannot sign in", &[]),
        record("seats", "Who is in my team", &[]),
    ];
    let sign = Index::open(built(&articles, &options).bytes()).unwrap();
    assert_eq!(first(&sign, "log in"), "account");
    assert_eq!(first(&sign, "log"), "audit");
    let own = [&articles[..], &[record("own", "How to log in", &[])]].concat();
    let own = Index::open(built(&own, &options).bytes()).unwrap();
    assert_eq!(ids(&own, "log in")[..2], ["own", "account"]);
    let pinned = index.search("HELP, me!", &SearchOptions::default());
    assert_eq!(pinned.hits[0].id, "password");
    assert!(pinned.hits[0].pinned);
    assert_eq!(pinned.verdict, Verdict::Answer);
    assert_eq!(first(&index, "factor token"), "password");
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
fn articles_lists_and_pages_are_served() {
    let records = shop();
    let index = open(&records);
    let article = index.article("refund").unwrap();
    assert_eq!(article.body, records[0].body);
    assert_eq!(article.path, ["Orders", "Returns"]);
    assert!(index.article("nope").is_none());
    let of =
        |listed: Vec<deskside::faq::Listed>| listed.into_iter().map(|l| l.id).collect::<Vec<_>>();
    assert_eq!(of(index.popular(Some("en"), 2)), ["delivery", "refund"]);
    assert_eq!(
        of(index.for_url("https://shop.example/help/returns?x=1", None, 1)),
        ["refund"]
    );
    assert_eq!(
        of(index.for_url("https://shop.example/help/returns", None, 9)),
        ["refund"],
        "what shares letters only has nothing to do with the page"
    );
    assert_eq!(
        of(index.for_url("/account/password", None, 1)),
        ["password"]
    );
    assert!(!of(index.related("refund", 3)).contains(&"refund".to_owned()));
    assert_eq!(index.suggest("where is", None, 3)[0].id, "delivery");
}

#[test]
fn the_body_part_may_come_later_and_must_be_of_the_same_build() {
    let records = shop();
    let one = built(&records, &BuildOptions::default());
    let mut index = Index::open(one.titles.clone()).unwrap();
    assert!(!index.has_bodies());
    assert_eq!(first(&index, "money back"), "refund");
    assert!(index.article("refund").unwrap().body.is_empty());
    let other = built(&records[1..], &BuildOptions::default());
    assert_eq!(
        index.attach_bodies(other.bodies).unwrap_err().code(),
        "index_other_build"
    );
    index.attach_bodies(one.bodies).unwrap();
    assert_eq!(first(&index, "statement"), "refund");
}

#[test]
fn what_is_left_out_is_reported_with_its_reason() {
    let mut records = shop();
    records.push(record("refund", "Again", &[]));
    records.push(record("blank", " ", &[]));
    let mut secret = record("secret", "Agents only", &[]);
    secret.visibility = Visibility::Internal;
    records.push(secret);
    let mut old = record("old", "Summer sale", &[]);
    old.valid_until = Some(1_000);
    records.push(old);
    let options = BuildOptions {
        now_ms: Some(2_000.0),
        ..BuildOptions::default()
    };
    let report = built(&records, &options).report;
    let reasons: Vec<SkipReason> = report.skipped.iter().map(|s| s.reason).collect();
    assert_eq!(
        reasons,
        [
            SkipReason::RepeatedId,
            SkipReason::NoTitle,
            SkipReason::Internal,
            SkipReason::Expired
        ]
    );
    assert_eq!(report.indexed, 6);
}

#[test]
fn articles_whose_time_is_over_are_not_shown() {
    let mut records = shop();
    records[0].valid_until = Some(5_000);
    let index = open(&records);
    let at = |now: f64| SearchOptions {
        now_ms: Some(now),
        locale: Some("en".into()),
        ..SearchOptions::default()
    };
    assert_eq!(index.search("refund", &at(4_000.0)).hits[0].id, "refund");
    assert!(
        index
            .search("refund", &at(6_000.0))
            .hits
            .iter()
            .all(|h| h.id != "refund")
    );
}

#[test]
fn the_same_records_give_the_same_bytes() {
    let records = shop();
    assert_eq!(
        built(&records, &BuildOptions::default()).bytes(),
        built(&records, &BuildOptions::default()).bytes()
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
