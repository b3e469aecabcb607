//! From clues to ranked articles: weighted sums over postings, then a close look at the best.

use super::best::{Best, Entry, arrange, doc_of, order, score_of};
use super::body;
use super::closeness::Closeness;
use super::format::bytes::Cursor;
use super::format::table::Table;
use super::index::{Index, Postings, bodies};
use super::neighbours::Neighbours;
use super::params::*;
use super::query::{Clue, Query};
use crate::list::Gather;
use crate::richtext::Block;

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
    let counts = index.body_section(bodies::PASSAGE_COUNTS);
    // Where bodies have several passages, what each says as a whole, and whose each passage is.
    let (mut wholes, mut owners) = (Vec::new(), Vec::new());
    if counts.iter().any(|&count| count > 1) {
        wholes.resize(index.len(), 0.0);
        for (doc, &count) in counts.iter().enumerate().take(index.len()) {
            owners.resize(owners.len() + usize::from(count), doc as u32);
        }
    }
    for clue in &query.clues {
        let (front, body) = match clue.asks {
            true => (ASKING_FRONT_WEIGHT, ASKING_BODY_WEIGHT),
            false => (1.0, 1.0),
        };
        let step = front * index.meta.step / query.norm;
        say(clue, step, &|term| index.postings(term), &mut |said| {
            said.add(&mut sums)
        });
        if !passages.is_empty() && !clue.derived {
            let step = body * index.meta.body_step / query.norm;
            say(clue, step, &|term| index.body_postings(term), &mut |said| {
                said.add(&mut passages);
                said.add_wholes(&mut wholes, &owners);
            });
        }
    }
    // Of a few known keywords, the bits that an article must have to come first.
    let keywords = query.exact_bits();
    let is_whole = |covers: u32| keywords.is_some_and(|bits| covers & bits == bits);
    let biases = index.biases();
    let step = index.meta.bias_step;
    let of_body = |doc: usize, best: f32| match wholes.get(doc) {
        Some(whole) => best + WHOLE_BODY_SHARE * (whole - best),
        None => best,
    };
    // An article has what its title and phrasings gathered, its best passage, and its body as a whole.
    let gathered = |doc: usize, first: usize| {
        let (mut sum, mut most, mut best) = (sums[doc], Sum::default(), None);
        for (at, &passage) in passages
            .iter()
            .enumerate()
            .skip(first)
            .take(usize::from(byte_of(counts, doc)))
        {
            if passage.score > most.score {
                (most, best) = (passage, Some(at));
            }
        }
        sum.score += of_body(doc, most.score);
        sum.covers |= most.covers;
        let any = sum.score > 0.0;
        sum.score += f32::from(byte_of(biases, doc) as i8) * step;
        any.then_some((sum, best))
    };
    let select = |admits: &dyn Fn(usize) -> bool| {
        let mut best = Best::new(limit);
        let (mut least, mut floor, mut passage) = (0, f32::NEG_INFINITY, 0);
        for (doc, sum) in sums.iter().enumerate() {
            let first = passage;
            // Most articles are out of the running by their score alone.
            let mut most = 0.0;
            for _ in 0..usize::from(byte_of(counts, doc)) {
                if let Some(passage) = passages.get(passage)
                    && passage.score > most
                {
                    most = passage.score;
                }
                passage += 1;
            }
            if sum.score + of_body(doc, most) + f32::from(byte_of(biases, doc) as i8) * step < floor
            {
                continue;
            }
            let Some((sum, _)) = gathered(doc, first) else {
                continue;
            };
            let order = order(is_whole(sum.covers), sum.score, doc);
            if order <= least || !admits(doc) {
                continue;
            }
            let passage = first as u32;
            if let Some(last) = best.offer(Entry { order, passage }) {
                least = last;
                if keywords.is_none() {
                    floor = score_of(least);
                }
            }
        }
        best.sorted()
    };
    // Few searches leave anything out, and asking each article in the running costs as much as its words.
    let mut best = select(&|_| true);
    if !best.iter().all(|entry| admits(doc_of(entry.order))) {
        best = select(admits);
    }
    let candidates = best.into_iter().filter_map(|Entry { order, passage }| {
        let doc = doc_of(order);
        let (sum, passage) = gathered(doc, passage as usize)?;
        Some(Candidate {
            doc,
            score: sum.score,
            passage,
            covers: sum.covers,
        })
    });
    let mut top: Vec<Candidate> = candidates.listed();
    let titled = |doc: usize| sums.get(doc).map_or(0, |sum| sum.covers);
    look_closely(index, query, &mut top, passages.is_empty(), &titled);
    let key = |c: &Candidate| (is_whole(c.covers), c.score);
    arrange(&mut top, &|a, b| key(a) > key(b));
    if !wholes.is_empty() {
        let neighbours = Neighbours::of(query);
        for candidate in top.iter_mut().take(NEIGHBOURS_READ) {
            if let Some(passage) = candidate.passage {
                let text = || index.passage_text(candidate.doc, passage);
                candidate.score += NEIGHBOURS_WEIGHT * neighbours.share_in(&text);
            }
        }
        arrange(&mut top, &|a, b| key(a) > key(b));
    }
    top
}

/// An article's byte in a section that has one of each.
#[inline(always)]
fn byte_of(bytes: &[u8], doc: usize) -> u8 {
    bytes.get(doc).copied().unwrap_or(0)
}

/// What is asked of the best only: how near their titles are to the query as it was typed and, where bodies
/// take part, how much of the query they cover.
fn look_closely(
    index: &Index,
    query: &Query,
    top: &mut [Candidate],
    without_bodies: bool,
    titled: &dyn Fn(usize) -> u32,
) {
    let (closeness, han) = (Closeness::of(query), index.han());
    let all = query.covered(u32::MAX).max(1e-6);
    for candidate in top {
        let title = index.doc(candidate.doc).map_or("", |doc| doc.title());
        let (kept, length) = closeness.to(title, &|c| han.simplify(c));
        let nearness = ((kept - CLOSENESS_MIN) / (1.0 - CLOSENESS_MIN)).max(0.0);
        candidate.score += nearness * (CLOSENESS_WEIGHT + CLOSENESS_LENGTH_WEIGHT * length);
        if !without_bodies {
            let covered = query.covered(candidate.covers)
                + TITLE_COVER_SHARE * query.covered(titled(candidate.doc));
            candidate.score += index.meta.cover * covered / all;
        }
    }
}

/// Weights are stored as square roots, so that few levels serve small and large ones.
#[inline(always)]
fn squared(level: u8) -> f32 {
    f32::from(u16::from(level) * u16::from(level))
}

/// What one match of a clue says of each article or passage that has it.
struct Said<'i> {
    postings: Postings<'i>,
    factor: f32,
    floor: f32,
    covers: u32,
    exact: bool,
}

impl Said<'_> {
    fn add(&self, sums: &mut [Sum]) {
        self.postings.each(|at, level| {
            if let Some(sum) = sums.get_mut(at) {
                sum.score += self.factor * squared(level) + self.floor;
                sum.covers |= self.covers;
            }
        });
    }

    /// Adds to each article what its passages say: the one that says most, and a share of the others. A guess
    /// does not count for being repeated, so that the word itself stays ahead.
    fn add_wholes(&self, wholes: &mut [f32], owners: &[u32]) {
        let repeated = if self.exact { REPEATED_WORD_SHARE } else { 0.0 };
        let (mut owner, mut most) = (None, 0.0);
        self.postings.each(|at, level| {
            let own = owners.get(at).copied();
            let Some(whole) = own.and_then(|own| wholes.get_mut(own as usize)) else {
                return;
            };
            let score = self.factor * squared(level) + self.floor;
            if owner != own {
                (owner, most) = (own, 0.0);
            }
            *whole += repeated * score + (1.0 - repeated) * (score - most).max(0.0);
            most = f32::max(most, score);
        });
    }
}

/// Calls `hear` with what each match of a clue says. Where the word itself is known, whoever has it gets at least as
/// much as any guess can give, so that a guess never overtakes it.
fn say<'i>(
    clue: &Clue,
    step: f32,
    postings: &dyn Fn(u32) -> Option<Postings<'i>>,
    hear: &mut dyn FnMut(Said<'i>),
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
        hear(Said {
            postings,
            factor: found.weight * clue.count * step,
            floor: if found.exact {
                guesses * clue.count * step
            } else {
                0.0
            },
            covers: if found.exact || !known { bit } else { 0 },
            exact: found.exact,
        });
    }
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

    /// The text of a passage, headings set apart.
    pub(super) fn passage_text(&self, doc: usize, passage: usize) -> String {
        let mut text = String::new();
        if let Some(passage) = self.passage(passage) {
            let blocks = body::decode(self.article_bytes(doc), passage.block, passage.count);
            let mut was_heading = false;
            for block in &blocks {
                if was_heading {
                    text.push_str(" ·");
                }
                was_heading = matches!(block, Block::Heading { .. });
                body::plain_text(core::slice::from_ref(block), &mut text);
            }
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
