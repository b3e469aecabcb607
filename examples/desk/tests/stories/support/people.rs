//! Visitors and agents, and the commands they give.

use super::*;
use deskside::protocol::Command;
use deskside::protocol::agent::{
    AgentCommand, AgentConnected, AgentReply, AgentServerFrame, ConversationCommand,
    ConversationRef, EditMessage, RedactMessage, Transfer, WriteNote,
};
use deskside::protocol::command::{Handoff, Marks, Open, Read, Send, Sub};
use deskside::protocol::event::{Content, Edit, Event, EventBody, HandoffContext, Note, Redact};
use deskside::protocol::reply::{Connected, ErrorBody, Reply, Sent, SubState};
use serde_json::{Value, json};
use std::net::SocketAddr;

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
