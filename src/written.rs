//! What people write where an address or a number is asked for: it can be one, whether there is such a one
//! or not.

/// Something, an `@`, and a domain with a dot within.
pub fn is_email(text: &str) -> bool {
    let name = until(text, b"@").len();
    parts(text, b"@") == 2 && text.get(name + 1..).is_some_and(is_domain) && is_one_word(text)
}

/// `http://` or `https://` and a host with a dot within.
pub fn is_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or(text.strip_prefix("http://"));
    is_domain(until(rest.unwrap_or_default(), b"/?#")) && is_one_word(text)
}

fn is_one_word(text: &str) -> bool {
    !text.chars().any(char::is_whitespace)
}

fn is_domain(text: &str) -> bool {
    parts(text, b".") > 1
}

/// 5 to 15 digits, parted as people part them, a `+` in front or not.
pub fn is_phone(text: &str) -> bool {
    let rest = text.strip_prefix('+').unwrap_or(text);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (5..=15).contains(&digits) && is_digits_and(b" -.()/", rest)
}

/// Digits, a minus in front or not, one `.` or `,` within or not.
pub fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    matches!(parts(digits, b".,"), 1 | 2) && is_digits_and(b".,", digits)
}

fn is_digits_and(others: &[u8], text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || is_among(byte, others))
}

/// How many parts a text has between such bytes; 0 where one of them is empty.
fn parts(text: &str, between: &[u8]) -> usize {
    let (mut parts, mut empty) = (1, true);
    for byte in text.bytes() {
        let ends = is_among(byte, between);
        if ends && empty {
            return 0;
        }
        parts += usize::from(ends);
        empty = ends;
    }
    if empty { 0 } else { parts }
}

/// A text up to the first of these bytes, all of them ASCII.
pub(crate) fn until<'t>(text: &'t str, ends: &[u8]) -> &'t str {
    let mut length = 0;
    for byte in text.bytes() {
        if is_among(byte, ends) {
            break;
        }
        length += 1;
    }
    text.get(..length).unwrap_or_default()
}

/// `contains`, in fewer bytes: what the standard library has looks at several at once.
fn is_among(byte: u8, bytes: &[u8]) -> bool {
    for other in bytes {
        if *other == byte {
            return true;
        }
    }
    false
}
