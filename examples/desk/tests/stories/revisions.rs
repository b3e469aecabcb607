//! Messages that say something else later, or nothing any more.

use crate::support::*;
use deskside::protocol::error_code;
use deskside::protocol::event::{Content, EventBody};

async fn kept(desk: &Desk, visitor: &Visitor) -> Vec<deskside::protocol::Event> {
    let again = desk.visitor_again(&visitor.token, vec![]).await;
    again.connected.subs[0].events.clone()
}

fn said(events: &[deskside::protocol::Event], seq: u32) -> Content {
    let event = events.iter().find(|event| event.seq == seq).unwrap();
    match &event.body {
        EventBody::Message(content) => content.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_edit_is_told_to_who_is_there_and_read_by_who_comes_later() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let mut agent = desk.agent("mei").await;
    let first = agent.say(&conv, "It comes on Tuseday.").await;
    let edited = agent
        .edit(&conv, first.seq, "It comes on Tuesday.")
        .await
        .unwrap();
    let event = visitor.socket.event_of("edit").await;
    assert_eq!(event.seq, edited.seq);
    let EventBody::Edit(edit) = event.body else {
        panic!("no edit")
    };
    assert_eq!((edit.seq, edit.content.edited), (first.seq, true));
    let now = said(&kept(&desk, &visitor).await, first.seq);
    assert_eq!(
        (now.text.as_str(), now.edited),
        ("It comes on Tuesday.", true)
    );
    let line = agent.inbox_line(|item| item.top == edited.seq).await;
    assert_eq!(line.preview, "It comes on Tuesday.");
}

#[tokio::test]
async fn nobody_puts_words_into_somebody_elses_mouth() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let said = visitor.say(&conv, "I want my money back").await;
    let mut mei = desk.agent("mei").await;
    let mut noor = desk.agent("noor").await;
    let own = noor.say(&conv, "Of course").await;
    for seq in [said.seq, own.seq, 1, 99] {
        let refused = mei.edit(&conv, seq, "Forged").await.unwrap_err();
        assert_eq!(refused.code, error_code::INVALID, "{seq}");
    }
}

#[tokio::test]
async fn nothing_is_left_of_a_message_that_was_taken_back() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let secret = visitor.say(&conv, "My card is 4111 1111").await;
    let mut agent = desk.agent("mei").await;
    let own = agent.say(&conv, "I read 4111 1111").await;
    agent.edit(&conv, own.seq, "I read 4111").await.unwrap();
    agent.redact(&conv, secret.seq).await.unwrap();
    let last = agent.redact(&conv, own.seq).await.unwrap();
    let refused = agent.edit(&conv, own.seq, "Back again").await.unwrap_err();
    assert_eq!(refused.code, error_code::INVALID);
    let events = kept(&desk, &visitor).await;
    assert!(said(&events, secret.seq).redacted);
    let all = serde_json::to_string(&events).unwrap();
    assert!(!all.contains("4111"), "{all}");
    let line = agent.inbox_line(|item| item.top == last.seq).await;
    assert_eq!(line.preview, "");
    // The visitor's device may not have heard that it was sent: it is the same message still.
    let again = visitor.send(&conv, &secret.cmid, None, "My card is 4111 1111");
    assert!(again.await.unwrap().duplicate);
}

#[tokio::test]
async fn a_change_that_is_sent_twice_is_one_event() {
    use deskside::protocol::agent::{AgentCommand, RedactMessage};
    use deskside::protocol::event::Redact;
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let said = visitor.say(&conv, "Oops").await;
    let mut agent = desk.agent("mei").await;
    let redact = AgentCommand::Redact(RedactMessage {
        conv,
        cmid: uuid(),
        redact: Redact { seq: said.seq },
    });
    let first = agent.ask(redact.clone()).await.unwrap().sent.unwrap();
    let again = agent.ask(redact).await.unwrap().sent.unwrap();
    assert_eq!((again.seq, again.duplicate), (first.seq, true));
}
