//! `/v1/uploads/{uploadId}`: a file's bytes, in parts to the desk, whole to those who may read the
//! conversation. Served so that no browser runs or renders them as a page.

use crate::Desk;
use crate::auth;
use crate::conversation::ledger::Sender;
use crate::files::hex;
use crate::limits::{UPLOAD_PART_MS_MAX, UPLOAD_SWEEP_MS};
use crate::refusal::Refusal;
use crate::store::Store;
use crate::visitor::request::{self, Asked};
use crate::{check, files::Files};
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, FromRequest, Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName,
    HeaderValue,
};
use axum::response::{IntoResponse, Response};
use deskside::protocol::reply::{ErrorBody, UploadState};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::timeout;
use tower_http::services::ServeFile;

/// Where a part belongs.
pub const UPLOAD_OFFSET: &str = "upload-offset";

/// `PATCH`: the next bytes.
pub async fn patch(
    State(desk): State<Arc<Desk>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(upload_id): Path<String>,
    request: Request,
) -> Response {
    let asked = Asked::new(&desk.config, request.headers().clone(), peer);
    match append(&desk, &asked, &upload_id, request).await {
        Ok(state) => Json(state).into_response(),
        Err(refusal) => refuse(refusal),
    }
}

async fn append(
    desk: &Desk,
    asked: &Asked,
    upload_id: &str,
    request: Request,
) -> Result<UploadState, Refusal> {
    let sender = reader(desk, asked).await?;
    check::uuid("uploadId", upload_id)?;
    let offset = asked.header(UPLOAD_OFFSET).and_then(|v| v.parse().ok());
    let offset = offset.ok_or_else(|| Refusal::invalid("Upload-Offset is no number of bytes"))?;
    let upload = desk.store.upload(upload_id).await?;
    let upload = upload.filter(|upload| upload.is_of(sender.as_sender()));
    let upload = upload.ok_or_else(Refusal::no_file)?;
    // Only now, and not too many at a time: until it has all come it is in memory.
    let _slot = desk.parts.enter(asked.address())?;
    let body = bytes(request).await?;
    let offset = match upload.sha256 {
        Some(_) => upload.file.size,
        None => {
            desk.files
                .append(upload_id, offset, body, upload.file.size)
                .await?
        }
    };
    Ok(UploadState {
        upload_id: upload_id.to_owned(),
        offset,
        committed: upload.sha256.is_some(),
    })
}

async fn bytes(request: Request) -> Result<Bytes, Refusal> {
    let patience = Duration::from_millis(UPLOAD_PART_MS_MAX);
    let unread = || Refusal::bad_frame("the part could not be read to its end");
    let body = timeout(patience, Bytes::from_request(request, &())).await;
    body.map_err(|_| unread())?
        .map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Refusal::too_large("the part is too large"),
            _ => unread(),
        })
}

/// `GET`: the whole file, to the visitor whose conversation it is in, and to agents.
pub async fn get(
    State(desk): State<Arc<Desk>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(upload_id): Path<String>,
    request: Request,
) -> Response {
    let asked = Asked::new(&desk.config, request.headers().clone(), peer);
    match serve(&desk, &asked, &upload_id, request).await {
        Ok(response) => response,
        Err(refusal) => refuse(refusal),
    }
}

async fn serve(
    desk: &Desk,
    asked: &Asked,
    upload_id: &str,
    request: Request,
) -> Result<Response, Refusal> {
    let reader = reader(desk, asked).await?;
    let upload = desk
        .store
        .upload(upload_id)
        .await?
        .filter(|upload| match &reader {
            Reader::Agent(_) => true,
            Reader::Visitor(id) => upload.visitor == *id,
        });
    let upload = upload.ok_or_else(Refusal::no_file)?;
    let content = upload.sha256.ok_or_else(Refusal::no_file)?;
    let served = ServeFile::new(desk.files.whole(&content))
        .try_call(request)
        .await;
    let mut response = served.map_err(|error| {
        tracing::error!(%error, upload_id, "an attachment cannot be read");
        Refusal::unavailable()
    })?;
    let head = response.headers_mut();
    let header = |value: &str| HeaderValue::from_str(value).map_err(|_| Refusal::unavailable());
    head.insert(CONTENT_TYPE, header(&upload.file.mime)?);
    head.insert(
        CONTENT_DISPOSITION,
        header(&disposition(&upload.file.name))?,
    );
    head.insert(ETAG, header(&format!("\"{}\"", hex(&content)))?);
    let fixed = [
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (CACHE_CONTROL, "private, max-age=3600"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "cross-origin",
        ),
    ];
    for (name, value) in fixed {
        head.insert(name, HeaderValue::from_static(value));
    }
    Ok(response.map(Body::new))
}

/// Whose token a request shows, by id.
enum Reader {
    Agent(String),
    Visitor(String),
}

impl Reader {
    fn as_sender(&self) -> Sender<'_> {
        match self {
            Self::Agent(id) => Sender::Agent(id),
            Self::Visitor(id) => Sender::Visitor(id),
        }
    }
}

/// An agent or a bot by the token of a console, else a visitor.
async fn reader(desk: &Desk, asked: &Asked) -> Result<Reader, Refusal> {
    if let Some(token) = asked.bearer() {
        let token = auth::token_hash(token);
        let signed_in = desk.store.signed_in(token, crate::now_ms()).await?;
        if let Some(signed_in) = signed_in.filter(|known| desk.config.admits(&known.email)) {
            let agent = signed_in.agent.id;
            desk.rates.take(&agent, asked.address(), Instant::now())?;
            return Ok(Reader::Agent(agent));
        }
    }
    Ok(Reader::Visitor(asked.caller(desk).await?.claims.sub))
}

/// Saved, never shown in place; the name in its one safe form.
fn disposition(name: &str) -> String {
    let mut value = "attachment; filename*=UTF-8''".to_owned();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => value.push(byte.into()),
            _ => value.push_str(&format!("%{byte:02X}")),
        }
    }
    value
}

/// As [`deskside::protocol`] says: the error itself.
fn refuse(refusal: Refusal) -> Response {
    let status = request::status(refusal.code);
    (status, Json(ErrorBody::from(refusal))).into_response()
}

/// Forgets what nobody finished or named, now and then.
pub async fn keep_tidy(store: Arc<dyn Store>, files: Files) {
    loop {
        match store.sweep_uploads(crate::now_ms()).await {
            Ok(known) => {
                let files = files.clone();
                let swept = tokio::task::spawn_blocking(move || {
                    files.sweep(
                        |part| known.parts.contains(part),
                        |content| known.contents.contains(content),
                    );
                });
                if swept.await.is_err() {
                    tracing::warn!("the attachments were not swept");
                }
            }
            Err(refusal) => tracing::warn!(?refusal, "the attachments were not swept"),
        }
        tokio::time::sleep(Duration::from_millis(UPLOAD_SWEEP_MS)).await;
    }
}
