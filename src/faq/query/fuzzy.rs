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
    // Letters of several bytes may differ in all of them; what passes is counted again by letters.
    let bytes_max = if word.is_ascii() {
        edits_max
    } else {
        edits_max * 2
    };
    let mut rows = Rows::new(word.bytes().map(u32::from).collect(), bytes_max);
    dict.walk_hopeful(&mut |bytes, term, shared| match rows
        .distance(bytes.iter().map(|&b| u32::from(b)), shared)
    {
        Ok(edits) => {
            let Ok(other) = core::str::from_utf8(bytes) else {
                return None;
            };
            let edits = if word.is_ascii() {
                edits
            } else {
                letters_apart(word, other, edits_max)
            };
            if edits <= edits_max {
                visit(other, term, edits);
            }
            None
        }
        Err(hopeless) => hopeless,
    });
}

fn letters_apart(word: &str, other: &str, edits_max: usize) -> usize {
    let mut rows = Rows::new(word.chars().map(u32::from).collect(), edits_max);
    rows.distance(other.chars().map(u32::from), 0)
        .unwrap_or(usize::MAX)
}

/// The rows of the edit distance between a target and the beginnings of a word, kept for the next word.
struct Rows {
    target: Vec<u32>,
    other: Vec<u32>,
    /// Row i holds the distances of the first i units of the word to every beginning of the target.
    cells: Vec<u8>,
    far: u8,
}

impl Rows {
    fn new(target: Vec<u32>, edits_max: usize) -> Self {
        let far = edits_max.min(100) as u8 + 1;
        let cells = (0..=target.len())
            .map(|n| n.min(usize::from(far)) as u8)
            .collect();
        Self {
            target,
            other: Vec::new(),
            cells,
            far,
        }
    }

    /// The distance to a word that shares its first units with the word before; or how many first units
    /// already put it too far, if they do.
    fn distance(
        &mut self,
        word: impl Iterator<Item = u32>,
        shared: usize,
    ) -> Result<usize, Option<usize>> {
        let width = self.target.len() + 1;
        let shared = shared
            .min(self.other.len())
            .min((self.cells.len() / width).saturating_sub(1));
        self.other.truncate(shared);
        self.cells.truncate((shared + 1) * width);
        for unit in word.skip(shared) {
            self.other.push(unit);
            if self.push_row(unit) >= self.far {
                return Err(Some(self.other.len()));
            }
        }
        match self.cells.last() {
            Some(&edits) if edits < self.far => Ok(usize::from(edits)),
            _ => Err(None),
        }
    }

    /// Adds the row of the last unit; returns its least distance. Only the cells near the diagonal can be
    /// within reach; the others stay too far.
    fn push_row(&mut self, unit: u32) -> u8 {
        let (width, row, reach) = (
            self.target.len() + 1,
            self.other.len(),
            usize::from(self.far) - 1,
        );
        let (start, before) = (row * width, (row - 1) * width);
        self.cells.resize(start + width, self.far);
        let mut least = self.far;
        if row <= reach {
            self.cells[start] = row as u8;
            least = row as u8;
        }
        for column in row.saturating_sub(reach).max(1)..=(row + reach).min(width - 1) {
            let same = self.target[column - 1] == unit;
            let mut distance = self.cells[before + column - 1] + u8::from(!same);
            distance = distance
                .min(self.cells[before + column] + 1)
                .min(self.cells[start + column - 1] + 1);
            if !same
                && row > 1
                && column > 1
                && self.target[column - 1] == self.other[row - 2]
                && self.target[column - 2] == unit
            {
                distance = distance.min(self.cells[before - width + column - 2] + 1);
            }
            let distance = distance.min(self.far);
            least = least.min(distance);
            self.cells[start + column] = distance;
        }
        least
    }
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
