//! Trigrams of a word, its borders included: `<re ref efu fun und nd>`. They let words of one family
//! (verify, verification) and words with a typo share evidence.

/// Calls `visit` with each trigram; an unfinished word has no right border.
pub fn grams(word: &str, finished: bool, visit: &mut dyn FnMut(&str)) {
    let mut framed = String::with_capacity(word.len() + 2);
    framed.push('<');
    framed.push_str(word);
    if finished {
        framed.push('>');
    }
    let mut starts: [usize; 3] = [0; 3];
    for (count, (at, c)) in framed.char_indices().enumerate() {
        starts = [starts[1], starts[2], at];
        if count >= 2 {
            visit(framed.get(starts[0]..at + c.len_utf8()).unwrap_or(""));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::grams;

    #[test]
    fn borders_count_as_letters() {
        let of = |word: &str, finished| {
            let mut all = Vec::new();
            grams(word, finished, &mut |gram| all.push(gram.to_owned()));
            all
        };
        assert_eq!(of("für", true), ["<fü", "für", "ür>"]);
        assert_eq!(of("car", false), ["<ca", "car"]);
        assert_eq!(of("a", true), ["<a>"]);
    }
}
