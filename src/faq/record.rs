//! The normalised article record: what every importer makes and the index is built from.

use crate::richtext::Block;
use serde::{Deserialize, Serialize};

/// Who may see an article.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Visibility {
    /// Everybody.
    #[default]
    Public,
    /// Signed-in customers only; left out of a public index unless asked for.
    Restricted,
    /// Agents only; never in an index that visitors load.
    Internal,
}

/// One help article or FAQ entry in one language.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Record {
    /// Unique within the index; stable over rebuilds.
    pub id: String,
    /// BCP 47, as in `en`, `zh-CN`.
    pub locale: String,
    /// The id of the article that this one translates.
    pub translation_of: Option<String>,
    /// The title, or the standard question (标准问).
    pub title: String,
    /// Other ways to ask the same (相似问).
    pub alternatives: Vec<String>,
    /// The answer.
    pub body: Vec<Block>,
    /// Where the article lives on the web, if it does.
    pub url: Option<String>,
    /// From the outermost category to the article's own.
    pub path: Vec<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// Popularity or importance; breaks ties and orders "popular". 0 where unknown.
    pub weight: f32,
    /// Milliseconds since 1970, UTC.
    pub updated_at: Option<u64>,
    /// Not shown after this time. Milliseconds since 1970, UTC.
    pub valid_until: Option<u64>,
    /// Who may see it.
    pub visibility: Visibility,
}
