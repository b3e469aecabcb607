//! Words within a few edits: one pass over the sorted dictionary that shares the work of shared
//! beginnings and skips every word behind a beginning that is already too far.
//!
//! The automaton is Wu and Manber's, with swaps: for each number of edits one word of bits says which
//! beginnings of the target are within so many edits of what has been read.

use super::super::format::dict::Dict;
use crate::list::Gather;

/// Letters of several bytes may differ in all of them: twice the two edits that a word may hold.
const LEVELS: usize = 5;
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

/// What holds after some units of a word have been read.
#[derive(Clone, Copy)]
struct State {
    /// Bit n of level e: the first n units of the target are within e edits.
    levels: [u64; LEVELS],
    /// The places of the last unit in the target.
    places: u64,
}

struct Automaton {
    /// For each unit its places in the target; bit n is the n-th unit, counted from 1.
    places: [u64; 256],
    units: usize,
    edits_max: usize,
    /// The state after each unit of the word, kept for the next word.
    states: Vec<State>,
}

impl Automaton {
    fn new(target: impl Iterator<Item = u8>, edits_max: usize) -> Self {
        let (mut places, mut units) = ([0; 256], 0);
        for unit in target {
            units += 1;
            places[usize::from(unit)] |= 1 << units;
        }
        let mut levels = [0; LEVELS];
        for (edits, level) in levels.iter_mut().enumerate() {
            *level = (2 << edits) - 1;
        }
        let states = vec![State { levels, places: 0 }];
        Self {
            places,
            units,
            edits_max: edits_max.min(LEVELS - 1),
            states,
        }
    }

    /// The edits of a word that shares its first units with the word before, if they are few enough; or how
    /// many of its first units no word within reach begins with.
    fn read(&mut self, word: &[u8], shared: usize) -> Result<Option<usize>, usize> {
        self.states.truncate(shared + 1);
        let read = self.states.len() - 1;
        for (at, &unit) in word.iter().enumerate().skip(read) {
            if self.push(unit) == 0 {
                return Err(at + 1);
            }
        }
        let whole = 1 << self.units;
        let levels = self.states.last().map_or(&[][..], |state| &state.levels);
        Ok(levels
            .iter()
            .take(self.edits_max + 1)
            .position(|level| level & whole != 0))
    }

    /// Reads one more unit; what is left of the last level.
    fn push(&mut self, unit: u8) -> u64 {
        let Some(&before) = self.states.last() else {
            return 0;
        };
        let earlier = self.states.len().checked_sub(2).map(|at| self.states[at]);
        let earlier = earlier.map_or([0; LEVELS], |state| state.levels);
        let places = self.places[usize::from(unit)];
        let within = (2 << self.units) - 1;
        let mut levels = [0; LEVELS];
        levels[0] = (before.levels[0] << 1) & places;
        for edits in 1..=self.edits_max {
            let less = before.levels[edits - 1];
            let swapped = (((earlier[edits - 1] << 1) & places) << 1) & before.places;
            levels[edits] = (((before.levels[edits] << 1) & places)
                | less
                | ((less | levels[edits - 1]) << 1)
                | swapped)
                & within;
        }
        self.states.push(State { levels, places });
        levels[self.edits_max]
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
