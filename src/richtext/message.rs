//! The small markdown of chat messages: bold, italic, code, links, lists, quotes, line breaks.
//!
//! Two rules set it apart from markdown at large. Nothing that was typed disappears: a mark that
//! means nothing stays as text, so there are no escapes, and `¯\_(ツ)_/¯` keeps its arms. And time
//! is linear in the text whatever the text is: no mark looks ahead twice over the same stretch.

use super::link::Link;
use super::{Block, Inline, all, append, inline_text, neutral, until};
use crate::limits::{EMAIL_DOMAIN_BYTES_MAX, EMAIL_NAME_BYTES_MAX, MESSAGE_DEPTH_MAX};
use crate::list::Gather;

/// Reads a message.
pub fn parse(text: &str) -> Vec<Block> {
    let mut clean = String::with_capacity(text.len());
    let mut after_return = false;
    for c in text.chars() {
        match c {
            '\n' if after_return => {}
            '\r' => clean.push('\n'),
            _ => clean.push(neutral(c)),
        }
        after_return = c == '\r';
    }
    let lines: Vec<&str> = clean.split('\n').listed();
    blocks(&lines, 0)
}

fn blocks(lines: &[&str], depth: usize) -> Vec<Block> {
    let mut found = Vec::new();
    let mut paragraph = Vec::new();
    // Fences of this many backticks or more are known to have no end below.
    let mut unclosed = usize::MAX;
    let mut at = 0;
    while let Some(&line) = lines.get(at) {
        let rest = &lines[at..];
        let block = if is_blank(line) {
            end_paragraph(&mut paragraph, &mut found);
            at += 1;
            continue;
        } else if depth == MESSAGE_DEPTH_MAX {
            None
        } else {
            fence(rest, &mut unclosed)
                .or_else(|| quote(rest, depth))
                .or_else(|| list(rest, depth))
        };
        match block {
            Some((block, taken)) => {
                end_paragraph(&mut paragraph, &mut found);
                found.push(block);
                at += taken;
            }
            None => {
                paragraph.push(line);
                at += 1;
            }
        }
    }
    end_paragraph(&mut paragraph, &mut found);
    found
}

fn end_paragraph(lines: &mut Vec<&str>, found: &mut Vec<Block>) {
    if !lines.is_empty() {
        found.push(Block::Paragraph(inline(&lines.join("\n"), true)));
        lines.clear();
    }
}

/// A block of code and the number of its lines. What follows the opening fence (a language, or the
/// code itself) is kept as its first line.
fn fence(lines: &[&str], unclosed: &mut usize) -> Option<(Block, usize)> {
    let first = lines[0].trim_start();
    let info = first.trim_start_matches('`');
    let width = first.len() - info.len();
    if width < 3 || width >= *unclosed || info.contains('`') {
        return None;
    }
    let is_end = |line: &&str| line.trim().len() >= width && line.trim().bytes().all(|c| c == b'`');
    let Some(inside) = lines[1..].iter().position(is_end) else {
        *unclosed = width;
        return None;
    };
    if is_blank(info) && lines[1..=inside].iter().all(|line| is_blank(line)) {
        return None;
    }
    let info = Some(info.trim()).filter(|info| !info.is_empty());
    let code: Vec<&str> = info
        .into_iter()
        .chain(lines[1..=inside].iter().copied())
        .listed();
    Some((Block::Code(code.join("\n")), inside + 2))
}

fn quote(lines: &[&str], depth: usize) -> Option<(Block, usize)> {
    let inner: Vec<&str> = lines.iter().map_while(|line| quoted(line)).listed();
    if inner.iter().all(|line| is_blank(line)) {
        return None;
    }
    Some((Block::Quote(blocks(&inner, depth + 1)), inner.len()))
}

/// The text after a quotation mark; `>_<` and `>5` are no quotations.
fn quoted(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches(' ').strip_prefix('>')?;
    if rest.is_empty() || rest.starts_with('>') {
        Some(rest)
    } else {
        rest.strip_prefix(' ')
    }
}

fn list(lines: &[&str], depth: usize) -> Option<(Block, usize)> {
    let first = marker(lines[0])?;
    let mut items = Vec::new();
    let mut number = first.number;
    let mut at = 0;
    while let Some(item) = lines.get(at).and_then(|line| marker(line)) {
        if item.number != number {
            break;
        }
        number = number.map(|n| n + 1);
        let mut inner = vec![item.text];
        let mut next = at + 1;
        // Blank lines belong to the item if an indented line follows, to the list if an item does.
        let mut blank = 0;
        while let Some(&line) = lines.get(next + blank) {
            if is_blank(line) {
                blank += 1;
            } else if indent(line) >= 2 {
                inner.extend(std::iter::repeat_n("", blank));
                inner.push(dedent(line, item.width));
                next += blank + 1;
                blank = 0;
            } else {
                break;
            }
        }
        items.push(blocks(&inner, depth + 1));
        at = next + blank;
    }
    Some((
        Block::List {
            ordered: first.number.is_some(),
            start: first.number.unwrap_or(1),
            items,
        },
        at,
    ))
}

struct Marker<'t> {
    number: Option<u32>,
    /// Columns before the text.
    width: usize,
    text: &'t str,
}

fn marker(line: &str) -> Option<Marker<'_>> {
    let body = line.trim_start_matches(' ');
    let digits = body.bytes().take_while(u8::is_ascii_digit).count();
    let mark = body.as_bytes().get(digits)?;
    let number = match (digits, mark) {
        (0, b'-' | b'*') => None,
        // "007." would lose its zeros.
        (1..=9, b'.' | b')') if digits == 1 || !body.starts_with('0') => Some(
            body.bytes()
                .take(digits)
                .fold(0, |n, c| n * 10 + u32::from(c - b'0')),
        ),
        _ => return None,
    };
    let text = body[digits + 1..].strip_prefix(' ')?;
    if is_blank(text) {
        return None;
    }
    Some(Marker {
        number,
        width: line.len() - text.len(),
        text,
    })
}

fn is_blank(line: &str) -> bool {
    line.bytes().all(|c| c == b' ' || c == b'\t')
}

fn indent(line: &str) -> usize {
    let columns = line.bytes().map_while(|c| match c {
        b' ' => Some(1),
        b'\t' => Some(4),
        _ => None,
    });
    columns.take(16).sum()
}

fn dedent(line: &str, width: usize) -> &str {
    let spaces = line.bytes().take(width).take_while(|&c| c == b' ').count();
    if spaces == 0 {
        line.trim_start_matches('\t')
    } else {
        &line[spaces..]
    }
}

/// A stretch of text inside an open mark. The outermost has no mark.
struct Open {
    mark: u8,
    width: usize,
    content: Vec<Inline>,
}

struct Writer {
    open: Vec<Open>,
}

impl Writer {
    fn push(&mut self, inline: Inline) {
        if let Some(top) = self.open.last_mut() {
            append(&mut top.content, inline);
        }
    }

    fn text(&mut self, text: &str) {
        if !text.is_empty() {
            self.push(Inline::Text(text.into()));
        }
    }

    fn is_open(&self, mark: u8, width: usize) -> bool {
        self.open
            .iter()
            .any(|open| open.mark == mark && open.width == width)
    }

    /// Ends the innermost stretch without giving its mark a meaning.
    fn abandon(&mut self) {
        if let Some(open) = self.open.pop() {
            self.text(&char::from(open.mark).to_string().repeat(open.width));
            open.content
                .into_iter()
                .for_each(|inline| self.push(inline));
        }
    }

    /// Ends the stretch at `index` with its meaning; whatever was opened inside it has none.
    fn close(&mut self, index: usize) {
        while self.open.len() > index + 1 {
            self.abandon();
        }
        if let Some(Open { width, content, .. }) = self.open.pop() {
            self.push(if width == 2 {
                Inline::Strong(content)
            } else {
                Inline::Emphasis(content)
            });
        }
    }

    fn finish(mut self) -> Vec<Inline> {
        while self.open.len() > 1 {
            self.abandon();
        }
        self.open
            .pop()
            .map(|outermost| outermost.content)
            .unwrap_or_default()
    }
}

fn inline(text: &str, with_links: bool) -> Vec<Inline> {
    let bytes = text.as_bytes();
    let mut writer = Writer {
        open: vec![Open {
            mark: 0,
            width: 0,
            content: Vec::new(),
        }],
    };
    // Bit n: no run of n backticks lies ahead, so that none is looked for twice.
    let mut no_backticks = 0u32;
    let mut plain = 0;
    let mut at = 0;
    while at < bytes.len() {
        let escaped = at > 0 && bytes[at - 1] == b'\\';
        let found = match bytes[at] {
            b'\n' => Some((at, at + 1, Inline::Break)),
            b'`' if !escaped => match code(text, at, &mut no_backticks) {
                Ok(found) => Some(found),
                Err(end) => {
                    at = end;
                    continue;
                }
            },
            mark @ (b'*' | b'_') if !escaped => {
                writer.text(&text[plain..at]);
                let end = at + bytes[at..].iter().take_while(|&&c| c == mark).count();
                emphasis(&mut writer, text, at, end);
                (at, plain) = (end, end);
                continue;
            }
            b'[' if with_links && !escaped => named_link(text, at),
            b'@' if with_links => email(text, plain, at),
            b'h' | b'H' | b'w' | b'W' if with_links => match address(text, at) {
                Some((end, Some(link))) => Some((at, end, link)),
                Some((end, None)) => {
                    at = end;
                    continue;
                }
                None => None,
            },
            _ => None,
        };
        match found {
            Some((start, end, inline)) => {
                writer.text(&text[plain..start]);
                writer.push(inline);
                (at, plain) = (end, end);
            }
            None => at += 1,
        }
    }
    writer.text(&text[plain..]);
    writer.finish()
}

/// Code between runs of as many backticks, or where the run at `at` ends if it begins none.
fn code(text: &str, at: usize, none_ahead: &mut u32) -> Result<(usize, usize, Inline), usize> {
    let run = |from: usize| {
        text.as_bytes()[from..]
            .iter()
            .take_while(|&&c| c == b'`')
            .count()
    };
    let width = run(at);
    let start = at + width;
    if width >= 32 || *none_ahead & 1 << width != 0 {
        return Err(start);
    }
    let mut from = start;
    while let Some(gap) = text[from..].find('`') {
        let end = from + gap;
        let closing = run(end);
        if closing == width {
            if all(&text[start..end], is_space) {
                return Err(start);
            }
            return Ok((at, end + width, Inline::Code(text[start..end].into())));
        }
        from = end + closing;
    }
    *none_ahead |= 1 << width;
    Err(start)
}

/// A run of `*` or `_`: it ends what is open, begins something, or is text.
fn emphasis(writer: &mut Writer, text: &str, start: usize, end: usize) {
    let mark = text.as_bytes()[start];
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    let stands = |c: Option<char>| c.is_some_and(|c| !is_space(c));
    // `snake_case` and `2*3*4` are no emphasis; `这是**重点**内容` is, though no space parts it.
    let can_open = stands(after) && !before.is_some_and(is_letter);
    let can_close = stands(before) && !after.is_some_and(is_letter);
    let mut left = end - start;
    if left <= 3 {
        while can_close && left > 0 {
            let fits = |exact: bool| {
                writer.open.iter().rposition(|open| {
                    open.mark == mark
                        && if exact {
                            open.width == left
                        } else {
                            open.width < left
                        }
                })
            };
            let Some(index) = fits(true).or_else(|| fits(false)) else {
                break;
            };
            left -= writer.open[index].width;
            writer.close(index);
        }
        for width in [2, 1] {
            if can_open && left >= width && !writer.is_open(mark, width) {
                writer.open.push(Open {
                    mark,
                    width,
                    content: Vec::new(),
                });
                left -= width;
            }
        }
    }
    writer.text(&text[end - left..end]);
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\u{a0}' | '\u{3000}')
}

/// Letters and digits of the scripts that part words by spaces.
fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || ('\u{c0}'..'\u{2000}').contains(&c)
}

/// `[text](address)`
fn named_link(text: &str, at: usize) -> Option<(usize, usize, Inline)> {
    let rest = &text[at + 1..];
    let close = until(rest, &mut |c| c == '[' || c == ']');
    let address = rest[close..].strip_prefix("](")?;
    if is_blank(&rest[..close]) {
        return None;
    }
    let mut depth = 0;
    let mut ends = |c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth < 0 || is_space(c) || c == '['
    };
    let length = until(address, &mut ends);
    if !address[length..].starts_with(')') {
        return None;
    }
    let link = Link::parse(&address[..length], None).ok()?;
    let content = inline(&rest[..close], false);
    let host = link.host_beside(&inline_text(&content)).into();
    let end = at + 1 + close + 2 + length + 1;
    Some((
        at,
        end,
        Inline::Link {
            href: link.href,
            host,
            content,
        },
    ))
}

/// An address written out. Where it ends, and its link unless it is refused.
fn address(text: &str, at: usize) -> Option<(usize, Option<Inline>)> {
    let rest = &text[at..];
    let begins = |with: &str| {
        rest.as_bytes()
            .get(..with.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(with.as_bytes()))
    };
    let www = begins("www.");
    if !(www || begins("http://") || begins("https://"))
        || text[..at].chars().next_back().is_some_and(is_letter)
    {
        return None;
    }
    let whole = &rest[..until(rest, &mut ends_address)];
    let shown = without_punctuation(whole);
    let written = if www {
        ["https://", shown].concat()
    } else {
        shown.into()
    };
    match Link::parse(&written, None) {
        Ok(link) if !www || link.host.matches('.').count() > 1 => {
            let host = link.host_beside(shown).into();
            let content = vec![Inline::Text(shown.into())];
            Some((
                at + shown.len(),
                Some(Inline::Link {
                    href: link.href,
                    host,
                    content,
                }),
            ))
        }
        _ => Some((at + whole.len(), None)),
    }
}

/// Chinese and Japanese put no space after an address, so their letters and marks end it; so do
/// typographic quotes and whatever cannot be seen.
fn ends_address(c: char) -> bool {
    is_space(c)
        || matches!(c, '<' | '>' | '"' | '`' | '\u{2000}'..='\u{206f}' | '\u{2e80}'..='\u{ffff}')
}

/// Without the punctuation of the sentence around it.
fn without_punctuation(address: &str) -> &str {
    let count = |wanted: u8| address.bytes().filter(|&c| c == wanted).count();
    let mut unopened = [
        count(b')').saturating_sub(count(b'(')),
        count(b']').saturating_sub(count(b'[')),
    ];
    let mut end = address.len();
    for c in address.bytes().rev() {
        match c {
            b'.' | b',' | b';' | b':' | b'!' | b'?' | b'\'' | b'*' | b'_' | b'~' => {}
            b')' if unopened[0] > 0 => unopened[0] -= 1,
            b']' if unopened[1] > 0 => unopened[1] -= 1,
            _ => break,
        }
        end -= 1;
    }
    &address[..end]
}

/// A mail address around the `@` at `at`; its name starts no earlier than `from`.
fn email(text: &str, from: usize, at: usize) -> Option<(usize, usize, Inline)> {
    let bytes = text.as_bytes();
    let in_name = |c: &&u8| c.is_ascii_alphanumeric() || b"._%+-".contains(c);
    let in_domain = |c: &&u8| c.is_ascii_alphanumeric() || b".-".contains(c);
    let name = bytes[from..at]
        .iter()
        .rev()
        .take(EMAIL_NAME_BYTES_MAX)
        .take_while(in_name)
        .count();
    let domain = bytes[at + 1..]
        .iter()
        .take(EMAIL_DOMAIN_BYTES_MAX)
        .take_while(in_domain)
        .count();
    let domain = text[at + 1..at + 1 + domain].trim_end_matches(['.', '-']);
    if name == 0 || !domain.contains('.') || domain.split('.').any(str::is_empty) {
        return None;
    }
    let (start, end) = (at - name, at + 1 + domain.len());
    let written = &text[start..end];
    let link = Link::parse(&["mailto:", written].concat(), None).ok()?;
    let content = vec![Inline::Text(written.into())];
    Some((
        start,
        end,
        Inline::Link {
            href: link.href,
            host: link.host,
            content,
        },
    ))
}
