//! Plain data to JavaScript and back, by hand: serde's way there and back was as large as the search.

use crate::plain::{DEPTH_MAX, Value};
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Plain data as JavaScript has it.
pub(super) fn to_js(value: &Value) -> JsValue {
    write(value, &mut Vec::new())
}

/// `names` are those of fields that have crossed: in a list of records each comes many times, and a text
/// that crosses is decoded anew.
fn write<'v>(value: &'v Value, names: &mut Vec<(&'v str, JsValue)>) -> JsValue {
    match value {
        Value::Null => JsValue::NULL,
        Value::Bool(yes) => JsValue::from_bool(*yes),
        Value::Number(number) => JsValue::from_f64(*number),
        Value::Text(text) => JsValue::from_str(text),
        Value::List(values) => {
            let list = Array::new();
            for value in values {
                list.push(&write(value, names));
            }
            list.into()
        }
        Value::Map(fields) => {
            let object = Object::new();
            for (name, value) in fields {
                let value = write(value, names);
                let known = names.iter().position(|(known, _)| known == name);
                let at = known.unwrap_or_else(|| {
                    names.push((name, JsValue::from_str(name)));
                    names.len() - 1
                });
                // A fresh object takes every property.
                let _ = Reflect::set(&object, &names[at].1, &value);
            }
            object.into()
        }
    }
}

/// The plain data of a JavaScript value; `None` where it holds anything else (a function, a symbol, a
/// BigInt) or nests too deep.
pub(super) fn from_js(value: &JsValue) -> Option<Value> {
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
