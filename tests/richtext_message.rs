//! The markdown of chat messages.

use deskside::richtext::message::parse;
use deskside::richtext::{Block, Inline, headings, text_of};
use proptest::prelude::*;
use std::fmt::Write;

/// A tree in one line, to be read in a test.
fn shown(text: &str) -> String {
    let mut out = String::new();
    write_blocks(&parse(text), &mut out);
    out
}

fn write_blocks(blocks: &[Block], out: &mut String) {
    for block in blocks {
        match block {
            Block::Paragraph(content) => {
                out.push_str("p{");
                write_inline(content, out);
                out.push('}');
            }
            Block::List {
                ordered,
                start,
                items,
            } => {
                if *ordered {
                    write!(out, "ol{start}{{").unwrap()
                } else {
                    out.push_str("ul{")
                }
                for item in items {
                    out.push('(');
                    write_blocks(item, out);
                    out.push(')');
                }
                out.push('}');
            }
            Block::Quote(inner) => {
                out.push_str("q{");
                write_blocks(inner, out);
                out.push('}');
            }
            Block::Code(code) => write!(out, "code{{{code}}}").unwrap(),
            other => panic!("no such block in a message: {other:?}"),
        }
    }
}

fn write_inline(content: &[Inline], out: &mut String) {
    for inline in content {
        match inline {
            Inline::Text(text) => out.push_str(text),
            Inline::Code(code) => write!(out, "<{code}>").unwrap(),
            Inline::Break => out.push('/'),
            Inline::Strong(inner) => wrap("b", inner, out),
            Inline::Emphasis(inner) => wrap("i", inner, out),
            Inline::Link {
                href,
                host,
                content,
            } => {
                write!(out, "[{href}|{host}|").unwrap();
                write_inline(content, out);
                out.push(']');
            }
            Inline::Image { .. } => panic!("no pictures in a message"),
        }
    }
}

fn wrap(name: &str, inner: &[Inline], out: &mut String) {
    out.push_str(name);
    out.push('(');
    write_inline(inner, out);
    out.push(')');
}

#[test]
fn plain_text_stays_as_it_is() {
    assert_eq!(shown("Hello, world"), "p{Hello, world}");
    assert_eq!(shown("one\ntwo\r\nthree\rfour"), "p{one/two/three/four}");
    assert_eq!(shown("one\n\n\ntwo"), "p{one}p{two}");
    assert_eq!(shown(""), "");
    assert_eq!(shown("# 1 is not a heading"), "p{# 1 is not a heading}");
}

#[test]
fn emphasis_nests_and_works_without_spaces_in_chinese() {
    assert_eq!(
        shown("a **bold** and *italic*"),
        "p{a b(bold) and i(italic)}"
    );
    assert_eq!(shown("__bold__ _italic_"), "p{b(bold) i(italic)}");
    assert_eq!(shown("***both***"), "p{b(i(both))}");
    assert_eq!(shown("**a *b***"), "p{b(a i(b))}");
    assert_eq!(shown("*a **b***"), "p{i(a b(b))}");
    assert_eq!(shown("这是**重点**内容"), "p{这是b(重点)内容}");
    assert_eq!(shown("请看**“退款”**。"), "p{请看b(“退款”)。}");
    assert_eq!(shown("**two\nlines**"), "p{b(two/lines)}");
}

#[test]
fn marks_that_mean_nothing_stay_as_text() {
    for text in [
        "2*3*4 = 24",
        "2 * 3 * 4",
        "snake_case_name",
        "**never closed",
        "¯\\_(ツ)_/¯",
        "****",
        "* ",
        "a ` b",
        "[not](a link)",
        "[nor](relative)",
        "[x]",
        ">_<",
        ">5 items",
        ">",
        "-5 degrees",
        "007. shaken",
        "```",
        "www.",
        "http://",
        "@",
        "a@b",
    ] {
        assert_eq!(shown(text), format!("p{{{text}}}"));
    }
    assert_eq!(shown("**a *b** c*"), "p{b(a *b) c*}");
}

#[test]
fn code_is_kept_as_it_is_written() {
    assert_eq!(shown("use `a **b** c`"), "p{use <a **b** c>}");
    assert_eq!(shown("``a ` b``"), "p{<a ` b>}");
    assert_eq!(
        shown("before\n```\n  a\n\n- b\n```\nafter"),
        "p{before}code{  a\n\n- b}p{after}"
    );
    assert_eq!(shown("```\n\na\n```"), "code{\na}");
    assert_eq!(shown("```sh\nls\n```"), "code{sh\nls}");
    assert_eq!(shown("````\n```\n````"), "code{```}");
}

#[test]
fn lists_number_nest_and_end() {
    assert_eq!(
        shown("Steps:\n- a\n- b\nthanks"),
        "p{Steps:}ul{(p{a})(p{b})}p{thanks}"
    );
    assert_eq!(shown("3. a\n4. b"), "ol3{(p{a})(p{b})}");
    assert_eq!(shown("1. a\n3. b"), "ol1{(p{a})}ol3{(p{b})}");
    assert_eq!(
        shown("- a\n  - b\n  more\n- c"),
        "ul{(p{a}ul{(p{b})}p{more})(p{c})}"
    );
    assert_eq!(shown("- a\n\n- b\n\n  b2"), "ul{(p{a})(p{b}p{b2})}");
    assert_eq!(shown("1) a\n\t- b"), "ol1{(p{a}ul{(p{b})})}");
}

#[test]
fn quotations_hold_blocks() {
    assert_eq!(
        shown("> a\n> - b\n>> c\nanswer"),
        "q{p{a}ul{(p{b})}q{p{c}}}p{answer}"
    );
}

#[test]
fn links_show_their_host_where_the_text_hides_it() {
    assert_eq!(
        shown("[https://bank.example](https://evil.example/x)"),
        "p{[https://evil.example/x|evil.example|https://bank.example]}"
    );
    assert_eq!(
        shown("[evil.example](https://evil.example/x)"),
        "p{[https://evil.example/x||evil.example]}"
    );
    assert_eq!(
        shown("[**a** b](https://e.example/wiki/A_(b))!"),
        "p{[https://e.example/wiki/A_(b)|e.example|b(a) b]!}"
    );
    assert_eq!(
        shown("[a https://b.example](mailto:a@b.example)"),
        "p{[mailto:a@b.example||a https://b.example]}"
    );
}

#[test]
fn hostile_links_stay_as_text() {
    for text in [
        "[x](javascript:alert(1))",
        "[x](JaVa\tScript:alert(1))",
        "[x](java&#10;script:alert(1))",
        "[x](data:text/html,<b>)",
        "[x](//evil.example)",
        "[x](http:\\\\evil.example)",
        "https://bank@evil.example",
        "<img src=x onerror=alert(1)>",
        "{{constructor.constructor('alert(1)')()}}",
    ] {
        assert_eq!(shown(text), format!("p{{{text}}}"));
    }
}

#[test]
fn addresses_written_out_become_links_without_the_sentence_around_them() {
    assert_eq!(
        shown("see https://a.example/x."),
        "p{see [https://a.example/x||https://a.example/x].}"
    );
    assert_eq!(
        shown("(http://a.example/b)"),
        "p{([http://a.example/b||http://a.example/b])}"
    );
    assert_eq!(
        shown("https://a.example/b_(c)"),
        "p{[https://a.example/b_(c)||https://a.example/b_(c)]}"
    );
    assert_eq!(
        shown("看https://a.example/x，谢谢"),
        "p{看[https://a.example/x||https://a.example/x]，谢谢}"
    );
    assert_eq!(
        shown("看https://a.example谢谢"),
        "p{看[https://a.example||https://a.example]谢谢}"
    );
    assert_eq!(
        shown("**https://a.example**"),
        "p{b([https://a.example||https://a.example])}"
    );
    assert_eq!(
        shown("WWW.a.example now"),
        "p{[https://www.a.example||WWW.a.example] now}"
    );
    assert_eq!(
        shown("to a.b@c.example."),
        "p{to [mailto:a.b@c.example||a.b@c.example].}"
    );
    assert_eq!(
        shown("https://pаypal.com"),
        "p{[https://xn--pypal-4ve.com|xn--pypal-4ve.com|https://pаypal.com]}"
    );
}

#[test]
fn controls_and_direction_overrides_become_visible() {
    assert_eq!(
        shown("a\0b\u{202e}c\u{2066}d\u{1b}e\tf"),
        "p{a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}e\tf}"
    );
}

#[test]
fn nesting_beyond_the_limit_is_text() {
    let deep = "> ".repeat(10_000) + "end";
    let shown = shown(&deep);
    assert_eq!(
        shown.matches("q{").count(),
        deskside::limits::MESSAGE_DEPTH_MAX
    );
    assert!(shown.contains("end"));
}

#[test]
#[expect(
    clippy::disallowed_types,
    reason = "the time it takes is what is tested"
)]
fn a_megabyte_of_anything_is_read_in_linear_time() {
    // A quadratic reader would take minutes for any of these; unoptimised, each takes well under
    // two seconds here.
    for unit in [
        "a",
        "*",
        "**a ",
        "_a",
        "*a _b ",
        "`",
        "`a``b",
        "[",
        "[a](",
        "[a](b",
        "](",
        "@",
        "a@",
        "a.b@",
        "https://",
        "https://a",
        "www.",
        "h",
        ")",
        "> ",
        ">",
        "- ",
        "  - a\n",
        "- a\n\n",
        "1. a\n",
        "```\n",
        "````\n```a\n",
        "\n",
        "> a\n",
        "\u{301}",
        "中",
        "\\*",
        "https://a.example))) ",
        "]",
        "*_**__",
        "[a](https://a.example/((((",
    ] {
        let text = unit.repeat((1 << 20) / unit.len());
        let started = std::time::Instant::now();
        let blocks = parse(&text);
        let took = started.elapsed();
        assert!(took.as_secs() < 10, "{unit:?} took {took:?}");
        assert!(
            !text_of(&blocks).is_empty() || text.trim().is_empty(),
            "{unit:?} is lost"
        );
    }
}

#[test]
fn the_text_of_blocks_has_a_line_a_block() {
    assert_eq!(
        text_of(&parse("a **b**\n\n- c\n- d\n\n> e `f`")),
        "a b\nc\nd\ne f"
    );
    let table = Block::Table(vec![
        vec![
            vec![Inline::Text("a".into())],
            vec![Inline::Text("b".into())],
        ],
        vec![vec![Inline::Text("c".into())], vec![]],
    ]);
    let picture = Block::Paragraph(vec![Inline::Image {
        src: "x.png".into(),
        alt: "a cat".into(),
    }]);
    assert_eq!(text_of(&[table, Block::Rule, picture]), "a\tb\nc\t\na cat");
}

#[test]
fn headings_are_found_wherever_they_stand() {
    let heading = |anchor: &str| Block::Heading {
        level: 2,
        anchor: anchor.into(),
        content: vec![Inline::Strong(vec![Inline::Text(anchor.to_uppercase())])],
    };
    let blocks = [
        heading("a"),
        Block::Quote(vec![heading("b")]),
        Block::List {
            ordered: false,
            start: 1,
            items: vec![vec![heading("c")]],
        },
    ];
    let found: Vec<_> = headings(&blocks)
        .into_iter()
        .map(|h| (h.text, h.anchor))
        .collect();
    let expected = [("A", "a"), ("B", "b"), ("C", "c")].map(|(t, a)| (t.into(), a.into()));
    assert_eq!(found, expected);
}

fn links(blocks: &[Block], found: &mut Vec<String>) {
    fn inner(content: &[Inline], found: &mut Vec<String>) {
        for inline in content {
            match inline {
                Inline::Link { href, content, .. } => {
                    found.push(href.clone());
                    inner(content, found);
                }
                Inline::Strong(content) | Inline::Emphasis(content) => inner(content, found),
                _ => {}
            }
        }
    }
    for block in blocks {
        match block {
            Block::Paragraph(content) => inner(content, found),
            Block::List { items, .. } => items.iter().for_each(|item| links(item, found)),
            Block::Quote(blocks) => links(blocks, found),
            _ => {}
        }
    }
}

fn letters(text: &str) -> Vec<char> {
    // Numbers of list items live in the tree, not in its text.
    text.chars().filter(|c| c.is_alphabetic()).collect()
}

/// Named links are left out: their addresses are no text.
const MARKS: [&str; 32] = [
    "a",
    "z",
    "q",
    "中",
    "文",
    "ü",
    "*",
    "**",
    "***",
    "_",
    "__",
    "`",
    "``",
    "```",
    "\n```\n",
    "[",
    "]",
    ")",
    ">",
    "\n> ",
    "@",
    ".",
    "\\",
    " ",
    "\n",
    "-",
    "\n- ",
    "\n  - ",
    "\n1. ",
    "https://",
    "https://a.b",
    "www.",
];

const LINKS: [&str; 24] = [
    "[",
    "]",
    "](",
    "(",
    ")",
    "javascript:",
    "JaVa\tScript:",
    "data:",
    "vbscript:",
    "https://",
    "http:",
    "//",
    "/",
    "\\",
    "mailto:",
    "tel:",
    "www.",
    "a",
    "b.c",
    "@",
    ":",
    "&#10;",
    "#",
    "\u{202e}",
];

fn mix(marks: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(marks), 0..80).prop_map(|marks| marks.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_letter_survives_in_its_order(text in mix(&MARKS)) {
        prop_assert_eq!(letters(&text_of(&parse(&text))), letters(&text));
    }

    #[test]
    fn every_link_has_an_allowed_scheme(text in mix(&LINKS)) {
        let mut hrefs = Vec::new();
        links(&parse(&text), &mut hrefs);
        for href in hrefs {
            let allowed = ["https://", "http://", "mailto:", "tel:"];
            prop_assert!(allowed.iter().any(|scheme| href.starts_with(scheme)), "{}", href);
        }
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,80}") {
        parse(&text);
    }
}

/// The console of the agents reads messages by a parser of its own, which is held against the same file.
#[test]
fn the_fixtures_say_what_every_parser_makes_of_a_message() {
    let path = "tests/fixtures/richtext/messages.json";
    let fixtures = std::fs::read_to_string(path).unwrap();
    let fixtures: Vec<serde_json::Value> = serde_json::from_str(&fixtures).unwrap();
    let texts = fixtures.iter().map(|one| one["text"].as_str().unwrap());
    let wanted: Vec<serde_json::Value> = texts
        .map(|text| serde_json::json!({ "text": text, "blocks": parse(text) }))
        .collect();
    if std::env::var_os("DESKSIDE_FREEZE").is_some() {
        let lines: Vec<String> = wanted.iter().map(|one| format!("  {one}")).collect();
        std::fs::write(path, format!("[\n{}\n]\n", lines.join(",\n"))).unwrap();
    }
    assert!(fixtures.len() > 50);
    assert_eq!(fixtures, wanted);
}
