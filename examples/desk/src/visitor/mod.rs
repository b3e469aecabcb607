//! What a visitor may ask, whichever way it comes: over a socket, or one request at a time.
//!
//! | Room | What |
//! |---|---|
//! | [`sign_in`] | who a visitor is |
//! | [`socket`] | a WebSocket: commands in turn, pushes as they happen |
//! | [`request`] | a command as one HTTPS request |
//! | [`poll`] | the pushes for who has no socket: a mailbox, emptied by a request that waits |
//! | [`catch_up`] | what one conversation has new, without a session |

pub mod catch_up;
pub mod poll;
pub mod request;
pub mod sign_in;
pub mod socket;

use crate::auth::VisitorClaims;
use crate::conversation::{Action, Actor, Done, Durable};
use crate::limits::LISTEN_MS;
use crate::refusal::Refusal;
use crate::store::Asker;
use crate::survey::clocks;
use crate::{Desk, check, content, frame, processes, upload};
use axum::extract::ws::Utf8Bytes;
use deskside::plain::Value;
use deskside::protocol::command::Typing;
use deskside::protocol::event::{Participant, Role};
use deskside::protocol::reply::{Connected, Pong, Refreshed, Reply, SubState, TypingNotice};
use deskside::protocol::{Command, ServerFrame};
use sign_in::{SignedIn, refresh};
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// A visitor, authenticated, and where their answers and pushes go.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who asks.
    pub claims: VisitorClaims,
    /// As the site's back end says; else empty.
    pub name: String,
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

    /// As who carries something out.
    pub fn actor(&self) -> Actor {
        Actor::Visitor {
            id: self.claims.sub.clone(),
            site: self.claims.aud.clone(),
            name: self.name.clone(),
            locale: self.locale.clone(),
        }
    }

    /// Whose conversations a question is about.
    pub fn asker(&self) -> Asker {
        Asker::Visitor {
            id: self.claims.sub.clone(),
            site: self.claims.aud.clone(),
        }
    }
}

/// The answer to a `connect`.
pub fn connected(
    desk: &Desk,
    session: String,
    signed_in: &SignedIn,
    subs: Vec<SubState>,
    surveys_known: Option<&str>,
    clocks: Option<Value>,
) -> Connected {
    let surveys = &desk.surveys.of(&signed_in.claims.aud).set;
    let limits = &desk.config.limits;
    let site = desk.config.site(&signed_in.claims.aud);
    Connected {
        session,
        visitor: signed_in.claims.sub.clone(),
        token: signed_in.token.clone(),
        token_expires_in_ms: signed_in.expires_in_ms(),
        ping_interval_ms: limits.ping_interval_ms,
        limits: limits.wire(),
        site_name: site.map_or_else(String::new, |site| site.name.clone()),
        availability: desk.hub.availability(),
        subs,
        surveys: (surveys_known != Some(&*surveys.digest)).then(|| surveys.clone()),
        clocks,
    }
}

/// Carries out any command but `connect` and `typing`; what is durable is answered after the commit.
pub async fn carry_out(desk: &Desk, caller: &Caller, command: Command) -> Result<Reply, Refusal> {
    let limits = &desk.config.limits;
    let is_survey = matches!(command, Command::Survey(_));
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
            let response = &survey.response;
            let mut surveys = desk.surveys.of(&caller.claims.aud);
            if surveys.is_before(&response.survey_id, response.survey_version) {
                // Another process may have saved it just now, and this one is about to hear of it.
                tokio::time::sleep(Duration::from_millis(2 * LISTEN_MS)).await;
                surveys = desk.surveys.of(&caller.claims.aud);
            }
            crate::survey::fit::check(&surveys, &survey.response, limits)?;
            Action::Survey(survey)
        }
        Command::Feedback(feedback) => Action::Feedback(check::feedback(feedback)?),
        Command::Read(read) => Action::Read(read),
        Command::History(ask) => {
            reply.history = Some(desk.store.history(ask, caller.asker()).await?);
            return Ok(reply);
        }
        Command::Handoff(handoff) => Action::Handoff(check::handoff(handoff)?),
        Command::UploadBegin(begin) => {
            reply.upload = Some(upload::begin(desk, caller.actor(), caller.origin, begin).await?);
            return Ok(reply);
        }
        Command::UploadCommit(end) => {
            reply.upload = Some(upload::finish(desk, caller.actor(), caller.origin, end).await?);
            return Ok(reply);
        }
        Command::Refresh(fresh) => {
            let fresh = refresh(desk, caller, &fresh.token).await?;
            reply.refreshed = Some(Refreshed {
                token_expires_in_ms: fresh.expires_in_ms(),
            });
            return Ok(reply);
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
    if is_survey && let Err(refusal) = clocks::tell(desk, &caller.claims, caller.origin).await {
        // It is committed; the other devices learn of it when they connect.
        tracing::warn!(?refusal, "survey clocks were not told");
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
            name: caller.name.clone(),
            avatar: None,
        },
        active: typing.active,
    };
    processes::tell_typing(desk, notice, &caller.claims.sub, caller.origin);
}

/// How many wait before each of the visitor's conversations, for a new session.
fn places(desk: &Desk, claims: &VisitorClaims) -> Vec<Utf8Bytes> {
    let places = desk.hub.queues.places_of(&claims.aud, &claims.sub);
    let frames = places.into_iter().map(|notice| ServerFrame {
        queue: Some(notice),
        ..ServerFrame::default()
    });
    frames.map(|frame| frame::write(&frame)).collect()
}

async fn commit(desk: &Desk, caller: &Caller, action: Action) -> Result<Done, Refusal> {
    let by = caller.actor();
    let origin = caller.origin;
    desk.store.commit(Durable { by, origin, action }).await
}
