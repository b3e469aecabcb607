//! A visitor's session: `connect` first, then commands in turn.

use crate::auth::VisitorClaims;
use crate::conversation::{Action, Actor, Done, Durable};
use crate::frame::{self, VISITOR_COMMANDS};
use crate::hub::Seat;
use crate::limits::{CONNECT_WAIT_MS_MAX, SUBS_MAX};
use crate::refusal::Refusal;
use crate::session::{self, Ending, Inbound, Incoming, Outbound};
use crate::store::Asker;
use crate::{Desk, check};
use axum::extract::ws::WebSocket;
use deskside::protocol::command::{Connect, Typing};
use deskside::protocol::event::{Participant, Role};
use deskside::protocol::reply::{Connected, Pong, Reply, TypingNotice, WireLimits};
use deskside::protocol::{ClientFrame, Command, PROTOCOL_VERSION, ServerFrame};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use uuid::Uuid;

/// Serves one socket to its end.
pub async fn serve(desk: Arc<Desk>, socket: WebSocket, origin: Option<String>) {
    let (out, mut inbound) = session::start(socket, &desk.config.limits, desk.stopping.clone());
    let wait_max = Duration::from_millis(CONNECT_WAIT_MS_MAX);
    match timeout(wait_max, inbound.next(VISITOR_COMMANDS)).await {
        Ok(Incoming::Frame(ClientFrame {
            id,
            command: Command::Connect(connect),
        })) => match connect_visitor(&desk, &out, connect, origin.as_deref()).await {
            Ok((mut visitor, connected)) => {
                let reply = Reply {
                    connected: Some(connected),
                    ..Reply::default()
                };
                answer(&out, Some(id), Ok(reply)).await;
                visitor.run(&mut inbound).await;
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
        Ok(Incoming::Frame(ClientFrame { id, .. })) => {
            let refusal = Refusal::invalid("the first frame must be connect");
            answer(&out, Some(id), Err(refusal)).await;
            out.end(Ending::PROTOCOL);
        }
        Err(_) => out.end(Ending::PROTOCOL),
    }
    inbound.finish().await;
}

struct Visitor {
    desk: Arc<Desk>,
    out: Outbound,
    claims: VisitorClaims,
    locale: String,
    /// Conversations known to be theirs: typing is too frequent to ask the database.
    own: HashSet<String>,
    _seat: Seat,
}

async fn connect_visitor(
    desk: &Arc<Desk>,
    out: &Outbound,
    connect: Connect,
    origin: Option<&str>,
) -> Result<(Visitor, Connected), (Refusal, Ending)> {
    let protocol = |refusal| (refusal, Ending::PROTOCOL);
    if connect.version != PROTOCOL_VERSION {
        let spoken = format!("this desk speaks version {PROTOCOL_VERSION}");
        return Err(protocol(Refusal::version(spoken)));
    }
    check::id("site", &connect.site).map_err(protocol)?;
    check::id("clientId", &connect.client_id).map_err(protocol)?;
    if connect.subs.len() > SUBS_MAX {
        let too_many = format!("subs names more than {SUBS_MAX} conversations");
        return Err(protocol(Refusal::invalid(too_many)));
    }
    let site = desk.config.site(&connect.site).filter(|s| s.allows(origin));
    let Some(site) = site else {
        let refusal = Refusal::forbidden_site("this site is unknown, or not for this origin");
        return Err((refusal, Ending::FORBIDDEN_SITE));
    };
    let (claims, token) = match connect.token {
        Some(token) => {
            let claims = desk.visitor_tokens.check(&token, &site.id);
            let claims = claims.map_err(|refusal| (refusal, Ending::UNAUTHORIZED))?;
            (claims, None)
        }
        None => {
            let claims = VisitorClaims {
                sub: Uuid::now_v7().to_string(),
                aud: site.id.clone(),
                iat: crate::now_ms(),
            };
            let token = desk.visitor_tokens.sign(&claims);
            (claims, Some(token))
        }
    };
    // Registered before the history is read: what is committed in between is pushed.
    let seat = desk.hub.seat_visitor(&claims.sub, out.clone());
    let subs = desk.store.resume(&claims.sub, &site.id, connect.subs).await;
    let subs = subs.map_err(|refusal| (refusal, Ending::UNAVAILABLE))?;
    let visitor = Visitor {
        desk: desk.clone(),
        out: out.clone(),
        locale: check::locale(&connect.locale),
        own: subs.iter().map(|sub| sub.conv.clone()).collect(),
        claims,
        _seat: seat,
    };
    let limits = &desk.config.limits;
    let connected = Connected {
        session: Uuid::now_v7().to_string(),
        visitor: visitor.claims.sub.clone(),
        token,
        ping_interval_ms: limits.ping_interval_ms,
        limits: WireLimits {
            frame_bytes_max: limits.frame_bytes_max,
            text_bytes_max: limits.text_bytes_max,
            attachment_bytes_max: 0,
        },
        site_name: site.name.clone(),
        availability: desk.hub.availability(),
        subs,
    };
    Ok((visitor, connected))
}

impl Visitor {
    async fn run(&mut self, inbound: &mut Inbound) {
        loop {
            match inbound.next(VISITOR_COMMANDS).await {
                Incoming::Frame(ClientFrame { id, command }) => {
                    let admitted = inbound.admit();
                    if let Command::Typing(typing) = command {
                        if admitted.is_ok() {
                            self.typing(typing);
                        }
                        continue;
                    }
                    let result = match admitted {
                        Ok(()) => self.carry_out(command).await,
                        Err(refusal) => Err(refusal),
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

    async fn carry_out(&mut self, command: Command) -> Result<Reply, Refusal> {
        let limits = &self.desk.config.limits;
        let action = match command {
            Command::Connect(_) => return Err(Refusal::invalid("this session is connected")),
            Command::Open(open) => {
                let open = check::open(open)?;
                return self.open(Action::Open(open.clone()), &open.conv).await;
            }
            Command::Send(send) => {
                check::send(&send, limits)?;
                Action::Send(send)
            }
            Command::Close(close) => {
                check::uuid("conv", &close.conv)?;
                check::uuid("cmid", &close.cmid)?;
                Action::Close(close)
            }
            Command::Survey(survey) => {
                check::survey(&survey, limits)?;
                Action::Survey(survey)
            }
            Command::Feedback(feedback) => Action::Feedback(check::feedback(feedback)?),
            Command::Read(read) => Action::Read(read),
            Command::History(ask) => {
                let history = self.desk.store.history(ask, self.asker()).await?;
                return Ok(Reply {
                    history: Some(history),
                    ..Reply::default()
                });
            }
            Command::Handoff(_) | Command::UploadBegin(_) | Command::UploadCommit(_) => {
                return Err(Refusal::unknown_command(
                    "this desk takes no files and no hand-off",
                ));
            }
            Command::Typing(_) => return Ok(Reply::default()),
            Command::Ping {} => {
                return Ok(Reply {
                    pong: Some(Pong {}),
                    ..Reply::default()
                });
            }
        };
        let sent = match self.commit(action).await? {
            Done::Sent(sent) => Some(sent),
            Done::Opened | Done::Marked => None,
        };
        Ok(Reply {
            sent,
            ..Reply::default()
        })
    }

    async fn open(&mut self, action: Action, conv: &str) -> Result<Reply, Refusal> {
        self.commit(action).await?;
        let standing = self.desk.store.standing(conv, self.asker()).await?;
        self.own.insert(conv.to_owned());
        Ok(Reply {
            opened: Some(standing.sub),
            ..Reply::default()
        })
    }

    async fn commit(&self, action: Action) -> Result<Done, Refusal> {
        let by = Actor::Visitor {
            id: self.claims.sub.clone(),
            site: self.claims.aud.clone(),
            locale: self.locale.clone(),
        };
        let origin = self.out.id();
        self.desk.store.commit(Durable { by, origin, action }).await
    }

    fn typing(&self, typing: Typing) {
        if !self.own.contains(&typing.conv) {
            return;
        }
        let notice = TypingNotice {
            conv: typing.conv,
            by: Participant {
                role: Role::Visitor,
                id: self.claims.sub.clone(),
                name: String::new(),
                avatar: None,
            },
            active: typing.active,
        };
        self.desk
            .hub
            .typing(notice, &self.claims.sub, self.out.id());
    }

    fn asker(&self) -> Asker {
        Asker::Visitor {
            id: self.claims.sub.clone(),
            site: self.claims.aud.clone(),
        }
    }
}

async fn answer(out: &Outbound, id: Option<u32>, result: Result<Reply, Refusal>) {
    let mut frame = ServerFrame {
        id,
        ..ServerFrame::default()
    };
    match result {
        Ok(reply) => frame.result = Some(reply),
        Err(refusal) => frame.error = Some(refusal.into()),
    }
    out.answer(frame::write(&frame)).await;
}
