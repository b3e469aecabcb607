//! Latin letters that stand for Chinese: "tuikuan" or "tk" for 退款.

use super::super::format::dict::Dict;
use super::super::han::HanMaps;
use super::super::params::{INITIALS_WEIGHT, PINYIN_WEIGHT};
use super::{Clue, Match};

/// First character of the ideographs that dictionaries sort together.
const FIRST_HAN: &str = "\u{3400}";
/// More pairs than this say nothing.
const PAIRS_MAX: usize = 48;

/// Adds the pairs of characters (or the single ones) that `word` sounds like. False where it is no pinyin.
pub fn matches(han: &HanMaps<'_>, dicts: &[Dict<'_>], word: &str, clue: &mut Clue) -> bool {
    if let Some(syllables) = han.parse(word).filter(|s| !s.is_empty()) {
        let size = syllables.len().min(2);
        if collect(dicts, clue, PINYIN_WEIGHT, &|text| {
            syllables
                .windows(size)
                .any(|sound| sounds_like(han, text, sound))
        }) {
            return true;
        }
    }
    let initials = word.as_bytes();
    if !(2..=8).contains(&initials.len()) || !initials.iter().all(u8::is_ascii_lowercase) {
        return false;
    }
    collect(dicts, clue, INITIALS_WEIGHT, &|text| {
        let mut letters = text
            .chars()
            .map(|c| han.sound(c).and_then(|s| han.initial(s)));
        let (Some(Some(first)), Some(Some(second)), None) =
            (letters.next(), letters.next(), letters.next())
        else {
            return false;
        };
        initials.windows(2).any(|pair| pair == [first, second])
    })
}

fn sounds_like(han: &HanMaps<'_>, text: &str, sound: &[u16]) -> bool {
    text.chars().count() == sound.len()
        && text
            .chars()
            .zip(sound)
            .all(|(c, s)| han.sound(c) == Some(*s))
}

/// Adds every Chinese word of the dictionaries that passes.
fn collect(dicts: &[Dict<'_>], clue: &mut Clue, whole: f32, passes: &dyn Fn(&str) -> bool) -> bool {
    let mut terms: Vec<u32> = Vec::new();
    for dict in dicts {
        dict.walk_from(FIRST_HAN.as_bytes(), &mut |bytes, term, _| {
            if let Ok(text) = core::str::from_utf8(bytes)
                && text >= FIRST_HAN
                && passes(text)
                && !terms.contains(&term)
            {
                terms.push(term);
            }
            terms.len() < PAIRS_MAX
        });
    }
    let share = whole / (terms.len().max(1) as f32).sqrt();
    clue.matches.extend(terms.iter().map(|&term| Match {
        term,
        weight: share,
        exact: false,
    }));
    !terms.is_empty()
}
