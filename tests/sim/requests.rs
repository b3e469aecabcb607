//! The desk without a socket: each command a request of its own, which may be lost, doubled or overtaken;
//! what the desk pushes waits in a mailbox until a request that waits for it takes it away.

use crate::run::{Conn, Due, Run, note};
use crate::script::With;
use crate::tab::Tab;
use crate::world::desk::permanent;
use deskside::Input;
use deskside::plain::{Readable, Value, Writable};
use deskside::platform::Json;
use deskside::platform::poll::{Poll, Post};
use deskside::platform::way::{Choice, Way};
use deskside::protocol::command::{ClientFrame, Command};
use deskside::protocol::error_code;
use deskside::protocol::reply::{ErrorBody, ServerFrame};

/// How often it is looked whether sockets come through again.
const LOOK_MS: u64 = 10_000;

/// A tab's requests.
pub struct Requests {
    poll: Poll,
    choice: Choice,
    /// Those that have no answer yet, but for the one that waits.
    asked: Vec<u32>,
}

impl Requests {
    /// For the tabs of a run in which no socket comes through, or only now and then.
    pub fn of(with: &[With]) -> Option<Self> {
        let json = Json {
            write: |value| serde_json::to_string(value).expect("it can be written"),
            read: |text| serde_json::from_str::<Value>(text).ok(),
        };
        let some = with.contains(&With::Requests) || with.contains(&With::Turns);
        some.then(|| Self {
            poll: Poll::new("https://desk.test", json),
            choice: Choice::new(true),
            asked: Vec::new(),
        })
    }
}

/// What the desk pushes to a session without a socket.
#[derive(Clone, Debug, Default)]
pub struct Mailbox {
    queue: Vec<ServerFrame>,
    /// Handed out, and not acknowledged yet; the number of that answer.
    handed: Vec<ServerFrame>,
    batch: u32,
    /// The request that waits.
    waits: Option<u32>,
}

/// `{"result": ...}` or `{"error": ...}`.
fn text_of(answer: &ServerFrame) -> String {
    let Value::Map(mut fields) = answer.write() else {
        return String::new();
    };
    fields.retain(|(name, value)| name != "id" && *value != Value::Null);
    if fields.is_empty() {
        fields.push(("result".into(), Value::Map(Vec::new())));
    }
    serde_json::to_string(&Value::Map(fields)).expect("it can be written")
}

fn refused(error: ErrorBody) -> String {
    text_of(&ServerFrame {
        error: Some(error),
        ..Default::default()
    })
}

impl Run {
    /// Whether a tab goes by requests now; where it tries a socket first, none comes through.
    pub fn by_requests(&mut self, tab: usize) -> Option<Way> {
        let requests = self.tabs[tab].requests.as_mut()?;
        Some(requests.choice.choose())
    }

    /// A session by requests begins: there is nothing to open.
    pub fn open_requests(&mut self, tab: usize, conn: usize) {
        self.conns[conn].mailbox = Some(Mailbox::default());
        if let Some(requests) = &mut self.tabs[tab].requests {
            requests.asked.clear();
            requests.poll.open();
        }
        self.after(0, Due::News(tab));
        if self.script.with.contains(&With::Turns) {
            self.after(LOOK_MS, Due::Looks(conn));
        }
    }

    /// Whether no socket of a tab comes through: it is refused then, or stays mute.
    pub fn lets_no_socket_through(&self, tab: usize) -> Option<bool> {
        let spell = self.devices[self.tabs[tab].device].net.no_socket_ms;
        let never = self.script.with.contains(&With::Requests);
        let refuses = never || spell.is_multiple_of(2);
        (never || spell > self.now_ms).then_some(refuses)
    }

    /// From here on, for a while, requests alone come through.
    pub fn lose_sockets(&mut self, device: usize, until_ms: u64, pick: u32) {
        self.devices[device].net.no_socket_ms = until_ms;
        for conn in 0..self.conns.len() {
            let Conn { tab, mailbox, .. } = &self.conns[conn];
            if self.tabs[*tab].device == device && mailbox.is_none() && pick.is_multiple_of(3) {
                self.cut(conn, 1006);
            }
        }
    }

    /// The desk has said something to a tab on a socket.
    pub fn heard_on_socket(&mut self, tab: usize) {
        if let Some(requests) = &mut self.tabs[tab].requests {
            requests.choice.heard();
        }
    }

    /// Where a socket comes through again, the connection by requests ends in its favour.
    pub fn look_for_socket(&mut self, conn: usize) {
        let tab = self.conns[conn].tab;
        if self.tabs[tab].conn != Some(conn) {
            return;
        }
        let net = self.devices[self.tabs[tab].device].net;
        let now = self.now_ms;
        let deaf = net.up_lost_ms.max(net.down_lost_ms).max(net.portal_ms) > now;
        let down = net
            .offline_ms
            .max(net.refused_ms)
            .max(self.faults.down_until_ms)
            > now;
        if deaf || down || self.lets_no_socket_through(tab).is_some() {
            return self.after(LOOK_MS, Due::Looks(conn));
        }
        note!(self, "t{tab} c{conn} makes way for a socket");
        self.tabs[tab].conn = None;
        self.close(conn);
        self.tell(tab, Input::SocketClosed { code: 1006 });
    }

    /// The tab lets go of it; the desk's end is forgotten after a while.
    pub fn close_requests(&mut self, conn: usize) {
        if let Some(requests) = &mut self.tabs[self.conns[conn].tab].requests {
            requests.asked.clear();
            requests.poll.close();
        }
        self.after(60_000, Due::ClosedForDesk(conn));
    }

    /// A tab sends a frame as a request.
    pub fn request(&mut self, tab: usize, frame: &ClientFrame) {
        if let Some(requests) = &mut self.tabs[tab].requests {
            requests.poll.send(frame);
        }
        self.make_requests(tab);
    }

    fn make_requests(&mut self, tab: usize) {
        while let Some(post) = self.tabs[tab].requests.as_mut().and_then(|r| r.poll.post()) {
            let Some(conn) = self.tabs[tab].conn else {
                return;
            };
            note!(self, "t{tab} c{conn} asks {} {}", post.url, post.body);
            let (net, now) = (self.devices[self.tabs[tab].device].net, self.now_ms);
            let id = post.id;
            if let Some(requests) = &mut self.tabs[tab].requests
                && !post.url.ends_with("/poll")
            {
                requests.asked.push(id);
            }
            self.after(
                u64::from(post.timeout_ms),
                Due::Answer(tab, id, String::new()),
            );
            if net.up_lost_ms > now {
                continue;
            }
            let delay = self.latency(tab);
            let page = (net.portal_ms > now).then_some("<html>sign in</html>");
            let failed = net.offline_ms > now || net.refused_ms > now;
            if let Some(page) = page.or(failed.then_some("")) {
                self.after(delay, Due::Answer(tab, id, page.into()));
                continue;
            }
            if net.twice_ms > now && !post.url.ends_with("/connect") {
                let later = self.latency(tab);
                self.after(later, Due::Post(tab, conn, post.clone()));
            }
            self.after(delay, Due::Post(tab, conn, post));
        }
    }

    /// A request has reached the desk.
    pub fn post_at_desk(&mut self, tab: usize, conn: usize, post: Post) {
        if self.faults.down_until_ms > self.now_ms {
            return self.answer(tab, post.id, String::new());
        }
        let name = post.url.rsplit('/').next().unwrap_or_default();
        let body: Value = serde_json::from_str(&post.body).expect("it is JSON");
        let visitor = self.desk.visitor_of(post.token.as_deref());
        if name != "connect" && visitor.is_none() {
            let refusal = refused(permanent(error_code::UNAUTHORIZED));
            return self.answer(tab, post.id, refusal);
        }
        if name == "poll" {
            return self.poll_at_desk(tab, conn, post.id, &body);
        }
        let command = Value::Map(vec![(name.to_owned().into(), body)]);
        let command = Command::read(&command).expect("it is a command");
        let silent = matches!(command, Command::Typing(_));
        // Whose session is gone is asked for the token alone.
        let gone = !self.conns[conn].desk_side && name != "connect";
        if gone && let Some(visitor) = visitor {
            self.desk.sit(conn as u32, visitor);
            self.conns[conn].desk_side = true;
        }
        let id = post.id;
        self.at_desk(conn, ClientFrame { id, command });
        if silent {
            self.answer(tab, id, text_of(&ServerFrame::default()));
        }
        if gone {
            self.desk.hang_up(conn as u32);
            self.conns[conn].desk_side = false;
        }
    }

    fn poll_at_desk(&mut self, tab: usize, conn: usize, id: u32, body: &Value) {
        let number = |name: &str| body.get(name).and_then(|value| u32::read(value).ok());
        let ack = number("ack").unwrap_or(0);
        let Conn {
            mailbox, desk_side, ..
        } = &mut self.conns[conn];
        let Some(mailbox) = mailbox.as_mut().filter(|_| *desk_side) else {
            return self.answer(tab, id, refused(permanent(error_code::NOT_FOUND)));
        };
        if ack == mailbox.batch {
            mailbox.handed.clear();
        } else if ack + 1 != mailbox.batch {
            return self.answer(tab, id, refused(permanent(error_code::INVALID)));
        }
        if let Some(old) = mailbox.waits.replace(id) {
            // Its client is gone, or has asked twice.
            if old != id {
                self.hand_out(conn, old);
            }
        }
        let wait_ms = number("waitMs").unwrap_or(0);
        self.after(u64::from(wait_ms), Due::WaitEnds(conn, id));
        self.look_into(conn);
    }

    /// Hands out what there is, to a request that waits for it.
    fn look_into(&mut self, conn: usize) {
        let Some(mailbox) = &mut self.conns[conn].mailbox else {
            return;
        };
        if mailbox.handed.is_empty() && !mailbox.queue.is_empty() && mailbox.waits.is_some() {
            mailbox.batch += 1;
            mailbox.handed = std::mem::take(&mut mailbox.queue);
        }
        if !mailbox.handed.is_empty()
            && let Some(id) = mailbox.waits.take()
        {
            self.hand_out(conn, id);
        }
    }

    fn hand_out(&mut self, conn: usize, id: u32) {
        let tab = self.conns[conn].tab;
        let Some(mailbox) = &self.conns[conn].mailbox else {
            return;
        };
        if !mailbox.handed.is_empty() && std::mem::take(&mut self.faults.poll_lost) {
            note!(
                self,
                "t{tab} c{conn} {} pushes get lost",
                mailbox.handed.len()
            );
            return;
        }
        let frames = mailbox.handed.iter().map(Writable::write).collect();
        let polled = vec![
            ("ack".into(), mailbox.batch.write()),
            ("frames".into(), Value::List(frames)),
        ];
        let answer = Value::Map(vec![("result".into(), Value::Map(polled))]);
        let text = serde_json::to_string(&answer).expect("it can be written");
        self.answer(tab, id, text);
    }

    /// A request has waited for as long as it wanted to.
    pub fn wait_ends(&mut self, conn: usize, id: u32) {
        let mailbox = self.conns[conn].mailbox.as_mut();
        let waits = mailbox.and_then(|mailbox| mailbox.waits.take_if(|waits| *waits == id));
        if waits.is_some() {
            self.hand_out(conn, id);
        }
    }

    /// The desk says something to a session without a socket: the answer to a request, or a push.
    pub fn mail(&mut self, conn: usize, frame: ServerFrame) {
        let tab = self.conns[conn].tab;
        if let Some(id) = frame.id {
            return self.answer(tab, id, text_of(&frame));
        }
        if let Some(mailbox) = &mut self.conns[conn].mailbox {
            mailbox.queue.push(frame);
        }
        self.look_into(conn);
    }

    /// The session has ended at the desk, or its connections are broken: what waits hears nothing good.
    pub fn break_off(&mut self, conn: usize) {
        let mailbox = self.conns[conn].mailbox.as_mut();
        if let Some(id) = mailbox.and_then(|mailbox| mailbox.waits.take()) {
            let tab = self.conns[conn].tab;
            self.answer(tab, id, String::new());
        }
    }

    fn answer(&mut self, tab: usize, id: u32, text: String) {
        let net = self.devices[self.tabs[tab].device].net;
        let slow = self.faults.slow_until_ms > self.now_ms;
        let thinking = if slow { self.rng.up_to(3_000) } else { 0 };
        let delay = self.latency(tab) + u64::from(thinking);
        if net.down_lost_ms <= self.now_ms {
            self.after(delay, Due::Answer(tab, id, text));
        }
    }

    /// A request is answered, or (no text) has failed.
    pub fn answered(&mut self, tab: usize, id: u32, text: &str) {
        let status = if text.is_empty() { 0 } else { 200 };
        if let Some(requests) = &mut self.tabs[tab].requests {
            requests.asked.retain(|asked| *asked != id);
            requests.poll.answered(id, status, text);
        }
        self.hear_news(tab);
    }

    /// What came of a tab's requests reaches its engine.
    pub fn hear_news(&mut self, tab: usize) {
        while let Some(input) = self.tabs[tab].requests.as_mut().and_then(|r| r.poll.news()) {
            if let Input::SocketClosed { .. } = input
                && let Some(conn) = self.tabs[tab].conn.take()
            {
                if let Some(requests) = &mut self.tabs[tab].requests {
                    requests.asked.clear();
                }
                self.conns[conn].tab_side = false;
                self.after(60_000, Due::ClosedForDesk(conn));
            }
            self.tell(tab, input);
        }
        self.make_requests(tab);
    }
}

impl Tab {
    /// Whether a request has no answer yet.
    pub fn asks(&self) -> bool {
        self.requests
            .iter()
            .any(|requests| !requests.asked.is_empty())
    }
}

impl Conn {
    /// Whether pushes lie at the desk that have not been heard of.
    pub fn has_mail(&self) -> bool {
        let mut mailbox = self.mailbox.iter();
        mailbox.any(|mailbox| !mailbox.queue.is_empty() || !mailbox.handed.is_empty())
    }

    /// Whether it is one by requests.
    pub fn has_mailbox(&self) -> bool {
        self.mailbox.is_some()
    }
}
