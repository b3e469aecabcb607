//! Where a survey goes: what its rules say to the answers given so far.
//!
//! Nothing of the way is remembered but how many blocks were submitted: the way, the variables and
//! what is required follow from the answers each time, so that they cannot disagree with them.

use super::answer::is_given;
use super::definition::Definition;
use super::structure::{at, list, set, text_of, word};
use crate::plain::Value;

/// What comes after the blocks that were submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// This block, by its number.
    Block(usize),
    /// The end: the screen of this id, or the first.
    End(Option<String>),
}

/// How a survey stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// The blocks that were submitted, in order.
    pub trail: Vec<usize>,
    /// Where it stands now.
    pub place: Place,
    /// The variables, as calculated on the way.
    pub variables: Value,
    /// Elements that a rule requires, by id.
    pub required: Vec<String>,
}

/// Follows the rules through so many submitted blocks. Fewer, where the survey ends before.
pub fn follow(survey: &Definition, data: &Value, hidden: &Value, steps: usize) -> Way {
    let mut way = Way {
        trail: Vec::new(),
        place: Place::Block(0),
        variables: Value::Map(Vec::new()),
        required: Vec::new(),
    };
    for variable in survey.variables() {
        let value = at(variable, "value").cloned().unwrap_or(Value::Null);
        set(&mut way.variables, word(variable, "id"), value);
    }
    while let Place::Block(block) = way.place {
        let submitted = way.trail.len() < steps;
        let to = apply(survey, block, &[data, hidden], &mut way, submitted);
        if !submitted {
            break;
        }
        way.trail.push(block);
        way.place = to;
    }
    way
}

/// Applies a block's rules to the answers and the hidden fields that were given: all that hold, in order; the first jump counts. A block that is not
/// submitted yet requires already, and calculates nothing.
fn apply(
    survey: &Definition,
    number: usize,
    given: &[&Value; 2],
    way: &mut Way,
    submitted: bool,
) -> Place {
    let block = &survey.blocks()[number];
    let mut target = None;
    for rule in list(block, "logic") {
        let condition = at(rule, "conditions").unwrap_or(&Value::Null);
        if !holds(condition, given, &way.variables) {
            continue;
        }
        for action in list(rule, "actions") {
            match word(action, "type") {
                "require" => way.required.push(word(action, "element").to_owned()),
                "jump" => target = target.or(Some(word(action, "target"))),
                _ if submitted => calculate(action, given, &mut way.variables),
                _ => {}
            }
        }
    }
    match target.or(at(block, "logicFallback").and_then(text_of)) {
        Some(id) => survey
            .block_at(id)
            .map_or_else(|| Place::End(Some(id.to_owned())), Place::Block),
        None if number + 1 < survey.blocks().len() => Place::Block(number + 1),
        None => Place::End(None),
    }
}

/// What an id stands for now: an answer, a variable, or a field that the page filled in.
fn known<'v>(id: &str, [data, hidden]: &[&'v Value; 2], variables: &'v Value) -> Option<&'v Value> {
    at(data, id).or(at(variables, id)).or(at(hidden, id))
}

/// Whether a condition holds. What was not answered is neither less nor more, and includes nothing.
fn holds(condition: &Value, given: &[&Value; 2], variables: &Value) -> bool {
    let all = list(condition, "conditions");
    let hold = |part: &Value| holds(part, given, variables);
    match word(condition, "connector") {
        "and" => return all.iter().all(hold),
        "or" => return all.iter().any(hold),
        _ => {}
    }
    let left = known(word(condition, "left"), given, variables);
    let left = left.filter(|left| is_given(Some(left)));
    let value = at(condition, "value").unwrap_or(&Value::Null);
    let order = match (left, value) {
        (Some(Value::Number(left)), Value::Number(right)) => left.partial_cmp(right),
        _ => None,
    };
    match word(condition, "operator") {
        "submitted" => left.is_some(),
        "skipped" => left.is_none(),
        "equals" => left.is_some_and(|left| is_same(left, value)),
        "notEquals" => !left.is_some_and(|left| is_same(left, value)),
        "less" => order.is_some_and(|order| order.is_lt()),
        "lessOrEqual" => order.is_some_and(|order| order.is_le()),
        "greater" => order.is_some_and(|order| order.is_gt()),
        "greaterOrEqual" => order.is_some_and(|order| order.is_ge()),
        "includes" => left.is_some_and(|left| has(left, value)),
        _ => !left.is_some_and(|left| has(left, value)),
    }
}

/// The same; `other` is any answer in the person's own words.
fn is_same(left: &Value, right: &Value) -> bool {
    left == right || (at(left, "other").is_some() && text_of(right) == Some("other"))
}

fn has(left: &Value, value: &Value) -> bool {
    match (left, value) {
        (Value::List(items), _) => items.iter().any(|item| is_same(item, value)),
        // Any text has the empty one in it.
        (Value::Text(text), Value::Text(part)) => {
            let part = part.as_bytes();
            let mut from = text.as_bytes();
            while from.len() > part.len() && !from.starts_with(part) {
                from = &from[1..];
            }
            from.starts_with(part)
        }
        _ => is_same(left, value),
    }
}

/// Changes a variable. What cannot be calculated (a number with a text, a division by zero) leaves it
/// as it was.
fn calculate(action: &Value, given: &[&Value; 2], variables: &mut Value) {
    let from = at(action, "from").and_then(text_of);
    let value = match from {
        Some(from) => known(from, given, variables),
        None => at(action, "value"),
    };
    let name = word(action, "variable");
    let (Some(value), Some(variable)) = (value, at(variables, name)) else {
        return;
    };
    let result = match (word(action, "operation"), variable, value) {
        ("assign", ..) => value.clone(),
        (operation, Value::Number(left), Value::Number(right)) => {
            let number = match operation {
                "add" => left + right,
                "subtract" => left - right,
                "multiply" => left * right,
                _ => left / right,
            };
            if !number.is_finite() {
                return;
            }
            Value::Number(number)
        }
        _ => return,
    };
    set(variables, name, result);
}
