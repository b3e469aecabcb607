//! Question lists.

use crate::shown::shown;
use crate::{briefs, file, folder, ids};
use deskside::import::{ImportOptions, Imported, Source, import};

fn table(name: &str) -> Imported {
    let path = format!(
        "{}/tests/fixtures/import/tables/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    let bytes = std::fs::read(path).unwrap();
    import(
        &[Source {
            path: name,
            bytes: &bytes,
        }],
        &ImportOptions {
            locale: "zh-CN".into(),
            base_url: None,
        },
    )
}

#[test]
fn a_chinese_list_reads_the_same_in_every_encoding() {
    let gb18030 = table("faq-gb18030.csv");
    assert_eq!(ids(&gb18030), ["如何申请退款", "可以开发票吗", "几点送货"]);
    for name in ["faq-utf8-bom.csv", "faq-utf16.tsv"] {
        assert_eq!(table(name).records, gb18030.records, "{name}");
    }
}

#[test]
fn its_columns_become_the_record() {
    let imported = table("faq-gb18030.csv");
    let record = &imported.records[0];
    assert_eq!(record.title, "如何申请退款？");
    assert_eq!(
        record.alternatives,
        ["怎么退钱", "退款在哪里申请", "我要退款", "退款", "退钱"]
    );
    assert_eq!(record.path, ["售后", "退款"]);
    assert_eq!(record.tags, ["售后", "热门"]);
    assert_eq!(record.locale, "zh-CN");
    assert_eq!(
        record.valid_until,
        Some(1_798_761_599_999),
        "the end of the period"
    );
    assert_eq!(
        shown(&record.body),
        "\
p 请在“我的订单”里点申请退款。
ol1
  -
    p 选择原因
  -
    p 提交
p 详见 <a https://shop.example/refund https://shop.example/refund>。
"
    );
    assert_eq!(
        shown(&imported.records[1].body),
        "p 可以，<b 电子发票>三天内发出。\n",
        "an answer may be HTML"
    );
    assert_eq!(imported.records[1].valid_until, None, "永久");
}

#[test]
fn its_errors_have_their_lines() {
    let imported = table("faq-utf8-bom.csv");
    assert_eq!(
        briefs(&imported.skipped),
        [
            "faq-utf8-bom.csv:8 noAnswer 多久发货",
            "faq-utf8-bom.csv:9 noTitle"
        ],
        "the answer above has four lines"
    );
    assert_eq!(
        briefs(&imported.warnings),
        ["faq-utf8-bom.csv:10 date 下个月"]
    );
}

#[test]
fn an_english_list_with_semicolons_is_understood() {
    let imported = table("faq-en.csv");
    assert_eq!(ids(&imported), ["pay", "how-can-i-pay", "is-it-safe"]);
    let record = &imported.records[0];
    assert_eq!(
        record.alternatives,
        ["payment methods", "do you take cards"]
    );
    assert_eq!((record.locale.as_str(), record.weight), ("en-GB", 12.0));
    assert_eq!(record.path, ["Payment", "Methods"]);
    assert_eq!(record.url.as_deref(), Some("https://shop.example/pay"));
    assert_eq!(
        shown(&record.body),
        "p By <b card>, PayPal, or\nul\n  -\n    p Alipay\n  -\n    p WeChat Pay\n"
    );
    assert_eq!(
        briefs(&imported.warnings),
        [
            "faq-en.csv:6 date someday",
            "faq-en.csv:6 linkRefused javascript:alert(1)",
            "faq-en.csv:6 field \"heavy\"",
        ]
    );
}

#[test]
fn repeated_questions_get_ids_of_their_own() {
    let imported = file(
        "a.csv",
        "question,answer\nHow?,So.\nHow?,Or so.\nhow,Or else.\n",
    );
    assert_eq!(ids(&imported), ["how", "how-2", "how-3"]);
}

#[test]
fn a_list_without_an_answer_column_is_left_out() {
    assert_eq!(
        briefs(&table("no-answer-column.csv").skipped),
        ["no-answer-column.csv noColumns 标准问 (question), 答案 (answer)"]
    );
}

#[test]
fn a_quote_that_is_never_closed_loses_no_other_file() {
    let imported = table("unclosed.csv");
    assert!(imported.records.is_empty());
    assert_eq!(
        briefs(&imported.skipped),
        ["unclosed.csv:2 noAnswer How can I pay?,By card"]
    );
}

#[test]
fn the_samples_are_read_as_a_folder_too() {
    let imported = folder("tables");
    assert_eq!(imported.records.len(), 12);
    assert_eq!(imported.paths[0], "tables/faq-en.csv");
}
