//! Files made to break a reader: an error or plain text, never a panic, and bounded time.

use crate::shown::shown;
use crate::{brief, briefs, file};
use deskside::import::{ImportOptions, Imported, Source, import};
use deskside::richtext::{Block, Inline};
use proptest::prelude::*;

fn bytes(path: &str, bytes: &[u8]) -> Imported {
    import(&[Source { path, bytes }], &ImportOptions::default())
}

fn hrefs(content: &[Inline], found: &mut Vec<String>) {
    for inline in content {
        match inline {
            Inline::Link { href, content, .. } => {
                found.push(href.clone());
                hrefs(content, found);
            }
            Inline::Image { src, .. } => found.push(src.clone()),
            Inline::Strong(inner) | Inline::Emphasis(inner) => hrefs(inner, found),
            _ => {}
        }
    }
}

fn addresses(blocks: &[Block], found: &mut Vec<String>) {
    for block in blocks {
        match block {
            Block::Heading { content, .. } | Block::Paragraph(content) => hrefs(content, found),
            Block::List { items, .. } => items.iter().for_each(|item| addresses(item, found)),
            Block::Quote(inner) => addresses(inner, found),
            Block::Table(rows) => rows.iter().flatten().for_each(|cell| hrefs(cell, found)),
            _ => {}
        }
    }
}

fn depth(blocks: &[Block]) -> usize {
    let deepest = blocks.iter().map(|block| match block {
        Block::List { items, .. } => items.iter().map(|item| depth(item)).max().unwrap_or(0),
        Block::Quote(inner) => depth(inner),
        _ => 0,
    });
    1 + deepest.max().unwrap_or(0)
}

#[test]
fn markup_that_runs_elsewhere_is_text_or_gone() {
    let answer = |html: &str| {
        let json = serde_json::json!({ "id": 1, "html_url": "https://x.example/", "title": "T", "body": html });
        shown(&file("a.json", &json.to_string()).records[0].body)
    };
    for (html, text) in [
        (
            "a<img src=x onerror=alert(1)>b",
            "p a<img https://x.example/x >b\n",
        ),
        ("a<svg onload=alert(1)><text>hidden</text></svg>b", "p ab\n"),
        (
            "<math><mi><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\"></math>b",
            "p b\n",
        ),
        (
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>b",
            "p b\n",
        ),
        (
            "a<!--><img src=x>-->b",
            "p a<img https://x.example/x >-->b\n",
        ),
        (
            "a<script>alert(1)</script\n>b<style>*{}</style>c",
            "p abc\n",
        ),
        ("<a href=\"java&#10;script:alert(1)\">x</a>", "p x\n"),
        ("<a href=\" &#1;javascript:alert(1)\">x</a>", "p x\n"),
        ("<a href=\"//evil.example\">x</a>", "p x\n"),
        ("<a href=\"https://bank@evil.example\">x</a>", "p x\n"),
        ("<form id=body><input name=cookie>x</form>", "p x\n"),
        (
            "{{constructor.constructor('alert(1)')()}}",
            "p {{constructor.constructor('alert(1)')()}}\n",
        ),
        ("<p>a</b></i></table></ul></td>b", "p a\np b\n"),
        ("<td>a<tr>b<li>c", "p a\np b\np c\n"),
        ("<code>never closed", "p <code never closed>\n"),
        (
            "<table>loose<tr><td>a<table><tr><td>b</table>c</table>d",
            "table\n  | loose |\n  | a |\n  | b/c |\np d\n",
        ),
        (
            "<b><p>a</p></b><a href=https://x.example/1>b<a href=https://x.example/2>c</a></a>",
            "p a\np <a https://x.example/1 (x.example) bc>\n",
        ),
    ] {
        assert_eq!(answer(html), text, "{html}");
    }
}

#[test]
fn nesting_of_any_depth_is_read_and_kept_within_the_limit() {
    let deep = [
        ("a.md", "> ".repeat(100_000) + "end"),
        ("a.md", "- ".repeat(100_000) + "end"),
        ("a.md", "**_".repeat(30_000) + "end" + &"_**".repeat(30_000)),
        (
            "a.csv",
            format!("question,answer\nq,{}end", "<ul><li>".repeat(50_000)),
        ),
        (
            "a.csv",
            format!("question,answer\nq,{}end", "<blockquote>".repeat(50_000)),
        ),
        (
            "a.csv",
            format!(
                "question,answer\nq,{}end",
                "<b><i><a href=https://x.example/>".repeat(50_000)
            ),
        ),
        (
            "a.csv",
            format!("question,answer\nq,{}end", "<table><tr><td>".repeat(50_000)),
        ),
        (
            "a.csv",
            format!(
                "question,answer\nq,{}end",
                "<svg></svg><p><code>".repeat(50_000)
            ),
        ),
    ];
    for (path, text) in deep {
        let imported = file(path, &text);
        let body = &imported.records[0].body;
        assert!(
            depth(body) <= deskside::limits::ARTICLE_DEPTH_MAX,
            "{}",
            &text[..40]
        );
        assert!(shown(body).contains("end"), "{}", &text[..40]);
    }
}

#[test]
fn json_of_any_depth_is_refused_with_its_line() {
    for text in ["[".repeat(100_000), r#"{"articles":"#.repeat(100_000)] {
        let imported = file("deep.json", &text);
        assert_eq!(imported.skipped.len(), 1);
        assert!(
            brief(&imported.skipped[0]).contains("recursion limit"),
            "{}",
            imported.skipped[0]
        );
    }
}

#[test]
fn odd_json_values_are_fields_like_any_other() {
    let imported = file(
        "odd.json",
        r#"[{ "__proto__": { "draft": true }, "constructor": 1, "id": 9007199254740993, "id": 9007199254740993,
              "html_url": "https://x.example/", "title": "T", "title": "Last", "body": "<p>B</p>",
              "vote_sum": 1e308, "label_names": [[], null, 7, "a"], "updated_at": -1 }]"#,
    );
    let record = &imported.records[0];
    assert_eq!(
        (record.id.as_str(), record.title.as_str()),
        ("9007199254740993", "Last")
    );
    assert_eq!(record.tags, ["7", "a"]);
    assert!(
        briefs(
            &file(
                "huge.json",
                r#"[{ "title": "T", "body": "B", "weight": 1e400 }]"#
            )
            .skipped
        )[0]
        .contains("syntax")
    );
}

#[test]
fn a_yaml_bomb_is_refused() {
    let mut yaml = String::from("a: &a [x,x,x,x,x,x,x,x,x]\n");
    for (name, last) in ('b'..='j').zip('a'..) {
        yaml.push_str(&format!(
            "{name}: &{name} [{}]\n",
            vec![format!("*{last}"); 9].join(",")
        ));
    }
    let imported = file("bomb.md", &format!("---\n{yaml}---\nText"));
    assert!(imported.records.is_empty());
    assert!(
        brief(&imported.skipped[0]).contains("syntax"),
        "{}",
        imported.skipped[0]
    );
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    for (path, content) in [
        (
            "a.md",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01".as_slice(),
        ),
        ("a.csv", b"PK\x03\x04\x14\0\0\0\x08\0"),
        ("a.json", b"\xff\xff\xff\xff"),
    ] {
        assert_eq!(
            briefs(&bytes(path, content).skipped),
            [format!("{path} encoding")]
        );
    }
    assert_eq!(
        briefs(&bytes("notes.txt", b"Just some notes.").skipped),
        ["notes.txt unknownFormat"]
    );
}

#[test]
fn utf8_that_was_cut_is_read_and_told() {
    let imported = bytes("a.md", &"退款需要五天。".as_bytes()[..20]);
    assert_eq!(shown(&imported.records[0].body), "p 退款需要五天\u{fffd}\n");
    assert_eq!(briefs(&imported.warnings), ["a.md brokenBytes 18"]);
}

#[test]
fn direction_overrides_become_visible() {
    let imported = file("a.md", "exe.\u{202e}gpj and `\u{2066}x` and\u{0} more");
    assert_eq!(
        shown(&imported.records[0].body),
        "p exe.\u{fffd}gpj and <code \u{fffd}x> and\u{fffd} more\n"
    );
}

#[test]
fn ten_thousand_equal_headings_have_ten_thousand_anchors() {
    let imported = file("a.md", &"# Same\n\n".repeat(10_000));
    let mut anchors: Vec<String> = deskside::richtext::headings(&imported.records[0].body)
        .into_iter()
        .map(|heading| heading.anchor)
        .collect();
    let count = anchors.len();
    anchors.sort();
    anchors.dedup();
    assert_eq!(
        (anchors.len(), count),
        (9_999, 9_999),
        "the first became the title"
    );
}

#[test]
#[expect(
    clippy::disallowed_types,
    reason = "the time it takes is what is tested"
)]
fn a_megabyte_of_anything_is_read_in_bounded_time() {
    let cases = [
        ("a.md", "<div>"),
        ("a.md", "[a]("),
        ("a.md", "![a]("),
        ("a.md", "|a|b|\n|-|-|\n"),
        ("a.md", "*a _b "),
        ("a.md", "`a``"),
        ("a.md", "<a href='"),
        ("a.md", ":::tip a\n"),
        ("a.md", "- a\n"),
        ("a.md", "\n\n"),
        ("a.csv", "question,answer\n"),
        ("a.csv", "\"\",\""),
        ("a.html", "<script type=application/ld+json>"),
        ("a.html", "<b a=1>"),
        ("a.html", "<!--"),
        ("a.json", "[]"),
        ("a.json", "{\"title\":\"x\",\"body\":\"y\"}"),
    ];
    for (path, unit) in cases {
        let text = unit.repeat((1 << 20) / unit.len());
        let started = std::time::Instant::now();
        file(path, &text);
        let took = started.elapsed();
        assert!(took.as_secs() < 20, "{path} {unit:?} took {took:?}");
    }
}

const MARKDOWN: [&str; 48] = [
    "---\n",
    "title: x\n",
    "search: [\n",
    ":::",
    "> ",
    "- ",
    "1. ",
    "* ",
    "**",
    "`",
    "```\n",
    "|a|\n",
    "|-|\n",
    "\n",
    "<b>",
    "</b>",
    "<p>",
    "</p>",
    "<ul>",
    "</ul>",
    "<li>",
    "<table>",
    "<tr>",
    "<td>",
    "</table>",
    "<pre>",
    "</pre>",
    "<code>",
    "</code>",
    "<svg>",
    "</svg>",
    "<br>",
    "<h2>",
    "</h2>",
    "<a href=javascript:x>",
    "<a href=//x>",
    "<a href=/x>",
    "</a>",
    "<img src=data:x>",
    "<img src=x>",
    "[a](",
    "javascript:",
    "https://a.b",
    ")",
    "a",
    "z",
    "中",
    " ",
];

const HTML: [&str; 31] = [
    "<b>",
    "</b>",
    "<p>",
    "</p>",
    "<ul>",
    "</ul>",
    "<li>",
    "</li>",
    "<table>",
    "<tr>",
    "<td>",
    "</td>",
    "</table>",
    "<pre>",
    "</pre>",
    "<code>",
    "</code>",
    "<br>",
    "<h2>",
    "</h2>",
    "<blockquote>",
    "</blockquote>",
    "<a href=javascript:x>",
    "<a href=/x>",
    "</a>",
    "<div>",
    "</div>",
    "a",
    "z",
    "中",
    " ",
];

fn mix(marks: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(marks), 0..60).prop_map(|marks| marks.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn any_bytes_are_read(
        name in prop::sample::select(vec!["a.md", "a.mdx", "a.csv", "a.tsv", "a.html", "a.json", "a.txt", "a"]),
        content in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        bytes(name, &content);
    }

    #[test]
    fn any_mix_of_marks_gives_shallow_blocks_with_allowed_addresses(
        name in prop::sample::select(vec!["a.md", "a.mdx"]),
        text in mix(&MARKDOWN),
    ) {
        for record in file(name, &text).records {
            prop_assert!(depth(&record.body) <= deskside::limits::ARTICLE_DEPTH_MAX);
            let mut found = Vec::new();
            addresses(&record.body, &mut found);
            for href in found {
                let first = href.split(['/', '?', '#']).next().unwrap_or_default();
                let absolute = ["https://", "http://", "mailto:", "tel:"].iter().any(|scheme| href.starts_with(scheme));
                prop_assert!((absolute || !first.contains(':')) && !href.starts_with("//"), "{}", href);
            }
        }
    }

    #[test]
    fn every_letter_of_an_html_answer_survives(
        html in mix(&HTML),
    ) {
        let json = serde_json::json!({ "id": 1, "html_url": "https://x.example/", "title": "T", "body": html });
        let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
        let mut plain = String::new();
        let mut inside = false;
        for c in html.chars() {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                _ if !inside => plain.push(c),
                _ => {}
            }
        }
        let imported = file("a.json", &json.to_string());
        let body = imported.records.first().map(|record| record.body.as_slice()).unwrap_or_default();
        prop_assert_eq!(letters(&deskside::richtext::text_of(body)), letters(&plain));
    }
}
