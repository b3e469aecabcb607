//! A light English stemmer: inflections only (plurals, -ed, -ing, -er's final e, y), after Porter's first
//! step. Derivations are left apart on purpose: joining them costs more precision than it gains.

/// The stem of a folded word; the word itself where it is short or not plain Latin.
pub fn stem(word: &str) -> String {
    let mut stem = word.to_owned();
    if word.len() < 4 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return stem;
    }
    plural(&mut stem);
    past_and_progressive(&mut stem);
    if stem.len() > 3 && stem.ends_with('e') {
        stem.pop();
    } else if stem.len() > 2 && stem.ends_with('y') && !is_vowel(stem.as_bytes(), stem.len() - 2) {
        stem.pop();
        stem.push('i');
    }
    stem
}

fn plural(stem: &mut String) {
    if stem.ends_with("sses") || (stem.ends_with("ies") && stem.len() > 4) {
        stem.truncate(stem.len() - 2);
    } else if stem.ends_with('s')
        && !stem.ends_with("ss")
        && !stem.ends_with("us")
        && !stem.ends_with("is")
    {
        stem.pop();
    }
}

fn past_and_progressive(stem: &mut String) {
    let cut = if stem.ends_with("ing") {
        3
    } else if stem.ends_with("ed") && !stem.ends_with("eed") {
        2
    } else {
        return;
    };
    let keep = stem.len() - cut;
    let bytes = stem.as_bytes();
    if keep < 3 || !(0..keep).any(|at| is_vowel(bytes, at)) {
        return;
    }
    stem.truncate(keep);
    let bytes = stem.as_bytes();
    let last = bytes[keep - 1];
    if last == bytes[keep - 2] && !is_vowel(bytes, keep - 1) && !matches!(last, b's' | b'z') {
        stem.pop();
    }
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
