//! Nothing lost, nothing twice, everything in order.

use crate::support::*;
use deskside::protocol::command::{Close, Feedback, History};
use deskside::protocol::event::{EventBody, Lifecycle, Role};
use deskside::protocol::{Command, error_code};

async fn history(visitor: &mut Visitor, conv: &str) -> Vec<deskside::protocol::Event> {
    let ask = Command::History(History {
        conv: conv.to_owned(),
        before: None,
        after: Some(0),
        limit: 300,
    });
    visitor.ask(ask).await.unwrap().history.unwrap().events
}

#[tokio::test]
async fn a_new_conversation_waits_for_an_agent() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let opened = visitor.open().await;
    assert_eq!(opened.state, Lifecycle::Queued);
    assert_eq!(opened.top, 1);
    assert_eq!(opened.events[0].body, EventBody::State(Lifecycle::Queued));
    assert_eq!(opened.participants.len(), 1);
    assert_eq!(opened.participants[0].id, visitor.connected.visitor);
}

#[tokio::test]
async fn a_message_is_answered_with_its_place_in_the_log_and_echoed_to_its_sender() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let opened = visitor.open().await;
    let cmid = uuid();
    let sent = visitor
        .send(&opened.conv, &cmid, None, "Hello")
        .await
        .unwrap();
    assert_eq!((sent.seq, sent.duplicate), (2, false));
    assert_eq!((sent.conv, sent.epoch), (opened.conv, opened.epoch));
    let event = visitor.socket.event().await;
    assert_eq!(event.seq, 2);
    assert_eq!(event.cmid, Some(cmid));
    assert_eq!(event.author.role, Role::Visitor);
    assert_eq!(event.ts, sent.ts);
}

#[tokio::test]
async fn the_same_message_again_gets_the_first_answer_and_is_not_said_twice() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let cmid = uuid();
    let first = visitor.send(&conv, &cmid, None, "Once").await.unwrap();
    visitor.say(&conv, "Between").await;
    let again = visitor.send(&conv, &cmid, None, "Once").await.unwrap();
    assert!(again.duplicate);
    assert_eq!((again.seq, again.ts), (first.seq, first.ts));
    let events = history(&mut visitor, &conv).await;
    assert_eq!(texts(&events), ["Once", "Between"]);
}

#[tokio::test]
async fn deduplication_survives_a_restart() {
    let mut desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let cmid = uuid();
    let first = visitor.send(&conv, &cmid, None, "Once").await.unwrap();
    desk.stop().await;
    desk.start_again().await;
    let mut visitor = desk.visitor_again(&visitor.token, vec![]).await;
    let again = visitor.send(&conv, &cmid, None, "Once").await.unwrap();
    assert!(again.duplicate);
    assert_eq!(again.seq, first.seq);
}

#[tokio::test]
async fn a_message_is_known_again_after_a_year_offline() {
    const YEAR_MS: u64 = 365 * 24 * 60 * 60 * 1_000;
    let mut desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let cmid = uuid();
    let first = visitor.send(&conv, &cmid, None, "Once").await.unwrap();
    desk.stop().await;
    let db = rusqlite::Connection::open(&desk.config.database).unwrap();
    for long_ago in [
        "UPDATE events SET ts = ts - ?1",
        "UPDATE conversations SET created_at = created_at - ?1, updated_at = updated_at - ?1",
    ] {
        assert!(db.execute(long_ago, [YEAR_MS]).unwrap() > 0);
    }
    drop(db);
    desk.start_again().await;
    let mut visitor = desk.visitor_again(&visitor.token, vec![]).await;
    let again = visitor.send(&conv, &cmid, None, "Once").await.unwrap();
    assert!(again.duplicate);
    assert_eq!((again.seq, again.ts), (first.seq, first.ts - YEAR_MS));
    let next = visitor.send(&conv, &uuid(), Some(&cmid), "And on").await;
    assert_eq!(next.unwrap().seq, first.seq + 1);
}

#[tokio::test]
async fn the_same_cmid_with_another_text_is_a_conflict_and_overwrites_nothing() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let cmid = uuid();
    visitor.send(&conv, &cmid, None, "First").await.unwrap();
    let error = visitor
        .send(&conv, &cmid, None, "Second")
        .await
        .unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.temporary),
        (error_code::CONFLICT, false)
    );
    let events = history(&mut visitor, &conv).await;
    assert_eq!(texts(&events), ["First"]);
}

#[tokio::test]
async fn the_same_cmid_for_another_command_is_a_conflict() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let cmid = uuid();
    visitor.send(&conv, &cmid, None, "First").await.unwrap();
    let close = Close { conv, cmid };
    let error = visitor.ask(Command::Close(close)).await.unwrap_err();
    assert_eq!(error.code, error_code::CONFLICT);
}

#[tokio::test]
async fn two_visitors_may_use_the_same_cmid() {
    let desk = Desk::start().await;
    let cmid = uuid();
    for _ in 0..2 {
        let mut visitor = desk.visitor().await;
        let conv = visitor.open().await.conv;
        let sent = visitor.send(&conv, &cmid, None, "Mine").await.unwrap();
        assert!(!sent.duplicate);
    }
}

#[tokio::test]
async fn a_message_whose_predecessor_is_missing_waits_for_it() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let (first, second) = (uuid(), uuid());
    let error = visitor
        .send(&conv, &second, Some(&first), "Two")
        .await
        .unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.temporary),
        (error_code::OUT_OF_ORDER, true)
    );
    visitor.send(&conv, &first, None, "One").await.unwrap();
    visitor
        .send(&conv, &second, Some(&first), "Two")
        .await
        .unwrap();
    let events = history(&mut visitor, &conv).await;
    assert_eq!(texts(&events), ["One", "Two"]);
}

#[tokio::test]
async fn the_log_is_dense_when_several_devices_and_agents_write_at_once() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let mut writers = tokio::task::JoinSet::new();
    for device in 0..4 {
        let mut visitor = desk.visitor_again(&visitor.token, vec![]).await;
        let conv = conv.clone();
        writers.spawn(async move {
            for message in 0..25 {
                visitor
                    .say(&conv, &format!("device {device} message {message}"))
                    .await;
            }
        });
    }
    let mut agent = desk.agent("mei").await;
    for message in 0..25 {
        agent.say(&conv, &format!("agent message {message}")).await;
    }
    writers.join_all().await;
    let events = history(&mut visitor, &conv).await;
    let seqs: Vec<u32> = events.iter().map(|event| event.seq).collect();
    // 1 is `queued`; the agent's first answer adds `assignment` and `state`.
    let expected: Vec<u32> = (1..=1 + 125 + 2).collect();
    assert_eq!(seqs, expected);
    assert_eq!(texts(&events).len(), 125);
}

#[tokio::test]
async fn pushes_arrive_in_the_order_of_the_log() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let mut other = desk.visitor_again(&visitor.token, vec![]).await;
    let mut agent = desk.agent("mei").await;
    agent.watch(&conv).await;
    for at in 0..50 {
        visitor.say(&conv, &format!("{at}")).await;
    }
    for seq in 2..52 {
        assert_eq!(other.socket.event().await.seq, seq);
        assert_eq!(agent.socket.event().await.seq, seq);
    }
}

#[tokio::test]
async fn text_of_every_kind_comes_back_as_it_was() {
    let hostile = [
        "汉字 and emoji 👩🏽‍🚀",
        "a NUL \0 in the middle",
        "<img src=x onerror=alert(1)>",
        "'; DROP TABLE events; --",
        "\u{202e}bidi\u{2066} and zero\u{200b}width",
        "line one\nline two\r\n\ttab",
        "{{template}} ${expression} %s \\ \" '",
        "\u{fffd}\u{ffff}\u{10ffff}",
    ];
    let long = format!("e{}", "\u{301}".repeat(8_000));
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    for text in hostile.into_iter().chain([long.as_str()]) {
        visitor.say(&conv, text).await;
    }
    let events = history(&mut visitor, &conv).await;
    let mut expected = hostile.to_vec();
    expected.push(&long);
    assert_eq!(texts(&events), expected);
}

#[tokio::test]
async fn a_text_of_the_greatest_length_is_taken_and_one_byte_more_is_refused() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let max = visitor.connected.limits.text_bytes_max as usize;
    // Each of these takes six bytes in JSON.
    visitor.say(&conv, &"\u{1}".repeat(max)).await;
    let error = visitor
        .send(&conv, &uuid(), None, &"a".repeat(max + 1))
        .await
        .unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.temporary),
        (error_code::TOO_LARGE, false)
    );
}

#[tokio::test]
async fn a_message_without_a_word_is_refused() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    for text in ["", "  \n\t"] {
        let error = visitor.send(&conv, &uuid(), None, text).await.unwrap_err();
        assert_eq!(error.code, error_code::INVALID);
    }
}

#[tokio::test]
async fn opening_twice_gives_the_conversation_as_it_stands() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    visitor.say(&conv, "Hello").await;
    let again = visitor.open_as(&conv).await.unwrap();
    assert_eq!(again.top, 2);
    assert_eq!(texts(&again.events), ["Hello"]);
}

#[tokio::test]
async fn a_conversation_begun_on_one_device_appears_on_the_other() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let mut other = desk.visitor_again(&visitor.token, vec![]).await;
    let opened = visitor.open().await;
    let pushed = other
        .socket
        .push(|frame| visitor_frame(frame).conversation)
        .await;
    assert_eq!(pushed, opened);
    visitor.say(&opened.conv, "Hello").await;
    assert_eq!(other.socket.event().await.seq, 2);
}

#[tokio::test]
async fn a_closed_conversation_takes_no_message_but_still_knows_those_it_took() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let cmid = uuid();
    visitor.send(&conv, &cmid, None, "Hello").await.unwrap();
    let close = Command::Close(Close {
        conv: conv.clone(),
        cmid: uuid(),
    });
    let closed = visitor.ask(close.clone()).await.unwrap().sent.unwrap();
    assert_eq!(closed.seq, 3);
    assert!(visitor.ask(close).await.unwrap().sent.unwrap().duplicate);
    let error = visitor
        .send(&conv, &uuid(), None, "Too late")
        .await
        .unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.temporary),
        (error_code::CLOSED, false)
    );
    assert!(
        visitor
            .send(&conv, &cmid, None, "Hello")
            .await
            .unwrap()
            .duplicate
    );
}

#[tokio::test]
async fn closing_what_is_closed_is_done_already() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    for (duplicate, cmid) in [(false, uuid()), (true, uuid())] {
        let close = Close {
            conv: conv.clone(),
            cmid,
        };
        let sent = visitor
            .ask(Command::Close(close))
            .await
            .unwrap()
            .sent
            .unwrap();
        assert_eq!((sent.seq, sent.duplicate), (2, duplicate));
    }
}

#[tokio::test]
async fn feedback_is_kept_once() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let mut feedback = Feedback {
        cmid: uuid(),
        article: "returns".to_owned(),
        helpful: true,
        query: "send back".to_owned(),
    };
    for duplicate in [false, true] {
        let sent = visitor
            .ask(Command::Feedback(feedback.clone()))
            .await
            .unwrap()
            .sent
            .unwrap();
        assert_eq!((sent.seq, sent.duplicate), (0, duplicate));
    }
    feedback.helpful = false;
    let error = visitor.ask(Command::Feedback(feedback)).await.unwrap_err();
    assert_eq!(error.code, error_code::CONFLICT);
}

#[tokio::test]
async fn marks_never_move_backwards_nor_past_the_log() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    visitor.say(&conv, "One").await;
    visitor.say(&conv, "Two").await;
    visitor.mark(&conv, 2, 2).await;
    visitor.mark(&conv, 1, 0).await;
    let stands = desk
        .visitor_again(&visitor.token, vec![])
        .await
        .connected
        .subs
        .remove(0);
    assert_eq!(
        (
            stands.visitor_marks.delivered_seq,
            stands.visitor_marks.read_seq
        ),
        (2, 2)
    );
    visitor.mark(&conv, 0, u32::MAX).await;
    let stands = desk
        .visitor_again(&visitor.token, vec![])
        .await
        .connected
        .subs
        .remove(0);
    assert_eq!(
        (
            stands.visitor_marks.delivered_seq,
            stands.visitor_marks.read_seq
        ),
        (3, 3)
    );
}

#[tokio::test]
async fn marks_survive_a_restart() {
    let mut desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    visitor.mark(&conv, 1, 1).await;
    desk.stop().await;
    desk.start_again().await;
    let visitor = desk.visitor_again(&visitor.token, vec![]).await;
    assert_eq!(visitor.connected.subs[0].visitor_marks.read_seq, 1);
}

#[tokio::test]
async fn a_visitor_has_so_many_conversations_and_no_more() {
    let desk = Desk::start_limited(|limits| limits.conversations_per_visitor_max = 2).await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    visitor.open().await;
    let error = visitor.open_as(&uuid()).await.unwrap_err();
    assert_eq!(error.code, error_code::TOO_MANY);
    assert!(visitor.open_as(&conv).await.is_ok(), "one that is there");
}
