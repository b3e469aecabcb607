//! Marking what matches, in the text as it is written.

use super::han::Han;
use super::index::Index;
use super::params::{
    BODY_INFO_FLOOR, FUNCTION_WORD_INFO, INFO_FLOOR, INFO_STEP, MARK_MIN, SNIPPET_CHARS,
};
use super::query::Query;
use super::result::Run;
use super::text::fold::{Class, class};
use super::text::function::is_function_word;
use super::text::segment::{Kind, Token, tokenize};
use super::text::stem::stem;
use crate::list::Gather;

/// What to mark for one query.
pub struct Highlighter<'a> {
    han: Han<'a>,
    /// The stems that match, sorted, with what each tells apart.
    marks: Vec<(String, f32)>,
    /// The first characters of them, as bits of their low halves: what has none is not looked up.
    firsts: u64,
    /// The unfinished last word: only its typed beginning is marked.
    unfinished: Option<&'a str>,
    /// Whether it marks the beginnings of words: "in" beside "sign" does not.
    begins: bool,
    /// Words below this are too common to be worth a mark.
    info_min: f32,
    /// The words of the query, corrected, as stems.
    asked: Vec<String>,
}

/// A stretch of text that is marked.
struct Span {
    start: usize,
    /// 0 where nothing is marked yet.
    end: usize,
    /// What it is worth.
    info: f32,
}

impl<'a> Highlighter<'a> {
    /// Prepares the marks of `query`.
    pub fn new(index: &'a Index, query: &'a Query) -> Self {
        let (mut marks, mut firsts): (Vec<(String, f32)>, u64) = (Vec::new(), 0);
        let unfinished = query.unfinished.as_deref();
        // What a word may become that is one already, or a character that follows another, is marked by itself
        // as far as it is typed.
        let clues = query.clues.iter().filter(|clue| !clue.derived);
        let told = clues.flat_map(|clue| {
            let known = clue.matches.iter().any(|found| found.exact);
            let matches = clue.matches.iter();
            let told = matches.filter(move |found| found.exact || !known);
            told.map(|found| (found, clue.asks))
        });
        for (found, asks) in told {
            let word = index.dicts().iter().find_map(|dict| dict.word(found.term));
            let Some(stem) = word.map(|word| stem(&word).into_owned()) else {
                continue;
            };
            if let Err(at) = marks.binary_search_by(|(mark, _)| mark.as_str().cmp(&stem)) {
                let in_titles = index.postings(found.term).map(|p| (p.info, INFO_FLOOR));
                let in_bodies = index
                    .body_postings(found.term)
                    .map(|p| (p.info, BODY_INFO_FLOOR));
                let above = |(info, floor): (u8, f32)| f32::from(info) * INFO_STEP - floor;
                let mut info = in_titles.or(in_bodies).map_or(0.0, above);
                match stem.chars().next() {
                    Some(first) if class(first) == Class::Ideograph => {
                        if !found.exact && unfinished.is_some_and(|typed| stem.starts_with(typed)) {
                            continue;
                        }
                    }
                    // "It" is rare in titles, and in every body.
                    _ => info = info.min(in_bodies.map_or(f32::MAX, above)),
                }
                if asks {
                    info *= FUNCTION_WORD_INFO;
                }
                firsts |= first_bit(&stem);
                marks.insert(at, (stem, info));
            }
        }
        let most = marks.iter().fold(0f32, |most, &(_, info)| most.max(info));
        let asked = query.tokens.iter().enumerate().map(|(at, token)| {
            let corrected = query.corrections.iter().find(|(token, _)| *token == at);
            stem(corrected.map_or(&token.text, |(_, word)| word)).into_owned()
        });
        let info_min = most * MARK_MIN;
        let is_common = |typed: &str| {
            let mark = marks.iter().find(|(mark, _)| is_same(typed, mark));
            mark.is_some_and(|&(_, info)| info < info_min)
        };
        Self {
            han: index.han(),
            begins: !unfinished.is_some_and(is_common),
            marks,
            firsts,
            unfinished,
            info_min,
            asked: asked.listed(),
        }
    }

    /// `text` cut at its matches.
    pub fn runs(&self, text: &str) -> Vec<Run> {
        let mut runs = Vec::new();
        cut(&mut runs, text, 0, text.len(), &self.spans(text));
        runs
    }

    /// The part of `text` around its densest matches, cut at them.
    pub fn snippet(&self, text: &str) -> Vec<Run> {
        let spans = self.spans(text);
        let mut best = (0.0, 0);
        for (at, first) in spans.iter().enumerate() {
            let end = char_offset(text, first.start, SNIPPET_CHARS).max(first.end);
            let inside = spans[at..].iter().take_while(|span| span.end <= end);
            let sum: f32 = inside.map(|span| span.info).sum();
            if sum > best.0 {
                best = (sum, first.start);
            }
        }
        // Begin a little before the first match, or with the last of the text, at a border between words.
        let mut start = best.1;
        let lead = char_offset_back(text, start, SNIPPET_CHARS / 5).min(char_offset_back(
            text,
            text.len(),
            SNIPPET_CHARS,
        ));
        if lead == 0 {
            start = 0;
        } else if let Some(space) = part(text, lead, start).find(is_break) {
            start = lead
                + space
                + part(text, lead + space, text.len())
                    .chars()
                    .next()
                    .map_or(1, char::len_utf8);
        }
        let mut end = char_offset(text, start, SNIPPET_CHARS);
        if end < text.len()
            && let Some(space) = part(text, start, end).rfind(is_break)
            && space * 2 > end - start
        {
            end = start + space;
        }
        let mut runs = Vec::new();
        push(&mut runs, if start > 0 { "…" } else { "" }, false);
        cut(&mut runs, text, start, end, &spans);
        push(&mut runs, if end < text.len() { "…" } else { "" }, false);
        runs
    }

    /// The marked spans in order, without overlaps.
    fn spans(&self, text: &str) -> Vec<Span> {
        let tokens = tokenize(text, &|c| self.han.simplify(c));
        let unmarked = |token: &Token| Span {
            start: token.start,
            end: 0,
            info: 0.0,
        };
        let mut marks = tokens.iter().map(unmarked).listed();
        let mut has_pair = false;
        for (at, token) in tokens.iter().enumerate() {
            if let Some(next) = tokens.get(at + 1).filter(|next| token.pairs_with(next))
                && let Some(info) = self.info(&token.pair(next))
            {
                has_pair = true;
                marks[at].end = token.end;
                marks[at].info += info;
                marks[at + 1].end = next.end;
            }
        }
        for (token, mark) in tokens.iter().zip(&mut marks) {
            // What a single character says the pairs have said.
            if !(has_pair && token.kind == Kind::Ideograph)
                && let Some((end, info)) = self.word_mark(token, text)
            {
                mark.end = end;
                mark.info += info;
            }
        }
        self.mark_phrases(text, &tokens, &mut marks);
        let mut spans: Vec<Span> = Vec::new();
        for mut mark in marks.into_iter().filter(|mark| mark.end > 0) {
            // A code comes after its parts, and holds them.
            while let Some(last) = spans.pop_if(|last| last.end >= mark.start) {
                mark.start = mark.start.min(last.start);
                mark.info += last.info;
            }
            spans.push(mark);
        }
        spans
    }

    /// Marks as one what stands in a row here and in the query, with a word that is marked: but for words that only
    /// ask at its ends, unless it is the whole query or the whole text.
    fn mark_phrases(&self, text: &str, tokens: &[Token], marks: &mut [Span]) {
        // For each word of the query how many in a row end with it at the token before.
        let mut rows = vec![0; self.asked.len() + 1];
        let whole = tokens.len().min(self.asked.len());
        let mut before = 0;
        for (at, token) in tokens.iter().enumerate() {
            let near = part(text, before, token.start)
                .bytes()
                .all(|byte| byte == b' ');
            before = token.end;
            for (place, asked) in self.asked.iter().enumerate().rev() {
                let is_whole = is_same(&token.text, asked);
                if is_whole && marks[at].end > 0 {
                    marks[at].end = token.end;
                }
                let typed = self.unfinished.filter(|_| place + 1 == self.asked.len());
                rows[place + 1] =
                    match is_whole || typed.is_some_and(|typed| token.text.starts_with(typed)) {
                        true if near => rows[place] + 1,
                        same => usize::from(same),
                    };
                let row = rows[place + 1];
                let begin = at + 1 - row;
                if !(begin..=at).any(|at| marks[at].end > 0) {
                    continue;
                }
                let stays = |at: usize| {
                    row == whole || marks[at].end > 0 || !is_function_word(&tokens[at].text)
                };
                let Some(first) = (begin..=at).find(|&at| stays(at)).filter(|_| stays(at)) else {
                    continue;
                };
                for at in first..at {
                    marks[at].end = tokens[at + 1].start;
                }
                if marks[at].end == 0 {
                    marks[at].end = match typed.filter(|_| !is_whole) {
                        Some(typed) => typed_end(text, token, typed),
                        None => token.end,
                    };
                }
            }
        }
    }

    fn word_mark(&self, token: &Token, text: &str) -> Option<(usize, f32)> {
        if let Some(typed) = self
            .unfinished
            .filter(|_| self.begins && token.kind == Kind::Word)
            && token.text.starts_with(typed)
        {
            return Some((
                typed_end(text, token, typed),
                self.info(&token.text).unwrap_or(self.info_min),
            ));
        }
        Some((token.end, self.info(&token.text)?))
    }

    fn info(&self, word: &str) -> Option<f32> {
        if self.firsts & first_bit(word) == 0 {
            return None;
        }
        let stem = stem(word);
        let at = self
            .marks
            .binary_search_by(|(mark, _)| mark.as_str().cmp(&stem))
            .ok()?;
        Some(self.marks[at].1).filter(|&info| info >= self.info_min)
    }
}

/// Where that much of a token ends.
fn typed_end(text: &str, token: &Token, typed: &str) -> usize {
    char_offset(text, token.start, typed.chars().count()).min(token.end)
}

/// Whether a word has this stem.
fn is_same(word: &str, asked: &str) -> bool {
    word.bytes().next() == asked.bytes().next() && *stem(word) == *asked
}

/// Stems keep the first character of their words.
fn first_bit(word: &str) -> u64 {
    word.chars().next().map_or(0, |c| 1 << (c as u32 % 64))
}

/// Slices without the machinery of a failed slice; offsets come from the text itself.
fn part(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap_or("")
}

fn is_break(c: char) -> bool {
    matches!(c, ' ' | '，' | '。' | '；' | '、' | '！' | '？')
}

fn char_offset(text: &str, from: usize, chars: usize) -> usize {
    part(text, from, text.len())
        .char_indices()
        .nth(chars)
        .map_or(text.len(), |(at, _)| from + at)
}

fn char_offset_back(text: &str, from: usize, chars: usize) -> usize {
    part(text, 0, from)
        .char_indices()
        .rev()
        .nth(chars)
        .map_or(0, |(at, _)| at)
}

fn cut(runs: &mut Vec<Run>, text: &str, start: usize, end: usize, spans: &[Span]) {
    let mut at = start;
    for span in spans {
        let (from, to) = (span.start.clamp(at, end), span.end.clamp(at, end));
        push(runs, part(text, at, from), false);
        push(runs, part(text, from, to), true);
        at = to;
    }
    push(runs, part(text, at, end), false);
}

fn push(runs: &mut Vec<Run>, text: &str, marked: bool) {
    if !text.is_empty() {
        runs.push(Run {
            text: text.to_owned(),
            marked,
        });
    }
}
