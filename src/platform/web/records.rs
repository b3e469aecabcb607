//! Plain data as JavaScript values, and back.

use crate::plain::{Plain, Value};
use serde::Serialize;
use wasm_bindgen::JsValue;

/// Maps become plain objects.
pub(crate) fn to_js(value: &impl Plain) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    // Plain data always has a JavaScript form.
    value
        .write()
        .serialize(&serializer)
        .unwrap_or(JsValue::NULL)
}

/// `None` where the value has another shape.
pub(crate) fn from_js<T: Plain>(value: JsValue) -> Option<T> {
    let value: Value = serde_wasm_bindgen::from_value(value).ok()?;
    T::read(&value).ok()
}
