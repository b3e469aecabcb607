//! Programs that answer, and how a person takes over from one.

use crate::support::*;
use deskside::protocol::agent::AgentCommand;
use deskside::protocol::event::{EventBody, Lifecycle, Participant, Role};
use deskside::protocol::reply::Delta;
use deskside::protocol::{Command, error_code};

fn delta(conv: &str, id: &str, text: &str) -> AgentCommand {
    AgentCommand::Delta(Delta {
        conv: conv.to_owned(),
        id: id.to_owned(),
        by: Participant {
            role: Role::Agent,
            id: "agent-mei".to_owned(),
            name: "Mei".to_owned(),
            avatar: None,
        },
        text: text.to_owned(),
    })
}

/// `delta` and `typing` have no answer.
async fn tell(who: &mut Agent, command: AgentCommand) {
    let mut frame = serde_json::to_value(command).unwrap();
    frame["id"] = 4_000_000.into();
    who.socket.write(frame.to_string()).await;
}

#[tokio::test]
async fn a_conversation_begins_with_the_bot_where_one_is_there() {
    let desk = Desk::start().await;
    let mut early = desk.visitor().await;
    assert_eq!(early.open().await.state, Lifecycle::Queued);
    let mut bot = desk.bot("Linnet").await;
    let mut visitor = desk.visitor().await;
    assert_eq!(
        visitor.connected.availability.agents_online, 0,
        "a bot is nobody"
    );
    let opened = visitor.open().await;
    assert_eq!(opened.state, Lifecycle::SelfService);
    let line = bot.inbox_line(|item| item.conv == opened.conv).await;
    assert_eq!(line.state, Lifecycle::SelfService);
}

#[tokio::test]
async fn a_bots_answer_is_shown_while_it_is_written_and_then_kept_whole() {
    let desk = Desk::start().await;
    let mut bot = desk.bot("Linnet").await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    bot.watch(&conv).await;
    let id = uuid();
    for text in ["Your", "Your parcel"] {
        tell(&mut bot, delta(&conv, &id, text)).await;
        let seen = visitor
            .socket
            .push(|frame| visitor_frame(frame).delta)
            .await;
        assert_eq!((seen.text.as_str(), &seen.id), (text, &id));
        assert_eq!(seen.by.name, "Linnet", "whatever the bot says it is called");
    }
    let said = AgentCommand::Send(send(&conv, &id, None, "Your parcel is in Lyon."));
    bot.ask(said).await.unwrap();
    let event = visitor.socket.event_of("message").await;
    assert_eq!((event.cmid, event.author.role), (Some(id), Role::Bot));
    let again = desk.visitor_again(&visitor.token, vec![]).await;
    let now = &again.connected.subs[0];
    assert_eq!(
        now.state,
        Lifecycle::SelfService,
        "a bot takes nothing over"
    );
    let names: Vec<_> = now
        .participants
        .iter()
        .map(|p| (p.role, p.name.as_str()))
        .collect();
    assert!(names.contains(&(Role::Bot, "Linnet")), "{names:?}");
}

#[tokio::test]
async fn a_bot_has_a_name_from_its_first_word_on_even_where_it_never_typed() {
    let desk = Desk::start().await;
    let mut bot = desk.bot("Linnet").await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    bot.say(&conv, "Hello, I am a program").await;
    let joined = visitor
        .socket
        .push(|frame| visitor_frame(frame).conversation)
        .await;
    let names: Vec<_> = joined
        .participants
        .iter()
        .map(|p| (p.role, p.name.as_str()))
        .collect();
    assert!(names.contains(&(Role::Bot, "Linnet")), "{names:?}");
    assert!(joined.recovered, "it continues what is there");
    let said = visitor.socket.event_of("message").await;
    assert_eq!(said.seq, joined.top + 1, "who it is comes first");
}

#[tokio::test]
async fn an_agent_streams_nothing() {
    let desk = Desk::start().await;
    let mut agent = desk.agent("mei").await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    agent.watch(&conv).await;
    tell(&mut agent, delta(&conv, &uuid(), "Forged")).await;
    agent.say(&conv, "Said").await;
    let first = visitor.socket.push(|frame| {
        let frame = visitor_frame(frame);
        let said = frame.event.filter(|event| event.body.kind() == "message");
        frame.delta.map(|_| "delta").or(said.map(|_| "message"))
    });
    assert_eq!(first.await, "message");
}

#[tokio::test]
async fn a_visitor_asks_for_a_person_once_and_waits() {
    let desk = Desk::start().await;
    let _bot = desk.bot("Linnet").await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let asked = Command::Handoff(handoff(&conv, "asked"));
    let first = visitor.ask(asked.clone()).await.unwrap().sent.unwrap();
    let again = visitor.ask(asked).await.unwrap().sent.unwrap();
    assert_eq!((again.seq, again.duplicate), (first.seq, true));
    assert!(matches!(visitor.socket.event_of("handoff").await.body,
        EventBody::Handoff(context) if context.reason == "asked"));
    let waits = visitor.socket.event_of("state").await;
    assert_eq!(waits.body, EventBody::State(Lifecycle::Queued));
    let more = Command::Handoff(handoff(&conv, "tone"));
    let more = visitor.ask(more).await.unwrap().sent.unwrap();
    assert_eq!(more.seq, waits.seq + 1, "kept, and nothing else changes");
    let again = desk.visitor_again(&visitor.token, vec![]).await;
    assert_eq!(again.connected.subs[0].top, more.seq);
}

#[tokio::test]
async fn what_was_searched_before_is_kept_and_asks_for_nobody() {
    let desk = Desk::start().await;
    let _bot = desk.bot("Linnet").await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let told = Command::Handoff(handoff(&conv, "context"));
    let told = visitor.ask(told).await.unwrap().sent.unwrap();
    let again = desk.visitor_again(&visitor.token, vec![]).await;
    let now = &again.connected.subs[0];
    assert_eq!((now.top, now.state), (told.seq, Lifecycle::SelfService));
}

#[tokio::test]
async fn a_bot_hands_over_and_a_person_takes_over() {
    let desk = Desk::start().await;
    let mut bot = desk.bot("Linnet").await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let command = AgentCommand::Handoff(handoff(&conv, "unsure"));
    bot.ask(command).await.unwrap();
    let mut agent = desk.agent("mei").await;
    assert_eq!(agent.connected.inbox[0].state, Lifecycle::Queued);
    agent.say(&conv, "I am here now.").await;
    let states = [
        Lifecycle::SelfService,
        Lifecycle::Queued,
        Lifecycle::Assigned,
    ];
    let again = desk.visitor_again(&visitor.token, vec![]).await;
    let seen: Vec<_> = again.connected.subs[0]
        .events
        .iter()
        .filter_map(|event| match event.body {
            EventBody::State(state) => Some(state),
            _ => None,
        })
        .collect();
    assert_eq!(seen, states);
}

#[tokio::test]
async fn a_bot_takes_no_conversation_over_and_changes_only_its_own_words() {
    let desk = Desk::start().await;
    let mut bot = desk.bot("Linnet").await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let said = visitor.say(&conv, "Mine").await;
    let refused = bot.ask(AgentCommand::Assign(on(&conv))).await.unwrap_err();
    assert_eq!(refused.code, error_code::INVALID);
    assert_eq!(
        bot.redact(&conv, said.seq).await.unwrap_err().code,
        error_code::INVALID
    );
    let own = bot.say(&conv, "Its").await;
    bot.redact(&conv, own.seq).await.unwrap();
}

#[tokio::test]
async fn two_bots_do_not_share_a_name() {
    let desk = Desk::start().await;
    let store = desk.store();
    assert!(desk::add_bot(&store, "Linnet").await.unwrap().is_some());
    assert!(desk::add_bot(&store, "Linnet").await.unwrap().is_none());
}
