//! Surveys: definitions, logic, who is asked and how often, scores, and the whole of it in the engine.

#[path = "../world/mod.rs"]
mod world;

mod answers;
mod definitions;
mod devices;
mod eligibility;
mod logic;
mod property;
mod schema;
mod scores;
mod shop;
mod source;
mod stories;
mod waiting;

use deskside::plain::Value;
use deskside::survey::{Definition, Mistake};

/// A value from JSON.
pub fn value(json: &str) -> Value {
    serde_json::from_str(json).expect("JSON")
}

/// Loads a definition, or says what is wrong with it.
pub fn try_load(json: &str) -> Result<Definition, Vec<Mistake>> {
    Definition::load(value(json))
}

/// Loads a definition that is in order.
pub fn load(json: &str) -> Definition {
    try_load(json).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

/// A definition with these blocks and whatever else.
pub fn survey(blocks: &str, more: &str) -> String {
    format!(
        r#"{{"schemaVersion":1,"id":"s","version":1,"languages":["en"],"blocks":[{blocks}]{more}}}"#
    )
}

/// A block with one question, a number from 1 to 5, and rules.
pub fn block(id: &str, logic: &str) -> String {
    format!(
        r#"{{"id":"{id}","elements":[{{"type":"csat","id":"q-{id}","scale":"number","range":5,"headline":"?"}}],"logic":[{logic}]}}"#
    )
}
