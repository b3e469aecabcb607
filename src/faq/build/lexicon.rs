//! Words met in the corpus, and the features that they give: keys (stems, characters, pairs of
//! characters, codes), trigrams of letters, pairs of neighbouring words.

use super::super::text::grams::grams;
use super::super::text::segment::{Kind, Token};
use super::super::text::stem::stem;
use std::collections::BTreeMap;

/// A word of the corpus.
pub struct Word {
    /// The key that it shares with its inflections.
    pub key: u32,
    /// Its trigrams, each once.
    pub grams: Vec<u32>,
}

/// What a key is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// A word of a spaced script.
    Word,
    /// One character of a script without spaces.
    Character,
    /// A pair of such characters, or a code.
    Joined,
}

/// A text as numbers of words.
#[derive(Default)]
pub struct Reading {
    /// Its words in order; pairs of ideographs count as words.
    pub words: Vec<u32>,
    /// Keys of neighbouring words of spaced scripts.
    pub pairs: Vec<(u32, u32)>,
}

/// Every word, key and trigram of the corpus.
#[derive(Default)]
pub struct Lexicon {
    numbers: BTreeMap<String, u32>,
    words: Vec<Word>,
    keys: BTreeMap<String, u32>,
    grams: BTreeMap<String, u32>,
    /// What each key is.
    kinds: Vec<KeyKind>,
    /// Whether trigrams are no longer collected: only titles and phrasings have them.
    without_grams: bool,
}

fn number_in(numbers: &mut BTreeMap<String, u32>, text: &str) -> u32 {
    if let Some(&number) = numbers.get(text) {
        return number;
    }
    let number = numbers.len() as u32;
    numbers.insert(text.to_owned(), number);
    number
}

impl Lexicon {
    fn word(&mut self, text: &str, is_word: bool) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let stemmed = if is_word { stem(text) } else { text.into() };
        let key = number_in(&mut self.keys, &stemmed);
        if key as usize == self.kinds.len() {
            self.kinds.push(match stemmed.chars().count() {
                _ if is_word => KeyKind::Word,
                1 => KeyKind::Character,
                _ => KeyKind::Joined,
            });
        }
        let mut own: Vec<u32> = Vec::new();
        if is_word && !self.without_grams && !text.bytes().any(|b| b.is_ascii_digit()) {
            grams(text, true, &mut |gram| {
                own.push(number_in(&mut self.grams, gram))
            });
            own.sort_unstable();
            own.dedup();
        }
        let number = number_in(&mut self.numbers, text);
        self.words.push(Word { key, grams: own });
        number
    }

    /// From here on words give no trigrams.
    pub fn ends_grams(&mut self) {
        self.without_grams = true;
    }

    /// Reads a text.
    pub fn read(&mut self, tokens: &[Token]) -> Reading {
        let mut reading = Reading::default();
        for (at, token) in tokens.iter().enumerate() {
            let word = self.word(&token.text, token.kind == Kind::Word);
            reading.words.push(word);
            let Some(next) = tokens.get(at + 1) else {
                continue;
            };
            if token.pairs_with(next) {
                reading.words.push(self.word(&token.pair(next), false));
            } else if token.kind == Kind::Word && next.kind == Kind::Word {
                let next = self.word(&next.text, true);
                reading
                    .pairs
                    .push((self.words[word as usize].key, self.words[next as usize].key));
            }
        }
        reading
    }

    /// The word of this number.
    pub fn get(&self, word: u32) -> &Word {
        &self.words[word as usize]
    }

    /// The key of a word or stem, if the corpus has it.
    pub fn key_of(&self, text: &str) -> Option<u32> {
        match self.numbers.get(text) {
            Some(&word) => Some(self.get(word).key),
            None => self.keys.get(text).copied(),
        }
    }

    /// What a key is.
    pub fn kind(&self, key: u32) -> KeyKind {
        self.kinds[key as usize]
    }

    /// How many keys there are.
    pub fn keys(&self) -> usize {
        self.keys.len()
    }

    /// How many trigrams there are.
    pub fn grams(&self) -> usize {
        self.grams.len()
    }

    /// Every trigram with its number, sorted.
    pub fn sorted_grams(&self) -> impl Iterator<Item = (&str, u32)> {
        self.grams
            .iter()
            .map(|(gram, &number)| (gram.as_str(), number))
    }

    /// Every word with its key, sorted; stems that are no words themselves too, for inflections that the
    /// corpus does not have.
    pub fn sorted_words(&self) -> Vec<(&str, u32)> {
        let words = self
            .numbers
            .iter()
            .map(|(text, &number)| (text.as_str(), self.get(number).key));
        let stems = self
            .keys
            .iter()
            .filter(|(text, _)| !self.numbers.contains_key(*text));
        let mut all: Vec<(&str, u32)> = words
            .chain(stems.map(|(text, &key)| (text.as_str(), key)))
            .collect();
        all.sort_unstable();
        all
    }
}
