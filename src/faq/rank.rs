//! From clues to ranked articles: weighted sums over postings, then a close look at the best.

use super::body;
use super::format::bytes::Cursor;
use super::format::table::Table;
use super::index::{Index, Postings, bodies};
use super::params::{ORDER_CANDIDATES, ORDER_WEIGHT};
use super::proximity::Order;
use super::query::{Clue, Query};

/// An article that may answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// The article's number.
    pub doc: usize,
    /// Higher is better.
    pub score: f32,
    /// Its best passage.
    pub passage: Option<usize>,
    /// The clues that it covers, by their bits.
    pub covers: u32,
}

/// What an article or a passage has gathered.
#[derive(Clone, Copy, Default)]
struct Sum {
    score: f32,
    covers: u32,
}

/// The best `limit` articles that pass `admits`, best first. Those that have every word of the query come
/// before those that have some only by a guess; equals are in the order of the index, which is by weight.
pub fn rank(
    index: &Index,
    query: &Query,
    limit: usize,
    admits: &dyn Fn(usize) -> bool,
) -> Vec<Candidate> {
    let mut sums = vec![Sum::default(); index.len()];
    let mut passages = vec![Sum::default(); index.passage_count()];
    for clue in &query.clues {
        add(&mut sums, clue, index.meta.step / query.norm, &|term| {
            index.postings(term)
        });
        if !passages.is_empty() && !clue.derived {
            add(
                &mut passages,
                clue,
                index.meta.body_step / query.norm,
                &|term| index.body_postings(term),
            );
        }
    }
    let best = best_passages(index, &passages, &mut sums);
    let whole = query.exact_bits();
    let key = |score: f32, covers: u32| (whole.is_some_and(|whole| covers & whole == whole), score);
    let biases = index.biases();
    let mut top: Vec<Candidate> = Vec::with_capacity(limit + 1);
    for (doc, sum) in sums.iter().enumerate() {
        if sum.score <= 0.0 {
            continue;
        }
        let score = sum.score
            + biases
                .get(doc)
                .map_or(0.0, |&step| f32::from(step as i8) * index.meta.bias_step);
        let here = key(score, sum.covers);
        let full = top.len() == limit;
        if full
            && top
                .last()
                .is_some_and(|last| here <= key(last.score, last.covers))
            || !admits(doc)
        {
            continue;
        }
        let at = top.partition_point(|other| key(other.score, other.covers) >= here);
        let passage = best.get(doc).copied().flatten();
        top.insert(
            at,
            Candidate {
                doc,
                score,
                passage,
                covers: sum.covers,
            },
        );
        top.truncate(limit);
    }
    if passages.is_empty() {
        return top;
    }
    let informed: f32 = query
        .clues
        .iter()
        .filter(|c| c.bit.is_some())
        .map(|c| c.length)
        .sum();
    for candidate in &mut top {
        let covered: f32 = query.covered(candidate.covers);
        candidate.score += index.meta.cover * (covered / informed.max(1e-6));
    }
    let order = Order::of(query);
    if !order.is_empty() {
        arrange(&mut top, &|candidate| (false, candidate.score));
        for candidate in top.iter_mut().take(ORDER_CANDIDATES) {
            let title = index
                .doc(candidate.doc)
                .map_or(0.0, |doc| order.kept_in(doc.title));
            candidate.score += ORDER_WEIGHT * title;
        }
    }
    arrange(&mut top, &|candidate| {
        key(candidate.score, candidate.covers)
    });
    top
}

/// Sorts the greatest key first; equals keep their order. The list is short and nearly sorted, and the
/// standard library's sorts weigh more than the rest of this file.
fn arrange(top: &mut [Candidate], key: &dyn Fn(&Candidate) -> (bool, f32)) {
    for end in 1..top.len() {
        let mut at = end;
        while at > 0 && key(&top[at - 1]) < key(&top[at]) {
            top.swap(at - 1, at);
            at -= 1;
        }
    }
}

/// Weights are stored as square roots, so that few levels serve small and large ones.
fn squared(level: u8) -> f32 {
    f32::from(u16::from(level) * u16::from(level))
}

/// Adds one clue's postings. Where the word itself is known, whoever has it gets at least as much as any
/// guess can give, so that a guess never overtakes it.
fn add<'i>(
    sums: &mut [Sum],
    clue: &Clue,
    step: f32,
    postings: &dyn Fn(u32) -> Option<Postings<'i>>,
) {
    let most = |p: Postings<'_>| squared(p.weights.iter().copied().max().unwrap_or(0));
    let known = clue.matches.iter().any(|m| m.exact);
    let guesses: f32 = match known && clue.matches.len() > 1 {
        true => clue
            .matches
            .iter()
            .filter(|m| !m.exact)
            .map(|m| m.weight * postings(m.term).map_or(0.0, most))
            .sum(),
        false => 0.0,
    };
    let bit = clue.bit.map_or(0, |bit| 1 << bit);
    for found in &clue.matches {
        let Some(postings) = postings(found.term) else {
            continue;
        };
        let factor = found.weight * clue.count * step;
        let floor = if found.exact {
            guesses * clue.count * step
        } else {
            0.0
        };
        let covers = if found.exact || !known { bit } else { 0 };
        postings.each(|at, posting| {
            if let Some(sum) = sums.get_mut(at) {
                sum.score += factor * squared(posting) + floor;
                sum.covers |= covers;
            }
        });
    }
}

/// Adds to each article what its best passage gathered; returns which that is.
fn best_passages(index: &Index, passages: &[Sum], sums: &mut [Sum]) -> Vec<Option<usize>> {
    if passages.is_empty() {
        return Vec::new();
    }
    let mut best = vec![None; sums.len()];
    let mut first = 0usize;
    for ((sum, best), &count) in sums
        .iter_mut()
        .zip(&mut best)
        .zip(index.body_section(bodies::PASSAGE_COUNTS))
    {
        let end = (first + usize::from(count)).min(passages.len());
        let mut most = Sum::default();
        for (at, passage) in passages[first.min(end)..end].iter().enumerate() {
            if passage.score > most.score {
                most = *passage;
                *best = Some(first + at);
            }
        }
        sum.score += most.score;
        sum.covers |= most.covers;
        first = end;
    }
    best
}

/// Where a passage lies in its article.
pub struct Passage<'a> {
    /// The first of its top-level blocks.
    pub block: usize,
    /// How many blocks.
    pub count: usize,
    /// The heading above it; empty if there is none.
    pub anchor: &'a str,
}

impl Index {
    pub(super) fn passage_count(&self) -> usize {
        Table::new(self.body_section(bodies::PASSAGES)).map_or(0, |table| {
            // The counts are one byte an article, so they bound what a damaged table may claim.
            table
                .len()
                .min(self.len().saturating_mul(255))
                .min(self.body_section(bodies::PASSAGES).len())
        })
    }

    /// The text of a passage.
    pub(super) fn passage_text(&self, doc: usize, passage: usize) -> String {
        let mut text = String::new();
        if let Some(passage) = self.passage(passage) {
            let blocks = body::decode(self.article_bytes(doc), passage.block, passage.count);
            body::plain_text(&blocks, &mut text);
        }
        text
    }

    pub(super) fn passage(&self, passage: usize) -> Option<Passage<'_>> {
        let mut cursor =
            Cursor::new(Table::new(self.body_section(bodies::PASSAGES))?.get(passage)?);
        Some(Passage {
            block: cursor.varint()? as usize,
            count: cursor.varint()? as usize,
            anchor: cursor.string()?,
        })
    }
}
