//! Exports of help desks, and records of our own.

use crate::shown::shown;
use crate::{briefs, file, folder, ids};
use deskside::faq::record::Visibility;
use deskside::import::{ImportOptions, from_json};

#[test]
fn zendesk_articles_become_records() {
    let imported = folder("zendesk");
    assert_eq!(
        ids(&imported),
        [
            "360012345678",
            "360099999999",
            "360099999999.zh-CN",
            "4",
            "6"
        ]
    );
    let record = &imported.records[0];
    assert_eq!(record.title, "Return an item");
    assert_eq!(record.locale, "en-US");
    assert_eq!(record.path, ["Shop", "Returns"]);
    assert_eq!(record.tags, ["returns", "refund"]);
    assert_eq!(record.weight, 107.0, "seven votes, and promoted");
    assert_eq!(record.updated_at, Some(1_774_872_000_000));
    assert_eq!(record.visibility, Visibility::Public);
    assert_eq!(
        imported.records[1].weight, 0.0,
        "votes against do not sink it below unknown"
    );
    assert_eq!(
        imported.records[3].visibility,
        Visibility::Restricted,
        "a user segment may see it"
    );
    let chinese = &imported.records[2];
    assert_eq!(
        (chinese.locale.as_str(), chinese.title.as_str()),
        ("zh-CN", "退款多久到账")
    );
    assert_eq!(chinese.translation_of.as_deref(), Some("360099999999"));
}

#[test]
fn zendesk_html_becomes_blocks() {
    let imported = folder("zendesk");
    assert_eq!(
        shown(&imported.records[0].body),
        "\
h2#h_01 How\u{a0}to
p You have <b 30 days>./See <a #/360099999999#when refund times>.
ol3
  -
    p Pack it.
    ul
      -
        p With the slip
  -
    p Send it.
p Keep the receipt.
p <img https://shop.zendesk.com/hc/article_attachments/1/label.png The label>
code \"RET-1\\n  2\"
p <a https://www.youtube.com/embed/x (www.youtube.com) How to pack>
table
  | Where | Days |
  | EU/UK | 5 |
p click
"
    );
}

#[test]
fn zendesk_errors_are_told_by_article() {
    let imported = folder("zendesk");
    assert_eq!(
        briefs(&imported.skipped),
        [
            "zendesk/articles.json#2 draft Erstattung",
            "zendesk/articles.json#3 draft Secret sale",
            "zendesk/articles.json#5 noAnswer Nothing here",
        ]
    );
    assert_eq!(
        briefs(&imported.warnings),
        [
            "zendesk/articles.json#1 linkRefused javascript:alert(1)",
            "zendesk/articles.json#6 field \"draft\"",
            "zendesk/articles.json#6 date yesterday",
        ]
    );
}

#[test]
fn intercom_articles_and_their_translations_become_records() {
    let imported = folder("intercom");
    assert_eq!(ids(&imported), ["6871119", "6871119.zh-CN"]);
    let record = &imported.records[0];
    assert_eq!(record.path, ["Billing", "Invoices"]);
    assert_eq!(
        (record.weight, record.updated_at),
        (33.0, Some(1_774_872_000_000))
    );
    assert_eq!(
        shown(&record.body),
        "p Every invoice as a PDF.\np Open <b Billing>.\nh1#h_2 By mail\np Ask us.\n"
    );
    let chinese = &imported.records[1];
    assert_eq!(
        (chinese.title.as_str(), chinese.locale.as_str()),
        ("下载发票", "zh-CN")
    );
    assert_eq!(
        chinese.url.as_deref(),
        Some("https://help.shop.example/zh-CN/articles/6871119")
    );
    assert_eq!(
        briefs(&imported.skipped),
        [
            "intercom/articles.json#1 draft Télécharger une facture",
            "intercom/articles.json#2 draft Old prices",
            "intercom/articles.json#3 noTitle",
        ]
    );
}

#[test]
fn chatwoot_articles_become_records() {
    let imported = folder("chatwoot");
    assert_eq!(ids(&imported), ["7", "8"]);
    let record = &imported.records[0];
    assert_eq!(record.path, ["Account"]);
    assert_eq!(record.tags, ["account", "password"]);
    assert_eq!(
        (record.weight, record.updated_at),
        (120.0, Some(1_774_872_000_000))
    );
    assert_eq!(
        shown(&record.body),
        "\
p When you cannot sign in.
h2#by-mail By mail
p Press <b Forgot password>.
ul
  -
    p Check the <i spam> folder
  -
    p Wait <a https://shop.example/wait (shop.example) five minutes>
"
    );
    let chinese = &imported.records[1];
    assert_eq!((chinese.locale.as_str(), chinese.weight), ("zh-CN", 5.0));
    assert_eq!(chinese.translation_of.as_deref(), Some("7"));
    assert_eq!(
        briefs(&imported.skipped),
        [
            "chatwoot/articles.json#3 draft In the works",
            "chatwoot/articles.json#4 archived Of old",
            "chatwoot/articles.json#5 field \"status\"",
            "chatwoot/articles.json#6 noAnswer No words",
        ]
    );
}

#[test]
fn pages_of_an_export_may_follow_each_other() {
    let page = |id: u32| {
        format!(
            r#"{{"articles":[{{"id":{id},"html_url":"https://x.example/{id}","title":"T{id}","body":"<p>B</p>"}}]}}"#
        )
    };
    assert_eq!(
        ids(&file("all.ndjson", &format!("{}\n{}\n", page(1), page(2)))),
        ["1", "2"]
    );
    assert_eq!(
        ids(&file("all.json", &format!("[{},{}]", page(1), page(2)))),
        ["1", "2"]
    );
}

#[test]
fn records_of_our_own_take_text_or_blocks() {
    let imported = from_json(
        r##"[
          { "id": 1, "title": "A", "body": "Some **text**", "category": "Orders", "alternatives": ["b, c"] },
          { "title": "From its title", "body": [{ "paragraph": [
            { "text": "x\u0000" },
            { "link": { "href": "javascript:alert(1)", "host": "", "content": [{ "text": "bad" }] } },
            { "link": { "href": "https://bank@evil.example", "host": "bank", "content": [{ "text": "worse" }] } },
            { "link": { "href": "#top", "host": "", "content": [{ "text": "good" }] } },
            { "image": { "src": "data:x", "alt": "pixel" } } ] }] },
          { "title": "No body", "url": "https://shop.example/x" },
          { "body": "No title" },
          { "title": "Odd body", "body": [{ "video": {} }], "weight": "heavy" },
          7
        ]"##,
        &ImportOptions::default(),
    );
    assert_eq!(
        ids(&imported),
        ["1", "from-its-title", "no-body", "odd-body"]
    );
    assert_eq!(imported.records[0].path, ["Orders"]);
    assert_eq!(imported.records[0].alternatives, ["b, c"]);
    assert_eq!(shown(&imported.records[0].body), "p Some <b text>\n");
    assert_eq!(
        shown(&imported.records[1].body),
        "p x\u{fffd}badworse<a #top good>pixel\n"
    );
    assert_eq!(
        briefs(&imported.skipped),
        ["#4 noTitle", "#6 syntax a record is an object"]
    );
    let warnings = briefs(&imported.warnings);
    assert_eq!(
        warnings[..2],
        [
            "#2 linkRefused javascript:alert(1)",
            "#2 linkRefused https://bank@evil.example"
        ]
    );
    assert_eq!(warnings[2], "#2 pictureRefused data:x");
    assert_eq!(warnings[3], "#5 field \"weight\"");
    assert!(
        warnings[4].starts_with("#5 syntax body: "),
        "{}",
        warnings[4]
    );
}

#[test]
fn json_that_is_something_else_is_told() {
    assert_eq!(
        briefs(&file("package.json", r#"{ "name": "shop", "version": "1.0.0" }"#).skipped),
        ["package.json#1 unknownFormat"]
    );
    assert_eq!(
        briefs(&file("empty.json", r#"{ "articles": [] }"#).skipped),
        ["empty.json noArticles"]
    );
    assert_eq!(
        briefs(&file("seven.json", "7").skipped),
        ["seven.json noArticles"]
    );
    let broken = file("broken.json", "{\n  \"articles\": [\n    { \"id\": 1, }\n");
    assert!(
        briefs(&broken.skipped)[0].starts_with("broken.json:3 syntax "),
        "{:?}",
        broken.skipped
    );
    assert!(briefs(&from_json("{}", &ImportOptions::default()).skipped)[0].contains("syntax"));
}
