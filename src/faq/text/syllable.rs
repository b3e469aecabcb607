//! Parsing Latin letters as pinyin: whole syllables ("tuikuan") or initials ("tk").

/// Letters of the longest syllable (zhuang).
const SYLLABLE_MAX: usize = 6;

/// Cuts `word` into syllables of `table` (sorted); `None` where it does not come out even.
pub fn parse(word: &str, table: &[&str]) -> Option<Vec<u16>> {
    if !word.bytes().all(|b| b.is_ascii_lowercase()) || word.len() > 48 {
        return None;
    }
    // best[i]: the syllable that ends at i in the cut with fewest syllables.
    let mut best: Vec<Option<(usize, usize, u16)>> = vec![None; word.len() + 1];
    best[0] = Some((0, 0, 0));
    for start in 0..word.len() {
        let Some((count, _, _)) = best[start] else {
            continue;
        };
        for (len, place) in best[start..]
            .iter_mut()
            .enumerate()
            .skip(1)
            .take(SYLLABLE_MAX)
        {
            if let Some(syllable) = word.get(start..start + len)
                && let Ok(id) = table.binary_search(&syllable)
                && place.is_none_or(|(other, _, _)| count + 1 < other)
            {
                *place = Some((count + 1, start, id as u16));
            }
        }
    }
    let mut at = word.len();
    let mut syllables = Vec::new();
    while at > 0 {
        let (_, start, id) = best[at]?;
        syllables.push(id);
        at = start;
    }
    syllables.reverse();
    Some(syllables)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn pinyin_is_cut_into_its_syllables() {
        let table = ["an", "kuan", "mi", "tu", "tui", "xi"];
        assert_eq!(parse("tuikuan", &table), Some(vec![4, 1]));
        assert_eq!(parse("tuik", &table), None);
        assert_eq!(parse("", &table), Some(vec![]));
    }
}
