//! What an agent sees and does.

use crate::support::*;
use desk::limits::INBOX_MAX;
use deskside::protocol::agent::{AgentCommand, ConversationRef};
use deskside::protocol::command::Typing;
use deskside::protocol::event::{EventBody, Lifecycle, Role};
use deskside::protocol::reply::Receipt;
use deskside::protocol::{Command, error_code};
use serde_json::json;

async fn waiting(desk: &Desk) -> (Visitor, String) {
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    visitor.say(&conv, "A question").await;
    (visitor, conv)
}

#[tokio::test]
async fn the_inbox_tells_who_waits_where_and_with_what() {
    let desk = Desk::start().await;
    let (visitor, conv) = waiting(&desk).await;
    let agent = desk.agent("mei").await;
    let [line] = &agent.connected.inbox[..] else {
        panic!("{:?}", agent.connected.inbox)
    };
    assert_eq!(
        (line.conv.as_str(), line.site.as_str()),
        (conv.as_str(), "shop")
    );
    assert_eq!(
        line.page, "https://shop.example/tea",
        "without query and fragment"
    );
    assert_eq!(line.visitor.id, visitor.connected.visitor);
    assert_eq!(line.locale, "en-GB");
    assert_eq!(
        (line.state, line.top, line.unread),
        (Lifecycle::Queued, 2, 1)
    );
    assert_eq!(line.preview, "A question");
    assert_eq!(agent.connected.agent.name, "mei");
}

#[tokio::test]
async fn the_inbox_begins_with_what_moved_last() {
    let desk = Desk::start().await;
    let (mut visitor, first) = waiting(&desk).await;
    let (_, second) = waiting(&desk).await;
    let convs = |agent: &Agent| -> Vec<String> {
        agent
            .connected
            .inbox
            .iter()
            .map(|line| line.conv.clone())
            .collect()
    };
    assert_eq!(
        convs(&desk.agent("mei").await),
        [second.clone(), first.clone()]
    );
    visitor.say(&first, "Anybody?").await;
    assert_eq!(convs(&desk.agent("mei").await), [first, second]);
}

#[tokio::test]
async fn who_writes_after_a_clock_was_set_right_is_in_the_list_of_the_newest() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    for _ in 0..INBOX_MAX {
        visitor.open().await;
    }
    // They came while the clock was ten years ahead.
    let db = rusqlite::Connection::open(&desk.config.database).unwrap();
    let ahead = "UPDATE conversations SET updated_at = updated_at + 315360000000";
    assert_eq!(db.execute(ahead, []).unwrap(), INBOX_MAX);
    let conv = visitor.open().await.conv;
    let agent = desk.agent("mei").await;
    assert_eq!(agent.connected.inbox[0].conv, conv);
    let again = desk.visitor_again(&visitor.token, vec![]).await;
    assert!(again.connected.subs.iter().any(|sub| sub.conv == conv));
}

#[tokio::test]
async fn every_console_hears_of_a_new_conversation() {
    let desk = Desk::start().await;
    let mut mei = desk.agent("mei").await;
    let mut noor = desk.agent("noor").await;
    let (_, conv) = waiting(&desk).await;
    for agent in [&mut mei, &mut noor] {
        let line = agent.inbox_line(|line| line.unread == 1).await;
        assert_eq!(
            (line.conv, line.preview),
            (conv.clone(), "A question".to_owned())
        );
    }
}

#[tokio::test]
async fn a_long_message_is_previewed_on_one_short_line() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    visitor
        .say(&conv, &format!("first\n\n\0second {}", "长".repeat(500)))
        .await;
    let agent = desk.agent("mei").await;
    let preview = &agent.connected.inbox[0].preview;
    assert!(preview.starts_with("first second 长"), "{preview}");
    assert_eq!(preview.chars().count(), 120);
}

#[tokio::test]
async fn watching_gives_the_log_and_then_what_follows() {
    let desk = Desk::start().await;
    let (mut visitor, conv) = waiting(&desk).await;
    let mut agent = desk.agent("mei").await;
    let state = agent.watch(&conv).await;
    assert_eq!(texts(&state.events), ["A question"]);
    visitor.say(&conv, "And another").await;
    let event = agent.socket.event().await;
    assert_eq!(event.seq, state.top + 1);
}

#[tokio::test]
async fn who_watches_no_more_hears_no_more() {
    let desk = Desk::start().await;
    let (mut visitor, conv) = waiting(&desk).await;
    let mut agent = desk.agent("mei").await;
    agent.watch(&conv).await;
    let unwatch = AgentCommand::Unwatch(ConversationRef { conv: conv.clone() });
    agent.ask(unwatch).await.unwrap();
    visitor.say(&conv, "Unheard").await;
    // The inbox line is pushed after the event would have been.
    let heard = agent.socket.push(|frame| {
        let is_line = frame["inbox"]["preview"] == "Unheard";
        (is_line || frame.get("event").is_some()).then_some(is_line)
    });
    assert!(heard.await);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_watched() {
    let desk = Desk::start().await;
    let mut agent = desk.agent("mei").await;
    let watch = AgentCommand::Watch(ConversationRef { conv: uuid() });
    assert_eq!(
        agent.ask(watch).await.unwrap_err().code,
        error_code::NOT_FOUND
    );
}

#[tokio::test]
async fn who_answers_first_takes_the_conversation_and_the_visitor_learns_the_name() {
    let desk = Desk::start().await;
    let (mut visitor, conv) = waiting(&desk).await;
    let mut agent = desk.agent("mei").await;
    agent.say(&conv, "An answer").await;
    let assignment = visitor.socket.event_of("assignment").await;
    let EventBody::Assignment(assignee) = &assignment.body else {
        panic!("{assignment:?}")
    };
    assert_eq!(
        (assignee.role, assignee.name.as_str()),
        (Role::Agent, "mei")
    );
    let state = visitor.socket.event().await;
    assert_eq!(state.body, EventBody::State(Lifecycle::Assigned));
    let message = visitor.socket.event().await;
    assert_eq!(
        (message.author.role, &message.author.id),
        (Role::Agent, &assignee.id)
    );
    let stands = visitor.open_as(&conv).await.unwrap();
    assert_eq!(stands.state, Lifecycle::Assigned);
    assert!(stands.participants.contains(assignee));
}

#[tokio::test]
async fn a_second_agent_who_answers_takes_it_over() {
    let desk = Desk::start().await;
    let (mut visitor, conv) = waiting(&desk).await;
    desk.agent("mei").await.say(&conv, "One moment").await;
    visitor.socket.event_of("assignment").await;
    let mut noor = desk.agent("noor").await;
    noor.say(&conv, "I know that").await;
    let EventBody::Assignment(assignee) = visitor.socket.event_of("assignment").await.body else {
        unreachable!()
    };
    assert_eq!(assignee.name, "noor");
    let line = desk.agent("mei").await.connected.inbox.remove(0);
    assert_eq!(line.assignee, Some(assignee));
}

#[tokio::test]
async fn taking_over_what_one_has_is_done_already() {
    let desk = Desk::start().await;
    let (_visitor, conv) = waiting(&desk).await;
    let mut agent = desk.agent("mei").await;
    let first = agent.assign(&conv).await;
    let again = agent.assign(&conv).await;
    assert_eq!((first.duplicate, again.duplicate), (false, true));
    assert_eq!(again.seq, first.seq);
}

#[tokio::test]
async fn an_agents_message_is_said_once_however_often_it_is_sent() {
    let desk = Desk::start().await;
    let (_visitor, conv) = waiting(&desk).await;
    let mut agent = desk.agent("mei").await;
    let cmid = uuid();
    let command = AgentCommand::Send(send(&conv, &cmid, None, "An answer"));
    let first = agent.ask(command.clone()).await.unwrap().sent.unwrap();
    let again = agent.ask(command).await.unwrap().sent.unwrap();
    assert_eq!((again.seq, again.duplicate), (first.seq, true));
    let other = AgentCommand::Send(send(&conv, &cmid, None, "Another"));
    assert_eq!(
        agent.ask(other).await.unwrap_err().code,
        error_code::CONFLICT
    );
}

#[tokio::test]
async fn resolving_what_is_resolved_is_done_already_and_invites_no_second_time() {
    let desk = Desk::start().await;
    let (mut visitor, conv) = waiting(&desk).await;
    let mut mei = desk.agent("mei").await;
    let first = mei.resolve(&conv).await;
    let again = desk.agent("noor").await.resolve(&conv).await;
    assert_eq!((again.seq, again.duplicate), (first.seq, true));
    let stands = visitor.open_as(&conv).await.unwrap();
    let kinds: Vec<&str> = stands
        .events
        .iter()
        .map(|event| event.body.kind())
        .collect();
    assert_eq!(kinds, ["state", "message", "state", "invitation"]);
}

#[tokio::test]
async fn a_new_message_reopens_a_resolved_conversation_for_the_same_agent() {
    let desk = Desk::start().await;
    let (mut visitor, conv) = waiting(&desk).await;
    let mut agent = desk.agent("mei").await;
    agent.say(&conv, "An answer").await;
    agent.resolve(&conv).await;
    let sent = visitor.say(&conv, "It came back").await;
    let stands = visitor.open_as(&conv).await.unwrap();
    assert_eq!(stands.state, Lifecycle::Reopened);
    let reopened = &stands.events[stands.events.len() - 2];
    assert_eq!(reopened.body, EventBody::State(Lifecycle::Reopened));
    assert_eq!(reopened.seq + 1, sent.seq);
    let line = agent
        .inbox_line(|line| line.state == Lifecycle::Reopened)
        .await;
    assert_eq!(line.assignee.unwrap().name, "mei");
    agent.say(&conv, "Let us see").await;
    assert_eq!(
        visitor.open_as(&conv).await.unwrap().state,
        Lifecycle::Assigned
    );
}

#[tokio::test]
async fn a_last_word_of_the_agent_does_not_reopen() {
    let desk = Desk::start().await;
    let (mut visitor, conv) = waiting(&desk).await;
    let mut agent = desk.agent("mei").await;
    agent.say(&conv, "An answer").await;
    agent.resolve(&conv).await;
    agent.say(&conv, "Have a nice day").await;
    assert_eq!(
        visitor.open_as(&conv).await.unwrap().state,
        Lifecycle::Resolved
    );
}

#[tokio::test]
async fn the_visitor_learns_how_far_the_agent_has_read_and_the_inbox_counts_down() {
    let desk = Desk::start().await;
    let (mut visitor, conv) = waiting(&desk).await;
    visitor.say(&conv, "And another").await;
    let mut agent = desk.agent("mei").await;
    assert_eq!(agent.connected.inbox[0].unread, 2);
    agent.mark(&conv, 3, 2).await;
    let receipt = visitor.socket.push(|frame| visitor_frame(frame).read).await;
    let marks = read(&conv, 3, 2).marks;
    assert_eq!(
        receipt,
        Receipt {
            conv: conv.clone(),
            by: Role::Agent,
            marks
        }
    );
    assert_eq!(
        agent
            .inbox_line(|line| line.agent_marks.read_seq == 2)
            .await
            .unread,
        1
    );
    agent.mark(&conv, 3, 3).await;
    assert_eq!(
        agent
            .inbox_line(|line| line.agent_marks.read_seq == 3)
            .await
            .unread,
        0
    );
}

#[tokio::test]
async fn the_agent_and_the_visitors_other_device_learn_how_far_the_visitor_has_read() {
    let desk = Desk::start().await;
    let (mut visitor, conv) = waiting(&desk).await;
    let mut agent = desk.agent("mei").await;
    agent.watch(&conv).await;
    let mut other = desk.visitor_again(&visitor.token, vec![]).await;
    visitor.mark(&conv, 2, 1).await;
    let marks = read(&conv, 2, 1).marks;
    for socket in [&mut agent.socket, &mut other.socket] {
        let receipt = socket.push(|frame| visitor_frame(frame).read).await;
        assert_eq!((receipt.by, receipt.marks), (Role::Visitor, marks));
    }
}

#[tokio::test]
async fn each_side_sees_the_other_typing() {
    let desk = Desk::start().await;
    let (mut visitor, conv) = waiting(&desk).await;
    let mut agent = desk.agent("mei").await;
    agent.watch(&conv).await;
    let typing = Typing {
        conv: conv.clone(),
        active: true,
    };
    let frame = json!({ "id": 50, "typing": typing }).to_string();
    agent.socket.write(frame.clone()).await;
    let seen = visitor
        .socket
        .push(|frame| visitor_frame(frame).typing)
        .await;
    assert_eq!(
        (seen.conv.as_str(), seen.by.name.as_str(), seen.active),
        (conv.as_str(), "mei", true)
    );
    visitor.socket.write(frame).await;
    let seen = agent.socket.push(|frame| visitor_frame(frame).typing).await;
    assert_eq!(
        (seen.by.role, &seen.by.id),
        (Role::Visitor, &visitor.connected.visitor)
    );
}

#[tokio::test]
async fn visitors_learn_when_agents_come_and_go() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    assert_eq!(visitor.connected.availability.agents_online, 0);
    let online = |frame: &serde_json::Value| Some(visitor_frame(frame).availability?.agents_online);
    let mei = desk.agent("mei").await;
    assert_eq!(visitor.socket.push(online).await, 1);
    let noor = desk.agent("noor").await;
    assert_eq!(visitor.socket.push(online).await, 2);
    drop(mei);
    assert_eq!(visitor.socket.push(online).await, 1);
    drop(noor);
    assert_eq!(visitor.socket.push(online).await, 0);
    assert_eq!(desk.visitor().await.connected.availability.agents_online, 0);
}

#[tokio::test]
async fn an_agent_with_two_consoles_counts_once() {
    let desk = Desk::start().await;
    let token = desk.agent_token("mei").await;
    let _first = Agent::connect(desk.address, token.clone()).await;
    let _second = Agent::connect(desk.address, token).await;
    let _noor = desk.agent("noor").await;
    let mut visitor = desk.visitor().await;
    while visitor.connected.availability.agents_online < 2 {
        visitor = desk.visitor().await;
    }
    assert_eq!(visitor.connected.availability.agents_online, 2);
}

#[tokio::test]
async fn a_console_that_reloads_is_no_absence() {
    let desk = Desk::start_limited(|limits| limits.agent_leave_grace_ms = 4_000).await;
    let mut visitor = desk.visitor().await;
    let online = |frame: &serde_json::Value| Some(visitor_frame(frame).availability?.agents_online);
    let [mei, noor] = [
        desk.agent_token("mei").await,
        desk.agent_token("noor").await,
    ];
    let agent = Agent::connect(desk.address, mei.clone()).await;
    assert_eq!(visitor.socket.push(online).await, 1);
    drop(agent);
    let _again = Agent::connect(desk.address, mei).await;
    let _noor = Agent::connect(desk.address, noor).await;
    assert_eq!(visitor.socket.push(online).await, 2, "0 was never told");
}

#[tokio::test]
async fn a_visitors_command_is_unknown_to_an_agents_session() {
    let desk = Desk::start().await;
    let mut agent = desk.agent("mei").await;
    let open = Command::Close(deskside::protocol::command::Close {
        conv: uuid(),
        cmid: uuid(),
    });
    let answer = agent.socket.ask(open).await;
    assert_eq!(answer["error"]["code"], error_code::UNKNOWN_COMMAND);
}
