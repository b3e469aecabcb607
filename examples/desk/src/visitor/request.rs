//! `POST /v1/<command>`: every command of the socket as one request, for runtimes that have nothing
//! else. The body is the frame's body; the answer is the frame's `result` or `error`.

use super::sign_in::{SignedIn, identify, sign_in, site};
use super::{Caller, carry_out, connected, poll, tell_typing};
use crate::config::Config;
use crate::frame::VISITOR_COMMANDS;
use crate::refusal::Refusal;
use crate::survey::clocks;
use crate::{Desk, check, http, sockets};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, ORIGIN, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use axum::{Json, Router};
use deskside::plain::{Readable, Value};
use deskside::protocol::command::Sub;
use deskside::protocol::reply::{ErrorBody, Reply};
use deskside::protocol::{Command, error_code};
use serde::Serialize;
use serde_json::json;
use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Names the session of a `connect` by request, so that what it did is not told to it again.
pub const SESSION: &str = "deskside-session";

/// A route for each command.
pub fn routes() -> Router<Arc<Desk>> {
    let mut router = Router::new();
    for name in VISITOR_COMMANDS {
        router = router.route(&format!("/v1/{name}"), command(name));
    }
    router
}

fn command(name: &'static str) -> MethodRouter<Arc<Desk>> {
    post(
        move |State(desk): State<Arc<Desk>>,
              ConnectInfo(peer): ConnectInfo<SocketAddr>,
              headers: HeaderMap,
              body: Result<Bytes, BytesRejection>| async move {
            let asked = Asked::new(&desk.config, headers, peer);
            let result = match read(&desk.config, name, body) {
                Ok(command) => answer(&desk, asked, command).await,
                Err(refusal) => Err(refusal),
            };
            respond(result)
        },
    )
}

/// What a request says beside its body.
pub struct Asked {
    headers: HeaderMap,
    address: IpAddr,
}

impl Asked {
    /// From a request's head.
    pub fn new(config: &Config, headers: HeaderMap, peer: SocketAddr) -> Self {
        let address = sockets::subscriber(http::address(config, &headers, peer));
        Self { headers, address }
    }

    /// Of the subscriber that it comes from.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// The page's.
    pub fn origin(&self) -> Option<&str> {
        self.header(ORIGIN.as_str())
    }

    /// The token of `Authorization: Bearer`.
    pub fn bearer(&self) -> Option<&str> {
        self.header(AUTHORIZATION.as_str())?.strip_prefix("Bearer ")
    }

    /// Who asks; admitted, if not too much is asked.
    pub async fn caller(&self, desk: &Desk) -> Result<Caller, Refusal> {
        let signed_in = match self.bearer() {
            Some(token) => identify(desk, token, None).await,
            None => Err(Refusal::unauthorized(
                "Authorization: Bearer <token> is missing",
            )),
        };
        let SignedIn { claims, name, .. } = match signed_in {
            Ok(signed_in) => signed_in,
            Err(refusal) => {
                // Guessing costs, too.
                desk.rates.take_address(self.address)?;
                return Err(refusal);
            }
        };
        site(desk, &claims.aud, self.origin())?;
        let origin = self.header(SESSION).and_then(|session| {
            let mailbox = desk.mailboxes.find(session, &claims)?;
            Some(mailbox.session())
        });
        let caller = Caller {
            address: self.address,
            locale: self.locale(),
            origin: origin.unwrap_or(0),
            claims,
            name,
        };
        caller.admit(desk)?;
        Ok(caller)
    }

    fn locale(&self) -> String {
        let first = self.header(ACCEPT_LANGUAGE.as_str()).unwrap_or("");
        let first = first.split([',', ';']).next().unwrap_or("");
        check::locale(first.trim())
    }

    /// A header of the request.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The body of a request.
pub fn bytes(config: &Config, body: Result<Bytes, BytesRejection>) -> Result<Bytes, Refusal> {
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let bytes_max = config.limits.frame_bytes_max;
            Refusal::too_large(format!("the body is longer than {bytes_max} bytes"))
        }
        _ => Refusal::bad_frame("the body could not be read to its end"),
    })
}

fn read(
    config: &Config,
    name: &'static str,
    body: Result<Bytes, BytesRejection>,
) -> Result<Command, Refusal> {
    let body: Value = serde_json::from_slice(&bytes(config, body)?)
        .map_err(|error| Refusal::bad_frame(format!("the body is not JSON: {error}")))?;
    let frame = Value::Map(vec![(Cow::Borrowed(name), body)]);
    Command::read(&frame).map_err(|misfit| Refusal::invalid(misfit.sentence()))
}

async fn answer(desk: &Arc<Desk>, asked: Asked, command: Command) -> Result<Reply, Refusal> {
    if let Command::Connect(mut connect) = command {
        desk.rates.take_address(asked.address)?;
        connect.token = connect.token.or(asked.bearer().map(str::to_owned));
        let signed_in = sign_in(desk, &connect, asked.origin()).await;
        let signed_in = signed_in.map_err(|(refusal, _)| refusal)?;
        return enter(
            desk,
            asked.address,
            signed_in,
            connect.subs,
            connect.surveys.as_deref(),
        )
        .await;
    }
    let caller = asked.caller(desk).await?;
    if let Command::Typing(typing) = command {
        // Found out first: a stranger's typing is not told.
        let is_theirs = desk.store.owns(&typing.conv, caller.asker()).await?;
        if !is_theirs {
            return Err(Refusal::not_found());
        }
        tell_typing(desk, &caller, typing);
        return Ok(Reply::default());
    }
    carry_out(desk, &caller, command).await
}

/// A session without a socket: its pushes wait in a mailbox.
async fn enter(
    desk: &Arc<Desk>,
    address: IpAddr,
    signed_in: SignedIn,
    subs: Vec<Sub>,
    surveys_known: Option<&str>,
) -> Result<Reply, Refusal> {
    let claims = &signed_in.claims;
    // Registered before the history is read: what is committed in between is pushed.
    let mailbox = poll::Mailbox::open(desk, claims, address)?;
    let subs = desk.store.resume(&claims.sub, &claims.aud, subs).await?;
    let clocks = clocks::of(desk, claims).await?;
    mailbox.tell_places(desk, claims);
    let session = desk.mailboxes.keep(mailbox);
    let connected = connected(desk, session, &signed_in, subs, surveys_known, clocks);
    Ok(Reply {
        connected: Some(connected),
        ..Reply::default()
    })
}

/// `{"result": ...}` or `{"error": ...}`, with a status that says the same.
pub fn respond(result: Result<impl Serialize, Refusal>) -> Response {
    let refusal = match result {
        Ok(result) => return Json(Success { result }).into_response(),
        Err(refusal) => refusal,
    };
    let retry_after_s = refusal.retry_after_ms.map(|ms| ms.div_ceil(1_000));
    let body = Json(json!({ "error": ErrorBody::from(refusal.clone()) }));
    let mut response = (status(refusal.code), body).into_response();
    if let Some(seconds) = retry_after_s {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

#[derive(Serialize)]
struct Success<T> {
    result: T,
}

/// The status that says the same as a code.
pub fn status(code: &str) -> StatusCode {
    match code {
        error_code::UNAUTHORIZED => StatusCode::UNAUTHORIZED,
        error_code::FORBIDDEN_SITE => StatusCode::FORBIDDEN,
        error_code::NOT_FOUND | error_code::UNKNOWN_COMMAND => StatusCode::NOT_FOUND,
        error_code::CONFLICT => StatusCode::CONFLICT,
        error_code::CLOSED => StatusCode::GONE,
        error_code::FILE_REFUSED | error_code::TOO_MANY => StatusCode::UNPROCESSABLE_ENTITY,
        error_code::TOO_LARGE => StatusCode::PAYLOAD_TOO_LARGE,
        error_code::OUT_OF_ORDER => StatusCode::FAILED_DEPENDENCY,
        error_code::RATE_LIMITED => StatusCode::TOO_MANY_REQUESTS,
        error_code::UNAVAILABLE => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    }
}
