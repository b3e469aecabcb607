//! Two processes of the desk on one database: what is written at one is pushed at the other, in order and once.

mod ends;

use crate::crash::{Process, write_config};
use crate::support::*;
use desk::limits::{Limits, NEWS_KEPT_MAX};
use desk::store::sqlite::SqliteStore;
use deskside::protocol::agent::AgentServerFrame;
use deskside::protocol::close_code;
use deskside::protocol::error_code;
use deskside::protocol::event::{Event, EventBody, Lifecycle, Role};
use deskside::protocol::reply::SubState;
use futures_util::future::join_all;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::net::SocketAddr;
use tempfile::TempDir;
use tokio::sync::mpsc;

/// Two of them.
struct Pair {
    one: Process,
    other: Process,
    folder: TempDir,
}

impl Pair {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_config(folder.path());
        Self {
            one: Process::start(folder.path()),
            other: Process::start(folder.path()),
            folder,
        }
    }

    async fn agent(&self, name: &str, at: SocketAddr) -> Agent {
        Agent::connect(at, sign_in(&store(&self.folder), name).await).await
    }

    fn rows(&self, table: &str) -> u32 {
        let db = Connection::open(self.folder.path().join("kept.db")).unwrap();
        db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
            row.get(0)
        })
        .unwrap()
    }
}

fn store(folder: &TempDir) -> SqliteStore {
    let (news, _) = mpsc::channel(1);
    let path = folder.path().join("kept.db");
    SqliteStore::open(&path, Limits::default(), news).unwrap().0
}

/// The events up to a place, which must follow each other. What was there when the socket came may be told
/// before them: a session is registered before it reads.
async fn events_after(socket: &mut Socket, mut after: u32, up_to: u32) -> Vec<Event> {
    let mut events = Vec::new();
    while after < up_to {
        let event = socket.event().await;
        if events.is_empty() && event.seq <= after {
            continue;
        }
        assert_eq!(event.seq, after + 1, "in order, without a gap, once");
        after = event.seq;
        events.push(event);
    }
    events
}

async fn availability(visitor: &mut Visitor, agents_online: u32) {
    let told = |frame: &Value| {
        let told = visitor_frame(frame).availability?;
        (told.agents_online == agents_online).then_some(())
    };
    visitor.socket.push(told).await;
}

async fn place(visitor: &mut Visitor, position: u32) {
    let told = |frame: &Value| {
        let told = visitor_frame(frame).queue?;
        (told.position == position).then_some(())
    };
    visitor.socket.push(told).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_that_reaches_another_process_gets_the_first_answer() {
    let Pair { one, other, .. } = &Pair::start();
    let mut visitor = Visitor::connect(one.address, None, vec![]).await;
    let state = visitor.open().await;
    let conv = state.conv.clone();
    let cmid = uuid();
    let first = visitor.send(&conv, &cmid, None, "Hello").await.unwrap();

    let mut again = Visitor::connect(other.address, Some(visitor.token), vec![sub(&state)]).await;
    assert_eq!(texts(&again.connected.subs[0].events), ["Hello"]);
    let retried = again.send(&conv, &cmid, None, "Hello").await.unwrap();
    assert_eq!((retried.seq, retried.duplicate), (first.seq, true));
    let changed = again.send(&conv, &cmid, None, "Something else").await;
    assert_eq!(changed.unwrap_err().code, error_code::CONFLICT);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_processes_are_sent_at_once_is_one_log_without_a_gap() {
    let Pair { one, other, .. } = &Pair::start();
    let mut left = Visitor::connect(one.address, None, vec![]).await;
    let state = left.open().await;
    let conv = &state.conv;
    let mut right =
        Visitor::connect(other.address, Some(left.token.clone()), vec![sub(&state)]).await;
    let mut seqs = Vec::new();
    for round in 0..30 {
        let (cmid, text) = (uuid(), format!("message {round}"));
        let (at_one, at_other) = tokio::join!(
            left.send(conv, &cmid, None, &text),
            right.send(conv, &cmid, None, &text)
        );
        let (at_one, at_other) = (at_one.unwrap(), at_other.unwrap());
        assert_eq!(at_one.seq, at_other.seq);
        assert!(
            at_one.duplicate != at_other.duplicate,
            "one of them was the first"
        );
        seqs.push(at_one.seq);
    }
    let dense: Vec<u32> = (state.top + 1..=state.top + 30).collect();
    assert_eq!(seqs, dense);
    for mut visitor in [left, right] {
        events_after(&mut visitor.socket, state.top, state.top + 30).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_and_an_agent_at_two_processes_talk_as_at_one() {
    let pair = Pair::start();
    let mut agent = pair.agent("mei", pair.other.address).await;
    let mut visitor = Visitor::connect(pair.one.address, None, vec![]).await;
    let conv = visitor.open().await.conv;
    visitor.say(&conv, "Where is my parcel?").await;
    let line = agent.inbox_line(|line| line.unread == 1).await;
    assert_eq!((&line.conv, &*line.preview), (&conv, "Where is my parcel?"));

    let state = agent.watch(&conv).await;
    agent.say(&conv, "I look.").await;
    visitor.say(&conv, "Thank you").await;
    let last = agent.say(&conv, "On its way.").await;
    let heard = events_after(&mut agent.socket, state.top, last.seq).await;
    assert_eq!(texts(&heard), ["I look.", "Thank you", "On its way."]);
    let heard = events_after(&mut visitor.socket, 1, last.seq).await;
    let said = ["Where is my parcel?", "I look.", "Thank you", "On its way."];
    assert_eq!(texts(&heard), said);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_many_say_at_two_processes_at_once_is_pushed_in_order_and_once() {
    const ROUNDS: u32 = 60;
    let pair = Pair::start();
    let mut visitor = Visitor::connect(pair.one.address, None, vec![]).await;
    let state = visitor.open().await;
    let mut agents = Vec::new();
    for (name, at) in [("mei", pair.one.address), ("ben", pair.other.address)] {
        let mut agent = pair.agent(name, at).await;
        agent.watch(&state.conv).await;
        agents.push(agent);
    }
    let mut elsewhere = Visitor::connect(
        pair.other.address,
        Some(visitor.token.clone()),
        vec![sub(&state)],
    )
    .await;
    let conv = state.conv.as_str();
    let talks = agents.iter_mut().map(|agent| async {
        let mut last = 0;
        for _ in 0..ROUNDS {
            last = agent.say(conv, "And another thing").await.seq;
        }
        last
    });
    let top = join_all(talks).await.into_iter().max().unwrap();
    for socket in [&mut visitor.socket, &mut elsewhere.socket] {
        let heard = events_after(socket, state.top, top).await;
        assert_eq!(texts(&heard).len() as u32, 2 * ROUNDS);
    }
    for mut agent in agents {
        events_after(&mut agent.socket, state.top, top).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_begins_at_one_process_is_there_at_the_other() {
    let pair = Pair::start();
    let mut visitor = Visitor::connect(pair.one.address, None, vec![]).await;
    let mut tab = Visitor::connect(pair.other.address, Some(visitor.token.clone()), vec![]).await;
    let opened = visitor.open().await;
    let there: SubState = tab
        .socket
        .push(|frame| visitor_frame(frame).conversation)
        .await;
    assert_eq!(
        (&there.conv, there.recovered, there.top),
        (&opened.conv, false, 1)
    );
    assert_eq!(there.events, opened.events);
    tab.say(&opened.conv, "From the other tab").await;
    let heard = events_after(&mut visitor.socket, 1, 2).await;
    assert_eq!(texts(&heard), ["From the other tab"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_marks_assignments_and_resolutions_cross() {
    let pair = Pair::start();
    let mut agent = pair.agent("mei", pair.other.address).await;
    let mut visitor = Visitor::connect(pair.one.address, None, vec![]).await;
    let conv = visitor.open().await.conv;
    let asked = visitor.say(&conv, "Hello").await.seq;
    agent.watch(&conv).await;
    agent.mark(&conv, asked, asked).await;
    let receipt = visitor.socket.push(|frame| visitor_frame(frame).read).await;
    assert_eq!((receipt.by, receipt.marks.read_seq), (Role::Agent, asked));
    agent.assign(&conv).await;
    let assigned = visitor.socket.event_of("assignment").await;
    assert!(matches!(assigned.body, EventBody::Assignment(who) if who.name == "mei"));

    let said = agent.say(&conv, "Tomorow").await.seq;
    agent.edit(&conv, said, "Tomorrow").await.unwrap();
    match visitor.socket.event_of("edit").await.body {
        EventBody::Edit(edit) => {
            assert_eq!((edit.seq, &*edit.content.text), (said, "Tomorrow"));
        }
        other => panic!("{other:?}"),
    }
    agent.redact(&conv, said).await.unwrap();
    visitor.socket.event_of("redact").await;
    visitor.mark(&conv, said, said).await;
    let receipt = agent.socket.push(|frame| visitor_frame(frame).read).await;
    assert_eq!((receipt.by, receipt.marks.read_seq), (Role::Visitor, said));
    agent.resolve(&conv).await;
    let state = loop {
        if let EventBody::State(state) = visitor.socket.event_of("state").await.body
            && state != Lifecycle::Assigned
        {
            break state;
        }
    };
    assert_eq!(state, Lifecycle::Resolved);
    visitor.socket.event_of("invitation").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_side_sees_the_other_typing_at_another_process() {
    let pair = Pair::start();
    let mut agent = pair.agent("mei", pair.other.address).await;
    let mut visitor = Visitor::connect(pair.one.address, None, vec![]).await;
    let conv = visitor.open().await.conv;
    agent.watch(&conv).await;
    let typing = json!({ "id": 90, "typing": { "conv": conv, "active": true } });
    let told = |frame: &Value| visitor_frame(frame).typing;
    visitor.socket.write(typing.to_string()).await;
    let told_agent = agent.socket.push(told).await;
    assert_eq!(
        (told_agent.by.role, told_agent.active),
        (Role::Visitor, true)
    );
    agent.socket.write(typing.to_string()).await;
    let told_visitor = visitor.socket.push(told).await;
    assert_eq!((&*told_visitor.by.name, told_visitor.active), ("mei", true));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_there_and_who_waits_is_known_at_both() {
    let pair = Pair::start();
    let mut first = Visitor::connect(pair.one.address, None, vec![]).await;
    let a = first.open().await.conv;
    place(&mut first, 1).await;
    let mut second = Visitor::connect(pair.other.address, None, vec![]).await;
    second.open().await;
    place(&mut second, 2).await;
    assert_eq!(second.connected.availability.agents_online, 0);

    let mut agent = pair.agent("mei", pair.one.address).await;
    availability(&mut second, 1).await;
    let ben = pair.agent("ben", pair.other.address).await;
    availability(&mut first, 2).await;
    let ben_is = |online: bool| {
        move |frame: &Value| {
            let frame: AgentServerFrame = serde_json::from_value(frame.clone()).unwrap();
            let colleagues = frame.colleagues?;
            let ben = colleagues.iter().find(|one| one.agent.name == "ben")?;
            (ben.online == online).then_some(())
        }
    };
    agent.socket.push(ben_is(true)).await;
    let third = Visitor::connect(pair.one.address, None, vec![]).await;
    assert_eq!(third.connected.availability.agents_online, 2);

    agent.assign(&a).await;
    place(&mut second, 1).await;
    drop(ben);
    agent.socket.push(ben_is(false)).await;
    availability(&mut second, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_by_request_at_one_process_hears_what_is_written_at_the_other() {
    let pair = Pair::start();
    let mut agent = pair.agent("mei", pair.other.address).await;
    let mut visitor = Requests::connect(pair.one.address, None, &[]).await;
    let conv = uuid();
    let opened: SubState = visitor.ask(open_command(&conv)).await.result("opened");
    agent.watch(&conv).await;
    let mut alone = Requests::new(pair.one.address);
    alone.token = visitor.token.clone();
    let epoch = &opened.epoch;
    let path = format!("/v1/conversations/{conv}/events?epoch={epoch}&after=1&waitMs=20000");
    let poll = async {
        let mut events = Vec::new();
        while !texts(&events).contains(&"Here I am.") {
            let frames = visitor.poll().await;
            events.extend(frames.into_iter().filter_map(|frame| frame.event));
        }
        events
    };
    let answer = async {
        // Both wait by now, or find it there: they are answered either way.
        agent.say(&conv, "Here I am.").await.seq
    };
    let (heard, caught_up, last) = tokio::join!(poll, alone.get(&path), answer);
    let seqs: Vec<u32> = heard.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (2..=last).collect::<Vec<_>>());
    let caught_up: SubState = caught_up.result("conversation");
    assert_eq!(caught_up.events.first().map(|event| event.seq), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_out_at_one_process_is_signed_out_at_the_other() {
    let pair = Pair::start();
    let mut agent = pair.agent("mei", pair.other.address).await;
    let headers = format!("authorization: Bearer {}\r\n", agent.token);
    let (head, _) = post(pair.one.address, "/v1/agent/logout", &headers, "").await;
    assert!(head.starts_with("http/1.1 204"), "{head}");
    assert_eq!(agent.socket.closed().await, close_code::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_nobody_has_is_signed_out_without_a_word_to_others() {
    let pair = Pair::start();
    let headers = "authorization: Bearer nobodys\r\n";
    let (head, _) = post(pair.one.address, "/v1/agent/logout", headers, "").await;
    assert!(head.starts_with("http/1.1 204"), "{head}");
    assert_eq!(pair.rows("news"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_survey_that_is_saved_at_one_process_is_asked_at_the_other() {
    let pair = Pair::start();
    let agent = pair.agent("mei", pair.one.address).await;
    let mut visitor = Visitor::connect(pair.other.address, None, vec![]).await;
    let mut definition: Value = serde_json::from_str(desk::survey::BUILT_IN).unwrap();
    definition["name"] = "Changed".into();
    let save = serde_json::json!({ "site": "shop", "active": true, "definition": definition });
    let headers = format!(
        "authorization: Bearer {}\r\ncontent-type: application/json\r\n",
        agent.token
    );
    let (head, body) = post(
        pair.one.address,
        "/v1/agent/surveys",
        &headers,
        &save.to_string(),
    )
    .await;
    assert!(head.starts_with("http/1.1 200"), "{head} {body}");
    let told = visitor.socket.push(|frame| visitor_frame(frame).surveys);
    let told = told.await.definitions;
    assert_eq!(
        told[0].get("version").map(ToOwned::to_owned),
        Some(deskside::plain::Value::Number(2.0))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn surveys_that_are_saved_at_both_at_once_are_versions_of_their_own() {
    const SAVED: u32 = 12;
    let pair = Pair::start();
    let agent = pair.agent("mei", pair.one.address).await;
    let headers = format!(
        "authorization: Bearer {}\r\ncontent-type: application/json\r\n",
        agent.token
    );
    let saves = (0..SAVED).map(|at| {
        let mut definition: Value = serde_json::from_str(desk::survey::BUILT_IN).unwrap();
        definition["name"] = format!("Name {at}").into();
        let save = serde_json::json!({ "site": "shop", "active": true, "definition": definition });
        let address = [pair.one.address, pair.other.address][at as usize % 2];
        let headers = &headers;
        async move { post(address, "/v1/agent/surveys", headers, &save.to_string()).await }
    });
    for (head, body) in join_all(saves).await {
        assert!(head.starts_with("http/1.1 200"), "{head} {body}");
    }
    let db = Connection::open(pair.folder.path().join("kept.db")).unwrap();
    let kept = "SELECT count(DISTINCT version), count(DISTINCT definition ->> 'name')
                FROM survey_definitions WHERE version > 1";
    let kept = db.query_row(kept, [], |row| {
        Ok((row.get::<_, u32>(0)?, row.get::<_, u32>(1)?))
    });
    assert_eq!(kept.unwrap(), (SAVED, SAVED));
}
