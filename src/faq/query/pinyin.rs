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
    let parts: Vec<&[u16]> = syllables.windows(size).listed();
    collect(han, dicts, clue, PINYIN_WEIGHT, &parts, &Some)
}

/// The same for initials. False unless half of the neighbouring letters begin some pair.
pub fn by_initials(han: &Sounds<'_>, dicts: &[Dict<'_>], word: &str, clue: &mut Clue) -> bool {
    let initials = word.as_bytes();
    if !(2..=8).contains(&initials.len()) || !initials.iter().all(u8::is_ascii_lowercase) {
        return false;
    }
    let initials = initials.iter().copied().map(u16::from).listed();
    let parts: Vec<&[u16]> = initials.windows(2).listed();
    let heard = |syllable| han.initial(syllable).map(u16::from);
    collect(han, dicts, clue, INITIALS_WEIGHT, &parts, &heard)
}

/// Adds every Chinese word that stands for one of `parts`, as `heard` hears syllables; false unless half of the
/// parts have one.
fn collect(
    han: &Sounds<'_>,
    dicts: &[Dict<'_>],
    clue: &mut Clue,
    whole: f32,
    parts: &[&[u16]],
    heard: &dyn Fn(u16) -> Option<u16>,
) -> bool {
    let sound = |c: char| han.sound(c).and_then(heard);
    let mut terms: Vec<(u32, usize)> = Vec::new();
    // Words are sorted: most begin as the one before, and with no character that was asked for.
    let mut begins = ('\0', None);
    for dict in dicts {
        dict.walk_from(FIRST_HAN.as_bytes(), &mut |bytes, term, _| {
            let mut chars = core::str::from_utf8(bytes).unwrap_or("").chars();
            let first = chars.next().unwrap_or('\0');
            if begins.0 != first {
                begins = (
                    first,
                    sound(first).filter(|sound| parts.iter().any(|part| part[0] == *sound)),
                );
            }
            if let Some(first) = begins.1 {
                let second = chars.next().map(sound);
                let part = parts.iter().position(|part| match (*part, second) {
                    ([one], None) => *one == first,
                    ([one, other], Some(second)) => {
                        *one == first && Some(*other) == second && chars.as_str().is_empty()
                    }
                    _ => false,
                });
                if let Some(part) = part
                    && !terms.iter().any(|&(other, _)| other == term)
                {
                    terms.push((term, part));
                }
            }
            terms.len() < PAIRS_MAX
        });
    }
    let found = (0..parts.len())
        .filter(|part| terms.iter().any(|(_, other)| other == part))
        .count();
    if terms.is_empty() || found * 2 < parts.len() {
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
