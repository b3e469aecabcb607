//! The desk's routes and the headers on all of them.

use crate::config::Config;
use crate::limits::{
    HTTP_BODY_BYTES_MAX, HTTP_REQUEST_MS_MAX, SURVEY_BYTES_MAX, UPLOAD_PART_BYTES_MAX,
};
use crate::{Desk, agent, login, sockets, survey, uploads, visitor};
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::header::{
    self, AUTHORIZATION, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    HOST, HeaderName, HeaderValue, ORIGIN, RETRY_AFTER,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

/// Scripts, styles and sockets of the desk itself and nothing else; no string becomes markup.
const CONSOLE_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' https: data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'";

/// All routes.
pub fn router(desk: Arc<Desk>) -> Router {
    let config = desk.config.clone();
    let small = RequestBodyLimitLayer::new(HTTP_BODY_BYTES_MAX);
    let soon = TimeoutLayer::with_status_code(
        StatusCode::REQUEST_TIMEOUT,
        Duration::from_millis(HTTP_REQUEST_MS_MAX),
    );
    let frame_bytes_max = config.limits.frame_bytes_max as usize;
    // Polls wait longer than other requests.
    let visitors = visitor::request::routes()
        .layer(soon)
        .route("/v1/poll", post(visitor::poll::poll))
        .route(
            "/v1/conversations/{conv}/events",
            get(visitor::catch_up::events),
        )
        .layer(DefaultBodyLimit::max(frame_bytes_max))
        .route(
            "/v1/uploads/{upload_id}",
            get(uploads::get)
                .patch(uploads::patch)
                .post(uploads::patch)
                .layer(DefaultBodyLimit::max(UPLOAD_PART_BYTES_MAX)),
        )
        .layer(unless_set(CACHE_CONTROL, "no-store"))
        .layer(cors(&config));
    let sockets = Router::new()
        .route("/v1/socket", get(visitor_socket))
        .route("/v1/agent/socket", get(agent_socket));
    let requests = Router::new()
        .route("/v1/agent/login", post(login::login))
        .route("/v1/agent/logout", post(login::logout))
        .route("/healthz", get(health).layer(cors(&config)))
        .layer(set(CACHE_CONTROL, "no-store"))
        .layer(small)
        .layer(soon);
    let surveys = Router::new()
        .route(
            "/v1/agent/surveys",
            get(survey::pages::list).post(survey::pages::save),
        )
        .route(
            "/v1/agent/surveys/{site}/{id}/results",
            get(survey::pages::results),
        )
        .route(
            "/v1/agent/surveys/{site}/{id}/responses.csv",
            get(survey::pages::responses),
        )
        .layer(set(CACHE_CONTROL, "no-store"))
        .layer(RequestBodyLimitLayer::new(SURVEY_BYTES_MAX))
        .layer(soon);
    Router::new()
        .merge(surveys)
        .merge(sockets)
        .merge(visitors)
        .merge(requests)
        .merge(console(config.console.as_deref()))
        .layer(middleware::from_fn_with_state(desk.clone(), check_host))
        .layer(set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(set(header::REFERRER_POLICY, "no-referrer"))
        .with_state(desk)
}

fn set(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}

fn unless_set(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// The agents' pages: files as they are, under a policy that lets nothing else in.
fn console(folder: Option<&Path>) -> Router<Arc<Desk>> {
    let missing = || async {
        let hint = "the console is not built, or desk.json does not say where it is\n";
        (StatusCode::NOT_FOUND, hint)
    };
    let pages = match folder {
        Some(folder) if folder.is_dir() => {
            Router::new().nest_service("/console/", ServeDir::new(folder))
        }
        _ => Router::new().route("/console/", get(missing)),
    };
    let opener = HeaderName::from_static("cross-origin-opener-policy");
    pages
        .layer(set(CONTENT_SECURITY_POLICY, CONSOLE_CSP))
        .layer(set(opener, "same-origin"))
        .layer(set(CACHE_CONTROL, "no-cache"))
        .route(
            "/console",
            get(|| async { Redirect::permanent("/console/") }),
        )
        .route("/", get(|| async { Redirect::temporary("/console/") }))
}

/// The pages of every site may ask what is open to visitors.
fn cors(config: &Config) -> CorsLayer {
    let config = config.clone();
    let allowed = AllowOrigin::predicate(move |origin: &HeaderValue, _| {
        let origin = origin.to_str().ok();
        config.sites.iter().any(|site| site.allows(origin))
    });
    const PREFLIGHT_VALID: Duration = Duration::from_secs(3_600);
    let offset = HeaderName::from_static(uploads::UPLOAD_OFFSET);
    let session = HeaderName::from_static(visitor::request::SESSION);
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::POST, Method::PATCH])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, session, offset])
        .expose_headers([RETRY_AFTER, CONTENT_DISPOSITION])
        .max_age(PREFLIGHT_VALID)
}

/// Whether the desk can commit.
async fn health(State(desk): State<Arc<Desk>>) -> Response {
    match desk.store.check().await {
        Ok(()) => "ok\n".into_response(),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the writer does not answer\n",
        )
            .into_response(),
    }
}

async fn visitor_socket(
    State(desk): State<Arc<Desk>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let address = sockets::subscriber(address(&desk.config, &headers, peer));
    let slot = match desk.sockets.enter(address) {
        Ok(slot) => slot,
        Err(full) => return visitor::request::respond(Err::<(), _>(full.into())),
    };
    // Whether the origin fits the site is known only with `connect`; a browser that is refused
    // before the upgrade is not told why and would go on trying.
    let origin = headers.get(ORIGIN).and_then(|v| v.to_str().ok());
    let origin = origin.map(str::to_owned);
    limited(upgrade, &desk).on_upgrade(async move |socket| {
        visitor::socket::serve(desk, socket, slot, origin).await;
    })
}

async fn agent_socket(
    State(desk): State<Arc<Desk>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if let Some(origin) = headers.get(ORIGIN)
        && !is_same_origin(&headers, origin)
    {
        return StatusCode::FORBIDDEN.into_response();
    }
    let address = sockets::subscriber(address(&desk.config, &headers, peer));
    let slot = match desk.sockets.enter(address) {
        Ok(slot) => slot,
        Err(full) => return visitor::request::respond(Err::<(), _>(full.into())),
    };
    limited(upgrade, &desk).on_upgrade(async move |socket| {
        agent::serve(desk, socket, slot).await;
    })
}

/// A message up to four times the limit is still read, to refuse its command by id; beyond that
/// the socket ends. Compression is not offered: a small message cannot become a large one.
fn limited(upgrade: WebSocketUpgrade, desk: &Desk) -> WebSocketUpgrade {
    const BUFFER_BYTES: usize = 4 * 1_024;
    let bytes_max = desk.config.limits.frame_bytes_max as usize * 4;
    upgrade
        .max_message_size(bytes_max)
        .max_frame_size(bytes_max)
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(0)
}

async fn check_host(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|v| v.to_str().ok());
    if host.is_some_and(|host| desk.config.is_host(host)) {
        return next.run(request).await;
    }
    let hint = "this desk does not answer to that host name; see `hosts` in desk.json\n";
    (StatusCode::MISDIRECTED_REQUEST, hint).into_response()
}

/// Whose address counts.
pub fn address(config: &Config, headers: &HeaderMap, peer: SocketAddr) -> IpAddr {
    let forwarded = HeaderName::from_static("x-forwarded-for");
    let last = headers.get_all(forwarded).iter().next_back();
    let last = last
        .and_then(|value| value.to_str().ok())
        .and_then(|list| list.rsplit(',').next())
        .and_then(|address| address.trim().parse().ok());
    match last {
        Some(address) if config.forwarded_for => address,
        _ => peer.ip(),
    }
}

/// Whether a page of the desk itself asks.
pub fn is_same_origin(headers: &HeaderMap, origin: &HeaderValue) -> bool {
    let host = headers.get(HOST).and_then(|v| v.to_str().ok());
    let page = origin.to_str().ok().and_then(|o| o.split_once("://"));
    match (host, page) {
        (Some(host), Some((_, page))) => page.eq_ignore_ascii_case(host),
        _ => false,
    }
}
