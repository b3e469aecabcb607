//! Plain data to JavaScript, by hand: serde's way there and back was as large as the search.

use crate::plain::Value;
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::JsValue;

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
