//! The dictionary: sorted words, front-coded, each leading to a term (inflections share one).
//!
//! A section is `next term u32`, then a [`Table`] whose items are blocks of eight words. A block starts
//! with the number of terms that were introduced before it; each word is `shared u8, suffix blob,
//! varint`: 0 introduces the next term, k leads to the k-th term before it.

use super::bytes::{Cursor, u32_at};
use super::table::{Items, STRIDE, Table};

/// Is shown a word, its term and the bytes that it shares with the word before; says how many first
/// bytes of it are hopeless.
type HopefulVisit<'a> = dyn FnMut(&[u8], u32, usize) -> Option<usize> + 'a;

/// A sorted list of words.
#[derive(Clone, Copy, Debug)]
pub struct Dict<'a> {
    blocks: Table<'a>,
    /// The number of its first own term; words may lead to terms before it by absolute number.
    first_term: u32,
}

/// A word found, and its term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Folded text.
    pub word: String,
    /// Its term.
    pub term: u32,
}

/// A block being read: the current word and the term counter.
struct BlockReader<'a> {
    cursor: Cursor<'a>,
    word: Vec<u8>,
    next_term: u32,
}

impl<'a> BlockReader<'a> {
    fn new(block: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(block);
        let next_term = cursor.varint()?;
        Some(Self {
            cursor,
            word: Vec::new(),
            next_term,
        })
    }

    /// The next word's term and how many leading bytes it shares with the word before. A word that shares
    /// `hopeless` bytes is not put together.
    fn step(&mut self, hopeless: usize) -> Option<(u32, usize)> {
        if self.cursor.is_empty() {
            return None;
        }
        let shared = usize::from(self.cursor.u8()?);
        let suffix = self.cursor.blob()?;
        let back = self.cursor.varint()?;
        if shared < hopeless {
            self.word.truncate(shared);
            self.word.extend_from_slice(suffix);
        }
        let term = match back {
            0 => {
                let term = self.next_term;
                self.next_term = term.checked_add(1)?;
                term
            }
            back => self.next_term.checked_sub(back)?,
        };
        Some((term, shared))
    }
}

impl<'a> Dict<'a> {
    /// A dictionary without words.
    pub const EMPTY: Dict<'static> = Dict {
        blocks: Table::EMPTY,
        first_term: 0,
    };

    /// Reads the frame of a section.
    pub fn new(section: &'a [u8]) -> Option<Self> {
        Some(Self {
            first_term: u32_at(section, 0)?,
            blocks: Table::new(section.get(4..)?)?,
        })
    }

    /// The number of its first own term.
    pub fn first_term(&self) -> u32 {
        self.first_term
    }

    /// The blocks from the one that may hold `word` on.
    fn blocks_for(&self, word: &[u8]) -> Items<'a> {
        self.blocks_from(&|block| first_word(block).is_some_and(|first| first <= word))
    }

    /// The blocks from the last one that `before` holds of; it holds of the first ones only.
    fn blocks_from(&self, before: &dyn Fn(&[u8]) -> bool) -> Items<'a> {
        let (mut low, mut high) = (0, self.blocks.len().div_ceil(STRIDE));
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            match self
                .blocks
                .from_stride(middle * STRIDE)
                .next()
                .is_some_and(before)
            {
                true => low = middle,
                false => high = middle,
            }
        }
        let mut here = self.blocks.from_stride(low * STRIDE);
        let mut next = here.clone();
        next.next();
        while next.clone().next().is_some_and(before) {
            here.next();
            next.next();
        }
        here
    }

    /// The term of `word`.
    pub fn lookup(&self, word: &str) -> Option<u32> {
        let word = word.as_bytes();
        let mut cursor = Cursor::new(self.blocks_for(word).next()?);
        let mut next_term = cursor.varint()?;
        // How many bytes the entry before had in common with `word`: entries are told apart without being
        // put together.
        let mut common = 0;
        while !cursor.is_empty() {
            let shared = usize::from(cursor.u8()?);
            let suffix = cursor.blob()?;
            let back = cursor.varint()?;
            let term = next_term.checked_sub(back)?;
            next_term = next_term.checked_add(u32::from(back == 0))?;
            if shared < common {
                return None;
            }
            if shared == common {
                let rest = &word[common..];
                let more = suffix.iter().zip(rest).take_while(|(a, b)| a == b).count();
                if more == suffix.len() && more == rest.len() {
                    return Some(term);
                }
                common += more;
            }
        }
        None
    }

    /// The first word that leads to one of the dictionary's own terms.
    pub fn word(&self, term: u32) -> Option<String> {
        let before = |block: &[u8]| Cursor::new(block).varint().is_some_and(|next| next <= term);
        let mut reader = BlockReader::new(self.blocks_from(&before).next()?)?;
        loop {
            let next_term = reader.next_term;
            let (found, _) = reader.step(usize::MAX)?;
            if found == term && next_term == term {
                return String::from_utf8(reader.word).ok();
            }
        }
    }

    /// Every word that starts with `prefix`, in order, until `visit` says false.
    pub fn with_prefix(&self, prefix: &str, visit: &mut dyn FnMut(&str, u32) -> bool) {
        let prefix = prefix.as_bytes();
        self.walk_from(prefix, &mut |entry, term, _| {
            if entry < prefix {
                return true;
            }
            entry.starts_with(prefix)
                && core::str::from_utf8(entry).is_ok_and(|word| visit(word, term))
        });
    }

    /// Every word from the block that may hold `start`, with its term and the bytes shared with the word
    /// before, until `visit` says false.
    pub fn walk_from(&self, start: &[u8], visit: &mut dyn FnMut(&[u8], u32, usize) -> bool) {
        for block in self.blocks_for(start) {
            let Some(mut reader) = BlockReader::new(block) else {
                return;
            };
            while let Some((term, shared)) = reader.step(usize::MAX) {
                if !visit(&reader.word, term, shared) {
                    return;
                }
            }
        }
    }

    /// Every word, with its term and the bytes shared with the word before; but after `visit` has said how
    /// many first bytes of a word are hopeless, no other word that shares them.
    pub fn walk_hopeful(&self, visit: &mut HopefulVisit<'_>) {
        let mut blocks = self.blocks.from_stride(0);
        let mut hopeless: Vec<u8> = Vec::new();
        let begins = |block: Option<&[u8]>, hopeless: &[u8]| {
            !hopeless.is_empty()
                && block
                    .and_then(first_word)
                    .is_some_and(|word| word.starts_with(hopeless))
        };
        let (mut ahead, mut skips) = (blocks.next(), false);
        while let Some(block) = ahead {
            ahead = blocks.next();
            // Words are sorted: a block that begins as the next one does has no other beginning.
            if skips && begins(ahead, &hopeless) {
                continue;
            }
            let Some(mut reader) = BlockReader::new(block) else {
                return;
            };
            let mut least = usize::MAX;
            hopeless.clear();
            while let Some((term, shared)) = reader.step(least) {
                if shared < least {
                    least = visit(&reader.word, term, shared).unwrap_or(usize::MAX);
                    hopeless.clear();
                    hopeless.extend_from_slice(reader.word.get(..least).unwrap_or(&[]));
                }
            }
            skips = begins(ahead, &hopeless);
        }
    }
}

fn first_word(block: &[u8]) -> Option<&[u8]> {
    let mut cursor = Cursor::new(block);
    cursor.varint()?;
    cursor.u8()?;
    cursor.blob()
}

/// Builds the bytes of a [`Dict`] from sorted words. Terms of its own are numbered from `first_term` in
/// the order of first appearance, which the caller must have done.
#[cfg(feature = "indexer")]
pub fn write<'w>(first_term: u32, words: impl IntoIterator<Item = (&'w str, u32)>) -> Vec<u8> {
    use super::write::{blob, varint};
    let (mut blocks, mut block, mut before) = (Vec::new(), Vec::new(), String::new());
    let mut next_term = first_term;
    for (index, (word, term)) in words.into_iter().enumerate() {
        if index.is_multiple_of(STRIDE) {
            if index > 0 {
                blocks.push(core::mem::take(&mut block));
            }
            varint(&mut block, next_term);
            before.clear();
        }
        let shared = word
            .bytes()
            .zip(before.bytes())
            .take_while(|(a, b)| a == b)
            .count()
            .min(255);
        block.push(shared as u8);
        blob(&mut block, &word.as_bytes()[shared..]);
        if term == next_term {
            varint(&mut block, 0);
            next_term += 1;
        } else {
            debug_assert!(term < next_term);
            varint(&mut block, next_term - term);
        }
        before.clear();
        before.push_str(word);
    }
    if !block.is_empty() {
        blocks.push(block);
    }
    let mut out = first_term.to_le_bytes().to_vec();
    out.extend(super::table::write(blocks));
    out
}

#[cfg(all(test, feature = "indexer"))]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_again_and_strangers_are_not() {
        let words: Vec<String> = (0..200).map(|n| format!("word{n:03}")).collect();
        let section = write(
            0,
            words
                .iter()
                .enumerate()
                .map(|(n, w)| (w.as_str(), n as u32)),
        );
        let dict = Dict::new(&section).unwrap();
        for (n, word) in words.iter().enumerate() {
            assert_eq!(dict.lookup(word), Some(n as u32));
        }
        assert_eq!(dict.lookup("word"), None);
        assert_eq!(dict.lookup("word0005"), None);
        assert_eq!(dict.lookup("zebra"), None);
        let mut seen = 0;
        dict.with_prefix("word01", &mut |_, _| {
            seen += 1;
            true
        });
        assert_eq!(seen, 10);
    }
}
