//! How likely a hit answers: a logistic model over features that compare between queries.
//!
//! Scores are in units of the softmax that the weights were learned with, for a query of length one, so
//! the margin over the nearest rival is a ratio of odds between the two. How much of the query the
//! articles know at all, and how much of it this one covers, tell a query without an answer.

use super::params::{CALIBRATION_LEN, FUNCTION_WORD_INFO, MARGIN_MAX};
use super::query::Query;
use super::rank::Candidate;
use crate::list::Gather;

/// The features of a candidate: a constant, the margin over the best of the others as far as the query is
/// covered, the share of the query's information that it covers, the share that any article knows.
fn features(query: &Query, candidate: &Candidate, rival: f32) -> [f32; CALIBRATION_LEN] {
    let (mut all, mut known, mut covered) = (0.0, 0.0, 0.0);
    for clue in &query.clues {
        // What stands for words of the query beside them has no length of its own.
        let Some(bit) = clue.bit.filter(|_| clue.length > 0.0) else {
            continue;
        };
        let info = if clue.asks {
            clue.info * FUNCTION_WORD_INFO
        } else {
            clue.info
        };
        all += info;
        if clue.matches.iter().any(|found| found.exact) {
            known += info;
        }
        if candidate.covers & (1 << bit) != 0 {
            covered += info;
        }
    }
    let all = f32::max(all, 1e-6);
    let (covered, known) = (covered / all, known / all);
    // Among few articles one may be far ahead by "how do I" alone.
    let margin = (candidate.score - rival).clamp(-MARGIN_MAX, MARGIN_MAX) * covered;
    [1.0, margin, covered, known]
}

/// The confidence of the first `count` candidates.
pub fn of(calibration: &[f32], query: &Query, top: &[Candidate], count: usize) -> Vec<f32> {
    // The greatest score and the next.
    let (mut most, mut next) = (0.0, 0.0);
    for candidate in top {
        if candidate.score > most {
            (most, next) = (candidate.score, most);
        } else if candidate.score > next {
            next = candidate.score;
        }
    }
    let confidence = |candidate: &Candidate| {
        let rival = if candidate.score == most { next } else { most };
        let sum: f32 = features(query, candidate, rival)
            .iter()
            .zip(calibration)
            .map(|(f, c)| f * c)
            .sum();
        1.0 / (1.0 + (-sum).exp())
    };
    top.iter().take(count).map(confidence).listed()
}
