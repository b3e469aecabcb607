//! Whatever definition the loader takes, and whatever is answered: a survey comes to an end.

use deskside::plain::Value;
use deskside::survey::Definition;
use deskside::survey::answer::{choices, fits, lacking};
use deskside::survey::logic::{Place, follow};
use proptest::prelude::*;

/// A question of each kind, and what to refer to it by.
fn element(kind: u8, id: &str, required: bool) -> String {
    let head = format!(r#""id":"{id}","headline":"?","required":{required}"#);
    let choices = r#""choices":[{"id":"x","label":"X"},{"id":"y","label":"Y"}]"#;
    match kind % 7 {
        0 => format!(r#"{{"type":"csat",{head},"scale":"star","range":5}}"#),
        1 => format!(r#"{{"type":"nps",{head}}}"#),
        2 => format!(r#"{{"type":"singleChoice",{head},{choices}}}"#),
        3 => format!(
            r#"{{"type":"multipleChoice",{head},{choices},"validation":{{"min":1,"max":2}}}}"#
        ),
        4 => {
            format!(r#"{{"type":"openText",{head},"validation":{{"minLength":1,"maxLength":3}}}}"#)
        }
        5 => format!(r#"{{"type":"boolean",{head}}}"#),
        _ => format!(r#"{{"type":"consent",{head},"label":"I"}}"#),
    }
}

prop_compose! {
    fn a_block(count: usize)(
        kind in any::<u8>(), required in any::<bool>(), jumps in prop::option::of((0..count + 2, 0..count, any::<bool>())),
        requires in prop::option::of(0..count), fallback in prop::option::of(0..count + 2),
    ) -> (u8, bool, Option<(usize, usize, bool)>, Option<usize>, Option<usize>) {
        (kind, required, jumps, requires, fallback)
    }
}

fn definitions() -> impl Strategy<Value = String> {
    (1_usize..7).prop_flat_map(|count| {
        prop::collection::vec(a_block(count), count).prop_map(move |blocks| {
            // The last two places are an ending and nowhere.
            let place = |at: usize| if at < count { format!("b{at}") } else if at == count { "end".into() } else { "nowhere".to_owned() };
            let written: Vec<String> = blocks.iter().enumerate().map(|(at, (kind, required, jump, requires, fallback))| {
                let mut rules = Vec::new();
                if let Some((to, on, submitted)) = jump {
                    let operator = if *submitted { "submitted" } else { "skipped" };
                    rules.push(format!(r#"{{"conditions":{{"left":"q{on}","operator":"{operator}"}},"actions":[{{"type":"jump","target":"{}"}}]}}"#, place(*to)));
                }
                if let Some(of) = requires {
                    rules.push(format!(r#"{{"conditions":{{"left":"q{at}","operator":"submitted"}},"actions":[{{"type":"require","element":"q{of}"}}]}}"#));
                }
                let fallback = fallback.map_or(String::new(), |to| format!(r#","logicFallback":"{}""#, place(to)));
                format!(r#"{{"id":"b{at}","elements":[{}],"logic":[{}]{fallback}}}"#, element(*kind, &format!("q{at}"), *required), rules.join(","))
            }).collect();
            format!(r#"{{"schemaVersion":1,"id":"s","version":1,"languages":["en"],"blocks":[{}],"endings":[{{"id":"end","headline":"!"}}]}}"#, written.join(","))
        })
    })
}

/// An answer that a question takes, chosen by a number; none of it may be nothing.
fn an_answer(element: &Value, data: &Value, pick: u32) -> Value {
    let candidates: Vec<Value> = [
        Value::Number(f64::from(pick % 5 + 1)),
        Value::Bool(true),
        Value::Text("abc".into()),
        Value::List(
            choices(element, data)
                .iter()
                .take(1 + pick as usize % 2)
                .map(|c| c.get("id").unwrap().clone())
                .collect(),
        ),
    ]
    .into_iter()
    .chain(
        choices(element, data)
            .iter()
            .map(|choice| choice.get("id").unwrap().clone()),
    )
    .collect();
    candidates
        .into_iter()
        .find(|candidate| fits(element, data, candidate))
        .expect("every question takes something")
}

fn set(data: &mut Value, id: &str, value: Value) {
    if let Value::Map(fields) = data {
        fields.retain(|(name, _)| name != id);
        fields.push((id.to_owned().into(), value));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_way_through_a_definition_that_was_taken_ends(json in definitions(), picks in prop::collection::vec(any::<u32>(), 8)) {
        let value: Value = serde_json::from_str(&json).unwrap();
        let taken = Definition::take(value.clone());
        let loaded = Definition::load(value);
        // With all else in order, both refuse the same: what leads nowhere, or back.
        prop_assert_eq!(loaded.is_ok(), taken.is_ok());
        let Ok(survey) = loaded else {
            return Ok(());
        };
        let mut data = Value::Map(Vec::new());
        let blocks = survey.blocks().len();
        for steps in 0..=blocks {
            let way = follow(&survey, &data, &Value::Null, steps);
            let Place::Block(block) = way.place else {
                return Ok(());
            };
            prop_assert!(way.trail.len() as u32 + survey.longest_way(block) <= blocks as u32);
            // No dead end: whatever is lacking can be given.
            for element in survey.elements_of(block) {
                let required = way.required.iter().any(|id| Some(id.as_str()) == element.get("id").and_then(|id| match id { Value::Text(id) => Some(&**id), _ => None }));
                if lacking(element, &data, required).is_some() || picks[steps % picks.len()] % 2 == 0 {
                    let Some(Value::Text(id)) = element.get("id").cloned() else { unreachable!() };
                    let answer = an_answer(element, &data, picks[steps % picks.len()]);
                    set(&mut data, &id, answer);
                }
                prop_assert_eq!(lacking(element, &data, required), None);
            }
        }
        prop_assert!(false, "more steps than there are blocks: {}", json);
    }

    #[test]
    fn a_definition_of_nonsense_is_refused_without_a_panic(json in "[\\[\\]{}:,\"a-z0-9]{0,60}") {
        if let Ok(value) = serde_json::from_str::<Value>(&json) {
            prop_assert!(Definition::take(value.clone()).is_err());
            prop_assert!(Definition::load(value).is_err());
        }
    }

    #[test]
    fn a_definition_of_which_a_part_is_something_else_is_refused_or_comes_to_an_end(at in any::<prop::sample::Index>(), what in 0..7_usize) {
        let mut root: Value = serde_json::from_str(include_str!("../../examples/website/surveys/research.json")).unwrap();
        let parts = parts(&mut root, &mut |_| {});
        let (mut index, wanted) = (0, at.index(parts));
        self::parts(&mut root, &mut |part| {
            if index == wanted {
                *part = [Value::Null, Value::Bool(true), Value::Number(-1.5), Value::Number(4e9), Value::Text("b2".into()), Value::List(vec![]), Value::Map(vec![])][what].clone();
            }
            index += 1;
        });
        let Ok(survey) = Definition::take(root) else {
            return Ok(());
        };
        let blocks = survey.blocks().len();
        let way = follow(&survey, &Value::Map(Vec::new()), &Value::Null, blocks);
        prop_assert!(matches!(way.place, Place::End(_)));
        for block in 0..blocks {
            prop_assert!((1..=blocks as u32).contains(&survey.longest_way(block)));
            for element in survey.elements_of(block) {
                survey.element_in(element, "fr", "r");
            }
        }
    }
}

/// Shows each part of a value, deepest first; says how many there are.
pub fn parts(value: &mut Value, show: &mut dyn FnMut(&mut Value)) -> usize {
    let mut count = 1;
    match value {
        Value::List(items) => {
            count += items
                .iter_mut()
                .map(|item| parts(item, show))
                .sum::<usize>()
        }
        Value::Map(fields) => {
            count += fields
                .iter_mut()
                .map(|(_, field)| parts(field, show))
                .sum::<usize>()
        }
        _ => {}
    }
    show(value);
    count
}
