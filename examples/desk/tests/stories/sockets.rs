//! Sockets that are slow, silent, too many, or told to go.

use crate::support::*;
use desk::limits::STOP_MS_MAX;
use deskside::protocol::command::History;
use deskside::protocol::{Command, ServerFrame, close_code, error_code};
use futures_util::SinkExt;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn a_slow_reader_is_ended_and_resumes_without_loss() {
    let desk = Desk::start_limited(|limits| limits.queue_bytes_max = 128 * 1_024).await;
    let mut slow = desk.visitor().await;
    let opened = slow.open().await;
    let mut quick = desk.visitor_again(&slow.token, vec![]).await;
    let long = "w".repeat(16_000);
    // Far more than the queue and both kernels' buffers take, while `slow` reads nothing.
    let said = 1_200;
    for _ in 0..said {
        quick.say(&opened.conv, &long).await;
    }
    let mut read = 0;
    let code = loop {
        match slow.socket.next().await {
            Ok(_) => read += 1,
            Err(code) => break code,
        }
    };
    // Who does not read the goodbye either, for two seconds, is cut off.
    assert!([close_code::SLOW_READER, 1006].contains(&code), "{code}");
    assert!(read < said, "{read} of {said}");
    let again = desk.visitor_again(&slow.token, vec![sub(&opened)]).await;
    assert_eq!(again.connected.subs[0].top, said + 1);
}

#[tokio::test]
async fn a_reader_that_does_not_read_its_answers_is_not_listened_to() {
    let desk = Desk::start_limited(|limits| limits.queue_bytes_max = 128 * 1_024).await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    for _ in 0..60 {
        visitor.say(&conv, &"w".repeat(16_000)).await;
    }
    let ask = Command::History(History {
        conv,
        before: None,
        after: None,
        limit: 60,
    });
    let mut frame = serde_json::to_value(ask).unwrap();
    for id in 1_000..1_050 {
        frame["id"] = id.into();
        visitor.socket.write(frame.to_string()).await;
    }
    // Some 45 MB of answers in all: none is lost, however late they are read.
    tokio::time::sleep(Duration::from_millis(300)).await;
    for id in 1_000..1_050 {
        let answer = visitor.socket.answer(id).await;
        assert!(
            answer["result"]["history"]["events"]
                .as_array()
                .unwrap()
                .len()
                > 50
        );
    }
}

#[tokio::test]
async fn a_silent_socket_is_closed_within_two_ping_intervals_and_one_that_pings_is_not() {
    let desk = Desk::start_limited(|limits| limits.ping_interval_ms = 2_000).await;
    let mut lively = desk.visitor().await;
    let began = Instant::now();
    let mut silent = desk.visitor().await;
    assert_eq!(silent.connected.ping_interval_ms, 2_000);
    let mut closed = std::pin::pin!(silent.socket.closed());
    let code = loop {
        tokio::select! {
            code = &mut closed => break code,
            () = tokio::time::sleep(Duration::from_millis(100)) => {}
        }
        lively.ask(Command::Ping {}).await.unwrap();
    };
    assert_eq!(code, close_code::TRY_LATER);
    assert!(
        began.elapsed() >= Duration::from_millis(3_900),
        "not before"
    );
    lively.ask(Command::Ping {}).await.unwrap();
}

#[tokio::test]
async fn an_address_has_so_many_sockets_and_gets_them_back() {
    let desk = Desk::start_limited(|limits| limits.sockets_per_address_max = 2).await;
    let first = desk.visitor().await;
    let _second = desk.visitor().await;
    let url = format!("ws://{}/v1/socket", desk.address);
    let third = tokio_tungstenite::connect_async(&url).await;
    assert!(third.unwrap_err().to_string().contains("429"));
    drop(first);
    while tokio_tungstenite::connect_async(&url).await.is_err() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn the_address_behind_a_proxy_is_the_one_that_the_proxy_names() {
    let desk = Desk::start_with(|config| {
        config.forwarded_for = true;
        config.limits.logins_per_minute = 1;
    })
    .await;
    let body = json!({ "email": "nobody@desk.example", "password": "x" }).to_string();
    let mut statuses = Vec::new();
    for forwarded in ["192.0.2.1", "192.0.2.1", "6.6.6.6, 192.0.2.1", "192.0.2.2"] {
        let headers = format!("content-type: application/json\r\nx-forwarded-for: {forwarded}\r\n");
        let (head, _) = post(desk.address, "/v1/agent/login", &headers, &body).await;
        statuses.push(head[9..12].to_owned());
    }
    assert_eq!(statuses, ["401", "429", "429", "401"]);
}

#[tokio::test]
async fn commands_that_come_too_fast_are_told_when_to_come_back() {
    let desk = Desk::start_limited(|limits| {
        limits.commands_burst = 3;
        limits.commands_per_second = 5;
    })
    .await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let cmid = uuid();
    let mut refusals = 0;
    let sent = loop {
        visitor.ask(Command::Ping {}).await.ok();
        match visitor.send(&conv, &cmid, None, "Hello").await {
            Ok(sent) if refusals > 0 => break sent,
            Ok(_) => {}
            Err(error) => {
                assert_eq!(
                    (error.code.as_str(), error.temporary),
                    (error_code::RATE_LIMITED, true)
                );
                let wait_ms = error.retry_after_ms.unwrap();
                assert!((1..=200).contains(&wait_ms), "{wait_ms}");
                refusals += 1;
                tokio::time::sleep(Duration::from_millis(2 * u64::from(wait_ms) + 50)).await;
            }
        }
    };
    assert_eq!(sent.seq, 2);
}

#[tokio::test]
async fn an_address_has_an_allowance_of_its_own_whoever_asks_from_it() {
    let desk = Desk::start_limited(|limits| {
        limits.commands_burst_per_address = 10;
        limits.commands_per_second_per_address = 1;
    })
    .await;
    let mut visitors = Vec::new();
    // To sign in counts as well.
    for _ in 0..4 {
        visitors.push(desk.visitor().await);
    }
    let refused = 'refused: loop {
        for visitor in &mut visitors {
            if let Err(error) = visitor.ask(Command::Ping {}).await {
                break 'refused error;
            }
        }
    };
    assert_eq!(
        (refused.code.as_str(), refused.temporary),
        (error_code::RATE_LIMITED, true)
    );
    let newcomer = Requests::new(desk.address);
    let connect = connect_command("shop", None, &[])["connect"].take();
    // Each takes what has grown meanwhile, and never ten at once.
    let mut taken = 0;
    while newcomer.post("connect", &connect).await.status != 429 {
        taken += 1;
        assert!(taken < 10, "a newcomer has an allowance of their own");
    }
}

#[tokio::test]
async fn sessions_without_a_socket_count_like_sockets() {
    let desk = Desk::start_limited(|limits| limits.sockets_per_address_max = 2).await;
    let _first = Requests::connect(desk.address, None, &[]).await;
    let _second = desk.visitor().await;
    let third = Requests::new(desk.address);
    let connect = connect_command("shop", None, &[])["connect"].take();
    let refused = third.post("connect", &connect).await;
    assert_eq!(
        (refused.status, refused.code()),
        (429, error_code::RATE_LIMITED)
    );
    assert!(refused.head.contains("retry-after: 5"), "{}", refused.head);
}

#[tokio::test]
async fn who_never_waits_is_sent_away() {
    let desk = Desk::start_limited(|limits| {
        limits.commands_burst = 1;
        limits.commands_per_second = 1;
    })
    .await;
    let mut visitor = desk.visitor().await;
    let flood = tokio::spawn(async move {
        for id in 0..3_000 {
            let ping = Message::text(format!("{{\"id\":{id},\"ping\":{{}}}}"));
            if visitor.socket.stream.send(ping).await.is_err() {
                break;
            }
        }
        visitor.socket.closed().await
    });
    assert_eq!(flood.await.unwrap(), close_code::TRY_LATER);
}

#[tokio::test]
async fn a_desk_that_stops_says_so_and_its_visitors_come_back_to_everything() {
    let mut desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let opened = visitor.open().await;
    visitor.say(&opened.conv, "Before").await;
    let mut agent = desk.agent("mei").await;
    let began = Instant::now();
    desk.stop().await;
    assert!(
        began.elapsed() < Duration::from_millis(STOP_MS_MAX),
        "it waits no longer than for those who do not answer: {:?}",
        began.elapsed()
    );
    let farewell = visitor
        .socket
        .push(|frame| visitor_frame(frame).disconnect)
        .await;
    assert_eq!(
        (farewell.code, farewell.reconnect),
        (close_code::TRY_LATER, true)
    );
    assert!(farewell.retry_after_ms.is_some_and(|wait_ms| wait_ms > 0));
    assert_eq!(visitor.socket.closed().await, close_code::TRY_LATER);
    assert_eq!(agent.socket.closed().await, close_code::TRY_LATER);
    desk.start_again().await;
    let again = desk.visitor_again(&visitor.token, vec![sub(&opened)]).await;
    assert_eq!(texts(&again.connected.subs[0].events), ["Before"]);
}

#[tokio::test]
async fn a_desk_that_stops_gives_each_of_its_clients_a_time_of_its_own_to_come_back() {
    let mut desk = Desk::start().await;
    let mut on_sockets = Vec::new();
    for _ in 0..30 {
        on_sockets.push(desk.visitor().await);
    }
    let mut by_requests = Vec::new();
    for _ in 0..10 {
        by_requests.push(Requests::connect(desk.address, None, &[]).await);
    }
    let waiting = by_requests.iter().map(Requests::wait_in_vain);
    let waiting = futures_util::future::join_all(waiting).await;
    let polls = futures_util::future::join_all(waiting);
    let (polled, ()) = tokio::join!(polls, desk.stop());
    let mut times = Vec::new();
    for answered in polled {
        let frames: Vec<ServerFrame> = answered.result("frames");
        times.extend(frames.into_iter().filter_map(|frame| frame.disconnect));
    }
    for mut visitor in on_sockets {
        let farewell = visitor.socket.push(|frame| visitor_frame(frame).disconnect);
        times.push(farewell.await);
    }
    assert_eq!(times.len(), 40);
    let mut times: Vec<u32> = times
        .into_iter()
        .filter_map(|farewell| farewell.retry_after_ms)
        .collect();
    times.sort_unstable();
    times.dedup();
    assert!(times.len() > 30, "{times:?}");
    let span = times[times.len() - 1] - times[0];
    assert!(
        (60..120).contains(&span),
        "forty clients, so many ms: {span}"
    );
}

#[tokio::test]
async fn who_signs_in_too_often_from_one_address_is_told_when_to_come_back() {
    let desk = Desk::start_limited(|limits| {
        limits.commands_per_second_per_address = 1;
        limits.commands_burst_per_address = 3;
    })
    .await;
    let connects = [
        ("/v1/socket", Some(SHOP), connect_command("shop", None, &[])),
        (
            "/v1/agent/socket",
            None,
            json!({ "connect": { "version": 1, "token": "guessed" } }),
        ),
    ];
    for (path, origin, connect) in connects {
        let mut refused = None;
        for _ in 0..10 {
            let mut socket = Socket::open(desk.address, path, origin).await;
            let answer = socket.ask(&connect).await;
            if answer["error"]["code"] == error_code::RATE_LIMITED {
                assert_eq!(socket.closed().await, close_code::TRY_LATER);
                refused = answer["error"]["retryAfterMs"].as_u64();
                break;
            }
        }
        assert!(refused.is_some_and(|ms| ms > 0), "{path}");
    }
}
