use super::*;
use crate::plain;

#[derive(Clone, Debug, PartialEq)]
struct Parcel {
    order_no: String,
    weight_g: u32,
    note: Option<String>,
    tags: Vec<String>,
    fragile: bool,
}
plain!(struct Parcel { order_no, weight_g, note, tags; fragile });

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Packed,
    Handed(Parcel),
    Delivered { at_door: bool, to: Option<String> },
}
plain!(enum Step { Packed, Handed(content), Delivered { at_door, to } });

fn parcel() -> Parcel {
    Parcel {
        order_no: "A-1".into(),
        weight_g: 250,
        note: None,
        tags: vec![],
        fragile: false,
    }
}

#[test]
fn names_are_camel_case_outside_and_what_is_none_is_left_out() {
    let json = serde_json::to_string(&parcel()).unwrap();
    assert_eq!(
        json,
        r#"{"orderNo":"A-1","weightG":250,"tags":[],"fragile":false}"#
    );
}

#[test]
fn unknown_fields_are_ignored_and_absent_ones_take_their_default() {
    let json = r#"{"orderNo":"A-1","weightG":250,"colour":"red","deep":{"er":[1]}}"#;
    assert_eq!(serde_json::from_str::<Parcel>(json).unwrap(), parcel());
}

#[test]
fn a_missing_or_malformed_field_is_named() {
    for json in [
        r#"{"orderNo":"A-1"}"#,
        r#"{"orderNo":"A-1","weightG":-1}"#,
        r#"{"orderNo":"A-1","weightG":1.5}"#,
    ] {
        let problem = serde_json::from_str::<Parcel>(json)
            .unwrap_err()
            .to_string();
        assert!(problem.contains("weightG"), "{problem}");
    }
}

#[test]
fn enums_are_externally_tagged_and_come_back_as_they_were() {
    let steps = [
        (Step::Packed, r#""packed""#),
        (
            Step::Delivered {
                at_door: true,
                to: None,
            },
            r#"{"delivered":{"atDoor":true,"to":null}}"#,
        ),
    ];
    for (step, json) in steps {
        assert_eq!(serde_json::to_string(&step).unwrap(), json);
        assert_eq!(serde_json::from_str::<Step>(json).unwrap(), step);
    }
    let handed = Step::Handed(parcel());
    assert_eq!(Step::read(&handed.write()), Ok(handed));
}

#[test]
fn data_that_nests_too_deep_is_refused_before_the_stack_ends() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(serde_json::from_str::<Value>(&deep(40)).is_ok());
    assert!(serde_json::from_str::<Value>(&deep(100)).is_err());
}
