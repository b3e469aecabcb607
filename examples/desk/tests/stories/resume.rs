//! Coming back: all of what is missing, or the conversation anew.

use crate::support::*;
use desk::store::Store;
use deskside::protocol::Command;
use deskside::protocol::command::{History, Sub};
use deskside::protocol::reply::{HistoryPage, SubState};

async fn page(
    visitor: &mut Visitor,
    conv: &str,
    before: Option<u32>,
    after: Option<u32>,
    limit: u32,
) -> HistoryPage {
    let ask = History {
        conv: conv.to_owned(),
        before,
        after,
        limit,
    };
    visitor
        .ask(Command::History(ask))
        .await
        .unwrap()
        .history
        .unwrap()
}

fn seqs(events: &[deskside::protocol::Event]) -> Vec<u32> {
    events.iter().map(|event| event.seq).collect()
}

async fn come_back(desk: &Desk, visitor: &Visitor, sub: Sub) -> SubState {
    let again = desk.visitor_again(&visitor.token, vec![sub]).await;
    assert_eq!(again.connected.visitor, visitor.connected.visitor);
    assert_eq!(again.connected.token, None);
    assert_eq!(again.connected.subs.len(), 1);
    again.connected.subs[0].clone()
}

#[tokio::test]
async fn what_was_missed_continues_the_cursor() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let opened = visitor.open().await;
    visitor.say(&opened.conv, "One").await;
    visitor.say(&opened.conv, "Two").await;
    let state = come_back(&desk, &visitor, sub(&opened)).await;
    assert!(state.recovered);
    assert_eq!((state.top, seqs(&state.events)), (3, vec![2, 3]));
}

#[tokio::test]
async fn who_missed_nothing_gets_nothing() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let opened = visitor.open().await;
    let state = come_back(&desk, &visitor, sub(&opened)).await;
    assert!(state.recovered);
    assert_eq!(state.events, []);
}

#[tokio::test]
async fn a_cursor_past_the_log_loads_anew() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let opened = visitor.open().await;
    let ahead = Sub {
        offset: 9,
        ..sub(&opened)
    };
    let state = come_back(&desk, &visitor, ahead).await;
    assert!(!state.recovered);
    assert_eq!(seqs(&state.events), [1]);
}

#[tokio::test]
async fn a_conversation_of_another_epoch_loads_anew() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let opened = visitor.open().await;
    visitor.say(&opened.conv, "One").await;
    assert_eq!(desk.store().renew_epochs().await, Ok(1));
    let state = come_back(&desk, &visitor, sub(&opened)).await;
    assert!(!state.recovered);
    assert_ne!(state.epoch, opened.epoch);
    assert_eq!(seqs(&state.events), [1, 2]);
}

#[tokio::test]
async fn who_is_far_behind_loads_the_newest_page() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let opened = visitor.open().await;
    for at in 0..301 {
        visitor.say(&opened.conv, &format!("{at}")).await;
    }
    let state = come_back(&desk, &visitor, sub(&opened)).await;
    assert!(!state.recovered);
    assert_eq!(seqs(&state.events), (203..=302).collect::<Vec<u32>>());
    let one_nearer = Sub {
        offset: 2,
        ..sub(&opened)
    };
    let state = come_back(&desk, &visitor, one_nearer).await;
    assert!(state.recovered);
    assert_eq!(state.events.len(), 300);
}

#[tokio::test]
async fn a_device_without_a_cursor_gets_every_conversation_oldest_first() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let first = visitor.open().await.conv;
    let second = visitor.open().await.conv;
    visitor
        .say(&first, "Newer word in the older conversation")
        .await;
    let other = desk.visitor_again(&visitor.token, vec![]).await;
    let convs: Vec<&str> = other
        .connected
        .subs
        .iter()
        .map(|s| s.conv.as_str())
        .collect();
    assert_eq!(convs, [first, second]);
    assert!(other.connected.subs.iter().all(|sub| !sub.recovered));
}

#[tokio::test]
async fn only_the_fifty_that_moved_last_are_listed_and_any_that_is_named() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let oldest = visitor.open().await;
    for _ in 0..50 {
        visitor.open().await;
    }
    let listed = desk
        .visitor_again(&visitor.token, vec![])
        .await
        .connected
        .subs;
    assert_eq!(listed.len(), 50);
    assert!(listed.iter().all(|state| state.conv != oldest.conv));
    let listed = desk
        .visitor_again(&visitor.token, vec![sub(&oldest)])
        .await
        .connected
        .subs;
    assert_eq!(listed.len(), 51);
    assert_eq!(listed[0].conv, oldest.conv);
    assert!(listed[0].recovered);
    // What happened in an old one while the visitor was away is not missed, named or not.
    let mut agent = desk.agent("mei").await;
    agent.watch(&oldest.conv).await;
    agent.say(&oldest.conv, "It has come").await;
    let again = desk.visitor_again(&visitor.token, vec![]).await;
    let listed = again.connected.subs;
    assert_eq!(listed.len(), 50);
    assert_eq!(listed[0].conv, oldest.conv);
}

#[tokio::test]
async fn an_answer_is_bounded_in_bytes_and_the_rest_is_paged() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let opened = visitor.open().await;
    let long = "long ".repeat(3_000);
    for _ in 0..100 {
        visitor.say(&opened.conv, &long).await;
    }
    let state = come_back(&desk, &visitor, sub(&opened)).await;
    assert!(
        !state.recovered,
        "100 long messages are more than one answer takes"
    );
    let mut known = seqs(&state.events);
    assert_eq!(known.last(), Some(&101));
    while known[0] > 1 {
        let page = page(&mut visitor, &opened.conv, Some(known[0]), None, 300).await;
        known.splice(0..0, seqs(&page.events));
    }
    assert_eq!(known, (1..=101).collect::<Vec<u32>>());
}

#[tokio::test]
async fn history_pages_forwards_and_backwards() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    for at in 0..9 {
        visitor.say(&conv, &format!("{at}")).await;
    }
    let visitor = &mut visitor;
    assert_eq!(
        seqs(&page(visitor, &conv, None, Some(4), 3).await.events),
        [5, 6, 7]
    );
    assert_eq!(
        seqs(&page(visitor, &conv, Some(4), None, 2).await.events),
        [2, 3]
    );
    assert_eq!(
        seqs(&page(visitor, &conv, Some(7), Some(4), 300).await.events),
        [5, 6]
    );
    assert_eq!(
        seqs(&page(visitor, &conv, None, None, 2).await.events),
        [9, 10]
    );
    assert_eq!(
        seqs(&page(visitor, &conv, None, Some(10), 2).await.events),
        Vec::<u32>::new()
    );
    assert_eq!(page(visitor, &conv, None, Some(0), 0).await.events.len(), 1);
    assert_eq!(page(visitor, &conv, None, None, u32::MAX).await.top, 10);
}

#[tokio::test]
async fn nothing_is_missed_between_the_history_and_the_pushes() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let opened = visitor.open().await;
    const SAID: u32 = 600;
    let token = visitor.token.clone();
    let talk = tokio::spawn(async move {
        for at in 0..SAID {
            visitor.say(&opened.conv, &format!("{at}")).await;
        }
    });
    // Devices that come while the visitor talks: page and pushes together leave no gap.
    let mut came_meanwhile = 0;
    loop {
        let mut device = desk.visitor_again(&token, vec![]).await;
        let mut cursor = device.connected.subs[0].top;
        if cursor > SAID - 3 {
            break;
        }
        came_meanwhile += 1;
        for _ in 0..3 {
            let event = loop {
                let event = device.socket.event().await;
                if event.seq > cursor {
                    break event;
                }
            };
            assert_eq!(event.seq, cursor + 1);
            cursor = event.seq;
        }
    }
    talk.await.unwrap();
    assert!(came_meanwhile > 5, "only {came_meanwhile} devices");
}
