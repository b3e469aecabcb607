//! Callbacks from the browser. Each goes through one boxed kind: a closure type of its own would cost
//! the visitor a kilobyte of shims apiece.

use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use js_sys::{Function, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, EventTarget};

/// What is done once with a value.
pub(super) type Done<T> = Box<dyn FnOnce(T)>;

/// Listens for as long as the result is kept.
pub(super) fn listen(
    target: &EventTarget,
    name: &'static str,
    heard: Box<dyn FnMut(&Event)>,
) -> EventListener {
    EventListener::new(target, name, heard)
}

/// A property of what the browser hands over, whatever that is.
pub(super) fn property(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// Waits, unless the result is dropped before.
pub(super) fn later(after_ms: u32, then: Box<dyn FnOnce()>) -> Timeout {
    Timeout::new(after_ms, then)
}

/// A function that works once and frees itself when it has.
pub(super) fn once(then: Box<dyn FnOnce()>) -> Function {
    Closure::once_into_js(then).unchecked_into()
}
