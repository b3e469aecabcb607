//! The engine against a plain reference: what must hold for any articles and any query.
#![cfg(feature = "indexer")]

use deskside::faq::record::Record;
use deskside::faq::{BuildOptions, Index, SearchOptions, build};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const WORDS: [&str; 14] = [
    "refund", "parcel", "password", "invoice", "window", "garden", "purple", "rocket", "cactus",
    "violin", "kitten", "marble", "tundra", "oxygen",
];

fn articles() -> impl Strategy<Value = Vec<Vec<&'static str>>> {
    prop::collection::vec(
        prop::collection::vec(prop::sample::select(&WORDS[..]), 1..5),
        1..12,
    )
}

fn open(titles: &[Vec<&str>]) -> Index {
    let records: Vec<Record> = titles
        .iter()
        .enumerate()
        .map(|(n, words)| Record {
            id: n.to_string(),
            locale: "en".into(),
            title: words.join(" "),
            ..Record::default()
        })
        .collect();
    Index::open(
        build(&records, &BuildOptions::default())
            .expect("builds")
            .bytes(),
    )
    .expect("opens")
}

fn ids(index: &Index, query: &str) -> Vec<usize> {
    let options = SearchOptions {
        limit: 100,
        typing: false,
        ..SearchOptions::default()
    };
    index
        .search(query, &options)
        .hits
        .iter()
        .map(|hit| hit.id.parse().unwrap())
        .collect()
}

/// The plainest scorer there is: the cosine of word counts weighted by rarity.
fn cosine(titles: &[Vec<&str>], query: &[&str]) -> Vec<(usize, f64)> {
    let rarity = |word: &str| {
        let holding = titles.iter().filter(|title| title.contains(&word)).count();
        ((titles.len() as f64 + 1.0) / (holding as f64 + 1.0)).ln() + 1.0
    };
    let vector = |words: &[&str]| {
        let mut weights: BTreeMap<String, f64> = BTreeMap::new();
        words
            .iter()
            .for_each(|word| *weights.entry((*word).to_owned()).or_default() += rarity(word));
        weights
    };
    let length = |v: &BTreeMap<String, f64>| v.values().map(|w| w * w).sum::<f64>().sqrt();
    let asked = vector(query);
    titles
        .iter()
        .enumerate()
        .map(|(n, title)| {
            let own = vector(title);
            let dot: f64 = asked
                .iter()
                .map(|(word, w)| w * own.get(word).copied().unwrap_or(0.0))
                .sum();
            (n, dot / (length(&asked) * length(&own)).max(1e-9))
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_shares_a_word_is_found(titles in articles(), word in prop::sample::select(&WORDS[..])) {
        let found: BTreeSet<usize> = ids(&open(&titles), word).into_iter().collect();
        for (n, title) in titles.iter().enumerate() {
            prop_assert!(!title.contains(&word) || found.contains(&n));
        }
    }

    #[test]
    fn who_has_the_word_comes_before_who_has_only_something_like_it(titles in articles(), word in prop::sample::select(&WORDS[..])) {
        let has: Vec<bool> = ids(&open(&titles), word).iter().map(|&n| titles[n].contains(&word)).collect();
        prop_assert!(has.is_sorted_by(|a, b| a >= b), "{has:?}");
    }

    #[test]
    fn a_title_asked_as_it_is_comes_first_as_for_the_reference(titles in articles(), pick in any::<prop::sample::Index>()) {
        let wanted = &titles[pick.index(titles.len())];
        let first = ids(&open(&titles), &wanted.join(" "))[0];
        let best = cosine(&titles, wanted).into_iter().map(|(_, score)| score).fold(0.0, f64::max);
        let ours = cosine(&titles, wanted)[first].1;
        // Equal in the reference's eyes: the same words, perhaps in another order.
        prop_assert!(ours > best - 1e-6, "{ours} of {best}: {titles:?} {wanted:?}");
    }

    #[test]
    fn a_typo_still_finds_the_word(word in prop::sample::select(&WORDS[..]), at in 1usize..5, kind in 0..3) {
        let titles: Vec<Vec<&str>> = WORDS.iter().map(|word| vec![*word]).collect();
        let mut typed: Vec<char> = word.chars().collect();
        match kind {
            0 => { typed.remove(at); }
            1 => typed.swap(at, at - 1),
            _ => typed.insert(at, 'q'),
        }
        let typed: String = typed.into_iter().collect();
        prop_assert_eq!(WORDS[ids(&open(&titles), &typed)[0]], word);
    }

    #[test]
    fn entries_with_one_phrasing_rank_as_the_reference_ranks_clear_cases(titles in articles(), query in prop::collection::vec(prop::sample::select(&WORDS[..]), 4..6)) {
        let scores = cosine(&titles, &query);
        let mut ordered: Vec<f64> = scores.iter().map(|(_, score)| *score).collect();
        ordered.sort_by(|a, b| b.total_cmp(a));
        // Only where the best is clear does every sensible scorer agree.
        if ordered.len() > 1 && ordered[0] > 1.8 * ordered[1] {
            let first = ids(&open(&titles), &query.join(" "))[0];
            prop_assert_eq!(scores[first].1, ordered[0]);
        }
    }
}
