//! How likely a hit answers: a logistic model over features that compare between queries, with
//! coefficients that the builder fits on the index's own phrasings.

use super::index::Index;
use super::params::CALIBRATION_LEN;
use super::query::Query;
use super::rank::Candidate;

/// The features of the candidate at `place`, the first being the constant one.
pub fn features(
    index: &Index,
    query: &Query,
    top: &[Candidate],
    place: usize,
) -> [f32; CALIBRATION_LEN] {
    let score = top.get(place).map_or(0.0, |c| c.score);
    let known: f32 = query
        .clues
        .iter()
        .filter(|c| !c.matches.is_empty())
        .map(|c| c.info)
        .sum();
    let unknown: f32 = query
        .clues
        .iter()
        .filter(|c| c.matches.is_empty())
        .map(|c| c.info)
        .sum();
    let all = (known + unknown).max(1e-6);
    let rival = top
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != place)
        .map(|(_, c)| c.score)
        .fold(0.0, f32::max);
    let margin = (score - rival) / score.max(1e-6);
    let _ = index;
    [
        1.0,
        score / all,
        score.max(1e-3).ln(),
        margin.clamp(-1.0, 1.0),
        known / all,
    ]
}

/// The confidence of each candidate.
pub fn of(index: &Index, query: &Query, top: &[Candidate]) -> Vec<f32> {
    (0..top.len())
        .map(|place| {
            let sum: f32 = features(index, query, top, place)
                .iter()
                .zip(&index.meta.calibration)
                .map(|(f, c)| f * c)
                .sum();
            1.0 / (1.0 + (-sum).exp())
        })
        .collect()
}
