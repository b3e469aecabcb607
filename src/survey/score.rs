//! Scores of answers: how satisfied (CSAT), how likely to recommend (NPS), how easy (CES), each with
//! the number of answers and a 95% interval. What cannot be said is absent, never 0.

use macro_rules_attribute::apply;

use crate::plain;
use crate::typescript::client_ts;

/// The normal distribution's two-sided 95%.
const Z: f64 = 1.959_963_984_540_054;
/// Below so many answers an interval says little.
const FEW: u32 = 30;

/// A score. Percentages for CSAT and NPS, points for CES.
#[apply(client_ts!)]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    /// `null` where nobody answered.
    pub value: Option<f64>,
    /// The interval's lower end; `null` where it has no width.
    pub low: Option<f64>,
    /// The interval's upper end.
    pub high: Option<f64>,
    /// Answers that count; who dismissed the question is not among them.
    pub n: u32,
    /// Whether there are too few answers (or they are all alike) for the interval to mean much.
    pub few: bool,
    /// CES only: the share of the upper points less that of the lower, in percent.
    pub index: Option<f64>,
}

/// Wilson's interval for `k` of `n`, as shares of 1; `None` where there is nothing.
pub fn wilson(k: u32, n: u32) -> Option<(f64, f64)> {
    if n == 0 {
        return None;
    }
    let (k, n) = (f64::from(k), f64::from(n));
    let p = k / n;
    let middle = p + Z * Z / (2.0 * n);
    let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let whole = 1.0 + Z * Z / n;
    Some((
        ((middle - half) / whole).max(0.0),
        ((middle + half) / whole).min(1.0),
    ))
}

/// CSAT: the share of answers in the top boxes. `answers` are points of a scale of so many.
pub fn csat(answers: &[u8], points: u8) -> Score {
    // The upper two boxes, of two or three points the upper one; the middle stays in the denominator.
    let top = if points <= 3 { points } else { points - 1 };
    let k = answers.iter().filter(|answer| **answer >= top).count() as u32;
    let n = answers.len() as u32;
    let ends = wilson(k, n);
    Score {
        value: share(k, n),
        low: ends.map(|(low, _)| 100.0 * low),
        high: ends.map(|(_, high)| 100.0 * high),
        n,
        few: n < FEW,
        index: None,
    }
}

/// NPS of answers from 0 to 10: promoters (9, 10) less detractors (0 to 6), of a hundred.
pub fn nps(answers: &[u8]) -> Score {
    let n = answers.len() as u32;
    let promoters = answers.iter().filter(|answer| **answer >= 9).count() as u32;
    let detractors = answers.iter().filter(|answer| **answer <= 6).count() as u32;
    if n == 0 {
        return Score {
            few: true,
            ..Score::default()
        };
    }
    let (p, d) = (
        f64::from(promoters) / f64::from(n),
        f64::from(detractors) / f64::from(n),
    );
    let margin = 100.0 * Z * ((p + d - (p - d) * (p - d)) / f64::from(n)).max(0.0).sqrt();
    around(100.0 * (p - d), margin, n, None)
}

/// CES: the mean of 1 to `points`, and its index: on seven points the share of 6 and 7 less that of
/// 1 to 3; on five that of 4 and 5 less that of 1 and 2.
pub fn ces(answers: &[u8], points: u8) -> Score {
    let n = answers.len() as u32;
    if n == 0 {
        return Score {
            few: true,
            ..Score::default()
        };
    }
    let whole = f64::from(n);
    let (easy, hard) = if points == 7 { (6, 3) } else { (4, 2) };
    let (mut sum, mut index) = (0.0, 0.0);
    for answer in answers {
        sum += f64::from(*answer);
        index += f64::from(i8::from(*answer >= easy) - i8::from(*answer <= hard));
    }
    let mean = sum / whole;
    let mut squares = 0.0;
    for answer in answers {
        squares += (f64::from(*answer) - mean) * (f64::from(*answer) - mean);
    }
    let margin = if n > 1 {
        Z * (squares / (whole - 1.0) / whole).sqrt()
    } else {
        0.0
    };
    around(mean, margin, n, Some(100.0 * index / whole))
}

fn around(value: f64, margin: f64, n: u32, index: Option<f64>) -> Score {
    let known = margin > 0.0;
    Score {
        value: Some(value),
        low: known.then_some(value - margin),
        high: known.then_some(value + margin),
        n,
        few: n < FEW || !known,
        index,
    }
}

/// `k` of `n` in percent; `None` of nothing.
pub fn share(k: u32, n: u32) -> Option<f64> {
    (n > 0).then(|| 100.0 * f64::from(k) / f64::from(n))
}

plain!(view Score { value, low, high, n, few, index });
