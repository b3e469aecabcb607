//! The WebSocket: JSON text in, frames out, and the other way round.

use super::Handle;
use super::callback::listen;
use crate::input::Input;
use crate::list::Gather;
use crate::protocol::command::ClientFrame;
use crate::protocol::reply::ServerFrame;
use crate::wasm::{from_js, to_js};
use gloo::events::EventListener;
use js_sys::JSON;
use wasm_bindgen::JsCast;
use web_sys::{CloseEvent, MessageEvent, WebSocket};

/// Where the browser gives no close code (RFC 6455, 7.1.5).
const ABNORMAL: u16 = 1006;

/// An open or opening socket; dropping it closes it without a word to the engine.
pub(super) struct Socket {
    socket: WebSocket,
    _listeners: [EventListener; 3],
}

impl Socket {
    /// # Errors
    /// The close code to report where the browser refuses the address outright.
    pub fn open(url: &str, handle: Handle) -> Result<Self, u16> {
        let socket = WebSocket::new(url).map_err(|_| ABNORMAL)?;
        let (opened, received) = (handle.clone(), handle.clone());
        let listeners = [
            listen(
                &socket,
                "open",
                Box::new(move |_| opened.drive(Input::SocketOpened)),
            ),
            listen(
                &socket,
                "message",
                Box::new(move |event| {
                    let text = event
                        .dyn_ref::<MessageEvent>()
                        .and_then(|event| event.data().as_string());
                    if let Some(text) = text {
                        received.drive(Input::Received(frames(&text)));
                    }
                }),
            ),
            listen(
                &socket,
                "close",
                Box::new(move |event| {
                    let code = event
                        .dyn_ref::<CloseEvent>()
                        .map_or(ABNORMAL, CloseEvent::code);
                    handle.drive(Input::SocketClosed { code });
                }),
            ),
        ];
        Ok(Self {
            socket,
            _listeners: listeners,
        })
    }

    /// A frame that cannot be sent is not lost: the engine hears of the broken socket, and repeats it.
    pub fn send(&self, frame: &ClientFrame) {
        let text = JSON::stringify(&to_js(frame)).ok();
        if let Some(text) = text.and_then(|text| text.as_string()) {
            let _ = self.socket.send_with_str(&text);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = self.socket.close();
    }
}

/// The frames of a message, one a line. What is not a frame is passed over: a proxy's page of HTML
/// acknowledges nothing.
fn frames(text: &str) -> Vec<ServerFrame> {
    let lines = text.split('\n').filter(|line| !line.trim().is_empty());
    lines
        .filter_map(|line| from_js(JSON::parse(line).ok()?).ok())
        .listed()
}
