//! Frames that are not what they should be.

use crate::support::*;
use deskside::protocol::{Command, close_code, error_code};
use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

async fn refused(visitor: &mut Visitor, frame: &str) -> Value {
    visitor.socket.write(frame).await;
    visitor.socket.next().await.unwrap()
}

async fn is_alive(visitor: &mut Visitor) -> bool {
    visitor.ask(Command::Ping {}).await.unwrap().pong.is_some()
}

#[tokio::test]
async fn a_frame_that_is_no_json_is_refused_and_the_session_goes_on() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    for frame in ["nonsense", "[]", "{\"id\":1", "null", r#"{"ping":{}}"#] {
        let answer = refused(&mut visitor, frame).await;
        assert_eq!(answer["error"]["code"], error_code::BAD_FRAME, "{frame}");
        assert_eq!(answer.get("id"), None);
    }
    assert!(is_alive(&mut visitor).await);
}

#[tokio::test]
async fn who_sends_only_nonsense_is_sent_away() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    for _ in 0..11 {
        visitor.socket.write("nonsense").await;
    }
    assert_eq!(visitor.socket.closed().await, close_code::PROTOCOL);
}

#[tokio::test]
async fn an_unknown_command_is_refused_by_its_id() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let answer = refused(&mut visitor, r#"{"id":77,"dance":{"partner":1}}"#).await;
    assert_eq!(
        (&answer["id"], &answer["error"]["code"]),
        (&json!(77), &json!(error_code::UNKNOWN_COMMAND))
    );
}

#[tokio::test]
async fn a_wrong_type_or_a_missing_field_is_refused_by_its_id_and_named() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let frames = [
        (r#"{"id":5,"send":{"conv":7}}"#, "conv"),
        (r#"{"id":5,"send":{"conv":"c","cmid":"m"}}"#, "body"),
        (
            r#"{"id":5,"read":{"conv":"c","marks":{"readSeq":-1}}}"#,
            "read",
        ),
        (
            r#"{"id":5,"read":{"conv":"c","marks":{"readSeq":9007199254740993}}}"#,
            "read",
        ),
        (
            r#"{"id":5,"read":{"conv":"c","marks":{"readSeq":1.5}}}"#,
            "read",
        ),
        (r#"{"id":5,"history":{"conv":"c","limit":1e400}}"#, "range"),
        (r#"{"id":5,"close":"now"}"#, "malformed"),
    ];
    for (frame, named) in frames {
        let answer = refused(&mut visitor, frame).await;
        assert_eq!(
            (&answer["id"], &answer["error"]["code"]),
            (&json!(5), &json!(error_code::INVALID)),
            "{frame}"
        );
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(named), "{frame}: {message}");
    }
    assert!(is_alive(&mut visitor).await);
}

#[tokio::test]
async fn an_id_in_another_form_is_refused_and_named() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    for (cmid, prev, named) in [
        (uuid().to_uppercase(), None, "cmid"),
        (uuid().replace('-', ""), None, "cmid"),
        (String::new(), None, "cmid"),
        (uuid(), Some("../../etc/passwd"), "prev"),
    ] {
        let error = visitor.send(&conv, &cmid, prev, "Hello").await.unwrap_err();
        assert_eq!(error.code, error_code::INVALID);
        assert!(error.message.starts_with(named), "{}", error.message);
    }
}

#[tokio::test]
async fn fields_of_a_later_version_and_of_prototypes_are_ignored() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let frame = json!({
        "id": 40, "trace": "abc", "__proto__": { "admin": true },
        "send": {
            "conv": conv, "cmid": uuid(), "constructor": { "prototype": 1 },
            "body": { "text": "Hello", "cards": [] }, "attachments": [{}],
        },
    });
    visitor.socket.write(frame.to_string()).await;
    let answer = visitor.socket.answer(40).await;
    assert_eq!(answer["result"]["sent"]["seq"], 2);
}

#[tokio::test]
async fn a_lone_surrogate_is_refused_by_its_id_so_that_the_client_can_park_it() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let cmid = uuid();
    let frame = format!(
        r#"{{"id":41,"send":{{"conv":"{conv}","cmid":"{cmid}","body":{{"text":"\ud83d"}}}}}}"#
    );
    visitor.socket.write(frame).await;
    let answer = visitor.socket.answer(41).await;
    assert_eq!(
        (&answer["error"]["code"], &answer["error"]["temporary"]),
        (&json!(error_code::INVALID), &json!(false))
    );
    assert_eq!(visitor.open_as(&conv).await.unwrap().top, 1);
}

#[tokio::test]
async fn nesting_of_a_hundred_thousand_is_refused() {
    let desk = Desk::start_limited(|limits| limits.frame_bytes_max = 1 << 20).await;
    let mut visitor = desk.visitor().await;
    let deep = format!(
        "{{\"id\":6,\"send\":{}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let answer = refused(&mut visitor, &deep).await;
    assert_eq!(
        (&answer["id"], &answer["error"]["code"]),
        (&json!(6), &json!(error_code::INVALID))
    );
    assert!(is_alive(&mut visitor).await);
}

#[tokio::test]
async fn a_frame_over_the_limit_is_refused_by_its_id() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let max = visitor.connected.limits.frame_bytes_max as usize;
    let command = Command::Send(send(&uuid(), &uuid(), None, &"a".repeat(max)));
    let error = visitor.ask(command).await.unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.temporary),
        (error_code::TOO_LARGE, false)
    );
    assert!(is_alive(&mut visitor).await);
}

#[tokio::test]
async fn a_frame_of_a_megabyte_ends_the_session() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let frame = json!({ "id": 1, "ping": {}, "padding": "a".repeat(1 << 20) });
    // The desk may hang up before all of it is written.
    let _ = visitor
        .socket
        .stream
        .send(Message::text(frame.to_string()))
        .await;
    assert!([1009, 1006].contains(&visitor.socket.closed().await));
    assert!(is_alive(&mut desk.visitor().await).await);
}

#[tokio::test]
async fn a_megabyte_in_many_tiny_fragments_ends_the_session() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let first = Frame::message("{".repeat(64), OpCode::Data(Data::Text), false);
    let mut written = visitor.socket.stream.feed(Message::Frame(first)).await;
    for _ in 0..20_000 {
        if written.is_err() {
            break;
        }
        let next = Frame::message(" ".repeat(64), OpCode::Data(Data::Continue), false);
        written = visitor.socket.stream.feed(Message::Frame(next)).await;
    }
    let _ = visitor.socket.stream.flush().await;
    assert!([1009, 1006].contains(&visitor.socket.closed().await));
}

#[tokio::test]
async fn binary_messages_and_text_that_is_no_utf8_end_the_session() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    visitor
        .socket
        .stream
        .send(Message::binary(vec![1, 2, 3]))
        .await
        .unwrap();
    assert_eq!(visitor.socket.closed().await, close_code::PROTOCOL);
    let mut visitor = desk.visitor().await;
    let broken = Frame::message(vec![b'{', 0xe6, 0xb1], OpCode::Data(Data::Text), true);
    visitor
        .socket
        .stream
        .send(Message::Frame(broken))
        .await
        .unwrap();
    assert_eq!(visitor.socket.closed().await, 1007);
}

#[tokio::test]
async fn several_frames_share_a_message_and_are_answered_in_turn() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    visitor
        .socket
        .write("{\"id\":21,\"ping\":{}}\n{\"id\":22,\"dance\":{}}\n\n{\"id\":23,\"ping\":{}}\n")
        .await;
    for id in 21..=23 {
        assert_eq!(visitor.socket.next().await.unwrap()["id"], id);
    }
}

#[tokio::test]
async fn a_message_of_too_many_frames_ends_the_session() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    visitor
        .socket
        .write("{\"id\":1,\"ping\":{}}\n".repeat(65))
        .await;
    assert_eq!(visitor.socket.closed().await, close_code::PROTOCOL);
}

#[tokio::test]
async fn the_first_frame_must_be_a_connect() {
    let desk = Desk::start().await;
    for frame in [
        r#"{"id":1,"ping":{}}"#,
        "nonsense",
        r#"{"id":1,"connect":{}}"#,
    ] {
        for path in ["/v1/socket", "/v1/agent/socket"] {
            let mut socket = Socket::open(desk.address, path, None).await;
            socket.write(frame).await;
            assert!(socket.next().await.unwrap().get("error").is_some());
            assert_eq!(
                socket.closed().await,
                close_code::PROTOCOL,
                "{path} {frame}"
            );
        }
    }
}

#[tokio::test]
async fn a_second_connect_is_refused() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let answer = visitor.socket.ask(connect_command("shop", None, &[])).await;
    assert_eq!(answer["error"]["code"], error_code::INVALID);
    assert!(is_alive(&mut visitor).await);
}

#[tokio::test]
async fn a_hostile_site_name_does_no_harm() {
    let desk = Desk::start().await;
    let long = "x".repeat(300);
    for site in ["", "shop\0", "<script>", long.as_str(), "__proto__"] {
        let mut socket = Socket::open(desk.address, "/v1/socket", Some(SHOP)).await;
        let answer = socket.ask(connect_command(site, None, &[])).await;
        assert!(answer.get("error").is_some(), "{site}");
    }
    assert!(is_alive(&mut desk.visitor().await).await);
}
