//! From weights to bytes.

use super::super::format::part::{MAGIC_BODY, MAGIC_FRONT, checksum};
use super::super::format::write::{part, string, varint};
use super::super::format::{dict, table};
use super::super::index::*;
use super::super::params::*;
use super::super::query::key_of;
use super::super::text::segment::{Kind, Token, tokenize};
use super::super::text::stem::stem;
use super::super::{body, index};
use super::corpus::Corpus;
use super::features::Features;
use super::learn::Model;
use super::rarity::Languages;
use super::terms::Terms;
use super::weigh::{self, Postings};
use super::{BuildError, BuildOptions, BuildReport, Built, SkipReason, Skipped, han};
use std::collections::{BTreeMap, BTreeSet};

/// Writes both parts.
pub fn write(
    corpus: &Corpus<'_>,
    languages: &Languages,
    features: &Features,
    model: &Model,
    options: &BuildOptions,
    mut skipped: Vec<Skipped>,
) -> Result<Built, BuildError> {
    let front = weigh::front(corpus, features, model);
    let terms = Terms::number(corpus, features, &front);
    let (body, body_info) = weigh::body(corpus, languages);
    let bias_most = model.bias.iter().fold(0f32, |most, b| most.max(b.abs()));
    let steps = Steps {
        front: step_of(&front),
        body: step_of(&body),
        bias: if bias_most > 0.0 {
            bias_most / 127.0
        } else {
            1.0
        },
    };
    let mut sections = vec![Vec::new(); index::front::COUNT];
    let (meta, docs) = meta_and_docs(corpus, features, options, &steps);
    sections[index::front::META] = meta;
    sections[index::front::DOCS] = docs;
    sections[index::front::POSTINGS] = table::write(terms.front.iter().map(|&feature| {
        let feature = feature as usize;
        postings(&front[feature], features.info[feature], steps.front)
    }));
    (
        sections[index::front::SYNONYM_KEYS],
        sections[index::front::SYNONYMS],
    ) = synonyms(corpus, options, &terms);
    (
        sections[index::front::PIN_KEYS],
        sections[index::front::PINS],
    ) = pins(corpus, options, &mut skipped);
    sections[index::front::HAN] = han_section(corpus);
    sections[index::front::BIAS] = model
        .bias
        .iter()
        .map(|bias| (bias / steps.bias).round().clamp(-127.0, 127.0) as i8 as u8)
        .collect();
    let mut body_sections = vec![Vec::new(); index::bodies::COUNT];
    body_sections[index::bodies::ARTICLES] =
        table::write(corpus.articles.iter().map(|a| body::encode(&a.record.body)));
    body_sections[index::bodies::PASSAGES] =
        table::write(corpus.articles.iter().flat_map(|a| &a.passages).map(|p| {
            let mut out = Vec::new();
            varint(&mut out, p.block as u32);
            varint(&mut out, p.count as u32);
            string(&mut out, &p.anchor);
            out
        }));
    body_sections[index::bodies::PASSAGE_COUNTS] = corpus
        .articles
        .iter()
        .map(|a| a.passages.len() as u8)
        .collect();
    body_sections[index::bodies::POSTINGS] = table::write(
        terms
            .body
            .iter()
            .map(|&key| postings(&body[key as usize], body_info[key as usize], steps.body)),
    );
    let front_terms = terms.front.len();
    sections[index::front::DICT] = terms.front_dict;
    sections[index::front::GRAM_DICT] = terms.gram_dict;
    sections[index::front::PAIRS] = terms.pairs;
    body_sections[index::bodies::DICT] = terms.body_dict;
    let front_sections = sections;
    // Both parts carry the sum of the articles, so that parts of different builds do not mix.
    let build = front_sections
        .iter()
        .chain(&body_sections)
        .fold(0, |seed, section| checksum(section, seed)) as u32;
    let titles = part(MAGIC_FRONT, build, &front_sections).ok_or(BuildError::TooLarge)?;
    let bodies = part(MAGIC_BODY, build, &body_sections).ok_or(BuildError::TooLarge)?;
    let report = BuildReport {
        indexed: corpus.articles.len() as u32,
        alternatives: corpus
            .articles
            .iter()
            .map(|a| a.phrases.len() as u32 - 1 - u32::from(!a.record.tags.is_empty()))
            .sum(),
        passages: corpus
            .articles
            .iter()
            .map(|a| a.passages.len() as u32)
            .sum(),
        terms: front_terms as u32,
        titles_bytes: titles.len() as u32,
        bodies_bytes: bodies.len() as u32,
        skipped,
    };
    Ok(Built {
        titles,
        bodies,
        report,
    })
}

/// What one step of each stored number is worth.
struct Steps {
    front: f32,
    body: f32,
    bias: f32,
}

/// The step that spreads the squares of the levels over the weights.
fn step_of(lists: &[Postings]) -> f32 {
    let most = lists
        .iter()
        .flatten()
        .map(|&(_, weight)| weight)
        .fold(0f32, f32::max);
    if most > 0.0 {
        most / (WEIGHT_LEVELS * WEIGHT_LEVELS)
    } else {
        1.0
    }
}

fn postings(list: &[(u32, f32)], info: f32, step: f32) -> Vec<u8> {
    let mut out = Vec::new();
    varint(&mut out, list.len() as u32);
    out.push((info / INFO_STEP).round().clamp(0.0, 255.0) as u8);
    let mut before = 0;
    for &(at, _) in list {
        varint(&mut out, at - before);
        before = at;
    }
    out.extend(
        list.iter()
            .map(|&(_, weight)| (weight / step).sqrt().round().clamp(1.0, WEIGHT_LEVELS) as u8),
    );
    out
}

fn number_of<'n>(names: &mut BTreeMap<&'n str, u32>, name: &'n str) -> u32 {
    let next = names.len() as u32;
    *names.entry(name).or_insert(next)
}

fn names(out: &mut Vec<u8>, names: &BTreeMap<&str, u32>) {
    let mut ordered: Vec<(&str, u32)> = names
        .iter()
        .map(|(name, number)| (*name, *number))
        .collect();
    ordered.sort_by_key(|&(_, number)| number);
    varint(out, ordered.len() as u32);
    ordered.iter().for_each(|(name, _)| string(out, name));
}

fn meta_and_docs(
    corpus: &Corpus<'_>,
    features: &Features,
    options: &BuildOptions,
    steps: &Steps,
) -> (Vec<u8>, Vec<u8>) {
    let (mut locales, mut categories, mut tags) =
        (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    // Translations of one article, by the id of the original.
    let mut families: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let family = |record: &'_ super::super::record::Record| -> usize {
        let original = record
            .translation_of
            .as_deref()
            .and_then(|id| corpus.numbers.get(id).copied());
        original.unwrap_or(corpus.numbers[record.id.as_str()])
    };
    for (number, article) in corpus.articles.iter().enumerate() {
        let original = corpus.articles[family(article.record)].record.id.as_str();
        families.entry(original).or_default().push(number);
    }
    let docs = table::write(corpus.articles.iter().enumerate().map(|(number, article)| {
        let record = article.record;
        let mut out = Vec::new();
        string(&mut out, &record.id);
        string(&mut out, &record.title);
        let locale = if record.locale.is_empty() {
            options.default_locale.as_str()
        } else {
            record.locale.as_str()
        };
        varint(&mut out, number_of(&mut locales, locale));
        let original = corpus.articles[family(record)].record.id.as_str();
        let versions: Vec<u32> = families[original]
            .iter()
            .filter(|&&n| n != number)
            .map(|&n| n as u32)
            .collect();
        let flag = |on: bool, flag: u8| if on { flag } else { 0 };
        out.push(
            flag(record.url.is_some(), FLAG_URL)
                | flag(record.valid_until.is_some(), FLAG_VALID_UNTIL)
                | flag(record.updated_at.is_some(), FLAG_UPDATED)
                | flag(!versions.is_empty(), FLAG_VERSIONS),
        );
        if let Some(url) = &record.url {
            string(&mut out, url);
        }
        for time in [record.valid_until, record.updated_at]
            .into_iter()
            .flatten()
        {
            out.extend((time as f64).to_le_bytes());
        }
        if !versions.is_empty() {
            list(&mut out, &versions);
        }
        let path: Vec<u32> = record
            .path
            .iter()
            .map(|name| number_of(&mut categories, name))
            .collect();
        let labels: Vec<u32> = record
            .tags
            .iter()
            .map(|name| number_of(&mut tags, name))
            .collect();
        list(&mut out, &path);
        list(&mut out, &labels);
        out
    }));
    let mut meta = Vec::new();
    string(&mut meta, &options.default_locale);
    names(&mut meta, &locales);
    names(&mut meta, &categories);
    names(&mut meta, &tags);
    for value in [
        steps.front,
        steps.body,
        steps.bias,
        weigh::cover(corpus),
        features.unknown_info,
    ]
    .into_iter()
    .chain(CALIBRATION)
    {
        meta.extend(value.to_le_bytes());
    }
    (meta, docs)
}

fn list(out: &mut Vec<u8>, numbers: &[u32]) {
    varint(out, numbers.len() as u32);
    numbers.iter().for_each(|&number| varint(out, number));
}

fn tokens(corpus: &Corpus<'_>, text: &str) -> Vec<Token> {
    tokenize(text, &|c| corpus.simplifier.simplify(c))
}

/// Keys of phrases, and for each the terms of its synonyms.
fn synonyms(corpus: &Corpus<'_>, options: &BuildOptions, terms: &Terms) -> (Vec<u8>, Vec<u8>) {
    let term_of = |word: &str, is_word: bool| {
        let lexicon = &corpus.lexicon;
        let key = lexicon
            .key_of(word)
            .or_else(|| lexicon.key_of(&stem(word)).filter(|_| is_word));
        key.and_then(|key| terms.of_key(key))
    };
    let mut found: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    for group in &options.synonyms {
        let cut: Vec<Vec<Token>> = group.iter().map(|phrase| tokens(corpus, phrase)).collect();
        for (at, from) in cut.iter().enumerate().filter(|(_, from)| !from.is_empty()) {
            let entry = found.entry(key_of(from)).or_default();
            for to in cut
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != at)
                .map(|(_, to)| to)
            {
                for (place, token) in to.iter().enumerate() {
                    let pair = to
                        .get(place + 1)
                        .filter(|next| token.pairs_with(next))
                        .map(|next| token.pair(next));
                    // A single character of a longer word says too little to stand for it.
                    let alone = token.kind != Kind::Ideograph || to.len() == 1;
                    entry.extend(
                        Some(&token.text)
                            .filter(|_| alone)
                            .and_then(|text| term_of(text, token.kind == Kind::Word)),
                    );
                    entry.extend(pair.and_then(|pair| term_of(&pair, false)));
                }
            }
        }
    }
    found.retain(|_, terms| !terms.is_empty());
    let keys = dict::write(
        0,
        found
            .keys()
            .enumerate()
            .map(|(n, key)| (key.as_str(), n as u32)),
    );
    let lists = table::write(found.values().map(|terms| {
        let mut out = Vec::new();
        terms.iter().for_each(|&term| varint(&mut out, term));
        out
    }));
    (keys, lists)
}

fn pins(
    corpus: &Corpus<'_>,
    options: &BuildOptions,
    skipped: &mut Vec<Skipped>,
) -> (Vec<u8>, Vec<u8>) {
    let mut found: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for pin in &options.pinned {
        let key = key_of(&tokens(corpus, &pin.query));
        for id in &pin.ids {
            let reason = match corpus.numbers.get(id.as_str()) {
                Some(_) if key.is_empty() => SkipReason::EmptyQuery,
                Some(&number) => {
                    found.entry(key.clone()).or_default().push(number as u32);
                    continue;
                }
                None => SkipReason::UnknownRecord,
            };
            skipped.push(Skipped {
                id: id.clone(),
                reason,
            });
        }
    }
    let keys = dict::write(
        0,
        found
            .keys()
            .enumerate()
            .map(|(n, key)| (key.as_str(), n as u32)),
    );
    let lists = table::write(found.values().map(|docs| {
        let mut out = Vec::new();
        docs.iter().for_each(|&doc| varint(&mut out, doc));
        out
    }));
    (keys, lists)
}

fn han_section(corpus: &Corpus<'_>) -> Vec<u8> {
    let characters: BTreeSet<char> = corpus
        .lexicon
        .sorted_words()
        .iter()
        .flat_map(|(word, _)| word.chars())
        .filter(|c| ('\u{3400}'..='\u{9FFF}').contains(c))
        .collect();
    if characters.is_empty() {
        Vec::new()
    } else {
        han::section(&characters, &corpus.simplifier)
    }
}
