//! The general tables of Chinese characters, of which an index carries what it needs.
//!
//! `tables/simplified.txt`: a simplified character followed by its traditional forms; from the data of
//! OpenCC (Apache-2.0), limited to characters of GB 2312. `tables/pinyin.txt`: a syllable without its
//! tone, the common characters that sound so (GB 2312 level 1), then the rarer ones (level 2), each under
//! its commonest reading; from the data of pypinyin (MIT).
//!
//! An index has the sounds of its own characters and of all common ones: whoever picks a wrong character
//! of the right sound picks a common one.

use super::super::format::write::{string, varint};
use std::collections::{BTreeMap, BTreeSet};

const SIMPLIFIED: &str = include_str!("tables/simplified.txt");
const PINYIN: &str = include_str!("tables/pinyin.txt");

/// Traditional to simplified, whole.
pub struct Simplifier {
    pairs: Vec<(char, char)>,
}

impl Simplifier {
    /// Reads the table.
    pub fn new() -> Self {
        let mut pairs = Vec::new();
        for line in SIMPLIFIED.lines() {
            let mut forms = line.chars();
            if let Some(simplified) = forms.next() {
                pairs.extend(forms.map(|traditional| (traditional, simplified)));
            }
        }
        pairs.sort_unstable();
        Self { pairs }
    }

    /// The simplified form of `c`.
    pub fn simplify(&self, c: char) -> char {
        self.pairs
            .binary_search_by_key(&c, |&(from, _)| from)
            .map_or(c, |at| self.pairs[at].1)
    }
}

/// The section for an index that uses `characters`.
pub fn section(characters: &BTreeSet<char>, simplifier: &Simplifier) -> Vec<u8> {
    let mut out = Vec::new();
    let pairs: Vec<_> = simplifier
        .pairs
        .iter()
        .filter(|(from, to)| (*from as u32) < 0x10000 && characters.contains(to))
        .collect();
    out.extend((pairs.len() as u16).to_le_bytes());
    for &&(from, to) in &pairs {
        out.extend((from as u16).to_le_bytes());
        out.extend((to as u16).to_le_bytes());
    }
    let (mut syllables, mut sounds) = (Vec::new(), BTreeMap::new());
    for line in PINYIN.lines() {
        let mut fields = line.split(' ');
        let (Some(syllable), Some(common), Some(rare)) =
            (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let used = common
            .chars()
            .chain(rare.chars().filter(|c| characters.contains(c)));
        sounds.extend(used.map(|c| (c as u32, syllables.len() as u32)));
        syllables.push(syllable);
    }
    varint(&mut out, syllables.len() as u32);
    for syllable in syllables {
        string(&mut out, syllable);
    }
    varint(&mut out, sounds.len() as u32);
    let mut before = 0;
    for (character, syllable) in sounds {
        varint(&mut out, character - before);
        varint(&mut out, syllable);
        before = character;
    }
    out
}
