//! Faults of the catalogue (`tests/faults.md`) that no other file tells of, and that every fault there
//! names tests which exist.

mod world;

use deskside::protocol::command::{ClientFrame, Command};
use deskside::protocol::error_code;
use deskside::view::{Connection, Status};
use deskside::{Action, Engine, Input, Now, Output, Stored};
use std::path::Path;
use world::desk::permanent;
use world::{Net, World};

#[test]
fn a_request_that_comes_twice_and_twenty_seconds_late_makes_one_event() {
    let mut world = World::chatting();
    world.say("hello");
    let sent = world.desk.log().events.last().unwrap().clone();
    let again = Command::Send(deskside::protocol::command::Send {
        conv: sent.conv.clone(),
        cmid: sent.cmid.clone().unwrap(),
        prev: None,
        body: deskside::protocol::content::Content::from("hello".to_owned()),
    });
    world.pass_ms(20_000);
    let before = world.desk.log().events.len();
    for id in [900, 901] {
        let late = ClientFrame {
            id,
            command: again.clone(),
        };
        let answer = world.desk.receive(world.session, late, world.now.wall_ms);
        let sent_again = answer.unwrap().result.unwrap().sent.unwrap();
        assert!(sent_again.duplicate);
        assert_eq!(sent_again.seq, sent.seq);
    }
    assert_eq!(world.desk.log().events.len(), before);
}

#[test]
fn an_answer_that_it_was_there_already_is_a_success() {
    let mut world = World::chatting();
    world.say("first");
    world.net = Net::LosesReplies;
    world.say("twice");
    assert_eq!(world.status("twice"), Status::Sending);
    // The connection looks alive; the answer is overdue, and the same message goes out again.
    world.net = Net::Works;
    world.pass_ms(16_000);
    assert_eq!(world.status("twice"), Status::Sent);
    assert_eq!(world.desk.said(), ["first", "twice"]);
}

#[test]
fn a_token_that_expires_in_the_middle_begins_the_session_anew_and_keeps_the_queue() {
    let mut world = World::chatting();
    world.say("before");
    let token = world.stored.meta.as_ref().unwrap().token.clone();
    world
        .desk
        .refusals
        .push_back(permanent(error_code::UNAUTHORIZED));
    world.say("after");
    world.pass_ms(2_000);
    assert_eq!(world.desk.said(), ["before", "after"]);
    assert_eq!(world.stored.meta.as_ref().unwrap().token, token);
}

#[test]
fn a_token_that_is_refused_after_another_tab_gave_it_up_ends_nothing() {
    let mut world = World::chatting();
    world.say("before");
    world.lose_network();
    world.net = Net::LosesReplies;
    world.desk.tokens.clear();
    world.input(Input::Network { online: true });
    world.pass_ms(1_000);
    let refusal = world.lost_replies.pop().unwrap();
    // While the refusal is on its way, another tab has had its own.
    world.stored.meta.as_mut().unwrap().token = None;
    world.input(Input::StoreClosed {
        code: "broken".into(),
    });
    world.net = Net::Works;
    world.input(Input::Received(refusal));
    world.pass_ms(60_000);
    assert_eq!(world.view().connection, Connection::Online);
    world.say("after");
    assert_eq!(world.status("after"), Status::Sent);
}

#[test]
fn what_one_visitor_wrote_is_never_sent_as_another() {
    let mut world = World::chatting();
    world.desk.one_visitor = false;
    world.say("as the first");
    world.lose_network();
    world.say("still as the first");
    world.desk.tokens.clear();
    world.restore_network();
    world.pass_ms(40_000);
    assert_eq!(world.view().connection, Connection::Online);
    assert_eq!(world.desk.said(), ["as the first"]);
    assert_eq!(
        world.status("still as the first"),
        Status::Failed {
            code: error_code::NOT_FOUND.into()
        }
    );
    // Whoever is here now may say it, in a conversation of their own.
    let key = world.key_of("still as the first");
    world.act(Action::Retry { key }).unwrap();
    world.pass_ms(1_000);
    let log = world.desk.log();
    assert_eq!(log.events.last().unwrap().author.id, log.visitor);
    assert_ne!(log.visitor, world.desk.logs[0].visitor);
}

#[test]
fn an_event_that_is_pushed_before_the_answer_to_connect_is_not_lost() {
    let mut world = World::chatting();
    world.say("hello");
    world.lose_network();
    world.net = Net::LosesReplies;
    world.input(Input::Network { online: true });
    world.pass_ms(1);
    // The desk has answered `connect` by now, but nothing has come; then an agent writes.
    world.desk.agent_says("an answer");
    let pushes = world.take_pushes();
    let connect = world.lost_replies.pop().expect("the desk has answered");
    world.net = Net::Works;
    world.input(Input::Received(pushes));
    world.input(Input::Received(connect));
    let texts: Vec<String> = world.texts();
    assert_eq!(texts, ["hello", "an answer"]);
}

#[test]
fn a_cursor_older_than_what_the_desk_keeps_loads_the_log_anew() {
    let mut world = World::chatting();
    world.say("hello");
    world.lose_network();
    world.say("written meanwhile");
    for number in 0..3 {
        world.desk.agent_says(&format!("answer {number}"));
    }
    world.desk.logs[0].resumable_from = 4;
    world.restore_network();
    world.pass_ms(1_000);
    let expected = [
        "hello",
        "answer 0",
        "answer 1",
        "answer 2",
        "written meanwhile",
    ];
    assert_eq!(world.texts(), expected);
}

#[test]
fn a_cursor_without_its_events_goes_back_to_what_can_be_read() {
    let mut world = World::chatting();
    world.say("one");
    world.say("two");
    world.stored.events.pop();
    world.reload();
    world.pass_ms(1_000);
    assert_eq!(world.texts(), ["one", "two"]);
    let cursor = world.stored.conversations[0].cursor;
    assert_eq!(world.stored.events.last().unwrap().seq, cursor);
}

#[test]
fn an_echo_before_the_answer_is_the_same_bubble() {
    let mut world = World::chatting();
    world.say("before");
    // The desk pushes the event first and answers then; only the push arrives.
    world.net = Net::LosesReplies;
    world.say("hello");
    let frames = world.lost_replies.pop().expect("the desk has answered");
    let (echo, answer): (Vec<_>, Vec<_>) = frames.into_iter().partition(|f| f.id.is_none());
    world.net = Net::Works;
    let key = world.key_of("hello");
    world.input(Input::Received(echo));
    assert_eq!(world.status("hello"), Status::Sent);
    world.input(Input::Received(answer));
    assert_eq!(world.status("hello"), Status::Sent);
    assert_eq!(world.key_of("hello"), key);
}

#[test]
fn a_network_that_lets_only_pushes_through_is_found_within_two_ping_intervals() {
    let mut world = World::chatting();
    world.say("hello");
    world.net = Net::Silent;
    for _ in 0..6 {
        world.pass_ms(9_000);
        world.desk.agent_says("are you there?");
        let pushes = world.take_pushes();
        if world.view().connection == Connection::Online {
            world.input(Input::Received(pushes));
        }
    }
    assert_ne!(world.view().connection, Connection::Online);
}

/// How long a client waits after its connection broke off: the first time, and when the desk was not
/// there then either.
fn delays_of(client: u32) -> [u32; 2] {
    let mut seed = [0; 32];
    seed[..4].copy_from_slice(&client.to_le_bytes());
    let mut engine = Engine::new(world::config(), seed).unwrap();
    let mut now = Now::default();
    let mut after = |engine: &mut Engine, input: Input| {
        engine.handle(now, input).unwrap();
        let mut woken_ms = 0;
        while let Some(output) = engine.poll() {
            if let Output::Wake { after_ms } = output {
                woken_ms = after_ms;
            }
        }
        now.mono_ms += u64::from(woken_ms);
        woken_ms
    };
    after(&mut engine, Input::Loaded(Stored::default()));
    let opened = Action::Open { conv: None };
    after(&mut engine, Input::Visitor(opened));
    [0, 1].map(|_| {
        let delay_ms = after(&mut engine, Input::SocketClosed { code: 1006 });
        after(&mut engine, Input::Woken);
        delay_ms
    })
}

#[test]
fn ten_thousand_clients_that_lost_the_desk_at_once_do_not_come_back_at_once() {
    let mut buckets = [[0_u32; 10]; 2];
    for client in 0..10_000_u32 {
        let [first_ms, second_ms] = delays_of(client);
        buckets[0][(first_ms / 51) as usize] += 1;
        buckets[1][(second_ms / 101) as usize] += 1;
    }
    let even = |bucket: &u32| (800..1_200).contains(bucket);
    assert!(buckets.as_flattened().iter().all(even), "{buckets:?}");
}

/// Each row of the table names tests, each of which is there and runs, and what the simulation draws.
#[test]
fn every_row_of_the_table_of_faults_names_tests_that_exist_and_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |file: &str| {
        let text = std::fs::read_to_string(root.join(file));
        text.unwrap_or_else(|_| panic!("there is no file {file}"))
    };
    let drawn = [
        read("tests/sim/script.rs"),
        read("tests/sim/device.rs"),
        read("src/planted.rs"),
    ]
    .concat();
    let table = read("tests/faults.md");
    let rows = table.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split(" | ").collect();
        let number = cells[0].trim_start_matches('|').trim().parse::<usize>();
        Some((number.ok()?, *cells.last()?))
    });
    let mut known = 0;
    for (number, shown_by) in rows {
        known += 1;
        assert_eq!(number, known, "a row is missing");
        let named = shown_by.split('`').skip(1).step_by(2);
        let named: Vec<&str> = named.filter(|quoted| quoted.contains(['/', ':'])).collect();
        assert!(!named.is_empty(), "row {number} names no test");
        for quoted in named {
            let (file, name) = quoted
                .split_once("::")
                .unwrap_or_else(|| panic!("row {number}: which test of {quoted}?"));
            assert!(
                runs(file, &read(file), name),
                "row {number}: {file} has no test {name:?} that runs"
            );
        }
        let prose: String = shown_by.split('`').step_by(2).collect();
        let (_, sim) = prose.split_once("; sim ").unwrap_or_default();
        let names = sim.split(|c: char| !c.is_ascii_alphanumeric());
        for name in names.filter(|word| word.starts_with(|c: char| c.is_ascii_uppercase())) {
            let mut words = drawn.split(|c: char| !c.is_ascii_alphanumeric());
            assert!(
                words.any(|word| word == name),
                "row {number}: the simulation knows no {name}"
            );
        }
    }
    assert_eq!(known, 48);
}

/// Whether a file has a test of that name, and it is not left out.
fn runs(file: &str, text: &str, name: &str) -> bool {
    if !file.ends_with(".rs") {
        return text.contains(&format!("\"{name}\""))
            || file.ends_with(".txt") && text.contains(name);
    }
    let Some(at) = text.find(&format!("fn {name}(")) else {
        return false;
    };
    let before = text[..at].trim_end_matches("async ").lines().rev();
    let attributes: String = before.take_while(|line| line.starts_with("#[")).collect();
    attributes.contains("test") && !attributes.contains("ignore")
}
