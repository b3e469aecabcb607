//! Chinese characters of an index: traditional to simplified, and characters to pinyin, each only for
//! characters that the index needs, so that no general table weighs on the reader.
//!
//! Section: `count varint, (traditional, simplified) varint pairs with the first as delta`, then
//! `count varint` syllables as strings, then `count varint, (character as delta, syllable) varint pairs`.

use super::format::bytes::Cursor;
use super::text::syllable;

/// A view of the section.
#[derive(Clone, Copy, Debug)]
pub struct Han<'a> {
    section: &'a [u8],
}

/// The maps, read for one query.
#[derive(Clone, Debug, Default)]
pub struct HanMaps<'a> {
    /// Sorted by the first.
    simplified: Vec<(u32, u32)>,
    /// Sorted.
    syllables: Vec<&'a str>,
    /// (character, syllable), sorted.
    sounds: Vec<(u32, u16)>,
}

impl<'a> Han<'a> {
    /// Views a section; an empty one is an index without Chinese.
    pub fn new(section: &'a [u8]) -> Self {
        Self { section }
    }

    /// Reads what is there; damage ends the reading.
    pub fn maps(&self) -> HanMaps<'a> {
        let mut maps = HanMaps::default();
        let _ = maps.read(Cursor::new(self.section));
        maps
    }
}

impl<'a> HanMaps<'a> {
    fn read(&mut self, mut cursor: Cursor<'a>) -> Option<()> {
        let mut traditional = 0u32;
        for _ in 0..cursor.varint()? {
            traditional = traditional.checked_add(cursor.varint()?)?;
            self.simplified.push((traditional, cursor.varint()?));
        }
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

    /// The simplified form of `c`.
    pub fn simplify(&self, c: char) -> char {
        match self
            .simplified
            .binary_search_by_key(&(c as u32), |&(from, _)| from)
        {
            Ok(at) => char::from_u32(self.simplified[at].1).unwrap_or(c),
            Err(_) => c,
        }
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
