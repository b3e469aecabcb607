//! What is said by requests.

use super::*;
use crate::contract;
use deskside::protocol::command::{Open, Sub};
use deskside::protocol::reply::Connected;
use deskside::protocol::{Command, ServerFrame};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// One HTTP request on a connection of its own: the head of the answer, and its body.
pub async fn http(address: SocketAddr, request: &str) -> (String, String) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer))
        .await
        .unwrap()
        .unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let head = head.to_lowercase();
    contract::answered(
        request,
        head[9..12].parse().unwrap(),
        &head,
        body.as_bytes(),
    );
    (head, body.to_owned())
}

pub async fn post(address: SocketAddr, path: &str, headers: &str, body: &str) -> (String, String) {
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    );
    http(address, &request).await
}

pub async fn get(address: SocketAddr, path: &str, headers: &str) -> (String, String) {
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}\r\n");
    http(address, &request).await
}

/// One HTTP request of bytes: the status, the head of the answer, and its body.
pub async fn exchange(address: SocketAddr, head: &str, body: &[u8]) -> (u16, String, Vec<u8>) {
    let request = head.to_owned();
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let head =
        format!("{head}host: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    // A desk that refuses the head need not read the body.
    let _ = stream.write_all(body).await;
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    timeout(PATIENCE, read).await.unwrap().unwrap();
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    let (status, body) = (head[9..12].parse().unwrap(), answer[end + 4..].to_vec());
    contract::answered(&request, status, &head, &body);
    (status, head, body)
}

/// An HTTP answer: status, head in lower case, JSON.
pub struct Answered {
    pub status: u16,
    pub head: String,
    pub body: Value,
}

impl Answered {
    fn new((head, body): (String, String)) -> Self {
        Self {
            status: head[9..12].parse().unwrap(),
            body: serde_json::from_str(&body).unwrap_or(Value::Null),
            head,
        }
    }

    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or("")
    }

    pub fn result<R: DeserializeOwned>(&self, name: &str) -> R {
        serde_json::from_value(self.body["result"][name].clone())
            .unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// A visitor who has no socket: every command is a request.
pub struct Requests {
    pub address: SocketAddr,
    pub token: Option<String>,
    pub origin: Option<&'static str>,
    pub session: Option<String>,
    ack: u32,
}

impl Requests {
    /// Nobody yet.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            token: None,
            origin: Some(SHOP),
            session: None,
            ack: 0,
        }
    }

    /// A visitor on first contact, or again.
    pub async fn connect(address: SocketAddr, token: Option<&str>, subs: &[Sub]) -> Self {
        let mut requests = Self::new(address);
        requests.token = token.map(str::to_owned);
        let body = connect_command("shop", None, subs)["connect"].take();
        let connected: Connected = requests.post("connect", &body).await.result("connected");
        requests.token = requests.token.or(connected.token);
        requests.session = Some(connected.session);
        requests
    }

    pub fn headers(&self) -> String {
        let mut headers = "content-type: application/json\r\n".to_owned();
        let named = [
            ("authorization: Bearer ", self.token.as_deref()),
            ("origin: ", self.origin),
            ("deskside-session: ", self.session.as_deref()),
        ];
        for (name, value) in named {
            if let Some(value) = value {
                headers += &format!("{name}{value}\r\n");
            }
        }
        headers
    }

    pub async fn post(&self, command: &str, body: &Value) -> Answered {
        let path = format!("/v1/{command}");
        let body = body.to_string();
        Answered::new(post(self.address, &path, &self.headers(), &body).await)
    }

    /// A command as its frame would carry it.
    pub async fn ask(&self, command: Command) -> Answered {
        let frame = serde_json::to_value(command).unwrap();
        let (name, body) = frame.as_object().unwrap().iter().next().unwrap();
        self.post(name, body).await
    }

    pub async fn get(&self, path: &str) -> Answered {
        Answered::new(get(self.address, path, &self.headers()).await)
    }

    /// What was pushed meanwhile, or in the next moments.
    pub async fn poll(&mut self) -> Vec<ServerFrame> {
        let answered = self.poll_once(20_000).await;
        self.ack = answered.result("ack");
        answered.result("frames")
    }

    /// A poll whose answer is not acknowledged.
    pub async fn poll_once(&self, wait_ms: u32) -> Answered {
        let body = json!({ "session": self.session, "ack": self.ack, "waitMs": wait_ms });
        self.post("poll", &body).await
    }

    /// A poll that is at the desk and waits there. It has taken the place of another one: when that is answered,
    /// whichever of the two it was, the one that is left has arrived.
    pub async fn wait_in_vain(&self) -> impl Future<Output = Answered> + use<'_> {
        let polls = [self.poll_once(25_000), self.poll_once(25_000)].map(Box::pin);
        let (_, _, mut left) = futures_util::future::select_all(polls).await;
        left.remove(0)
    }
}

pub fn open_command(conv: &str) -> Command {
    Command::Open(Open {
        conv: conv.to_owned(),
        cmid: uuid(),
        page: String::new(),
    })
}
