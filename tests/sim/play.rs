//! Plays one script: to its verdict, to its trace, or to the shortest script that fails alike.

use crate::planted::Bug;
use crate::run::Run;
use crate::script::Script;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn play_whole(script: &Script, bug: Option<Bug>, traced: bool) -> (Option<String>, Run) {
    let mut run = Run::new(script, bug, traced);
    let played = catch_unwind(AssertUnwindSafe(|| run.play()));
    let failure = match played {
        Ok(()) => run.failure.take(),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Some(format!("a panic: {}", text.unwrap_or_default()))
        }
    };
    (failure, run)
}

/// Why it fails, if it does, and how many inputs the engines took.
pub fn play(script: &Script, bug: Option<Bug>) -> (Option<String>, u32) {
    let (failure, run) = play_whole(script, bug, false);
    (failure, run.inputs)
}

/// Everything that happens in it, and the verdict.
pub fn trace(script: &Script) -> String {
    let (failure, mut run) = play_whole(script, None, true);
    let lines = run.trace.take().unwrap_or_default();
    let mut text: String = lines.iter().map(|line| compact(line) + "\n").collect();
    text.push_str(&failure.unwrap_or_else(|| "holds".into()));
    text.push('\n');
    text
}

/// What kind of failure it is: its words without its numbers and names.
pub fn kind_of(failure: &str) -> String {
    let words = failure.split(['[', '{']).next().unwrap_or_default();
    let words: Vec<&str> = words
        .split(' ')
        .filter(|word| !word.contains('-'))
        .collect();
    words
        .join(" ")
        .chars()
        .filter(|c| !c.is_ascii_digit())
        .collect()
}

/// Leaves out whatever may be left out while the run still fails in the same way.
pub fn shrink(script: &Script) -> Script {
    let mut small = script.clone();
    let kind = |script: &Script| play(script, None).0.map(|failure| kind_of(&failure));
    let wanted = kind(script);
    let mut chunk = small.steps.len().div_ceil(2).max(1);
    loop {
        let mut at = 0;
        let mut shorter = false;
        while at < small.steps.len() {
            let mut less = small.clone();
            less.steps.drain(at..(at + chunk).min(small.steps.len()));
            if kind(&less) == wanted {
                small = less;
                shorter = true;
            } else {
                at += chunk;
            }
        }
        if chunk == 1 && !shorter {
            return small;
        }
        chunk = (chunk / 2).max(1);
    }
}

/// A line of a trace without what is not there.
fn compact(line: &str) -> String {
    let parts = line.split(", ").filter_map(|part| {
        let Some(name) = part.strip_suffix(": None") else {
            return Some(part);
        };
        // What stands before the name opens what the other parts stand in.
        name.rfind(['{', '(']).map(|at| &name[..=at])
    });
    let line = parts.collect::<Vec<_>>().join(", ");
    let line = line.replace("{, ", "{ ").replace("ClientFrame ", "");
    line.replace("ServerFrame ", "").replace("018bcff4-", "")
}
