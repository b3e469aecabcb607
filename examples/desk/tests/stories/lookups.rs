//! What the desk asks of tables that only grow it finds by an index, however much they hold.

use crate::support::*;
use rusqlite::Connection;
use std::path::Path;

/// As many rows as there are agents, surveys or processes; or read in order, and not to the end.
const SMALL: &[&str] = &[
    "a",
    "agent_sessions",
    "bots",
    "d",
    "survey_definitions",
    "agents",
    "processes",
    "consoles",
];

/// What the command line asks for, once, of all there is.
const OF_ALL: &str = "UPDATE conversations SET epoch";

#[tokio::test]
async fn no_statement_reads_a_table_that_grows_from_end_to_end() {
    let desk = Desk::start().await;
    let db = Connection::open(&desk.config.database).unwrap();
    let statements = statements();
    assert!(statements.len() > 60, "only {}", statements.len());
    for sql in statements.iter().filter(|sql| !sql.starts_with(OF_ALL)) {
        for step in plan(&db, sql) {
            let Some(table) = step.strip_prefix("SCAN ") else {
                continue;
            };
            let name = table.split(' ').next().unwrap_or_default();
            let is_read_whole = !table.contains("INDEX")
                && !SMALL.contains(&name)
                && !table.starts_with(['(', 'C']);
            assert!(!is_read_whole, "{step}: {sql}");
        }
    }
}

#[tokio::test]
async fn what_lies_deep_in_a_table_is_found_by_an_index_of_its_own() {
    let desk = Desk::start().await;
    let db = Connection::open(&desk.config.database).unwrap();
    let statements = statements();
    let asked = [
        (
            "c.ticket IS NOT NULL",
            "conversations_with_open_ticket",
            "open tickets",
        ),
        ("kind IN ('state'", "events_of_kind", "the newest state"),
        (
            "AND author = ?3 AND cmid",
            "events_by_cmid",
            "what was said already",
        ),
        (
            "DELETE FROM uploads WHERE seq",
            "uploads_unnamed",
            "files without a message",
        ),
        (
            "seq IS NULL AND sha256",
            "uploads_unnamed",
            "files under way",
        ),
        (
            "waiting_since IS NOT NULL",
            "conversations_waiting",
            "who waits",
        ),
        (
            "WHERE c.visitor",
            "conversations_by_visitor",
            "a visitor's own",
        ),
    ];
    for (part, index, what) in asked {
        let of = statements.iter().filter(|sql| sql.contains(part));
        let plans: Vec<String> = of.map(|sql| plan(&db, sql).join("; ")).collect();
        assert!(!plans.is_empty(), "{what}: no statement has {part:?}");
        assert!(
            plans.iter().all(|plan| plan.contains(index)),
            "{what}: {plans:?}"
        );
    }
}

fn plan(db: &Connection, sql: &str) -> Vec<String> {
    let explained = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}"));
    let mut explained = explained.unwrap_or_else(|error| panic!("{error}: {sql}"));
    let mut rows = explained.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get(3).unwrap());
    }
    steps
}

/// Every statement in the sources of the store, whole.
fn statements() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/sqlite");
    let read = |path: &Path| {
        let source = std::fs::read_to_string(path).unwrap();
        literals(source.split("#[cfg(test)]").next().unwrap_or_default())
    };
    let beginnings: Vec<String> = read(&folder.join("row.rs"))
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    let begun_as = |columns: &str| {
        beginnings
            .iter()
            .find(|text| text.starts_with(columns))
            .unwrap()
    };
    let macros = [
        ("select_conversation!(", begun_as("SELECT c.num")),
        ("select_event!(", begun_as("SELECT seq")),
        ("select_upload!(", begun_as("SELECT id, conv")),
    ];
    let mut statements = Vec::new();
    for file in std::fs::read_dir(&folder).unwrap().flatten() {
        if file.path().is_dir() || file.file_name() == "row.rs" {
            continue;
        }
        for (before, text) in read(&file.path()) {
            let verbs = ["SELECT ", "INSERT ", "UPDATE ", "DELETE "];
            match macros.iter().find(|(name, _)| before.ends_with(name)) {
                Some((_, beginning)) => statements.push(format!("{beginning} {text}")),
                None if verbs.iter().any(|verb| text.starts_with(verb)) => statements.push(text),
                None => {}
            }
        }
    }
    statements
}

/// The string literals of a source, each with the word before it.
fn literals(source: &str) -> Vec<(String, String)> {
    let mut literals = Vec::new();
    let mut at = 0;
    while let Some(quote) = source[at..].find(['"', '/']) {
        let start = at + quote;
        let rest = &source[start..];
        if rest.starts_with("//") {
            at = start + rest.find('\n').unwrap_or(rest.len());
        } else if let Some(inside) = rest.strip_prefix('"') {
            let mut end = 0;
            while !inside[end..].starts_with('"') {
                end += if inside[end..].starts_with('\\') {
                    2
                } else {
                    1
                };
            }
            let lines = inside[..end].split("\\\n").flat_map(str::split_whitespace);
            let word = source[..start].split_whitespace().next_back();
            literals.push((
                word.unwrap_or_default().to_owned(),
                lines.collect::<Vec<_>>().join(" "),
            ));
            at = start + end + 2;
        } else {
            at = start + 1;
        }
    }
    literals
}
