//! Words met in the corpus, and the keys (stems, characters, pairs, codes) that become terms.

use super::super::text::segment::{Kind, Token};
use super::super::text::stem::stem;
use std::collections::BTreeMap;

/// Strings and their numbers, in order of arrival.
#[derive(Default)]
pub struct Interner {
    numbers: BTreeMap<String, u32>,
}

impl Interner {
    /// The number of `text`.
    pub fn intern(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = self.numbers.len() as u32;
        self.numbers.insert(text.to_owned(), number);
        number
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }
}

/// Every key of the corpus and every word that leads to one.
#[derive(Default)]
pub struct Lexicon {
    keys: Interner,
    /// Word to key.
    words: BTreeMap<String, u32>,
}

impl Lexicon {
    fn key(&mut self, word: &str, is_word: bool) -> u32 {
        if let Some(&key) = self.words.get(word) {
            return key;
        }
        let stemmed = if is_word { stem(word) } else { word.to_owned() };
        let key = self.keys.intern(&stemmed);
        self.words.insert(word.to_owned(), key);
        // The stem leads there too, for inflections that the corpus does not have.
        self.words.entry(stemmed).or_insert(key);
        key
    }

    /// The keys of a text: one for each token, and one for each pair of neighbouring ideographs.
    pub fn keys_of(&mut self, tokens: &[Token]) -> Vec<u32> {
        let mut keys = Vec::with_capacity(tokens.len() * 2);
        for (at, token) in tokens.iter().enumerate() {
            keys.push(self.key(&token.text, token.kind == Kind::Word));
            if let Some(next) = tokens.get(at + 1).filter(|next| token.pairs_with(next)) {
                keys.push(self.key(&token.pair(next), false));
            }
        }
        keys
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Every word with its key, sorted.
    pub fn words(&self) -> impl Iterator<Item = (&str, u32)> {
        self.words.iter().map(|(word, &key)| (word.as_str(), key))
    }
}
