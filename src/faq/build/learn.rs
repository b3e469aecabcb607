//! Learning which features tell articles apart, from their own phrasings and the log.
//!
//! The model is linear: the score of an article is the sum of its weights over the features of the query,
//! plus a bias. It starts at the centroid of the article's phrasings and takes a few passes of
//! stochastic gradient steps on the softmax against the hardest rivals. Only weights of features that an
//! article has are learned, so that the index does not grow, and time is linear in the text.

use super::super::params::*;
use super::features::{Features, Vector, Vectors};
use core::ops::Range;
use libm::expf;

/// What was learned.
pub struct Model {
    /// Features of all articles, article by article, each article's in order.
    features: Vec<u32>,
    /// Their weights.
    weights: Vec<f32>,
    /// Where each article's begin; one more at the end.
    starts: Vec<usize>,
    /// What each article's score starts from.
    pub bias: Vec<f32>,
}

impl Model {
    fn range(&self, doc: u32) -> Range<usize> {
        self.starts[doc as usize]..self.starts[doc as usize + 1]
    }

    /// Features and weights of one article.
    pub fn of(&self, doc: usize) -> impl Iterator<Item = (u32, f32)> {
        let range = self.range(doc as u32);
        self.features[range.clone()]
            .iter()
            .copied()
            .zip(self.weights[range].iter().copied())
    }
}

/// Learns from `vectors`, which are sorted by article.
pub fn learn(features: &Features, vectors: &Vectors, docs: usize) -> Model {
    let mut model = start(features, vectors, docs);
    let work = (RIVALS_WORK / vectors.len().max(1)).clamp(RIVALS_WORK_MIN, RIVALS_WORK_MAX);
    let most = (RIVALS / vectors.len().max(1)).clamp(RIVALS_MIN, RIVALS_MAX);
    let mut search = RivalSearch::new(&model, features, most, work);
    let lessons = vectors
        .iter()
        .map(|vector| Lesson::of(&model, vector, search.rivals(vector)));
    let lessons: Vec<Lesson> = lessons.collect();
    drop(search);
    let mut scores = Vec::new();
    // A stride coprime to the count visits every phrasing once, far from its neighbours.
    let stride = coprime_stride(vectors.len());
    for pass in 0..LEARN_PASSES {
        let rate = LEARN_RATE / (1.0 + pass as f32 * LEARN_RATE_DECAY);
        let mut at = pass * 7919 % vectors.len().max(1);
        for _ in 0..vectors.len() {
            lessons[at].take(&mut model, vectors.get(at), rate, &mut scores);
            at = (at + stride) % vectors.len();
        }
    }
    model
}

fn coprime_stride(count: usize) -> usize {
    let gcd = |mut a: usize, mut b: usize| {
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    let mut stride = count * 5 / 8 + 1;
    while gcd(stride, count.max(1)) != 1 {
        stride += 1;
    }
    stride
}

/// Where learning starts: the sums of each article's phrasings, brought to one length, and for words their
/// presence by itself, which is what the same words in a body are compared with.
fn start(features: &Features, vectors: &Vectors, docs: usize) -> Model {
    let mut model = Model {
        features: Vec::new(),
        weights: Vec::new(),
        starts: vec![0],
        bias: vec![0.0; docs],
    };
    let mut all: Vec<(u32, f32)> = Vec::new();
    for (own, weights) in vectors.by_article() {
        all.clear();
        all.extend(own.iter().copied().zip(weights.iter().copied()));
        all.sort_by_key(|&(feature, _)| feature);
        let norm = sums(&all)
            .map(|(_, sum, _)| sum * sum)
            .sum::<f32>()
            .sqrt()
            .max(1e-6);
        for (feature, sum, count) in sums(&all) {
            let presence = features
                .presence
                .get(feature as usize)
                .copied()
                .unwrap_or(0.0);
            let repeated = count * (K1 + 1.0) / (count + K1);
            model.features.push(feature);
            model
                .weights
                .push(sum * PRIOR_WEIGHT / norm + presence * repeated);
        }
        model.starts.push(model.features.len());
    }
    model
}

/// For each feature of sorted entries its sum and in how many phrasings it is.
fn sums(entries: &[(u32, f32)]) -> impl Iterator<Item = (u32, f32, f32)> {
    entries.chunk_by(|a, b| a.0 == b.0).map(|same| {
        (
            same[0].0,
            same.iter().map(|(_, weight)| weight).sum(),
            same.len() as f32,
        )
    })
}

/// Finds the articles that the start confuses a phrasing with most.
struct RivalSearch {
    /// Articles and weights, feature by feature, and where each feature's begin.
    postings: Vec<(u32, f32)>,
    starts: Vec<usize>,
    most: usize,
    work: usize,
    scores: Vec<f32>,
    touched: Vec<u32>,
}

impl RivalSearch {
    fn new(model: &Model, features: &Features, most: usize, work: usize) -> Self {
        let mut starts = vec![0usize; features.len() + 1];
        model
            .features
            .iter()
            .for_each(|&feature| starts[feature as usize + 1] += 1);
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut postings = vec![(0, 0.0); model.features.len()];
        for doc in 0..model.bias.len() {
            for (feature, weight) in model.of(doc) {
                postings[next[feature as usize]] = (doc as u32, weight);
                next[feature as usize] += 1;
            }
        }
        let scores = vec![0.0; model.bias.len()];
        Self {
            postings,
            starts,
            most,
            work,
            scores,
            touched: Vec::new(),
        }
    }

    /// The worst rivals of a phrasing. Not inlined: see `Lesson::take`.
    #[inline(never)]
    fn rivals(&mut self, vector: Vector<'_>) -> &[u32] {
        self.touched.clear();
        // The rarest features first, until the work is enough: common ones hardly tell rivals apart.
        let count =
            |feature: u32| self.starts[feature as usize + 1] - self.starts[feature as usize];
        let features = vector.features.iter().zip(vector.weights);
        let mut entries: Vec<(usize, u32, f32)> =
            features.map(|(&f, &x)| (count(f), f, x)).collect();
        entries.sort_unstable_by_key(|&(count, feature, _)| (count, feature));
        let mut work = 0;
        for (count, feature, x) in entries {
            work += count;
            if work > self.work && self.touched.len() > self.most {
                break;
            }
            let start = self.starts[feature as usize];
            for &(doc, weight) in &self.postings[start..start + count] {
                if self.scores[doc as usize] == 0.0 {
                    self.touched.push(doc);
                }
                self.scores[doc as usize] += x * weight;
            }
        }
        let (scores, own) = (&mut self.scores, vector.doc);
        scores[own as usize] = 0.0;
        self.touched.retain(|&doc| doc != own);
        if self.touched.len() > self.most {
            self.touched.select_nth_unstable_by(self.most, |a, b| {
                scores[*b as usize]
                    .total_cmp(&scores[*a as usize])
                    .then(a.cmp(b))
            });
        }
        self.touched
            .iter()
            .for_each(|&doc| scores[doc as usize] = 0.0);
        &self.touched[..self.touched.len().min(self.most)]
    }
}

/// A phrasing's own article and its rivals, with the places of the weights that they share: found once, used in
/// every pass.
struct Lesson {
    /// Articles, own first, and where their shared weights end.
    rivals: Box<[(u32, u32)]>,
    /// Places of weights among the article's, and of the feature in the phrasing.
    shared: Box<[(u16, u16)]>,
}

impl Lesson {
    /// Not inlined: see `take`.
    #[inline(never)]
    fn of(model: &Model, vector: Vector<'_>, others: &[u32]) -> Self {
        let (mut shared, mut rivals) = (Vec::new(), Vec::with_capacity(others.len() + 1));
        let mut own_score = 0.0;
        for (place, &doc) in core::iter::once(&vector.doc).chain(others).enumerate() {
            let begin = shared.len();
            let mut score = 0.0;
            let range = model.range(doc);
            let (features, weights) = (&model.features[range.clone()], &model.weights[range]);
            let mut at = 0;
            for (entry, (&feature, &x)) in vector.features.iter().zip(vector.weights).enumerate() {
                while features.get(at).is_some_and(|&other| other < feature) {
                    at += 1;
                }
                // Features beyond what two bytes number are not learned.
                let place = u16::try_from(at).ok().zip(u16::try_from(entry).ok());
                if let Some(place) = place
                    && features.get(at) == Some(&feature)
                {
                    shared.push(place);
                    score += x * weights[at];
                }
            }
            if place == 0 {
                own_score = score;
            } else if score == own_score {
                // The same text twice: there is nothing to tell apart, and weight shall decide.
                shared.truncate(begin);
                continue;
            }
            rivals.push((doc, shared.len() as u32));
        }
        Self {
            rivals: rivals.into(),
            shared: shared.into(),
        }
    }

    /// For each article the places that it shares with the phrasing.
    fn places(&self) -> impl Iterator<Item = (u32, &[(u16, u16)])> {
        let mut start = 0;
        self.rivals.iter().map(move |&(doc, end)| {
            let own = &self.shared[start as usize..end as usize];
            start = end;
            (doc, own)
        })
    }

    /// One step. Not inlined: a WebAssembly engine swaps its first, slow translation of a function for the fast
    /// one between two calls, never in the middle of the only one.
    #[inline(never)]
    fn take(&self, model: &mut Model, vector: Vector<'_>, rate: f32, scores: &mut Vec<f32>) {
        scores.clear();
        for (doc, places) in self.places() {
            let weights = &model.weights[model.range(doc)];
            let each = places.iter();
            let sum: f32 = each
                .map(|&(at, place)| weights[usize::from(at)] * vector.weights[usize::from(place)])
                .sum();
            scores.push(sum + model.bias[doc as usize]);
        }
        let most = scores.iter().copied().fold(f32::MIN, f32::max);
        let total: f32 = scores.iter().map(|score| expf(score - most)).sum();
        for (place, (doc, places)) in self.places().enumerate() {
            let own = if place == 0 { 1.0 } else { 0.0 };
            let error = expf(scores[place] - most) / total - own;
            if error.abs() > ERROR_MIN {
                let range = model.range(doc);
                let weights = &mut model.weights[range];
                for &(at, place) in places {
                    weights[usize::from(at)] -= rate * error * vector.weights[usize::from(place)];
                }
                model.bias[doc as usize] -= rate * BIAS_RATE * error;
            }
        }
    }
}
