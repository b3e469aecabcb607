//! The conversation part of the widget: conversation, outbox and surveys for one page.

use super::{error, from_js, to_js};
use crate::output::{Chunk, HostEvent};
use crate::platform::web::{Host, Shell};
use js_sys::Function;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::WebSocket;

/// One visitor at one desk.
#[wasm_bindgen]
pub struct Client {
    shell: Rc<Shell>,
}

/// The page's callbacks. They are called with nothing borrowed, so they may call back.
struct Callbacks {
    on_change: Function,
    on_event: Function,
    on_file: Function,
    dial: Function,
}

impl Host for Callbacks {
    fn changed(&self) {
        // What the page's own code throws is the page's own affair.
        let _ = self.on_change.call0(&JsValue::NULL);
    }

    fn event(&self, event: HostEvent) {
        let _ = self.on_event.call1(&JsValue::NULL, &to_js(&event));
    }

    fn file(&self, chunk: Chunk) {
        let _ = self.on_file.call1(&JsValue::NULL, &to_js(&chunk));
    }

    fn dial(&self, url: &str) -> Option<WebSocket> {
        let socket = self.dial.call1(&JsValue::NULL, &url.into()).ok()?;
        Some(socket.unchecked_into())
    }
}

#[wasm_bindgen]
impl Client {
    /// Starts: opens the device's store, and connects to the desk once something needs it, by what
    /// `dial` gives for an address: a `WebSocket`, or what behaves as one.
    #[wasm_bindgen(constructor)]
    pub fn new(
        config: JsValue,
        on_change: Function,
        on_event: Function,
        on_file: Function,
        dial: Function,
    ) -> Result<Client, JsValue> {
        let config = from_js(config)?;
        let shell = Shell::start(
            config,
            Box::new(Callbacks {
                on_change,
                on_event,
                on_file,
                dial,
            }),
        )
        .map_err(error)?;
        Ok(Self { shell })
    }

    /// Everything to draw, as a plain object.
    pub fn view(&self) -> JsValue {
        to_js(&self.shell.view())
    }

    /// Does what the visitor asks for.
    pub fn dispatch(&self, action: JsValue) -> Result<(), JsValue> {
        self.shell.dispatch(from_js(action)?).map_err(error)
    }

    /// What became of some bytes of a file that `on_file` was asked to send.
    pub fn uploaded(&self, uploaded: JsValue) -> Result<(), JsValue> {
        self.shell.uploaded(from_js(uploaded)?);
        Ok(())
    }

    /// The bearer for the files at the desk; empty where there is none.
    pub fn token(&self) -> String {
        self.shell.token()
    }

    /// Ends everything; what is queued stays on the device.
    pub fn close(&self) {
        self.shell.close();
    }
}
