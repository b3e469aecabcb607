//! Pages with FAQPage JSON-LD.

use crate::shown::shown;
use crate::{briefs, file, folder, ids};

#[test]
fn questions_in_a_graph_become_records() {
    let imported = folder("html");
    assert_eq!(
        ids(&imported),
        [
            "do-you-ship-to-norway-iceland",
            "can-i-pay-later",
            "one-alone"
        ]
    );
    let record = &imported.records[0];
    assert_eq!(
        record.title, "Do you ship to Norway & Iceland?",
        "its markup is read, not shown"
    );
    assert_eq!(record.locale, "en-GB", "from the page");
    assert_eq!(record.url.as_deref(), Some("https://shop.example/faq"));
    assert_eq!(record.updated_at, Some(1_774_828_800_000));
    assert_eq!(
        shown(&record.body),
        "\
p Yes, in <a https://shop.example/delivery (shop.example) five days>.
ul
  -
    p By post
  -
    p By courier
"
    );
    assert_eq!(imported.records[1].weight, 4.0);
}

#[test]
fn what_is_wrong_with_a_page_is_told() {
    let imported = folder("html");
    let skipped = briefs(&imported.skipped);
    assert_eq!(skipped[0], "html/about.html noFaqPage");
    assert_eq!(skipped[1], "html/faq.html#1 noAnswer Is there an answer?");
    assert!(
        skipped[2].starts_with("html/faq.html#3 syntax "),
        "{}",
        skipped[2]
    );
    assert_eq!(skipped.len(), 3);
}

#[test]
fn linked_data_may_stand_by_itself() {
    let imported = file(
        "faq.jsonld",
        r#"{ "@context": "https://schema.org", "@type": "https://schema.org/FAQPage", "inLanguage": "zh-CN",
             "mainEntity": { "@type": "Question", "name": "多久发货", "acceptedAnswer": { "text": "三天。" } } }"#,
    );
    assert_eq!(ids(&imported), ["多久发货"]);
    assert_eq!(imported.records[0].locale, "zh-CN");
    let other = file(
        "shop.jsonld",
        r#"{ "@type": "Organization", "name": "Shop" }"#,
    );
    assert_eq!(briefs(&other.skipped), ["shop.jsonld#1 noFaqPage"]);
}
