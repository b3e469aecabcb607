//! What the page itself tells: the network comes and goes, the page comes to the front.

use super::Handle;
use super::callback::{listen, property};
use crate::input::Input;
use gloo::events::EventListener;
use web_sys::VisibilityState;

pub(super) fn is_online() -> bool {
    web_sys::window().is_none_or(|window| window.navigator().on_line())
}

pub(super) fn is_visible() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document.is_none_or(|document| document.visibility_state() == VisibilityState::Visible)
}

/// Listens for as long as the result is kept.
pub(super) fn of_page(handle: &Handle) -> Vec<EventListener> {
    let Some(window) = web_sys::window() else {
        return Vec::new();
    };
    let network = |name: &'static str| {
        let handle = handle.clone();
        listen(
            &window,
            name,
            Box::new(move |_| {
                handle.drive(Input::Network {
                    online: is_online(),
                });
            }),
        )
    };
    let mut listeners = vec![network("online"), network("offline")];
    let put_away = handle.clone();
    listeners.push(listen(
        &window,
        "pagehide",
        Box::new(move |event| {
            if property(event, "persisted").is_truthy() {
                put_away.drive(Input::Suspended);
            }
        }),
    ));
    let shown = handle.clone();
    listeners.push(listen(
        &window,
        "pageshow",
        Box::new(move |_| shown.drive(Input::Resumed)),
    ));
    if let Some(document) = window.document() {
        let handle = handle.clone();
        listeners.push(listen(
            &document,
            "visibilitychange",
            Box::new(move |_| {
                handle.drive(if is_visible() {
                    Input::Resumed
                } else {
                    Input::Hidden
                });
            }),
        ));
    }
    listeners
}
