//! From clues to ranked articles: weighted sums over postings, then a close look at the best.

use super::format::bytes::Cursor;
use super::format::table::Table;
use super::index::{Index, bodies};
use super::query::Query;

/// An article that may answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// The article's number.
    pub doc: usize,
    /// Higher is better.
    pub score: f32,
    /// Its best passage.
    pub passage: Option<usize>,
}

/// The best `limit` articles that pass `admits`, best first; equals in the order of the index, which is
/// by weight.
pub fn rank(
    index: &Index,
    query: &Query,
    limit: usize,
    admits: &dyn Fn(usize) -> bool,
) -> Vec<Candidate> {
    let mut scores = vec![0f32; index.len()];
    let mut passages = vec![0f32; index.passage_count()];
    for clue in &query.clues {
        let front = Side {
            scores: &mut scores,
            step: index.meta.step,
        };
        front.add(
            clue.matches
                .iter()
                .filter_map(|m| Some((m.exact, m.weight, index.postings(m.term)?))),
        );
        if !passages.is_empty() {
            let body = Side {
                scores: &mut passages,
                step: index.meta.body_step,
            };
            body.add(
                clue.matches
                    .iter()
                    .filter_map(|m| Some((m.exact, m.weight, index.body_postings(m.term)?))),
            );
        }
    }
    let best = best_passages(index, &passages, &mut scores);
    let mut top: Vec<Candidate> = Vec::with_capacity(limit + 1);
    for (doc, &score) in scores.iter().enumerate() {
        if score <= 0.0
            || (top.len() == limit && top.last().is_some_and(|last| score <= last.score))
            || !admits(doc)
        {
            continue;
        }
        let at = top.partition_point(|other| other.score >= score);
        top.insert(
            at,
            Candidate {
                doc,
                score,
                passage: best.get(doc).copied().flatten(),
            },
        );
        top.truncate(limit);
    }
    top
}

struct Side<'s> {
    scores: &'s mut [f32],
    step: f32,
}

impl Side<'_> {
    /// Adds one clue's postings. Where the word itself is known, whoever holds it gets at least as much
    /// as any guess can give, so that a guess never overtakes it.
    fn add<'p>(
        self,
        matches: impl Iterator<Item = (bool, f32, super::index::Postings<'p>)> + Clone,
    ) {
        let guesses: f32 = matches
            .clone()
            .filter(|(exact, _, _)| !exact)
            .map(|(_, weight, postings)| {
                weight * f32::from(postings.weights.iter().copied().max().unwrap_or(0))
            })
            .sum();
        for (exact, weight, postings) in matches {
            let floor = if exact { guesses * self.step } else { 0.0 };
            let factor = weight * self.step;
            let scores = &mut *self.scores;
            postings.each(|at, posting| {
                if let Some(score) = scores.get_mut(at) {
                    *score += factor * f32::from(posting) + floor;
                }
            });
        }
    }
}

/// Adds to each article the score of its best passage; returns which that is.
fn best_passages(index: &Index, passages: &[f32], scores: &mut [f32]) -> Vec<Option<usize>> {
    let counts = index.body_section(bodies::PASSAGE_COUNTS);
    let mut best = vec![None; if passages.is_empty() { 0 } else { scores.len() }];
    let mut first = 0usize;
    for (doc, &count) in counts.iter().enumerate() {
        let end = first + usize::from(count);
        let mut most = 0.0;
        for (passage, &score) in passages.iter().enumerate().take(end).skip(first) {
            if score > most {
                most = score;
                best[doc.min(scores.len() - 1)] = Some(passage);
            }
        }
        if let Some(score) = scores.get_mut(doc) {
            *score += most;
        }
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
