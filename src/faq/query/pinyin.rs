//! Latin letters that stand for Chinese: "tuikuan" or "tk" for 退款.

use super::super::format::dict::Dict;
use super::super::han::Sounds;
use super::super::params::{INITIALS_WEIGHT, PINYIN_WEIGHT};
use super::{Clue, Match};
use crate::list::Gather;

/// First character of the ideographs that dictionaries sort together.
const FIRST_HAN: &str = "\u{3400}";
/// More pairs than this say nothing.
const PAIRS_MAX: usize = 48;

/// Adds the pairs of characters (or the single ones) that `word` sounds like, if it is pinyin. False where
/// the dictionaries have none.
pub fn by_syllables(han: &Sounds<'_>, dicts: &[Dict<'_>], word: &str, clue: &mut Clue) -> bool {
    let Some(syllables) = han.parse(word).filter(|s| !s.is_empty()) else {
        return false;
    };
    let size = syllables.len().min(2);
    let sounds: Vec<&[u16]> = syllables.windows(size).listed();
    collect(dicts, clue, PINYIN_WEIGHT, sounds.len(), &|text| {
        sounds
            .iter()
            .position(|sound| sounds_like(han, text, sound))
    })
}

/// The same for initials. False unless half of the neighbouring letters begin some pair.
pub fn by_initials(han: &Sounds<'_>, dicts: &[Dict<'_>], word: &str, clue: &mut Clue) -> bool {
    let initials = word.as_bytes();
    if !(2..=8).contains(&initials.len()) || !initials.iter().all(u8::is_ascii_lowercase) {
        return false;
    }
    collect(dicts, clue, INITIALS_WEIGHT, initials.len() - 1, &|text| {
        let mut letters = text
            .chars()
            .map(|c| han.sound(c).and_then(|s| han.initial(s)));
        let (Some(Some(first)), Some(Some(second)), None) =
            (letters.next(), letters.next(), letters.next())
        else {
            return None;
        };
        initials.windows(2).position(|pair| pair == [first, second])
    })
}

fn sounds_like(han: &Sounds<'_>, text: &str, sound: &[u16]) -> bool {
    text.chars().count() == sound.len()
        && text
            .chars()
            .zip(sound)
            .all(|(c, s)| han.sound(c) == Some(*s))
}

/// Adds every Chinese word that stands for one of `parts`; false unless half of the parts have one.
fn collect(
    dicts: &[Dict<'_>],
    clue: &mut Clue,
    whole: f32,
    parts: usize,
    part_of: &dyn Fn(&str) -> Option<usize>,
) -> bool {
    let mut terms: Vec<(u32, usize)> = Vec::new();
    for dict in dicts {
        dict.walk_from(FIRST_HAN.as_bytes(), &mut |bytes, term, _| {
            if let Ok(text) = core::str::from_utf8(bytes)
                && text >= FIRST_HAN
                && let Some(part) = part_of(text)
                && !terms.iter().any(|&(other, _)| other == term)
            {
                terms.push((term, part));
            }
            terms.len() < PAIRS_MAX
        });
    }
    let found = (0..parts)
        .filter(|part| terms.iter().any(|(_, other)| other == part))
        .count();
    if terms.is_empty() || found * 2 < parts {
        return false;
    }
    let share = whole / (terms.len() as f32).sqrt();
    clue.matches.extend(terms.iter().map(|&(term, _)| Match {
        term,
        weight: share,
        exact: false,
    }));
    true
}
