//! The records as words: phrasings and passages, ready to be weighed.

use super::super::body::plain_text;
use super::super::params::PASSAGE_CHARS;
use super::super::record::Record;
use super::super::text::segment::tokenize;
use super::han::Simplifier;
use super::lexicon::{Lexicon, Reading};
use super::{BuildOptions, SkipReason, Skipped};
use crate::richtext::Block;
use std::collections::BTreeMap;

/// One way to ask for an article.
pub struct Phrase {
    /// Its words.
    pub reading: Reading,
}

/// A stretch of an article's body.
pub struct Passage {
    /// The first of its top-level blocks.
    pub block: usize,
    /// How many blocks.
    pub count: usize,
    /// The heading above it.
    pub anchor: String,
    /// The words of its heading.
    pub heading: Reading,
    /// The words of the rest.
    pub reading: Reading,
}

/// An article as words.
pub struct Article<'r> {
    /// Where it comes from.
    pub record: &'r Record,
    /// Title first.
    pub phrases: Vec<Phrase>,
    /// In order.
    pub passages: Vec<Passage>,
}

/// All articles, in the order of their numbers.
pub struct Corpus<'r> {
    /// The articles.
    pub articles: Vec<Article<'r>>,
    /// Words and keys.
    pub lexicon: Lexicon,
    /// Keys below this occur in titles or phrasings; the others only in bodies.
    pub front_keys: u32,
    /// The whole table.
    pub simplifier: Simplifier,
    /// Numbers by id.
    pub numbers: BTreeMap<&'r str, usize>,
}

impl<'r> Corpus<'r> {
    /// Reads the records, numbered as they come.
    pub fn read(
        records: &[&'r Record],
        options: &BuildOptions,
        skipped: &mut Vec<Skipped>,
    ) -> Self {
        let simplifier = Simplifier::new();
        let mut lexicon = Lexicon::default();
        let mut read = |text: &str| lexicon.read(&tokenize(text, &|c| simplifier.simplify(c)));
        let numbers: BTreeMap<&str, usize> = records
            .iter()
            .enumerate()
            .map(|(n, r)| (r.id.as_str(), n))
            .collect();
        let mut articles: Vec<Article<'r>> = Vec::with_capacity(records.len());
        for &record in records {
            let mut phrases = vec![Phrase {
                reading: read(&record.title),
            }];
            for alternative in record.alternatives.iter().filter(|a| !a.trim().is_empty()) {
                phrases.push(Phrase {
                    reading: read(alternative),
                });
            }
            // Tags are words by which somebody thought to find it.
            if !record.tags.is_empty() {
                phrases.push(Phrase {
                    reading: read(&record.tags.join(", ")),
                });
            }
            articles.push(Article {
                record,
                phrases,
                passages: Vec::new(),
            });
        }
        for line in &options.log {
            let reading = read(&line.query);
            let reason = match numbers.get(line.id.as_str()) {
                Some(_) if reading.words.is_empty() => SkipReason::EmptyQuery,
                Some(&number) => {
                    articles[number].phrases.push(Phrase { reading });
                    continue;
                }
                None => SkipReason::UnknownRecord,
            };
            skipped.push(Skipped {
                id: line.id.clone(),
                reason,
            });
        }
        let front_keys = lexicon.keys() as u32;
        lexicon.ends_grams();
        let mut read = |text: &str| lexicon.read(&tokenize(text, &|c| simplifier.simplify(c)));
        for article in &mut articles {
            article.passages = passages(&article.record.body, &mut read);
        }
        Self {
            articles,
            lexicon,
            front_keys,
            simplifier,
            numbers,
        }
    }
}

fn passages(body: &[Block], read: &mut dyn FnMut(&str) -> Reading) -> Vec<Passage> {
    let mut chars_max = PASSAGE_CHARS;
    loop {
        let ranges = ranges(body, chars_max);
        // Their number is stored in a byte.
        if ranges.len() <= 255 {
            return ranges
                .into_iter()
                .map(|(block, count, heading)| {
                    let (mut text, mut heading_text, mut anchor) =
                        (String::new(), String::new(), String::new());
                    let blocks = &body[block..block + count];
                    if let Some(Block::Heading { anchor: here, .. }) =
                        heading.and_then(|at| body.get(at))
                    {
                        anchor.clone_from(here);
                    }
                    let split = usize::from(matches!(blocks.first(), Some(Block::Heading { .. })));
                    plain_text(&blocks[..split], &mut heading_text);
                    plain_text(&blocks[split..], &mut text);
                    Passage {
                        block,
                        count,
                        anchor,
                        heading: read(&heading_text),
                        reading: read(&text),
                    }
                })
                .collect();
        }
        chars_max *= 2;
    }
}

/// Divides blocks at headings and where a passage grows long: (first, count, the heading above).
fn ranges(body: &[Block], chars_max: usize) -> Vec<(usize, usize, Option<usize>)> {
    let mut ranges: Vec<(usize, usize, Option<usize>)> = Vec::new();
    let (mut chars, mut heading) = (0, None);
    for (at, block) in body.iter().enumerate() {
        let mut text = String::new();
        plain_text(core::slice::from_ref(block), &mut text);
        let is_heading = matches!(block, Block::Heading { .. });
        // Headings that follow each other stay together; where passages must be longer, short sections too.
        let starts = is_heading
            && (chars_max == PASSAGE_CHARS || chars >= chars_max)
            && !matches!(
                at.checked_sub(1).and_then(|b| body.get(b)),
                Some(Block::Heading { .. })
            );
        if is_heading {
            heading = Some(at);
        }
        match ranges.last_mut() {
            Some((_, count, above))
                if !starts && (chars + text.len() <= chars_max || is_heading) =>
            {
                *count += 1;
                if is_heading {
                    *above = heading;
                }
            }
            _ => {
                ranges.push((at, 1, heading));
                chars = 0;
            }
        }
        chars += text.len();
    }
    ranges
}
