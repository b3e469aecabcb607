//! Folding of single characters: case, width and diacritics, by small tables and rules.
//!
//! The same code runs when an index is built and when it is queried, so both always agree. Simplified and
//! traditional Chinese are folded by a map that the index carries (see `format::han`), because the
//! whole table would weigh more than the reader.

/// What a character is to the tokenizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Part of a word that is delimited by spaces or punctuation.
    Letter,
    /// A decimal digit.
    Digit,
    /// A script written without spaces between words (or, as Hangul, with particles attached): indexed
    /// by single characters and pairs.
    Ideograph,
    /// A combining mark that is dropped.
    Mark,
    /// Between parts of a code, as in `AB-12/3`.
    Joiner,
    /// Inside a word, as in `don't`.
    Apostrophe,
    /// Anything else.
    Other,
}

/// U+00C0 to U+024F, base letters in lower case; `.` where the character stands for itself.
const LATIN: &[u8] = b"\
      aaaaaa.ceeeeiiiidnooooo.ouuuuyt.aaaaaa.ceeeeiiiidnooooo.ouuuuytyaaaaaaccccccccdd\
      ddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnn.nnoooooo..rrrrrrssssss\
      ssttttttuuuuuuuuuuuuwwyyyzzzzzzs.b...............ff....i.......ooo.............u\
      u...................dddlllnnnaaiioouuuuuuuuuu.aaaa....ggkkoooo..jdddgg..nnaa..oo\
      aaaaeeeeiiiioooorrrruuuusstt..hh......aaeeooooooooyy............................\
";

/// U+1E00 to U+1EFF, the same.
const LATIN_ADDITIONAL: &[u8] = b"\
      aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooo\
      oooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwyas....\
      aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuu\
      uuyyyyyyyy......\
";

/// The most of Chinese text, told before all ranges are gone through.
const HAN: core::ops::RangeInclusive<u32> = 0x4E00..=0x9FFF;

/// U+FF66 to U+FF9D, half-width katakana, as hiragana from U+3040; the long mark has none.
const HALF_WIDTH: &[u8] = b"\
      \x52\x01\x03\x05\x07\x09\x43\x45\x47\x23\x00\x02\x04\x06\x08\x0a\x0b\x0d\x0f\x11\x13\x15\x17\x19\x1b\x1d\x1f\x21\x24\x26\
      \x28\x2a\x2b\x2c\x2d\x2e\x2f\x32\x35\x38\x3b\x3e\x3f\x40\x41\x42\x44\x46\x48\x49\x4a\x4b\x4c\x4d\x4f\x53";

/// A hiragana with a voicing mark that was written after it, as half-width katakana has it: か and ゛ are が.
pub fn voiced(kana: char, mark: char) -> Option<char> {
    let (half, n) = (
        matches!(mark, '\u{309A}' | '\u{309C}' | '\u{FF9F}'),
        kana as u32,
    );
    if !half && !matches!(mark, '\u{3099}' | '\u{309B}' | '\u{FF9E}') {
        return None;
    }
    let by = match n {
        0x306F..=0x307D if n.is_multiple_of(3) => 1 + u32::from(half),
        0x304B..=0x3062 if !half && !n.is_multiple_of(2) => 1,
        0x3064..=0x3069 if !half && n.is_multiple_of(2) => 1,
        0x3046 if !half => 0x4E,
        _ => return None,
    };
    char::from_u32(n + by)
}

/// Folds one character to at most two.
pub fn fold(c: char) -> (char, Option<char>) {
    let n = c as u32;
    if HAN.contains(&n) {
        return (c, None);
    }
    let folded = match n {
        0..=0x7F => c.to_ascii_lowercase(),
        0xC6 | 0xE6 => return ('a', Some('e')),
        0xDF => return ('s', Some('s')),
        0x152 | 0x153 => return ('o', Some('e')),
        0xC0..=0x24F => from_table(LATIN, n - 0xC0, c),
        0x1E00..=0x1EFF => from_table(LATIN_ADDITIONAL, n - 0x1E00, c),
        0x370..=0x3FF => fold_greek(n),
        0x400..=0x52F => fold_cyrillic(n),
        0x531..=0x556 => shift(n, 48),
        0x622 | 0x623 | 0x625 | 0x671 => '\u{627}',
        0x649 => '\u{64A}',
        0x629 => '\u{647}',
        // Katakana to hiragana, so that either spelling finds the other.
        0x30A1..=0x30F6 => char::from_u32(n - 0x60).unwrap_or(c),
        0xFF70 => '\u{30FC}',
        0xFF66..=0xFF9D => {
            char::from_u32(0x3040 + u32::from(HALF_WIDTH[(n - 0xFF66) as usize])).unwrap_or(c)
        }
        0x2019 | 0x02BC => '\'',
        0x2010..=0x2013 | 0x2212 => '-',
        0xFF01..=0xFF5E => return fold(char::from_u32(n - 0xFEE0).unwrap_or(c)),
        _ => c,
    };
    (folded, None)
}

fn from_table(table: &[u8], at: u32, c: char) -> char {
    match table.get(at as usize) {
        Some(b'.') | None => c,
        Some(&base) => base as char,
    }
}

fn shift(n: u32, by: u32) -> char {
    char::from_u32(n + by).unwrap_or('\u{FFFD}')
}

fn fold_greek(n: u32) -> char {
    match n {
        0x386 | 0x3AC => 'α',
        0x388 | 0x3AD => 'ε',
        0x389 | 0x3AE => 'η',
        0x38A | 0x3AF | 0x390 | 0x3AA | 0x3CA => 'ι',
        0x38C | 0x3CC => 'ο',
        0x38E | 0x3CD | 0x3B0 | 0x3AB | 0x3CB => 'υ',
        0x38F | 0x3CE => 'ω',
        0x3C2 => 'σ',
        0x391..=0x3A9 => shift(n, 32),
        _ => shift(n, 0),
    }
}

fn fold_cyrillic(n: u32) -> char {
    let lower = match n {
        0x400..=0x40F => n + 80,
        0x410..=0x42F => n + 32,
        0x460..=0x52F if n.is_multiple_of(2) => n + 1,
        _ => n,
    };
    match lower {
        0x451 => 'е',
        0x439 => 'и',
        0x457 => 'і',
        _ => shift(lower, 0),
    }
}

/// The class of a character as it is written (before folding).
pub fn class(c: char) -> Class {
    let n = c as u32;
    if HAN.contains(&n) {
        return Class::Ideograph;
    }
    match n {
        0x30..=0x39 | 0xFF10..=0xFF19 | 0x660..=0x669 | 0x966..=0x96F => Class::Digit,
        0x41..=0x5A | 0x61..=0x7A | 0xFF21..=0xFF3A | 0xFF41..=0xFF5A => Class::Letter,
        0x27 | 0x2019 | 0x2BC => Class::Apostrophe,
        0x2D | 0x2E | 0x2F | 0x5F | 0x2010..=0x2013 | 0xFF0D..=0xFF0F | 0xFF3F => Class::Joiner,
        0..=0x7F => Class::Other,
        0xAA | 0xB5 | 0xBA => Class::Letter,
        0x80..=0xBF | 0xD7 | 0xF7 => Class::Other,
        0x3099..=0x309C | 0xFF9E | 0xFF9F => Class::Mark,
        0x300..=0x36F | 0x483..=0x489 | 0x591..=0x5BD | 0x5BF | 0x5C1..=0x5C7 => Class::Mark,
        0x610..=0x61A | 0x640 | 0x64B..=0x65F | 0x670 | 0xFE00..=0xFE0F | 0x1AB0..=0x1AFF => {
            Class::Mark
        }
        0x60C | 0x61B | 0x61F | 0x66A..=0x66D | 0x6D4 | 0x964 | 0x965 | 0x589 | 0x5BE | 0x5C0 => {
            Class::Other
        }
        // Thai, Lao, Myanmar, Khmer.
        0xE3F | 0xE4F | 0xE5A | 0xE5B | 0x104A..=0x104F | 0x17D4..=0x17DB => Class::Other,
        0xE00..=0xEFF | 0x1000..=0x109F | 0x1780..=0x17FF => Class::Ideograph,
        0x1100..=0x11FF | 0x3130..=0x318F | 0xAC00..=0xD7A3 => Class::Ideograph,
        0x3005..=0x3007 | 0x3041..=0x3096 | 0x309D | 0x309E | 0x30A1..=0x30FA | 0x30FC..=0x30FF => {
            Class::Ideograph
        }
        0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0xFF66..=0xFF9F => Class::Ideograph,
        0x20000..=0x3FFFF => Class::Ideograph,
        0x2000..=0x2BFF | 0x2E00..=0x2E7F | 0x3000..=0x303F | 0x30A0 | 0x30FB => Class::Other,
        0xD800..=0xF8FF | 0xFE10..=0xFE6F | 0xFF00..=0xFF65 | 0xFFE0..=0xFFFF => Class::Other,
        0x1F000..=0x1FAFF | 0xE0000.. => Class::Other,
        _ => Class::Letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        text.chars().map(|c| fold(c).0).collect()
    }

    #[test]
    fn case_width_and_diacritics_fold_together() {
        assert_eq!(folded("ＡＢＣ１２"), "abc12");
        assert_eq!(folded("Crème Brûlée"), "creme brulee");
        assert_eq!(folded("Đặt hàng"), "dat hang");
        assert_eq!(folded("ΑΓΟΡΆ"), "αγορα");
        assert_eq!(folded("ЗАКАЗ Ёлка"), "заказ елка");
    }

    #[test]
    fn half_width_katakana_fold_to_hiragana_and_take_their_voicing_marks() {
        assert_eq!(
            folded("ｶﾀｶﾅﾊﾝｶｸｦｧｬｯｰﾜﾛﾖ"),
            "かたかなはんかくをぁゃっーわろよ"
        );
        assert_eq!(voiced('か', 'ﾞ'), Some('が'));
        assert_eq!(voiced('は', 'ﾞ'), Some('ば'));
        assert_eq!(voiced('ほ', 'ﾟ'), Some('ぽ'));
        assert_eq!(voiced('つ', '\u{3099}'), Some('づ'));
        assert_eq!(voiced('と', '゛'), Some('ど'));
        assert_eq!(voiced('う', 'ﾞ'), Some('ゔ'));
        assert_eq!(voiced('か', 'ﾟ'), None);
        assert_eq!(voiced('な', 'ﾞ'), None);
        assert_eq!(voiced('か', '\u{301}'), None);
    }

    #[test]
    fn scripts_fall_into_their_classes() {
        assert_eq!(class('退'), Class::Ideograph);
        assert_eq!(class('한'), Class::Ideograph);
        assert_eq!(class('ท'), Class::Ideograph);
        assert_eq!(class('ж'), Class::Letter);
        assert_eq!(class('。'), Class::Other);
        assert_eq!(class('，'), Class::Other);
        assert_eq!(class('７'), Class::Digit);
        assert_eq!(class('\u{301}'), Class::Mark);
    }
}
