//! Reading a query: what each word of it may stand for in this index.

pub mod fuzzy;
mod pinyin;

use super::format::bytes::Cursor;
use super::format::dict::Dict;
use super::format::table::Table;
use super::han::HanMaps;
use super::index::{Index, front};
use super::params::*;
use super::text::segment::{Kind, Token, tokenize};
use super::text::stem::stem;

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

/// A word, character or pair of the query with everything that it may stand for.
#[derive(Clone, Debug, Default)]
pub struct Clue {
    /// What it may stand for.
    pub matches: Vec<Match>,
    /// How much it tells apart.
    pub info: f32,
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
}

/// Cuts `text` to what is read of a query.
fn within_limit(text: &str) -> &str {
    let mut end = text.len().min(QUERY_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
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
    pub fn read(index: &Index, han: &HanMaps<'_>, text: &str, typing: bool) -> Query {
        let text = within_limit(text);
        let mut tokens = tokenize(text, &|c| han.simplify(c));
        tokens.truncate(QUERY_TOKENS_MAX);
        let mut query = Query {
            tokens,
            ..Query::default()
        };
        let reader = Reader {
            index,
            han,
            dicts: index.dicts(),
        };
        let last = query.tokens.iter().rposition(|t| t.kind == Kind::Word);
        for at in 0..query.tokens.len() {
            let token = &query.tokens[at];
            let mut clue = Clue::default();
            match token.kind {
                Kind::Ideograph => {
                    reader.exact(&token.text, &mut clue);
                    if let Some(next) = query
                        .tokens
                        .get(at + 1)
                        .filter(|next| token.pairs_with(next))
                    {
                        let mut pair = Clue::default();
                        reader.exact(&token.pair(next), &mut pair);
                        reader.weigh(&mut pair);
                        query.clues.push(pair);
                    }
                }
                Kind::Code => {
                    reader.exact(&token.text, &mut clue);
                    if clue.matches.is_empty() {
                        continue;
                    }
                }
                Kind::Word => {
                    let unfinished = typing && Some(at) == last && token.end == text.len();
                    let correction = reader.word(token, unfinished, &mut clue);
                    if unfinished {
                        query.unfinished = Some(token.text.clone());
                    }
                    query.corrections.extend(correction.map(|word| (at, word)));
                }
            }
            reader.weigh(&mut clue);
            query.clues.push(clue);
        }
        reader.synonyms(&mut query);
        query
    }
}

struct Reader<'a> {
    index: &'a Index,
    han: &'a HanMaps<'a>,
    dicts: [Dict<'a>; 2],
}

impl Reader<'_> {
    fn lookup(&self, word: &str) -> Option<u32> {
        self.dicts.iter().find_map(|dict| dict.lookup(word))
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

    /// The information of a clue: that of its matches, weighted.
    fn weigh(&self, clue: &mut Clue) {
        let (mut sum, mut weights) = (0.0, 0.0);
        for found in &clue.matches {
            let postings = self
                .index
                .postings(found.term)
                .or_else(|| self.index.body_postings(found.term));
            sum += found.weight * postings.map_or(0.0, |p| f32::from(p.info) * INFO_STEP);
            weights += found.weight;
        }
        clue.info = if weights > 0.0 {
            sum / weights
        } else {
            self.index.meta.unknown_info
        };
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
        if !self.han.is_empty() && pinyin::matches(self.han, &self.dicts, word, clue) {
            return None;
        }
        self.corrections(word, clue)
    }

    fn completions(&self, prefix: &str, known: bool, clue: &mut Clue) {
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
        let whole = if known {
            PREFIX_BESIDE_EXACT_WEIGHT
        } else {
            PREFIX_WEIGHT
        };
        share_out(found, COMPLETIONS_MAX, whole, clue);
    }

    fn corrections(&self, word: &str, clue: &mut Clue) -> Option<String> {
        let length = word.chars().count();
        let mut found: Vec<(u32, f32)> = Vec::new();
        let mut best: Option<(f32, String)> = None;
        let mut total = 0.0;
        for dict in &self.dicts {
            fuzzy::within(dict, word, edits_max(length), &mut |other, term, edits| {
                let worth = self.frequency(term).sqrt() * EDIT_PENALTY.powi(edits as i32);
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
        share_out(found, CORRECTIONS_MAX, FUZZY_WEIGHT, clue);
        best.filter(|(worth, _)| *worth >= DID_YOU_MEAN_SHARE * total)
            .map(|(_, word)| word)
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
                let mut cursor = Cursor::new(lists.get(list as usize).unwrap_or(&[]));
                let mut clue = Clue::default();
                while let Some(term) = cursor.varint() {
                    clue.matches.push(Match {
                        term,
                        weight: SYNONYM_WEIGHT,
                        exact: false,
                    });
                }
                // A synonym adds ways to match, never something that must be matched.
                query.clues.push(clue);
                break;
            }
        }
    }
}

/// Keeps the likeliest and divides `whole` among them.
fn share_out(mut found: Vec<(u32, f32)>, most: usize, whole: f32, clue: &mut Clue) {
    found.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    found.truncate(most);
    let total: f32 = found.iter().map(|(_, worth)| worth).sum();
    for (term, worth) in found {
        clue.matches.push(Match {
            term,
            weight: whole * worth / total.max(1e-9),
            exact: false,
        });
    }
}
