//! Goes over the texts, links and pictures of finished blocks.

use crate::richtext::{Block, Inline, neutral};

/// What becomes of an address.
pub(super) enum Fate {
    /// It stays.
    Keep,
    /// It leads elsewhere: the address, and the host that is shown for it.
    Lead(String, String),
    /// It goes; the text of a link, or what a picture shows, stays.
    Drop,
}

/// Whose address it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    Link,
    Picture,
}

/// Asks for every address what becomes of it.
pub(super) fn addresses(blocks: &mut [Block], fate: &mut dyn FnMut(&str, Holder) -> Fate) {
    each_line(blocks, &mut |content| in_line(content, fate));
}

/// Makes every text safe to show.
pub(super) fn neutralise(blocks: &mut [Block]) {
    each_code(blocks, &mut |code| {
        *code = code.chars().map(neutral).collect()
    });
    each_line(blocks, &mut |content| neutralise_line(content));
}

fn each_line(blocks: &mut [Block], change: &mut dyn FnMut(&mut Vec<Inline>)) {
    for block in blocks {
        match block {
            Block::Heading { content, .. } | Block::Paragraph(content) => change(content),
            Block::List { items, .. } => items.iter_mut().for_each(|item| each_line(item, change)),
            Block::Quote(inner) => each_line(inner, change),
            Block::Table(rows) => rows.iter_mut().flatten().for_each(&mut *change),
            Block::Code(_) | Block::Rule => {}
        }
    }
}

fn each_code(blocks: &mut [Block], change: &mut dyn FnMut(&mut String)) {
    for block in blocks {
        match block {
            Block::Code(code) => change(code),
            Block::Heading { anchor, .. } => change(anchor),
            Block::List { items, .. } => items.iter_mut().for_each(|item| each_code(item, change)),
            Block::Quote(inner) => each_code(inner, change),
            _ => {}
        }
    }
}

fn neutralise_line(content: &mut [Inline]) {
    for inline in content {
        match inline {
            Inline::Text(text) | Inline::Code(text) | Inline::Image { alt: text, .. } => {
                *text = text.chars().map(neutral).collect();
            }
            Inline::Strong(inner)
            | Inline::Emphasis(inner)
            | Inline::Link { content: inner, .. } => {
                neutralise_line(inner);
            }
            Inline::Break => {}
        }
    }
}

fn in_line(content: &mut Vec<Inline>, fate: &mut dyn FnMut(&str, Holder) -> Fate) {
    let mut kept = Vec::with_capacity(content.len());
    for mut inline in content.drain(..) {
        if let Inline::Strong(inner)
        | Inline::Emphasis(inner)
        | Inline::Link { content: inner, .. } = &mut inline
        {
            in_line(inner, fate);
        }
        match inline {
            Inline::Link {
                href,
                host,
                content,
            } => match fate(&href, Holder::Link) {
                Fate::Keep => kept.push(Inline::Link {
                    href,
                    host,
                    content,
                }),
                Fate::Lead(href, host) => kept.push(Inline::Link {
                    href,
                    host,
                    content,
                }),
                Fate::Drop => kept.extend(content),
            },
            Inline::Image { src, alt } => match fate(&src, Holder::Picture) {
                Fate::Keep => kept.push(Inline::Image { src, alt }),
                Fate::Lead(src, _) => kept.push(Inline::Image { src, alt }),
                Fate::Drop => kept.push(Inline::Text(alt)),
            },
            other => kept.push(other),
        }
    }
    *content = kept;
}
