//! What the desk does not take for good is the visitor's to send again or to give up, whatever it was; and
//! what nobody asked for makes no noise.

mod world;

use deskside::limits::OUTBOX_ENTRIES_MAX;
use deskside::output::{Durable, Entry, HostEvent};
use deskside::protocol::error_code;
use deskside::protocol::event::{EventBody, HandoffContext, Lifecycle};
use deskside::view::{ItemBody, Refused, Status};
use deskside::{Action, Input};
use world::desk::permanent;
use world::{Disk, Net, World, device};

fn ask_person(world: &mut World, reason: &str) {
    let handoff = Action::Handoff {
        conv: world.chat().id,
        reason: reason.into(),
        query: "returns".into(),
        articles: Vec::new(),
    };
    world.act(handoff).unwrap();
}

fn refuse(world: &mut World, code: &str) {
    world.desk.refusals.push_back(permanent(code));
}

/// Name and code of what waits for the visitor beside messages.
fn refused(world: &World) -> Vec<(String, String)> {
    let refused = world.view().refused.into_iter();
    refused.map(|one| (one.command, one.code)).collect()
}

fn key(world: &World) -> String {
    let Refused { key, .. } = world.view().refused.into_iter().next().unwrap();
    key
}

fn handed_over(world: &World) -> usize {
    let asked = |item: &&deskside::view::Item| item.body == ItemBody::HandedOff;
    world.chat().items.iter().filter(asked).count()
}

#[test]
fn a_request_for_a_person_that_is_refused_waits_and_is_made_again() {
    let mut world = World::chatting();
    world.say("hello");
    refuse(&mut world, error_code::INVALID);
    ask_person(&mut world, "asked");
    let parked = [("handoff".to_owned(), error_code::INVALID.to_owned())];
    assert_eq!(refused(&world), parked);
    assert_eq!(handed_over(&world), 0);
    world.say("and more");
    assert_eq!(world.status("and more"), Status::Sent, "it blocks nothing");
    world.reload();
    assert_eq!(refused(&world), parked, "it waits over a reload");
    let key = key(&world);
    world.act(Action::Retry { key }).unwrap();
    assert_eq!((refused(&world).len(), handed_over(&world)), (0, 1));
    assert_eq!(world.stored.journal, []);
}

#[test]
fn a_request_for_a_person_that_is_given_up_is_gone() {
    let mut world = World::chatting();
    world.say("hello");
    refuse(&mut world, error_code::INVALID);
    ask_person(&mut world, "asked");
    let key = key(&world);
    world.act(Action::Discard { key }).unwrap();
    world.reload();
    assert_eq!((refused(&world).len(), handed_over(&world)), (0, 0));
    assert_eq!(world.stored.journal, []);
}

#[test]
fn who_asked_for_a_person_after_the_end_is_heard_in_a_new_conversation() {
    let mut world = World::chatting();
    world.say("hello");
    let ended = world.chat().id;
    refuse(&mut world, error_code::CLOSED);
    ask_person(&mut world, "asked");
    let key = key(&world);
    world.act(Action::Retry { key }).unwrap();
    assert_ne!(world.chat().id, ended);
    assert_eq!(handed_over(&world), 1);
    let context = HandoffContext {
        reason: "asked".into(),
        query: "returns".into(),
        articles: Vec::new(),
    };
    let log = world.desk.logs.last().unwrap();
    assert!(
        log.events
            .iter()
            .any(|event| event.body == EventBody::Handoff(context.clone()))
    );
}

#[test]
fn what_an_agent_was_only_to_know_is_dropped_with_a_word_to_the_page() {
    let mut world = World::chatting();
    world.say("hello");
    refuse(&mut world, error_code::INVALID);
    ask_person(&mut world, HandoffContext::UNASKED);
    assert_eq!(refused(&world), []);
    assert_eq!(world.stored.journal, []);
    let told = HostEvent::CommandRefused {
        command: "handoff".into(),
        code: error_code::INVALID.into(),
    };
    assert!(world.events.contains(&told));
}

#[test]
fn an_end_that_is_refused_waits_and_is_made_again() {
    let mut world = World::chatting();
    world.say("hello");
    refuse(&mut world, error_code::INVALID);
    let conv = world.chat().id;
    world.act(Action::End { conv }).unwrap();
    assert_eq!(
        refused(&world),
        [("close".to_owned(), "invalid".to_owned())]
    );
    assert_ne!(world.chat().state, Lifecycle::Closed);
    let key = key(&world);
    world.act(Action::Retry { key }).unwrap();
    assert_eq!(
        (refused(&world).len(), world.chat().state),
        (0, Lifecycle::Closed)
    );
}

#[test]
fn an_end_of_what_has_ended_is_nothing_to_ask_about() {
    for code in [error_code::CLOSED, error_code::NOT_FOUND] {
        let mut world = World::chatting();
        world.say("hello");
        refuse(&mut world, code);
        let conv = world.chat().id;
        world.act(Action::End { conv }).unwrap();
        assert_eq!(refused(&world), []);
        assert_eq!(world.stored.journal, []);
    }
}

/// A conversation in which two things were said without a network, and which the desk would not begin.
fn not_begun() -> World {
    let mut world = World::chatting();
    world.lose_network();
    world.say("one");
    world.say("two");
    ask_person(&mut world, "asked");
    refuse(&mut world, error_code::TOO_MANY);
    world.restore_network();
    world.pass_ms(60_000);
    world
}

#[test]
fn what_waits_for_a_conversation_that_may_not_begin_says_why() {
    let mut world = not_begun();
    let failed = Status::Failed {
        code: error_code::TOO_MANY.into(),
    };
    for text in ["one", "two"] {
        assert_eq!(world.status(text), failed);
    }
    assert_eq!(
        refused(&world),
        [("handoff".to_owned(), "too_many".to_owned())]
    );
    assert!(world.desk.logs.is_empty());
    world.reload();
    assert_eq!(world.status("one"), failed, "it waits over a reload");
    assert_eq!(world.own().len(), 2);
}

#[test]
fn once_it_may_begin_all_of_it_goes_into_the_one_conversation() {
    let mut world = not_begun();
    let conv = world.chat().id;
    for text in ["one", "two"] {
        let key = world.key_of(text);
        world.act(Action::Retry { key }).unwrap();
    }
    let key = key(&world);
    world.act(Action::Retry { key }).unwrap();
    assert_eq!(world.desk.said(), ["one", "two"]);
    assert_eq!(handed_over(&world), 1);
    assert_eq!(world.desk.logs.len(), 1);
    assert_eq!(world.chat().id, conv);
    assert_eq!(world.stored.journal, []);
    world.say("three");
    assert_eq!(world.desk.said(), ["one", "two", "three"]);
}

#[test]
fn a_file_that_waited_for_a_conversation_goes_into_it_once_it_may_begin() {
    let mut world = World::chatting();
    refuse(&mut world, error_code::TOO_MANY);
    let (conv, file) = (world.chat().id, world.keep_file("room.png", 300_000));
    world.act(Action::Attach { conv, file }).unwrap();
    world.carry_files();
    let key = world.chat().items[0].key.clone();
    world.act(Action::Retry { key }).unwrap();
    world.carry_files();
    assert_eq!(world.own().len(), 1);
    assert_eq!(world.own()[0].1, Status::Sent);
    assert_eq!(world.desk.uploads.len(), 1);
}

#[test]
fn what_found_no_room_before_the_store_was_read_is_told_as_the_refusal_it_is() {
    let mut world = World::chatting();
    world.say("before");
    world.lose_network();
    for number in 0..OUTBOX_ENTRIES_MAX {
        world.say(&format!("message {number}"));
    }
    let stored = world.stored.clone();
    world.engine = deskside::Engine::new(world::config(), [7; 32]).unwrap();
    let feedback = Action::Feedback {
        article: "returns".into(),
        helpful: true,
        query: String::new(),
    };
    let early = world.engine.handle(world.now, Input::Visitor(feedback));
    assert_eq!(early, Ok(()), "nobody knows yet");
    world.events.clear();
    world.act(Action::Reconnect).unwrap();
    let told = HostEvent::CommandRefused {
        command: "feedback".into(),
        code: "outbox_full".into(),
    };
    assert_eq!(
        world.events.iter().filter(|event| **event == told).count(),
        1
    );
    assert_eq!(world.stored, stored);
}

#[test]
fn words_that_found_no_room_before_the_store_was_read_stand_in_the_draft() {
    let mut world = World::chatting();
    world.say("before");
    world.lose_network();
    for number in 0..OUTBOX_ENTRIES_MAX {
        world.say(&format!("message {number}"));
    }
    let conv = world.chat().id;
    world.engine = deskside::Engine::new(world::config(), [7; 32]).unwrap();
    let said = Action::Send {
        conv: conv.clone(),
        text: "one more".into(),
        ticket: None,
    };
    let early = world.engine.handle(world.now, Input::Visitor(said));
    assert_eq!(early, Ok(()), "nobody knows yet");
    world.act(Action::Open { conv: Some(conv) }).unwrap();
    assert_eq!(world.chat().draft, "one more");
}

/// A conversation that may not begin, with "one" in it that is stored and "two" that is not yet.
fn refused_on_the_way_to_the_store() -> World {
    let mut world = World::chatting();
    refuse(&mut world, error_code::TOO_MANY);
    world.net = Net::LosesReplies;
    world.say("one");
    let refusal = world.lost_replies.pop().expect("the desk has answered");
    world.disk = Disk::Stalls;
    world.say("two");
    world.net = Net::Works;
    world.input(Input::Received(refusal));
    world
}

#[test]
fn what_was_not_stored_yet_when_its_conversation_might_not_begin_is_parked_all_the_same() {
    let mut world = refused_on_the_way_to_the_store();
    world.unstall();
    let parked = Status::Failed {
        code: error_code::TOO_MANY.into(),
    };
    assert_eq!(world.status("two"), parked);
    world.reload();
    assert_eq!(world.status("one"), parked);
    assert_eq!(world.status("two"), parked);
    assert_eq!(world.desk.said(), [""; 0]);
}

#[test]
fn what_is_given_up_before_it_is_stored_does_not_come_back_with_its_commit() {
    let mut world = refused_on_the_way_to_the_store();
    for text in ["one", "two"] {
        let key = world.key_of(text);
        world.act(Action::Discard { key }).unwrap();
    }
    world.unstall();
    assert_eq!(world.stored.journal, []);
    world.reload();
    assert_eq!(world.texts(), Vec::<String>::new());
}

#[test]
fn what_is_given_up_while_nobody_knows_whether_it_is_stored_does_not_come_back_either() {
    let mut world = refused_on_the_way_to_the_store();
    // It is committed, and the answer is lost with the connection.
    let batch = world.stalled.pop_front().expect("it is being committed");
    let (stored, next) = (&mut world.stored, &mut world.next_local_seq);
    device::commit(stored, next, world.generation, &batch).expect("nothing is in its way");
    let key = world.key_of("two");
    world.act(Action::Discard { key }).unwrap();
    world.stalled.clear();
    world.disk = Disk::Works;
    world.input(Input::StoreClosed {
        code: "broken".into(),
    });
    let said =
        |entry: &Entry| matches!(&entry.command, Durable::Send(send) if send.body.text == "two");
    assert!(!world.stored.journal.iter().any(said));
}

#[test]
fn what_is_sent_again_before_it_is_stored_is_queued_when_it_is() {
    let mut world = refused_on_the_way_to_the_store();
    world.lose_network();
    let key = world.key_of("two");
    world.act(Action::Retry { key }).unwrap();
    assert_eq!(world.status("two"), Status::Saving);
    world.unstall();
    assert_eq!(world.status("two"), Status::Queued);
    world.reload();
    world.restore_network();
    world.pass_ms(1_000);
    assert_eq!(world.desk.said(), ["two"]);
}
