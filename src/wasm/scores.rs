//! The scores of surveys, for reports that are made elsewhere than at the desk.

use super::{error, to_js};
use crate::error::Error;
use crate::survey::score;
use wasm_bindgen::prelude::*;

/// `csat`, `nps` or `ces` of answers on a scale of so many points: a `Score`.
#[wasm_bindgen]
pub fn score(kind: &str, answers: &[u8], points: u8) -> Result<JsValue, JsValue> {
    let score = match kind {
        "csat" => score::csat(answers, points),
        "nps" => score::nps(answers),
        "ces" => score::ces(answers, points),
        _ => {
            return Err(error(Error::new("bad_argument", "there is no such score")));
        }
    };
    Ok(to_js(&score))
}
