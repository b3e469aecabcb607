//! The few things that go over plain HTTP.

use crate::support::*;
use desk::auth::{DEMO_EMAIL, DEMO_PASSWORD};
use deskside::protocol::agent::LoggedIn;
use deskside::protocol::reply::ErrorBody;
use deskside::protocol::{close_code, error_code};
use serde_json::json;
use std::net::SocketAddr;

/// What is read of surveys.
const SURVEY_PAGES: [&str; 3] = [
    "/v1/agent/surveys",
    "/v1/agent/surveys/shop/csat/results",
    "/v1/agent/surveys/shop/csat/responses.csv",
];
const JSON: &str = "content-type: application/json\r\n";

async fn login(address: SocketAddr, email: &str, password: &str) -> (String, String) {
    let body = json!({ "email": email, "password": password }).to_string();
    post(address, "/v1/agent/login", JSON, &body).await
}

fn refusal(body: &str) -> String {
    serde_json::from_str::<ErrorBody>(body).unwrap().code
}

#[tokio::test]
async fn the_demo_account_signs_in_and_its_token_opens_a_console() {
    let desk = Desk::start_with(|config| config.demo = true).await;
    let (head, body) = login(desk.address, "Demo@Deskside.example", DEMO_PASSWORD).await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(head.contains("cache-control: no-store"), "{head}");
    let logged_in: LoggedIn = serde_json::from_str(&body).unwrap();
    let agent = Agent::connect(desk.address, logged_in.token).await;
    assert_eq!(agent.connected.agent, logged_in.agent);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_the_same_answer() {
    let desk = Desk::start_with(|config| config.demo = true).await;
    let wrong = login(desk.address, DEMO_EMAIL, "deskside-dem0").await;
    let unknown = login(desk.address, "nobody@deskside.example", DEMO_PASSWORD).await;
    assert!(wrong.0.starts_with("http/1.1 401"), "{}", wrong.0);
    assert_eq!(refusal(&wrong.1), error_code::UNAUTHORIZED);
    assert_eq!(wrong.1, unknown.1);
}

#[tokio::test]
async fn the_demo_account_is_shut_when_the_desk_is_no_demo_any_more() {
    let mut desk = Desk::start_with(|config| config.demo = true).await;
    let (_, body) = login(desk.address, DEMO_EMAIL, DEMO_PASSWORD).await;
    let token = serde_json::from_str::<LoggedIn>(&body).unwrap().token;
    desk.stop().await;
    desk.config.demo = false;
    desk.start_again().await;
    let (head, _) = login(desk.address, DEMO_EMAIL, DEMO_PASSWORD).await;
    assert!(head.starts_with("http/1.1 401"), "{head}");
    let mut socket = Socket::open(desk.address, "/v1/agent/socket", None).await;
    let answer = socket
        .ask(json!({ "connect": { "version": 1, "token": token } }))
        .await;
    assert_eq!(answer["error"]["code"], error_code::UNAUTHORIZED);
    let bearer = format!("authorization: Bearer {token}\r\n");
    for path in SURVEY_PAGES {
        let (head, _) = get(desk.address, path, &bearer).await;
        assert!(head.starts_with("http/1.1 401"), "{path}: {head}");
    }
}

#[tokio::test]
async fn guessing_tokens_is_slowed_down_wherever_one_is_shown() {
    let desk = Desk::start_limited(|limits| {
        limits.commands_per_second_per_address = 1;
        limits.commands_burst_per_address = 3;
    })
    .await;
    let bearer = "authorization: Bearer guess\r\n";
    for path in SURVEY_PAGES {
        while let (head, _) = get(desk.address, path, bearer).await
            && !head.starts_with("http/1.1 429")
        {
            assert!(head.starts_with("http/1.1 401"), "{path}: {head}");
        }
    }
    let head = loop {
        let (head, body) = post(desk.address, "/v1/agent/logout", bearer, "").await;
        if !head.starts_with("http/1.1 204") {
            assert_eq!(refusal(&body), error_code::RATE_LIMITED);
            break head;
        }
    };
    assert!(head.contains("retry-after: 1"), "{head}");
}

#[tokio::test]
async fn guessing_passwords_is_slowed_down() {
    let desk = Desk::start_limited(|limits| limits.logins_per_minute = 2).await;
    for _ in 0..2 {
        let (head, _) = login(desk.address, DEMO_EMAIL, "guess").await;
        assert!(head.starts_with("http/1.1 401"), "{head}");
    }
    let (head, body) = login(desk.address, DEMO_EMAIL, "guess").await;
    assert!(head.starts_with("http/1.1 429"), "{head}");
    let wait_s = head
        .split("retry-after: ")
        .nth(1)
        .and_then(|rest| rest.lines().next());
    let wait_s: u32 = wait_s.unwrap().parse().unwrap();
    assert!((1..=30).contains(&wait_s), "{head}");
    assert_eq!(refusal(&body), error_code::RATE_LIMITED);
}

#[tokio::test]
async fn a_foreign_page_cannot_sign_in_and_a_form_cannot_either() {
    let desk = Desk::start().await;
    let body = json!({ "email": DEMO_EMAIL, "password": "x" }).to_string();
    let foreign = format!("{JSON}origin: https://evil.example\r\n");
    let (head, _) = post(desk.address, "/v1/agent/login", &foreign, &body).await;
    assert!(head.starts_with("http/1.1 403"), "{head}");
    assert!(!head.contains("access-control"), "{head}");
    let own = format!("{JSON}origin: http://{}\r\n", desk.address);
    let (head, _) = post(desk.address, "/v1/agent/login", &own, &body).await;
    assert!(head.starts_with("http/1.1 401"), "{head}");
    let (head, _) = post(
        desk.address,
        "/v1/agent/login",
        "content-type: text/plain\r\n",
        &body,
    )
    .await;
    assert!(head.starts_with("http/1.1 415"), "{head}");
}

#[tokio::test]
async fn a_login_of_a_megabyte_is_not_read() {
    let desk = Desk::start().await;
    let headers = "host: 127.0.0.1\r\ncontent-type: application/json\r\nconnection: close\r\n";
    let request =
        format!("POST /v1/agent/login HTTP/1.1\r\n{headers}content-length: 1048576\r\n\r\n");
    let (head, _) = http(desk.address, &request).await;
    assert!(head.starts_with("http/1.1 413"), "{head}");
}

#[tokio::test]
async fn signing_out_ends_the_token_and_every_console_that_used_it() {
    let desk = Desk::start().await;
    let token = desk.agent_token("mei").await;
    let mut agent = Agent::connect(desk.address, token.clone()).await;
    let mut other = desk.agent("noor").await;
    let headers = format!("authorization: Bearer {token}\r\n");
    let (head, _) = post(desk.address, "/v1/agent/logout", &headers, "").await;
    assert!(head.starts_with("http/1.1 204"), "{head}");
    assert_eq!(agent.socket.closed().await, close_code::UNAUTHORIZED);
    let mut socket = Socket::open(desk.address, "/v1/agent/socket", None).await;
    let answer = socket
        .ask(json!({ "connect": { "version": 1, "token": token } }))
        .await;
    assert_eq!(answer["error"]["code"], error_code::UNAUTHORIZED);
    let pong = other.socket.ask(json!({ "ping": {} })).await;
    assert!(pong.get("result").is_some(), "other agents stay");
}

#[tokio::test]
async fn a_console_ends_when_its_token_expires() {
    use desk::store::Store;
    let desk = Desk::start().await;
    desk.agent_token("mei").await;
    let (token, hash) = desk::auth::agent_token().unwrap();
    let now = desk::now_ms();
    desk.store()
        .sign_in("agent-mei", hash, now + 5_000, now)
        .await
        .unwrap();
    let mut agent = Agent::connect(desk.address, token).await;
    assert_eq!(agent.socket.closed().await, close_code::UNAUTHORIZED);
}

#[tokio::test]
async fn the_desk_tells_whether_it_can_commit_to_the_pages_of_its_sites() {
    let desk = Desk::start_with(|config| config.sites.retain(|site| site.id != "open")).await;
    let (head, body) = get(desk.address, "/healthz", &format!("origin: {SHOP}\r\n")).await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(
        head.contains(&format!("access-control-allow-origin: {SHOP}")),
        "{head}"
    );
    assert_eq!(body, "ok\n");
    let (head, _) = get(desk.address, "/healthz", "origin: https://evil.example\r\n").await;
    assert!(!head.contains("access-control-allow-origin"), "{head}");
}

#[tokio::test]
async fn the_console_is_served_under_a_policy_that_lets_nothing_else_in() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.html"), "<!doctype html>").unwrap();
    let path = folder.path().to_owned();
    let desk = Desk::start_with(|config| config.console = Some(path)).await;
    let (head, body) = get(desk.address, "/console/", "").await;
    assert_eq!(body, "<!doctype html>");
    for header in [
        "content-security-policy: default-src 'none'; script-src 'self';",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "x-content-type-options: nosniff",
    ] {
        assert!(head.contains(header), "{head}");
    }
    for path in [
        "/console/../desk.db",
        "/console/%2e%2e/desk.db",
        "/console/..%2fdesk.db",
    ] {
        let (head, _) = get(desk.address, path, "").await;
        assert!(head.starts_with("http/1.1 404"), "{path}: {head}");
    }
    for path in ["/", "/console"] {
        let (head, _) = get(desk.address, path, "").await;
        assert!(head.contains("location: /console/"), "{path}: {head}");
    }
}

#[tokio::test]
async fn a_console_that_is_not_built_is_said_to_be_missing() {
    let desk = Desk::start().await;
    let (head, body) = get(desk.address, "/console/", "").await;
    assert!(head.starts_with("http/1.1 404"), "{head}");
    assert!(body.contains("not built"), "{body}");
}

#[tokio::test]
async fn a_foreign_host_name_reaches_nothing() {
    let desk = Desk::start().await;
    for path in ["/healthz", "/v1/socket", "/console/"] {
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: rebound.example\r\nconnection: close\r\n\r\n");
        let (head, _) = http(desk.address, &request).await;
        assert!(head.starts_with("http/1.1 421"), "{head}");
    }
}
