//! A desk to talk to, and visitors and agents who talk.

use crate::contract;
use desk::auth;
use desk::config::Config;
use desk::store::sqlite::SqliteStore;
use desk::store::{Account, Store};
use desk::{Running, limits::Limits};
use deskside::protocol::agent::{
    AgentCommand, AgentConnected, AgentReply, AgentServerFrame, ConversationCommand,
    ConversationRef, EditMessage, RedactMessage, Transfer, WriteNote,
};
use deskside::protocol::command::{Handoff, Marks, Open, Read, Send, Sub};
use deskside::protocol::event::{
    Content, Edit, Event, EventBody, HandoffContext, Note, Participant, Redact, Role,
};
use deskside::protocol::reply::{Connected, ErrorBody, Reply, Sent, SubState};
use deskside::protocol::{Command, ServerFrame};
use futures_util::{SinkExt, StreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use uuid::Uuid;

/// Far longer than anything here takes: only a test that fails waits for it.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// The origin of the site `shop`.
pub const SHOP: &str = "https://shop.example";

pub fn uuid() -> String {
    Uuid::now_v7().to_string()
}

pub struct Desk {
    pub running: Option<Running>,
    pub config: Config,
    pub address: SocketAddr,
    _folder: TempDir,
}

impl Desk {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(adjust: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config(folder.path().join("desk.db"));
        adjust(&mut config);
        let running = desk::start(config.clone()).await.unwrap();
        Self {
            address: running.address(),
            running: Some(running),
            config,
            _folder: folder,
        }
    }

    pub async fn start_limited(adjust: impl FnOnce(&mut Limits)) -> Self {
        Self::start_with(|config| adjust(&mut config.limits)).await
    }

    pub async fn stop(&mut self) {
        self.running.take().unwrap().stop().await;
    }

    /// Comes back on the same database.
    pub async fn start_again(&mut self) {
        let running = desk::start(self.config.clone()).await.unwrap();
        self.address = running.address();
        self.running = Some(running);
    }

    /// A visitor on first contact.
    pub async fn visitor(&self) -> Visitor {
        Visitor::connect(self.address, None, vec![]).await
    }

    /// A visitor who has been here before.
    pub async fn visitor_again(&self, token: &str, subs: Vec<Sub>) -> Visitor {
        Visitor::connect(self.address, Some(token.to_owned()), subs).await
    }

    /// An agent whose console is connected.
    pub async fn agent(&self, name: &str) -> Agent {
        let token = self.agent_token(name).await;
        Agent::connect(self.address, token).await
    }

    /// A bot that is connected.
    pub async fn bot(&self, name: &str) -> Agent {
        let token = desk::add_bot(&self.store(), name).await.unwrap().unwrap();
        Agent::connect(self.address, token).await
    }

    /// Signs an agent in behind the login's back: the login hashes, which takes its time.
    pub async fn agent_token(&self, name: &str) -> String {
        let email = format!("{name}@desk.example");
        let store = self.store();
        let account = Account {
            agent: Participant {
                role: Role::Agent,
                id: format!("agent-{name}"),
                name: name.to_owned(),
                avatar: None,
            },
            email: email.clone(),
            password: "!".to_owned(),
            team: String::new(),
        };
        store.add_account(account).await.unwrap();
        let (token, hash) = auth::agent_token().unwrap();
        let now = desk::now_ms();
        let agent = store.account(&email).await.unwrap().unwrap().agent;
        store
            .sign_in(&agent.id, hash, now + 60_000, now)
            .await
            .unwrap();
        token
    }

    /// As the command does.
    pub async fn set_team(&self, name: &str, team: &str) {
        let email = format!("{name}@desk.example");
        assert!(self.store().set_team(&email, team).await.unwrap());
    }

    /// The database, beside the running desk.
    pub fn store(&self) -> SqliteStore {
        let (changes, _) = mpsc::channel(1);
        let path = &self.config.database;
        SqliteStore::open(path, self.config.limits, changes)
            .unwrap()
            .0
    }
}

pub fn config(database: PathBuf) -> Config {
    let text = json!({
        "listen": "127.0.0.1:0",
        "sites": [
            { "id": "shop", "name": "Shop", "allowedOrigins": [SHOP], "selfService": true },
            { "id": "bank", "name": "Bank", "allowedOrigins": ["https://bank.example"] },
            { "id": "open", "name": "Open", "allowedOrigins": ["*"] },
        ],
        "limits": { "commandsPerSecond": 100_000, "commandsBurst": 100_000, "commandsPerSecondPerAddress": 100_000, "commandsBurstPerAddress": 100_000, "agentLeaveGraceMs": 50 },
    });
    let mut config = Config::parse(&text.to_string()).unwrap();
    config.database = database;
    config
}

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

    async fn ask_as<R: DeserializeOwned>(
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

pub struct Visitor {
    pub socket: Socket,
    pub address: SocketAddr,
    pub connected: Connected,
    pub token: String,
}

pub fn connect_command(site: &str, token: Option<&str>, subs: &[Sub]) -> Value {
    let mut connect = json!({
        "version": 1, "site": site, "clientId": "test", "locale": "en-GB", "subs": subs,
    });
    if let Some(token) = token {
        connect["token"] = token.into();
    }
    json!({ "connect": connect })
}

impl Visitor {
    pub async fn connect(address: SocketAddr, token: Option<String>, subs: Vec<Sub>) -> Self {
        let mut socket = Socket::open(address, "/v1/socket", Some(SHOP)).await;
        let command = connect_command("shop", token.as_deref(), &subs);
        let reply: Reply = socket.ask_as(command).await.unwrap();
        let connected = reply.connected.unwrap();
        let token = token.or(connected.token.clone()).unwrap();
        Self {
            socket,
            address,
            connected,
            token,
        }
    }

    pub async fn ask(&mut self, command: Command) -> Result<Reply, ErrorBody> {
        self.socket.ask_as(command).await
    }

    /// Opens a new conversation.
    pub async fn open(&mut self) -> SubState {
        self.open_as(&uuid()).await.unwrap()
    }

    pub async fn open_as(&mut self, conv: &str) -> Result<SubState, ErrorBody> {
        let open = Command::Open(Open {
            conv: conv.to_owned(),
            cmid: uuid(),
            page: "https://shop.example/tea?token=secret#top".to_owned(),
        });
        Ok(self.ask(open).await?.opened.unwrap())
    }

    pub async fn say(&mut self, conv: &str, text: &str) -> Sent {
        self.send(conv, &uuid(), None, text).await.unwrap()
    }

    pub async fn send(
        &mut self,
        conv: &str,
        cmid: &str,
        prev: Option<&str>,
        text: &str,
    ) -> Result<Sent, ErrorBody> {
        let command = Command::Send(send(conv, cmid, prev, text));
        Ok(self.ask(command).await?.sent.unwrap())
    }

    pub async fn mark(&mut self, conv: &str, delivered_seq: u32, read_seq: u32) {
        let read = Command::Read(read(conv, delivered_seq, read_seq));
        assert_eq!(self.ask(read).await.unwrap(), Reply::default());
    }
}

pub struct Agent {
    pub token: String,
    pub socket: Socket,
    pub connected: AgentConnected,
}

impl Agent {
    pub async fn connect(address: SocketAddr, token: String) -> Self {
        let mut socket = Socket::open(address, "/v1/agent/socket", None).await;
        let connect = json!({ "connect": { "version": 1, "token": token } });
        let reply: AgentReply = socket.ask_as(connect).await.unwrap();
        Self {
            token,
            socket,
            connected: reply.connected.unwrap(),
        }
    }

    pub async fn ask(&mut self, command: AgentCommand) -> Result<AgentReply, ErrorBody> {
        self.socket.ask_as(command).await
    }

    pub async fn watch(&mut self, conv: &str) -> SubState {
        let what = ConversationRef {
            conv: conv.to_owned(),
        };
        let reply = self.ask(AgentCommand::Watch(what)).await.unwrap();
        reply.watched.unwrap()
    }

    pub async fn say(&mut self, conv: &str, text: &str) -> Sent {
        let command = AgentCommand::Send(send(conv, &uuid(), None, text));
        self.ask(command).await.unwrap().sent.unwrap()
    }

    pub async fn assign(&mut self, conv: &str) -> Sent {
        let command = AgentCommand::Assign(on(conv));
        self.ask(command).await.unwrap().sent.unwrap()
    }

    pub async fn note(&mut self, conv: &str, text: &str) -> Sent {
        let command = AgentCommand::Note(WriteNote {
            conv: conv.to_owned(),
            cmid: uuid(),
            note: Note {
                text: text.to_owned(),
            },
        });
        self.ask(command).await.unwrap().sent.unwrap()
    }

    pub async fn transfer(
        &mut self,
        conv: &str,
        to: Option<&str>,
        note: &str,
    ) -> Result<Sent, ErrorBody> {
        let command = AgentCommand::Transfer(Transfer {
            conv: conv.to_owned(),
            cmid: uuid(),
            to: to.map(str::to_owned),
            note: note.to_owned(),
        });
        Ok(self.ask(command).await?.sent.unwrap())
    }

    /// Says more than words.
    pub async fn show(&mut self, conv: &str, body: Content) -> Result<Sent, ErrorBody> {
        let command = AgentCommand::Send(Send {
            body,
            ..send(conv, &uuid(), None, "")
        });
        Ok(self.ask(command).await?.sent.unwrap())
    }

    pub async fn edit(&mut self, conv: &str, seq: u32, text: &str) -> Result<Sent, ErrorBody> {
        let command = AgentCommand::Edit(EditMessage {
            conv: conv.to_owned(),
            cmid: uuid(),
            edit: Edit {
                seq,
                content: Content::from(text.to_owned()),
            },
        });
        Ok(self.ask(command).await?.sent.unwrap())
    }

    pub async fn redact(&mut self, conv: &str, seq: u32) -> Result<Sent, ErrorBody> {
        let command = AgentCommand::Redact(RedactMessage {
            conv: conv.to_owned(),
            cmid: uuid(),
            redact: Redact { seq },
        });
        Ok(self.ask(command).await?.sent.unwrap())
    }

    pub async fn resolve(&mut self, conv: &str) -> Sent {
        let command = AgentCommand::Resolve(on(conv));
        self.ask(command).await.unwrap().sent.unwrap()
    }

    pub async fn mark(&mut self, conv: &str, delivered_seq: u32, read_seq: u32) {
        let read = AgentCommand::Read(read(conv, delivered_seq, read_seq));
        assert_eq!(self.ask(read).await.unwrap(), AgentReply::default());
    }

    /// The next inbox line that fits.
    pub async fn inbox_line(
        &mut self,
        mut fits: impl FnMut(&deskside::protocol::agent::InboxItem) -> bool,
    ) -> deskside::protocol::agent::InboxItem {
        let pick = |frame: &Value| {
            let frame: AgentServerFrame = serde_json::from_value(frame.clone()).unwrap();
            frame.inbox.filter(|item| fits(item))
        };
        self.socket.push(pick).await
    }
}

pub fn handoff(conv: &str, reason: &str) -> Handoff {
    Handoff {
        conv: conv.to_owned(),
        cmid: uuid(),
        context: HandoffContext {
            reason: reason.to_owned(),
            ..HandoffContext::default()
        },
    }
}

pub fn on(conv: &str) -> ConversationCommand {
    ConversationCommand {
        conv: conv.to_owned(),
        cmid: uuid(),
    }
}

pub fn send(conv: &str, cmid: &str, prev: Option<&str>, text: &str) -> Send {
    Send {
        conv: conv.to_owned(),
        cmid: cmid.to_owned(),
        prev: prev.map(str::to_owned),
        body: Content::from(text.to_owned()),
    }
}

pub fn read(conv: &str, delivered_seq: u32, read_seq: u32) -> Read {
    Read {
        conv: conv.to_owned(),
        marks: Marks {
            delivered_seq,
            read_seq,
        },
    }
}

pub fn sub(state: &SubState) -> Sub {
    Sub {
        conv: state.conv.clone(),
        epoch: state.epoch.clone(),
        offset: state.top,
    }
}

/// What the messages among them say.
pub fn texts(events: &[Event]) -> Vec<&str> {
    events
        .iter()
        .filter_map(|event| match &event.body {
            EventBody::Message(content) => Some(content.text.as_str()),
            _ => None,
        })
        .collect()
}

pub fn visitor_frame(frame: &Value) -> ServerFrame {
    serde_json::from_value(frame.clone()).unwrap()
}

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
}

pub fn open_command(conv: &str) -> Command {
    Command::Open(Open {
        conv: conv.to_owned(),
        cmid: uuid(),
        page: String::new(),
    })
}
