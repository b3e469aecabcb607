//! In what is searched, and what a builder is told: locales, filters, lists, options.

use super::shop::*;
use deskside::faq::record::{Record, Visibility};
use deskside::faq::{BuildOptions, Index, Logged, Pinned, SearchOptions, SkipReason, Verdict};

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
