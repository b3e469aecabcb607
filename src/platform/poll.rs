//! The desk without a socket: each command is a request, and what the desk pushes is fetched by requests
//! that wait. To the engine it is a socket like any other.

use super::Json;
use crate::input::Input;
use crate::limits::{ACK_TIMEOUT_MS, POLL_WAIT_MS};
use crate::plain::{Readable, Value, Writable};
use crate::planted::{self, Bug};
use crate::protocol::command::{ClientFrame, Command};
use crate::protocol::reply::ServerFrame;
use crate::protocol::{close_code, error_code};
use crate::queue::Queue;
use crate::{limits, plain};
use std::borrow::Cow;

/// A request to make: `POST`, JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// Comes back with the answer.
    pub id: u32,
    /// The whole address.
    pub url: String,
    /// For `Authorization: Bearer`; none on first contact.
    pub token: Option<String>,
    /// For `Deskside-Session`; none before there is one.
    pub session: Option<String>,
    /// What to send.
    pub body: String,
    /// After which it has failed.
    pub timeout_ms: u32,
}

#[derive(Clone, Copy, Debug)]
enum About {
    /// The command of this frame.
    Frame(u32),
    /// `connect`, of this frame.
    Connect(u32),
    /// What the desk pushes.
    Pushes,
}

#[derive(Debug, Default)]
struct Polled {
    ack: u32,
    frames: Vec<ServerFrame>,
}

plain!(struct Polled { ack, frames });

/// Asks for what the desk pushes next.
struct PollBody {
    session: String,
    ack: u32,
    wait_ms: u32,
}
plain!(struct PollBody { session, ack, wait_ms });

/// A connection by requests. Ask [`Poll::post`] and [`Poll::news`] until both have nothing left.
#[derive(Clone, Debug)]
pub struct Poll {
    origin: String,
    json: Json,
    open: bool,
    token: Option<String>,
    session: Option<String>,
    ack: u32,
    last_id: u32,
    asked: Vec<(u32, About)>,
    posts: Queue<Post>,
    news: Queue<Input>,
}

impl Poll {
    /// To the desk at `origin`: `https://`, host, path, as in [`crate::Config::desk`].
    pub fn new(origin: &str, json: Json) -> Self {
        Self {
            origin: origin.trim().trim_end_matches('/').to_owned(),
            json,
            open: false,
            token: None,
            session: None,
            ack: 0,
            last_id: 0,
            asked: Vec::new(),
            posts: Queue::default(),
            news: Queue::default(),
        }
    }

    /// The next request to make.
    pub fn post(&mut self) -> Option<Post> {
        self.posts.pop_front()
    }

    /// The next thing to tell the engine.
    pub fn news(&mut self) -> Option<Input> {
        self.news.pop_front()
    }

    /// Begins a connection. There is nothing to open: the desk is first asked by `connect`.
    pub fn open(&mut self) {
        self.close();
        self.open = true;
        self.news.push_back(Input::SocketOpened);
    }

    /// Ends it; answers that are on the way are not waited for.
    pub fn close(&mut self) {
        self.end();
        self.news.clear();
    }

    fn end(&mut self) {
        self.open = false;
        self.session = None;
        if !planted::is(Bug::AckKeptForNextSession) {
            self.ack = 0;
        }
        self.asked.clear();
        self.posts.clear();
    }

    /// Sends a frame as a request.
    pub fn send(&mut self, frame: &ClientFrame) {
        if !self.open {
            return;
        }
        let about = match &frame.command {
            Command::Connect(connect) => {
                self.token.clone_from(&connect.token);
                About::Connect(frame.id)
            }
            Command::Refresh(refresh) => {
                self.token = Some(refresh.token.clone());
                About::Frame(frame.id)
            }
            _ => About::Frame(frame.id),
        };
        if let Value::Map(fields) = frame.command.write()
            && let Some((name, body)) = fields.into_iter().next()
        {
            self.ask(&name, &body, ACK_TIMEOUT_MS, about);
        }
    }

    /// Takes an answer; `status` is 0 where there was none.
    pub fn answered(&mut self, id: u32, status: u16, body: &str) {
        let Some(at) = self.asked.iter().position(|(asked, _)| *asked == id) else {
            return;
        };
        let (_, about) = self.asked.swap_remove(at);
        // Neither silence nor a page of HTML is an answer of the desk, whatever its status.
        let answer = (status > 0).then(|| (self.json.read)(body)).flatten();
        let answer = answer.filter(|answer| {
            ["result", "error"]
                .iter()
                .any(|field| answer.get(field).is_some())
        });
        match (about, answer) {
            (About::Pushes, None) if planted::is(Bug::PushesAckedUnread) => {
                self.ack += 1;
                self.wait();
            }
            (_, None) => self.lost(limits::ABNORMAL_CLOSE),
            (About::Frame(frame), Some(answer)) => self.reply(frame, &answer),
            (About::Connect(frame), Some(answer)) => {
                self.reply(frame, &answer);
                self.wait();
            }
            (About::Pushes, Some(answer)) => self.pushed(&answer),
        }
    }

    fn reply(&mut self, frame: u32, answer: &Value) {
        let Ok(mut reply) = ServerFrame::read(answer) else {
            return self.lost(limits::ABNORMAL_CLOSE);
        };
        let connected = reply
            .result
            .as_ref()
            .and_then(|reply| reply.connected.as_ref());
        if let Some(connected) = connected {
            self.session = Some(connected.session.clone());
            if connected.token.is_some() {
                self.token.clone_from(&connected.token);
            }
        }
        reply.id = Some(frame);
        self.news.push_back(Input::Received(vec![reply]));
    }

    fn pushed(&mut self, answer: &Value) {
        if let Some(error) = answer.get("error") {
            let code = error.get("code");
            let is = |wanted: &str| code == Some(&Value::Text(Cow::Owned(wanted.to_owned())));
            return self.lost(if is(error_code::UNAUTHORIZED) {
                close_code::UNAUTHORIZED
            } else if is(error_code::FORBIDDEN_SITE) {
                close_code::FORBIDDEN_SITE
            } else {
                limits::ABNORMAL_CLOSE
            });
        }
        let polled = answer.get("result").map(Polled::read);
        let Some(Ok(polled)) = polled else {
            return self.lost(limits::ABNORMAL_CLOSE);
        };
        self.ack = polled.ack;
        self.wait();
        self.news.push_back(Input::Received(polled.frames));
    }

    /// Asks for what the desk pushes next.
    fn wait(&mut self) {
        let Some(session) = self.session.clone() else {
            return;
        };
        let body = PollBody {
            session,
            ack: self.ack,
            wait_ms: POLL_WAIT_MS,
        };
        let body = body.write();
        self.ask("poll", &body, POLL_WAIT_MS + ACK_TIMEOUT_MS, About::Pushes);
    }

    fn ask(&mut self, path: &str, body: &Value, timeout_ms: u32, about: About) {
        self.last_id += 1;
        self.asked.push((self.last_id, about));
        self.posts.push_back(Post {
            id: self.last_id,
            url: [self.origin.as_str(), "/v1/", path].concat(),
            token: self.token.clone(),
            session: self.session.clone(),
            body: (self.json.write)(body),
            timeout_ms,
        });
    }

    fn lost(&mut self, code: u16) {
        self.end();
        self.news.push_back(Input::SocketClosed { code });
    }
}
