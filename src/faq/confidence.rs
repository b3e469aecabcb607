//! How likely a hit answers: a logistic model over features that compare between queries.
//!
//! Scores are in units of the softmax that the weights were learned with, for a query of length one, so
//! the margin over the nearest rival is a ratio of odds between the two. How much of the query the
//! articles know at all, and how much of it this one covers, tell a query without an answer.

use super::params::{CALIBRATION_LEN, MARGIN_MAX};
use super::query::Query;
use super::rank::Candidate;
use crate::list::Gather;

/// The features of the candidate at `place`: a constant, the margin, the share of the query's information
/// that it covers, the share that any article knows.
fn features(query: &Query, top: &[Candidate], place: usize) -> [f32; CALIBRATION_LEN] {
    let covers = top.get(place).map_or(0, |candidate| candidate.covers);
    let score = top.get(place).map_or(0.0, |candidate| candidate.score);
    let rivals = top.iter().enumerate().filter(|(at, _)| *at != place);
    let rival = rivals.map(|(_, other)| other.score).fold(0.0, f32::max);
    let (mut all, mut known, mut covered) = (0.0, 0.0, 0.0);
    for clue in &query.clues {
        let Some(bit) = clue.bit else { continue };
        all += clue.info;
        if clue.matches.iter().any(|found| found.exact) {
            known += clue.info;
        }
        if covers & (1 << bit) != 0 {
            covered += clue.info;
        }
    }
    let all = f32::max(all, 1e-6);
    [
        1.0,
        (score - rival).clamp(-MARGIN_MAX, MARGIN_MAX),
        covered / all,
        known / all,
    ]
}

/// The confidence of each candidate.
pub fn of(calibration: &[f32], query: &Query, top: &[Candidate]) -> Vec<f32> {
    let confidence = |place: usize| {
        let sum: f32 = features(query, top, place)
            .iter()
            .zip(calibration)
            .map(|(f, c)| f * c)
            .sum();
        1.0 / (1.0 + (-sum).exp())
    };
    (0..top.len()).map(confidence).listed()
}
