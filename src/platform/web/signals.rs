//! What the page itself tells: the network comes and goes, the page comes to the front.

use super::Handle;
use super::callback::listen;
use crate::input::Input;
use gloo::events::EventListener;
use web_sys::VisibilityState;

pub(super) fn is_online() -> bool {
    web_sys::window().is_none_or(|window| window.navigator().on_line())
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
    let shown = handle.clone();
    listeners.push(listen(
        &window,
        "pageshow",
        Box::new(move |_| shown.drive(Input::Resumed)),
    ));
    if let Some(document) = window.document() {
        let (handle, page) = (handle.clone(), document.clone());
        listeners.push(listen(
            &document,
            "visibilitychange",
            Box::new(move |_| {
                if page.visibility_state() == VisibilityState::Visible {
                    handle.drive(Input::Resumed);
                }
            }),
        ));
    }
    listeners
}
