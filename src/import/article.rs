//! Writes an article's blocks, fed with what a Markdown or HTML parser finds.
//!
//! It forgives what HTML forgives: marks that are never closed or closed twice, blocks inside marks,
//! text where only rows or items may stand. Nothing that it is fed makes it panic or lose text.

use super::line::{is_blank, is_unspaced, last_char, slug, trim};
use super::report::{Code, Place, Reporter};
use crate::limits::ARTICLE_DEPTH_MAX;
use crate::richtext::link::Link;
use crate::richtext::{Block, Inline, append, inline_text, neutral};
use std::collections::BTreeMap;

/// What holds blocks or rows.
#[derive(Clone, Copy)]
pub(super) enum Container {
    Quote,
    List { ordered: bool, start: u32 },
    Item,
    Table,
    Row,
    Cell,
}

/// What holds the text of a line.
pub(super) enum Run {
    Paragraph,
    Heading { level: u8, anchor: Option<String> },
    Strong,
    Emphasis,
}

/// How many stretches were open before one was opened: closing goes back to that.
#[derive(Clone, Copy)]
pub(super) struct Mark(usize);

enum Frame {
    Root(Vec<Block>),
    Quote(Vec<Block>),
    Item(Vec<Block>),
    List {
        ordered: bool,
        start: u32,
        items: Vec<Vec<Block>>,
    },
    Table(Vec<Vec<Vec<Inline>>>),
    Row(Vec<Vec<Inline>>),
    Line(Line, Vec<Inline>),
    Code(String),
}

enum Line {
    Cell,
    Run(Run),
    Link(Link),
}

pub(super) struct ArticleWriter<'w> {
    frames: Vec<Frame>,
    /// Every anchor so far, and how many more headings asked for it.
    anchors: BTreeMap<String, u32>,
    /// White space was seen, and whether it broke the line; it is written before the next text.
    space: Option<bool>,
    base: &'w str,
    place: Option<Place>,
    pub reporter: &'w mut Reporter,
}

impl<'w> ArticleWriter<'w> {
    /// `base` is the address of the article, or empty.
    pub fn new(base: &'w str, place: Option<Place>, reporter: &'w mut Reporter) -> Self {
        let base = if Link::parse(base, None).is_ok_and(|link| !link.host.is_empty()) {
            base
        } else {
            ""
        };
        Self {
            frames: vec![Frame::Root(Vec::new())],
            anchors: BTreeMap::new(),
            space: None,
            base,
            place,
            reporter,
        }
    }

    pub fn finish(mut self) -> Vec<Block> {
        self.close(Mark(1));
        match self.frames.pop() {
            Some(Frame::Root(blocks)) => blocks,
            _ => Vec::new(),
        }
    }

    pub fn open(&mut self, container: Container) -> Mark {
        match container {
            Container::Item => self.open_item(),
            Container::Row => self.open_row(),
            Container::Cell => self.open_cell(),
            Container::Quote | Container::List { .. } | Container::Table => {
                if !self.end_line() || self.frames.len() + 2 >= ARTICLE_DEPTH_MAX {
                    return self.mark();
                }
                self.push(match container {
                    Container::List { ordered, start } => Frame::List {
                        ordered,
                        start,
                        items: Vec::new(),
                    },
                    Container::Table => Frame::Table(Vec::new()),
                    _ => Frame::Quote(Vec::new()),
                })
            }
        }
    }

    pub fn open_run(&mut self, run: Run) -> Mark {
        match run {
            Run::Paragraph | Run::Heading { .. } => {
                if !self.end_line() {
                    return self.mark();
                }
                self.push(Frame::Line(Line::Run(run), Vec::new()))
            }
            Run::Strong | Run::Emphasis => self.open_mark(Line::Run(run)),
        }
    }

    /// Text until `close` is the text of a link, if the address is allowed.
    pub fn open_link(&mut self, href: &str) -> Mark {
        let nested = self
            .frames
            .iter()
            .any(|frame| matches!(frame, Frame::Line(Line::Link(_), _)));
        if nested || href.trim().is_empty() {
            return self.mark();
        }
        match Link::parse(href, Some(self.base)) {
            Ok(link) => self.open_mark(Line::Link(link)),
            Err(_) => {
                self.reporter.warn(self.place, Code::LinkRefused, href);
                self.mark()
            }
        }
    }

    /// Text until `close` is code on lines of its own.
    pub fn open_code(&mut self) -> Mark {
        if !self.end_line() {
            return self.mark();
        }
        self.push(Frame::Code(String::new()))
    }

    /// Where a later `close` goes back to.
    pub fn mark(&self) -> Mark {
        Mark(self.frames.len())
    }

    pub fn close(&mut self, mark: Mark) {
        while self.frames.len() > mark.0.max(1) {
            self.pop();
        }
    }

    pub fn text(&mut self, text: &str) {
        let Some(first) = text.chars().next() else {
            return;
        };
        if let Some(Frame::Code(code)) = self.frames.last_mut() {
            code.extend(text.chars().filter(|&c| c != '\r').map(neutral));
            return;
        }
        self.write_space(Some(first));
        let clean = text
            .chars()
            .map(|c| neutral(if c == '\n' || c == '\r' { ' ' } else { c }))
            .collect();
        self.write(Inline::Text(clean));
    }

    /// White space between words; several are one.
    pub fn space(&mut self, breaks_line: bool) {
        if let Some(Frame::Code(code)) = self.frames.last_mut() {
            code.push(if breaks_line { '\n' } else { ' ' });
        } else {
            self.space = Some(self.space.unwrap_or(false) || breaks_line);
        }
    }

    pub fn code(&mut self, code: &str) {
        if !code.is_empty() {
            self.write_space(None);
            self.write(Inline::Code(code.chars().map(neutral).collect()));
        }
    }

    pub fn line_break(&mut self) {
        if let Some(Frame::Code(code)) = self.frames.last_mut() {
            code.push('\n');
        } else if matches!(self.frames.last(), Some(Frame::Line(..))) {
            self.space = None;
            self.write(Inline::Break);
        }
    }

    /// A picture, or what it shows where it may not be loaded.
    pub fn picture(&mut self, src: &str, alt: &str) {
        let alt: String = alt.trim().chars().map(neutral).collect();
        match Link::parse(src, Some(self.base)) {
            Ok(link)
                if link.href.starts_with("https://")
                    || link.host.is_empty() && !link.href.contains(':') =>
            {
                self.write_space(None);
                self.write(Inline::Image {
                    src: link.href,
                    alt,
                });
            }
            _ => {
                self.reporter.warn(self.place, Code::PictureRefused, src);
                self.text(&alt);
            }
        }
    }

    pub fn rule(&mut self) {
        if self.end_line() {
            self.push_block(Block::Rule);
        }
    }

    /// Ends the paragraph that stands open, if one does. Within a cell or a heading, which hold one
    /// paragraph only, a line break stands for it, and the answer is `false`.
    pub fn end_line(&mut self) -> bool {
        self.space = None;
        let single = self.frames.iter().any(|frame| {
            matches!(
                frame,
                Frame::Line(Line::Cell | Line::Run(Run::Heading { .. }), _)
            )
        });
        if single {
            let at_start = matches!(self.frames.last(),
                Some(Frame::Line(_, content)) if matches!(content.last(), None | Some(Inline::Break)));
            if !at_start {
                self.write(Inline::Break);
            }
            return false;
        }
        while matches!(self.frames.last(), Some(Frame::Line(..) | Frame::Code(_))) {
            self.pop();
        }
        match self.frames.last() {
            Some(Frame::List { .. }) => {
                self.frames.push(Frame::Item(Vec::new()));
                true
            }
            Some(Frame::Table(_) | Frame::Row(_)) => {
                self.open_cell();
                false
            }
            _ => true,
        }
    }

    fn open_item(&mut self) -> Mark {
        let is_inside = |frames: &[Frame]| {
            matches!(
                frames,
                [.., Frame::List { .. }] | [.., Frame::List { .. }, Frame::Item(_)]
            )
        };
        let lines = self
            .frames
            .iter()
            .rev()
            .take_while(|f| matches!(f, Frame::Line(..) | Frame::Code(_)))
            .count();
        if !is_inside(&self.frames[..self.frames.len() - lines]) {
            self.end_line();
            return self.mark();
        }
        while !matches!(self.frames.last(), Some(Frame::List { .. })) {
            self.pop();
        }
        self.push(Frame::Item(Vec::new()))
    }

    fn open_row(&mut self) -> Mark {
        if !self
            .frames
            .iter()
            .any(|frame| matches!(frame, Frame::Table(_)))
        {
            self.end_line();
            return self.mark();
        }
        while !matches!(self.frames.last(), Some(Frame::Table(_))) {
            self.pop();
        }
        self.push(Frame::Row(Vec::new()))
    }

    fn open_cell(&mut self) -> Mark {
        if !self
            .frames
            .iter()
            .any(|frame| matches!(frame, Frame::Table(_)))
        {
            self.end_line();
            return self.mark();
        }
        while !matches!(self.frames.last(), Some(Frame::Table(_) | Frame::Row(_))) {
            self.pop();
        }
        if matches!(self.frames.last(), Some(Frame::Table(_))) {
            self.frames.push(Frame::Row(Vec::new()));
        }
        self.push(Frame::Line(Line::Cell, Vec::new()))
    }

    fn open_mark(&mut self, line: Line) -> Mark {
        if matches!(self.frames.last(), Some(Frame::Code(_)))
            || self.frames.len() >= ARTICLE_DEPTH_MAX
        {
            return self.mark();
        }
        self.write_space(None);
        self.begin_line();
        self.push(Frame::Line(line, Vec::new()))
    }

    fn push(&mut self, frame: Frame) -> Mark {
        self.frames.push(frame);
        Mark(self.frames.len() - 1)
    }

    /// Text outside a paragraph begins one.
    fn begin_line(&mut self) {
        if !matches!(self.frames.last(), Some(Frame::Line(..))) && self.end_line() {
            self.frames
                .push(Frame::Line(Line::Run(Run::Paragraph), Vec::new()));
        }
    }

    fn write(&mut self, inline: Inline) {
        if matches!(&inline, Inline::Text(text) if text.trim().is_empty())
            && !matches!(self.frames.last(), Some(Frame::Line(..)))
        {
            return;
        }
        self.begin_line();
        if let Some(Frame::Line(_, content)) = self.frames.last_mut() {
            append(content, inline);
        }
    }

    fn write_space(&mut self, next: Option<char>) {
        let Some(breaks_line) = self.space.take() else {
            return;
        };
        let mut before = None;
        for frame in self.frames.iter().rev() {
            let Frame::Line(_, content) = frame else {
                break;
            };
            if let Some(last) = content.last() {
                before = last_char(last);
                break;
            }
        }
        // Chinese and Japanese lines are joined without a space.
        let joins = breaks_line && before.is_some_and(is_unspaced) && next.is_some_and(is_unspaced);
        if before.is_some_and(|c| c != ' ' && c != '\n') && !joins {
            self.write(Inline::Text(" ".into()));
        }
    }

    fn push_block(&mut self, block: Block) {
        if let Some(Frame::Root(blocks) | Frame::Quote(blocks) | Frame::Item(blocks)) =
            self.frames.last_mut()
        {
            blocks.push(block);
        }
    }

    fn pop(&mut self) {
        match self.frames.pop() {
            Some(Frame::Quote(blocks)) if !blocks.is_empty() => {
                self.push_block(Block::Quote(blocks))
            }
            Some(Frame::Item(blocks)) if !blocks.is_empty() => {
                if let Some(Frame::List { items, .. }) = self.frames.last_mut() {
                    items.push(blocks);
                }
            }
            Some(Frame::List {
                ordered,
                start,
                items,
            }) if !items.is_empty() => {
                self.push_block(Block::List {
                    ordered,
                    start,
                    items,
                });
            }
            Some(Frame::Table(rows)) if !rows.is_empty() => self.push_block(Block::Table(rows)),
            Some(Frame::Row(cells)) if cells.iter().any(|cell| !cell.is_empty()) => {
                if let Some(Frame::Table(rows)) = self.frames.last_mut() {
                    rows.push(cells);
                }
            }
            Some(Frame::Code(code)) => {
                let code = code.trim_start_matches('\n').trim_end();
                if !code.trim().is_empty() {
                    self.push_block(Block::Code(code.into()));
                }
            }
            Some(Frame::Line(line, content)) => self.end(line, content),
            _ => {}
        }
    }

    fn end(&mut self, line: Line, mut content: Vec<Inline>) {
        match line {
            Line::Cell => {
                trim(&mut content);
                if let Some(Frame::Row(cells)) = self.frames.last_mut() {
                    cells.push(content);
                }
            }
            Line::Run(Run::Paragraph) => {
                trim(&mut content);
                if !content.is_empty() {
                    self.push_block(Block::Paragraph(content));
                }
            }
            Line::Run(Run::Heading { level, anchor }) => {
                trim(&mut content);
                if !content.is_empty() {
                    let anchor = self.anchor(
                        anchor.as_deref().unwrap_or_default(),
                        &inline_text(&content),
                    );
                    self.push_block(Block::Heading {
                        level,
                        anchor,
                        content,
                    });
                }
            }
            Line::Run(_) | Line::Link(_) if content.iter().all(is_blank) => {
                content.into_iter().for_each(|inline| self.write(inline));
            }
            Line::Run(Run::Strong) => self.write(Inline::Strong(content)),
            Line::Run(Run::Emphasis) => self.write(Inline::Emphasis(content)),
            Line::Link(link) => {
                let host = link.host_beside(&inline_text(&content)).into();
                self.write(Inline::Link {
                    href: link.href,
                    host,
                    content,
                });
            }
        }
    }

    /// An address for a heading that no other of the article has.
    fn anchor(&mut self, wanted: &str, text: &str) -> String {
        let slug = slug(if wanted.is_empty() { text } else { wanted });
        let slug = if slug.is_empty() {
            "section".into()
        } else {
            slug
        };
        let mut anchor = slug.clone();
        while let Some(copies) = self.anchors.get_mut(&anchor) {
            *copies += 1;
            anchor = format!("{slug}-{copies}");
        }
        self.anchors.insert(anchor.clone(), 0);
        anchor
    }
}
