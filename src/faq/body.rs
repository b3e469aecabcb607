//! The body of an article in bytes: a tag for each block and inline, lengths before contents.
//!
//! Decoding trusts nothing: unknown tags, missing bytes and nesting beyond the limit end the article
//! there, with what was read so far.

use super::format::bytes::Cursor;
use crate::richtext::{Block, Inline};

/// Deeper lists, quotes and links are cut off.
pub const DEPTH_MAX: u32 = 24;

const HEADING: u8 = 0;
const PARAGRAPH: u8 = 1;
const LIST: u8 = 2;
const QUOTE: u8 = 3;
const CODE: u8 = 4;
const TABLE: u8 = 5;
const RULE: u8 = 6;

const TEXT: u8 = 0;
const STRONG: u8 = 1;
const EMPHASIS: u8 = 2;
const INLINE_CODE: u8 = 3;
const LINK: u8 = 4;
const IMAGE: u8 = 5;
const BREAK: u8 = 6;

/// Decodes the top-level blocks `skip..skip + count` of an article.
pub fn decode(article: &[u8], skip: usize, count: usize) -> Vec<Block> {
    let mut cursor = Cursor::new(article);
    let mut blocks = Vec::new();
    for index in 0..skip.saturating_add(count) {
        let Some(bytes) = cursor.blob() else { break };
        if index >= skip {
            match block(&mut Cursor::new(bytes), 0) {
                Some(block) => blocks.push(block),
                None => break,
            }
        }
    }
    blocks
}

fn block(cursor: &mut Cursor<'_>, depth: u32) -> Option<Block> {
    if depth > DEPTH_MAX {
        return None;
    }
    Some(match cursor.u8()? {
        HEADING => Block::Heading {
            level: cursor.u8()?.clamp(1, 6),
            anchor: cursor.string()?.to_owned(),
            content: inlines(cursor, depth)?,
        },
        PARAGRAPH => Block::Paragraph(inlines(cursor, depth)?),
        LIST => {
            let ordered = cursor.u8()? != 0;
            let start = cursor.varint()?;
            let mut items = Vec::new();
            for _ in 0..cursor.varint()? {
                items.push(blocks(cursor, depth + 1)?);
            }
            Block::List {
                ordered,
                start,
                items,
            }
        }
        QUOTE => Block::Quote(blocks(cursor, depth + 1)?),
        CODE => Block::Code(cursor.string()?.to_owned()),
        TABLE => {
            let mut rows = Vec::new();
            for _ in 0..cursor.varint()? {
                // A row takes at least its count, so the loop is bounded by the bytes there are.
                let mut row = Vec::new();
                for _ in 0..cursor.varint()? {
                    row.push(inlines(cursor, depth)?);
                }
                rows.push(row);
            }
            Block::Table(rows)
        }
        RULE => Block::Rule,
        _ => return None,
    })
}

fn blocks(cursor: &mut Cursor<'_>, depth: u32) -> Option<Vec<Block>> {
    let mut blocks = Vec::new();
    for _ in 0..cursor.varint()? {
        blocks.push(block(cursor, depth)?);
    }
    Some(blocks)
}

fn inlines(cursor: &mut Cursor<'_>, depth: u32) -> Option<Vec<Inline>> {
    if depth > DEPTH_MAX {
        return None;
    }
    let mut content = Vec::new();
    for _ in 0..cursor.varint()? {
        content.push(match cursor.u8()? {
            TEXT => Inline::Text(cursor.string()?.to_owned()),
            STRONG => Inline::Strong(inlines(cursor, depth + 1)?),
            EMPHASIS => Inline::Emphasis(inlines(cursor, depth + 1)?),
            INLINE_CODE => Inline::Code(cursor.string()?.to_owned()),
            LINK => Inline::Link {
                href: cursor.string()?.to_owned(),
                host: cursor.string()?.to_owned(),
                content: inlines(cursor, depth + 1)?,
            },
            IMAGE => Inline::Image {
                src: cursor.string()?.to_owned(),
                alt: cursor.string()?.to_owned(),
            },
            BREAK => Inline::Break,
            _ => return None,
        });
    }
    Some(content)
}

/// The text of blocks, for searching and for passages; blocks and cells are parted by spaces.
pub fn plain_text(blocks: &[Block], out: &mut String) {
    for block in blocks {
        if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
        match block {
            Block::Heading { content, .. } | Block::Paragraph(content) => {
                plain_inlines(content, out)
            }
            Block::List { items, .. } => items.iter().for_each(|item| plain_text(item, out)),
            Block::Quote(inner) => plain_text(inner, out),
            Block::Code(code) => out.push_str(code),
            Block::Table(rows) => {
                for cell in rows.iter().flatten() {
                    plain_inlines(cell, out);
                    out.push(' ');
                }
            }
            Block::Rule => {}
        }
    }
}

fn plain_inlines(content: &[Inline], out: &mut String) {
    for inline in content {
        match inline {
            Inline::Text(text) | Inline::Code(text) => out.push_str(text),
            Inline::Strong(inner) | Inline::Emphasis(inner) => plain_inlines(inner, out),
            Inline::Link { content, .. } => plain_inlines(content, out),
            Inline::Image { alt, .. } => out.push_str(alt),
            Inline::Break => out.push(' '),
        }
    }
}

/// Encodes an article: each top-level block preceded by its length.
#[cfg(feature = "indexer")]
pub fn encode(blocks: &[Block]) -> Vec<u8> {
    let mut out = Vec::new();
    for block in blocks {
        let mut bytes = Vec::new();
        encode_block(&mut bytes, block, 0);
        super::format::write::blob(&mut out, &bytes);
    }
    out
}

#[cfg(feature = "indexer")]
fn encode_block(out: &mut Vec<u8>, block: &Block, depth: u32) {
    use super::format::write::{string, varint};
    match block {
        Block::Heading {
            level,
            anchor,
            content,
        } => {
            out.extend([HEADING, *level]);
            string(out, anchor);
            encode_inlines(out, content, depth);
        }
        Block::Paragraph(content) => {
            out.push(PARAGRAPH);
            encode_inlines(out, content, depth);
        }
        Block::List {
            ordered,
            start,
            items,
        } => {
            out.extend([LIST, u8::from(*ordered)]);
            varint(out, *start);
            varint(out, items.len() as u32);
            for item in items {
                encode_blocks(out, item, depth + 1);
            }
        }
        Block::Quote(inner) => {
            out.push(QUOTE);
            encode_blocks(out, inner, depth + 1);
        }
        Block::Code(code) => {
            out.push(CODE);
            string(out, code);
        }
        Block::Table(rows) => {
            out.push(TABLE);
            varint(out, rows.len() as u32);
            for row in rows {
                varint(out, row.len() as u32);
                for cell in row {
                    encode_inlines(out, cell, depth);
                }
            }
        }
        Block::Rule => out.push(RULE),
    }
}

#[cfg(feature = "indexer")]
fn encode_blocks(out: &mut Vec<u8>, blocks: &[Block], depth: u32) {
    // What the reader would refuse is left out, so that the rest of the article still opens.
    let blocks = if depth > DEPTH_MAX { &[][..] } else { blocks };
    super::format::write::varint(out, blocks.len() as u32);
    for block in blocks {
        encode_block(out, block, depth);
    }
}

#[cfg(feature = "indexer")]
fn encode_inlines(out: &mut Vec<u8>, content: &[Inline], depth: u32) {
    use super::format::write::{string, varint};
    let content = if depth > DEPTH_MAX { &[][..] } else { content };
    varint(out, content.len() as u32);
    for inline in content {
        match inline {
            Inline::Text(text) => {
                out.push(TEXT);
                string(out, text);
            }
            Inline::Strong(inner) => {
                out.push(STRONG);
                encode_inlines(out, inner, depth + 1);
            }
            Inline::Emphasis(inner) => {
                out.push(EMPHASIS);
                encode_inlines(out, inner, depth + 1);
            }
            Inline::Code(code) => {
                out.push(INLINE_CODE);
                string(out, code);
            }
            Inline::Link {
                href,
                host,
                content,
            } => {
                out.push(LINK);
                string(out, href);
                string(out, host);
                encode_inlines(out, content, depth + 1);
            }
            Inline::Image { src, alt } => {
                out.push(IMAGE);
                string(out, src);
                string(out, alt);
            }
            Inline::Break => out.push(BREAK),
        }
    }
}
