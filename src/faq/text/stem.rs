//! A light English stemmer: inflections only (plurals, -ed, -ing, -er's final e, y), after Porter's first
//! step. Derivations are left apart on purpose: joining them costs more precision than it gains.

use std::borrow::Cow;

/// The stem of a folded word; the word itself where it is short or not plain Latin.
pub fn stem(word: &str) -> Cow<'_, str> {
    if word.len() < 4 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return Cow::Borrowed(word);
    }
    let word = past_and_progressive(plural(word));
    if let Some(stem) = word.strip_suffix('e').filter(|stem| stem.len() > 2) {
        return Cow::Borrowed(stem);
    }
    match word.strip_suffix('y') {
        Some(stem) if stem.len() > 1 && !is_vowel(stem.as_bytes(), stem.len() - 1) => {
            Cow::Owned([stem, "i"].concat())
        }
        _ => Cow::Borrowed(word),
    }
}

/// `word` without its last letters.
fn cut(word: &str, letters: usize) -> &str {
    word.get(..word.len() - letters).unwrap_or(word)
}

fn plural(word: &str) -> &str {
    if word.ends_with("sses") || (word.ends_with("ies") && word.len() > 4) {
        return cut(word, 2);
    }
    match word.ends_with('s') && !["ss", "us", "is"].iter().any(|end| word.ends_with(end)) {
        true => cut(word, 1),
        false => word,
    }
}

fn past_and_progressive(word: &str) -> &str {
    let stem = if word.ends_with("ing") {
        cut(word, 3)
    } else if word.ends_with("ed") && !word.ends_with("eed") {
        cut(word, 2)
    } else {
        return word;
    };
    let bytes = stem.as_bytes();
    if bytes.len() < 3 || !(0..bytes.len()).any(|at| is_vowel(bytes, at)) {
        return word;
    }
    let last = bytes.len() - 1;
    if bytes[last] == bytes[last - 1]
        && !is_vowel(bytes, last)
        && !matches!(bytes[last], b's' | b'z')
    {
        return cut(stem, 1);
    }
    stem
}

fn is_vowel(bytes: &[u8], at: usize) -> bool {
    match bytes[at] {
        b'a' | b'e' | b'i' | b'o' | b'u' => true,
        b'y' => at > 0 && !is_vowel(bytes, at - 1),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn inflections_meet() {
        for family in [
            &["charge", "charges", "charged", "charging"][..],
            &["cancel", "cancels", "cancelled", "canceled", "cancelling"],
            &["delivery", "deliveries"],
            &["refund", "refunds", "refunded"],
            &["transfer", "transferred", "transferring"],
        ] {
            for word in family {
                assert_eq!(stem(word), stem(family[0]), "{word}");
            }
        }
    }

    #[test]
    fn short_words_and_other_scripts_stay() {
        for word in ["his", "bus", "status", "this", "заказы", "ab12s"] {
            assert_eq!(stem(word), word);
        }
    }
}
