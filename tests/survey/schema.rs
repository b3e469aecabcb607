//! The JSON Schema in the package is the loader's own table: a validator and the loader agree about
//! every definition, but for what the fields say to each other.

use super::definitions::{as_value, fixtures};
use super::property::parts;
use deskside::plain::Value;
use deskside::survey::mistake::{OF_FORM, OF_MEANING};
use deskside::survey::schema::json_schema;
use deskside::survey::terms::{Field, Form, Kind, SURVEY};
use deskside::survey::{Definition, Mistake};
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::sync::LazyLock;

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let schema: Json = serde_json::from_str(&in_the_package()).unwrap();
    jsonschema::draft202012::meta::validate(&schema).expect("a schema");
    jsonschema::validator_for(&schema).unwrap()
});

static ACCEPTED: LazyLock<Vec<Json>> = LazyLock::new(|| fixtures("accepted.json"));

fn path() -> String {
    format!(
        "{}/js/survey/survey.schema.json",
        env!("CARGO_MANIFEST_DIR")
    )
}

fn in_the_package() -> String {
    std::fs::read_to_string(path()).unwrap_or_default()
}

#[test]
fn the_schema_in_the_package_is_what_the_loader_checks() {
    let wanted = serde_json::to_string_pretty(&json_schema()).unwrap() + "\n";
    if std::env::var("UPDATE_SCHEMA").is_ok() {
        std::fs::write(path(), &wanted).unwrap();
    }
    assert!(
        in_the_package() == wanted,
        "the table of terms was changed: UPDATE_SCHEMA=1 cargo test --test survey schema"
    );
}

#[test]
fn the_schema_takes_what_the_loader_takes() {
    let mut all = Vec::new();
    for case in &*ACCEPTED {
        all.push((case["what"].to_string(), case["definition"].clone()));
    }
    for folder in ["examples/website/surveys", "examples/desk/surveys"] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            all.push((
                path.display().to_string(),
                serde_json::from_str(&text).unwrap(),
            ));
        }
    }
    assert_eq!(all.len(), 4 + 4 + 1);
    for (what, definition) in all {
        let told: Vec<String> = SCHEMA
            .iter_errors(&definition)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(told, [""; 0], "{what}");
        Definition::load(as_value(&definition)).expect(&what);
    }
}

#[test]
fn of_what_is_refused_it_is_known_whether_the_schema_does_or_the_loader_alone() {
    for case in fixtures("refused.json") {
        let by_schema = case["schema"].as_bool().unwrap();
        let (what, definition) = (&case["what"], &case["definition"]);
        assert_eq!(!SCHEMA.is_valid(definition), by_schema, "schema: {what}");
        let mistakes = Definition::load(as_value(definition)).expect_err("a mistake");
        assert_eq!(is_of_form(&mistakes), by_schema, "loader: {what}");
    }
}

#[test]
fn every_mistake_that_can_be_told_is_told_of_some_definition() {
    let mut told = BTreeSet::new();
    for case in fixtures("refused.json") {
        let code = case["code"].as_str().unwrap();
        let mistakes = Definition::load(as_value(&case["definition"])).expect_err(code);
        assert!(
            mistakes.iter().any(|mistake| mistake.code == code),
            "{}: {mistakes:?}",
            case["what"]
        );
        told.insert(code.to_owned());
    }
    let known: BTreeSet<String> = OF_FORM
        .iter()
        .chain(OF_MEANING)
        .map(|(code, _)| (*code).to_owned())
        .collect();
    assert_eq!(told, known);
}

#[test]
fn the_console_has_words_for_every_mistake_in_both_languages() {
    for tag in ["en", "zh-CN"] {
        let path = format!(
            "{}/examples/desk/console/locales/{tag}.json",
            env!("CARGO_MANIFEST_DIR")
        );
        let texts: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let said = |code: &str| texts["messages"][format!("mistake.{code}")].as_str();
        let mut count = 0;
        for (code, sentence) in OF_FORM.iter().chain(OF_MEANING) {
            let text = said(code).unwrap_or_else(|| panic!("{tag}: {code}"));
            assert!(tag != "en" || text == *sentence, "{code}");
            count += 1;
        }
        let texts = texts["messages"].as_object().unwrap();
        let kept = texts.keys().filter(|key| key.starts_with("mistake."));
        assert_eq!(
            kept.count(),
            count,
            "{tag}: a text of a mistake that is none"
        );
    }
}

#[test]
fn the_fixture_with_everything_has_every_field_there_is() {
    let mut unseen = BTreeSet::new();
    expect(&SURVEY, &mut unseen);
    for case in &*ACCEPTED {
        strike(&SURVEY, &case["definition"], &mut unseen);
    }
    assert_eq!(unseen, BTreeSet::new());
}

fn forms_of(kind: &'static Kind) -> Vec<&'static Form> {
    match kind {
        Kind::Record(form) => vec![form],
        Kind::Forms(forms) => forms.to_vec(),
        Kind::List(kind, ..) => forms_of(kind),
        _ => Vec::new(),
    }
}

fn expect(form: &'static Form, unseen: &mut BTreeSet<String>) {
    for Field(name, kind, _) in form.fields {
        if unseen.insert(format!("{}.{name}", form.name)) {
            for form in forms_of(kind) {
                expect(form, unseen);
            }
        }
    }
}

fn strike(form: &'static Form, json: &Json, unseen: &mut BTreeSet<String>) {
    for Field(name, kind, _) in form.fields {
        let Some(found) = json.get(name) else {
            continue;
        };
        unseen.remove(&format!("{}.{name}", form.name));
        let items = found
            .as_array()
            .map_or(std::slice::from_ref(found), Vec::as_slice);
        for item in items {
            for form in forms_of(kind) {
                let Field(first, of, _) = &form.fields[0];
                let is_it = match of {
                    Kind::Exactly(word) => item[*first] == **word,
                    _ => forms_of(kind).len() == 1 || item.get(first).is_some(),
                };
                if is_it {
                    strike(form, item, unseen);
                }
            }
        }
    }
}

fn is_of_form(mistakes: &[Mistake]) -> bool {
    mistakes
        .iter()
        .any(|mistake| OF_FORM.iter().any(|(code, _)| *code == mistake.code))
}

/// What may stand where something else should.
fn odd() -> Vec<Value> {
    let text = |text: &str| Value::Text(text.to_owned().into());
    vec![
        Value::Null,
        Value::Bool(true),
        Value::Number(0.0),
        Value::Number(5.0),
        Value::Number(-1.0),
        Value::Number(2.5),
        Value::Number(1e12),
        text(""),
        text("en"),
        text("a name"),
        text("conversationReopened"),
        text(&"长".repeat(2_000)),
        text(&"long".repeat(501)),
        Value::List(Vec::new()),
        Value::List(vec![text("en"), text("zh-CN")]),
        Value::List(vec![Value::Number(3.0); 40]),
        Value::Map(Vec::new()),
        Value::Map(vec![("en".into(), text("A text"))]),
        Value::Map(vec![("en".into(), text(""))]),
        Value::Map(vec![("url".into(), Value::Null)]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_changed_in_a_definition_the_schema_and_the_loader_agree_about_its_form(
        fixture in 0..4_usize, at in any::<prop::sample::Index>(), with in prop::sample::select(odd()), how in 0..4_usize, which in any::<prop::sample::Index>(),
    ) {
        let mut root = as_value(&ACCEPTED[fixture]["definition"]);
        let wanted = at.index(parts(&mut root, &mut |_| {}));
        let mut index = 0;
        parts(&mut root, &mut |part| {
            if index == wanted {
                match (how, &mut *part) {
                    (0, Value::Map(fields)) if !fields.is_empty() => { fields.remove(which.index(fields.len())); }
                    (1, Value::Map(fields)) => fields.push(("one-more".into(), with.clone())),
                    (0, Value::List(items)) if !items.is_empty() => { items.remove(which.index(items.len())); }
                    (1, Value::List(items)) => items.push(with.clone()),
                    _ => *part = with.clone(),
                }
            }
            index += 1;
        });
        let json = serde_json::to_value(&root).unwrap();
        let mistakes = Definition::load(root).err().unwrap_or_default();
        prop_assert_eq!(is_of_form(&mistakes), !SCHEMA.is_valid(&json), "{:?} {}", mistakes, json);
    }
}
