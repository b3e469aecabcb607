//! The responses as a table. A cell that a spreadsheet would take for a formula gets an apostrophe in
//! front, as OWASP has it: what a visitor writes must not run on a manager's machine.

use deskside::plain::Value;

/// A row, with the line's end.
pub fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    cells.join(",") + "\r\n"
}

fn quoted(cell: &str) -> String {
    let dangerous = |c: char| {
        matches!(
            c,
            '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'
        )
    };
    let first = cell
        .trim_start_matches([' ', '\u{a0}', '\u{feff}', '"', '\''])
        .chars()
        .next();
    let is_number = cell.parse::<f64>().is_ok();
    let guard = if first.is_some_and(dangerous) && !is_number {
        "'"
    } else {
        ""
    };
    format!("\"{guard}{}\"", cell.replace('"', "\"\"").replace('\0', ""))
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
    fn quotes_commas_and_line_breaks_stay_in_their_cell() {
        assert_eq!(
            row(&["a\"b".into(), "c,d\ne".into()]),
            "\"a\"\"b\",\"c,d\ne\"\r\n"
        );
    }
}
