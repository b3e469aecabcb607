//! Markdown with front matter.

use crate::shown::shown;
use crate::{briefs, file, folder, folder_with, ids};
use deskside::faq::record::Visibility;
use deskside::import::ImportOptions;

#[test]
fn front_matter_becomes_the_record() {
    let imported = folder("markdown/help");
    let record = &imported.records[1];
    assert_eq!(imported.paths[1], "help/en/orders/cancel.md");
    assert_eq!(record.id, "cancel-an-order");
    assert_eq!(record.title, "Cancel an order");
    assert_eq!(
        record.alternatives,
        ["How do I cancel my order?", "stop an order, please"]
    );
    assert_eq!(record.path, ["Orders"]);
    assert_eq!(record.tags, ["orders", "cancel"]);
    assert_eq!(record.weight, 40.0);
    assert_eq!(record.updated_at, Some(1_774_828_800_000));
    assert_eq!(
        record.valid_until,
        Some(1_801_439_999_999),
        "the end of that day"
    );
    assert_eq!(record.locale, "en", "from the folder");
}

#[test]
fn the_text_becomes_blocks_and_links_between_files_open_in_place() {
    let imported = folder("markdown/help");
    assert_eq!(
        shown(&imported.records[1].body),
        "\
p You can cancel until we pack, see <a #/delivery#express delivery times> and <a https://shop.example/help/returns?from=cancel (shop.example) our returns policy>.
h2#on-the-website On the website
ol1
  -
    p Open <b Orders>.
  -
    p Choose <i Cancel>, then <code Confirm>.
    ul
      -
        p Paid by card: the money is back in 5 days.
      -
        p Paid by gift card: at once.
quote
  p Packed already? Return it instead.
p <img ../../img/cancel.png The cancel button>
table
  | Paid by | Back in |
  | Card | 5 days |
  | Gift card | <b at once> |
h2#on-the-website-1 On the website
p Write to <a mailto:help@shop.example help@shop.example>.
"
    );
}

#[test]
fn html_inside_markdown_is_read_and_nothing_of_it_runs() {
    let imported = folder("markdown/help");
    assert_eq!(
        imported.records[0].title, "Delivery times",
        "from the first heading, which the text then lacks"
    );
    assert_eq!(
        shown(&imported.records[0].body),
        "\
p Two to four days.
h3#express Express
p Next day. A broken link, a hostile one and a tracking pixel.
p <b Islands>
p Three more days.
p Line one/line two with markup.
"
    );
}

#[test]
fn one_id_in_two_languages_is_an_article_and_its_translation() {
    let imported = folder("markdown/help");
    assert_eq!(
        ids(&imported),
        [
            "delivery",
            "cancel-an-order",
            "delivery.zh-CN",
            "cancel-an-order.zh-CN"
        ]
    );
    let chinese = &imported.records[3];
    assert_eq!(chinese.locale, "zh-CN");
    assert_eq!(chinese.translation_of.as_deref(), Some("cancel-an-order"));
    assert_eq!(chinese.updated_at, Some(1_774_828_800_000));
    assert_eq!(imported.records[2].visibility, Visibility::Restricted);
    assert_eq!(
        shown(&chinese.body),
        "\
p 发货前都可以取消，参见<a #/delivery.zh-CN 配送时间>。
h2#网站上 网站上
p 打开<b 我的订单>。
",
        "Chinese lines are joined without a space"
    );
}

#[test]
fn every_file_left_out_is_named_with_the_reason() {
    let imported = folder("markdown/help");
    let skipped = briefs(&imported.skipped);
    assert!(
        skipped[0].starts_with("help/en/broken.md:2 syntax "),
        "{}",
        skipped[0]
    );
    assert_eq!(
        skipped[1..],
        [
            "help/en/changelog.md excluded Changelog",
            "help/en/draft.md draft Not yet",
            "help/en/empty.md noAnswer Empty",
        ]
    );
    assert_eq!(
        briefs(&imported.warnings),
        [
            "help/en/delivery.md linkRefused javascript:alert(1)",
            "help/en/delivery.md pictureRefused data:image/gif;base64,R0lGODlhAQABAAAAACw=",
            "help/en/delivery.md linkBroken missing.md",
            "help/en/orders/cancel.md linkBroken returns.md",
        ]
    );
    assert_eq!(
        imported.skipped[2].to_string(),
        "help/en/draft.md: \"Not yet\" is a draft.",
        "a sentence for people"
    );
}

#[test]
fn docusaurus_files_are_understood() {
    let imported = folder("docusaurus/docs");
    assert_eq!(
        ids(&imported),
        ["getting-started/install_it", "getting-started", "guides"]
    );
    let titles: Vec<&str> = imported
        .records
        .iter()
        .map(|record| record.title.as_str())
        .collect();
    assert_eq!(titles, ["Install it", "Getting started", "Guides"]);
    assert_eq!(
        imported.records[0].path,
        ["Getting started"],
        "from the folder"
    );
    let guides = &imported.records[2];
    assert_eq!(guides.alternatives, ["getting started", "first steps"]);
    assert_eq!(guides.tags, ["Basics"]);
    assert_eq!(guides.updated_at, Some(1_769_904_000_000));
    assert_eq!(
        shown(&guides.body),
        "\
p <b Read this first>
p It takes five minutes.
p Choose a tab.
code \"import kept from 'code';\\n::: kept too\"
"
    );
    assert_eq!(
        briefs(&imported.warnings),
        ["docs/02-guides.mdx field \"weight\""]
    );
}

#[test]
fn with_a_base_address_articles_and_relative_links_have_addresses() {
    let options = ImportOptions {
        base_url: Some("https://shop.example/help/".into()),
        ..ImportOptions::default()
    };
    let imported = folder_with("markdown/help", &options);
    let record = &imported.records[1];
    assert_eq!(
        record.url.as_deref(),
        Some("https://shop.example/help/en/orders/cancel")
    );
    assert!(
        shown(&record.body)
            .contains("<img https://shop.example/help/img/cancel.png The cancel button>")
    );
    let docs = folder_with("docusaurus/docs", &options);
    assert_eq!(
        docs.records[2].url.as_deref(),
        Some("https://shop.example/help/start"),
        "by its slug"
    );
}

#[test]
fn a_link_to_the_public_address_of_another_article_opens_in_place() {
    let options = ImportOptions {
        base_url: Some("https://shop.example/help".into()),
        ..ImportOptions::default()
    };
    let sources = [
        (
            "help/a.md",
            "See [b](https://shop.example/help/b/#x) and [home](https://shop.example/).".as_bytes(),
        ),
        ("help/b.md", b"# B\n\nText.".as_slice()),
    ]
    .map(|(path, bytes)| deskside::import::Source { path, bytes });
    let imported = deskside::import::import(&sources, &options);
    assert_eq!(
        shown(&imported.records[0].body),
        "p See <a #/b#x b> and <a https://shop.example/ (shop.example) home>.\n"
    );
}

#[test]
fn visibility_that_is_not_understood_shows_the_article_to_nobody() {
    let imported = file("a.md", "---\ntitle: A\nvisibility: partners\n---\nText.");
    assert_eq!(imported.records[0].visibility, Visibility::Internal);
    assert_eq!(briefs(&imported.warnings), ["a.md field \"visibility\""]);
}

#[test]
fn a_rule_on_top_is_no_front_matter() {
    let imported = file("a.md", "---\n\nText without an end of front matter.");
    assert_eq!(
        shown(&imported.records[0].body),
        "rule\np Text without an end of front matter.\n"
    );
}

#[test]
fn explicit_locale_and_anchor_win() {
    let imported = file(
        "en/a.zh-TW.md",
        "---\nlocale: zh_hk\n---\n## Title {#Own-Name}\n\nText.",
    );
    let record = &imported.records[0];
    assert_eq!((record.locale.as_str(), record.id.as_str()), ("zh-HK", "a"));
    assert_eq!(shown(&record.body), "h2#own-name Title\np Text.\n");
    assert_eq!(file("en/a.zh-TW.md", "Text.").records[0].locale, "zh-TW");
}
