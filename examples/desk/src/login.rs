//! `POST /v1/agent/login` and `/logout`.

use crate::limits::AGENT_SESSION_MS_MAX;
use crate::refusal::Refusal;
use crate::{Desk, auth, http, sockets};
use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::header::{AUTHORIZATION, ORIGIN, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use deskside::protocol::agent::{LoggedIn, Login};
use deskside::protocol::error_code;
use deskside::protocol::reply::ErrorBody;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// Signs an agent in.
pub async fn login(
    State(desk): State<Arc<Desk>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Json(login): Json<Login>,
) -> Response {
    let address = sockets::subscriber(http::address(&desk.config, &headers, peer));
    if let Err(retry_after_ms) = desk.logins.take(address, Instant::now()) {
        return refuse(Refusal::rate_limited(retry_after_ms));
    }
    if let Some(origin) = headers.get(ORIGIN)
        && !http::is_same_origin(&headers, origin)
    {
        return refuse(Refusal::forbidden_site(
            "agents sign in on the desk's own pages",
        ));
    }
    match sign_in(&desk, login).await {
        Ok(logged_in) => Json(logged_in).into_response(),
        Err(refusal) => refuse(refusal),
    }
}

/// Signs an agent out: the token of `Authorization: Bearer` ends, and so do its consoles.
pub async fn logout(
    State(desk): State<Arc<Desk>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    let address = sockets::subscriber(http::address(&desk.config, &headers, peer));
    // It is for the writer, whoever asks.
    if let Err(refusal) = desk.rates.take_address(address) {
        return refuse(refusal);
    }
    let bearer = headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok());
    let Some(token) = bearer.and_then(|v| v.strip_prefix("Bearer ")) else {
        return refuse(Refusal::unauthorized(
            "Authorization: Bearer <token> is missing",
        ));
    };
    let token = auth::token_hash(token);
    match desk.store.sign_out(token).await {
        Ok(()) => {
            desk.hub.sign_out(&token);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(refusal) => refuse(refusal),
    }
}

async fn sign_in(desk: &Desk, login: Login) -> Result<LoggedIn, Refusal> {
    let account = desk.store.account(&login.email).await?;
    let account = account.filter(|account| desk.config.admits(&account.email));
    let kept = account.as_ref().map(|account| account.password.clone());
    let fits = desk.passwords.fit(login.password, kept).await?;
    let Some(account) = account.filter(|_| fits) else {
        return Err(Refusal::unauthorized(
            "the e-mail address or the password is wrong",
        ));
    };
    let (token, hash) = auth::agent_token()?;
    let now = crate::now_ms();
    let expires_at = now + AGENT_SESSION_MS_MAX;
    desk.store
        .sign_in(&account.agent.id, hash, expires_at, now)
        .await?;
    tracing::info!(agent = account.agent.id, "signed in");
    Ok(LoggedIn {
        token,
        agent: account.agent,
    })
}

fn refuse(refusal: Refusal) -> Response {
    let status = match refusal.code {
        error_code::UNAUTHORIZED => StatusCode::UNAUTHORIZED,
        error_code::FORBIDDEN_SITE => StatusCode::FORBIDDEN,
        error_code::RATE_LIMITED => StatusCode::TOO_MANY_REQUESTS,
        error_code::UNAVAILABLE => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    let retry_after_s = refusal.retry_after_ms.map(|ms| ms.div_ceil(1_000));
    let mut response = (status, Json(ErrorBody::from(refusal))).into_response();
    if let Some(seconds) = retry_after_s {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}
