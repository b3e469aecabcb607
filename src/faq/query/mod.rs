//! Reading a query: what each word of it may stand for in this index.

pub mod fuzzy;
mod pinyin;

use super::format::bytes::Cursor;
use super::format::dict::Dict;
use super::format::table::Table;
use super::han::Sounds;
use super::index::{Index, front};
use super::params::*;
use super::text::function::{is_function_character, is_function_word};
use super::text::grams::grams;
use super::text::segment::{Kind, Token, tokenize};
use super::text::stem::stem;
use core::cell::{Cell, OnceCell};

/// A term that a query word may stand for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// The term.
    pub term: u32,
    /// How much of it counts, 1 for the word itself.
    pub weight: f32,
    /// Whether it is the word itself rather than a guess.
    pub exact: bool,
}

/// A word, character, pair or trigram of the query with everything that it may stand for.
#[derive(Clone, Debug, Default)]
pub struct Clue {
    /// What it may stand for.
    pub matches: Vec<Match>,
    /// How much it tells apart.
    pub info: f32,
    /// What it counts for: how often it is asked.
    pub count: f32,
    /// Its length in the vector of the query.
    pub length: f32,
    /// The number of its token.
    pub at: usize,
    /// Whether it is a trigram or a pair of words, which only titles and phrasings have.
    pub derived: bool,
    /// Words and characters (not what is derived from them) have a place in the mask of what an article
    /// covers.
    pub bit: Option<u8>,
    /// Whether it only asks, and says nothing of what about.
    pub asks: bool,
}

/// A query, read.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Its tokens.
    pub tokens: Vec<Token>,
    /// What they may stand for.
    pub clues: Vec<Clue>,
    /// Tokens with the one word that they most likely should have been.
    pub corrections: Vec<(usize, String)>,
    /// The last word as far as it is typed, where completions of it take part.
    pub unfinished: Option<String>,
    /// The length of the query as a vector of features.
    pub norm: f32,
}

/// Cuts `text` to what is read of a query.
fn within_limit(text: &str) -> &str {
    let mut end = text.len().min(QUERY_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}

/// Tokens joined by spaces: the key of synonyms and pinned queries.
pub fn key_of(tokens: &[Token]) -> String {
    let mut key = String::new();
    for token in tokens.iter().filter(|t| t.kind != Kind::Code) {
        if !key.is_empty() {
            key.push(' ');
        }
        key.push_str(&token.text);
    }
    key
}

impl Query {
    /// Reads `text` against `index`.
    pub fn read(index: &Index, text: &str, typing: bool) -> Query {
        let text = within_limit(text);
        let han = index.han();
        let mut tokens = tokenize(text, &|c| han.simplify(c));
        tokens.truncate(QUERY_TOKENS_MAX);
        let mut query = Query {
            tokens,
            ..Query::default()
        };
        let reader = Reader {
            index,
            sounds: OnceCell::new(),
            dicts: index.dicts(),
            grams: index.gram_dict(),
            guesses: Cell::new(GUESSES_MAX),
        };
        let last = query.tokens.iter().rposition(|t| t.kind == Kind::Word);
        // The term of the word before, if it stands next to this one.
        let mut before: Option<u32> = None;
        for at in 0..query.tokens.len() {
            let token = &query.tokens[at];
            let next = query.tokens.get(at + 1);
            let earlier = query
                .tokens
                .iter()
                .take(at)
                .any(|t| t.kind == token.kind && t.text == token.text);
            let mut clue = Clue {
                count: query.count_of(token),
                at,
                ..Clue::default()
            };
            match token.kind {
                Kind::Ideograph => {
                    before = None;
                    reader.exact(&token.text, &mut clue);
                    clue.asks = is_function_character(&token.text);
                    if let Some(next) = next.filter(|next| token.pairs_with(next)) {
                        let mut pair = Clue {
                            count: 1.0,
                            at,
                            asks: clue.asks && is_function_character(&next.text),
                            ..Clue::default()
                        };
                        reader.exact(&token.pair(next), &mut pair);
                        if pair.matches.is_empty() {
                            let third = query.tokens.get(at + 2);
                            let third = third.filter(|third| next.pairs_with(third));
                            reader.mistaken_pair(token, next, third, &mut pair);
                        }
                        reader.add(&mut query, pair, true);
                    } else if typing && token.end == text.len() {
                        let mut ahead = Clue {
                            count: 1.0,
                            ..Clue::default()
                        };
                        reader.completions_of(&token.text, AHEAD_WEIGHT, &mut ahead);
                        query.unfinished = Some(token.text.clone());
                        reader.add(&mut query, ahead, false);
                    }
                }
                Kind::Code => {
                    before = None;
                    reader.exact(&token.text, &mut clue);
                    if clue.matches.is_empty() {
                        continue;
                    }
                }
                Kind::Word => {
                    let unfinished = typing && Some(at) == last && token.end == text.len();
                    let correction = reader.word(token, unfinished, &mut clue);
                    clue.asks = is_function_word(&token.text);
                    let known = clue.matches.first().filter(|m| m.exact).map(|m| m.term);
                    let spelled = correction.clone().unwrap_or_else(|| token.text.clone());
                    if unfinished {
                        query.unfinished = Some(token.text.clone());
                    }
                    query.corrections.extend(correction.map(|word| (at, word)));
                    if !token.has_digit() {
                        reader.grams(&mut query, &spelled, !unfinished || known.is_some());
                    }
                    let term = known.or_else(|| reader.lookup(&spelled));
                    reader.pair(&mut query, before, term);
                    before = term;
                }
            }
            if !earlier {
                reader.add(&mut query, clue, true);
            }
        }
        reader.synonyms(&mut query);
        let asking = query.clues.iter_mut().filter(|clue| clue.asks);
        asking.for_each(|clue| clue.length *= ASKING_LENGTH);
        let square: f32 = query.clues.iter().map(|c| c.length * c.length).sum();
        query.norm = square.sqrt().max(1e-6);
        query
    }

    /// How much of the query's length those bits are.
    pub fn covered(&self, covers: u32) -> f32 {
        let has = |bit: u8| covers & (1 << bit) != 0;
        self.clues
            .iter()
            .filter(|c| c.bit.is_some_and(has))
            .map(|c| c.length)
            .sum()
    }

    /// The bits of all words, if the query is a few keywords and every one is known as itself.
    pub fn exact_bits(&self) -> Option<u32> {
        if self.tokens.len() > KEYWORDS_MAX {
            return None;
        }
        let mut bits = 0;
        for clue in &self.clues {
            let Some(bit) = clue.bit else { continue };
            if !clue.matches.iter().any(|m| m.exact) {
                return None;
            }
            bits |= 1 << bit;
        }
        Some(bits)
    }

    /// Whether it has characters of a script without spaces.
    pub fn has_ideographs(&self) -> bool {
        self.tokens.iter().any(|t| t.kind == Kind::Ideograph)
    }

    /// How many candidates are looked at closely, at least.
    pub fn candidates_min(&self) -> usize {
        match self.has_ideographs() {
            true => CANDIDATES_MIN_OF_PAIRS,
            false => CANDIDATES_MIN,
        }
    }

    /// What a token counts for that is asked so often.
    fn count_of(&self, token: &Token) -> f32 {
        let count = self
            .tokens
            .iter()
            .filter(|t| t.kind == token.kind && t.text == token.text)
            .count();
        1.0 + (count as f32).ln()
    }
}

struct Reader<'a> {
    index: &'a Index,
    sounds: OnceCell<Sounds<'a>>,
    dicts: [Dict<'a>; 2],
    grams: Dict<'a>,
    /// How many more words may be guessed at.
    guesses: Cell<usize>,
}

impl Reader<'_> {
    fn lookup(&self, word: &str) -> Option<u32> {
        self.dicts.iter().find_map(|dict| dict.lookup(word))
    }

    fn sounds(&self) -> &Sounds<'_> {
        self.sounds.get_or_init(|| self.index.han().sounds())
    }

    fn exact(&self, word: &str, clue: &mut Clue) {
        if let Some(term) = self.lookup(word) {
            clue.matches.push(Match {
                term,
                weight: 1.0,
                exact: true,
            });
        }
    }

    /// How many articles or passages hold a term.
    fn frequency(&self, term: u32) -> f32 {
        let front = self.index.postings(term).map_or(0, |p| p.weights.len());
        let body = self
            .index
            .body_postings(term)
            .map_or(0, |p| p.weights.len());
        (front + body) as f32
    }

    /// Adds a clue; its information is that of its matches, weighted.
    fn add(&self, query: &mut Query, mut clue: Clue, is_word: bool) {
        let (mut sum, mut weights) = (0.0, 0.0);
        for found in &clue.matches {
            sum += found.weight * self.index.info(found.term);
            weights += found.weight;
        }
        clue.info = if weights > 0.0 {
            sum / weights
        } else {
            self.index.meta.unknown_info
        };
        if is_word {
            clue.length = clue.info * clue.count;
            let bits = query.clues.iter().filter(|c| c.bit.is_some()).count();
            clue.bit = u8::try_from(bits).ok().filter(|&bit| bit < 32);
        }
        query.clues.push(clue);
    }

    /// Adds the trigrams of a word.
    fn grams(&self, query: &mut Query, word: &str, finished: bool) {
        grams(word, finished, &mut |gram| {
            let Some(term) = self.grams.lookup(gram) else {
                return;
            };
            self.derived(query, term, GRAM_WEIGHT);
        });
    }

    /// Adds the pair of two neighbouring words.
    fn pair(&self, query: &mut Query, before: Option<u32>, term: Option<u32>) {
        if let Some(pair) = before.zip(term).and_then(|(a, b)| self.index.pair(a, b)) {
            self.derived(query, pair, PAIR_WEIGHT);
        }
    }

    /// Adds a feature that is derived from words, or counts it once more.
    fn derived(&self, query: &mut Query, term: u32, kind_weight: f32) {
        let same = |clue: &&mut Clue| {
            clue.bit.is_none() && clue.matches.first().is_some_and(|m| m.term == term)
        };
        let info = self.index.info(term);
        match query.clues.iter_mut().find(same) {
            // Sums of counts grow as their logarithm, as they did when the weights were learned.
            Some(clue) => clue.count = (clue.count.exp() + 1.0_f32.exp()).ln(),
            None => query.clues.push(Clue {
                matches: vec![Match {
                    term,
                    weight: 1.0,
                    exact: true,
                }],
                info,
                count: 1.0,
                length: info * kind_weight,
                derived: true,
                ..Clue::default()
            }),
        }
    }

    /// Finds what a word may stand for; returns the correction that is by far the likeliest.
    fn word(&self, token: &Token, unfinished: bool, clue: &mut Clue) -> Option<String> {
        let word = token.text.as_str();
        self.exact(word, clue);
        if clue.matches.is_empty()
            && let Some(term) = self.lookup(&stem(word))
        {
            clue.matches.push(Match {
                term,
                weight: STEM_WEIGHT,
                exact: true,
            });
        }
        let known = !clue.matches.is_empty();
        if unfinished {
            self.completions(word, known, clue);
        }
        if !clue.matches.is_empty() || token.has_digit() {
            return None;
        }
        self.guesses.set(self.guesses.get().checked_sub(1)?);
        if pinyin::by_syllables(self.sounds(), &self.dicts, word, clue) {
            return None;
        }
        let correction = self.corrections(word, clue);
        if clue.matches.is_empty() && !self.sounds().is_empty() {
            pinyin::by_initials(self.sounds(), &self.dicts, word, clue);
        }
        correction
    }

    fn completions(&self, prefix: &str, known: bool, clue: &mut Clue) {
        let whole = if known {
            PREFIX_BESIDE_EXACT_WEIGHT
        } else {
            PREFIX_WEIGHT
        };
        self.completions_of(prefix, whole, clue);
    }

    fn completions_of(&self, prefix: &str, whole: f32, clue: &mut Clue) {
        let mut found: Vec<(u32, f32)> = Vec::new();
        let mut seen = 0;
        for dict in &self.dicts {
            dict.with_prefix(prefix, &mut |_, term| {
                match found.iter_mut().find(|(other, _)| *other == term) {
                    Some(_) => {}
                    None if clue.matches.iter().any(|m| m.term == term) => {}
                    None => found.push((term, self.frequency(term))),
                }
                seen += 1;
                seen < 400
            });
        }
        share_out(found, COMPLETIONS_MAX, whole, clue);
    }

    fn corrections(&self, word: &str, clue: &mut Clue) -> Option<String> {
        let most = edits_max(word.chars().count());
        let mut found: Vec<(u32, f32)> = Vec::new();
        let mut best: Option<(f32, String)> = None;
        let mut total = 0.0;
        // One edit is far likelier than two: the wider search is only for words without a near neighbour.
        for edits in 1..=most {
            for dict in &self.dicts {
                fuzzy::within(dict, word, edits, &mut |other, term, _| {
                    let worth = self.frequency(term).sqrt();
                    total += worth;
                    if best.as_ref().is_none_or(|(most, _)| worth > *most) {
                        best = Some((worth, other.to_owned()));
                    }
                    match found.iter_mut().find(|(known, _)| *known == term) {
                        Some((_, sum)) => *sum = sum.max(worth),
                        None => found.push((term, worth)),
                    }
                });
            }
            if !found.is_empty() {
                break;
            }
        }
        share_out(found, CORRECTIONS_MAX, FUZZY_WEIGHT, clue);
        best.filter(|(worth, _)| *worth >= DID_YOU_MEAN_SHARE * total)
            .map(|(_, word)| word)
    }

    /// Finds what an unknown pair of characters may have been meant to be: one of them mistaken for
    /// another of the same sound, as input methods invite to, both swapped, or the second one too many, where it
    /// makes no pair with the `third` either.
    fn mistaken_pair(&self, first: &Token, second: &Token, third: Option<&Token>, clue: &mut Clue) {
        let mut found: Vec<(u32, f32)> = Vec::new();
        let mut look = |a: &str, b: &str, worth: f32| {
            let mut pair = String::with_capacity(a.len() + b.len());
            pair.push_str(a);
            pair.push_str(b);
            if let Some(term) = self.lookup(&pair) {
                found.push((term, worth * self.frequency(term)));
            }
        };
        look(&second.text, &first.text, 1.0);
        if let Some(third) = third.filter(|third| self.lookup(&second.pair(third)).is_none()) {
            look(&first.text, &third.text, PARTED_PAIR_WORTH);
        }
        let mut buffer = [0; 4];
        if let Some(c) = first.text.chars().next() {
            self.sounds().homophones(c, &mut |other| {
                look(other.encode_utf8(&mut buffer), &second.text, 1.0)
            });
        }
        if let Some(c) = second.text.chars().next() {
            self.sounds().homophones(c, &mut |other| {
                look(&first.text, other.encode_utf8(&mut buffer), 1.0)
            });
        }
        share_out(found, CORRECTIONS_MAX, MISTAKEN_PAIR_WEIGHT, clue);
    }

    fn synonyms(&self, query: &mut Query) {
        let Some(keys) = Dict::new(self.index.front_section(front::SYNONYM_KEYS)) else {
            return;
        };
        let Some(lists) = Table::new(self.index.front_section(front::SYNONYMS)) else {
            return;
        };
        if lists.is_empty() {
            return;
        }
        for start in 0..query.tokens.len() {
            for end in (start + 1..=(start + 8).min(query.tokens.len())).rev() {
                let Some(list) = keys.lookup(&key_of(&query.tokens[start..end])) else {
                    continue;
                };
                let mut clue = Clue {
                    count: 1.0,
                    ..Clue::default()
                };
                // It stands for words that the index does not know itself. Next to words that it knows it adds ways
                // to match, never something that must be matched.
                let spoken = |clue: &&mut Clue| {
                    (start..end).contains(&clue.at)
                        && clue.bit.is_some()
                        && !clue.matches.iter().any(|found| found.exact)
                };
                for unknown in query.clues.iter_mut().filter(spoken) {
                    let bit = unknown.bit;
                    *unknown = Clue::default();
                    clue.bit = clue.bit.or(bit);
                }
                let mut cursor = Cursor::new(lists.get(list as usize).unwrap_or(&[]));
                while let Some(term) = cursor.varint() {
                    clue.info = clue.info.max(self.index.info(term));
                    clue.matches.push(Match {
                        term,
                        weight: SYNONYM_WEIGHT,
                        exact: clue.bit.is_some(),
                    });
                }
                if clue.bit.is_some() {
                    clue.length = clue.info;
                } else if query.tokens[start + 1..end]
                    .iter()
                    .any(|t| t.kind == Kind::Word)
                {
                    // Several words that each are known ("log in") may be meant as one, which is not theirs: who
                    // has what it stands for covers the most telling of them.
                    let own = |clue: &&Clue| (start..end).contains(&clue.at) && clue.bit.is_some();
                    let own = query.clues.iter().filter(own);
                    let most = own.max_by(|a, b| a.length.total_cmp(&b.length));
                    clue.bit = most.and_then(|clue| clue.bit);
                    clue.matches
                        .iter_mut()
                        .for_each(|found| found.weight = PHRASE_WEIGHT);
                }
                query.clues.push(clue);
                break;
            }
        }
    }
}

/// Keeps the likeliest and divides `whole` among them.
fn share_out(mut found: Vec<(u32, f32)>, most: usize, whole: f32, clue: &mut Clue) {
    let first = clue.matches.len();
    let mut total = 0.0;
    for _ in 0..most.min(found.len()) {
        let mut best = 0;
        for (at, candidate) in found.iter().enumerate() {
            if candidate.1 > found[best].1 {
                best = at;
            }
        }
        let (term, worth) = found[best];
        // What has been taken is worth nothing any more.
        found[best].1 = f32::MIN;
        total += worth;
        clue.matches.push(Match {
            term,
            weight: worth,
            exact: false,
        });
    }
    for taken in clue.matches.iter_mut().skip(first) {
        taken.weight *= whole / f32::max(total, 1e-9);
    }
}
