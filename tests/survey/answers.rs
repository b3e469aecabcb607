//! Which answers a question takes, and what is still wrong with them.

use super::value;
use deskside::survey::answer::{fits, lacking};

const CSAT: &str = r#"{"type":"csat","id":"q","scale":"star","range":5,"headline":"?"}"#;
const NPS: &str = r#"{"type":"nps","id":"q","headline":"?"}"#;
const ONE: &str = r#"{"type":"singleChoice","id":"q","headline":"?","choices":[{"id":"x","label":"X"},{"id":"y","label":"Y"}],"other":{"label":"O"}}"#;
const STRICT: &str = r#"{"type":"singleChoice","id":"q","headline":"?","choices":[{"id":"x","label":"X"},{"id":"y","label":"Y"}]}"#;
const MANY: &str = r#"{"type":"multipleChoice","id":"q","headline":"?","choices":[{"id":"x","label":"X"},{"id":"y","label":"Y"},{"id":"z","label":"Z"}],"validation":{"min":2,"max":2}}"#;
const TEXT: &str = r#"{"type":"openText","id":"q","headline":"?"}"#;
const TAGS: &str = r#"{"type":"tags","id":"q","rating":"r","headline":"?","sets":[{"ratings":[1,2],"choices":[{"id":"slow","label":"S"}]}]}"#;

#[test]
fn a_question_takes_answers_of_its_own_kind_only() {
    let table = [
        (CSAT, "1", true),
        (CSAT, "5", true),
        (CSAT, "0", false),
        (CSAT, "6", false),
        (CSAT, "2.5", false),
        (CSAT, "\"3\"", false),
        (NPS, "0", true),
        (NPS, "10", true),
        (NPS, "11", false),
        (NPS, "-1", false),
        (ONE, "\"x\"", true),
        (ONE, "\"z\"", false),
        (ONE, r#"{"other":"mine"}"#, true),
        (STRICT, r#"{"other":"mine"}"#, false),
        (ONE, "[\"x\"]", false),
        (MANY, "[]", true),
        (MANY, r#"["x","y"]"#, true),
        (MANY, r#"["x","x"]"#, false),
        (MANY, r#"["q"]"#, false),
        (MANY, "\"x\"", false),
        (TEXT, "\"anything\"", true),
        (TEXT, "3", false),
        (TEXT, "{}", false),
        (
            r#"{"type":"boolean","id":"q","headline":"?"}"#,
            "false",
            true,
        ),
        (
            r#"{"type":"consent","id":"q","headline":"?","label":"I"}"#,
            "1",
            false,
        ),
    ];
    for (element, answer, expected) in table {
        assert_eq!(
            fits(&value(element), &value("{}"), &value(answer)),
            expected,
            "{element} {answer}"
        );
    }
}

#[test]
fn tags_are_those_of_the_rating_that_was_given() {
    let (tags, slow) = (value(TAGS), value(r#"["slow"]"#));
    assert!(fits(&tags, &value(r#"{"r":2}"#), &slow));
    assert!(!fits(&tags, &value(r#"{"r":5}"#), &slow));
    let required = value(&TAGS.replace(r#""headline""#, r#""required":true,"headline""#));
    assert_eq!(
        lacking(&required, &value(r#"{"r":1}"#), false),
        Some("required")
    );
    assert_eq!(
        lacking(&required, &value(r#"{"r":5}"#), false),
        None,
        "nothing is asked there"
    );
}

#[test]
fn what_is_lacking_has_a_code() {
    let consent = r#"{"type":"consent","id":"q","headline":"?","label":"I","required":true}"#;
    let short =
        r#"{"type":"openText","id":"q","headline":"?","validation":{"minLength":3,"maxLength":5}}"#;
    let table = [
        (CSAT, "{}", false, None),
        (CSAT, "{}", true, Some("required")),
        (TEXT, r#"{"q":"  "}"#, true, Some("required")),
        (consent, r#"{"q":false}"#, false, Some("consent")),
        (consent, r#"{"q":true}"#, false, None),
        (MANY, r#"{"q":["x"]}"#, false, Some("too_few")),
        (MANY, r#"{"q":["x","y","z"]}"#, false, Some("too_many")),
        (MANY, r#"{"q":["x","z"]}"#, false, None),
        (ONE, r#"{"q":{"other":" "}}"#, false, Some("other")),
        (short, r#"{"q":"ab"}"#, false, Some("too_short")),
        (short, r#"{"q":"abcdef"}"#, false, Some("too_long")),
        (short, r#"{"q":"长度三"}"#, false, None),
    ];
    for (element, data, required, expected) in table {
        assert_eq!(
            lacking(&value(element), &value(data), required),
            expected,
            "{element} {data}"
        );
    }
}

#[test]
fn a_text_may_be_asked_to_look_like_something() {
    let table = [
        (
            "email",
            vec!["a@b.co", "名字@例子.中国"],
            vec!["a@b", "a b@c.d", "@b.co", "a@b@c.d", "a@.b"],
        ),
        (
            "url",
            vec!["https://b.co", "http://b.co/x?y#z"],
            vec!["b.co", "javascript://b.co", "https://b", "https://b.co x"],
        ),
        (
            "phone",
            vec!["+86 138-0013-8000", "(030) 123456"],
            vec!["1234", "12345678901234567", "12345a", "1+23456"],
        ),
        (
            "number",
            vec!["3", "-3.5", "0,5"],
            vec!["", "3.", "1.2.3", "3a", "-", "1e5"],
        ),
    ];
    for (kind, good, bad) in table {
        let element = value(&format!(
            r#"{{"type":"openText","id":"q","headline":"?","validation":{{"kind":"{kind}"}}}}"#
        ));
        let lacks = |text: &str| lacking(&element, &value(&format!(r#"{{"q":{text:?}}}"#)), false);
        for text in good {
            assert_eq!(lacks(text), None, "{kind} {text}");
        }
        for text in bad.into_iter().filter(|text| !text.is_empty()) {
            assert_eq!(lacks(text), Some(kind), "{kind} {text}");
        }
    }
}
