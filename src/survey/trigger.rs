//! What happened, and whether a survey waits for it.

use super::structure::{at, count, word};
use crate::plain::Value;

/// Something that happened on the page, or that the page tells of.
#[derive(Clone, Debug)]
pub struct Signal<'s> {
    /// As in a trigger's `type`.
    pub kind: &'s str,
    /// An event's name.
    pub name: &'s str,
    /// An event's properties.
    pub properties: &'s Value,
    /// Seconds on the page, or percent scrolled.
    pub amount: u32,
    /// How much of that had been told before: a trigger fires when its mark is passed.
    pub told: u32,
    /// The page's address.
    pub url: &'s str,
}

impl Default for Signal<'_> {
    fn default() -> Self {
        Self {
            kind: "",
            name: "",
            properties: &Value::Null,
            amount: 0,
            told: 0,
            url: "",
        }
    }
}

/// Whether a trigger waits for this.
pub fn matches(trigger: &Value, signal: &Signal<'_>) -> bool {
    let reached = |name: &str| {
        count(trigger, name).is_none_or(|mark| signal.told < mark && mark <= signal.amount)
    };
    let named = at(trigger, "name").is_none() || word(trigger, "name") == signal.name;
    let on_page = at(trigger, "url").is_none() || fits(word(trigger, "url"), signal.url);
    let alike = match at(trigger, "filters") {
        Some(Value::Map(filters)) => filters
            .iter()
            .all(|(name, wanted)| at(signal.properties, name) == Some(wanted)),
        _ => true,
    };
    word(trigger, "type") == signal.kind
        && reached("seconds")
        && reached("percent")
        && named
        && on_page
        && alike
}

/// Whether an address fits a rule in which `*` stands for anything. A rule without one is the whole
/// address.
pub fn fits(rule: &str, url: &str) -> bool {
    let (rule, url) = (rule.as_bytes(), url.as_bytes());
    let (mut r, mut u) = (0, 0);
    // The last star, and how much of the address it stands for so far.
    let mut star: Option<(usize, usize)> = None;
    while u < url.len() {
        if rule.get(r) == Some(&b'*') {
            star = Some((r, u));
            r += 1;
        } else if rule.get(r) == Some(&url[u]) {
            r += 1;
            u += 1;
        } else if let Some((at, taken)) = star {
            star = Some((at, taken + 1));
            r = at + 1;
            u = taken + 1;
        } else {
            return false;
        }
    }
    rule[r..].iter().all(|byte| *byte == b'*')
}
