//! A definition is taken whole or refused with the place of what is wrong.

use super::{block, load, survey, try_load, value};
use deskside::plain::Value;
use deskside::survey::Definition;
use serde_json::Value as Json;

pub fn fixtures(name: &str) -> Vec<Json> {
    let path = format!(
        "{}/tests/fixtures/survey/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub fn as_value(json: &Json) -> Value {
    serde_json::from_value(json.clone()).unwrap()
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_a_sentence() {
    for case in fixtures("refused.json") {
        let problems = Definition::load(as_value(&case["definition"]))
            .expect_err(case["what"].as_str().unwrap());
        let (path, sentence) = (
            case["path"].as_str().unwrap(),
            case["sentence"].as_str().unwrap(),
        );
        let told = problems
            .iter()
            .any(|problem| problem.path == path && problem.sentence().contains(sentence));
        assert!(told, "{}: {problems:?}", case["what"]);
    }
}

#[test]
fn a_visitors_device_refuses_what_would_stall_it() {
    let asks = r#""elements":[{"type":"nps","id":"q","headline":"?"}]"#;
    let blocks = |all: &str| survey(all, "");
    let table = [
        ("[]".to_owned(), "$ must be an object"),
        ("{}".to_owned(), "$.schemaVersion is missing"),
        (
            blocks("").replace(r#"ion":1,"id"#, r#"ion":2,"id"#),
            "$.blocks is missing",
        ),
        (
            blocks("1").replace(r#"ion":1,"id"#, r#"ion":2,"id"#),
            "$.schemaVersion must be 1",
        ),
        (
            blocks(&vec!["1"; 101].join(",")),
            "$.blocks must be a list of 1 to 100",
        ),
        (
            blocks(r#"{"id":"a","elements":[{"type":"matrix","id":"q"}]}"#),
            "$.blocks[0] has no name, or a question that is not known here",
        ),
        (
            blocks(r#"{"id":"a","elements":[{"type":"ces","id":"q","range":4000000000}]}"#),
            "$.blocks[0] has no name, or a question that is not known here",
        ),
        (
            blocks(&format!(r#"{{"id":"a",{asks},"logicFallback":"nowhere"}}"#)),
            "$.blocks[0] leads nowhere",
        ),
        (
            blocks(&format!(
                r#"{{"id":"a",{asks}}},{{"id":"b",{asks},"logicFallback":"a"}}"#
            )),
            "$.blocks[0] leads back to itself",
        ),
    ];
    for (definition, told) in table {
        let problem = Definition::take(value(&definition)).expect_err(told);
        assert_eq!(problem.to_text(), told);
    }
}

#[test]
fn what_the_desk_takes_a_visitors_device_takes() {
    for case in fixtures("accepted.json") {
        if let Err(problem) = Definition::take(as_value(&case["definition"])) {
            panic!("{}: {problem:?}", case["what"]);
        }
    }
}

#[test]
fn what_is_in_order_is_taken() {
    for case in fixtures("accepted.json") {
        if let Err(problems) = Definition::load(as_value(&case["definition"])) {
            panic!("{}: {problems:?}", case["what"]);
        }
    }
}

#[test]
fn the_examples_are_in_order() {
    let folder = format!("{}/examples/website/surveys", env!("CARGO_MANIFEST_DIR"));
    let mut ids = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        ids.push(load(&text).id().to_owned());
    }
    ids.sort();
    assert_eq!(ids, ["ces", "csat", "nps", "research"]);
}

#[test]
fn several_mistakes_are_told_at_once() {
    let problems =
        try_load(r#"{"schemaVersion":1,"id":"","version":0,"languages":[],"blocks":[]}"#)
            .unwrap_err();
    let paths: Vec<&str> = problems
        .iter()
        .map(|problem| problem.path.as_str())
        .collect();
    assert_eq!(paths, ["$.id", "$.version", "$.languages", "$.blocks"]);
}

#[test]
fn a_definition_that_is_no_object_at_all_is_refused() {
    for json in ["null", "[]", "3", "\"survey\""] {
        let problems = try_load(json).unwrap_err();
        assert_eq!(problems[0].path, "$");
    }
}

#[test]
fn names_that_javascript_takes_amiss_are_names_like_others() {
    let json = survey(&block("__proto__", ""), "");
    assert_eq!(load(&json).block_id(0), Some("__proto__"));
    assert!(try_load(&json.replace(r#""version":1"#, r#""version":1,"constructor":1"#)).is_err());
}

#[test]
fn a_text_is_in_the_visitors_language_or_one_near_to_it_or_the_first() {
    let json = r#"{"schemaVersion":1,"id":"s","version":1,"languages":["en","zh-CN"],"blocks":[{"id":"b","elements":[
        {"type":"nps","id":"q","headline":{"en":"How?","zh-CN":"如何？"},"upperLabel":{"en":"Much"}}]}]}"#;
    let survey = load(json);
    for (locale, language) in [
        ("zh-CN", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("ZH", "zh-CN"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("", "en"),
    ] {
        assert_eq!(survey.language(locale), language, "{locale}");
    }
    let element = survey.element("q").unwrap();
    let chinese = survey.element_in(element, "zh-CN", "r");
    assert_eq!(chinese.get("headline"), Some(&value("\"如何？\"")));
    assert_eq!(
        chinese.get("upperLabel"),
        Some(&value("\"Much\"")),
        "the first language stands in"
    );
}

#[test]
fn the_surveys_first_language_stands_in_and_not_whichever_was_written_first() {
    let json = r#"{"schemaVersion":1,"id":"s","version":1,"languages":["en","zh-CN","fr"],"blocks":[{"id":"b","elements":[
        {"type":"nps","id":"q","headline":{"zh-CN":"如何？","en":"How?"}}]}]}"#;
    let survey = load(json);
    let french = survey.element_in(survey.element("q").unwrap(), "fr", "r");
    assert_eq!(french.get("headline"), Some(&value("\"How?\"")));
}

#[test]
fn choices_are_shuffled_for_each_response_and_the_same_each_time() {
    let choices: Vec<String> = (0..12)
        .map(|n| format!(r#"{{"id":"c{n}","label":"{n}"}}"#))
        .collect();
    let element = format!(
        r#"{{"type":"singleChoice","id":"q","headline":"?","shuffle":true,"choices":[{}]}}"#,
        choices.join(",")
    );
    let survey = load(&survey(
        &format!(r#"{{"id":"b","elements":[{element}]}}"#),
        "",
    ));
    let order = |response: &str| survey.element_in(survey.element("q").unwrap(), "en", response);
    assert_eq!(order("r1"), order("r1"));
    assert_ne!(order("r1"), order("r2"));
}
