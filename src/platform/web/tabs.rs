//! Other tabs of the same visitor: a hint that the stored journal changed, nothing more. What
//! counts is always read from the store.

use super::Handle;
use super::callback::listen;
use gloo::events::EventListener;
use wasm_bindgen::JsValue;
use web_sys::BroadcastChannel;

pub(super) struct Tabs {
    channel: BroadcastChannel,
    _listener: EventListener,
}

impl Tabs {
    /// `None` where the browser has no BroadcastChannel: tabs then learn of each other at their next start.
    pub fn join(name: &str, handle: Handle) -> Option<Self> {
        let channel = BroadcastChannel::new(name).ok()?;
        let listener = listen(
            &channel,
            "message",
            Box::new(move |_| {
                handle.with(|shell| shell.journal_changed());
            }),
        );
        Some(Self {
            channel,
            _listener: listener,
        })
    }

    pub fn journal_changed(&self) {
        // A hint that cannot be given is no loss.
        let _ = self.channel.post_message(&JsValue::from_str("journal"));
    }
}

impl Drop for Tabs {
    fn drop(&mut self) {
        self.channel.close();
    }
}
