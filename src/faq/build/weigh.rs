//! How much each term says for each article and passage.

use super::super::params::*;
use super::corpus::Corpus;
use super::features::Features;
use super::learn::Model;
use super::lexicon::KeyKind;
use super::rarity::{Languages, Mean, rarity};
use libm::logf;
use std::collections::BTreeMap;

/// Postings: articles or passages with weights, in order.
pub type Postings = Vec<(u32, f32)>;

/// Postings of features in titles and phrasings: what was learned, times what the feature itself tells, so
/// that a query only has to add up.
pub fn front(corpus: &Corpus<'_>, features: &Features, model: &Model) -> Vec<Postings> {
    let mut lists: Vec<Postings> = vec![Vec::new(); features.len()];
    for doc in 0..model.bias.len() {
        for (feature, weight) in model.of(doc) {
            let factor = features.info[feature as usize] * features.kind_weight(feature);
            // A word that an article has stays findable, whatever was learned about it.
            if weight > 0.0 || feature < features.keys {
                lists[feature as usize].push((doc as u32, weight.max(0.0) * factor));
            }
        }
    }
    let (words, derived) = lists.split_at_mut(features.keys as usize);
    let kind = |key: usize| corpus.lexicon.kind(key as u32);
    let worth = |key: usize| match kind(key) {
        KeyKind::Character => CHARACTER_WORTH,
        _ => 1.0,
    };
    let count = |lists: &[Postings]| lists.iter().map(Vec::len).sum::<usize>();
    let kept = |key: usize| match kind(key) {
        KeyKind::Word => WORDS_KEPT,
        KeyKind::Joined => PAIRS_KEPT,
        KeyKind::Character => 0.0,
    };
    let shares = words.iter().enumerate();
    let telling: f32 = shares
        .map(|(key, list)| list.len() as f32 * kept(key))
        .sum();
    let budget = FRONT_POSTINGS.max(FRONT_POSTINGS_EACH * model.bias.len());
    keep_strongest(words, budget.max(telling as usize), &worth, true);
    keep_strongest(
        derived,
        budget.saturating_sub(count(words)),
        &|_| 1.0,
        false,
    );
    lists
}

/// Drops the weakest postings beyond a budget; `worth` is what a list's weights count for there. With
/// `keep_each` the strongest of every list stays, so that no word is lost.
fn keep_strongest(
    lists: &mut [Postings],
    budget: usize,
    worth: &dyn Fn(usize) -> f32,
    keep_each: bool,
) {
    let all = lists.iter().enumerate();
    let mut weights: Vec<f32> = all
        .flat_map(|(at, list)| list.iter().map(move |&(_, weight)| weight * worth(at)))
        .collect();
    if weights.len() <= budget {
        return;
    }
    if budget == 0 {
        lists.iter_mut().for_each(Vec::clear);
        return;
    }
    let (_, &mut least, _) =
        weights.select_nth_unstable_by(budget.saturating_sub(1), |a, b| b.total_cmp(a));
    for (at, list) in lists.iter_mut().enumerate() {
        let least = match keep_each {
            true => least.min(list.iter().fold(0.0, |most, p| f32::max(most, p.1)) * worth(at)),
            false => least,
        };
        list.retain(|&(_, weight)| weight * worth(at) >= least);
    }
}

/// What covering all of a query's words is worth.
pub fn cover(corpus: &Corpus<'_>) -> f32 {
    COVER_WEIGHT * (1.0 + COVER_LENGTH_GAIN * logf(body_length(corpus)))
}

/// How many passages a body has for each phrasing beside it: the longer bodies are, the more questions only
/// they can answer, and the more ways to ask are written down, the fewer.
fn body_length(corpus: &Corpus<'_>) -> f32 {
    let bodies = corpus.articles.iter().filter(|a| !a.passages.is_empty());
    let (passages, phrases) = bodies.fold((0, 0), |(passages, phrases), article| {
        (
            passages + article.passages.len(),
            phrases + article.phrases.len(),
        )
    });
    (passages as f32 / phrases.max(1) as f32).max(1.0)
}

/// How many words a passage of a language has.
fn mean_length(lengths: &[f32], owner: &[usize], languages: &Languages, language: usize) -> f32 {
    let spoken = || {
        let all = lengths.iter().zip(owner);
        all.filter(|(_, article)| languages.language(**article) == language)
    };
    let sum: f32 = spoken().map(|(length, _)| length).sum();
    (sum / spoken().count().max(1) as f32).max(1e-6)
}

/// Postings of keys in passages: BM25.
pub fn body(corpus: &Corpus<'_>, languages: &Languages) -> (Vec<Postings>, Vec<f32>) {
    let keys = corpus.lexicon.keys();
    let passages: Vec<_> = corpus.articles.iter().flat_map(|a| &a.passages).collect();
    let lengths: Vec<f32> = passages
        .iter()
        .map(|p| p.reading.words.len() as f32)
        .collect();
    let owner: Vec<usize> = corpus
        .articles
        .iter()
        .enumerate()
        .flat_map(|(n, a)| a.passages.iter().map(move |_| n))
        .collect();
    let means: Vec<f32> = (0..languages.count)
        .map(|language| mean_length(&lengths, &owner, languages, language))
        .collect();
    let long = body_length(corpus);
    let weight = BODY_WEIGHT * (1.0 + BODY_LENGTH_GAIN * logf(long));
    let mut lists: Vec<Postings> = vec![Vec::new(); keys];
    for (number, passage) in passages.iter().enumerate() {
        let mut counts: BTreeMap<u32, f32> = BTreeMap::new();
        for &word in &passage.heading.words {
            *counts.entry(corpus.lexicon.get(word).key).or_default() += HEADING_WEIGHT;
        }
        for &word in &passage.reading.words {
            *counts.entry(corpus.lexicon.get(word).key).or_default() += 1.0;
        }
        let mean = means[languages.language(owner[number])];
        let norm = K1 * (1.0 - BODY_B + BODY_B * lengths[number] / mean);
        for (key, count) in counts {
            lists[key as usize].push((number as u32, weight * count * (K1 + 1.0) / (count + norm)));
        }
    }
    // Rarity among articles, not passages: a word all over one article is the best sign of that article.
    let articles: Vec<usize> = (0..languages.count)
        .map(|language| languages.articles(language))
        .collect();
    let telling = |list: &Postings| {
        let mut holding = vec![0; languages.count];
        for same in list.chunk_by(|a, b| owner[a.0 as usize] == owner[b.0 as usize]) {
            holding[languages.language(owner[same[0].0 as usize])] += 1;
        }
        let mut mean = Mean::default();
        for (&articles, &holding) in articles.iter().zip(&holding) {
            // What no body has is as rare as can be in each language.
            let weight = if list.is_empty() {
                articles as f32
            } else {
                holding as f32
            };
            mean.add(rarity(articles, holding) + BODY_INFO_FLOOR, weight);
        }
        mean.value
    };
    let info: Vec<f32> = lists.iter().map(telling).collect();
    for (list, info) in lists.iter_mut().zip(&info) {
        list.iter_mut().for_each(|(_, weight)| *weight *= info);
    }
    let all = lists.iter().map(Vec::len).sum::<usize>() as f32;
    let budget = BODY_POSTINGS
        .max(BODY_POSTINGS_EACH * corpus.articles.len())
        .max((all * (1.0 - 1.0 / (long * long))) as usize);
    keep_strongest(&mut lists, budget, &|_| 1.0, true);
    (lists, info)
}
