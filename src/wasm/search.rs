//! Help search: an index opened from its bytes.

use super::{error, to_js};
use crate::error::Error;
use crate::faq::{Index, IndexError, SearchOptions};
use wasm_bindgen::prelude::*;

/// An open index of help articles.
#[wasm_bindgen]
pub struct Search {
    index: Index,
}

#[wasm_bindgen]
impl Search {
    /// Opens an index: its first part alone, or both parts in one.
    #[wasm_bindgen(constructor)]
    pub fn new(bytes: Vec<u8>) -> Result<Search, JsValue> {
        Index::open(bytes)
            .map(|index| Self { index })
            .map_err(refuse)
    }

    /// Adds the part with the articles' bodies.
    #[wasm_bindgen(js_name = attachBodies)]
    pub fn attach_bodies(&mut self, bytes: Vec<u8>) -> Result<(), JsValue> {
        self.index.attach_bodies(bytes).map_err(refuse)
    }

    /// What `what` of the index gives for `text` (a query, an id, an address).
    ///
    /// One function with plain arguments: a function for each, and an object to read the options from,
    /// are 2 KB more of what a help centre loads. `js/client/search.ts` makes them again.
    #[expect(clippy::too_many_arguments)]
    pub fn ask(
        &self,
        what: &str,
        text: &str,
        limit: u32,
        locale: Option<String>,
        category: Option<String>,
        tag: Option<String>,
        now_ms: Option<f64>,
        typing: bool,
    ) -> JsValue {
        let options = SearchOptions {
            limit,
            locale,
            category,
            tag,
            now_ms,
            typing,
        };
        let (index, locale) = (&self.index, options.locale.as_deref());
        match what {
            "search" => to_js(&index.search(text, &options)),
            "suggest" => to_js(&index.suggest(text, locale, limit)),
            "article" => to_js(&index.article(text)),
            "popular" => to_js(&index.popular(locale, limit)),
            "related" => to_js(&index.related(text, limit)),
            "forUrl" => to_js(&index.for_url(text, locale, limit)),
            _ => JsValue::UNDEFINED,
        }
    }
}

fn refuse(problem: IndexError) -> JsValue {
    error(Error {
        code: problem.code(),
        message: problem.sentence().into(),
    })
}
