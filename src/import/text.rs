//! Bytes -> text: UTF-8 and UTF-16 by their marks, then UTF-8, then GB18030, in which spreadsheets
//! on Chinese systems save.

use super::report::{Code, Reporter};
use encoding_rs::{Encoding, GB18030};
use std::borrow::Cow;

pub(super) fn decode<'b>(bytes: &'b [u8], reporter: &mut Reporter) -> Option<Cow<'b, str>> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, broken) = encoding.decode_without_bom_handling(&bytes[mark..]);
        if broken {
            let first = text.find('\u{fffd}').unwrap_or_default() + mark;
            reporter.warn(None, Code::BrokenBytes, first.to_string());
        }
        return Some(text);
    }
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return text_or_binary(Cow::Borrowed(text), reporter),
        Err(error) => error,
    };
    // Three-byte sequences do not come about by chance in GB18030: this is UTF-8, cut or damaged.
    let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
    if before.chars().any(|c| c >= '\u{800}') {
        reporter.warn(None, Code::BrokenBytes, error.valid_up_to().to_string());
        return text_or_binary(String::from_utf8_lossy(bytes), reporter);
    }
    match GB18030.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => text_or_binary(text, reporter),
        None => {
            reporter.skip(None, Code::Encoding, "");
            None
        }
    }
}

/// Pictures and archives may pass for text, but have NULs in front.
fn text_or_binary<'b>(text: Cow<'b, str>, reporter: &mut Reporter) -> Option<Cow<'b, str>> {
    if text.bytes().take(1024).filter(|&c| c == 0).count() > 1 {
        reporter.skip(None, Code::Encoding, "");
        return None;
    }
    Some(text)
}
