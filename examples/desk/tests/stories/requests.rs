//! The same commands without a socket: one request each, and polls for what is pushed.

use crate::support::*;
use deskside::protocol::command::{Close, Feedback, History, Typing};
use deskside::protocol::event::{Event, Lifecycle};
use deskside::protocol::reply::{Connected, HistoryPage, Sent, ServerFrame, SubState};
use deskside::protocol::{Command, close_code, error_code};
use serde_json::{Value, json};
use std::time::Duration;

fn events(frames: &[ServerFrame]) -> Vec<Event> {
    frames.iter().filter_map(|f| f.event.clone()).collect()
}

#[tokio::test]
async fn a_visitor_without_a_socket_talks_and_listens() {
    let desk = Desk::start().await;
    let mut visitor = Requests::connect(desk.address, None, &[]).await;
    let conv = uuid();
    let opened: SubState = visitor.ask(open_command(&conv)).await.result("opened");
    assert_eq!((opened.top, opened.state), (1, Lifecycle::Queued));
    let said = Command::Send(send(&conv, &uuid(), None, "Where is my parcel?"));
    let sent: Sent = visitor.ask(said).await.result("sent");
    assert_eq!((sent.seq, sent.duplicate), (2, false));
    let frames = visitor.poll().await;
    assert!(
        !frames.is_empty(),
        "its own message is pushed, as on a socket"
    );

    let mut agent = desk.agent("mei").await;
    agent.watch(&conv).await;
    agent.say(&conv, "On its way.").await;
    let mut heard = events(&frames);
    while !texts(&heard).contains(&"On its way.") {
        heard.extend(events(&visitor.poll().await));
    }
    let seqs: Vec<u32> = heard.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, [2, 3, 4, 5], "nothing twice, nothing left out");
}

#[tokio::test]
async fn a_message_sent_by_request_reaches_the_visitors_sockets_and_the_agent() {
    let desk = Desk::start().await;
    let mut on_socket = desk.visitor().await;
    let conv = on_socket.open().await.conv;
    let mut agent = desk.agent("mei").await;
    agent.watch(&conv).await;
    let requests = Requests::connect(desk.address, Some(&on_socket.token), &[]).await;
    let said = Command::Send(send(&conv, &uuid(), None, "From the other device"));
    let sent: Sent = requests.ask(said).await.result("sent");
    assert_eq!(on_socket.socket.event_of("message").await.seq, sent.seq);
    assert_eq!(agent.socket.event_of("message").await.seq, sent.seq);
}

#[tokio::test]
async fn the_same_cmid_over_socket_and_request_is_one_event() {
    let desk = Desk::start().await;
    let mut on_socket = desk.visitor().await;
    let conv = on_socket.open().await.conv;
    let requests = Requests::connect(desk.address, Some(&on_socket.token), &[]).await;
    let cmid = uuid();
    let first = on_socket.send(&conv, &cmid, None, "Once").await.unwrap();
    let said = |text| Command::Send(send(&conv, &cmid, None, text));
    let again: Sent = requests.ask(said("Once")).await.result("sent");
    assert_eq!((again.seq, again.duplicate), (first.seq, true));
    let other = requests.ask(said("Twice")).await;
    assert_eq!((other.status, other.code()), (409, error_code::CONFLICT));
}

#[tokio::test]
async fn every_command_is_a_request() {
    let desk = Desk::start().await;
    let visitor = Requests::connect(desk.address, None, &[]).await;
    let conv = uuid();
    visitor.ask(open_command(&conv)).await;
    let feedback = Command::Feedback(Feedback {
        cmid: uuid(),
        article: "refunds".to_owned(),
        helpful: true,
        query: "money back".to_owned(),
    });
    assert_eq!(visitor.ask(feedback).await.result::<Sent>("sent").seq, 0);
    let history = Command::History(History {
        conv: conv.clone(),
        before: None,
        after: None,
        limit: 10,
    });
    let page: HistoryPage = visitor.ask(history).await.result("history");
    assert_eq!(page.events.len(), 1);
    let marked = visitor.ask(Command::Read(read(&conv, 1, 1))).await;
    assert_eq!(marked.body, json!({ "result": {} }));
    let pong = visitor.ask(Command::Ping {}).await;
    assert_eq!(pong.body, json!({ "result": { "pong": {} } }));
    let mut agent = desk.agent("mei").await;
    agent.watch(&conv).await;
    let typing = Command::Typing(Typing {
        conv: conv.clone(),
        active: true,
    });
    assert_eq!(visitor.ask(typing).await.body, json!({ "result": {} }));
    let typing = agent.socket.push(|frame| visitor_frame(frame).typing);
    assert!(typing.await.active);
    agent.resolve(&conv).await;
    let Answered { body, .. } = visitor
        .get(&format!("/v1/conversations/{conv}/events"))
        .await;
    let events = body["result"]["conversation"]["events"].as_array().unwrap();
    let invitation = &events.last().unwrap()["body"]["invitation"];
    let answer = json!({ "conv": conv, "cmid": uuid(), "response": {
        "responseId": invitation["responseId"], "surveyId": "csat", "revision": 1,
        "rating": 5, "finished": true,
    }});
    let rated = visitor.post("survey", &answer).await;
    assert_eq!(rated.status, 200, "{}", rated.body);
    let close = Command::Close(Close {
        conv: conv.clone(),
        cmid: uuid(),
    });
    assert_eq!(visitor.ask(close).await.status, 200);
    let late = Command::Send(send(&conv, &uuid(), None, "Too late"));
    let late = visitor.ask(late).await;
    assert_eq!((late.status, late.code()), (410, error_code::CLOSED));
}

#[tokio::test]
async fn a_request_without_a_good_token_is_refused() {
    let desk = Desk::start().await;
    let mut stranger = Requests::new(desk.address);
    let ping = json!({});
    let none = stranger.post("ping", &ping).await;
    assert_eq!((none.status, none.code()), (401, error_code::UNAUTHORIZED));
    stranger.token = Some("eyJub25lIn0.AAAA".to_owned());
    assert_eq!(stranger.post("ping", &ping).await.status, 401);
    let connect = connect_command("shop", None, &[])["connect"].take();
    assert_eq!(stranger.post("connect", &connect).await.status, 401);
}

#[tokio::test]
async fn a_request_from_a_page_of_another_origin_is_refused() {
    let desk = Desk::start().await;
    let mut visitor = Requests::connect(desk.address, None, &[]).await;
    for origin in [Some("https://evil.example"), None] {
        visitor.origin = origin;
        let refused = visitor.post("ping", &json!({})).await;
        assert_eq!(
            (refused.status, refused.code()),
            (403, error_code::FORBIDDEN_SITE),
            "{origin:?}"
        );
    }
}

#[tokio::test]
async fn another_visitors_conversation_is_not_found_by_any_request() {
    let desk = Desk::start().await;
    let mut owner = desk.visitor().await;
    let conv = owner.open().await.conv;
    let stranger = Requests::connect(desk.address, None, &[]).await;
    let typing = Command::Typing(Typing {
        conv: conv.clone(),
        active: true,
    });
    let said = Command::Send(send(&conv, &uuid(), None, "Intruder"));
    for attempt in [typing, said, Command::Read(read(&conv, 1, 1))] {
        let refused = stranger.ask(attempt).await;
        assert_eq!(
            (refused.status, refused.code()),
            (404, error_code::NOT_FOUND)
        );
    }
    let path = format!("/v1/conversations/{conv}/events");
    assert_eq!(stranger.get(&path).await.status, 404);
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_its_status() {
    let desk = Desk::start_limited(|limits| {
        limits.text_bytes_max = 100;
        limits.frame_bytes_max = 2_000;
    })
    .await;
    let visitor = Requests::connect(desk.address, None, &[]).await;
    let conv = uuid();
    visitor.ask(open_command(&conv)).await;
    let refused = |answered: Answered| (answered.status, answered.code().to_owned());
    let no_json = post(desk.address, "/v1/send", "", "nonsense").await;
    assert!(no_json.0.starts_with("http/1.1 400"), "{}", no_json.0);
    let no_fields = visitor.post("send", &json!({ "conv": 1 })).await;
    assert_eq!(refused(no_fields), (400, "invalid".to_owned()));
    let text = "w".repeat(101);
    let long = visitor
        .ask(Command::Send(send(&conv, &uuid(), None, &text)))
        .await;
    assert_eq!(refused(long), (413, "too_large".to_owned()));
    let longer = visitor
        .post("send", &json!({ "conv": "w".repeat(3_000) }))
        .await;
    assert_eq!(refused(longer), (413, "too_large".to_owned()));
    let early = Command::Send(send(&conv, &uuid(), Some(&uuid()), "Early"));
    assert_eq!(
        refused(visitor.ask(early).await),
        (424, "out_of_order".to_owned())
    );
    assert_eq!(visitor.post("dance", &json!({})).await.status, 404);
}

#[tokio::test]
async fn requests_that_come_too_fast_are_told_when_to_come_back() {
    let desk = Desk::start_limited(|limits| {
        limits.commands_burst = 200;
        limits.commands_per_second = 1;
    })
    .await;
    let visitor = Requests::connect(desk.address, None, &[]).await;
    let mut on_socket = desk
        .visitor_again(visitor.token.as_deref().unwrap(), vec![])
        .await;
    // The visitor's sockets share the allowance: another way in is no way round it. It grows again meanwhile,
    // but not by a burst.
    let mut taken = 0;
    let refused = loop {
        while on_socket.ask(Command::Ping {}).await.is_ok() {}
        let answered = visitor.post("ping", &json!({})).await;
        if answered.status != 200 {
            break answered;
        }
        taken += 1;
        assert!(taken < 50, "requests have an allowance of their own");
    };
    assert_eq!(
        (refused.status, refused.code()),
        (429, error_code::RATE_LIMITED)
    );
    assert!(refused.head.contains("retry-after: 1"), "{}", refused.head);
    assert_eq!(refused.body["error"]["temporary"], true);
}

#[tokio::test]
async fn a_page_of_a_site_may_ask_across_origins_and_no_other() {
    let desk = Desk::start_with(|config| config.sites.retain(|site| site.id != "open")).await;
    for (origin, allowed) in [(SHOP, true), ("https://evil.example", false)] {
        let request = format!(
            "OPTIONS /v1/send HTTP/1.1\r\nhost: {}\r\nconnection: close\r\norigin: {origin}\r\n\
             access-control-request-method: POST\r\n\
             access-control-request-headers: authorization,content-type,deskside-session\r\n\r\n",
            desk.address
        );
        let (head, _) = http(desk.address, &request).await;
        let allows = head.contains(&format!("access-control-allow-origin: {origin}"));
        assert_eq!(allows, allowed, "{head}");
        assert!(head.contains("authorization"), "{head}");
    }
    let visitor = Requests::connect(desk.address, None, &[]).await;
    let answered = visitor.post("ping", &json!({})).await;
    assert!(
        answered
            .head
            .contains("access-control-allow-origin: https://shop.example")
    );
    assert!(answered.head.contains("cache-control: no-store"));
}

#[tokio::test]
async fn a_poll_whose_answer_was_lost_is_answered_again() {
    let desk = Desk::start().await;
    let mut visitor = Requests::connect(desk.address, None, &[]).await;
    let conv = uuid();
    visitor.ask(open_command(&conv)).await;
    visitor
        .ask(Command::Send(send(&conv, &uuid(), None, "One")))
        .await;
    let lost = visitor.poll_once(20_000).await;
    visitor
        .ask(Command::Send(send(&conv, &uuid(), None, "Two")))
        .await;
    let again = visitor.poll_once(20_000).await;
    assert_eq!(lost.body, again.body);
    let mut heard = events(&visitor.poll().await);
    heard.extend(events(&visitor.poll().await));
    assert_eq!(texts(&heard), ["One", "Two"]);
}

#[tokio::test]
async fn a_poll_waits_until_there_is_something() {
    let desk = Desk::start().await;
    let mut visitor = Requests::connect(desk.address, None, &[]).await;
    let conv = uuid();
    visitor.ask(open_command(&conv)).await;
    let mut agent = desk.agent("mei").await;
    agent.watch(&conv).await;
    while visitor.poll_once(1).await.body["result"]["frames"] != json!([]) {
        visitor.poll().await;
    }
    // A place in the queue may still be told before it.
    let waiting = tokio::spawn(async move {
        loop {
            let frames = visitor.poll().await;
            assert!(!frames.is_empty(), "it came back with nothing");
            if frames.iter().any(|frame| frame.typing.is_some()) {
                break;
            }
        }
    });
    let typing = json!({ "typing": { "conv": conv, "active": true }, "id": 77 });
    while !waiting.is_finished() {
        agent.socket.write(typing.to_string()).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    waiting.await.unwrap();
}

#[tokio::test]
async fn a_new_poll_takes_the_place_of_one_that_still_waits() {
    let desk = Desk::start().await;
    let visitor = Requests::connect(desk.address, None, &[]).await;
    let session = visitor.session.clone().unwrap();
    let token = visitor.token.clone().unwrap();
    let address = desk.address;
    let waiting = tokio::spawn(async move {
        let mut same = Requests::new(address);
        (same.token, same.session) = (Some(token), Some(session));
        same.poll_once(25_000).await
    });
    while !waiting.is_finished() {
        visitor.poll_once(1).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(waiting.await.unwrap().status, 200);
}

#[tokio::test]
async fn a_session_is_its_visitors_alone() {
    let desk = Desk::start().await;
    let visitor = Requests::connect(desk.address, None, &[]).await;
    let mut thief = Requests::connect(desk.address, None, &[]).await;
    thief.session = visitor.session.clone();
    let refused = thief.poll_once(0).await;
    assert_eq!(
        (refused.status, refused.code()),
        (404, error_code::NOT_FOUND)
    );
}

#[tokio::test]
async fn a_mailbox_that_nobody_empties_ends_and_says_so() {
    let desk = Desk::start_limited(|limits| limits.queue_bytes_max = 64 * 1_024).await;
    let mut visitor = Requests::connect(desk.address, None, &[]).await;
    let mut quick = desk
        .visitor_again(visitor.token.as_deref().unwrap(), vec![])
        .await;
    let conv = quick.open().await.conv;
    for _ in 0..10 {
        quick.say(&conv, &"w".repeat(10_000)).await;
    }
    let farewell = loop {
        let frames = visitor.poll().await;
        if let Some(farewell) = frames.iter().find_map(|frame| frame.disconnect.clone()) {
            break farewell;
        }
    };
    assert_eq!(
        (farewell.code, farewell.reconnect),
        (close_code::SLOW_READER, true)
    );
    assert_eq!(
        visitor.poll_once(0).await.status,
        404,
        "the session is over"
    );
}

#[tokio::test]
async fn a_desk_that_stops_answers_the_polls_that_wait() {
    let mut desk = Desk::start().await;
    let visitor = Requests::connect(desk.address, None, &[]).await;
    let waiting = visitor.wait_in_vain().await;
    desk.stop().await;
    let answered = waiting.await;
    let disconnect = &answered.body["result"]["frames"][0]["disconnect"];
    assert_eq!(disconnect["code"], close_code::TRY_LATER);
    assert_eq!(disconnect["reconnect"], true);
}

#[tokio::test]
async fn a_poll_does_not_wait_for_its_own_body_and_a_strangers_is_not_waited_for_at_all() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let desk = Desk::start().await;
    let visitor = Requests::connect(desk.address, None, &[]).await;
    for (headers, status) in [(String::new(), "401"), (visitor.headers(), "400")] {
        let mut stream = tokio::net::TcpStream::connect(desk.address).await.unwrap();
        let head = format!(
            "POST /v1/poll HTTP/1.1\r\nhost: {}\r\ncontent-length: 90\r\n{headers}\r\n{{",
            desk.address
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        let read = stream.read_exact(&mut answer);
        tokio::time::timeout(PATIENCE, read).await.unwrap().unwrap();
        assert_eq!(&answer[9..], status.as_bytes());
    }
}

#[tokio::test]
async fn a_conversation_is_followed_by_its_cursor_alone() {
    let desk = Desk::start().await;
    let visitor = Requests::connect(desk.address, None, &[]).await;
    let conv = uuid();
    visitor.ask(open_command(&conv)).await;
    let path = format!("/v1/conversations/{conv}/events");
    let whole: SubState = visitor.get(&path).await.result("conversation");
    assert_eq!((whole.recovered, whole.top), (false, 1));
    let after = |top: u32, epoch: &str| format!("{path}?epoch={epoch}&after={top}&waitMs=20000");
    let said = Command::Send(send(&conv, &uuid(), None, "Hello?"));
    let next = after(whole.top, &whole.epoch);
    let (answered, _) = tokio::join!(visitor.get(&next), visitor.ask(said));
    let next: SubState = answered.result("conversation");
    assert!(next.recovered);
    assert_eq!(texts(&next.events), ["Hello?"]);
    let other: SubState = visitor.get(&after(2, "other")).await.result("conversation");
    assert!(!other.recovered, "another epoch: everything anew, at once");
    assert_eq!(other.events.len(), 2);
    let odd = visitor.get(&format!("{path}?after=-1")).await;
    assert_eq!((odd.status, odd.code()), (400, error_code::INVALID));
}

#[tokio::test]
async fn a_resume_by_request_brings_what_was_missed() {
    let desk = Desk::start().await;
    let mut on_socket = desk.visitor().await;
    let opened = on_socket.open().await;
    on_socket.say(&opened.conv, "Meanwhile").await;
    let mut requests = Requests::new(desk.address);
    requests.token = Some(on_socket.token.clone());
    let body = connect_command("shop", None, &[sub(&opened)])["connect"].take();
    let answered = requests.post("connect", &body).await;
    let connected: Connected = answered.result("connected");
    assert!(connected.subs[0].recovered);
    assert_eq!(texts(&connected.subs[0].events), ["Meanwhile"]);
    assert_eq!(answered.body["result"]["connected"]["token"], Value::Null);
}
