//! The core of a mini-program: what the host does for it, and what the host tells it.

use super::{error, from_js, read, to_js, value};
use crate::input::Input;
use crate::output::{Chunk, HostEvent};
use crate::platform::Json;
use crate::platform::host::store::{Act, Answer, Request};
use crate::platform::host::{Host, Shell};
use crate::platform::poll::Post;
use js_sys::JSON;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// What `js/mini-program/bridge.ts` supplies. None of it throws, and none of it calls back before it
    /// returns.
    pub type Bridge;

    #[wasm_bindgen(method)]
    fn now(this: &Bridge) -> f64;
    #[wasm_bindgen(method)]
    fn wake(this: &Bridge, after_ms: u32);
    #[wasm_bindgen(method)]
    fn sockets(this: &Bridge) -> bool;
    #[wasm_bindgen(method)]
    fn connect(this: &Bridge, url: &str);
    #[wasm_bindgen(method)]
    fn send(this: &Bridge, text: &str);
    #[wasm_bindgen(method)]
    fn disconnect(this: &Bridge);
    #[wasm_bindgen(method)]
    fn post(
        this: &Bridge,
        id: u32,
        url: &str,
        token: Option<String>,
        session: Option<String>,
        body: &str,
        timeout_ms: u32,
    );
    #[wasm_bindgen(method)]
    fn get(this: &Bridge, id: u32, key: &str);
    #[wasm_bindgen(method)]
    fn set(this: &Bridge, id: u32, key: &str, text: &str);
    #[wasm_bindgen(method)]
    fn remove(this: &Bridge, id: u32, key: &str);
    #[wasm_bindgen(method)]
    fn file(this: &Bridge, chunk: JsValue);
    #[wasm_bindgen(method)]
    fn changed(this: &Bridge);
    #[wasm_bindgen(method)]
    fn happened(this: &Bridge, event: JsValue);
}

impl Host for Bridge {
    fn now(&self) -> f64 {
        self.now()
    }

    fn json(&self) -> Json {
        Json {
            write: |plain| {
                let text = JSON::stringify(&value::to_js(plain)).ok();
                text.and_then(|text| text.as_string()).unwrap_or_default()
            },
            read: |text| read::plain(&JSON::parse(text).ok()?),
        }
    }

    fn wake(&self, after_ms: u32) {
        self.wake(after_ms);
    }

    fn has_socket(&self) -> bool {
        self.sockets()
    }

    fn connect(&self, url: &str) {
        self.connect(url);
    }

    fn send(&self, text: &str) {
        self.send(text);
    }

    fn disconnect(&self) {
        self.disconnect();
    }

    fn post(&self, post: Post) {
        self.post(
            post.id,
            &post.url,
            post.token,
            post.session,
            &post.body,
            post.timeout_ms,
        );
    }

    fn file(&self, chunk: Chunk) {
        self.file(to_js(&chunk));
    }

    fn store(&self, Request { id, key, act }: Request) {
        match act {
            Act::Get => self.get(id, &key),
            Act::Set(text) => self.set(id, &key, &text),
            Act::Remove => self.remove(id, &key),
        }
    }

    fn changed(&self) {
        self.changed();
    }

    fn happened(&self, event: HostEvent) {
        self.happened(to_js(&event));
    }
}

/// One visitor at one desk.
#[wasm_bindgen]
pub struct Client {
    shell: Shell<Bridge>,
}

#[wasm_bindgen]
impl Client {
    /// Starts: reads the device's store, and connects to the desk once something needs it.
    #[wasm_bindgen(constructor)]
    pub fn new(config: JsValue, seed: &[u8], bridge: Bridge) -> Result<Client, JsValue> {
        let shell = Shell::start(from_js(config)?, seed, bridge).map_err(error)?;
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

    /// The socket is open.
    pub fn opened(&self) {
        self.shell.drive(Input::SocketOpened);
    }

    /// A message came on the socket.
    pub fn heard(&self, text: &str) {
        self.shell.heard(text);
    }

    /// The socket closed, could not be opened, or must be given up.
    pub fn closed(&self, code: u16) {
        self.shell.drive(Input::SocketClosed { code });
    }

    /// The time that `wake` asked for has come.
    pub fn woken(&self) {
        self.shell.drive(Input::Woken);
    }

    /// The mini-program came to the front.
    pub fn resumed(&self) {
        self.shell.drive(Input::Resumed);
    }

    /// The device has, or has lost, its network.
    pub fn network(&self, online: bool) {
        self.shell.drive(Input::Network { online });
    }

    /// `post` was answered; `status` is 0 where no answer came.
    pub fn answered(&self, id: u32, status: u16, body: &str) {
        self.shell.answered(id, status, body);
    }

    /// What became of some bytes of a file that the bridge was asked to send.
    pub fn uploaded(&self, uploaded: JsValue) -> Result<(), JsValue> {
        self.shell.uploaded(from_js(uploaded)?);
        Ok(())
    }

    /// The bearer for the files at the desk; empty where there is none.
    pub fn token(&self) -> String {
        self.shell.token()
    }

    /// `get` found a text.
    pub fn found(&self, id: u32, text: String) {
        self.shell.stored(id, Answer::Found(text));
    }

    /// `get` found nothing; `set` and `remove` are done.
    pub fn done(&self, id: u32) {
        self.shell.stored(id, Answer::Done);
    }

    /// The storage did not do it; `full`: because it has no room.
    pub fn failed(&self, id: u32, full: bool) {
        let answer = if full { Answer::Full } else { Answer::Failed };
        self.shell.stored(id, answer);
    }

    /// Ends everything; what is queued stays on the device.
    pub fn close(&self) {
        self.shell.close();
    }
}
