//! The WebSocket: JSON text in, frames out, and the other way round.

use super::Handle;
use super::callback::{listen, property};
use crate::input::Input;
use crate::limits::ABNORMAL_CLOSE;
use crate::list::Gather;
use crate::protocol::command::ClientFrame;
use crate::protocol::reply::ServerFrame;
use crate::wasm::{from_js, to_js};
use gloo::events::EventListener;
use js_sys::JSON;
use web_sys::WebSocket;

/// An open or opening socket; dropping it closes it without a word to the engine.
pub(super) struct Socket {
    socket: WebSocket,
    _listeners: [EventListener; 3],
}

impl Socket {
    /// Listens to one that the page has begun to open, or to what it has in its place.
    pub fn of(socket: WebSocket, handle: Handle) -> Self {
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
                    if let Some(text) = property(event, "data").as_string() {
                        received.drive(Input::Received(frames(&text)));
                    }
                }),
            ),
            listen(
                &socket,
                "close",
                Box::new(move |event| {
                    let code = property(event, "code").as_f64();
                    let code = code.map_or(ABNORMAL_CLOSE, |code| code as u16);
                    handle.drive(Input::SocketClosed { code });
                }),
            ),
        ];
        Self {
            socket,
            _listeners: listeners,
        }
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
