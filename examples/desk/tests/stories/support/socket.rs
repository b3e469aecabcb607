//! What is said over one socket.

use super::*;
use crate::contract;
use deskside::protocol::ServerFrame;
use deskside::protocol::event::Event;
use deskside::protocol::reply::ErrorBody;
use futures_util::{SinkExt, StreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::VecDeque;
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// One WebSocket, its answers sorted from its pushes.
pub struct Socket {
    pub stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    path: String,
    pushes: VecDeque<Value>,
    next_id: u32,
}

impl Socket {
    pub async fn open(address: SocketAddr, path: &str, origin: Option<&str>) -> Self {
        let mut request = format!("ws://{address}{path}")
            .into_client_request()
            .unwrap();
        if let Some(origin) = origin {
            let origin = origin.parse().unwrap();
            request.headers_mut().insert("origin", origin);
        }
        let config = WebSocketConfig::default()
            .max_message_size(None)
            .max_frame_size(None);
        let connect = tokio_tungstenite::connect_async_with_config(request, Some(config), true);
        let (stream, _) = connect.await.unwrap();
        contract::opened(path);
        Self {
            stream,
            path: path.to_owned(),
            pushes: VecDeque::new(),
            next_id: 1,
        }
    }

    pub async fn write(&mut self, text: impl Into<String>) {
        let text: String = text.into();
        contract::written(&self.path, &text);
        self.stream.send(Message::text(text)).await.unwrap();
    }

    /// The next frame of any kind, or the close code.
    pub async fn next(&mut self) -> Result<Value, u16> {
        loop {
            let next = timeout(PATIENCE, self.stream.next()).await;
            match next.expect("the desk says nothing") {
                Some(Ok(Message::Text(text))) => {
                    let frame = serde_json::from_str(&text).unwrap();
                    contract::heard(&self.path, &frame);
                    return Ok(frame);
                }
                Some(Ok(Message::Close(Some(close)))) => return Err(close.code.into()),
                Some(Ok(Message::Close(None))) => return Err(1005),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(1006),
            }
        }
    }

    /// Reads to the end and gives the close code.
    pub async fn closed(&mut self) -> u16 {
        loop {
            if let Err(code) = self.next().await {
                return code;
            }
        }
    }

    /// Sends a command and waits for its answer; pushes on the way are kept.
    pub async fn ask(&mut self, command: impl Serialize) -> Value {
        let id = self.next_id;
        self.next_id += 1;
        let mut frame = serde_json::to_value(command).unwrap();
        frame["id"] = id.into();
        self.write(frame.to_string()).await;
        let answer = self.answer(id).await;
        if answer.get("result").is_some() {
            contract::taken(&self.path, &frame);
        }
        answer
    }

    pub async fn answer(&mut self, id: u32) -> Value {
        loop {
            let frame = self.next().await.expect("closed instead of an answer");
            if frame["id"] == id {
                return frame;
            }
            assert!(frame.get("id").is_none(), "an answer to nothing: {frame}");
            self.pushes.push_back(frame);
        }
    }

    pub(super) async fn ask_as<R: DeserializeOwned>(
        &mut self,
        command: impl Serialize,
    ) -> Result<R, ErrorBody> {
        let mut frame = self.ask(command).await;
        match frame.get_mut("error") {
            Some(error) => Err(serde_json::from_value(error.take()).unwrap()),
            None => Ok(serde_json::from_value(frame["result"].take()).unwrap()),
        }
    }

    /// The next push that `pick` takes; others on the way are dropped.
    pub async fn push<T>(&mut self, mut pick: impl FnMut(&Value) -> Option<T>) -> T {
        loop {
            let frame = match self.pushes.pop_front() {
                Some(frame) => frame,
                None => self.next().await.expect("closed instead of a push"),
            };
            if let Some(picked) = pick(&frame) {
                return picked;
            }
        }
    }

    /// Whether no push came beside the answers so far.
    pub fn heard_nothing(&self) -> bool {
        self.pushes.is_empty()
    }

    pub async fn event(&mut self) -> Event {
        self.push(|frame| serde_json::from_value(frame.get("event")?.clone()).ok())
            .await
    }

    pub async fn event_of(&mut self, kind: &str) -> Event {
        loop {
            let event = self.event().await;
            if event.body.kind() == kind {
                return event;
            }
        }
    }
}

pub fn visitor_frame(frame: &Value) -> ServerFrame {
    serde_json::from_value(frame.clone()).unwrap()
}
