//! Markdown with front matter: Docusaurus, VitePress and plain files, one article each.
//!
//! The keys that are read: `id`, `title`, `alternatives` (other ways to ask), `keywords`, `category`
//! (or a list, from the outermost), `tags`, `locale`, `translationOf`, `weight`, `url`, `slug`,
//! `updatedAt`, `validUntil`, `visibility` (public, restricted, internal); `search: false`, `draft`
//! and `unlisted` keep the file out. What is not said comes from the file's place: the locale from a
//! folder of that name, the category and the id from the other folders.

use super::article::{ArticleWriter, Container, Run};
use super::fields::Fields;
use super::report::{Code, Reporter};
use super::{Page, front_matter, html, locale, records};
use crate::faq::record::Record;
use crate::richtext::{Block, inline_text};
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag};
use std::borrow::Cow;

pub(super) fn import(page: &Page<'_>, reporter: &mut Reporter) -> Vec<Record> {
    let Some((matter, body)) = front_matter::split(page.text, reporter) else {
        return Vec::new();
    };
    let fields = Fields::new(&matter, None);
    let title = fields.text(&["title"], reporter);
    let name = title.as_deref().unwrap_or(page.path).to_owned();
    let hidden = fields.flag(&["search"], reporter) == Some(false)
        || fields.flag(&["unlisted"], reporter) == Some(true);
    if fields.flag(&["draft"], reporter) == Some(true)
        || fields.flag(&["published"], reporter) == Some(false)
    {
        reporter.skip(None, Code::Draft, name);
        return Vec::new();
    }
    if hidden {
        reporter.skip(None, Code::Excluded, name);
        return Vec::new();
    }
    let mut record = Record {
        locale: page.locale(),
        ..Record::default()
    };
    records::fill(&mut record, &fields, reporter);
    record
        .alternatives
        .extend(fields.list(&["keywords"], reporter));
    if record.updated_at.is_none() {
        let last_update = fields.inner("last_update");
        let time = last_update.and_then(|update| update.time(&["date"], reporter));
        record.updated_at = time.map(|when| when.start_ms());
    }
    record.body = blocks(
        &without_directives(body, page.path.ends_with(".mdx")),
        "",
        fields.place(),
        reporter,
    );
    let place = Location::of(page.path);
    record.title = match (title, first_title(&record.body)) {
        (Some(title), first) => {
            if first.is_some_and(|first| first == title) {
                record.body.remove(0);
            }
            title
        }
        (None, Some(first)) => {
            record.body.remove(0);
            first
        }
        (None, None) => place.name.clone(),
    };
    if record.body.is_empty() {
        reporter.skip(None, Code::NoAnswer, record.title);
        return Vec::new();
    }
    let slug = fields.text(&["slug"], reporter);
    if record.id.is_empty() {
        let slug = slug
            .as_deref()
            .map(|slug| slug.trim_matches('/'))
            .filter(|slug| !slug.is_empty());
        record.id = slug.unwrap_or(&place.id).into();
    }
    if record.path.is_empty() {
        record.path = place.categories;
    }
    if record.url.is_none() {
        let site = page.options.base_url.as_deref();
        let tail = slug
            .as_deref()
            .map_or(place.address.as_str(), |slug| slug.trim_start_matches('/'));
        record.url = site.map(|site| format!("{}/{}", site.trim_end_matches('/'), tail));
    }
    vec![record]
}

/// What the place of a file says about its article. The outermost folder is the help centre itself.
struct Location {
    id: String,
    name: String,
    categories: Vec<String>,
    address: String,
}

impl Location {
    fn of(path: &str) -> Self {
        let mut parts: Vec<&str> = path
            .split('/')
            .filter(|part| !part.is_empty() && *part != ".")
            .collect();
        let file = parts.pop().unwrap_or_default();
        let mut stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        if let Some((name, suffix)) = stem.rsplit_once('.')
            && locale::parse(suffix).is_some()
        {
            stem = name;
        }
        let folders = parts.get(1..).unwrap_or_default();
        let mut address: Vec<&str> = folders.to_vec();
        let mut names: Vec<&str> = folders
            .iter()
            .copied()
            .filter(|name| locale::parse(name).is_none())
            .collect();
        let categories = names.iter().map(|name| readable(name)).collect();
        if !matches!(stem.to_ascii_lowercase().as_str(), "index" | "readme") || names.is_empty() {
            names.push(stem);
            address.push(stem);
        }
        let id = names
            .iter()
            .map(|name| without_number(name))
            .collect::<Vec<_>>()
            .join("/");
        Self {
            id,
            name: readable(names.last().unwrap_or(&stem)),
            categories,
            address: address.join("/"),
        }
    }
}

/// `02-getting-started` sorts a folder; its name is "Getting started".
fn readable(name: &str) -> String {
    let spaced = without_number(name).replace(['-', '_'], " ");
    let mut chars = spaced.trim().chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

fn without_number(name: &str) -> &str {
    let rest = name.trim_start_matches(|c: char| c.is_ascii_digit());
    match rest.strip_prefix(['-', '_', '.']) {
        Some(rest) if rest.len() < name.len() - 1 && !rest.is_empty() => rest.trim_start(),
        _ => name,
    }
}

fn first_title(body: &[Block]) -> Option<String> {
    match body.first() {
        Some(Block::Heading {
            level: 1, content, ..
        }) => Some(inline_text(content)),
        _ => None,
    }
}

/// Without the lines that only a site generator understands: `:::tip Title`, and in MDX `import` and
/// `export`. A directive's title stays, as strong text.
fn without_directives(text: &str, is_mdx: bool) -> Cow<'_, str> {
    if !text.contains(":::") && !is_mdx {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        let trimmed = line.trim_start();
        match fence {
            Some(open) if trimmed.starts_with(open) => fence = None,
            Some(_) => {}
            None => {
                fence = ["```", "~~~"]
                    .into_iter()
                    .find(|mark| trimmed.starts_with(mark))
            }
        }
        let directive = trimmed.strip_prefix(":::").filter(|_| fence.is_none());
        if let Some(directive) = directive {
            let words = directive.trim_start_matches(':').trim();
            let title = words
                .split_once(' ')
                .map_or("", |(_, title)| title)
                .trim_matches(['[', ']', ' ']);
            if !title.is_empty() && !title.starts_with('{') {
                kept.push_str(&format!("\n**{title}**\n"));
            }
        } else if !(is_mdx
            && fence.is_none()
            && (line.starts_with("import ") || line.starts_with("export ")))
        {
            kept.push_str(line);
        }
        kept.push('\n');
    }
    Cow::Owned(kept)
}

/// Markdown as blocks.
pub(super) fn blocks(
    text: &str,
    base: &str,
    place: Option<super::Place>,
    reporter: &mut Reporter,
) -> Vec<Block> {
    let mut writer = ArticleWriter::new(base, place, reporter);
    let mut marks = Vec::new();
    // HTML comes line by line, and a picture's text as events; both are gathered first.
    let mut markup = String::new();
    let mut picture: Option<(String, String)> = None;
    for event in Parser::new_ext(
        text,
        Options::ENABLE_TABLES | Options::ENABLE_HEADING_ATTRIBUTES,
    ) {
        if let Some((src, alt)) = &mut picture {
            match event {
                Event::Text(text) | Event::Code(text) => alt.push_str(&text),
                Event::SoftBreak | Event::HardBreak => alt.push(' '),
                Event::End(pulldown_cmark::TagEnd::Image) => {
                    writer.picture(src, alt);
                    picture = None;
                }
                _ => {}
            }
            continue;
        }
        if !markup.is_empty() && !matches!(event, Event::Html(_)) {
            html::write(&markup, &mut writer);
            markup.clear();
        }
        match event {
            Event::Start(Tag::Image { dest_url, .. }) => {
                picture = Some((dest_url.into_string(), String::new()))
            }
            Event::End(pulldown_cmark::TagEnd::Image) => {}
            Event::Start(tag) => marks.push(open(tag, &mut writer)),
            Event::End(_) => {
                if let Some(mark) = marks.pop() {
                    writer.close(mark);
                }
            }
            Event::Text(text) => writer.text(&text),
            Event::Code(code) => writer.code(&code),
            Event::SoftBreak => writer.space(true),
            Event::HardBreak => writer.line_break(),
            Event::Rule => writer.rule(),
            Event::Html(line) => markup.push_str(&line),
            Event::InlineHtml(tag) => html::write_inline(&tag, &mut writer),
            _ => {}
        }
    }
    html::write(&markup, &mut writer);
    writer.finish()
}

fn open(tag: Tag<'_>, writer: &mut ArticleWriter<'_>) -> super::article::Mark {
    match tag {
        Tag::Heading { level, id, .. } => writer.open_run(Run::Heading {
            level: level as u8,
            anchor: id.map(|id| id.into_string()),
        }),
        Tag::BlockQuote(_) => writer.open(Container::Quote),
        Tag::CodeBlock(_) => writer.open_code(),
        Tag::List(start) => {
            let first = start
                .and_then(|start| u32::try_from(start).ok())
                .unwrap_or(1);
            writer.open(Container::List {
                ordered: start.is_some(),
                start: first,
            })
        }
        Tag::Item => writer.open(Container::Item),
        Tag::Table(_) => writer.open(Container::Table),
        Tag::TableHead | Tag::TableRow => writer.open(Container::Row),
        Tag::TableCell => writer.open(Container::Cell),
        Tag::Emphasis => writer.open_run(Run::Emphasis),
        Tag::Strong => writer.open_run(Run::Strong),
        Tag::Link {
            link_type: LinkType::Email,
            dest_url,
            ..
        } => writer.open_link(&format!("mailto:{dest_url}")),
        Tag::Link { dest_url, .. } => writer.open_link(&dest_url),
        Tag::HtmlBlock => {
            writer.end_line();
            writer.mark()
        }
        _ => writer.open_run(Run::Paragraph),
    }
}
