//! What a visitor may ask, whichever way it comes: over a socket, or one request at a time.
//!
//! | Room | What |
//! |---|---|
//! | [`socket`] | a WebSocket: commands in turn, pushes as they happen |
//! | [`request`] | a command as one HTTPS request |
//! | [`poll`] | the pushes for who has no socket: a mailbox, emptied by a request that waits |
//! | [`catch_up`] | what one conversation has new, without a session |

pub mod catch_up;
pub mod poll;
pub mod request;
pub mod socket;

use crate::auth::VisitorClaims;
use crate::config::Site;
use crate::conversation::{Action, Actor, Done, Durable};
use crate::limits::SUBS_MAX;
use crate::outbound::{Ending, Outbound};
use crate::refusal::Refusal;
use crate::store::Asker;
use crate::{Desk, check, content, frame};
use deskside::protocol::command::{Connect, Typing};
use deskside::protocol::event::{Participant, Role};
use deskside::protocol::reply::{Connected, Pong, Reply, SubState, TypingNotice, WireLimits};
use deskside::protocol::{Command, PROTOCOL_VERSION, ServerFrame};
use std::net::IpAddr;
use std::time::Instant;
use uuid::Uuid;

/// A visitor, authenticated, and where their answers and pushes go.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who asks.
    pub claims: VisitorClaims,
    /// Of the subscriber that the connection comes from.
    pub address: IpAddr,
    /// BCP 47.
    pub locale: String,
    /// The session that gets no push of what it did itself; 0 for none.
    pub origin: u64,
}

impl Caller {
    /// Takes a token for a command, or refuses it.
    pub fn admit(&self, desk: &Desk) -> Result<(), Refusal> {
        let now = Instant::now();
        desk.rates.take(&self.claims.sub, self.address, now)
    }

    /// Whose conversations a question is about.
    pub fn asker(&self) -> Asker {
        Asker::Visitor {
            id: self.claims.sub.clone(),
            site: self.claims.aud.clone(),
        }
    }
}

/// Who a `connect` comes from: the bearer of its token, or a new visitor with a token to keep.
pub fn sign_in(
    desk: &Desk,
    connect: &Connect,
    origin: Option<&str>,
) -> Result<(VisitorClaims, Option<String>), (Refusal, Ending)> {
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
    let site = site(desk, &connect.site, origin).map_err(|r| (r, Ending::FORBIDDEN_SITE))?;
    match &connect.token {
        Some(token) => {
            let claims =
                desk.visitor_tokens
                    .check(token)
                    .and_then(|claims| match claims.aud == site.id {
                        true => Ok(claims),
                        false => Err(Refusal::unauthorized("the token is of another site")),
                    });
            Ok((claims.map_err(|r| (r, Ending::UNAUTHORIZED))?, None))
        }
        None => {
            let claims = VisitorClaims {
                sub: Uuid::now_v7().to_string(),
                aud: site.id.clone(),
                iat: crate::now_ms(),
            };
            let token = desk.visitor_tokens.sign(&claims);
            Ok((claims, Some(token)))
        }
    }
}

/// The site, where pages of that origin may use it.
pub fn site<'a>(desk: &'a Desk, id: &str, origin: Option<&str>) -> Result<&'a Site, Refusal> {
    let site = desk.config.site(id).filter(|site| site.allows(origin));
    site.ok_or_else(|| Refusal::forbidden_site("this site is unknown, or not for this origin"))
}

/// The answer to a `connect`.
pub fn connected(
    desk: &Desk,
    session: String,
    claims: &VisitorClaims,
    token: Option<String>,
    subs: Vec<SubState>,
) -> Connected {
    let limits = &desk.config.limits;
    let site = desk.config.site(&claims.aud);
    Connected {
        session,
        visitor: claims.sub.clone(),
        token,
        ping_interval_ms: limits.ping_interval_ms,
        limits: WireLimits {
            frame_bytes_max: limits.frame_bytes_max,
            text_bytes_max: limits.text_bytes_max,
            attachment_bytes_max: 0,
        },
        site_name: site.map_or_else(String::new, |site| site.name.clone()),
        availability: desk.hub.availability(),
        subs,
    }
}

/// Carries out any command but `connect` and `typing`; what is durable is answered after the commit.
pub async fn carry_out(desk: &Desk, caller: &Caller, command: Command) -> Result<Reply, Refusal> {
    let limits = &desk.config.limits;
    let mut reply = Reply::default();
    let action = match command {
        Command::Connect(_) => return Err(Refusal::invalid("this session is connected")),
        Command::Open(open) => {
            let open = check::open(open)?;
            let conv = open.conv.clone();
            let site = desk.config.site(&caller.claims.aud);
            let by_bot = site.is_some_and(|site| site.self_service) && desk.hub.has_bots();
            commit(desk, caller, Action::Open { open, by_bot }).await?;
            let standing = desk.store.standing(&conv, None, caller.asker()).await?;
            reply.opened = Some(standing.sub);
            return Ok(reply);
        }
        Command::Send(send) => {
            content::of_visitor(&send, limits)?;
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
            reply.history = Some(desk.store.history(ask, caller.asker()).await?);
            return Ok(reply);
        }
        Command::Handoff(handoff) => Action::Handoff(check::handoff(handoff)?),
        Command::UploadBegin(_) | Command::UploadCommit(_) => {
            return Err(Refusal::unknown_command("this desk takes no files"));
        }
        Command::Typing(_) => return Ok(reply),
        Command::Ping {} => {
            reply.pong = Some(Pong {});
            return Ok(reply);
        }
    };
    if let Done::Sent(sent) = commit(desk, caller, action).await? {
        reply.sent = Some(sent);
    }
    Ok(reply)
}

/// Tells that the visitor types; the conversation is known to be theirs.
pub fn tell_typing(desk: &Desk, caller: &Caller, typing: Typing) {
    let notice = TypingNotice {
        conv: typing.conv,
        by: Participant {
            role: Role::Visitor,
            id: caller.claims.sub.clone(),
            name: String::new(),
            avatar: None,
        },
        active: typing.active,
    };
    desk.hub.typing(notice, &caller.claims.sub, caller.origin);
}

/// Tells a new session how many wait before each of the visitor's conversations.
fn tell_places(desk: &Desk, claims: &VisitorClaims, out: &Outbound) {
    for notice in desk.hub.queues.places_of(&claims.aud, &claims.sub) {
        out.push(&frame::write(&ServerFrame {
            queue: Some(notice),
            ..ServerFrame::default()
        }));
    }
}

async fn commit(desk: &Desk, caller: &Caller, action: Action) -> Result<Done, Refusal> {
    let by = Actor::Visitor {
        id: caller.claims.sub.clone(),
        site: caller.claims.aud.clone(),
        locale: caller.locale.clone(),
    };
    let origin = caller.origin;
    desk.store.commit(Durable { by, origin, action }).await
}
