//! The articles of a shop, and what is asked of them.

use deskside::faq::record::Record;
use deskside::faq::{BuildOptions, Built, Index, Run, SearchOptions, build};
use deskside::richtext::{Block, Inline};

pub fn record(id: &str, title: &str, alternatives: &[&str]) -> Record {
    Record {
        id: id.into(),
        locale: "en".into(),
        title: title.into(),
        alternatives: alternatives.iter().map(|a| (*a).to_owned()).collect(),
        ..Record::default()
    }
}

pub fn paragraph(text: &str) -> Block {
    Block::Paragraph(vec![Inline::Text(text.into())])
}

pub fn heading(text: &str, anchor: &str) -> Block {
    Block::Heading {
        level: 2,
        anchor: anchor.into(),
        content: vec![Inline::Text(text.into())],
    }
}

pub fn shop() -> Vec<Record> {
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

pub fn built(records: &[Record], options: &BuildOptions) -> Built {
    build(records, options).expect("builds")
}

pub fn open(records: &[Record]) -> Index {
    Index::open(built(records, &BuildOptions::default()).bytes()).expect("opens")
}

pub fn ids(index: &Index, query: &str) -> Vec<String> {
    index
        .search(query, &SearchOptions::default())
        .hits
        .into_iter()
        .map(|hit| hit.id)
        .collect()
}

pub fn first(index: &Index, query: &str) -> String {
    ids(index, query).into_iter().next().unwrap_or_default()
}

pub fn marked(runs: &[Run]) -> Vec<&str> {
    runs.iter()
        .filter(|run| run.marked)
        .map(|run| run.text.as_str())
        .collect()
}
