//! Words within a few edits: one pass over the sorted dictionary that shares the work of shared
//! beginnings and skips every word behind a beginning that is already too far.

use super::super::format::dict::Dict;

/// Calls `visit` with each word within `edits_max` edits (insertion, deletion, substitution, swap of
/// neighbours), its term and the number of edits.
pub fn within(
    dict: &Dict<'_>,
    word: &str,
    edits_max: usize,
    visit: &mut dyn FnMut(&str, u32, usize),
) {
    if edits_max == 0 {
        return;
    }
    let target: Vec<char> = word.chars().collect();
    let width = target.len() + 1;
    let far = edits_max as u8 + 1;
    let mut other: Vec<char> = Vec::new();
    // Row i holds the distances of the first i characters of `other` to every beginning of `target`.
    let mut rows: Vec<u8> = (0..width).map(|n| (n as u8).min(far)).collect();
    // Bytes of the beginning that is too far, while words share it.
    let mut dead: Option<usize> = None;
    dict.walk_from(&[], &mut |bytes, term, shared| {
        if dead.is_some_and(|dead| shared >= dead && bytes.len() >= dead) {
            return true;
        }
        dead = None;
        let Ok(text) = core::str::from_utf8(bytes) else {
            return true;
        };
        let (mut kept, mut diverged) = (0, false);
        for (at, c) in text.char_indices() {
            if !diverged && other.get(kept) == Some(&c) && rows.len() >= (kept + 2) * width {
                kept += 1;
                continue;
            }
            if !diverged {
                diverged = true;
                other.truncate(kept);
            }
            other.push(c);
            kept += 1;
            if push_row(&target, &other, &mut rows, far) >= far {
                dead = Some(at + c.len_utf8());
                return true;
            }
        }
        other.truncate(kept);
        let edits = rows[kept * width + width - 1];
        if edits < far {
            visit(text, term, usize::from(edits));
        }
        true
    });
}

/// Adds the row of the last character of `other`; returns its least distance.
fn push_row(target: &[char], other: &[char], rows: &mut Vec<u8>, far: u8) -> u8 {
    let (width, row) = (target.len() + 1, other.len());
    rows.truncate(row * width);
    let current = other[row - 1];
    let mut least = (row as u8).min(far);
    rows.push(least);
    for column in 1..width {
        let above = rows[(row - 1) * width + column] + 1;
        let left = rows[row * width + column - 1] + 1;
        let same = target[column - 1] == current;
        let mut distance = (rows[(row - 1) * width + column - 1] + u8::from(!same))
            .min(above)
            .min(left);
        if row > 1
            && column > 1
            && target[column - 1] == other[row - 2]
            && target[column - 2] == current
        {
            distance = distance.min(rows[(row - 2) * width + column - 2] + 1);
        }
        let distance = distance.min(far);
        least = least.min(distance);
        rows.push(distance);
    }
    least
}

#[cfg(all(test, feature = "indexer"))]
mod tests {
    use super::*;
    use crate::faq::format::dict;

    fn found(words: &[&str], word: &str, edits: usize) -> Vec<(String, usize)> {
        let section = dict::write(0, words.iter().enumerate().map(|(n, w)| (*w, n as u32)));
        let mut found = Vec::new();
        within(
            &Dict::new(&section).unwrap(),
            word,
            edits,
            &mut |w, _, e| found.push((w.to_owned(), e)),
        );
        found
    }

    #[test]
    fn each_kind_of_edit_is_found_and_counted() {
        let words = [
            "deliver", "delivery", "delver", "order", "received", "refund",
        ];
        assert_eq!(found(&words, "recieved", 1), [("received".to_owned(), 1)]);
        assert_eq!(found(&words, "refnd", 1), [("refund".to_owned(), 1)]);
        assert_eq!(found(&words, "orderr", 1), [("order".to_owned(), 1)]);
        assert_eq!(
            found(&words, "delivry", 2),
            [("deliver".to_owned(), 2), ("delivery".to_owned(), 1)]
        );
    }

    #[test]
    fn letters_of_several_bytes_are_one_edit() {
        assert_eq!(
            found(&["возврат", "заказ"], "закас", 1),
            [("заказ".to_owned(), 1)]
        );
    }
}
