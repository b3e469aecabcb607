//! A tab that follows shows what the store holds, also where a hint was lost on the way.

mod world;

use deskside::limits::{OTHER_TAB_GRACE_MS, PING_INTERVAL_MS, TYPING_EXPIRY_MS};
use deskside::output::{Entry, Stored};
use deskside::protocol::error_code;
use deskside::protocol::reply::ServerFrame;
use deskside::tabs::{Changed, Lead, TabMessage, TypingIn};
use deskside::view::{Connection, Status};
use deskside::{Action, Engine, Input, Now, Output};
use world::desk::{Desk, temporary};
use world::{Disk, World, config};

fn leads(generation: u32, connection: Connection) -> Input {
    Input::Told(TabMessage::Leads(Lead {
        generation,
        connection,
        text_bytes_max: 1_000,
        ..Default::default()
    }))
}

fn journal_changed() -> Input {
    Input::Told(TabMessage::Changed(Changed {
        journal: true,
        ..Default::default()
    }))
}

/// A tab that is told nothing but where the store stands.
fn engine() -> Engine {
    let mut engine = Engine::new(config(), [1; 32]).unwrap();
    assert_eq!(engine.poll(), Some(Output::Load));
    engine
}

/// What an engine asks of the store upon an input.
fn asked(engine: &mut Engine, input: Input) -> Vec<Output> {
    engine.handle(Now::default(), input).unwrap();
    let outputs = std::iter::from_fn(|| engine.poll());
    let of_store = |output: &Output| matches!(output, Output::Load | Output::Read(_));
    outputs.filter(of_store).collect()
}

#[test]
fn what_a_leading_tab_wrote_and_did_not_live_to_tell_is_read_when_another_one_leads() {
    let mut follower = World::chatting();
    follower.input(Input::Following);
    follower.input(leads(1, Connection::Online));
    follower.say("hello");
    assert_eq!(follower.status("hello"), Status::Queued);

    let mut leader = World::with_desk(std::mem::replace(&mut follower.desk, Desk::new()));
    leader.stored = follower.stored.clone();
    leader.reload();
    assert_eq!(leader.status("hello"), Status::Sent);
    follower.stored = leader.stored.clone();

    follower.input(leads(2, Connection::Online));
    assert_eq!(follower.status("hello"), Status::Sent);
}

#[test]
fn a_conversation_that_another_tab_has_begun_is_asked_for_as_soon_as_something_of_it_comes() {
    let mut refused = World::chatting();
    let later = temporary(error_code::UNAVAILABLE, 600_000);
    refused.desk.refusals.push_back(later);
    refused.say("hello");
    assert_eq!(refused.status("hello"), Status::Queued);

    let mut begins = World::with_desk(std::mem::replace(&mut refused.desk, Desk::new()));
    begins.stored = refused.stored.clone();
    begins.reload();
    assert_eq!(begins.status("hello"), Status::Sent);
    refused.stored = begins.stored.clone();
    refused.input(journal_changed());

    refused.desk = begins.desk;
    refused.desk.agent_says("Good morning!");
    refused.deliver();
    refused.pass_ms(1_000);
    assert_eq!(refused.texts(), ["hello", "Good morning!"]);
}

#[test]
fn what_was_told_while_the_store_was_first_read_is_looked_at_after_that() {
    for place in [Input::Leading { generation: 1 }, Input::Following] {
        let mut engine = engine();
        assert_eq!(asked(&mut engine, place), []);
        assert_eq!(asked(&mut engine, journal_changed()), []);
        let asked = asked(&mut engine, Input::Loaded(Stored::default()));
        assert!(
            matches!(&*asked, [Output::Read(wanted)] if wanted.journal),
            "{asked:?}"
        );
    }
}

#[test]
fn the_store_is_read_whole_only_when_what_was_asked_before_is_answered() {
    let mut engine = engine();
    asked(&mut engine, Input::Following);
    asked(&mut engine, Input::Loaded(Stored::default()));
    let read = asked(&mut engine, journal_changed());
    assert!(matches!(&*read, [Output::Read(_)]), "{read:?}");
    assert_eq!(asked(&mut engine, Input::Leading { generation: 2 }), []);
    let answer = Input::Read(Some(Stored::default()));
    assert_eq!(asked(&mut engine, answer), [Output::Load]);
}

#[test]
fn a_store_whose_leaders_are_counted_anew_has_a_leader_that_is_heard() {
    let mut follower = World::chatting();
    follower.input(Input::Following);
    follower.input(leads(5, Connection::Online));
    follower.input(Input::StoreClosed {
        code: "broken".into(),
    });
    follower.input(Input::Following);
    follower.input(leads(1, Connection::Offline));
    assert_eq!(follower.view().connection, Connection::Offline);
}

#[test]
fn a_commit_of_a_lead_that_is_over_does_not_end_the_next_one() {
    let mut world = World::chatting();
    world.say("hello");
    world.generation = 1;
    world.input(Input::Leading { generation: 1 });
    world.disk = Disk::Stalls;
    world.desk.agent_says("here");
    world.deliver();
    world.input(Input::Following);
    world.generation = 3;
    world.input(Input::Leading { generation: 3 });
    world.unstall();
    world.pass_ms(1);
    assert_eq!(world.view().connection, Connection::Online);
    world.say("still there");
    assert_eq!(world.status("still there"), Status::Sent);
}

#[test]
fn a_tab_that_leads_again_first_reads_what_another_wrote_between() {
    let mut world = World::chatting();
    world.generation = 1;
    world.input(Input::Leading { generation: 1 });
    world.say("hello");
    world.act(Action::Look { visible: false }).unwrap();
    world.desk.agent_says("here");
    world.deliver();
    // This one slept, and has not heard that another led: there, all was read.
    for record in &mut world.stored.conversations {
        record.visitor_marks.read_seq = record.cursor;
    }
    world.generation = 3;
    world.input(Input::Leading { generation: 3 });
    assert_eq!(world.view().unread, 0);
    world.pass_ms(1_000);
    world.desk.agent_says("still here");
    world.deliver();
    let read = world.stored.conversations[0].visitor_marks.read_seq;
    assert_eq!(world.view().unread, 1, "and nothing of it is written over");
    assert_eq!(read, world.stored.conversations[0].cursor - 1);
}

#[test]
fn what_is_said_anew_is_not_lost_with_the_lead() {
    let mut world = World::chatting();
    world.generation = 1;
    world.input(Input::Leading { generation: 1 });
    world.say("before");
    world.desk.logs.clear();
    world.say("lost ground");
    world.disk = Disk::Stalls;
    let key = world.key_of("lost ground");
    world.act(Action::Retry { key }).unwrap();
    world.input(Input::Following);
    world.generation = 3;
    world.unstall();
    let journal = &world.stored.journal;
    assert_eq!(journal.len(), 2, "and what opens its conversation");
    assert!(journal.iter().all(|entry| entry.failed.is_none()));
    assert_eq!(world.status("lost ground"), Status::Queued);
    world.generation = 4;
    world.input(Input::Leading { generation: 4 });
    world.pass_ms(1_000);
    assert_eq!(world.status("lost ground"), Status::Sent);
    assert_eq!(world.desk.said(), ["lost ground"]);
}

/// A leading tab, and what one that is gone has left in the journal without a word.
fn leader_and_left() -> (World, Vec<Entry>) {
    let mut world = World::chatting();
    world.lose_network();
    world.say("before I go");
    let left = std::mem::take(&mut world.stored.journal);
    world.net = world::Net::Works;
    world.reload();
    assert_eq!(world.texts(), [""; 0]);
    (world, left)
}

#[test]
fn what_a_tab_wrote_that_was_closed_before_it_could_tell_goes_out_all_the_same() {
    let (mut world, left) = leader_and_left();
    world.stored.journal = left;
    world.pass_ms(u64::from(PING_INTERVAL_MS + OTHER_TAB_GRACE_MS));
    assert_eq!(world.status("before I go"), Status::Sent);
}

#[test]
fn a_tab_that_joins_is_reason_to_look_for_what_it_could_not_tell() {
    let (mut world, left) = leader_and_left();
    world.stored.journal = left;
    world.input(Input::Told(TabMessage::Hello { wants_desk: false }));
    world.pass_ms(u64::from(OTHER_TAB_GRACE_MS));
    assert_eq!(world.status("before I go"), Status::Sent);
}

#[test]
fn a_tab_that_joins_after_the_cache_made_way_finds_the_conversation() {
    let mut leader = World::chatting();
    leader.say("before");
    leader.disk = Disk::FailsOnce("quota");
    let conv = leader.chat().id;
    leader
        .act(Action::Draft {
            conv: conv.clone(),
            text: "half".into(),
        })
        .unwrap();
    leader.pass_ms(1_000);
    assert_eq!(leader.stored.conversations, []);
    leader.input(Input::Told(TabMessage::Hello { wants_desk: false }));

    let mut joined = World::with_desk(Desk::new());
    joined.lose_network();
    joined.stored = leader.stored.clone();
    joined.reload();
    assert_eq!(joined.chat().id, conv);
    assert_eq!(joined.chat().state, leader.chat().state);
    assert_eq!(joined.texts(), ["before"]);
    assert!(joined.chat().has_older);
}

#[test]
fn who_types_for_long_is_seen_typing_in_every_tab() {
    let mut follower = World::chatting();
    follower.say("hello");
    follower.input(Input::Following);
    let by = world::desk::agents::agent();
    let typing = vec![TypingIn {
        conv: follower.chat().id,
        by,
    }];
    let told = Input::Told(TabMessage::Leads(Lead {
        generation: 1,
        connection: Connection::Online,
        typing,
        ..Default::default()
    }));
    for _ in 0..15 {
        follower.input(told.clone());
        assert!(follower.chat().typing.is_some());
        follower.pass_ms(1_000);
    }
    follower.input(leads(1, Connection::Online));
    assert_eq!(follower.chat().typing, None, "nobody says so any more");
    // A leader that is gone in the middle of it takes nobody's place.
    follower.input(told);
    follower.input(Input::Leading { generation: 2 });
    follower.pass_ms(u64::from(TYPING_EXPIRY_MS));
    assert_eq!(follower.chat().typing, None);
}

#[test]
fn a_page_that_the_desk_does_not_give_now_may_be_asked_for_again_in_every_tab() {
    let mut tab = World::chatting();
    tab.say("hello");
    for _ in 0..300 {
        tab.desk.agent_says("more");
    }
    tab.deliver();
    // Of what the store had, only the newest is left.
    let cleared = tab.stored.events.len() - 50;
    tab.stored.events.drain(..cleared);
    tab.reload();
    let conv = tab.stored.conversations[0].id.clone();
    tab.net = world::Net::LosesReplies;
    tab.act(Action::Older).unwrap();
    let asked = tab.lost_replies.pop().expect("the desk was asked");
    let refusal = ServerFrame {
        id: asked[0].id,
        error: Some(temporary(error_code::RATE_LIMITED, 1_000)),
        ..ServerFrame::default()
    };
    let refused = Input::Received(vec![refusal]);
    tab.engine.handle(tab.now, refused).unwrap();
    assert!(!tab.chat().loading);
    let none = TabMessage::Older { conv, before: 0 };
    let mut told = std::iter::from_fn(|| tab.engine.poll());
    assert!(told.any(|output| output == Output::Tell(none.clone())));
    // Where every tab leads, none answers another.
    tab.engine
        .handle(tab.now, Input::Told(none.clone()))
        .unwrap();
    let mut done = std::iter::from_fn(|| tab.engine.poll());
    let spoken = |output: &Output| matches!(output, Output::Tell(_) | Output::Transmit(_));
    assert!(!done.any(|output| spoken(&output)));

    tab.input(Input::Following);
    tab.input(leads(1, Connection::Online));
    tab.act(Action::Older).unwrap();
    assert!(tab.chat().loading);
    tab.input(Input::Told(none));
    assert!(!tab.chat().loading);
}

/// A tab that follows a leader without a connection, in which a message was read that no other tab shows;
/// and the desk and the store as they are when it has died.
fn read_and_died() -> World {
    let mut world = World::chatting();
    world.say("hello");
    world.act(Action::Look { visible: false }).unwrap();
    world.desk.agent_says("here");
    world.deliver();
    world.input(Input::Following);
    world.input(leads(1, Connection::Offline));
    assert_eq!(world.view().unread, 1);
    world.act(Action::Look { visible: true }).unwrap();
    assert_eq!(world.view().unread, 0);
    let mut next = World::with_desk(std::mem::replace(&mut world.desk, Desk::new()));
    next.stored = world.stored.clone();
    next
}

#[test]
fn what_was_read_in_a_tab_that_does_not_lead_is_told_after_its_death() {
    let mut next = read_and_died();
    let read = next.desk.log().visitor_marks.read_seq;
    next.restart();
    assert_eq!(next.view().unread, 0);
    let told = next.desk.log().visitor_marks;
    assert!(told.read_seq > read && told.read_seq == told.delivered_seq);
}

#[test]
fn what_was_read_of_a_log_that_is_no_more_says_nothing_of_the_new_one() {
    let mut next = read_and_died();
    for conversation in &mut next.stored.conversations {
        conversation.epoch.push('2');
    }
    next.net = world::Net::Down;
    next.restart();
    assert_eq!(next.view().unread, 1);
}
