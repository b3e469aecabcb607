//! What a search is asked for and what it answers. These types cross to JavaScript as plain data.

use macro_rules_attribute::apply;

use crate::richtext::Block;
use crate::typescript::faq_ts;

/// How to search.
#[apply(faq_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct SearchOptions {
    /// The most hits to return.
    pub limit: u32,
    /// BCP 47. Articles of this locale come first in line, then of its parents (zh-TW, zh), then of the
    /// index's default. Without it every article takes part.
    pub locale: Option<String>,
    /// Only articles with this category anywhere in their path. Of several, a line each, any will do.
    pub category: Option<String>,
    /// Only articles with this tag, or with any of several, a line each.
    pub tag: Option<String>,
    /// Milliseconds since 1970, UTC: articles whose validity ended are left out. Without it none is.
    pub now_ms: Option<f64>,
    /// The last word may be unfinished.
    pub typing: bool,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self {
            limit: 10,
            locale: None,
            category: None,
            tag: None,
            now_ms: None,
            typing: true,
        }
    }
}

/// A stretch of text, marked where it matches the query.
#[apply(faq_ts!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The text as it is written in the article.
    pub text: String,
    /// Whether it matches.
    pub marked: bool,
}

/// One article that was found.
#[apply(faq_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The record's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// BCP 47.
    pub locale: String,
    /// Orders the hits of one query.
    pub score: f32,
    /// 0 to 1, comparable between queries: how likely this article answers.
    pub confidence: f32,
    /// Whether it is pinned to this query.
    pub pinned: bool,
    /// The title, cut at the matches.
    pub title_runs: Vec<Run>,
    /// The best passage of the body, cut at the matches; empty without the body part.
    pub passage_runs: Vec<Run>,
    /// The heading to jump to.
    pub anchor: Option<String>,
    /// From the outermost category to the article's own.
    pub path: Vec<String>,
    /// Where the article lives on the web.
    pub url: Option<String>,
}

/// What the assistant should do with the hits.
#[apply(faq_ts!)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The first hit very likely answers.
    Answer,
    /// The hits are worth offering.
    Offer,
    /// No good answer.
    Nothing,
}

/// The outcome of a search.
#[apply(faq_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    /// Best first.
    pub hits: Vec<Hit>,
    /// The query with its typos corrected, where there were any.
    pub did_you_mean: Option<String>,
    /// What to do with them.
    pub verdict: Verdict,
}

/// A title to offer while typing.
#[apply(faq_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// The record's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The title, cut at the matches.
    pub title_runs: Vec<Run>,
}

/// A whole article.
#[apply(faq_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Article {
    /// The record's id.
    pub id: String,
    /// BCP 47.
    pub locale: String,
    /// Its title.
    pub title: String,
    /// The answer; empty without the body part.
    pub body: Vec<Block>,
    /// Where the article lives on the web.
    pub url: Option<String>,
    /// From the outermost category to the article's own.
    pub path: Vec<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// Milliseconds since 1970, UTC.
    pub updated_at: Option<f64>,
}

/// An article in a list: no search was made for it.
#[apply(faq_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The record's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// BCP 47.
    pub locale: String,
    /// From the outermost category to the article's own.
    pub path: Vec<String>,
    /// Where the article lives on the web.
    pub url: Option<String>,
}

crate::plain!(view Run { text, marked });
crate::plain!(view Hit {
    id, title, locale, score, confidence, pinned, title_runs, passage_runs, anchor, path, url,
});
crate::plain!(
    enum Verdict {
        Answer,
        Offer,
        Nothing,
    }
);
crate::plain!(view Results { hits, did_you_mean, verdict });
crate::plain!(view Suggestion { id, title, title_runs });
crate::plain!(view Article { id, locale, title, body, url, path, tags, updated_at });
crate::plain!(view Listed { id, title, locale, path, url });

const OPTIONS: crate::plain::Names = "limit?locale?category?tag?now_ms?typing?";

impl crate::plain::Readable for SearchOptions {
    fn blank() -> Self {
        Self::default()
    }

    fn take(&mut self, from: &mut crate::plain::Reading) {
        from.record(OPTIONS)
            .field(&mut self.limit)
            .field(&mut self.locale)
            .field(&mut self.category)
            .field(&mut self.tag)
            .field(&mut self.now_ms)
            .field(&mut self.typing);
    }
}

impl crate::plain::Writable for SearchOptions {
    fn give(&self, to: &mut crate::plain::Writing) {
        to.record(OPTIONS)
            .field(&self.limit)
            .field(&self.locale)
            .field(&self.category)
            .field(&self.tag)
            .field(&self.now_ms)
            .field(&self.typing);
    }
}
crate::plain!(@serde SearchOptions);
