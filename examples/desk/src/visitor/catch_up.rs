//! `GET /v1/conversations/{conv}/events?epoch&after&waitMs`: what one conversation has after a
//! cursor, or the conversation anew; waits while there is nothing.

use super::request::{self, Asked};
use crate::limits::POLL_WAIT_MS_MAX;
use crate::refusal::Refusal;
use crate::session::stopped;
use crate::{Desk, outbound};
use axum::extract::rejection::QueryRejection;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use deskside::protocol::command::Sub;
use deskside::protocol::reply::SubState;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Where the client is, and how long it waits.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cursor {
    /// None on first sight.
    epoch: Option<String>,
    #[serde(default)]
    after: u32,
    #[serde(default)]
    wait_ms: u64,
}

#[derive(Debug, Serialize)]
struct CaughtUp {
    conversation: SubState,
}

/// Answers.
pub async fn events(
    State(desk): State<Arc<Desk>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(conv): Path<String>,
    cursor: Result<Query<Cursor>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let asked = Asked::new(&desk.config, headers, peer);
    let caught_up = match cursor {
        Ok(Query(cursor)) => catch_up(&desk, &asked, conv, cursor).await,
        Err(rejection) => Err(Refusal::invalid(rejection.body_text())),
    };
    request::respond(caught_up.map(|conversation| CaughtUp { conversation }))
}

async fn catch_up(
    desk: &Desk,
    asked: &Asked,
    conv: String,
    cursor: Cursor,
) -> Result<SubState, Refusal> {
    let caller = asked.caller(desk).await?;
    let slot = desk.sockets.enter(caller.address)?;
    let wait = Duration::from_millis(cursor.wait_ms.min(POLL_WAIT_MS_MAX));
    let deadline = Instant::now() + wait;
    let sub = cursor.epoch.map(|epoch| Sub {
        conv: conv.clone(),
        epoch,
        offset: cursor.after,
    });
    // Registered before the history is read: what is committed in between is heard.
    let (out, mut queue) = outbound::open(&desk.config.limits, slot.room());
    let _seat = desk
        .hub
        .seat_visitor(&caller.claims.aud, &caller.claims.sub, out.clone());
    let (mut ended, mut stopping) = (out.ended(), desk.stopping.clone());
    loop {
        let standing = desk.store.standing(&conv, sub.clone(), caller.asker());
        let standing = standing.await?.sub;
        if !(standing.recovered && standing.events.is_empty()) || out.ending().is_some() {
            return Ok(standing);
        }
        // Any push may be of this conversation; to look again costs one read.
        let stirred = tokio::select! {
            stirred = timeout_at(deadline, queue.recv()) => stirred.is_ok(),
            _ = ended.wait_for(Option::is_some) => false,
            _ = stopped(&mut stopping) => false,
        };
        if !stirred {
            return Ok(standing);
        }
        while queue.try_recv().is_ok() {}
    }
}
