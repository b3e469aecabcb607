//! The boundary: the only place with `#[wasm_bindgen]`. Plain objects in and out, synchronous
//! exports, errors with a stable `code`.

#[cfg(feature = "web")]
mod client;

use crate::error::Error;
use wasm_bindgen::JsValue;

/// An `Error` of JavaScript with the name `DesksideError` and the stable code as its `code`.
pub(crate) fn error(error: Error) -> JsValue {
    let value = js_sys::Error::new(&error.message);
    value.set_name("DesksideError");
    // A frozen Error prototype may refuse a property; the message still says what is wrong.
    let _ = js_sys::Reflect::set(&value, &"code".into(), &error.code.into());
    value.into()
}
