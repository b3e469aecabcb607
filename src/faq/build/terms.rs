//! Numbering: the terms of an index in the order in which its dictionaries introduce them, so that
//! dictionaries need not name them. Words of titles and phrasings come first, then trigrams, then pairs,
//! then words that only bodies have.

use super::super::format::write::varint;
use super::super::format::{dict, table};
use super::corpus::Corpus;
use super::features::Features;
use super::weigh::Postings;

/// The terms and the sections that lead to them.
pub struct Terms {
    of_key: Vec<u32>,
    /// The features of the front part's terms, in their order.
    pub front: Vec<u32>,
    /// The keys of the body part's terms, in their order: the front's words, then its own.
    pub body: Vec<u32>,
    /// Sections.
    pub front_dict: Vec<u8>,
    /// The trigrams.
    pub gram_dict: Vec<u8>,
    /// For each word of the front the words that pair with it.
    pub pairs: Vec<u8>,
    /// Words that only bodies have.
    pub body_dict: Vec<u8>,
}

const NONE: u32 = u32::MAX;

impl Terms {
    /// Numbers everything, but trigrams and pairs of which no posting is left.
    pub fn number(corpus: &Corpus<'_>, features: &Features, postings: &[Postings]) -> Self {
        let left = |feature: u32| !postings[feature as usize].is_empty();
        let words = corpus.lexicon.sorted_words();
        let mut of_key = vec![NONE; corpus.lexicon.keys()];
        let mut front = Vec::new();
        let front_dict = words_of(
            &words,
            |key| key < features.keys,
            0,
            &mut of_key,
            &mut front,
        );
        let mut body = front.clone();
        let grams = corpus.lexicon.sorted_grams();
        let grams: Vec<(&str, u32)> = grams
            .filter(|(_, gram)| left(features.keys + gram))
            .collect();
        let first_gram = front.len() as u32;
        let numbered = grams
            .iter()
            .enumerate()
            .map(|(n, (gram, _))| (*gram, first_gram + n as u32));
        let gram_dict = dict::write(first_gram, numbered);
        front.extend(grams.iter().map(|(_, gram)| features.keys + gram));
        let pairs = pairs(features, &of_key, first_gram as usize, &left, &mut front);
        let body_dict = words_of(
            &words,
            |key| key >= features.keys,
            front.len() as u32,
            &mut of_key,
            &mut body,
        );
        Self {
            of_key,
            front,
            body,
            front_dict,
            gram_dict,
            pairs,
            body_dict,
        }
    }

    /// The term of a key.
    pub fn of_key(&self, key: u32) -> Option<u32> {
        self.of_key
            .get(key as usize)
            .copied()
            .filter(|&term| term != NONE)
    }
}

/// Numbers the keys of the words that `belongs` lets in, from `first`, and writes their dictionary.
fn words_of(
    words: &[(&str, u32)],
    belongs: impl Fn(u32) -> bool,
    first: u32,
    of_key: &mut [u32],
    keys: &mut Vec<u32>,
) -> Vec<u8> {
    let mut next = first;
    let mut entries = Vec::new();
    for &(word, key) in words.iter().filter(|(_, key)| belongs(*key)) {
        let term = &mut of_key[key as usize];
        if *term == NONE {
            *term = next;
            next += 1;
            keys.push(key);
        }
        entries.push((word, *term));
    }
    dict::write(first, entries)
}

fn pairs(
    features: &Features,
    of_key: &[u32],
    words: usize,
    left: &dyn Fn(u32) -> bool,
    front: &mut Vec<u32>,
) -> Vec<u8> {
    let first_pair = features.keys + features.grams;
    let mut pairs: Vec<(u32, u32, u32)> = features
        .pairs
        .iter()
        .zip(first_pair..)
        .filter(|&(_, feature)| left(feature))
        .map(|(&(a, b), feature)| (of_key[a as usize], of_key[b as usize], feature))
        .collect();
    pairs.sort_unstable();
    let mut items: Vec<Vec<u8>> = vec![Vec::new(); words];
    for same in pairs.chunk_by(|a, b| a.0 == b.0) {
        let item = &mut items[same[0].0 as usize];
        varint(item, front.len() as u32);
        let mut before = 0;
        for &(_, second, feature) in same {
            varint(item, second - before);
            before = second;
            front.push(feature);
        }
    }
    table::write(items)
}
