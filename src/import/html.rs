//! The HTML of an article -> blocks.
//!
//! Only html5ever's tokenizer is used, not its tree: one pass in linear time, and nesting of any depth
//! costs nothing. What a tree would repair, [`ArticleWriter`] forgives.

use super::article::{ArticleWriter, Container, Mark, Run};
use super::report::{Place, Reporter};
use crate::richtext::Block;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use std::cell::RefCell;

/// Elements still open, so that an end tag finds its start tag. Deeper ones are read without their
/// meaning.
const OPEN_MAX: usize = 256;

/// HTML as blocks. `base` is the address of the article, or empty.
pub(super) fn blocks(
    markup: &str,
    base: &str,
    place: Option<Place>,
    reporter: &mut Reporter,
) -> Vec<Block> {
    let mut writer = ArticleWriter::new(base, place, reporter);
    write(markup, &mut writer);
    writer.finish()
}

/// Writes a fragment of HTML; what it leaves open ends with it.
pub(super) fn write(markup: &str, writer: &mut ArticleWriter<'_>) {
    if markup.is_empty() {
        return;
    }
    let start = writer.mark();
    let reader = Reader {
        writer: &mut *writer,
        open: Vec::new(),
        hidden: None,
        inline_code: None,
    };
    let unfinished = tokenize(markup, Sink(RefCell::new(reader)))
        .0
        .into_inner()
        .inline_code;
    if let Some((_, code)) = unfinished {
        writer.code(&code);
    }
    writer.close(start);
}

/// Writes what a single tag within a Markdown line means by itself: a break or a picture. The text
/// around other tags stays without them.
pub(super) fn write_inline(tag: &str, writer: &mut ArticleWriter<'_>) {
    let name: String = tag
        .chars()
        .skip(1)
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    if matches!(name.to_ascii_lowercase().as_str(), "br" | "img") {
        write(tag, writer);
    }
}

/// Whether a text that may be plain or HTML is HTML.
pub(super) fn looks_like_html(text: &str) -> bool {
    const TAGS: [&str; 13] = [
        "p", "br", "div", "span", "a", "ul", "ol", "li", "img", "b", "strong", "table", "h2",
    ];
    text.split('<').skip(1).any(|rest| {
        let name: String = rest
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .take(8)
            .collect();
        let after = rest
            .trim_start_matches('/')
            .get(name.len()..)
            .unwrap_or_default();
        TAGS.contains(&name.to_ascii_lowercase().as_str())
            && after.starts_with(['>', ' ', '/', '\n'])
            && after.contains('>')
    })
}

/// The texts of the `<script type="application/ld+json">` elements of a page, and its language.
pub(super) fn linked_data(page: &str) -> (Vec<String>, Option<String>) {
    let sink = PageSink::default();
    let sink = tokenize(page, sink);
    (sink.scripts.into_inner(), sink.language.into_inner())
}

fn tokenize<S: TokenSink>(markup: &str, sink: S) -> S {
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(markup));
    // It only pauses where a sink asks for it, which ours do not.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink
}

/// How the text of an element is to be tokenized.
fn raw_kind(name: &str) -> Option<RawKind> {
    match name {
        "script" => Some(RawKind::ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => Some(RawKind::Rawtext),
        "textarea" | "title" => Some(RawKind::Rcdata),
        _ => None,
    }
}

#[derive(Default)]
struct PageSink {
    scripts: RefCell<Vec<String>>,
    inside: RefCell<Option<String>>,
    language: RefCell<Option<String>>,
}

impl TokenSink for PageSink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                if &*tag.name == "html" {
                    *self.language.borrow_mut() = attribute(&tag, "lang");
                }
                let kind = attribute(&tag, "type").unwrap_or_default();
                if &*tag.name == "script" && kind.trim().eq_ignore_ascii_case("application/ld+json")
                {
                    *self.inside.borrow_mut() = Some(String::new());
                }
                raw_kind(&tag.name).map_or(TokenSinkResult::Continue, TokenSinkResult::RawData)
            }
            Token::TagToken(_) => {
                self.scripts
                    .borrow_mut()
                    .extend(self.inside.borrow_mut().take());
                TokenSinkResult::Continue
            }
            Token::CharacterTokens(text) => {
                if let Some(script) = self.inside.borrow_mut().as_mut() {
                    script.push_str(&text);
                }
                TokenSinkResult::Continue
            }
            _ => TokenSinkResult::Continue,
        }
    }
}

struct Sink<'s, 'w>(RefCell<Reader<'s, 'w>>);

impl TokenSink for Sink<'_, '_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut reader = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                reader.start(&tag);
                return raw_kind(&tag.name)
                    .map_or(TokenSinkResult::Continue, TokenSinkResult::RawData);
            }
            Token::TagToken(tag) => reader.end(&tag.name),
            Token::CharacterTokens(text) => reader.text(&text),
            Token::NullCharacterToken => reader.text("\0"),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

struct Reader<'s, 'w> {
    writer: &'s mut ArticleWriter<'w>,
    open: Vec<(String, Mark)>,
    /// Inside an element whose text is not shown: its name, and how often it is nested in itself.
    hidden: Option<(String, u32)>,
    /// Inside code within a line: its text so far.
    inline_code: Option<(String, String)>,
}

impl Reader<'_, '_> {
    fn start(&mut self, tag: &Tag) {
        let name: &str = &tag.name;
        if let Some((hidden, depth)) = &mut self.hidden {
            *depth += u32::from(hidden == name);
            return;
        }
        if self.inline_code.is_some() {
            return;
        }
        let mark = match name {
            "script" | "style" | "template" | "svg" | "math" | "title" | "textarea" | "select"
            | "object" | "iframe" | "video" | "audio" | "noembed" | "noframes" | "canvas" => {
                self.media(tag);
                if !(tag.self_closing && matches!(name, "svg" | "math")) {
                    self.hidden = Some((name.into(), 1));
                }
                return;
            }
            "br" => return self.writer.line_break(),
            "hr" => return self.writer.rule(),
            "img" => {
                let src = attribute(tag, "src")
                    .or_else(|| attribute(tag, "data-src"))
                    .unwrap_or_default();
                let alt = attribute(tag, "alt").unwrap_or_default();
                return if src.is_empty() {
                    self.writer.text(&alt)
                } else {
                    self.writer.picture(&src, &alt)
                };
            }
            "code" | "kbd" | "samp" | "tt" if !self.is_open("pre") => {
                self.inline_code = Some((name.into(), String::new()));
                return;
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let level = name.as_bytes()[1] - b'0';
                self.writer.open_run(Run::Heading {
                    level,
                    anchor: attribute(tag, "id"),
                })
            }
            "p" => self.writer.open_run(Run::Paragraph),
            "blockquote" => self.writer.open(Container::Quote),
            "pre" | "xmp" | "listing" => self.writer.open_code(),
            "ul" | "menu" | "dir" => self.writer.open(Container::List {
                ordered: false,
                start: 1,
            }),
            "ol" => {
                let start = attribute(tag, "start")
                    .and_then(|start| start.trim().parse().ok())
                    .unwrap_or(1);
                self.writer.open(Container::List {
                    ordered: true,
                    start,
                })
            }
            "li" => self.writer.open(Container::Item),
            "table" => self.writer.open(Container::Table),
            "tr" => self.writer.open(Container::Row),
            "td" | "th" => self.writer.open(Container::Cell),
            "b" | "strong" => self.writer.open_run(Run::Strong),
            "i" | "em" | "cite" | "dfn" | "var" => self.writer.open_run(Run::Emphasis),
            "a" => self
                .writer
                .open_link(&attribute(tag, "href").unwrap_or_default()),
            "summary" | "dt" | "caption" | "legend" | "figcaption" => {
                self.writer.end_line();
                self.writer.open_run(if name == "figcaption" {
                    Run::Emphasis
                } else {
                    Run::Strong
                })
            }
            _ if is_block(name) => {
                self.writer.end_line();
                return;
            }
            _ => return,
        };
        if self.open.len() < OPEN_MAX {
            self.open.push((name.into(), mark));
        }
    }

    fn end(&mut self, name: &str) {
        if let Some((hidden, depth)) = &mut self.hidden {
            if hidden == name {
                *depth -= 1;
                if *depth == 0 {
                    self.hidden = None;
                }
            }
            return;
        }
        if let Some((element, code)) = &self.inline_code {
            if element == name || is_block(name) {
                self.writer.code(code);
                self.inline_code = None;
            }
            if !is_block(name) {
                return;
            }
        }
        if let Some(at) = self.open.iter().rposition(|(open, _)| open == name) {
            self.writer.close(self.open[at].1);
            self.open.truncate(at);
        }
        if is_block(name) && !matches!(name, "tr" | "td" | "th" | "li") {
            self.writer.end_line();
        }
    }

    fn text(&mut self, text: &str) {
        if self.hidden.is_some() {
        } else if let Some((_, code)) = &mut self.inline_code {
            code.push_str(text);
        } else if self.is_open("pre") {
            self.writer.text(text);
        } else {
            let is_space = |c: char| c.is_ascii_whitespace();
            let mut rest = text;
            while !rest.is_empty() {
                let word = rest.find(is_space).unwrap_or(rest.len());
                self.writer.text(&rest[..word]);
                rest = &rest[word..];
                let space = rest.find(|c| !is_space(c)).unwrap_or(rest.len());
                if space > 0 {
                    self.writer.space(rest[..space].contains('\n'));
                }
                rest = &rest[space..];
            }
        }
    }

    /// A film or a page inside the page becomes a link to it.
    fn media(&mut self, tag: &Tag) {
        if !matches!(&*tag.name, "iframe" | "video" | "audio") {
            return;
        }
        if let Some(src) = attribute(tag, "src").filter(|src| src.starts_with("https://")) {
            let mark = self.writer.open_link(&src);
            self.writer.text(
                &attribute(tag, "title")
                    .filter(|title| !title.trim().is_empty())
                    .unwrap_or(src),
            );
            self.writer.close(mark);
        }
    }

    fn is_open(&self, name: &str) -> bool {
        self.open.iter().any(|(open, _)| open == name)
    }
}

fn attribute(tag: &Tag, name: &str) -> Option<String> {
    let found = tag
        .attrs
        .iter()
        .find(|attribute| &*attribute.name.local == name);
    found.map(|attribute| attribute.value.to_string())
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "html"
            | "legend"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "td"
            | "th"
            | "tr"
            | "ul"
    )
}
