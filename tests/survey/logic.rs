//! Where the answers lead.

use super::{block, load, survey, value};
use deskside::plain::Value;
use deskside::survey::logic::{Place, Way, follow};
use deskside::survey::trigger::fits;

const MORE: &str = r#","variables":[{"id":"sum","value":0},{"id":"word","value":"none"}],"hiddenFields":["plan"],"endings":[{"id":"end","headline":"!"},{"id":"early","headline":"!"}]"#;

fn rule(conditions: &str, actions: &str) -> String {
    format!(r#"{{"conditions":{conditions},"actions":[{actions}]}}"#)
}

fn jump(to: &str) -> String {
    format!(r#"{{"type":"jump","target":"{to}"}}"#)
}

/// Follows the rules of the first of three blocks.
fn after_first(logic: &str, data: &str) -> Way {
    let blocks = [block("a", logic), block("b", ""), block("c", "")].join(",");
    follow(
        &load(&survey(&blocks, MORE)),
        &value(data),
        &value(r#"{"plan":"pro"}"#),
        1,
    )
}

#[test]
fn without_rules_one_block_follows_the_other_to_the_first_ending() {
    let survey = load(&survey(&[block("a", ""), block("b", "")].join(","), MORE));
    let at = |steps| follow(&survey, &value("{}"), &Value::Null, steps).place;
    assert_eq!((at(0), at(1)), (Place::Block(0), Place::Block(1)));
    assert_eq!((at(2), at(9)), (Place::End(None), Place::End(None)));
}

#[test]
fn each_operator_says_what_it_says() {
    let table = [
        ("equals", "3", "3", true),
        ("equals", "3", "4", false),
        ("notEquals", "3", "4", true),
        ("notEquals", "3", "3", false),
        ("less", "2", "3", true),
        ("less", "3", "3", false),
        ("lessOrEqual", "3", "3", true),
        ("greater", "4", "3", true),
        ("greater", "3", "3", false),
        ("greaterOrEqual", "3", "3", true),
    ];
    for (operator, answer, compared, expected) in table {
        let condition = format!(r#"{{"left":"q-a","operator":"{operator}","value":{compared}}}"#);
        let way = after_first(
            &rule(&condition, &jump("c")),
            &format!(r#"{{"q-a":{answer}}}"#),
        );
        assert_eq!(
            way.place == Place::Block(2),
            expected,
            "{answer} {operator} {compared}"
        );
    }
}

#[test]
fn what_was_not_answered_is_skipped_and_neither_less_nor_more() {
    for (operator, value, expected) in [
        ("skipped", "", true),
        ("submitted", "", false),
        ("less", r#","value":3"#, false),
        ("greater", r#","value":3"#, false),
        ("notEquals", r#","value":3"#, true),
    ] {
        let condition = format!(r#"{{"left":"q-a","operator":"{operator}"{value}}}"#);
        let way = after_first(&rule(&condition, &jump("c")), "{}");
        assert_eq!(way.place == Place::Block(2), expected, "{operator}");
    }
}

#[test]
fn a_choice_is_included_and_words_of_ones_own_are_other() {
    let element = r#"{"id":"a","elements":[{"type":"multipleChoice","id":"m","headline":"?","choices":[{"id":"x","label":"X"},{"id":"y","label":"Y"}],"other":{"label":"O"}}],"logic":[LOGIC]}"#;
    for (operator, compared, data, expected) in [
        ("includes", "x", r#"{"m":["x","y"]}"#, true),
        ("includes", "x", r#"{"m":["y"]}"#, false),
        ("excludes", "x", r#"{"m":["y"]}"#, true),
        ("includes", "other", r#"{"m":["y",{"other":"mine"}]}"#, true),
        ("includes", "other", r#"{"m":["y"]}"#, false),
    ] {
        let logic = rule(
            &format!(r#"{{"left":"m","operator":"{operator}","value":"{compared}"}}"#),
            &jump("end"),
        );
        let survey = load(&survey(
            &[element.replace("LOGIC", &logic), block("b", "")].join(","),
            MORE,
        ));
        let way = follow(&survey, &value(data), &Value::Null, 1);
        assert_eq!(
            way.place == Place::End(Some("end".into())),
            expected,
            "{operator} {compared} {data}"
        );
    }
}

#[test]
fn conditions_are_joined_by_and_and_or_to_any_depth() {
    let low = r#"{"left":"q-a","operator":"less","value":3}"#;
    let pro = r#"{"left":"plan","operator":"equals","value":"pro"}"#;
    let free = r#"{"left":"plan","operator":"equals","value":"free"}"#;
    let join = |connector: &str, parts: &[&str]| {
        format!(
            r#"{{"connector":"{connector}","conditions":[{}]}}"#,
            parts.join(",")
        )
    };
    let table = [
        (join("and", &[low, pro]), true),
        (join("and", &[low, free]), false),
        (join("or", &[free, low]), true),
        (join("or", &[free, &join("and", &[low, pro])]), true),
        (
            join(
                "and",
                &[&join("or", &[free, low]), &join("or", &[free, free])],
            ),
            false,
        ),
    ];
    for (condition, expected) in table {
        let way = after_first(&rule(&condition, &jump("c")), r#"{"q-a":1}"#);
        assert_eq!(way.place == Place::Block(2), expected, "{condition}");
    }
}

#[test]
fn the_first_jump_that_holds_counts_and_the_fallback_when_none_does() {
    let always = r#"{"left":"q-a","operator":"submitted"}"#;
    let two = [rule(always, &jump("c")), rule(always, &jump("early"))].join(",");
    assert_eq!(after_first(&two, r#"{"q-a":1}"#).place, Place::Block(2));
    let with_fallback = block("a", &rule(always, &jump("c")))
        .replace(r#""logic""#, r#""logicFallback":"early","logic""#);
    let survey = load(&survey(
        &[with_fallback, block("b", ""), block("c", "")].join(","),
        MORE,
    ));
    assert_eq!(
        follow(&survey, &value("{}"), &Value::Null, 1).place,
        Place::End(Some("early".into()))
    );
}

#[test]
fn an_answer_may_be_required_by_a_rule_while_its_block_is_still_asked() {
    let logic = rule(
        r#"{"left":"q-a","operator":"less","value":3}"#,
        r#"{"type":"require","element":"q-b"}"#,
    );
    let blocks = [block("a", &logic), block("b", "")].join(",");
    let survey = load(&survey(&blocks, ""));
    assert_eq!(
        follow(&survey, &value(r#"{"q-a":1}"#), &Value::Null, 0).required,
        ["q-b"]
    );
    assert_eq!(
        follow(&survey, &value(r#"{"q-a":4}"#), &Value::Null, 1).required,
        [] as [&str; 0]
    );
}

#[test]
fn variables_are_calculated_on_the_way_and_never_twice() {
    let calculate = |operation: &str, more: &str| {
        format!(r#"{{"type":"calculate","variable":"sum","operation":"{operation}",{more}}}"#)
    };
    let always = r#"{"connector":"or","conditions":[{"left":"q-a","operator":"submitted"},{"left":"q-a","operator":"skipped"}]}"#;
    let table = [
        (vec![calculate("add", r#""value":4"#)], 4.0),
        (
            vec![
                calculate("add", r#""value":4"#),
                calculate("multiply", r#""value":3"#),
                calculate("subtract", r#""value":2"#),
            ],
            10.0,
        ),
        (
            vec![
                calculate("assign", r#""from":"q-a""#),
                calculate("divide", r#""value":2"#),
            ],
            2.5,
        ),
        (
            vec![
                calculate("add", r#""value":4"#),
                calculate("divide", r#""value":0"#),
            ],
            4.0,
        ),
        (vec![calculate("add", r#""from":"word""#)], 0.0),
    ];
    for (actions, expected) in table {
        let way = after_first(&rule(always, &actions.join(",")), r#"{"q-a":5}"#);
        assert_eq!(
            way.variables.get("sum"),
            Some(&Value::Number(expected)),
            "{actions:?}"
        );
    }
    let once = after_first(
        &rule(always, &calculate("add", r#""value":1"#)),
        r#"{"q-a":5}"#,
    );
    let again = after_first(
        &rule(always, &calculate("add", r#""value":1"#)),
        r#"{"q-a":5}"#,
    );
    assert_eq!(once, again);
}

#[test]
fn progress_counts_the_longest_way_that_is_left() {
    let skip = rule(r#"{"left":"q-a","operator":"less","value":3}"#, &jump("c"));
    let survey = load(&survey(
        &[block("a", &skip), block("b", ""), block("c", "")].join(","),
        MORE,
    ));
    assert_eq!(
        (0..3)
            .map(|from| survey.longest_way(from))
            .collect::<Vec<_>>(),
        [3, 2, 1]
    );
}

#[test]
fn an_address_fits_a_rule_with_stars() {
    let url = "https://shop.test/help/returns?x=1";
    for (rule, expected) in [
        ("*", true),
        ("*/help/*", true),
        ("https://shop.test/*", true),
        ("*x=1", true),
        ("*/cart*", false),
        (url, true),
        ("https://shop.test/", false),
        ("*help*returns*", true),
        ("*returns*help*", false),
        ("", false),
    ] {
        assert_eq!(fits(rule, url), expected, "{rule}");
    }
}
