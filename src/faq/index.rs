//! An open index: its parts, its sections, its articles. Nothing is parsed but a page of settings.

use super::format::bytes::Cursor;
use super::format::dict::Dict;
use super::format::part::{IndexError, MAGIC_BODY, MAGIC_FRONT, Part};
use super::format::table::Table;
use super::params::INFO_STEP;
use super::result::{Article, Listed};
use super::{body, han::Han};
use crate::list::Gather;

/// Sections of the front part.
pub(super) mod front {
    pub const META: usize = 0;
    pub const DOCS: usize = 1;
    pub const DICT: usize = 2;
    pub const POSTINGS: usize = 3;
    pub const SYNONYM_KEYS: usize = 4;
    pub const SYNONYMS: usize = 5;
    pub const PIN_KEYS: usize = 6;
    pub const PINS: usize = 7;
    pub const HAN: usize = 8;
    pub const GRAM_DICT: usize = 9;
    pub const PAIRS: usize = 10;
    pub const BIAS: usize = 11;
    #[cfg(feature = "indexer")]
    pub const COUNT: usize = 12;
}

/// Sections of the body part.
pub(super) mod bodies {
    pub const ARTICLES: usize = 0;
    pub const PASSAGES: usize = 1;
    pub const PASSAGE_COUNTS: usize = 2;
    pub const DICT: usize = 3;
    pub const POSTINGS: usize = 4;
    #[cfg(feature = "indexer")]
    pub const COUNT: usize = 5;
}

pub(super) const FLAG_URL: u8 = 1;
pub(super) const FLAG_VALID_UNTIL: u8 = 2;
pub(super) const FLAG_UPDATED: u8 = 4;
pub(super) const FLAG_VERSIONS: u8 = 8;

/// An index over help articles, read in place from its bytes.
#[derive(Debug)]
pub struct Index {
    bytes: Vec<u8>,
    front: Part,
    /// The body part where it came by itself.
    attached: Option<Vec<u8>>,
    body: Option<Part>,
    pub(super) meta: Meta,
}

/// The settings of an index.
#[derive(Clone, Debug, Default)]
pub(super) struct Meta {
    pub default_locale: String,
    pub locales: Vec<String>,
    pub categories: Vec<String>,
    pub tags: Vec<String>,
    /// What one step of a posting's weight is worth.
    pub step: f32,
    /// The same in the body part.
    pub body_step: f32,
    /// What one step of an article's bias is worth.
    pub bias_step: f32,
    /// What covering all of a query's words is worth, where there are bodies.
    pub cover: f32,
    /// How much a query word is worth that the index does not know.
    pub unknown_info: f32,
    /// The calibration of confidence.
    pub calibration: [f32; super::params::CALIBRATION_LEN],
}

/// The fixed facts about an article. Its texts are checked only when they are asked for: a search goes
/// through many articles and shows few.
#[derive(Clone, Debug)]
pub(super) struct Doc<'a> {
    id: &'a [u8],
    title: &'a [u8],
    url: Option<&'a [u8]>,
    pub locale: usize,
    pub valid_until: f64,
    pub updated_at: Option<f64>,
    pub versions: Numbers<'a>,
    pub path: Numbers<'a>,
    pub tags: Numbers<'a>,
}

impl<'a> Doc<'a> {
    pub fn id(&self) -> &'a str {
        text(self.id)
    }

    pub fn title(&self) -> &'a str {
        text(self.title)
    }

    pub fn url(&self) -> Option<&'a str> {
        self.url.map(text)
    }
}

fn text(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap_or("")
}

/// Numbers in a row, read when asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers<'a> {
    cursor: Cursor<'a>,
    left: u32,
}

impl<'a> Numbers<'a> {
    const NONE: Numbers<'static> = Numbers {
        cursor: Cursor::new(&[]),
        left: 0,
    };

    /// The numbers that begin at `cursor`, which is moved behind them.
    fn read(cursor: &mut Cursor<'a>) -> Option<Self> {
        let left = cursor.varint()?;
        let numbers = Self {
            cursor: *cursor,
            left,
        };
        for _ in 0..left {
            cursor.varint()?;
        }
        Some(numbers)
    }
}

impl Iterator for Numbers<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.left = self.left.checked_sub(1)?;
        Some(self.cursor.varint()? as usize)
    }
}

/// The articles that hold a term, with the weight of the term in each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Postings<'a> {
    /// How much the term tells apart, in steps of `params::INFO_STEP`.
    pub info: u8,
    pub weights: &'a [u8],
    deltas: Cursor<'a>,
}

impl<'a> Postings<'a> {
    fn new(item: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(item);
        let (count, info) = (cursor.varint()? as usize, cursor.u8()?);
        let rest = cursor.rest();
        let split = rest.len().checked_sub(count)?;
        Some(Self {
            info,
            weights: &rest[split..],
            deltas: Cursor::new(&rest[..split]),
        })
    }

    /// Calls `visit` with each article (or passage) number and weight. The innermost loop of a search: in a
    /// build for size nothing of it would be inlined by itself.
    #[inline(always)]
    pub fn each(self, mut visit: impl FnMut(usize, u8)) {
        let mut at = 0usize;
        let mut deltas = self.deltas.rest();
        for &weight in self.weights {
            match deltas.split_first() {
                Some((&delta, rest)) if delta < 0x80 => {
                    at += usize::from(delta);
                    deltas = rest;
                }
                _ => {
                    let mut cursor = Cursor::new(deltas);
                    let Some(delta) = cursor.varint() else {
                        return;
                    };
                    at += delta as usize;
                    deltas = cursor.rest();
                }
            }
            visit(at, weight);
        }
    }
}

impl Index {
    /// Opens an index that may carry its body part behind the front part. Checks checksums and bounds;
    /// keeps the bytes as they are.
    pub fn open(bytes: Vec<u8>) -> Result<Self, IndexError> {
        let front = Part::open(&bytes, 0, MAGIC_FRONT)?;
        let body = match bytes.len() > front.end() {
            true => Some(open_body(&bytes, front.end(), front.build)?),
            false => None,
        };
        let meta = read_meta(front.section(&bytes, front::META)).ok_or(IndexError::Malformed)?;
        for id in [front::DOCS, front::POSTINGS, front::SYNONYMS, front::PINS] {
            Table::new(front.section(&bytes, id)).ok_or(IndexError::Malformed)?;
        }
        for id in [
            front::DICT,
            front::GRAM_DICT,
            front::SYNONYM_KEYS,
            front::PIN_KEYS,
        ] {
            Dict::new(front.section(&bytes, id)).ok_or(IndexError::Malformed)?;
        }
        Ok(Self {
            bytes,
            front,
            attached: None,
            body,
            meta,
        })
    }

    /// Adds the body part, loaded later. On an error the index stays as it was.
    pub fn attach_bodies(&mut self, bytes: Vec<u8>) -> Result<(), IndexError> {
        self.body = Some(open_body(&bytes, 0, self.front.build)?);
        self.attached = Some(bytes);
        Ok(())
    }

    /// Whether the body part is there.
    pub fn has_bodies(&self) -> bool {
        self.body.is_some()
    }

    /// How many articles there are, all locales together.
    pub fn len(&self) -> usize {
        self.docs().len()
    }

    /// Whether there is no article.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The locales that have articles.
    pub fn locales(&self) -> &[String] {
        &self.meta.locales
    }

    pub(super) fn front_section(&self, id: usize) -> &[u8] {
        self.front.section(&self.bytes, id)
    }

    pub(super) fn body_section(&self, id: usize) -> &[u8] {
        match (&self.body, &self.attached) {
            (Some(part), Some(bytes)) => part.section(bytes, id),
            (Some(part), None) => part.section(&self.bytes, id),
            _ => &[],
        }
    }

    pub(super) fn docs(&self) -> Table<'_> {
        Table::new(self.front_section(front::DOCS)).unwrap_or(Table::EMPTY)
    }

    /// The dictionary of titles and phrasings and, where loaded, that of bodies.
    pub(super) fn dicts(&self) -> [Dict<'_>; 2] {
        [
            Dict::new(self.front_section(front::DICT)).unwrap_or(Dict::EMPTY),
            Dict::new(self.body_section(bodies::DICT)).unwrap_or(Dict::EMPTY),
        ]
    }

    pub(super) fn han(&self) -> Han<'_> {
        Han::new(self.front_section(front::HAN))
    }

    pub(super) fn postings(&self, term: u32) -> Option<Postings<'_>> {
        Table::new(self.front_section(front::POSTINGS))?
            .get(term as usize)
            .and_then(Postings::new)
    }

    /// Postings in bodies: of the front's words first, then of the words that only bodies have.
    pub(super) fn body_postings(&self, term: u32) -> Option<Postings<'_>> {
        let [_, own] = self.dicts();
        let words = self.gram_dict().first_term();
        let at = match term {
            word if word < words => word,
            other => other.checked_sub(own.first_term())?.checked_add(words)?,
        };
        Table::new(self.body_section(bodies::POSTINGS))?
            .get(at as usize)
            .and_then(Postings::new)
    }

    /// How much a term tells apart.
    pub(super) fn info(&self, term: u32) -> f32 {
        let postings = self.postings(term).or_else(|| self.body_postings(term));
        postings.map_or(0.0, |p| f32::from(p.info) * INFO_STEP)
    }

    /// The trigrams of words in titles and phrasings.
    pub(super) fn gram_dict(&self) -> Dict<'_> {
        Dict::new(self.front_section(front::GRAM_DICT)).unwrap_or(Dict::EMPTY)
    }

    /// The term of two words that stand together.
    pub(super) fn pair(&self, first: u32, second: u32) -> Option<u32> {
        let item = Table::new(self.front_section(front::PAIRS))?.get(first as usize)?;
        let mut cursor = Cursor::new(item);
        let (mut pair, mut other) = (cursor.varint()?, 0u32);
        while let Some(delta) = cursor.varint() {
            other = other.checked_add(delta)?;
            if other >= second {
                return (other == second).then_some(pair);
            }
            pair = pair.checked_add(1)?;
        }
        None
    }

    /// What the scores of articles start from, in steps.
    pub(super) fn biases(&self) -> &[u8] {
        self.front_section(front::BIAS)
    }

    pub(super) fn doc(&self, index: usize) -> Option<Doc<'_>> {
        let mut cursor = Cursor::new(self.docs().get(index)?);
        let (id, title) = (cursor.blob()?, cursor.blob()?);
        let locale = cursor.varint()? as usize;
        let flags = cursor.u8()?;
        let url = if flags & FLAG_URL != 0 {
            Some(cursor.blob()?)
        } else {
            None
        };
        let valid_until = if flags & FLAG_VALID_UNTIL != 0 {
            cursor.f64()?
        } else {
            f64::INFINITY
        };
        let updated_at = if flags & FLAG_UPDATED != 0 {
            Some(cursor.f64()?)
        } else {
            None
        };
        let versions = if flags & FLAG_VERSIONS != 0 {
            Numbers::read(&mut cursor)?
        } else {
            Numbers::NONE
        };
        let (path, tags) = (Numbers::read(&mut cursor)?, Numbers::read(&mut cursor)?);
        Some(Doc {
            id,
            title,
            locale,
            url,
            valid_until,
            updated_at,
            versions,
            path,
            tags,
        })
    }

    pub(super) fn doc_by_id(&self, id: &str) -> Option<usize> {
        let docs = self.docs();
        (0..docs.len())
            .find(|&index| docs.get(index).and_then(|d| Cursor::new(d).string()) == Some(id))
    }

    pub(super) fn locale_name(&self, locale: usize) -> String {
        self.meta.locales.get(locale).cloned().unwrap_or_default()
    }

    pub(super) fn path_names(&self, path: Numbers<'_>) -> Vec<String> {
        path.filter_map(|id| self.meta.categories.get(id).cloned())
            .listed()
    }

    pub(super) fn listed(&self, index: usize) -> Option<Listed> {
        let doc = self.doc(index)?;
        Some(Listed {
            id: doc.id().to_owned(),
            title: doc.title().to_owned(),
            locale: self.locale_name(doc.locale),
            path: self.path_names(doc.path),
            url: doc.url().map(str::to_owned),
        })
    }

    /// The article with this id; its body only where the body part is there.
    pub fn article(&self, id: &str) -> Option<Article> {
        let index = self.doc_by_id(id)?;
        let doc = self.doc(index)?;
        Some(Article {
            id: doc.id().to_owned(),
            locale: self.locale_name(doc.locale),
            title: doc.title().to_owned(),
            body: body::decode(self.article_bytes(index), 0, usize::MAX),
            url: doc.url().map(str::to_owned),
            path: self.path_names(doc.path),
            tags: doc
                .tags
                .filter_map(|id| self.meta.tags.get(id).cloned())
                .listed(),
            updated_at: doc.updated_at,
        })
    }

    pub(super) fn article_bytes(&self, index: usize) -> &[u8] {
        Table::new(self.body_section(bodies::ARTICLES))
            .and_then(|t| t.get(index))
            .unwrap_or(&[])
    }
}

fn open_body(bytes: &[u8], start: usize, build: u32) -> Result<Part, IndexError> {
    let body = Part::open(bytes, start, MAGIC_BODY)?;
    if body.build != build {
        return Err(IndexError::OtherBuild);
    }
    for id in [bodies::ARTICLES, bodies::PASSAGES, bodies::POSTINGS] {
        Table::new(body.section(bytes, id)).ok_or(IndexError::Malformed)?;
    }
    Dict::new(body.section(bytes, bodies::DICT)).ok_or(IndexError::Malformed)?;
    Ok(body)
}

fn read_meta(section: &[u8]) -> Option<Meta> {
    let mut cursor = Cursor::new(section);
    let mut meta = Meta {
        default_locale: cursor.string()?.to_owned(),
        ..Meta::default()
    };
    for names in [&mut meta.locales, &mut meta.categories, &mut meta.tags] {
        for _ in 0..cursor.varint()? {
            names.push(cursor.string()?.to_owned());
        }
    }
    for value in [
        &mut meta.step,
        &mut meta.body_step,
        &mut meta.bias_step,
        &mut meta.cover,
        &mut meta.unknown_info,
    ]
    .into_iter()
    .chain(&mut meta.calibration)
    {
        *value = finite(cursor.f32()?)?;
    }
    Some(meta)
}

fn finite(value: f32) -> Option<f32> {
    value.is_finite().then_some(value)
}
