//! Plain data from JavaScript, by hand.

use super::error;
use crate::error::Error;
use crate::plain::{self, DEPTH_MAX, Readable, Value};
use js_sys::{Array, Object};
use wasm_bindgen::{JsCast, JsValue};

/// Reads a JavaScript value.
///
/// # Errors
/// `bad_argument`, with the field that does not fit.
pub(crate) fn from_js<T: Readable>(value: JsValue) -> Result<T, JsValue> {
    let mut read = T::blank();
    fill(&value, &mut read)?;
    Ok(read)
}

fn fill(value: &JsValue, into: &mut dyn Readable) -> Result<(), JsValue> {
    let refused = |message| {
        error(Error {
            code: "bad_argument",
            message,
        })
    };
    let value = plain(value).ok_or_else(|| refused("the argument is not plain data".into()))?;
    plain::fill(into, &value).map_err(|misfit| refused(misfit.sentence().into()))
}

/// The plain data of a JavaScript value; `None` where it holds anything else (a function, a symbol, a
/// BigInt) or nests too deep.
pub(super) fn plain(value: &JsValue) -> Option<Value> {
    read(value, 0)
}

fn read(value: &JsValue, depth: u8) -> Option<Value> {
    if depth > DEPTH_MAX {
        return None;
    }
    if value.is_null() || value.is_undefined() {
        return Some(Value::Null);
    }
    if let Some(yes) = value.as_bool() {
        return Some(Value::Bool(yes));
    }
    if let Some(number) = value.as_f64() {
        return Some(Value::Number(number));
    }
    if let Some(text) = value.as_string() {
        return Some(Value::Text(text.into()));
    }
    if !value.is_object() {
        return None;
    }
    if Array::is_array(value) {
        let mut values = Vec::new();
        for item in value.unchecked_ref::<Array>().iter() {
            values.push(read(&item, depth + 1)?);
        }
        return Some(Value::List(values));
    }
    let mut fields = Vec::new();
    for entry in Object::entries(value.unchecked_ref()).iter() {
        let entry: Array = entry.unchecked_into();
        let name = entry.get(0).as_string()?;
        fields.push((name.into(), read(&entry.get(1), depth + 1)?));
    }
    Some(Value::Map(fields))
}
