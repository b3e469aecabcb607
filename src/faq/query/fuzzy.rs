//! Words within a few edits: one pass over the sorted dictionary that shares the work of shared
//! beginnings and skips every word behind a beginning that is already too far.
//!
//! The automaton is Wu and Manber's, with swaps: for each number of edits one word of bits says which
//! beginnings of the target are within so many edits of what has been read.

use super::super::format::dict::Dict;
use crate::list::Gather;

/// Longer words are no words, and a bit for each unit must fit.
const UNITS_MAX: usize = 62;

/// Calls `visit` with each word within `edits_max` edits (insertion, deletion, substitution, swap of
/// neighbours), its term and the number of edits.
pub fn within(
    dict: &Dict<'_>,
    word: &str,
    edits_max: usize,
    visit: &mut dyn FnMut(&str, u32, usize),
) {
    if edits_max == 0 || word.len() > UNITS_MAX {
        return;
    }
    let ascii = word.is_ascii();
    // What passes by its bytes is counted again by letters.
    let bytes_max = if ascii { edits_max } else { edits_max * 2 };
    let mut automaton = Automaton::new(word.bytes(), bytes_max);
    dict.walk_hopeful(&mut |bytes, term, shared| {
        let edits = match automaton.read(bytes, shared) {
            Ok(edits) => edits?,
            Err(hopeless) => return Some(hopeless),
        };
        let other = core::str::from_utf8(bytes).ok()?;
        let edits = match ascii {
            true => edits,
            false => letters_apart(word, other, edits_max)?,
        };
        visit(other, term, edits);
        None
    });
}

/// The edits between two words by their letters, if they are at most `edits_max`.
fn letters_apart(word: &str, other: &str, edits_max: usize) -> Option<usize> {
    // Letters by their first place in the word, so that a byte tells them; 255 for what is not in it.
    let number = |c: char| word.chars().position(|w| w == c).map_or(255, |at| at as u8);
    let other: Vec<u8> = other.chars().map(number).listed();
    let mut automaton = Automaton::new(word.chars().map(number), edits_max);
    automaton.read(&other, 0).ok().flatten()
}

struct Automaton {
    /// For each unit its places in the target; bit n is the n-th unit, counted from 1.
    places: [u64; 256],
    units: usize,
    edits_max: usize,
    /// What holds after each unit of the word, kept for the next word: for each number of edits which first
    /// units of the target are within so many (bit n: the first n), then the places of the unit in the target.
    /// Before them twice what holds of nothing, so that there is always one before the last.
    states: Vec<u64>,
}

impl Automaton {
    fn new(target: impl Iterator<Item = u8>, edits_max: usize) -> Self {
        let (mut places, mut units) = ([0; 256], 0);
        for unit in target {
            units += 1;
            places[usize::from(unit)] |= 1 << units;
        }
        let mut automaton = Self {
            places,
            units,
            edits_max,
            states: Vec::new(),
        };
        automaton.states.resize(edits_max + 2, 0);
        for edits in 0..=edits_max {
            automaton.states.push((2 << edits) - 1);
        }
        automaton.states.push(0);
        automaton
    }

    /// The edits of a word that shares its first units with the word before, if they are few enough; or how
    /// many of its first units no word within reach begins with.
    fn read(&mut self, word: &[u8], shared: usize) -> Result<Option<usize>, usize> {
        let size = self.edits_max + 2;
        self.states.truncate((shared + 2) * size);
        let read = self.states.len() / size - 2;
        for (at, &unit) in word.iter().enumerate().skip(read) {
            if self.push(unit) == 0 {
                return Err(at + 1);
            }
        }
        let last = self.states.len() - size;
        let whole = 1 << self.units;
        Ok((0..=self.edits_max).find(|edits| self.states[last + edits] & whole != 0))
    }

    /// Reads one more unit; what is left of the last level.
    fn push(&mut self, unit: u8) -> u64 {
        let size = self.edits_max + 2;
        let Some(earlier) = self.states.len().checked_sub(2 * size) else {
            return 0;
        };
        let places = self.places[usize::from(unit)];
        let within = (2 << self.units) - 1;
        // Of one edit less: before, and now.
        let (mut less, mut swapped, mut level) = (0, 0, 0);
        for at in earlier..=earlier + self.edits_max {
            let before = self.states[at + size];
            level = (((before << 1) & places) | less | ((less | level) << 1) | swapped) & within;
            self.states.push(level);
            less = before;
            swapped =
                (((self.states[at] << 1) & places) << 1) & self.states[earlier + 2 * size - 1];
        }
        self.states.push(places);
        level
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
