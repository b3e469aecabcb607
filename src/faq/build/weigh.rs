//! How much each term says for each article.

use super::super::params::*;
use super::corpus::Corpus;
use std::collections::BTreeMap;

/// Weights of terms in articles and passages.
pub struct Weights {
    /// For each key of titles and phrasings: articles and weights, in order.
    pub front: Vec<Vec<(u32, f32)>>,
    /// For each key: passages and weights, in order.
    pub body: Vec<Vec<(u32, f32)>>,
    /// For each key, how much it tells apart.
    pub info: Vec<f32>,
    /// The same for a word that no article has.
    pub unknown_info: f32,
}

/// Weighs the corpus: BM25 over titles and phrasings as one text, and over each passage.
pub fn weigh(corpus: &Corpus<'_>) -> Weights {
    let keys = corpus.lexicon.len();
    let mut front: Vec<Vec<(u32, f32)>> = vec![Vec::new(); keys];
    let mut body: Vec<Vec<(u32, f32)>> = vec![Vec::new(); keys];
    let mut frequency = vec![0u32; keys];
    let count_all = |n: usize| corpus.articles.iter().map(move |_| n).sum::<usize>();
    let articles = count_all(1).max(1);
    let lengths: Vec<f32> = corpus
        .articles
        .iter()
        .map(|a| a.phrases.iter().map(|p| p.keys.len() as f32).sum())
        .collect();
    let mean = lengths.iter().sum::<f32>() / articles as f32;
    let passages: Vec<f32> = corpus
        .articles
        .iter()
        .flat_map(|a| &a.passages)
        .map(|p| p.keys.len() as f32)
        .collect();
    let passage_mean = passages.iter().sum::<f32>() / passages.len().max(1) as f32;
    let mut passage_number = 0;
    for (number, article) in corpus.articles.iter().enumerate() {
        let mut counts: BTreeMap<u32, f32> = BTreeMap::new();
        for phrase in &article.phrases {
            let weight = if phrase.is_title { TITLE_WEIGHT } else { 1.0 };
            for &key in &phrase.keys {
                *counts.entry(key).or_default() += weight;
            }
        }
        let norm = K1 * (1.0 - B + B * lengths[number] / mean.max(1e-6));
        let mut seen: BTreeMap<u32, ()> = BTreeMap::new();
        for (&key, &count) in &counts {
            front[key as usize].push((number as u32, count * (K1 + 1.0) / (count + norm)));
            seen.insert(key, ());
        }
        for passage in &article.passages {
            let mut counts: BTreeMap<u32, f32> = BTreeMap::new();
            for &key in &passage.heading_keys {
                *counts.entry(key).or_default() += HEADING_WEIGHT;
            }
            for &key in &passage.keys {
                *counts.entry(key).or_default() += 1.0;
            }
            let norm =
                K1 * (1.0 - BODY_B + BODY_B * passages[passage_number] / passage_mean.max(1e-6));
            for (&key, &count) in &counts {
                let weight = BODY_WEIGHT * count * (K1 + 1.0) / (count + norm);
                body[key as usize].push((passage_number as u32, weight));
                seen.insert(key, ());
            }
            passage_number += 1;
        }
        for key in seen.into_keys() {
            frequency[key as usize] += 1;
        }
    }
    let information =
        |frequency: f32| (1.0 + (articles as f32 - frequency + 0.5) / (frequency + 0.5)).ln();
    let info: Vec<f32> = frequency.iter().map(|&f| information(f as f32)).collect();
    for lists in [&mut front, &mut body] {
        for (list, info) in lists.iter_mut().zip(&info) {
            list.iter_mut().for_each(|(_, weight)| *weight *= info);
        }
    }
    Weights {
        front,
        body,
        info,
        unknown_info: information(0.0),
    }
}
