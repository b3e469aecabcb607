//! Help search: an index opened from its bytes.

use super::{error, from_js, to_js};
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

    /// Searches; `options` are `SearchOptions`, each of them optional.
    pub fn search(&self, query: &str, options: JsValue) -> Result<JsValue, JsValue> {
        Ok(to_js(
            &self
                .index
                .search(query, &from_js::<SearchOptions>(options)?),
        ))
    }

    /// Titles to offer while typing.
    pub fn suggest(&self, prefix: &str, locale: Option<String>, limit: u32) -> JsValue {
        to_js(&self.index.suggest(prefix, locale.as_deref(), limit))
    }

    /// A whole article, or null.
    pub fn article(&self, id: &str) -> JsValue {
        to_js(&self.index.article(id))
    }

    /// The articles that matter most.
    pub fn popular(&self, locale: Option<String>, limit: u32) -> JsValue {
        to_js(&self.index.popular(locale.as_deref(), limit))
    }

    /// Articles near to one.
    pub fn related(&self, id: &str, limit: u32) -> JsValue {
        to_js(&self.index.related(id, limit))
    }

    /// Articles that fit a page's address.
    #[wasm_bindgen(js_name = forUrl)]
    pub fn for_url(&self, url: &str, locale: Option<String>, limit: u32) -> JsValue {
        to_js(&self.index.for_url(url, locale.as_deref(), limit))
    }
}

fn refuse(problem: IndexError) -> JsValue {
    error(Error {
        code: problem.code(),
        message: problem.sentence().into(),
    })
}
