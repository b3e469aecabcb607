//! The YAML between two `---` lines at the top of a Markdown file.

use super::report::{Code, Place, Reporter};
use serde_json::{Map, Value};

/// The front matter and the text after it; `None` if it cannot be read, which has been reported.
pub(super) fn split<'t>(
    text: &'t str,
    reporter: &mut Reporter,
) -> Option<(Map<String, Value>, &'t str)> {
    let Some(yaml) = text.strip_prefix("---").and_then(after_line_end) else {
        return Some((Map::new(), text));
    };
    let mut at = 0;
    for line in yaml.split_inclusive('\n') {
        if matches!(line.trim_end(), "---" | "...") {
            return parse(&yaml[..at], reporter).map(|map| (map, &yaml[at + line.len()..]));
        }
        at += line.len();
    }
    // A rule in front of a text without front matter.
    Some((Map::new(), text))
}

fn after_line_end(rest: &str) -> Option<&str> {
    let rest = rest.trim_start_matches([' ', '\t', '\r']);
    rest.strip_prefix('\n')
}

fn parse(yaml: &str, reporter: &mut Reporter) -> Option<Map<String, Value>> {
    if yaml.trim().is_empty() {
        return Some(Map::new());
    }
    match serde_saphyr::from_str::<Value>(yaml) {
        Ok(Value::Object(map)) => Some(map),
        Ok(Value::Null) => Some(Map::new()),
        Ok(_) => {
            reporter.skip(
                Some(Place::Line(1)),
                Code::Syntax,
                "front matter is a list of fields",
            );
            None
        }
        Err(error) => {
            // The first line of the YAML is the second of the file.
            let line = error
                .location()
                .map(|at| Place::Line(u32::try_from(at.line()).unwrap_or(0) + 1));
            reporter.skip(line, Code::Syntax, error.without_snippet().to_string());
            None
        }
    }
}
