//! Promises that no single part of the engine keeps alone: what was read is told, what was shown does not go
//! back, what does not fit is refused and stays where it was typed.

mod world;

use deskside::limits::{OUTBOX_AGE_MS_MAX, OUTBOX_ENTRIES_MAX};
use deskside::protocol::command::Marks;
use deskside::protocol::error_code;
use deskside::protocol::event::Role;
use deskside::protocol::reply::Receipt;
use deskside::view::Status;
use deskside::{Action, Input};
use world::desk::{Desk, permanent};
use world::{Net, World, push};

#[test]
fn what_was_read_without_a_network_reaches_the_desk_after_a_crash() {
    let mut world = World::chatting();
    world.say("hello");
    world.act(Action::Look { visible: false }).unwrap();
    world.desk.agent_says("one");
    world.deliver();
    assert_eq!(world.view().unread, 1);
    world.lose_network();
    world.act(Action::Look { visible: true }).unwrap();
    assert_eq!(world.view().unread, 0);
    let top = world.desk.log().events.len() as u32;
    assert!(world.desk.log().visitor_marks.read_seq < top);
    world.reload();
    assert_eq!(world.view().unread, 0);
    world.restore_network();
    assert_eq!(world.desk.log().visitor_marks.read_seq, top);
}

#[test]
fn who_has_only_written_has_read_nothing_that_anybody_waits_to_hear_of() {
    let mut world = World::chatting();
    for text in ["one", "two", "three"] {
        world.say(text);
    }
    let reads = |world: &World| {
        world
            .transmitted
            .iter()
            .filter(|name| *name == "read")
            .count()
    };
    assert_eq!(reads(&world), 0);
    world.desk.agent_says("four");
    world.deliver();
    assert_eq!(reads(&world), 1);
    let (told, top) = (
        world.desk.log().visitor_marks,
        world.desk.log().events.len(),
    );
    assert_eq!(
        (told.delivered_seq, told.read_seq),
        (top as u32, top as u32)
    );
    world.say("five");
    world.lose_network();
    world.restore_network();
    assert_eq!(reads(&world), 1);
    // Another device of the same visitor, which has nothing but what the desk knows.
    let mut other = World::with_desk(std::mem::replace(&mut world.desk, Desk::new()));
    other.open_chat();
    assert_eq!(other.texts().len(), 5);
    assert_eq!(other.view().unread, 0);
}

#[test]
fn what_was_received_and_what_was_read_is_told_apart_whatever_was_written_between() {
    let mut world = World::chatting();
    world.say("one");
    world.act(Action::Look { visible: false }).unwrap();
    world.desk.agent_says("two");
    let theirs = world.desk.log().events.len() as u32;
    world.deliver();
    world.say("three");
    let told = world.desk.log().visitor_marks;
    assert!(told.delivered_seq >= theirs && told.read_seq < theirs);
    world.act(Action::Look { visible: true }).unwrap();
    assert!(world.desk.log().visitor_marks.read_seq >= theirs);
}

#[test]
fn a_status_never_goes_back_whatever_a_reconnect_says() {
    let mut world = World::chatting();
    world.say("hello");
    let conv = world.chat().id;
    let receipt = |read_seq| deskside::protocol::reply::Receipt {
        conv: conv.clone(),
        by: deskside::protocol::event::Role::Agent,
        marks: Marks {
            delivered_seq: read_seq,
            read_seq,
        },
    };
    let top = world.desk.log().events.len() as u32;
    world.input(Input::Received(vec![push(|frame| {
        frame.read = Some(receipt(top))
    })]));
    assert_eq!(world.status("hello"), Status::Read);
    world.input(Input::Received(vec![push(|frame| {
        frame.read = Some(receipt(0))
    })]));
    assert_eq!(world.status("hello"), Status::Read);
    // The desk's own log never had the mark.
    world.lose_network();
    world.restore_network();
    assert_eq!(world.status("hello"), Status::Read);
    world.reload();
    assert_eq!(world.status("hello"), Status::Read);
}

#[test]
fn a_thousand_commands_may_wait_and_one_more_is_refused_and_stays_typed() {
    let mut world = World::chatting();
    world.say("before");
    world.lose_network();
    for number in 0..OUTBOX_ENTRIES_MAX {
        world.say(&format!("message {number}"));
    }
    let conv = world.chat().id;
    let text = "one too many".to_owned();
    let draft = Action::Draft {
        conv: conv.clone(),
        text: text.clone(),
    };
    world.act(draft).unwrap();
    let refused = world
        .act(Action::Send {
            conv,
            text,
            ticket: None,
        })
        .unwrap_err();
    assert_eq!(refused.code, "outbox_full");
    assert_eq!(world.chat().draft, "one too many");
    assert_eq!(world.stored.journal.len(), OUTBOX_ENTRIES_MAX);
    world.pass_ms(200);
    world.reload();
    assert_eq!(world.chat().draft, "one too many");
    world.restore_network();
    world.pass_ms(60_000);
    assert_eq!(world.desk.said().len(), 1 + OUTBOX_ENTRIES_MAX);
    world.say("now there is room");
    assert_eq!(world.status("now there is room"), Status::Sent);
}

#[test]
fn a_parked_message_holds_up_neither_its_own_conversation_nor_another() {
    let mut world = World::chatting();
    world.say("the first");
    world.lose_network();
    world.say("waits too long");
    world.pass_ms(1);
    world.now.wall_ms += OUTBOX_AGE_MS_MAX + 1;
    world.say("fresh");
    world.act(Action::OpenNew).unwrap();
    world.say("of another conversation");
    world.restore_network();
    world.pass_ms(1_000);
    let said = world
        .desk
        .logs
        .iter()
        .map(|log| log.events.len())
        .collect::<Vec<_>>();
    assert_eq!(said.len(), 2, "both conversations are at the desk");
    assert_eq!(world.status("of another conversation"), Status::Sent);
    let first = world.view().conversations.last().map(|c| c.id.clone());
    world.act(Action::Open { conv: first }).unwrap();
    assert_eq!(world.status("fresh"), Status::Sent);
    let Status::Failed { code } = world.status("waits too long") else {
        panic!("it was sent unasked");
    };
    assert_eq!(code, "expired");
    let key = world.key_of("waits too long");
    world.act(Action::Retry { key }).unwrap();
    assert_eq!(world.status("waits too long"), Status::Sent);
    assert_eq!(world.own().len(), 3);
}

#[test]
fn a_failed_message_that_finds_no_room_when_it_is_said_anew_stays_as_it_was() {
    let mut world = World::chatting();
    world.say("before");
    world.desk.logs.clear();
    world.say("lost ground");
    world.lose_network();
    for number in 1..OUTBOX_ENTRIES_MAX {
        world.say(&format!("message {number}"));
    }
    let (key, before) = (world.key_of("lost ground"), world.view());
    let refused = world.act(Action::Retry { key }).unwrap_err();
    assert_eq!(refused.code, "outbox_full");
    assert_eq!(world.view(), before);
}

#[test]
fn what_is_parked_outlives_a_log_that_was_replaced() {
    let mut world = World::chatting();
    world.say("kept");
    world
        .desk
        .refusals
        .push_back(permanent(error_code::INVALID));
    world.say("bad");
    world.say("lost with the backup");
    let parked = Status::Failed {
        code: error_code::INVALID.into(),
    };
    world.lose_network();
    world.say("waiting");
    world.desk.restore_from_backup(1);
    world.restore_network();
    world.pass_ms(40_000);
    assert_eq!(world.desk.said(), ["kept", "waiting"]);
    assert_eq!(world.status("bad"), parked);
    world.reload();
    assert_eq!(world.status("bad"), parked);
    let key = world.key_of("bad");
    world.act(Action::Retry { key }).unwrap();
    assert_eq!(world.desk.said(), ["kept", "waiting", "bad"]);
    assert_eq!(world.stored.journal, []);
}

#[test]
fn what_another_device_has_read_counts_before_this_one_has_heard_that_the_conversation_began() {
    let mut world = World::chatting();
    let conv = world.chat().id;
    world.net = Net::LosesReplies;
    world.say("hello");
    world.act(Action::Look { visible: false }).unwrap();
    let opened = world.lost_replies.pop().expect("the desk has answered");
    world.desk.agent_says("an answer");
    let mut pushes = world.take_pushes();
    let top = world.desk.log().events.len() as u32;
    let marks = Marks {
        delivered_seq: top,
        read_seq: top,
    };
    world.desk.logs[0].visitor_marks = marks;
    pushes.push(push(|frame| {
        let by = Role::Visitor;
        frame.read = Some(Receipt { conv, by, marks });
    }));
    world.net = Net::Works;
    world.input(Input::Received(pushes));
    world.input(Input::Received(opened));
    world.pass_ms(1_000);
    assert_eq!(world.texts(), ["an answer", "hello"]);
    assert_eq!(world.view().unread, 0);
    world.reload();
    assert_eq!(world.view().unread, 0);
}
