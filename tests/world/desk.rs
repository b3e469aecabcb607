//! A reference desk: the rules of the protocol, in memory, for one visitor.

use super::push;
use deskside::protocol::command::{ClientFrame, Command, Marks};
use deskside::protocol::error_code;
use deskside::protocol::event::{
    Author, Event, EventBody, Invitation, Lifecycle, Participant, Role,
};
use deskside::protocol::reply::{
    Availability, Connected, ErrorBody, HistoryPage, Pong, Receipt, Reply, Sent, ServerFrame,
    SubState, WireLimits,
};
use std::collections::VecDeque;

#[derive(Clone, Debug)]
pub struct Log {
    pub conv: String,
    pub epoch: String,
    pub events: Vec<Event>,
    pub state: Lifecycle,
    pub visitor_marks: Marks,
    pub agent_marks: Marks,
    cycles: u32,
}

#[derive(Clone, Debug, Default)]
pub struct Desk {
    pub logs: Vec<Log>,
    pub feedback: Vec<(String, String, bool)>,
    pub token: Option<String>,
    /// Errors to answer with instead of carrying out, in turn, whatever durable command comes.
    pub refusals: VecDeque<ErrorBody>,
    /// `connect` with a token is refused.
    pub forgets_tokens: bool,
    pub page_max: usize,
    online: bool,
    pushes: Vec<ServerFrame>,
    epochs: u32,
}

pub fn agent() -> Participant {
    Participant {
        role: Role::Agent,
        id: "a1".into(),
        name: "Mia".into(),
        avatar: None,
    }
}

pub fn temporary(code: &str, retry_after_ms: u32) -> ErrorBody {
    ErrorBody {
        code: code.into(),
        message: String::new(),
        temporary: true,
        retry_after_ms: Some(retry_after_ms),
    }
}

pub fn permanent(code: &str) -> ErrorBody {
    ErrorBody {
        code: code.into(),
        message: String::new(),
        temporary: false,
        retry_after_ms: None,
    }
}

impl Desk {
    pub fn new() -> Self {
        Self {
            page_max: 300,
            ..Default::default()
        }
    }

    pub fn disconnect(&mut self) {
        self.online = false;
        self.pushes.clear();
    }

    pub fn take_pushes(&mut self) -> Vec<ServerFrame> {
        std::mem::take(&mut self.pushes)
    }

    pub fn log(&self) -> &Log {
        self.logs.last().expect("a conversation")
    }

    /// What the visitor said, in order, over all conversations.
    pub fn said(&self) -> Vec<String> {
        let events = self.logs.iter().flat_map(|log| &log.events);
        let said = events.filter_map(|event| match (&event.body, event.author.role) {
            (EventBody::Message(content), Role::Visitor) => Some(content.text.clone()),
            _ => None,
        });
        said.collect()
    }

    fn find(&mut self, conv: &str) -> Option<&mut Log> {
        self.logs.iter_mut().find(|log| log.conv == conv)
    }

    /// Adds to a log; the push goes to the visitor's session if it is there.
    pub fn append(
        &mut self,
        conv: &str,
        author: Author,
        cmid: Option<String>,
        body: EventBody,
        ts: u64,
    ) -> u32 {
        let log = self.find(conv).expect("the conversation exists");
        let seq = log.events.len() as u32 + 1;
        if let EventBody::State(state) = &body {
            log.state = *state;
        }
        let event = Event {
            conv: conv.into(),
            seq,
            ts,
            author,
            cmid,
            body,
        };
        log.events.push(event.clone());
        if self.online {
            self.pushes.push(push(|frame| frame.event = Some(event)));
        }
        seq
    }

    pub fn agent_says(&mut self, text: &str) {
        let conv = self.log().conv.clone();
        let author = Author {
            role: Role::Agent,
            id: "a1".into(),
        };
        if self.log().state != Lifecycle::Assigned {
            self.append(
                &conv,
                author.clone(),
                None,
                EventBody::Assignment(agent()),
                5,
            );
            self.find(&conv).unwrap().state = Lifecycle::Assigned;
        }
        let content = deskside::protocol::event::Content { text: text.into() };
        self.append(&conv, author, None, EventBody::Message(content), 5);
    }

    pub fn agent_resolves(&mut self) {
        let conv = self.log().conv.clone();
        let author = Author {
            role: Role::Agent,
            id: "a1".into(),
        };
        self.append(
            &conv,
            author.clone(),
            None,
            EventBody::State(Lifecycle::Resolved),
            6,
        );
        let log = self.find(&conv).unwrap();
        log.cycles += 1;
        let invitation = Invitation {
            response_id: format!("r{}", log.cycles),
            survey_id: "csat".into(),
            scale: 5,
            agent: Some(agent()),
            resolution_cycle: log.cycles,
        };
        self.append(&conv, author, None, EventBody::Invitation(invitation), 6);
    }

    pub fn agent_reads(&mut self, marks: Marks) {
        let conv = self.log().conv.clone();
        self.find(&conv).unwrap().agent_marks = marks;
        if self.online {
            self.pushes.push(push(|frame| {
                frame.read = Some(Receipt {
                    conv,
                    by: Role::Agent,
                    marks,
                })
            }));
        }
    }

    /// The log is replaced, as after a restore from a backup: the newest `lost` events are gone.
    pub fn restore_from_backup(&mut self, lost: usize) {
        self.epochs += 1;
        let epoch = format!("restored{}", self.epochs);
        for log in &mut self.logs {
            log.epoch.clone_from(&epoch);
            log.events.truncate(log.events.len().saturating_sub(lost));
        }
    }

    pub fn receive(&mut self, frame: ClientFrame, ts: u64) -> Vec<ServerFrame> {
        let ClientFrame { id, command } = frame;
        let durable = matches!(
            command,
            Command::Open(_)
                | Command::Send(_)
                | Command::Close(_)
                | Command::Survey(_)
                | Command::Feedback(_)
        );
        if !self.online && !matches!(command, Command::Connect(_)) {
            return Vec::new();
        }
        if durable && let Some(error) = self.refusals.pop_front() {
            return vec![push(|frame| {
                (frame.id, frame.error) = (Some(id), Some(error))
            })];
        }
        let result = self.carry_out(command, ts);
        let Some(result) = result.transpose() else {
            return Vec::new();
        };
        let mut frames = self.take_pushes();
        let answer = push(|frame| {
            frame.id = Some(id);
            match result {
                Ok(reply) => frame.result = Some(reply),
                Err(error) => frame.error = Some(error),
            }
        });
        // The echo of a command comes before its answer, as it may from a real desk.
        frames.push(answer);
        frames
    }

    fn carry_out(&mut self, command: Command, ts: u64) -> Result<Option<Reply>, ErrorBody> {
        let mut reply = Reply::default();
        match command {
            Command::Connect(connect) => {
                let known =
                    connect.token.is_some() && connect.token == self.token && !self.forgets_tokens;
                if connect.token.is_some() && !known {
                    return Err(permanent(error_code::UNAUTHORIZED));
                }
                let fresh = if known {
                    None
                } else {
                    Some(format!("token{}", self.epochs))
                };
                if fresh.is_some() {
                    self.token.clone_from(&fresh);
                    self.forgets_tokens = false;
                }
                self.online = true;
                let subs = self.logs.iter().map(|log| {
                    let sub = connect
                        .subs
                        .iter()
                        .find(|sub| sub.conv == log.conv && sub.epoch == log.epoch);
                    self.sub_state(log, sub.map(|sub| sub.offset))
                });
                reply.connected = Some(Connected {
                    session: "s1".into(),
                    visitor: "v1".into(),
                    token: fresh,
                    ping_interval_ms: 25_000,
                    limits: WireLimits {
                        frame_bytes_max: 65_536,
                        text_bytes_max: 4_096,
                    },
                    site_name: "Demo".into(),
                    availability: Availability { agents_online: 1 },
                    subs: subs.collect(),
                });
            }
            Command::Open(open) => {
                if self.find(&open.conv).is_none() {
                    self.logs.push(Log {
                        conv: open.conv.clone(),
                        epoch: format!("e{}", self.epochs),
                        events: Vec::new(),
                        state: Lifecycle::Queued,
                        visitor_marks: Marks::default(),
                        agent_marks: Marks::default(),
                        cycles: 0,
                    });
                    let author = Author {
                        role: Role::System,
                        id: String::new(),
                    };
                    self.append(
                        &open.conv,
                        author,
                        None,
                        EventBody::State(Lifecycle::Queued),
                        ts,
                    );
                    self.pushes.clear();
                }
                let log = self
                    .logs
                    .iter()
                    .find(|log| log.conv == open.conv)
                    .expect("it is there");
                reply.opened = Some(self.sub_state(log, None));
            }
            Command::Send(send) => {
                let log = self
                    .find(&send.conv)
                    .ok_or_else(|| permanent(error_code::NOT_FOUND))?;
                let after = |event: &Event| event.cmid == send.prev;
                if send.prev.is_some() && !log.events.iter().any(after) {
                    return Err(temporary(error_code::OUT_OF_ORDER, 100));
                }
                if log.state == Lifecycle::Resolved
                    && !log
                        .events
                        .iter()
                        .any(|e| e.cmid.as_ref() == Some(&send.cmid))
                {
                    let author = Author {
                        role: Role::System,
                        id: String::new(),
                    };
                    self.append(
                        &send.conv,
                        author,
                        None,
                        EventBody::State(Lifecycle::Reopened),
                        ts,
                    );
                }
                reply.sent =
                    Some(self.once(&send.conv, &send.cmid, EventBody::Message(send.body), ts)?);
            }
            Command::Close(close) => {
                let body = EventBody::State(Lifecycle::Closed);
                reply.sent = Some(self.once(&close.conv, &close.cmid, body, ts)?);
            }
            Command::Survey(survey) => {
                reply.sent = Some(self.once(
                    &survey.conv,
                    &survey.cmid,
                    EventBody::Survey(survey.response),
                    ts,
                )?);
            }
            Command::Feedback(feedback) => {
                let duplicate = self
                    .feedback
                    .iter()
                    .any(|(cmid, ..)| *cmid == feedback.cmid);
                if !duplicate {
                    self.feedback
                        .push((feedback.cmid.clone(), feedback.article, feedback.helpful));
                }
                reply.sent = Some(Sent {
                    cmid: feedback.cmid,
                    conv: String::new(),
                    epoch: String::new(),
                    seq: 0,
                    ts,
                    duplicate,
                });
            }
            Command::Read(read) => {
                let log = self
                    .find(&read.conv)
                    .ok_or_else(|| permanent(error_code::NOT_FOUND))?;
                assert!(
                    read.marks.read_seq >= log.visitor_marks.read_seq,
                    "marks never move backwards"
                );
                log.visitor_marks = read.marks;
            }
            Command::Typing(_) => return Ok(None),
            Command::History(history) => {
                let page_max = self.page_max.min(history.limit as usize);
                let log = self
                    .find(&history.conv)
                    .ok_or_else(|| permanent(error_code::NOT_FOUND))?;
                let (before, after) = (
                    history.before.unwrap_or(u32::MAX),
                    history.after.unwrap_or(0),
                );
                let range = log
                    .events
                    .iter()
                    .filter(|event| event.seq < before && event.seq > after);
                let mut events: Vec<Event> = range.cloned().collect();
                if history.before.is_some() {
                    events.drain(..events.len().saturating_sub(page_max));
                } else {
                    events.truncate(page_max);
                }
                let (conv, epoch, top) =
                    (log.conv.clone(), log.epoch.clone(), log.events.len() as u32);
                reply.history = Some(HistoryPage {
                    conv,
                    epoch,
                    top,
                    events,
                });
            }
            Command::Ping {} => reply.pong = Some(Pong {}),
        }
        Ok(Some(reply))
    }

    /// Appends under a client's id, or says where that had been done.
    fn once(
        &mut self,
        conv: &str,
        cmid: &str,
        body: EventBody,
        ts: u64,
    ) -> Result<Sent, ErrorBody> {
        let log = self
            .find(conv)
            .ok_or_else(|| permanent(error_code::NOT_FOUND))?;
        let epoch = log.epoch.clone();
        let before = log
            .events
            .iter()
            .find(|event| event.cmid.as_deref() == Some(cmid))
            .cloned();
        if let Some(event) = before {
            if event.body != body {
                return Err(permanent(error_code::CONFLICT));
            }
            let (conv, cmid) = (conv.to_owned(), cmid.to_owned());
            return Ok(Sent {
                cmid,
                conv,
                epoch,
                seq: event.seq,
                ts: event.ts,
                duplicate: true,
            });
        }
        let author = Author {
            role: Role::Visitor,
            id: "v1".into(),
        };
        let seq = self.append(conv, author, Some(cmid.to_owned()), body, ts);
        Ok(Sent {
            cmid: cmid.to_owned(),
            conv: conv.to_owned(),
            epoch,
            seq,
            ts,
            duplicate: false,
        })
    }

    fn sub_state(&self, log: &Log, offset: Option<u32>) -> SubState {
        let top = log.events.len() as u32;
        let missed =
            offset.filter(|offset| *offset <= top && (top - offset) as usize <= self.page_max);
        let events = match missed {
            Some(offset) => log.events[offset as usize..].to_vec(),
            None => log.events[log.events.len().saturating_sub(100)..].to_vec(),
        };
        SubState {
            conv: log.conv.clone(),
            epoch: log.epoch.clone(),
            top,
            recovered: missed.is_some(),
            state: log.state,
            participants: vec![agent()],
            visitor_marks: log.visitor_marks,
            agent_marks: log.agent_marks,
            events,
        }
    }
}
