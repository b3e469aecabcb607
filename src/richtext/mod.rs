//! Rich text as a tree of tokens: what a message or an article *is*, never how it is drawn.
//!
//! The page builds nodes from this tree with `createElement` and `textContent`; no HTML string is
//! ever made from it or parsed into it in a browser. Everything that reaches a link has passed
//! [`link::Link::parse`], and every text has passed [`neutral`].

use macro_rules_attribute::apply;

use crate::typescript::{richtext_ts, richtext_ts_variants};
pub mod link;
pub mod message;

/// A block of text: what stands on lines of its own.
#[apply(richtext_ts_variants!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading.
    Heading {
        /// 1 to 6.
        level: u8,
        /// Its address inside the article, unique there.
        anchor: String,
        /// Its text.
        content: Vec<Inline>,
    },
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A list.
    List {
        /// Numbered, or with bullets.
        ordered: bool,
        /// The first number of an ordered list.
        start: u32,
        /// Each item is blocks of its own.
        items: Vec<Vec<Block>>,
    },
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
#[apply(richtext_ts_variants!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Plain text.
    Text(String),
    /// Strong text.
    Strong(Vec<Inline>),
    /// Emphasised text.
    Emphasis(Vec<Inline>),
    /// Code within a line.
    Code(String),
    /// A link that [`link::Link::parse`] allowed.
    Link {
        /// Where it leads: http, https, mailto or tel. In an article also `#anchor` (a heading of
        /// the same article), `#/id` or `#/id#anchor` (an article of the same index), or an address
        /// relative to the page.
        href: String,
        /// The real host, to be shown beside the text wherever the text does not show it already;
        /// empty where it does, and for links that leave no site.
        host: String,
        /// The text of the link; it holds no other link.
        content: Vec<Inline>,
    },
    /// A picture.
    Image {
        /// An https address, or one relative to the page.
        src: String,
        /// What it shows.
        alt: String,
    },
    /// A line break.
    Break,
}

/// A heading of an article, for a table of contents and for jumping to the passage that answers.
#[apply(richtext_ts!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// Its plain text.
    pub text: String,
    /// Its address inside the article.
    pub anchor: String,
}

/// The plain text of blocks: one line a block, list items and table rows on lines of their own,
/// table cells parted by a tab.
pub fn text_of(blocks: &[Block]) -> String {
    let mut text = String::new();
    write_blocks(blocks, &mut text);
    text.truncate(text.trim_end().len());
    text
}

/// The plain text of a run of inline text.
pub fn inline_text(content: &[Inline]) -> String {
    let mut text = String::new();
    write_inline(content, &mut text);
    text
}

/// The headings of an article in their order, also those inside quotations and lists.
pub fn headings(blocks: &[Block]) -> Vec<Heading> {
    let mut found = Vec::new();
    collect_headings(blocks, &mut found);
    found
}

/// Makes a character safe to show: what would change how the *rest* of a line reads, or cannot be
/// shown at all, becomes the replacement character, so that nothing disappears unseen. That is the
/// bidirectional overrides, embeddings and isolates, NUL, and the other control characters except
/// tab and line feed.
pub fn neutral(character: char) -> char {
    match character {
        '\t' | '\n' => character,
        '\0'..='\u{1f}'
        | '\u{7f}'..='\u{9f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => char::REPLACEMENT_CHARACTER,
        _ => character,
    }
}

/// Where the first character stands that `stops`; where the text ends if none does. One loop for all:
/// `find` brings one for each closure.
#[inline(never)]
pub(crate) fn until(text: &str, stops: &mut dyn FnMut(char) -> bool) -> usize {
    for (at, c) in text.char_indices() {
        if stops(c) {
            return at;
        }
    }
    text.len()
}

/// Whether each character `fits`.
fn all(text: &str, fits: fn(char) -> bool) -> bool {
    until(text, &mut |c| !fits(c)) == text.len()
}

/// Adds to a run; neighbouring texts become one.
pub(crate) fn append(content: &mut Vec<Inline>, inline: Inline) {
    match (content.last_mut(), inline) {
        (Some(Inline::Text(last)), Inline::Text(text)) => last.push_str(&text),
        (_, inline) => content.push(inline),
    }
}

fn write_blocks(blocks: &[Block], text: &mut String) {
    for block in blocks {
        match block {
            Block::Heading { content, .. } | Block::Paragraph(content) => {
                write_inline(content, text);
            }
            Block::List { items, .. } => items.iter().for_each(|item| write_blocks(item, text)),
            Block::Quote(inner) => write_blocks(inner, text),
            Block::Code(code) => text.push_str(code),
            Block::Table(rows) => {
                for row in rows {
                    for (at, cell) in row.iter().enumerate() {
                        if at > 0 {
                            text.push('\t');
                        }
                        write_inline(cell, text);
                    }
                    text.push('\n');
                }
            }
            Block::Rule => {}
        }
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
    }
}

fn write_inline(content: &[Inline], text: &mut String) {
    for inline in content {
        match inline {
            Inline::Text(run) | Inline::Code(run) => text.push_str(run),
            Inline::Strong(inner)
            | Inline::Emphasis(inner)
            | Inline::Link { content: inner, .. } => {
                write_inline(inner, text);
            }
            Inline::Image { alt, .. } => text.push_str(alt),
            Inline::Break => text.push('\n'),
        }
    }
}

fn collect_headings(blocks: &[Block], found: &mut Vec<Heading>) {
    for block in blocks {
        match block {
            Block::Heading {
                level,
                anchor,
                content,
            } => found.push(Heading {
                level: *level,
                text: inline_text(content),
                anchor: anchor.clone(),
            }),
            Block::List { items, .. } => {
                items.iter().for_each(|item| collect_headings(item, found))
            }
            Block::Quote(inner) => collect_headings(inner, found),
            _ => {}
        }
    }
}

crate::plain!(struct Heading { level, text, anchor });
crate::plain!(enum Block {
    Heading { level, anchor, content }, Paragraph(content), List { ordered, start, items }, Quote(content),
    Code(content), Table(content), Rule,
});
crate::plain!(enum Inline {
    Text(content), Strong(content), Emphasis(content), Code(content), Link { href, host, content },
    Image { src, alt }, Break,
});
