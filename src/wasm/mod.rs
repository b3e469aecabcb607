//! The boundary: the only place with `#[wasm_bindgen]`. Plain objects in and out, synchronous
//! exports, errors with a stable `code`.

#[cfg(feature = "browser")]
mod client;
#[cfg(feature = "node")]
pub mod indexer;
#[cfg(all(feature = "mini", not(feature = "browser")))]
mod mini;
mod search;
mod value;

#[cfg(feature = "browser")]
pub use client::Client;
#[cfg(all(feature = "mini", not(feature = "browser")))]
pub use mini::Client;
pub use search::Search;

/// Half the size of the standard library's allocator.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

use crate::error::Error;
use crate::plain::{Readable, Writable};
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
pub(crate) fn to_js(value: &dyn Writable) -> JsValue {
    value::to_js(&value.write())
}

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
    let value =
        value::from_js(value).ok_or_else(|| refused("the argument is not plain data".into()))?;
    into.fill(&value)
        .map_err(|misfit| refused(misfit.sentence().into()))
}
