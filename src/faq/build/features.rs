//! Phrasings as vectors of features: keys, trigrams and pairs of words, weighted by how much they tell
//! apart and brought to length one.

use super::super::params::{
    GRAM_WEIGHT, INFO_FLOOR, PAIR_PHRASES_MIN, PAIR_WEIGHT, PRESENCE_WEIGHT, UNKNOWN_ARTICLES,
};
use super::corpus::Corpus;
use super::lexicon::{KeyKind, Reading};
use super::rarity::{Languages, Mean, rarity};
use core::ops::Range;
use libm::logf;

/// Feature numbers: keys first, then trigrams, then pairs.
pub struct Features {
    /// Keys of titles and phrasings.
    pub keys: u32,
    /// Trigrams.
    pub grams: u32,
    /// Pairs of keys, sorted.
    pub pairs: Vec<(u32, u32)>,
    /// For each key what its presence alone counts for.
    pub presence: Vec<f32>,
    /// How much each tells apart: the logarithm of its rarity among articles, plus one.
    pub info: Vec<f32>,
    /// The same for what no phrasing has.
    pub unknown_info: f32,
}

/// Phrasings as vectors, in one piece: there are hundreds of thousands.
#[derive(Default)]
pub struct Vectors {
    /// Feature numbers of all, each phrasing's in order.
    features: Vec<u32>,
    /// Their weights.
    weights: Vec<f32>,
    /// Of each phrasing its article, and where its features end.
    ends: Vec<(u32, usize)>,
}

/// A phrasing.
#[derive(Clone, Copy)]
pub struct Vector<'v> {
    /// The article that it asks for.
    pub doc: u32,
    /// Feature numbers, in order.
    pub features: &'v [u32],
    /// What each counts for.
    pub weights: &'v [f32],
}

impl Vectors {
    /// How many phrasings there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    fn range(&self, from: usize, to: usize) -> Range<usize> {
        let end = |at: usize| at.checked_sub(1).map_or(0, |before| self.ends[before].1);
        end(from)..end(to)
    }

    /// The phrasing of this number.
    pub fn get(&self, at: usize) -> Vector<'_> {
        let range = self.range(at, at + 1);
        Vector {
            doc: self.ends[at].0,
            features: &self.features[range.clone()],
            weights: &self.weights[range],
        }
    }

    /// All of them, by article.
    pub fn iter(&self) -> impl Iterator<Item = Vector<'_>> {
        (0..self.len()).map(|at| self.get(at))
    }

    /// For each article the features of all its phrasings together, in no order.
    pub fn by_article(&self) -> impl Iterator<Item = (&[u32], &[f32])> {
        let mut from = 0;
        self.ends.chunk_by(|a, b| a.0 == b.0).map(move |same| {
            let range = self.range(from, from + same.len());
            from += same.len();
            (&self.features[range.clone()], &self.weights[range])
        })
    }
}

impl Features {
    /// All features, and every phrasing as a vector of length one.
    pub fn of(corpus: &Corpus<'_>, languages: &Languages) -> (Self, Vectors) {
        let mut features = Self {
            keys: corpus.front_keys,
            grams: corpus.lexicon.grams() as u32,
            pairs: pairs(corpus),
            presence: (0..corpus.front_keys)
                .map(|key| match corpus.lexicon.kind(key) {
                    KeyKind::Word => PRESENCE_WEIGHT,
                    _ => 0.0,
                })
                .collect(),
            info: Vec::new(),
            unknown_info: 0.0,
        };
        let mut vectors = Vectors::default();
        for (doc, article) in corpus.articles.iter().enumerate() {
            for phrase in &article.phrases {
                features.count(corpus, &phrase.reading, &mut vectors);
                vectors.ends.push((doc as u32, vectors.features.len()));
            }
        }
        features.weigh(corpus, languages, &vectors);
        let all = vectors.features.iter().zip(&mut vectors.weights);
        for (&feature, weight) in all {
            *weight = (1.0 + logf(*weight))
                * features.info[feature as usize]
                * features.kind_weight(feature);
        }
        for at in 0..vectors.len() {
            let range = vectors.range(at, at + 1);
            let weights = &mut vectors.weights[range];
            let length = weights.iter().map(|w| w * w).sum::<f32>().sqrt().max(1e-6);
            weights.iter_mut().for_each(|weight| *weight /= length);
        }
        (features, vectors)
    }

    /// Rarity among articles, not phrasings: who writes an article's words in twenty phrasings makes them no
    /// commoner.
    fn weigh(&mut self, corpus: &Corpus<'_>, languages: &Languages, vectors: &Vectors) {
        let (keys, mut info) = (self.keys as usize, vec![Mean::default(); self.len()]);
        let mut unknown = Mean::default();
        for language in 0..languages.count {
            let mut frequency = vec![0u32; self.len()];
            let spoken = |doc: usize| languages.language(doc) == language;
            let mut own: Vec<u32> = Vec::new();
            // Every article has a title at least, so they come by number.
            for (article, (all, _)) in vectors.by_article().enumerate() {
                if spoken(article) {
                    own.clear();
                    own.extend(all);
                    own.sort_unstable();
                    own.dedup();
                    own.iter()
                        .for_each(|&feature| frequency[feature as usize] += 1);
                }
            }
            let articles = languages.articles(language);
            // A word that bodies are full of tells little, however rare it is in titles.
            let mut texts = articles;
            let all = corpus.articles.iter().enumerate();
            for (_, article) in all.filter(|(doc, a)| spoken(*doc) && !a.passages.is_empty()) {
                texts += 1;
                let words = article.passages.iter().flat_map(|p| &p.reading.words);
                let mut own: Vec<u32> = words.map(|&w| corpus.lexicon.get(w).key).collect();
                own.sort_unstable();
                own.dedup();
                for key in own.into_iter().filter(|&key| key < self.keys) {
                    frequency[key as usize] += 1;
                }
            }
            for (feature, &holding) in frequency.iter().enumerate() {
                let texts = if feature < keys { texts } else { articles };
                info[feature].add(rarity(texts, holding) + INFO_FLOOR, holding as f32);
            }
            let beyond = rarity(texts + UNKNOWN_ARTICLES, 0) + INFO_FLOOR;
            unknown.add(beyond, articles as f32);
        }
        self.info = info.iter().map(|mean| mean.value).collect();
        self.unknown_info = unknown.value;
    }

    /// How many features there are.
    pub fn len(&self) -> usize {
        self.keys as usize + self.grams as usize + self.pairs.len()
    }

    /// What a kind of feature counts for.
    pub fn kind_weight(&self, feature: u32) -> f32 {
        match feature {
            key if key < self.keys => 1.0,
            gram if gram < self.keys + self.grams => GRAM_WEIGHT,
            _ => PAIR_WEIGHT,
        }
    }

    /// Appends the features of a text with their counts, in order.
    fn count(&self, corpus: &Corpus<'_>, reading: &Reading, out: &mut Vectors) {
        let mut all: Vec<u32> = Vec::new();
        for &word in &reading.words {
            let word = corpus.lexicon.get(word);
            all.push(word.key);
            all.extend(word.grams.iter().map(|gram| self.keys + gram));
        }
        let first_pair = self.keys + self.grams;
        let known = reading
            .pairs
            .iter()
            .filter_map(|pair| self.pairs.binary_search(pair).ok());
        all.extend(known.map(|at| first_pair + at as u32));
        all.sort_unstable();
        for same in all.chunk_by(|a, b| a == b) {
            out.features.push(same[0]);
            out.weights.push(same.len() as f32);
        }
    }
}

/// Pairs of words that stand together in enough phrasings to say something beyond the words.
fn pairs(corpus: &Corpus<'_>) -> Vec<(u32, u32)> {
    let mut all: Vec<(u32, u32)> = Vec::new();
    for phrase in corpus.articles.iter().flat_map(|a| &a.phrases) {
        let mut own = phrase.reading.pairs.clone();
        own.sort_unstable();
        own.dedup();
        all.extend(own);
    }
    all.sort_unstable();
    all.chunk_by(|a, b| a == b)
        .filter(|same| same.len() >= PAIR_PHRASES_MIN)
        .map(|same| same[0])
        .collect()
}
