//! Chinese characters of an index: traditional to simplified, and characters to pinyin, each only for
//! characters that the index needs, so that no general table weighs on the reader.
//!
//! Section: `count u16, (traditional, simplified) u16 pairs`, sorted and looked up in place, since every
//! character of every text goes through it; then, read when first needed, `count varint` syllables as
//! strings and `count varint, (character as delta, syllable) varint pairs`.

use super::format::bytes::{Cursor, u16_at};
use super::text::syllable;

/// Nothing below is an ideograph.
const FIRST_HAN: u16 = 0x3400;

/// A view of the section.
#[derive(Clone, Copy, Debug)]
pub struct Han<'a> {
    simplified: &'a [u8],
    sounds: &'a [u8],
}

/// Characters and their sounds.
#[derive(Clone, Debug, Default)]
pub struct Sounds<'a> {
    /// Sorted.
    syllables: Vec<&'a str>,
    /// (character, syllable), sorted.
    sounds: Vec<(u32, u16)>,
}

impl<'a> Han<'a> {
    /// Views a section; an empty one is an index without Chinese.
    pub fn new(section: &'a [u8]) -> Self {
        let end = 2 + 4 * usize::from(u16_at(section, 0).unwrap_or(0));
        Self {
            simplified: section.get(2..end).unwrap_or(&[]),
            sounds: section.get(end..).unwrap_or(&[]),
        }
    }

    /// The simplified form of `c`.
    pub fn simplify(&self, c: char) -> char {
        let Ok(wanted) = u16::try_from(c as u32) else {
            return c;
        };
        let (mut low, mut high) = (0, self.simplified.len() / 4);
        while low < high && wanted >= FIRST_HAN {
            let middle = (low + high) / 2;
            let from = u16_at(self.simplified, middle * 4).unwrap_or(0);
            if from == wanted {
                let to = u16_at(self.simplified, middle * 4 + 2);
                return to.and_then(|to| char::from_u32(to.into())).unwrap_or(c);
            }
            if from < wanted {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        c
    }

    /// Reads the sounds; damage ends the reading.
    pub fn sounds(&self) -> Sounds<'a> {
        let mut sounds = Sounds::default();
        let _ = sounds.read(Cursor::new(self.sounds));
        sounds
    }
}

impl<'a> Sounds<'a> {
    fn read(&mut self, mut cursor: Cursor<'a>) -> Option<()> {
        for _ in 0..cursor.varint()? {
            self.syllables.push(cursor.string()?);
        }
        let mut character = 0u32;
        for _ in 0..cursor.varint()? {
            character = character.checked_add(cursor.varint()?)?;
            self.sounds
                .push((character, u16::try_from(cursor.varint()?).ok()?));
        }
        Some(())
    }

    /// The number of the syllable of `c`.
    pub fn sound(&self, c: char) -> Option<u16> {
        let at = self
            .sounds
            .binary_search_by_key(&(c as u32), |&(character, _)| character)
            .ok()?;
        Some(self.sounds[at].1)
    }

    /// Calls `visit` with every other character that sounds like `c`.
    pub fn homophones(&self, c: char, visit: &mut dyn FnMut(char)) {
        let Some(sound) = self.sound(c) else { return };
        for &(other, _) in self
            .sounds
            .iter()
            .filter(|&&(other, s)| s == sound && other != c as u32)
        {
            if let Some(other) = char::from_u32(other) {
                visit(other);
            }
        }
    }

    /// The first letter of a syllable.
    pub fn initial(&self, syllable: u16) -> Option<u8> {
        self.syllables.get(usize::from(syllable))?.bytes().next()
    }

    /// `word` as syllables, if it is pinyin.
    pub fn parse(&self, word: &str) -> Option<Vec<u16>> {
        if self.syllables.is_empty() {
            None
        } else {
            syllable::parse(word, &self.syllables)
        }
    }

    /// Whether there is any Chinese.
    pub fn is_empty(&self) -> bool {
        self.syllables.is_empty()
    }
}
