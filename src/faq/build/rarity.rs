//! How much a term tells articles apart: its rarity among the articles of its own language. Beside as many
//! Chinese articles the English "how" would be in half of all, and look as if it told something.

use super::corpus::Corpus;
use libm::logf;

/// The articles by language: regions of one language, which share its words, count together.
pub struct Languages {
    /// The language of each article.
    of: Vec<usize>,
    /// How many languages there are.
    pub count: usize,
}

impl Languages {
    /// The languages of all articles.
    pub fn of(corpus: &Corpus<'_>) -> Self {
        let mut names: Vec<String> = Vec::new();
        let language = |locale: &str| {
            let name = locale.split(['-', '_']).next().unwrap_or_default();
            let name = name.to_ascii_lowercase();
            names.iter().position(|n| *n == name).unwrap_or_else(|| {
                names.push(name);
                names.len() - 1
            })
        };
        let locales = corpus.articles.iter().map(|a| a.record.locale.as_str());
        let of = locales.map(language).collect();
        Self {
            of,
            count: names.len(),
        }
    }

    /// The language of an article.
    pub fn language(&self, article: usize) -> usize {
        self.of[article]
    }

    /// How many articles a language has.
    pub fn articles(&self, language: usize) -> usize {
        self.of.iter().filter(|&&other| other == language).count()
    }
}

/// The logarithm of how much rarer than everywhere something is that `holding` of `texts` have.
pub fn rarity(texts: usize, holding: u32) -> f32 {
    logf((texts as f32 + 1.0) / (holding as f32 + 1.0))
}

/// A mean over languages, each weighted by how much of a term is found there.
#[derive(Clone, Copy, Default)]
pub struct Mean {
    /// The mean.
    pub value: f32,
    weight: f32,
}

impl Mean {
    /// Takes one language in.
    pub fn add(&mut self, value: f32, weight: f32) {
        if weight > 0.0 {
            self.weight += weight;
            self.value += (value - self.value) * (weight / self.weight);
        }
    }
}
