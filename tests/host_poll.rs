//! The desk without a socket: requests, and requests that wait.

use deskside::Input;
use deskside::plain::Value;
use deskside::platform::Json;
use deskside::platform::poll::{Poll, Post};
use deskside::platform::way::{Choice, Way};
use deskside::protocol::command::{ClientFrame, Command, Connect};

fn json() -> Json {
    Json {
        write: |value| serde_json::to_string(value).unwrap(),
        read: |text| serde_json::from_str::<Value>(text).ok(),
    }
}

const CONNECTED: &str = r#"{"result":{"connected":{"session":"s1","visitor":"v","token":"t1",
    "pingIntervalMs":25000,"limits":{"frameBytesMax":65536,"textBytesMax":16384},"subs":[]}}}"#;

fn connect() -> ClientFrame {
    ClientFrame {
        id: 1,
        command: Command::Connect(Connect {
            version: 1,
            site: "demo".into(),
            token: None,
            client_id: "d".into(),
            locale: "zh-CN".into(),
            subs: Vec::new(),
            surveys: None,
        }),
    }
}

fn posts(poll: &mut Poll) -> Vec<Post> {
    std::iter::from_fn(|| poll.post()).collect()
}

fn news(poll: &mut Poll) -> Vec<Input> {
    std::iter::from_fn(|| poll.news()).collect()
}

/// Connected, with the request that waits for pushes on the way.
fn connected() -> (Poll, Post) {
    let mut poll = Poll::new("https://desk.test/", json());
    poll.open();
    assert_eq!(news(&mut poll), [Input::SocketOpened]);
    poll.send(&connect());
    let asked = posts(&mut poll);
    assert_eq!(asked[0].url, "https://desk.test/v1/connect");
    assert_eq!((&asked[0].token, &asked[0].session), (&None, &None));
    poll.answered(asked[0].id, 200, CONNECTED);
    assert!(
        matches!(news(&mut poll).as_slice(), [Input::Received(frames)] if frames[0].id == Some(1))
    );
    let mut asked = posts(&mut poll);
    assert_eq!(asked.len(), 1);
    (poll, asked.remove(0))
}

#[test]
fn after_connect_a_request_waits_for_what_the_desk_pushes() {
    let (mut poll, waiting) = connected();
    assert_eq!(waiting.url, "https://desk.test/v1/poll");
    assert_eq!(waiting.token.as_deref(), Some("t1"));
    assert_eq!(waiting.body, r#"{"session":"s1","ack":0,"waitMs":25000}"#);
    assert!(waiting.timeout_ms > 25_000);

    let pushed = r#"{"result":{"ack":7,"frames":[{"availability":{"agentsOnline":2}}]}}"#;
    poll.answered(waiting.id, 200, pushed);
    let told = news(&mut poll);
    assert!(
        matches!(told.as_slice(), [Input::Received(frames)] if frames[0].availability.is_some())
    );
    assert_eq!(
        posts(&mut poll)[0].body,
        r#"{"session":"s1","ack":7,"waitMs":25000}"#
    );
}

#[test]
fn an_answer_with_nothing_in_it_is_followed_by_the_next_request() {
    let (mut poll, waiting) = connected();
    poll.answered(waiting.id, 200, r#"{"result":{"ack":1,"frames":[]}}"#);
    assert_eq!(news(&mut poll), [Input::Received(Vec::new())]);
}

#[test]
fn a_refusal_of_the_desk_is_an_answer_whatever_its_status() {
    let (mut poll, _) = connected();
    let ping = ClientFrame {
        id: 5,
        command: Command::Ping {},
    };
    poll.send(&ping);
    let asked = posts(&mut poll);
    assert_eq!(asked[0].url, "https://desk.test/v1/ping");
    assert_eq!(asked[0].session.as_deref(), Some("s1"));
    let refused = r#"{"error":{"code":"rate_limited","message":"m","temporary":true}}"#;
    poll.answered(asked[0].id, 429, refused);
    let told = news(&mut poll);
    let [Input::Received(frames)] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(frames[0].id, Some(5));
    assert_eq!(frames[0].error.as_ref().unwrap().code, "rate_limited");
}

#[test]
fn neither_silence_nor_a_page_of_a_portal_acknowledges_anything() {
    for (status, body) in [
        (0, ""),
        (200, "<html>sign in</html>"),
        (200, "{}"),
        (502, "bad gateway"),
    ] {
        let (mut poll, _) = connected();
        poll.send(&ClientFrame {
            id: 5,
            command: Command::Ping {},
        });
        let id = posts(&mut poll)[0].id;
        poll.answered(id, status, body);
        assert_eq!(
            news(&mut poll),
            [Input::SocketClosed { code: 1006 }],
            "{status} {body}"
        );
        assert!(posts(&mut poll).is_empty());
    }
}

#[test]
fn where_the_session_is_gone_the_connection_has_ended() {
    for (error, code) in [
        ("not_found", 1006),
        ("unauthorized", 4003),
        ("forbidden_site", 4004),
    ] {
        let (mut poll, waiting) = connected();
        let body = format!(r#"{{"error":{{"code":"{error}","message":"m","temporary":false}}}}"#);
        poll.answered(waiting.id, 404, &body);
        assert_eq!(news(&mut poll), [Input::SocketClosed { code }]);
    }
}

#[test]
fn an_answer_to_a_connection_that_was_closed_says_nothing() {
    let (mut poll, waiting) = connected();
    poll.close();
    poll.answered(waiting.id, 200, r#"{"result":{"ack":1,"frames":[]}}"#);
    assert_eq!(
        (news(&mut poll), posts(&mut poll)),
        (Vec::new(), Vec::new())
    );
}

#[test]
fn a_host_without_sockets_always_asks() {
    let mut choice = Choice::new(false);
    assert_eq!([choice.choose(), choice.choose()], [Way::Requests; 2]);
}

#[test]
fn where_no_socket_ever_spoke_the_second_try_goes_by_requests_and_the_next_by_socket_again() {
    let mut choice = Choice::new(true);
    let ways: Vec<Way> = (0..4).map(|_| choice.choose()).collect();
    assert_eq!(
        ways,
        [Way::Socket, Way::Requests, Way::Socket, Way::Requests]
    );
}

#[test]
fn where_sockets_have_worked_one_that_stays_mute_is_no_reason_to_leave_them() {
    let mut choice = Choice::new(true);
    choice.choose();
    choice.heard();
    let ways: Vec<Way> = (0..3).map(|_| choice.choose()).collect();
    assert_eq!(ways, [Way::Socket, Way::Socket, Way::Requests]);
}
