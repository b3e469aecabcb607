//! A reference desk: the rules of the protocol, in memory, for any number of visitors and sessions.

pub mod agents;
pub mod bots;
mod log;
mod uploads;

use super::push;
use deskside::limits::SUBS_MAX;
use deskside::plain::Value;
use deskside::protocol::command::{ClientFrame, Command, Connect, Marks, Sub};
use deskside::protocol::error_code;
use deskside::protocol::event::{Author, Event, EventBody, Lifecycle, Role};
use deskside::protocol::reply::{
    Availability, Connected, ErrorBody, HistoryPage, Pong, Receipt, Refreshed, Reply, Sent,
    ServerFrame, WireLimits,
};
use deskside::protocol::survey::{SurveyResponse, SurveySet};
pub use log::Log;
use log::Supersedes;
use std::collections::VecDeque;
use uploads::Upload;

/// A connection that has been greeted.
#[derive(Clone, Debug)]
struct Session {
    id: u32,
    visitor: String,
}

#[derive(Clone, Debug, Default)]
pub struct Desk {
    pub logs: Vec<Log>,
    pub feedback: Vec<(String, String, bool)>,
    /// The site's surveys, and every state of a response that came.
    pub surveys: SurveySet,
    pub responses: Vec<SurveyResponse>,
    /// What the visitor was asked on other devices.
    pub clocks: Option<Value>,
    /// Tokens that are taken, and whose they are.
    pub tokens: Vec<(String, String)>,
    /// Ids of what is refused for good, and why.
    pub refused: Vec<(String, &'static str)>,
    /// Whoever comes without a token is the same visitor.
    pub one_visitor: bool,
    /// Errors to answer with instead of carrying out, in turn, whatever durable command comes.
    pub refusals: VecDeque<ErrorBody>,
    /// So many marks are refused for now.
    pub refused_marks: u32,
    /// `connect` with a token is refused.
    pub forgets_tokens: bool,
    pub page_max: usize,
    /// The largest file that is taken.
    pub attachment_bytes_max: u32,
    /// Files, as far as they have come.
    pub uploads: Vec<Upload>,
    /// A bug on purpose: a restart forgets which commands were carried out.
    pub forgets_ids: bool,
    /// A bug on purpose: what is answered is committed so much later, and a restart loses it before.
    pub commit_lag_ms: u64,
    /// What was said about articles before this index is forgotten.
    feedback_from: usize,
    sessions: Vec<Session>,
    pushes: Vec<(u32, ServerFrame)>,
    /// How often the logs were replaced.
    pub epochs: u32,
    visitors: u32,
}

/// What is asked after a conversation.
fn csat() -> SurveySet {
    let json = include_str!("../../examples/website/surveys/csat-after-chat.json");
    SurveySet {
        digest: "1".into(),
        definitions: vec![serde_json::from_str(json).unwrap()],
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
    /// A desk with one visitor, whoever comes.
    pub fn new() -> Self {
        Self {
            surveys: csat(),
            one_visitor: true,
            ..Self::public()
        }
    }

    /// A desk to which anybody may come, and which asks what its visitors thought of it.
    pub fn curious() -> Self {
        Self {
            surveys: csat(),
            ..Self::public()
        }
    }

    /// A desk to which anybody may come.
    pub fn public() -> Self {
        Self {
            page_max: 300,
            attachment_bytes_max: 1_000_000,
            ..Default::default()
        }
    }

    /// Whose token it is.
    pub fn visitor_of(&self, token: Option<&str>) -> Option<String> {
        let mut tokens = self.tokens.iter();
        let known = tokens.find(|(known, _)| Some(&**known) == token)?;
        Some(known.1.clone())
    }

    /// A session of a visitor, without a word.
    pub fn sit(&mut self, id: u32, visitor: String) {
        self.sessions.push(Session { id, visitor });
    }

    /// Every session ends.
    pub fn disconnect(&mut self) {
        self.sessions.clear();
        self.pushes.clear();
    }

    /// One session ends.
    pub fn hang_up(&mut self, session: u32) {
        self.sessions.retain(|other| other.id != session);
    }

    /// The process ends and starts again: sessions are gone, what was committed is there.
    pub fn restart(&mut self, ts: u64) {
        self.disconnect();
        if self.forgets_ids {
            self.feedback_from = self.feedback.len();
        }
        for log in &mut self.logs {
            if self.commit_lag_ms > 0 {
                let durable = |event: &Event| event.ts + self.commit_lag_ms <= ts;
                while log.events.len() > 1 && !log.events.last().is_some_and(durable) {
                    log.events.pop();
                }
            }
            if self.forgets_ids {
                log.ids_from = log.events.len();
            }
        }
    }

    /// What is to be pushed, and to which session.
    pub fn take_pushes(&mut self) -> Vec<(u32, ServerFrame)> {
        std::mem::take(&mut self.pushes)
    }

    fn push_to(&mut self, visitor: &str, but: Option<u32>, fill: impl Fn(&mut ServerFrame)) {
        for session in &self.sessions {
            if session.visitor == visitor && Some(session.id) != but {
                self.pushes.push((session.id, push(&fill)));
            }
        }
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

    fn own(&mut self, conv: &str, visitor: &str) -> Result<&mut Log, ErrorBody> {
        let mine = |log: &&mut Log| log.conv == conv && log.visitor == visitor;
        let found = self.logs.iter_mut().find(mine);
        found.ok_or_else(|| permanent(error_code::NOT_FOUND))
    }

    /// Adds to a log; pushed to every session of its visitor.
    pub fn append(
        &mut self,
        conv: &str,
        author: Author,
        cmid: Option<String>,
        body: EventBody,
        ts: u64,
    ) -> u32 {
        let log = self.find(conv).expect("the conversation exists");
        if let EventBody::State(state) = &body {
            log.state = *state;
        }
        self.amend(conv, &body);
        self.log_only(conv, author, cmid, body, ts)
    }

    /// Adds to a log, and changes nothing that stands in it.
    pub fn log_only(
        &mut self,
        conv: &str,
        author: Author,
        cmid: Option<String>,
        body: EventBody,
        ts: u64,
    ) -> u32 {
        let log = self.find(conv).expect("the conversation exists");
        let seq = log.events.len() as u32 + 1;
        let event = Event {
            conv: conv.into(),
            seq,
            ts,
            author,
            cmid,
            body,
        };
        log.events.push(event.clone());
        let visitor = log.visitor.clone();
        self.push_to(&visitor, None, |frame| frame.event = Some(event.clone()));
        seq
    }

    /// The log is replaced, as after a restore from a backup: the newest `lost` events are gone.
    pub fn restore_from_backup(&mut self, lost: usize) {
        self.epochs += 1;
        let epoch = format!("restored{}", self.epochs);
        for log in &mut self.logs {
            log.epoch.clone_from(&epoch);
            log.events
                .truncate(log.events.len().saturating_sub(lost).max(1));
            log.ids_from = log.ids_from.min(log.events.len());
            log.undo_lost_changes();
        }
    }

    /// Carries a command out and gives the answer to it; `None` where there is none to give.
    pub fn receive(&mut self, session: u32, frame: ClientFrame, ts: u64) -> Option<ServerFrame> {
        let ClientFrame { id, command } = frame;
        let durable = matches!(
            command,
            Command::Open(_)
                | Command::Send(_)
                | Command::Close(_)
                | Command::Survey(_)
                | Command::Feedback(_)
                | Command::Handoff(_)
                | Command::UploadBegin(_)
                | Command::UploadCommit(_)
        );
        let asking = self.sessions.iter().find(|other| other.id == session);
        let result = match (command, asking.map(|asking| asking.visitor.clone())) {
            (Command::Connect(connect), None) => self.connect(session, connect).map(Some),
            (Command::Connect(_), Some(_)) | (_, None) => return None,
            (command, Some(visitor)) => match durable.then(|| self.refusals.pop_front()) {
                Some(Some(error)) => Err(error),
                _ => self.carry_out(session, &visitor, command, ts),
            },
        };
        let result = result.transpose()?;
        Some(push(|frame| {
            frame.id = Some(id);
            match result {
                Ok(reply) => frame.result = Some(reply),
                Err(error) => frame.error = Some(error),
            }
        }))
    }

    fn connect(&mut self, session: u32, connect: Connect) -> Result<Reply, ErrorBody> {
        if connect.subs.len() > SUBS_MAX {
            return Err(permanent(error_code::INVALID));
        }
        let known = self
            .tokens
            .iter()
            .find(|(token, _)| Some(token) == connect.token.as_ref() && !self.forgets_tokens);
        let (visitor, token) = match known {
            Some((_, visitor)) => (visitor.clone(), None),
            None if connect.token.is_some() => {
                return Err(permanent(error_code::UNAUTHORIZED));
            }
            None => {
                self.visitors += 1;
                let number = if self.one_visitor { 1 } else { self.visitors };
                let (visitor, token) = (format!("v{number}"), format!("token{}", self.visitors));
                self.tokens.push((token.clone(), visitor.clone()));
                self.forgets_tokens = false;
                (visitor, Some(token))
            }
        };
        self.sessions.push(Session {
            id: session,
            visitor: visitor.clone(),
        });
        let own = self.logs.iter().filter(|log| log.visitor == visitor);
        let subs = own.map(|log| {
            let here = |sub: &&Sub| sub.conv == log.conv && sub.epoch == log.epoch;
            let sub = connect.subs.iter().find(here);
            log.standing(sub.map(|sub| sub.offset), self.page_max)
        });
        let connected = Connected {
            session: format!("s{session}"),
            subs: subs.collect(),
            visitor,
            token,
            token_expires_in_ms: None,
            ping_interval_ms: 25_000,
            limits: WireLimits {
                frame_bytes_max: 65_536,
                text_bytes_max: 4_096,
                attachment_bytes_max: self.attachment_bytes_max,
            },
            site_name: "Demo".into(),
            availability: Availability { agents_online: 1 },
            surveys: (connect.surveys.as_ref() != Some(&self.surveys.digest))
                .then(|| self.surveys.clone()),
            clocks: self.clocks.clone(),
        };
        Ok(Reply {
            connected: Some(connected),
            ..Default::default()
        })
    }

    fn carry_out(
        &mut self,
        session: u32,
        visitor: &str,
        command: Command,
        ts: u64,
    ) -> Result<Option<Reply>, ErrorBody> {
        let mut reply = Reply::default();
        match command {
            Command::Connect(_) => return Ok(None),
            Command::Open(open) => {
                if self.find(&open.conv).is_none() {
                    self.check_refused(&open.cmid)?;
                    self.logs.push(Log {
                        conv: open.conv.clone(),
                        visitor: visitor.to_owned(),
                        epoch: format!("e{}", self.epochs),
                        events: Vec::new(),
                        state: Lifecycle::Queued,
                        visitor_marks: Marks::default(),
                        agent_marks: Marks::default(),
                        resumable_from: 0,
                        cycles: 0,
                        originals: Vec::new(),
                        ids_from: 0,
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
                    // Whoever else is there gets it whole.
                    let own_events = |frame: &ServerFrame| {
                        frame.event.as_ref().map(|e| &e.conv) == Some(&open.conv)
                    };
                    self.pushes.retain(|(_, frame)| !own_events(frame));
                    let log = self.logs.last().expect("it was just added");
                    let whole = log.standing(None, self.page_max);
                    self.push_to(visitor, Some(session), |frame| {
                        frame.conversation = Some(whole.clone());
                    });
                }
                let page_max = self.page_max;
                let log = self.own(&open.conv, visitor)?;
                reply.opened = Some(log.standing(None, page_max));
            }
            Command::Send(mut send) => {
                let (conv, cmid) = (send.conv, send.cmid);
                if let Some(ticket) = &mut send.body.ticket {
                    ticket.number = Some(self.next_ticket());
                }
                let body = EventBody::Message(send.body);
                let log = self.own(&conv, visitor)?;
                if let Some(sent) = log.seen(&cmid, &body)? {
                    reply.sent = Some(sent);
                    return Ok(Some(reply));
                }
                let state = log.state;
                if state == Lifecycle::Closed {
                    return Err(permanent(error_code::CLOSED));
                }
                if send.prev.is_some() && !log.events.iter().any(|event| event.cmid == send.prev) {
                    return Err(temporary(error_code::OUT_OF_ORDER, 100));
                }
                self.check_refused(&cmid)?;
                if state == Lifecycle::Resolved {
                    let author = Author {
                        role: Role::System,
                        id: String::new(),
                    };
                    let reopened = EventBody::State(Lifecycle::Reopened);
                    self.append(&conv, author, None, reopened, ts);
                }
                reply.sent = Some(self.once(&conv, visitor, &cmid, body, ts)?);
            }
            Command::Close(close) => {
                self.check_refused(&close.cmid)?;
                let body = EventBody::State(Lifecycle::Closed);
                let log = self.own(&close.conv, visitor)?;
                let ended = log.events.iter().rev().find(|event| event.body == body);
                reply.sent = Some(match ended {
                    Some(event) => log.sent(&close.cmid, event, true),
                    None => self.once(&close.conv, visitor, &close.cmid, body, ts)?,
                });
            }
            Command::Survey(survey) => {
                self.check_refused(&survey.cmid)?;
                self.responses.push(survey.response.clone());
                let says_nothing = survey.response.data == Value::Null;
                if survey.conv.is_empty() || says_nothing {
                    reply.sent = Some(Sent {
                        cmid: survey.cmid,
                        conv: survey.conv,
                        epoch: String::new(),
                        seq: 0,
                        ts,
                        duplicate: false,
                        ticket: None,
                    });
                    return Ok(Some(reply));
                }
                let log = self.own(&survey.conv, visitor)?;
                let body = EventBody::Survey(survey.response);
                let newer = log
                    .events
                    .iter()
                    .rev()
                    .find(|event| event.supersedes(&body));
                reply.sent = Some(match (log.seen(&survey.cmid, &body)?, newer) {
                    (Some(sent), _) => sent,
                    (None, Some(event)) => log.sent(&survey.cmid, event, true),
                    (None, None) => self.once(&survey.conv, visitor, &survey.cmid, body, ts)?,
                });
            }
            Command::Feedback(feedback) => {
                self.check_refused(&feedback.cmid)?;
                let known = &self.feedback[self.feedback_from..];
                let duplicate = known.iter().any(|(cmid, ..)| *cmid == feedback.cmid);
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
                    ticket: None,
                });
            }
            Command::Read(_) if self.refused_marks > 0 => {
                self.refused_marks -= 1;
                return Err(temporary(error_code::RATE_LIMITED, 1_000));
            }
            Command::Read(read) => {
                let alone = self.one_visitor;
                let log = self.own(&read.conv, visitor)?;
                let (old, new) = (log.visitor_marks, read.marks);
                assert!(
                    !alone || new.read_seq >= old.read_seq,
                    "marks never move backwards"
                );
                let marks = Marks {
                    delivered_seq: old.delivered_seq.max(new.delivered_seq),
                    read_seq: old.read_seq.max(new.read_seq),
                };
                if marks != old {
                    log.visitor_marks = marks;
                    let receipt = Receipt {
                        conv: read.conv,
                        by: Role::Visitor,
                        marks,
                    };
                    self.push_to(visitor, Some(session), |frame| {
                        frame.read = Some(receipt.clone());
                    });
                }
            }
            Command::Typing(_) => return Ok(None),
            Command::History(history) => {
                let page_max = self.page_max.min(history.limit as usize);
                let log = self.own(&history.conv, visitor)?;
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
            Command::Handoff(handoff) => {
                let (conv, cmid) = (handoff.conv, handoff.cmid);
                let body = EventBody::Handoff(handoff.context);
                let log = self.own(&conv, visitor)?;
                let (seen, state) = (log.seen(&cmid, &body)?, log.state);
                if seen.is_none() && state == Lifecycle::Closed {
                    return Err(permanent(error_code::CLOSED));
                }
                if seen.is_none() {
                    self.check_refused(&cmid)?;
                }
                reply.sent = Some(self.once(&conv, visitor, &cmid, body, ts)?);
                if seen.is_none() && state == Lifecycle::Resolved {
                    let author = Author {
                        role: Role::System,
                        id: String::new(),
                    };
                    let reopened = EventBody::State(Lifecycle::Reopened);
                    self.append(&conv, author, None, reopened, ts);
                }
            }
            Command::Refresh(_) => {
                reply.refreshed = Some(Refreshed {
                    token_expires_in_ms: None,
                });
            }
            Command::UploadBegin(begin) => {
                self.own(&begin.conv, visitor)?;
                self.check_refused(&begin.file.upload_id)?;
                reply.upload = Some(self.begin(begin)?);
            }
            Command::UploadCommit(commit) => {
                self.own(&commit.conv, visitor)?;
                reply.upload = Some(self.commit_upload(commit)?);
            }
            Command::Ping {} => reply.pong = Some(Pong {}),
        }
        Ok(Some(reply))
    }

    fn next_ticket(&self) -> u32 {
        let events = self.logs.iter().flat_map(|log| &log.events);
        let numbers = events.filter_map(|event| log::ticket(&event.body)?.number);
        numbers.max().unwrap_or(0) + 1
    }

    /// Refuses what is to be refused.
    fn check_refused(&self, cmid: &str) -> Result<(), ErrorBody> {
        let refused = self.refused.iter().find(|(refused, _)| refused == cmid);
        refused.map_or(Ok(()), |(_, code)| Err(permanent(code)))
    }

    /// Appends under a client's id, or says where that had been done.
    fn once(
        &mut self,
        conv: &str,
        visitor: &str,
        cmid: &str,
        body: EventBody,
        ts: u64,
    ) -> Result<Sent, ErrorBody> {
        if let Some(sent) = self.own(conv, visitor)?.seen(cmid, &body)? {
            return Ok(sent);
        }
        let author = Author {
            role: Role::Visitor,
            id: visitor.to_owned(),
        };
        self.append(conv, author, Some(cmid.to_owned()), body, ts);
        let log = self.own(conv, visitor)?;
        let event = log.events.last().expect("it was just added");
        Ok(log.sent(cmid, event, false))
    }
}
