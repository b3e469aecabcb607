//! The boundary: the only place with `#[wasm_bindgen]`. Plain objects in and out, synchronous
//! exports, errors with a stable `code`.

#[cfg(feature = "web")]
mod client;
#[cfg(feature = "node")]
pub mod indexer;
mod search;

#[cfg(feature = "web")]
pub use client::Client;
pub use search::Search;

use crate::error::Error;
use crate::plain::{Plain, Value};
use serde::Serialize;
use wasm_bindgen::JsValue;

/// An `Error` of JavaScript with the name `DesksideError` and the stable code as its `code`.
pub(crate) fn error(error: Error) -> JsValue {
    let value = js_sys::Error::new(&error.message);
    value.set_name("DesksideError");
    // A frozen Error prototype may refuse a property; the message still says what is wrong.
    let _ = js_sys::Reflect::set(&value, &"code".into(), &error.code.into());
    value.into()
}

/// Plain data as JavaScript has it; maps become plain objects.
pub(crate) fn to_js(value: &impl Plain) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    // Plain data always has a JavaScript form.
    value
        .write()
        .serialize(&serializer)
        .unwrap_or(JsValue::NULL)
}

/// Reads a JavaScript value.
///
/// # Errors
/// `bad_argument`, with the field that does not fit.
pub(crate) fn from_js<T: Plain>(value: JsValue) -> Result<T, JsValue> {
    const BAD: &str = "bad_argument";
    let value: Value = serde_wasm_bindgen::from_value(value)
        .map_err(|_| error(Error::new(BAD, "the argument is not plain data")))?;
    T::read(&value).map_err(|misfit| {
        error(Error {
            code: BAD,
            message: misfit.to_string().into(),
        })
    })
}
