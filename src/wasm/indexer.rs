//! Building an index in Node: the command line and `deskside/node`.

use super::error;
use crate::error::Error;
use crate::faq::record::Record;
use crate::faq::{BuildOptions, build};
use crate::import::{ImportOptions, Imported, Source, from_json, import};
use js_sys::{Object, Reflect, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

/// Takes in files and records, then builds.
#[wasm_bindgen]
#[derive(Default)]
pub struct Indexer {
    options: ImportOptions,
    files: Vec<(String, Vec<u8>)>,
    records: Vec<Record>,
    /// How many bytes were taken in.
    bytes: usize,
}

/// What importing takes at most, for a byte that is taken in.
const IMPORT_MEMORY: usize = 8;
/// What building takes beside it.
const BUILD_MEMORY: usize = 24;

/// What was taken in: enough to tell a person, without the articles' texts.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Taken<'t> {
    articles: Vec<Article<'t>>,
    skipped: &'t [crate::import::Remark],
    warnings: &'t [crate::import::Remark],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Article<'t> {
    id: &'t str,
    locale: &'t str,
    title: &'t str,
    path: &'t str,
}

#[wasm_bindgen]
impl Indexer {
    /// `options` are `ImportOptions`, each of them optional.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<Indexer, JsValue> {
        Ok(Self {
            options: read(options)?,
            ..Self::default()
        })
    }

    /// Adds a file of a help centre; `path` is its place there, parted by `/`.
    #[wasm_bindgen(js_name = addFile)]
    pub fn add_file(&mut self, path: String, bytes: Vec<u8>) {
        self.files.push((path, bytes));
    }

    /// Reads the files that were added. Returns what was taken in and what was not.
    #[wasm_bindgen(js_name = importFiles)]
    pub fn import_files(&mut self) -> Result<JsValue, JsValue> {
        let files = std::mem::take(&mut self.files);
        self.prepare(files.iter().map(|(_, bytes)| bytes.len()).sum());
        let sources: Vec<Source<'_>> = files
            .iter()
            .map(|(path, bytes)| Source { path, bytes })
            .collect();
        self.take(import(&sources, &self.options), true)
    }

    /// Adds records: a JSON array. Returns what was not taken in; the caller has the others.
    #[wasm_bindgen(js_name = addRecords)]
    pub fn add_records(&mut self, json: &str) -> Result<JsValue, JsValue> {
        self.prepare(json.len());
        self.take(from_json(json, &self.options), false)
    }

    /// Builds the index; `options` are `BuildOptions`, each of them optional. Returns its two parts
    /// and what was done: `{titles, bodies, report}`.
    pub fn build(&self, options: JsValue) -> Result<JsValue, JsValue> {
        let options: BuildOptions = read(options)?;
        reserve(self.bytes.saturating_mul(BUILD_MEMORY));
        let built = build(&self.records, &options).map_err(|problem| {
            error(Error {
                code: problem.code(),
                message: problem.to_string().into(),
            })
        })?;
        let result = Object::new();
        Reflect::set(
            &result,
            &"titles".into(),
            &Uint8Array::from(built.titles.as_slice()),
        )?;
        Reflect::set(
            &result,
            &"bodies".into(),
            &Uint8Array::from(built.bodies.as_slice()),
        )?;
        Reflect::set(&result, &"report".into(), &plain(&built.report)?)?;
        Ok(result.into())
    }

    fn prepare(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes);
        reserve(bytes.saturating_mul(IMPORT_MEMORY));
    }

    fn take(&mut self, imported: Imported, tells_articles: bool) -> Result<JsValue, JsValue> {
        let told = imported.records.iter().zip(&imported.paths);
        let articles = told
            .filter(|_| tells_articles)
            .map(|(record, path)| Article {
                id: &record.id,
                locale: &record.locale,
                title: &record.title,
                path,
            });
        let taken = plain(&Taken {
            articles: articles.collect(),
            skipped: &imported.skipped,
            warnings: &imported.warnings,
        });
        self.records.extend(imported.records);
        taken
    }
}

/// Lets the memory grow in one step. Where it grows, JavaScript's garbage may be collected first: a thousand times
/// over, by small steps, in a large build. Memory that is not used costs nothing.
fn reserve(bytes: usize) {
    let mut room: Vec<u8> = Vec::new();
    // Where there is not so much, there may still be enough.
    let _ = room.try_reserve_exact(bytes);
    std::hint::black_box(&mut room);
}

fn plain(value: &impl Serialize) -> Result<JsValue, JsValue> {
    value
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .map_err(bad)
}

fn read<T: DeserializeOwned + Default>(value: JsValue) -> Result<T, JsValue> {
    if value.is_null() || value.is_undefined() {
        return Ok(T::default());
    }
    serde_wasm_bindgen::from_value(value).map_err(bad)
}

fn bad(problem: serde_wasm_bindgen::Error) -> JsValue {
    error(Error {
        code: "bad_argument",
        message: problem.to_string().into(),
    })
}
