//! What a visitor's device asks of a definition before anybody sees it: that it cannot stall the page.
//! The desk checks all the rest when a definition is saved (`check`); no visitor pays for that again.

use super::answer::{is_given, points};
use super::definition::{depth, targets};
use super::structure::{at, count, list, position, word};
use super::terms::{BLOCKS_MAX, POINTS_MAX};
use crate::plain::Value;
use crate::plain::decimal;
use std::borrow::Cow;

/// What is wrong with a definition, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// As in `$.blocks[2].elements[0].range`.
    pub path: String,
    /// For whoever wrote the definition.
    pub sentence: Cow<'static, str>,
}

impl Problem {
    /// The place and the sentence.
    pub fn to_text(&self) -> String {
        [&self.path, " ", &*self.sentence].concat()
    }
}

/// The first thing that makes a definition unsafe to ask by.
pub(super) fn danger(root: &Value) -> Option<Problem> {
    let problem = |path: &[&str], sentence| {
        let (path, sentence) = (path.concat(), Cow::Borrowed(sentence));
        Some(Problem { path, sentence })
    };
    if !matches!(root, Value::Map(_)) {
        return problem(&["$"], "must be an object");
    }
    for name in &["schemaVersion", "id", "version", "languages", "blocks"] {
        if !is_given(at(root, name)) {
            return problem(&["$.", name], "is missing");
        }
    }
    if count(root, "schemaVersion") != Some(1) {
        return problem(&["$.schemaVersion"], "must be 1");
    }
    let blocks = list(root, "blocks");
    if !(1..=BLOCKS_MAX).contains(&blocks.len()) {
        return problem(&["$.blocks"], "must be a list of 1 to 100");
    }
    let mut depths = vec![0; blocks.len()];
    for (index, block) in blocks.iter().enumerate() {
        let sentence =
            if !is_given(at(block, "id")) || !list(block, "elements").iter().all(is_known) {
                "has no name, or a question that is not known here"
            } else if !is_led(root, block) {
                "leads nowhere"
            } else if depth(blocks, index, &mut depths).is_none() {
                "leads back to itself"
            } else {
                continue;
            };
        return problem(&["$.blocks[", &decimal(index as u32), "]"], sentence);
    }
    None
}

fn is_known(element: &Value) -> bool {
    let kinds = [
        "csat",
        "nps",
        "ces",
        "singleChoice",
        "multipleChoice",
        "openText",
        "boolean",
        "consent",
        "tags",
    ];
    is_given(at(element, "id"))
        && kinds.contains(&word(element, "type"))
        && points(element).is_none_or(|(_, high)| high <= POINTS_MAX)
}

/// Whether every place that a block names is there.
fn is_led(root: &Value, block: &Value) -> bool {
    let is_there = |id: &&str| {
        position(list(root, "blocks"), id)
            .or(position(list(root, "endings"), id))
            .is_some()
    };
    targets(block).iter().all(is_there)
}
