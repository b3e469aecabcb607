//! A visitor's WebSocket: `connect` first, then commands in turn.

use super::sign_in::sign_in;
use super::{Caller, carry_out, connected, places, tell_typing};
use crate::frame::{self, VISITOR_COMMANDS};
use crate::hub::Seat;
use crate::limits::CONNECT_WAIT_MS_MAX;
use crate::outbound::{Ending, Outbound};
use crate::refusal::Refusal;
use crate::session::{self, Inbound, Incoming};
use crate::sockets::Slot;
use crate::survey::clocks;
use crate::{Desk, check};
use axum::extract::ws::WebSocket;
use deskside::protocol::command::Connect;
use deskside::protocol::reply::{Connected, Reply};
use deskside::protocol::{ClientFrame, Command, ServerFrame};
use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};
use uuid::Uuid;

/// Serves one socket to its end.
pub async fn serve(desk: Arc<Desk>, socket: WebSocket, slot: Slot, origin: Option<String>) {
    let (address, limits) = (slot.address(), desk.config.limits);
    let (out, mut inbound) = session::start(socket, &slot, &limits, desk.stopping.clone());
    let wait_max = Duration::from_millis(CONNECT_WAIT_MS_MAX);
    match timeout(wait_max, inbound.next(VISITOR_COMMANDS)).await {
        Ok(Incoming::Frame(ClientFrame {
            id,
            command: Command::Connect(connect),
        })) => match enter(&desk, &out, connect, address, origin.as_deref()).await {
            Ok((mut visitor, connected)) => {
                let reply = Reply {
                    connected: Some(connected),
                    ..Reply::default()
                };
                answer(&out, Some(id), Ok(reply)).await;
                // After the answer, however large that is: they wait for room as it did.
                for place in places(&desk, &visitor.caller.claims) {
                    out.answer(place).await;
                }
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
    caller: Caller,
    /// Conversations known to be theirs: typing is too frequent to ask the database.
    own: HashSet<String>,
    /// When the token ends, if it does.
    ends: Option<Instant>,
    _seat: Seat,
}

async fn enter(
    desk: &Arc<Desk>,
    out: &Outbound,
    connect: Connect,
    address: IpAddr,
    origin: Option<&str>,
) -> Result<(Visitor, Connected), (Refusal, Ending)> {
    let admitted = desk.rates.take_address(address);
    admitted.map_err(|refusal| (refusal, Ending::CROWDED))?;
    let signed_in = sign_in(desk, &connect, origin).await?;
    let claims = &signed_in.claims;
    // Registered before the history is read: what is committed in between is pushed.
    let seat = desk.hub.seat_visitor(&claims.aud, &claims.sub, out.clone());
    let surveys_known = connect.surveys.clone();
    let subs = desk.store.resume(&claims.sub, &claims.aud, connect.subs);
    let subs = subs.await.map_err(|r| (r, Ending::UNAVAILABLE))?;
    let own = subs.iter().map(|sub| sub.conv.clone()).collect();
    let session = Uuid::now_v7().to_string();
    let clocks = clocks::of(desk, claims).await;
    let clocks = clocks.map_err(|r| (r, Ending::UNAVAILABLE))?;
    let known = surveys_known.as_deref();
    let connected = connected(desk, session, &signed_in, subs, known, clocks);
    let visitor = Visitor {
        desk: desk.clone(),
        out: out.clone(),
        caller: Caller {
            claims: signed_in.claims,
            name: signed_in.name,
            address,
            locale: check::locale(&connect.locale),
            origin: out.id(),
        },
        own,
        ends: signed_in.expires_at.map(instant),
        _seat: seat,
    };
    Ok((visitor, connected))
}

impl Visitor {
    async fn run(&mut self, inbound: &mut Inbound) {
        loop {
            let incoming = match self.ends {
                Some(ends) => match timeout_at(ends, inbound.next(VISITOR_COMMANDS)).await {
                    Ok(incoming) => incoming,
                    Err(_) => return self.out.end(Ending::UNAUTHORIZED),
                },
                None => inbound.next(VISITOR_COMMANDS).await,
            };
            match incoming {
                Incoming::Frame(ClientFrame { id, command }) => {
                    let admitted = inbound.admit(self.caller.admit(&self.desk));
                    if let Command::Typing(typing) = command {
                        if admitted.is_ok() && self.owns(&typing.conv).await {
                            tell_typing(&self.desk, &self.caller, typing);
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
}

impl Visitor {
    async fn owns(&mut self, conv: &str) -> bool {
        if self.own.contains(conv) {
            return true;
        }
        // It may have begun in another tab since.
        let owns = self.desk.store.owns(conv, self.caller.asker()).await;
        let owns = owns.unwrap_or(false);
        if owns {
            self.own.insert(conv.to_owned());
        }
        owns
    }

    async fn carry_out(&mut self, command: Command) -> Result<Reply, Refusal> {
        let reply = carry_out(&self.desk, &self.caller, command).await?;
        if let Some(opened) = &reply.opened {
            self.own.insert(opened.conv.clone());
        }
        if let Some(fresh) = &reply.refreshed {
            let left = fresh.token_expires_in_ms;
            self.ends = left.map(|ms| Instant::now() + Duration::from_millis(ms.into()));
        }
        Ok(reply)
    }
}

fn instant(at: u64) -> Instant {
    Instant::now() + Duration::from_millis(at.saturating_sub(crate::now_ms()))
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
