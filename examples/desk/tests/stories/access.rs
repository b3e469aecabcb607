//! Who may do what.

use crate::support::*;
use deskside::limits::SUBS_MAX;
use deskside::protocol::agent::AgentCommand;
use deskside::protocol::command::{Close, History, Sub, Typing};
use deskside::protocol::{Command, close_code, error_code};
use serde_json::{Value, json};

async fn connect(desk: &Desk, origin: Option<&str>, command: Value) -> (Value, u16) {
    let mut socket = Socket::open(desk.address, "/v1/socket", origin).await;
    let answer = socket.ask(command).await;
    let code = match answer.get("error") {
        Some(_) => socket.closed().await,
        None => 0,
    };
    (answer, code)
}

fn code(answer: &Value) -> &str {
    answer["error"]["code"].as_str().unwrap_or("none")
}

#[tokio::test]
async fn first_contact_gives_a_token_with_which_the_visitor_is_known_again() {
    let desk = Desk::start().await;
    let visitor = desk.visitor().await;
    let token = visitor.connected.token.clone().unwrap();
    let again = desk.visitor_again(&token, vec![]).await;
    assert_eq!(again.connected.visitor, visitor.connected.visitor);
    assert_eq!(again.connected.token, None);
    let stranger = desk.visitor().await;
    assert_ne!(stranger.connected.visitor, visitor.connected.visitor);
}

#[tokio::test]
async fn a_token_is_good_after_a_restart() {
    let mut desk = Desk::start().await;
    let visitor = desk.visitor().await;
    desk.stop().await;
    desk.start_again().await;
    let again = desk.visitor_again(&visitor.token, vec![]).await;
    assert_eq!(again.connected.visitor, visitor.connected.visitor);
}

#[tokio::test]
async fn a_forged_token_is_refused() {
    let desk = Desk::start().await;
    let other_desk = Desk::start().await;
    let token = desk.visitor().await.token;
    let foreign = other_desk.visitor().await.token;
    let (claims, mac) = token.split_once('.').unwrap();
    let swapped = format!("{}.{mac}", foreign.split_once('.').unwrap().0);
    for forged in [
        foreign.as_str(),
        &swapped,
        claims,
        &format!("{claims}."),
        "",
        "e30.",
        "null",
    ] {
        let (answer, closed) = connect(
            &desk,
            Some(SHOP),
            connect_command("shop", Some(forged), &[]),
        )
        .await;
        assert_eq!(
            (code(&answer), closed),
            (error_code::UNAUTHORIZED, close_code::UNAUTHORIZED),
            "{forged}"
        );
    }
}

#[tokio::test]
async fn a_token_of_another_site_is_refused() {
    let desk = Desk::start().await;
    let token = desk.visitor().await.token;
    let bank = connect_command("bank", Some(&token), &[]);
    let (answer, closed) = connect(&desk, Some("https://bank.example"), bank).await;
    assert_eq!(
        (code(&answer), closed),
        (error_code::UNAUTHORIZED, close_code::UNAUTHORIZED)
    );
}

#[tokio::test]
async fn a_page_of_a_foreign_origin_is_refused() {
    let desk = Desk::start().await;
    let foreign = [
        Some("https://evil.example"),
        Some("https://shop.example.evil.example"),
        Some("http://shop.example"),
        Some("https://shop.example:8443"),
        Some("null"),
        None,
    ];
    for origin in foreign {
        let (answer, closed) = connect(&desk, origin, connect_command("shop", None, &[])).await;
        assert_eq!(
            (code(&answer), closed),
            (error_code::FORBIDDEN_SITE, close_code::FORBIDDEN_SITE),
            "{origin:?}"
        );
    }
}

#[tokio::test]
async fn an_unknown_site_is_refused_like_a_foreign_origin() {
    let desk = Desk::start().await;
    let (unknown, _) = connect(&desk, Some(SHOP), connect_command("nowhere", None, &[])).await;
    let (foreign, _) = connect(&desk, Some(SHOP), connect_command("bank", None, &[])).await;
    assert_eq!(unknown, foreign);
}

#[tokio::test]
async fn a_site_open_to_all_takes_any_origin_and_none() {
    let desk = Desk::start().await;
    for origin in [Some("https://anywhere.example"), None] {
        let (answer, _) = connect(&desk, origin, connect_command("open", None, &[])).await;
        assert_eq!(answer["result"]["connected"]["siteName"], "Open");
    }
}

#[tokio::test]
async fn another_visitors_conversation_is_not_there() {
    let desk = Desk::start().await;
    let mut owner = desk.visitor().await;
    let opened = owner.open().await;
    let conv = opened.conv.clone();
    owner.say(&conv, "Private").await;

    let mut stranger = desk
        .visitor_again(&desk.visitor().await.token, vec![sub(&opened)])
        .await;
    assert_eq!(stranger.connected.subs, []);
    let history = History {
        conv: conv.clone(),
        before: None,
        after: None,
        limit: 10,
    };
    let close = Close {
        conv: conv.clone(),
        cmid: uuid(),
    };
    let attempts = [
        Command::Send(send(&conv, &uuid(), None, "Intruder")),
        Command::Close(close),
        Command::Read(read(&conv, 1, 1)),
        Command::History(history),
    ];
    for attempt in attempts {
        let error = stranger.ask(attempt).await.unwrap_err();
        assert_eq!(error.code, error_code::NOT_FOUND);
    }
    let there = stranger.open_as(&conv).await.unwrap_err();
    let nowhere = stranger
        .send(&uuid(), &uuid(), None, "Hello?")
        .await
        .unwrap_err();
    assert_eq!(
        there, nowhere,
        "a foreign conversation cannot be told from none"
    );
    assert_eq!(owner.open_as(&conv).await.unwrap().top, 2);
}

#[tokio::test]
async fn a_stranger_neither_types_nor_listens_in() {
    let desk = Desk::start().await;
    let mut owner = desk.visitor().await;
    let conv = owner.open().await.conv;
    let mut agent = desk.agent("mei").await;
    agent.watch(&conv).await;
    let mut stranger = desk.visitor().await;
    let typing = Command::Typing(Typing {
        conv: conv.clone(),
        active: true,
    });
    stranger.socket.write(json!({ "id": 99, "typing": match &typing { Command::Typing(t) => t, _ => unreachable!() } }).to_string()).await;
    stranger.ask(Command::Ping {}).await.unwrap();
    owner.say(&conv, "Private").await;
    let first = agent.socket.push(|frame| {
        let frame = visitor_frame(frame);
        frame
            .typing
            .map(|_| "typing")
            .or(frame.event.map(|_| "event"))
    });
    assert_eq!(first.await, "event");
    // The stranger's next frame is the answer to what they ask, not the owner's message.
    assert_eq!(
        stranger.socket.ask(Command::Ping {}).await["result"]["pong"],
        json!({})
    );
}

#[tokio::test]
async fn an_agents_token_does_not_open_a_visitors_session_nor_the_other_way_round() {
    let desk = Desk::start().await;
    let agent = desk.agent_token("mei").await;
    let (answer, _) = connect(
        &desk,
        Some(SHOP),
        connect_command("shop", Some(&agent), &[]),
    )
    .await;
    assert_eq!(code(&answer), error_code::UNAUTHORIZED);
    let visitor = desk.visitor().await.token;
    let mut socket = Socket::open(desk.address, "/v1/agent/socket", None).await;
    let answer = socket
        .ask(json!({ "connect": { "version": 1, "token": visitor } }))
        .await;
    assert_eq!(code(&answer), error_code::UNAUTHORIZED);
    assert_eq!(socket.closed().await, close_code::UNAUTHORIZED);
}

#[tokio::test]
async fn a_console_on_a_foreign_page_gets_no_socket() {
    let desk = Desk::start().await;
    let upgrade = "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
    let request = |origin: &str| {
        format!(
            "GET /v1/agent/socket HTTP/1.1\r\nhost: {}\r\n{upgrade}origin: {origin}\r\n\r\n",
            desk.address
        )
    };
    let (head, _) = http(
        desk.address,
        &request("https://evil.example")
            .replace("connection: upgrade", "connection: upgrade, close"),
    )
    .await;
    assert!(head.starts_with("http/1.1 403"), "{head}");
}

#[tokio::test]
async fn an_agent_sees_no_conversation_that_is_not_there() {
    let desk = Desk::start().await;
    let mut agent = desk.agent("mei").await;
    let command = AgentCommand::Send(send(&uuid(), &uuid(), None, "Hello?"));
    assert_eq!(
        agent.ask(command).await.unwrap_err().code,
        error_code::NOT_FOUND
    );
}

#[tokio::test]
async fn a_resume_names_a_bounded_number_of_conversations() {
    let desk = Desk::start().await;
    let sub = Sub {
        conv: uuid(),
        epoch: "e".to_owned(),
        offset: 0,
    };
    let (answer, closed) = connect(
        &desk,
        Some(SHOP),
        connect_command("shop", None, &vec![sub; SUBS_MAX + 1]),
    )
    .await;
    assert_eq!(
        (code(&answer), closed),
        (error_code::INVALID, close_code::PROTOCOL)
    );
}

#[tokio::test]
async fn another_protocol_version_is_refused_by_its_name() {
    let desk = Desk::start().await;
    let mut command = connect_command("shop", None, &[]);
    command["connect"]["version"] = 2.into();
    let (answer, closed) = connect(&desk, Some(SHOP), command).await;
    assert_eq!(
        (code(&answer), closed),
        (error_code::VERSION, close_code::PROTOCOL)
    );
}
