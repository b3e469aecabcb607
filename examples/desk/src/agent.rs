//! An agent's session: `connect` with the token of the login, then commands in turn.

use crate::conversation::{Action, Actor, Done, Durable};
use crate::frame::{self, AGENT_COMMANDS};
use crate::hub::Seat;
use crate::limits::{CONNECT_WAIT_MS_MAX, WATCHED_MAX};
use crate::outbound::{Ending, Outbound};
use crate::refusal::Refusal;
use crate::session::{self, Inbound, Incoming};
use crate::sockets::Slot;
use crate::store::Asker;
use crate::{Desk, auth, check, colleagues, content, processes, upload};
use axum::extract::ws::WebSocket;
use deskside::protocol::PROTOCOL_VERSION;
use deskside::protocol::agent::{
    AgentCommand, AgentConnect, AgentConnected, AgentFrame, AgentReply, AgentServerFrame,
    ConversationCommand,
};
use deskside::protocol::command::Typing;
use deskside::protocol::event::{Participant, Role};
use deskside::protocol::reply::{Delta, Pong, SubState, TypingNotice};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// Serves one socket to its end.
pub async fn serve(desk: Arc<Desk>, socket: WebSocket, slot: Slot) {
    let (address, limits) = (slot.address(), desk.config.limits);
    let (out, mut inbound) = session::start(socket, &slot, &limits, desk.stopping.clone());
    let wait_max = Duration::from_millis(CONNECT_WAIT_MS_MAX);
    match timeout(wait_max, inbound.next(AGENT_COMMANDS)).await {
        Ok(Incoming::Frame(AgentFrame {
            id,
            command: AgentCommand::Connect(connect),
        })) => match connect_agent(&desk, &out, connect, address).await {
            Ok((mut agent, connected, valid_for)) => {
                let reply = AgentReply {
                    connected: Some(connected),
                    ..AgentReply::default()
                };
                answer(&out, Some(id), Ok(reply)).await;
                if timeout(valid_for, agent.run(&mut inbound)).await.is_err() {
                    out.end(Ending::UNAUTHORIZED);
                }
            }
            Err((refusal, ending)) => {
                answer(&out, Some(id), Err(refusal)).await;
                out.end(ending);
            }
        },
        Ok(Incoming::Unreadable(unreadable)) => {
            answer(&out, unreadable.id, Err(unreadable.refusal)).await;
            out.end(Ending::PROTOCOL);
        }
        Ok(Incoming::Ended) => {}
        Ok(Incoming::Frame(AgentFrame { id, .. })) => {
            let refusal = Refusal::invalid("the first frame must be connect");
            answer(&out, Some(id), Err(refusal)).await;
            out.end(Ending::PROTOCOL);
        }
        Err(_) => out.end(Ending::PROTOCOL),
    }
    inbound.finish().await;
}

struct Agent {
    desk: Arc<Desk>,
    out: Outbound,
    agent: Participant,
    address: IpAddr,
    /// What this console watches, and whose it is.
    watched: HashMap<String, String>,
    seat: Seat,
}

async fn connect_agent(
    desk: &Arc<Desk>,
    out: &Outbound,
    connect: AgentConnect,
    address: IpAddr,
) -> Result<(Agent, AgentConnected, Duration), (Refusal, Ending)> {
    if connect.version != PROTOCOL_VERSION {
        let spoken = format!("this desk speaks version {PROTOCOL_VERSION}");
        return Err((Refusal::version(spoken), Ending::PROTOCOL));
    }
    // Guessing costs, too.
    let admitted = desk.rates.take_address(address);
    admitted.map_err(|refusal| (refusal, Ending::CROWDED))?;
    let now = crate::now_ms();
    let token = auth::token_hash(&connect.token);
    let signed_in = desk.store.signed_in(token, now).await;
    let signed_in = signed_in
        .map_err(|refusal| (refusal, Ending::UNAVAILABLE))?
        .filter(|signed_in| desk.config.admits(&signed_in.email));
    let Some(signed_in) = signed_in else {
        let refusal = Refusal::unauthorized("the token is unknown or has expired; sign in again");
        return Err((refusal, Ending::UNAUTHORIZED));
    };
    // Registered before the inbox is read: what changes in between is pushed.
    let seat = desk.hub.seat_agent(&signed_in.agent, token, out.clone());
    let inbox = desk.store.inbox().await;
    let inbox = inbox.map_err(|refusal| (refusal, Ending::UNAVAILABLE))?;
    let colleagues = colleagues::list(desk.store.as_ref(), &desk.hub, &desk.config).await;
    let limits = &desk.config.limits;
    let connected = AgentConnected {
        agent: signed_in.agent.clone(),
        ping_interval_ms: limits.ping_interval_ms,
        limits: limits.wire(),
        inbox,
        colleagues: colleagues.map_err(|refusal| (refusal, Ending::UNAVAILABLE))?,
    };
    let agent = Agent {
        desk: desk.clone(),
        out: out.clone(),
        agent: signed_in.agent,
        address,
        watched: HashMap::new(),
        seat,
    };
    let valid_for = Duration::from_millis(signed_in.expires_at.saturating_sub(now));
    Ok((agent, connected, valid_for))
}

impl Agent {
    async fn run(&mut self, inbound: &mut Inbound) {
        loop {
            match inbound.next(AGENT_COMMANDS).await {
                Incoming::Frame(AgentFrame { id, command }) => {
                    let admitted = inbound.admit(self.admit());
                    let result = match (admitted, command) {
                        // Neither is answered: the next one makes up for one that is lost.
                        (Err(_), AgentCommand::Typing(_) | AgentCommand::Delta(_)) => continue,
                        (Ok(()), AgentCommand::Typing(typing)) => {
                            self.typing(typing);
                            continue;
                        }
                        (Ok(()), AgentCommand::Delta(delta)) => {
                            self.stream(delta);
                            continue;
                        }
                        (Ok(()), command) => self.carry_out(command).await,
                        (Err(refusal), _) => Err(refusal),
                    };
                    answer(&self.out, Some(id), result).await;
                }
                Incoming::Unreadable(unreadable) => {
                    answer(&self.out, unreadable.id, Err(unreadable.refusal)).await;
                }
                Incoming::Ended => return,
            }
        }
    }

    fn admit(&self) -> Result<(), Refusal> {
        let rates = &self.desk.rates;
        rates.take(&self.agent.id, self.address, Instant::now())
    }

    async fn carry_out(&mut self, command: AgentCommand) -> Result<AgentReply, Refusal> {
        let mut reply = AgentReply::default();
        match command {
            AgentCommand::Connect(_) => {
                return Err(Refusal::invalid("this session is connected"));
            }
            AgentCommand::Watch(what) => reply.watched = Some(self.watch(what.conv).await?),
            AgentCommand::Unwatch(what) => {
                self.seat.unwatch(&what.conv);
                self.watched.remove(&what.conv);
            }
            AgentCommand::Assign(assign) => {
                check_command(&assign)?;
                return self.commit(Action::Assign(assign)).await;
            }
            AgentCommand::Transfer(transfer) => {
                check_ids(&transfer.conv, &transfer.cmid)?;
                check::text("note", &transfer.note, &self.desk.config.limits)?;
                return self.commit(Action::Transfer(transfer)).await;
            }
            AgentCommand::Note(note) => {
                check_ids(&note.conv, &note.cmid)?;
                check::note(&note.note, &self.desk.config.limits)?;
                return self.commit(Action::Note(note)).await;
            }
            AgentCommand::UploadBegin(begin) => {
                let (by, origin) = self.as_sender();
                reply.upload = Some(upload::begin(&self.desk, by, origin, begin).await?);
            }
            AgentCommand::UploadCommit(end) => {
                let (by, origin) = self.as_sender();
                reply.upload = Some(upload::finish(&self.desk, by, origin, end).await?);
            }
            AgentCommand::Send(send) => {
                content::of_agent(&send, &self.desk.config.limits)?;
                return self.commit(Action::Send(send)).await;
            }
            AgentCommand::Resolve(resolve) => {
                check_command(&resolve)?;
                return self.commit(Action::Resolve(resolve)).await;
            }
            AgentCommand::Read(read) => return self.commit(Action::Read(read)).await,
            AgentCommand::History(ask) => {
                reply.history = Some(self.desk.store.history(ask, Asker::Agent).await?);
            }
            AgentCommand::Edit(edit) => {
                check_ids(&edit.conv, &edit.cmid)?;
                content::edit(&edit.edit.content, &self.desk.config.limits)?;
                return self.commit(Action::Edit(edit)).await;
            }
            AgentCommand::Redact(redact) => {
                check_ids(&redact.conv, &redact.cmid)?;
                return self.commit(Action::Redact(redact)).await;
            }
            AgentCommand::Handoff(handoff) => {
                let handoff = check::handoff(handoff)?;
                return self.commit(Action::Handoff(handoff)).await;
            }
            AgentCommand::Typing(_) | AgentCommand::Delta(_) => {}
            AgentCommand::Ping {} => reply.pong = Some(Pong {}),
        }
        Ok(reply)
    }

    async fn watch(&mut self, conv: String) -> Result<SubState, Refusal> {
        if self.watched.len() >= WATCHED_MAX && !self.watched.contains_key(&conv) {
            let full = format!("this console watches {WATCHED_MAX} conversations; unwatch some");
            return Err(Refusal::invalid(full));
        }
        // Registered before the history is read: what is committed in between is pushed.
        self.seat.watch(&conv);
        match self.desk.store.standing(&conv, None, Asker::Agent).await {
            Ok(standing) => {
                self.watched.insert(conv, standing.visitor);
                Ok(standing.sub)
            }
            Err(refusal) => {
                if !self.watched.contains_key(&conv) {
                    self.seat.unwatch(&conv);
                }
                Err(refusal)
            }
        }
    }

    fn as_sender(&self) -> (Actor, u64) {
        (Actor::Agent(self.agent.clone()), self.out.id())
    }

    async fn commit(&self, action: Action) -> Result<AgentReply, Refusal> {
        let (by, origin) = self.as_sender();
        let done = self
            .desk
            .store
            .commit(Durable { by, origin, action })
            .await?;
        Ok(AgentReply {
            sent: match done {
                Done::Sent(sent) => Some(sent),
                Done::Opened | Done::Marked | Done::Upload(_) => None,
            },
            ..AgentReply::default()
        })
    }

    /// Passes on what a bot has written so far, in its own name.
    fn stream(&self, delta: Delta) {
        let text_bytes_max = self.desk.config.limits.text_bytes_max as usize;
        let is_bot = self.agent.role == Role::Bot;
        if !is_bot || delta.text.len() > text_bytes_max || check::uuid("id", &delta.id).is_err() {
            return;
        }
        let Some(visitor) = self.watched.get(&delta.conv) else {
            return;
        };
        let by = self.agent.clone();
        let delta = Delta { by, ..delta };
        self.desk.hub.stream(delta, visitor, self.out.id());
    }

    fn typing(&self, typing: Typing) {
        let Some(visitor) = self.watched.get(&typing.conv) else {
            return;
        };
        let notice = TypingNotice {
            conv: typing.conv,
            by: self.agent.clone(),
            active: typing.active,
        };
        processes::tell_typing(&self.desk, notice, visitor, self.out.id());
    }
}

fn check_command(command: &ConversationCommand) -> Result<(), Refusal> {
    check_ids(&command.conv, &command.cmid)
}

fn check_ids(conv: &str, cmid: &str) -> Result<(), Refusal> {
    check::uuid("conv", conv)?;
    check::uuid("cmid", cmid)
}

async fn answer(out: &Outbound, id: Option<u32>, result: Result<AgentReply, Refusal>) {
    let mut frame = AgentServerFrame {
        id,
        ..AgentServerFrame::default()
    };
    match result {
        Ok(reply) => frame.result = Some(reply),
        Err(refusal) => frame.error = Some(refusal.into()),
    }
    out.answer(frame::write(&frame)).await;
}
