//! The responses as CSV, one a line, a column for each question. A cell that a spreadsheet would take for
//! a formula gets an apostrophe in front, as OWASP has it: what a visitor writes must not run on a
//! manager's machine.

use super::Site;
use super::results::{Filter, Row, text};
use deskside::plain::Value;
use time::OffsetDateTime;

/// The columns beside the answers.
const HEAD: [&str; 12] = [
    "responseId",
    "shownAt",
    "updatedAt",
    "surveyVersion",
    "language",
    "source",
    "url",
    "conversation",
    "agent",
    "team",
    "finished",
    "dismissed",
];

/// The table of a survey: of every question that any version of it asks or asked, the newest first.
pub fn table(site: &Site, survey_id: &str, rows: &[Row], filter: &Filter) -> String {
    let columns = columns(site, survey_id);
    let mut head: Vec<String> = HEAD.iter().map(|name| (*name).to_owned()).collect();
    head.extend(columns.iter().map(|(_, id)| id.clone()));
    // The mark tells spreadsheets that it is UTF-8.
    let mut out = String::from('\u{feff}') + &line(&head);
    for row in rows.iter().filter(|row| filter.takes(row)) {
        let response = &row.response;
        let agent = row.agent.as_ref().map(|(_, name)| name.clone());
        let mut cells = vec![
            response.response_id.clone(),
            moment(row.shown_at),
            moment(response.updated_at),
            response.survey_version.to_string(),
            response.language.clone(),
            response.source.clone(),
            response.url.clone(),
            row.conversation.clone().unwrap_or_default(),
            agent.unwrap_or_default(),
            row.team.clone(),
            response.finished.to_string(),
            response.dismissed.to_string(),
        ];
        for (part, id) in &columns {
            let part = match part {
                Part::Answer => &response.data,
                Part::Hidden => &response.hidden,
                Part::Variable => &response.variables,
            };
            cells.push(part.get(id).map_or_else(String::new, cell));
        }
        out.push_str(&line(&cells));
    }
    out
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Answer,
    Hidden,
    Variable,
}

fn columns(site: &Site, survey_id: &str) -> Vec<(Part, String)> {
    let mut columns: Vec<(Part, String)> = Vec::new();
    for part in [Part::Answer, Part::Hidden, Part::Variable] {
        let versions = site.all.iter().rev().map(|saved| &saved.definition);
        for survey in versions.filter(|survey| survey.id() == survey_id) {
            let listed = |name: &str| match survey.value().get(name) {
                Some(Value::List(items)) => items.clone(),
                _ => Vec::new(),
            };
            let ids: Vec<String> = match part {
                Part::Answer => survey.elements().map(|one| text(one, "id")).collect(),
                Part::Hidden => listed("hiddenFields").iter().map(cell).collect(),
                Part::Variable => listed("variables").iter().map(|v| text(v, "id")).collect(),
            };
            for id in ids {
                if !columns.contains(&(part, id.clone())) {
                    columns.push((part, id));
                }
            }
        }
    }
    columns
}

/// As spreadsheets and people read it; in UTC.
fn moment(at: u64) -> String {
    let seconds = i64::try_from(at / 1_000).unwrap_or(0);
    let Ok(moment) = OffsetDateTime::from_unix_timestamp(seconds) else {
        return String::new();
    };
    let (hour, minute, second) = moment.to_hms();
    format!("{} {hour:02}:{minute:02}:{second:02}", moment.date())
}

/// A line of cells, with its end.
fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    cells.join(",") + "\r\n"
}

fn quoted(cell: &str) -> String {
    const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    const CONTROL: [char; 3] = ['\t', '\r', '\n'];
    let unseen = |c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | '\0' | '\u{feff}' | '\u{200b}'..='\u{200f}')
    };
    let is_formula = cell.trim_start_matches(unseen).starts_with(FORMULA);
    let guard = match cell.starts_with(CONTROL) || (is_formula && !is_negative(cell)) {
        true => "'",
        false => "",
    };
    format!("\"{guard}{}\"", cell.replace('"', "\"\"").replace('\0', ""))
}

/// A number may have a minus in front. A telephone number with a plus is a text: a spreadsheet would
/// make 8.6E+12 of it.
fn is_negative(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or_default();
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// An answer as a cell.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(yes) => yes.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.to_string(),
        Value::List(items) => items.iter().map(cell).collect::<Vec<_>>().join("; "),
        Value::Map(fields) => fields.iter().map(|(_, value)| cell(value)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_becomes_a_text() {
        for evil in [
            "=1+1",
            "+1+1",
            "-1+1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "  =cmd|' /C calc'!A0",
            "\"=1",
            "＝1+1",
            "'=1",
            "＠SUM(A1)",
            "－2+3",
            "\n=1",
            "\u{3000}=1",
            "\u{200b}=1",
            "\u{feff}=1",
            "\0=1",
            "+8613912345678",
            "-inf",
            "-1-1",
            "-",
        ] {
            let written = quoted(evil);
            assert!(written.starts_with("\"'"), "{written}");
        }
    }

    #[test]
    fn numbers_and_plain_words_stay_as_they_are() {
        for (plain, written) in [
            ("-5", "\"-5\""),
            ("3.5", "\"3.5\""),
            ("good", "\"good\""),
            ("", "\"\""),
            ("5 = five", "\"5 = five\""),
        ] {
            assert_eq!(quoted(plain), written);
        }
    }

    #[test]
    fn a_moment_is_one_for_a_spreadsheet() {
        assert_eq!(moment(1_772_409_600_999), "2026-03-02 00:00:00");
    }

    #[test]
    fn quotes_commas_and_line_breaks_stay_in_their_cell() {
        assert_eq!(
            line(&["a\"b".into(), "c,d\ne".into()]),
            "\"a\"\"b\",\"c,d\ne\"\r\n"
        );
    }
}
