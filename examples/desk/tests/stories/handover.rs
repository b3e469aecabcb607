//! From one agent to another, back to the queue, and what they tell each other on the way.

use crate::support::*;
use deskside::protocol::agent::AgentCommand;
use deskside::protocol::command::History;
use deskside::protocol::event::{Event, EventBody, Lifecycle, Note, Role};
use deskside::protocol::{Command, error_code};

async fn taken(desk: &Desk) -> (Visitor, Agent, String) {
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    visitor.say(&conv, "A question").await;
    let mut mei = desk.agent("mei").await;
    mei.watch(&conv).await;
    mei.assign(&conv).await;
    (visitor, mei, conv)
}

fn kinds(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.body.kind()).collect()
}

#[tokio::test]
async fn a_conversation_is_given_to_a_colleague_with_a_note() {
    let desk = Desk::start().await;
    let (mut visitor, mut mei, conv) = taken(&desk).await;
    let mut noor = desk.agent("noor").await;
    let ids: Vec<&str> = noor
        .connected
        .colleagues
        .iter()
        .map(|colleague| colleague.agent.id.as_str())
        .collect();
    assert_eq!(ids, ["agent-mei", "agent-noor"]);
    mei.transfer(&conv, Some("agent-noor"), "Knows the carrier")
        .await
        .unwrap();
    let line = noor
        .inbox_line(|line| line.assignee.as_ref().is_some_and(|a| a.id == "agent-noor"))
        .await;
    assert_eq!(
        (line.state, line.waiting_since),
        (Lifecycle::Assigned, None)
    );
    let log = noor.watch(&conv).await.events;
    assert_eq!(
        kinds(&log[log.len() - 2..]),
        ["note", "assignment"],
        "the note is read before it"
    );
    let given = visitor.socket.push(|frame| {
        let event = visitor_frame(frame).event?;
        match event.body {
            EventBody::Assignment(agent) if agent.id == "agent-noor" => Some(agent),
            _ => None,
        }
    });
    assert_eq!(
        given.await.name,
        "noor",
        "the visitor learns who has it now"
    );
}

#[tokio::test]
async fn given_back_to_the_queue_it_waits_for_somebody_again() {
    let desk = Desk::start().await;
    let (mut visitor, mut mei, conv) = taken(&desk).await;
    mei.transfer(&conv, None, "").await.unwrap();
    let line = mei
        .inbox_line(|line| line.state == Lifecycle::Queued && line.assignee.is_none())
        .await;
    assert!(line.waiting_since.is_some());
    let place = visitor.socket.push(|frame| {
        let notice = visitor_frame(frame).queue?;
        (notice.position > 0).then_some(notice.position)
    });
    assert_eq!(place.await, 1);
}

#[tokio::test]
async fn the_same_transfer_again_gets_the_first_answer() {
    let desk = Desk::start().await;
    let (_visitor, mut mei, conv) = taken(&desk).await;
    let transfer = deskside::protocol::agent::Transfer {
        conv: conv.clone(),
        cmid: uuid(),
        to: None,
        note: "Lunch".to_owned(),
    };
    let first = mei.ask(AgentCommand::Transfer(transfer.clone())).await;
    let again = mei.ask(AgentCommand::Transfer(transfer)).await;
    let (first, again) = (first.unwrap().sent.unwrap(), again.unwrap().sent.unwrap());
    assert_eq!((again.seq, again.duplicate), (first.seq, true));
}

#[tokio::test]
async fn nobody_a_bot_and_what_is_over_are_refused() {
    let desk = Desk::start().await;
    let (_visitor, mut mei, conv) = taken(&desk).await;
    let mut bot = desk.bot("Linnet").await;
    for to in ["agent-nobody", &bot.connected.agent.id.clone()] {
        let refused = mei.transfer(&conv, Some(to), "").await.unwrap_err();
        assert_eq!(refused.code, error_code::INVALID, "{to}");
    }
    let refused = bot.transfer(&conv, None, "").await.unwrap_err();
    assert_eq!(refused.code, error_code::INVALID);
    mei.resolve(&conv).await;
    let refused = mei.transfer(&conv, None, "").await.unwrap_err();
    assert_eq!(refused.code, error_code::INVALID);
}

#[tokio::test]
async fn a_note_is_for_agents_alone_however_the_log_is_read() {
    let desk = Desk::start().await;
    let (mut visitor, mut mei, conv) = taken(&desk).await;
    let secret = "Do not refund: third time this month";
    let sent = mei.note(&conv, secret).await;
    let note = mei.socket.event_of("note").await;
    let text = secret.to_owned();
    assert_eq!(note.body, EventBody::Note(Note { text }));
    let is_bare = |event: &Event| {
        event.seq == sent.seq
            && event.cmid.is_none()
            && event.author.role == Role::System
            && event.body == EventBody::Unknown("note".to_owned())
    };
    let pushed = visitor.socket.event_of("note").await;
    assert!(
        pushed.body == EventBody::from_wire("note", &deskside::plain::Value::Null)
            && pushed.author.role == Role::System,
        "{pushed:?}"
    );
    let history = visitor.ask(Command::History(History {
        conv: conv.clone(),
        before: None,
        after: Some(0),
        limit: 100,
    }));
    let history = history.await.unwrap().history.unwrap().events;
    let again = desk.visitor_again(&visitor.token, vec![]).await;
    for log in [&history, &again.connected.subs[0].events] {
        assert!(log.iter().any(is_bare), "the log has no hole: {log:?}");
        let whole = serde_json::to_string(log).unwrap();
        assert!(!whole.contains("refund"), "{whole}");
    }
    let requests = Requests::connect(desk.address, Some(&visitor.token), &[]).await;
    let path = format!("/v1/conversations/{conv}/events?epoch=&after=0&waitMs=0");
    assert!(
        !requests
            .get(&path)
            .await
            .body
            .to_string()
            .contains("refund")
    );
}

#[tokio::test]
async fn who_only_writes_a_note_takes_no_part_for_the_visitor() {
    let desk = Desk::start().await;
    let (visitor, _mei, conv) = taken(&desk).await;
    let mut noor = desk.agent("noor").await;
    noor.note(&conv, "I know this one").await;
    let again = desk.visitor_again(&visitor.token, vec![]).await;
    let names: Vec<&str> = again.connected.subs[0]
        .participants
        .iter()
        .map(|person| person.name.as_str())
        .collect();
    assert!(!names.contains(&"noor"), "{names:?}");
}

#[tokio::test]
async fn consoles_hear_who_of_their_colleagues_is_there() {
    let desk = Desk::start().await;
    let mut mei = desk.agent("mei").await;
    let noor = desk.agent("noor").await;
    let is_there = |online: bool| {
        move |frame: &serde_json::Value| {
            let all = frame.get("colleagues")?.as_array()?.clone();
            let noor = all.iter().find(|one| one["agent"]["id"] == "agent-noor")?;
            (noor["online"] == online).then_some(())
        }
    };
    mei.socket.push(is_there(true)).await;
    drop(noor);
    mei.socket.push(is_there(false)).await;
}
