//! What an index answers: search, suggestions, popular and related articles, articles for a page.

use super::highlight::Highlighter;
use super::index::{Doc, Index, front};
use super::params::*;
use super::query::{Query, key_of};
use super::rank::{Candidate, rank};
use super::result::{Hit, Listed, Results, SearchOptions, Suggestion, Verdict};
use super::{confidence, format};
use crate::list::Gather;
use format::{bytes::Cursor, dict::Dict, table::Table};

/// Which articles take part in a search, and in which locale each is shown.
struct Scope<'i> {
    index: &'i Index,
    /// For each locale of the index its place in line; `None` where it is not spoken.
    ranks: Vec<Option<usize>>,
    /// Those of which an article must have one, where there are any.
    categories: Vec<usize>,
    tags: Vec<usize>,
    now_ms: f64,
}

impl<'i> Scope<'i> {
    /// `None` where the filters name nothing that exists.
    fn new(index: &'i Index, options: &SearchOptions) -> Option<Self> {
        let meta = &index.meta;
        let find = |names: &[String], wanted: &Option<String>| {
            let wanted = wanted.as_ref().map(|wanted| wanted.split('\n'));
            let Some(wanted) = wanted else {
                return Some(Vec::new());
            };
            let found = wanted.filter_map(|wanted| names.iter().position(|name| name == wanted));
            Some(found.listed()).filter(|found| !found.is_empty())
        };
        let line = options
            .locale
            .as_deref()
            .map(|locale| fallbacks(locale, &meta.default_locale));
        let ranks = meta.locales.iter().map(|locale| match &line {
            None => Some(0),
            Some(line) => {
                let at = line.iter().position(|wanted| speaks(locale, wanted))?;
                // The very locale comes before its regions.
                Some(2 * at + usize::from(line[at].len() != locale.len()))
            }
        });
        Some(Self {
            index,
            ranks: ranks.listed(),
            categories: find(&meta.categories, &options.category)?,
            tags: find(&meta.tags, &options.tag)?,
            now_ms: options.now_ms.unwrap_or(f64::NEG_INFINITY),
        })
    }

    fn rank_of(&self, doc: &Doc<'_>) -> Option<usize> {
        self.ranks.get(doc.locale).copied().flatten()
    }

    /// Whether the article passes the filters and no version of it comes before it in line.
    fn admits(&self, index: usize) -> bool {
        let Some(doc) = self.index.doc(index) else {
            return false;
        };
        let Some(rank) = self.rank_of(&doc) else {
            return false;
        };
        let (mut path, mut tags, mut versions) = (doc.path, doc.tags, doc.versions);
        if doc.valid_until < self.now_ms
            || !(self.categories.is_empty() || path.any(|id| self.categories.contains(&id)))
            || !(self.tags.is_empty() || tags.any(|id| self.tags.contains(&id)))
        {
            return false;
        }
        !versions.any(|other| {
            self.index.doc(other).is_some_and(|version| {
                version.valid_until >= self.now_ms
                    && self.rank_of(&version).is_some_and(|r| r < rank)
            })
        })
    }
}

/// The locale, its parents, the default: zh-TW, zh, en.
fn fallbacks(locale: &str, default: &str) -> Vec<String> {
    let mut line = vec![locale.to_owned()];
    let mut parent = locale;
    while let Some(shorter) = parent.rfind(['-', '_']).and_then(|cut| parent.get(..cut)) {
        parent = shorter;
        line.push(parent.to_owned());
    }
    line.push(default.to_owned());
    line
}

/// Whether an article of `locale` serves who wants `wanted`: the same, or (for a bare language) any of
/// its regions.
fn speaks(locale: &str, wanted: &str) -> bool {
    let same = |a: u8, b: u8| {
        a.eq_ignore_ascii_case(&b) || (matches!(a, b'-' | b'_') && matches!(b, b'-' | b'_'))
    };
    let (locale, wanted) = (locale.as_bytes(), wanted.as_bytes());
    locale.len() >= wanted.len()
        && locale.iter().zip(wanted).all(|(&a, &b)| same(a, b))
        && (locale.len() == wanted.len() || matches!(locale[wanted.len()], b'-' | b'_'))
}

impl Index {
    /// The articles that best answer `query`.
    pub fn search(&self, query: &str, options: &SearchOptions) -> Results {
        let none = Results {
            hits: Vec::new(),
            did_you_mean: None,
            verdict: Verdict::Nothing,
        };
        let Some(scope) = Scope::new(self, options) else {
            return none;
        };
        let read = Query::read(self, query, options.typing);
        let limit = (options.limit as usize).min(HITS_MAX);
        let mut top = rank(self, &read, limit.max(read.candidates_min()), &|doc| {
            scope.admits(doc)
        });
        let confidences = confidence::of(&self.meta.calibration, &read, &top, limit);
        let pinned = self.pinned(&read, &scope, &mut top);
        let highlighter = Highlighter::new(self, &read);
        let hits: Vec<Hit> = top
            .iter()
            .take(limit)
            .enumerate()
            .filter_map(|(place, candidate)| {
                let is_pinned = place < pinned;
                let confidence = match place.checked_sub(pinned) {
                    Some(at) => confidences.get(at).copied().unwrap_or(0.0),
                    None => 1.0,
                };
                self.hit(candidate, confidence, is_pinned, &highlighter)
            })
            .listed();
        let verdict = match hits.first().map_or(0.0, |hit| hit.confidence) {
            sure if sure >= CONFIDENCE_ANSWER => Verdict::Answer,
            fair if fair >= CONFIDENCE_OFFER => Verdict::Offer,
            _ => Verdict::Nothing,
        };
        Results {
            hits,
            did_you_mean: did_you_mean(query, &read),
            verdict,
        }
    }

    /// Puts the articles pinned to this query first; returns how many.
    fn pinned(&self, query: &Query, scope: &Scope<'_>, top: &mut Vec<Candidate>) -> usize {
        let keys = Dict::new(self.front_section(front::PIN_KEYS)).unwrap_or(Dict::EMPTY);
        let lists = Table::new(self.front_section(front::PINS)).unwrap_or(Table::EMPTY);
        if lists.is_empty() {
            return 0;
        }
        let Some(list) = keys
            .lookup(&key_of(&query.tokens))
            .and_then(|list| lists.get(list as usize))
        else {
            return 0;
        };
        let mut cursor = Cursor::new(list);
        let mut count = 0;
        while let Some(doc) = cursor.varint() {
            let doc = doc as usize;
            if !scope.admits(doc) {
                continue;
            }
            let score = top.first().map_or(1.0, |first| first.score);
            let passage = top.iter().find(|c| c.doc == doc).and_then(|c| c.passage);
            top.retain(|candidate| candidate.doc != doc);
            top.insert(
                count.min(top.len()),
                Candidate {
                    doc,
                    score,
                    passage,
                    covers: 0,
                },
            );
            count += 1;
        }
        count
    }

    fn hit(
        &self,
        candidate: &Candidate,
        confidence: f32,
        pinned: bool,
        marks: &Highlighter<'_>,
    ) -> Option<Hit> {
        let doc = self.doc(candidate.doc)?;
        let passage = candidate.passage.and_then(|passage| self.passage(passage));
        let (mut passage_runs, mut anchor) = (Vec::new(), None);
        if let Some(passage) = passage {
            let text = candidate
                .passage
                .map(|at| self.passage_text(candidate.doc, at))
                .unwrap_or_default();
            passage_runs = marks.snippet(text.trim());
            anchor = Some(passage.anchor.to_owned()).filter(|anchor| !anchor.is_empty());
        }
        Some(Hit {
            id: doc.id().to_owned(),
            title: doc.title().to_owned(),
            locale: self.locale_name(doc.locale),
            score: candidate.score,
            confidence,
            pinned,
            title_runs: marks.runs(doc.title()),
            passage_runs,
            anchor,
            path: self.path_names(doc.path),
            url: doc.url().map(str::to_owned),
        })
    }

    /// Titles to offer for what has been typed so far.
    pub fn suggest(&self, prefix: &str, locale: Option<&str>, limit: u32) -> Vec<Suggestion> {
        let options = SearchOptions {
            limit,
            locale: locale.map(str::to_owned),
            ..SearchOptions::default()
        };
        let Some(scope) = Scope::new(self, &options) else {
            return Vec::new();
        };
        let query = Query::read(self, prefix, true);
        let marks = Highlighter::new(self, &query);
        rank(self, &query, (limit as usize).min(HITS_MAX), &|doc| {
            scope.admits(doc)
        })
        .iter()
        .filter_map(|candidate| {
            let doc = self.doc(candidate.doc)?;
            Some(Suggestion {
                id: doc.id().to_owned(),
                title: doc.title().to_owned(),
                title_runs: marks.runs(doc.title()),
            })
        })
        .listed()
    }

    /// The articles of greatest weight.
    pub fn popular(&self, locale: Option<&str>, limit: u32) -> Vec<Listed> {
        let options = SearchOptions {
            locale: locale.map(str::to_owned),
            ..SearchOptions::default()
        };
        let Some(scope) = Scope::new(self, &options) else {
            return Vec::new();
        };
        // Articles are numbered by weight.
        (0..self.len())
            .filter(|&doc| scope.admits(doc))
            .take((limit as usize).min(HITS_MAX))
            .filter_map(|doc| self.listed(doc))
            .listed()
    }

    /// Articles near to one, in its locale.
    pub fn related(&self, id: &str, limit: u32) -> Vec<Listed> {
        let Some(index) = self.doc_by_id(id) else {
            return Vec::new();
        };
        let Some(doc) = self.doc(index) else {
            return Vec::new();
        };
        let options = SearchOptions {
            locale: Some(self.locale_name(doc.locale)),
            ..SearchOptions::default()
        };
        let Some(scope) = Scope::new(self, &options) else {
            return Vec::new();
        };
        let query = Query::read(self, doc.title(), false);
        let limit = (limit as usize).min(HITS_MAX);
        rank(self, &query, limit + 1, &|other| {
            other != index && scope.admits(other)
        })
        .iter()
        .take(limit)
        .filter_map(|candidate| self.listed(candidate.doc))
        .listed()
    }

    /// Articles for the page at `url`: those that live there or below it first, then those whose text
    /// meets the words of its path.
    pub fn for_url(&self, url: &str, locale: Option<&str>, limit: u32) -> Vec<Listed> {
        let options = SearchOptions {
            locale: locale.map(str::to_owned),
            ..SearchOptions::default()
        };
        let Some(scope) = Scope::new(self, &options) else {
            return Vec::new();
        };
        let limit = (limit as usize).min(HITS_MAX);
        let page = page_path(url);
        let mut docs: Vec<usize> = Vec::new();
        if page.len() > 1 {
            docs.extend((0..self.len()).filter(|&doc| {
                let here = self.doc(doc).and_then(|d| d.url()).map(page_path);
                here.is_some_and(|here| {
                    here.strip_prefix(page)
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                }) && scope.admits(doc)
            }));
        }
        if docs.len() < limit {
            let words = words_of(page);
            let query = Query::read(self, words.trim(), false);
            let known = query
                .clues
                .iter()
                .any(|clue| clue.matches.iter().any(|m| m.exact));
            if known {
                let more = rank(self, &query, limit, &|doc| {
                    !docs.contains(&doc) && scope.admits(doc)
                });
                let met = more.iter().filter(|candidate| candidate.covers != 0);
                docs.extend(met.map(|candidate| candidate.doc));
            }
        }
        docs.iter()
            .take(limit)
            .filter_map(|&doc| self.listed(doc))
            .listed()
    }
}

/// The path of an address, without query, fragment and final slash.
fn page_path(url: &str) -> &str {
    let mut parts = url.splitn(4, '/');
    // "https:", "", "host", the rest; or a path by itself.
    let is_whole =
        parts.next().is_some_and(|scheme| scheme.ends_with(':')) && parts.next() == Some("");
    if is_whole {
        parts.next();
    }
    let start = if is_whole {
        url.len() - parts.next().map_or(0, |rest| rest.len() + 1)
    } else {
        0
    };
    let path = url.get(start..).unwrap_or("");
    let end = path.find(['?', '#']).unwrap_or(path.len());
    path.get(..end).unwrap_or("").trim_end_matches('/')
}

/// The path's words, parted by spaces.
fn words_of(path: &str) -> String {
    path.chars()
        .map(|c| {
            if matches!(c, '/' | '-' | '_' | '.') {
                ' '
            } else {
                c
            }
        })
        .collect()
}

/// The query with its corrections in place of the words that were typed.
fn did_you_mean(text: &str, query: &Query) -> Option<String> {
    if query.corrections.is_empty() {
        return None;
    }
    let mut out = String::new();
    let mut at = 0;
    for (token, word) in &query.corrections {
        let token = query.tokens.get(*token)?;
        out.push_str(text.get(at..token.start)?);
        out.push_str(word);
        at = token.end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}
