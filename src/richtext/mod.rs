//! Rich text as a tree of tokens: what a message or an article *is*, never how it is drawn.
//!
//! The page builds nodes from this tree with `createElement` and `textContent`; no HTML string is
//! ever made from it or parsed into it in a browser. Everything that reaches a link has passed
//! [`link::Link::parse`].

use serde::{Deserialize, Serialize};

/// A block of text: what stands on lines of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
pub enum Block {
    /// A heading; `level` is 1 to 6, `anchor` its address inside the article (unique there).
    Heading { level: u8, anchor: String, content: Vec<Inline> },
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A list; each item is blocks of its own.
    List { ordered: bool, start: u32, items: Vec<Vec<Block>> },
    /// A quotation.
    Quote(Vec<Block>),
    /// Code, kept as it is written.
    Code(String),
    /// A table; the first row is its head. Each cell is inline text.
    Table(Vec<Vec<Vec<Inline>>>),
    /// A thematic break.
    Rule,
}

/// A run of text within a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
pub enum Inline {
    /// Plain text.
    Text(String),
    /// Strong text.
    Strong(Vec<Inline>),
    /// Emphasised text.
    Emphasis(Vec<Inline>),
    /// Code within a line.
    Code(String),
    /// A link with an allowed scheme (http, https, mailto, tel). `host` is the real host, for showing,
    /// where the text would hide it; empty for mailto and tel.
    Link { href: String, host: String, content: Vec<Inline> },
    /// A picture: an https address (or one relative to the page) and what it shows.
    Image { src: String, alt: String },
    /// A line break.
    Break,
}
