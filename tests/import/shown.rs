//! Blocks in a form that is read in a test.

use deskside::richtext::{Block, Inline};
use std::fmt::Write;

/// A line a block; what is inside is indented.
pub fn shown(blocks: &[Block]) -> String {
    let mut out = String::new();
    write_blocks(blocks, 0, &mut out);
    out
}

fn write_blocks(blocks: &[Block], depth: usize, out: &mut String) {
    for block in blocks {
        let _ = write!(out, "{:1$}", "", depth * 2);
        match block {
            Block::Heading {
                level,
                anchor,
                content,
            } => {
                let _ = writeln!(out, "h{level}#{anchor} {}", line(content));
            }
            Block::Paragraph(content) => {
                let _ = writeln!(out, "p {}", line(content));
            }
            Block::List {
                ordered,
                start,
                items,
            } => {
                let _ = writeln!(
                    out,
                    "{}",
                    if *ordered {
                        format!("ol{start}")
                    } else {
                        "ul".into()
                    }
                );
                for item in items {
                    let _ = writeln!(out, "{:1$}-", "", depth * 2 + 2);
                    write_blocks(item, depth + 2, out);
                }
            }
            Block::Quote(inner) => {
                let _ = writeln!(out, "quote");
                write_blocks(inner, depth + 1, out);
            }
            Block::Code(code) => {
                let _ = writeln!(out, "code {code:?}");
            }
            Block::Table(rows) => {
                let _ = writeln!(out, "table");
                for row in rows {
                    let cells: Vec<String> = row.iter().map(|cell| line(cell)).collect();
                    let _ = writeln!(out, "{:1$}| {2} |", "", depth * 2 + 2, cells.join(" | "));
                }
            }
            Block::Rule => {
                let _ = writeln!(out, "rule");
            }
        }
    }
}

fn line(content: &[Inline]) -> String {
    content
        .iter()
        .map(|inline| match inline {
            Inline::Text(text) => text.clone(),
            Inline::Strong(inner) => format!("<b {}>", line(inner)),
            Inline::Emphasis(inner) => format!("<i {}>", line(inner)),
            Inline::Code(code) => format!("<code {code}>"),
            Inline::Link {
                href,
                host,
                content,
            } if host.is_empty() => format!("<a {href} {}>", line(content)),
            Inline::Link {
                href,
                host,
                content,
            } => format!("<a {href} ({host}) {}>", line(content)),
            Inline::Image { src, alt } => format!("<img {src} {alt}>"),
            Inline::Break => "/".into(),
        })
        .collect()
}
