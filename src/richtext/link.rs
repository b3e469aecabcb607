//! Which addresses may become a link, and what host a reader is told.
//!
//! An address is taken apart only far enough to be sure where a browser would go; whatever a
//! browser might read in another way (backslashes, control characters, `user@host`, an escaped or
//! compatibility character in the host) is refused and stays plain text.

use super::{all, until};
use crate::limits::{HOST_BYTES_MAX, LINK_BYTES_MAX};

/// An address that may be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The address; its host is in ASCII, so that a browser maps nothing.
    pub href: String,
    /// The host as a reader should see it; empty for mailto, tel, anchors and relative addresses.
    pub host: String,
}

/// Why an address was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// Longer than [`LINK_BYTES_MAX`].
    TooLong,
    /// Nothing there.
    Empty,
    /// Control, invisible or direction-changing characters, or a backslash.
    Character,
    /// Not http, https, mailto or tel.
    Scheme,
    /// A host that is missing, malformed, or not what it seems.
    Host,
    /// A name before the host, as in `https://bank@evil`.
    UserInfo,
    /// Relative, where there is nothing to be relative to.
    Relative,
}

impl LinkError {
    /// A stable code.
    pub fn code(self) -> &'static str {
        match self {
            LinkError::TooLong => "link-too-long",
            LinkError::Empty => "link-empty",
            LinkError::Character => "link-character",
            LinkError::Scheme => "link-scheme",
            LinkError::Host => "link-host",
            LinkError::UserInfo => "link-user-info",
            LinkError::Relative => "link-relative",
        }
    }
}

impl Link {
    /// Reads an address. Without a `base` it must be absolute, as in a message. With one (an
    /// article) it may be an anchor, or relative: it is joined to a `base` that is itself absolute
    /// and stays relative to the page where the `base` is empty.
    pub fn parse(href: &str, base: Option<&str>) -> Result<Link, LinkError> {
        if href.len() > LINK_BYTES_MAX {
            return Err(LinkError::TooLong);
        }
        let href = href.trim_matches(|c| c <= ' ');
        if href.is_empty() {
            return Err(LinkError::Empty);
        }
        if !all(href, |c| !is_refused(c)) {
            return Err(LinkError::Character);
        }
        match href.split_once(':') {
            Some((scheme, rest)) if is_meant_as_scheme(scheme) => absolute(scheme, rest),
            _ => relative(href, base.ok_or(LinkError::Relative)?),
        }
    }

    /// The host to show beside a link whose text is `text`: empty if the text shows it already.
    pub fn host_beside(&self, text: &str) -> &str {
        let text = text.trim();
        let after_scheme = text.find(':').and_then(|at| text[at..].strip_prefix("://"));
        let address = after_scheme.unwrap_or(text);
        let end = until(address, &mut |c| matches!(c, '/' | '?' | '#' | ':'));
        if address[..end].eq_ignore_ascii_case(&self.host) {
            ""
        } else {
            &self.host
        }
    }
}

/// A colon before any of `/?#` ends a scheme; so does one after an entity (`java&#10;script:`) that
/// somebody might decode later.
fn is_meant_as_scheme(text: &str) -> bool {
    let hidden = !all(text, |c| c != '&') && !text.starts_with('#');
    all(text, |c| c != '/' && c != '?') && (hidden || all(text, |c| c != '#'))
}

fn absolute(scheme: &str, rest: &str) -> Result<Link, LinkError> {
    if scheme.eq_ignore_ascii_case("https") {
        web("https://", rest)
    } else if scheme.eq_ignore_ascii_case("http") {
        web("http://", rest)
    } else if scheme.eq_ignore_ascii_case("mailto") {
        plain("mailto:", rest, |c| c > b' ')
    } else if scheme.eq_ignore_ascii_case("tel") {
        plain("tel:", rest, |c| {
            c.is_ascii_alphanumeric() || b"+-.()*#;=".contains(&c)
        })
    } else {
        Err(LinkError::Scheme)
    }
}

fn web(scheme: &str, rest: &str) -> Result<Link, LinkError> {
    // Browsers repair `https:host` and `https:///host`; a person who writes one of them is rare.
    let rest = rest.strip_prefix("//").ok_or(LinkError::Host)?;
    let (authority, tail) = rest.split_at(until(rest, &mut |c| matches!(c, '/' | '?' | '#')));
    if !all(authority, |c| c != '@') {
        return Err(LinkError::UserInfo);
    }
    let (name, port) = match authority.bytes().rposition(|c| c == b':') {
        Some(at) if !authority.ends_with(']') => authority.split_at(at),
        _ => (authority, ""),
    };
    let digits = port.strip_prefix(':').unwrap_or("");
    if !digits.bytes().all(|c| c.is_ascii_digit()) || digits.len() > 5 {
        return Err(LinkError::Host);
    }
    let (real, shown) = host(name)?;
    let mut href = String::with_capacity(scheme.len() + real.len() + port.len() + tail.len());
    href.push_str(scheme);
    href.push_str(&real);
    if !digits.is_empty() {
        href.push_str(port);
    }
    push_path(&mut href, tail);
    Ok(Link { href, host: shown })
}

fn plain(scheme: &str, rest: &str, allowed: fn(u8) -> bool) -> Result<Link, LinkError> {
    if rest.is_empty() {
        return Err(LinkError::Empty);
    }
    if !rest.bytes().all(allowed) {
        return Err(LinkError::Character);
    }
    let mut href = String::from(scheme);
    href.push_str(rest);
    Ok(Link {
        href,
        host: String::new(),
    })
}

fn relative(href: &str, base: &str) -> Result<Link, LinkError> {
    if href.starts_with("//") {
        return Err(LinkError::Host);
    }
    if href.starts_with('#') || base.is_empty() {
        let mut path = String::new();
        push_path(&mut path, href);
        return Ok(Link {
            href: path,
            host: String::new(),
        });
    }
    let base = Link::parse(base, None)?;
    if base.host.is_empty() {
        return Err(LinkError::Relative);
    }
    let (address, _) = without_query(&base.href);
    let (site, base_path) = address.split_at(origin_end(address));
    let (path, query) = without_query(href);
    let mut joined = String::from(site);
    if path.is_empty() {
        joined.push_str(if base_path.is_empty() { "/" } else { base_path });
    } else {
        let folder = base_path.rfind('/').map_or("", |at| &base_path[..at]);
        let folder = if path.starts_with('/') { "" } else { folder };
        push_path(&mut joined, &without_dots(folder, path));
    }
    push_path(&mut joined, query);
    Ok(Link {
        href: joined,
        host: base.host,
    })
}

fn without_query(address: &str) -> (&str, &str) {
    address.split_at(until(address, &mut |c| c == '?' || c == '#'))
}

/// Where the origin of an absolute address ends: at its third slash.
pub(crate) fn origin_end(address: &str) -> usize {
    let mut slashes = 0;
    until(address, &mut |c| {
        slashes += u32::from(c == '/');
        slashes == 3
    })
}

/// `folder` and `path` as one path, its `.` and `..` resolved; it never climbs above the root.
fn without_dots(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let mut last = "";
    for part in folder
        .split('/')
        .skip(1)
        .chain(path.trim_start_matches('/').split('/'))
    {
        last = part;
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    if last == "." || last == ".." {
        parts.push("");
    }
    let mut whole = String::new();
    for part in parts {
        whole.push('/');
        whole.push_str(part);
    }
    whole
}

/// Spaces are written as a browser would write them.
fn push_path(href: &mut String, path: &str) {
    for c in path.chars() {
        match c {
            ' ' => href.push_str("%20"),
            _ => href.push(c),
        }
    }
}

/// Characters that no address needs and that hide where it leads: controls (browsers drop tab and
/// line feed from the middle of a scheme), backslashes (browsers read them as slashes), and what
/// cannot be seen or turns the reading direction.
fn is_refused(c: char) -> bool {
    c < ' ' || c == '\\' || ('\u{7f}'..='\u{a0}').contains(&c) || is_invisible(c)
}

fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{fffd}'
        | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}'
        | '\u{3000}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The host in ASCII, and as it should be shown.
fn host(name: &str) -> Result<(String, String), LinkError> {
    if let Some(address) = name.strip_prefix('[') {
        let address = address.strip_suffix(']').ok_or(LinkError::Host)?;
        let fits = !all(address, |c| c != ':')
            && address
                .bytes()
                .all(|c| c.is_ascii_hexdigit() || c == b':' || c == b'.');
        return if fits {
            Ok((name.into(), name.into()))
        } else {
            Err(LinkError::Host)
        };
    }
    let mut real = String::new();
    let mut shown = String::new();
    for label in name.strip_suffix('.').unwrap_or(name).split('.') {
        if label.is_empty() || !all(label, is_host_character) {
            return Err(LinkError::Host);
        }
        if !real.is_empty() {
            real.push('.');
            shown.push('.');
        }
        let in_ascii = if label.is_ascii() {
            label.to_ascii_lowercase()
        } else {
            punycode(label).ok_or(LinkError::Host)?
        };
        real.push_str(&in_ascii);
        let plain_east_asian = all(label, |c| is_east_asian(c) || c.is_ascii_digit());
        let letters = plain_east_asian && !label.is_ascii();
        shown.push_str(if letters { label } else { &in_ascii });
    }
    let honest = real.len() <= HOST_BYTES_MAX && (!ends_in_number(&real) || is_ipv4(&real));
    if honest {
        Ok((real, shown))
    } else {
        Err(LinkError::Host)
    }
}

/// Browsers read `2130706433`, `0x7f.1` and `0177.0.0.1` as addresses too; only the plain form says
/// where it leads.
fn ends_in_number(host: &str) -> bool {
    let dot = host.bytes().rposition(|c| c == b'.');
    let last = &host[dot.map_or(0, |dot| dot + 1)..];
    last.bytes().all(|c| c.is_ascii_digit()) || last.starts_with("0x")
}

fn is_ipv4(host: &str) -> bool {
    let plain = |part: &str| {
        part.len() <= 3
            && (part == "0" || !part.starts_with('0'))
            && part.bytes().all(|c| c.is_ascii_digit())
            && part
                .bytes()
                .fold(0u32, |sum, c| sum * 10 + u32::from(c - b'0'))
                <= 255
    };
    host.split('.').count() == 4 && host.split('.').all(plain)
}

/// Letters, digits, hyphen and underscore. Above ASCII what a browser would map to something else
/// (full-width forms, ideographic full stops, combining marks, compatibility letters) is refused.
fn is_host_character(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || c == '-'
        || c == '_'
        || (c >= '\u{df}' && c != '\u{f7}')
            && !matches!(c,
                '\u{300}'..='\u{36f}' | '\u{1d00}'..='\u{1dff}' | '\u{2000}'..='\u{2e7f}'
                | '\u{2f00}'..='\u{3004}' | '\u{3007}'..='\u{3040}' | '\u{3200}'..='\u{33ff}'
                | '\u{e000}'..='\u{faff}' | '\u{fe00}'..='\u{ffff}' | '\u{1d400}'..='\u{1d7ff}'
                | '\u{1f000}'..='\u{1ffff}' | '\u{2f800}'..='\u{2fa1f}' | '\u{e0000}'..='\u{10ffff}')
}

/// Scripts that share no look-alikes with Latin: a label of these alone is shown in its own
/// letters. Any other name beyond ASCII could pass for another (`аррӏе`), so it is shown encoded.
fn is_east_asian(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4dbf}' | '\u{4e01}'..='\u{9fff}' | '\u{3041}'..='\u{3096}'
        | '\u{30a1}'..='\u{30fa}' | '\u{ac00}'..='\u{d7a3}')
        && !matches!(
            c,
            '丶' | '丿' | 'ノ' | 'ン' | 'ソ' | 'ゾ' | 'へ' | 'ヘ' | '口' | 'ロ' | '工' | 'エ'
        )
}

/// A label in the ASCII form of RFC 3492, with its `xn--`.
fn punycode(label: &str) -> Option<String> {
    let mut output = String::new();
    for c in label.chars().filter(char::is_ascii) {
        output.push(c.to_ascii_lowercase());
    }
    let basic = output.len() as u32;
    let total = label.chars().count() as u32;
    if total > 63 {
        return None;
    }
    if basic > 0 {
        output.push('-');
    }
    let (mut handled, mut code, mut delta, mut bias) = (basic, 128u32, 0u32, 72u32);
    while handled < total {
        let next = label.chars().map(u32::from).filter(|&c| c >= code).min()?;
        delta = delta.checked_add((next - code).checked_mul(handled + 1)?)?;
        code = next;
        for c in label.chars().map(u32::from) {
            if c < code {
                delta += 1;
            } else if c == code {
                bias = push_number(&mut output, delta, bias, handled, basic);
                delta = 0;
                handled += 1;
            }
        }
        delta += 1;
        code += 1;
    }
    (output.len() + 4 <= 63).then(|| ["xn--", &output].concat())
}

/// Writes `delta` as a variable-length number and gives the next bias.
fn push_number(output: &mut String, delta: u32, bias: u32, handled: u32, basic: u32) -> u32 {
    let digit = |value: u32| char::from(value as u8 + if value < 26 { b'a' } else { b'0' - 26 });
    let (mut rest, mut position) = (delta, 36);
    loop {
        let threshold = position.max(bias + 1).saturating_sub(bias).clamp(1, 26);
        if rest < threshold {
            break;
        }
        output.push(digit(threshold + (rest - threshold) % (36 - threshold)));
        rest = (rest - threshold) / (36 - threshold);
        position += 36;
    }
    output.push(digit(rest));
    let mut scaled = if handled == basic {
        delta / 700
    } else {
        delta / 2
    };
    scaled += scaled / (handled + 1);
    let mut steps = 0;
    while scaled > 455 {
        scaled /= 35;
        steps += 36;
    }
    steps + 36 * scaled / (scaled + 38)
}
