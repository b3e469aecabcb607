//! The boundary: the only place with `#[wasm_bindgen]`. Plain objects in and out, synchronous
//! exports, errors with a stable `code`.

#[cfg(feature = "browser")]
mod client;
#[cfg(feature = "node")]
pub mod indexer;
#[cfg(all(feature = "mini", not(feature = "browser")))]
mod mini;
#[cfg(feature = "chat")]
mod read;
#[cfg(feature = "node")]
pub mod scores;
#[cfg(feature = "faq")]
mod search;
mod value;

#[cfg(feature = "browser")]
pub use client::Client;
#[cfg(all(feature = "mini", not(feature = "browser")))]
pub use mini::Client;
#[cfg(feature = "chat")]
pub(crate) use read::from_js;
#[cfg(feature = "faq")]
pub use search::Search;

/// Half the size of the standard library's allocator.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

use crate::error::Error;
use crate::plain::Writable;
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
    value::to_js(&crate::plain::write(value))
}
