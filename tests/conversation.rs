//! The timeline is the desk's log, applied in order, each entry once.

mod world;

use deskside::output::HostEvent;
use deskside::protocol::command::Marks;
use deskside::protocol::event::{Author, Content, Event, EventBody, Lifecycle, Role};
use deskside::protocol::reply::TypingNotice;
use deskside::view::{Connection, ItemBody, Status};
use deskside::{Action, Input};
use world::desk::agents::agent;
use world::{Net, World, push};

fn texts(world: &World) -> Vec<String> {
    let items = world
        .chat()
        .items
        .into_iter()
        .filter_map(|item| match item.body {
            ItemBody::Message { content, .. } => Some(deskside::richtext::text_of(&content)),
            _ => None,
        });
    items.collect()
}

#[test]
fn an_answer_is_shown_with_the_agents_name_and_told_to_the_page() {
    let mut world = World::chatting();
    world.say("hello");
    world.desk.agent_says("Good morning!");
    world.deliver();
    let chat = world.chat();
    assert_eq!(chat.state, Lifecycle::Assigned);
    assert_eq!(chat.agent.as_ref().unwrap().name, "Mia");
    let ItemBody::Message {
        author,
        mine: false,
        ..
    } = &chat.items.last().unwrap().body
    else {
        panic!("{chat:?}")
    };
    assert_eq!(author.name, "Mia");
}

#[test]
fn unread_counts_what_nobody_looked_at_and_only_that() {
    let mut world = World::chatting();
    world.say("hello");
    world.act(Action::Look { visible: false }).unwrap();
    world.desk.agent_says("one");
    world.desk.agent_says("two");
    world.deliver();
    assert_eq!(world.view().unread, 2);
    assert!(
        world
            .events
            .contains(&HostEvent::UnreadChanged { unread: 2 })
    );
    assert_eq!(
        world.desk.log().visitor_marks.delivered_seq,
        world.desk.log().events.len() as u32
    );
    world.act(Action::Look { visible: true }).unwrap();
    assert_eq!(world.view().unread, 0);
    assert_eq!(
        world.desk.log().visitor_marks.read_seq,
        world.desk.log().events.len() as u32
    );
    let first = world
        .chat()
        .first_unread
        .expect("a line above the first of them");
    let shown = world
        .chat()
        .items
        .into_iter()
        .find(|item| item.key == first)
        .unwrap();
    assert!(matches!(shown.body, ItemBody::Message { mine: false, .. }));
}

#[test]
fn what_is_unread_survives_a_reload() {
    let mut world = World::chatting();
    world.say("hello");
    world.act(Action::Look { visible: false }).unwrap();
    world.desk.agent_says("one");
    world.deliver();
    world.net = Net::Down;
    world.desk.disconnect();
    world.engine = deskside::Engine::new(world::config(), [7; 32]).unwrap();
    assert_eq!(world.engine.poll(), Some(deskside::Output::Load));
    let stored = world.stored.clone();
    world.input(Input::Loaded(stored));
    assert_eq!(world.view().unread, 1);
}

#[test]
fn an_event_beyond_the_next_one_waits_for_the_range_between() {
    let mut world = World::chatting();
    world.say("hello");
    world.desk.agent_says("one");
    world.desk.agent_says("two");
    let mut pushes = world.take_pushes();
    let last = pushes.pop().unwrap();
    world.input(Input::Received(vec![last]));
    assert_eq!(texts(&world), ["hello", "one", "two"]);
    assert!(world.transmitted.contains(&"history".to_owned()));
    world.input(Input::Received(pushes));
    assert_eq!(
        texts(&world),
        ["hello", "one", "two"],
        "late ones change nothing"
    );
}

#[test]
fn a_long_gap_is_fetched_page_by_page() {
    let mut world = World::chatting();
    world.say("hello");
    world.desk.page_max = 10;
    for index in 0..35 {
        world.desk.agent_says(&format!("a{index}"));
    }
    let last = world.take_pushes().pop().unwrap();
    world.input(Input::Received(vec![last]));
    assert_eq!(texts(&world).len(), 36);
}

#[test]
fn a_resumed_connection_brings_what_was_missed() {
    let mut world = World::chatting();
    world.say("hello");
    world.lose_network();
    world.desk.agent_says("while you were away");
    world.restore_network();
    assert_eq!(texts(&world), ["hello", "while you were away"]);
}

#[test]
fn a_log_that_was_replaced_is_loaded_anew_and_the_outbox_is_kept() {
    let mut world = World::chatting();
    world.say("kept");
    world.say("lost with the backup");
    world.lose_network();
    world.say("waiting");
    world.desk.restore_from_backup(1);
    world.restore_network();
    world.pass_ms(40_000);
    assert_eq!(texts(&world), ["kept", "waiting"]);
    assert_eq!(world.desk.said(), ["kept", "waiting"]);
}

#[test]
fn an_event_of_an_unknown_type_moves_the_cursor_and_shows_nothing() {
    let mut world = World::chatting();
    world.say("hello");
    let conv = world.chat().id;
    let before = world.chat().items.len();
    let author = Author {
        role: Role::System,
        id: String::new(),
    };
    world.desk.append(
        &conv,
        author,
        None,
        EventBody::Unknown("hologram".into()),
        9,
    );
    world.desk.agent_says("after it");
    world.deliver();
    assert_eq!(
        world.chat().items.len(),
        before + 2,
        "the assignment and the message"
    );
    assert!(!world.transmitted.contains(&"history".to_owned()));
}

#[test]
fn pushes_for_conversations_of_others_and_seqs_from_nowhere_change_nothing() {
    let mut world = World::chatting();
    world.say("hello");
    let before = world.view();
    let event = |conv: &str, seq: u32| Event {
        conv: conv.into(),
        seq,
        ts: 1,
        author: Author {
            role: Role::Agent,
            id: "a1".into(),
        },
        cmid: None,
        body: EventBody::Message(Content::from("boo".to_owned())),
    };
    let conv = world.chat().id;
    for event in [event("somebody-else", 1), event(&conv, 0), event(&conv, 1)] {
        world.input(Input::Received(vec![push(|frame| {
            frame.event = Some(event)
        })]));
    }
    assert_eq!(world.view(), before);
    // A huge jump only asks for the range, and finds that there is none.
    world.input(Input::Received(vec![push(|frame| {
        frame.event = Some(event(&conv, u32::MAX))
    })]));
    assert_eq!(texts(&world), ["hello"]);
}

#[test]
fn older_entries_are_fetched_when_asked_for_and_join_without_a_gap() {
    let mut world = World::chatting();
    world.say("first");
    for index in 0..250 {
        world.desk.agent_says(&format!("a{index}"));
    }
    world.desk.page_max = 100;
    world.stored = deskside::Stored {
        meta: world.stored.meta.clone(),
        ..Default::default()
    };
    let conv = world.chat().id;
    world.reload();
    world.act(Action::Open { conv: Some(conv) }).unwrap();
    assert!(world.chat().has_older);
    let newest = texts(&world);
    assert_eq!(newest.last().unwrap(), "a249");
    world.act(Action::Older).unwrap();
    world.act(Action::Older).unwrap();
    assert_eq!(texts(&world).len(), 251);
    assert_eq!(texts(&world)[0], "first");
    assert!(!world.chat().has_older);
}

#[test]
fn typing_is_shown_until_it_stops_expires_or_becomes_a_message() {
    let mut world = World::chatting();
    world.say("hello");
    let conv = world.chat().id;
    let notice = |active| {
        let typing = TypingNotice {
            conv: conv.clone(),
            by: agent(),
            active,
        };
        Input::Received(vec![push(|frame| frame.typing = Some(typing))])
    };
    world.input(notice(true));
    assert_eq!(world.chat().typing.unwrap().name, "Mia");
    world.input(notice(false));
    assert_eq!(world.chat().typing, None);
    world.input(notice(true));
    world.pass_ms(6_500);
    assert_eq!(world.chat().typing, None);
    world.input(notice(true));
    world.desk.agent_says("there");
    world.deliver();
    assert_eq!(world.chat().typing, None);
}

#[test]
fn the_visitors_typing_is_told_sparingly_and_taken_back() {
    let mut world = World::chatting();
    world.say("hello");
    let conv = world.chat().id;
    let told = |world: &World| {
        world
            .transmitted
            .iter()
            .filter(|name| *name == "typing")
            .count()
    };
    for length in 1..20 {
        world
            .act(Action::Draft {
                conv: conv.clone(),
                text: "x".repeat(length),
            })
            .unwrap();
        world.pass_ms(100);
    }
    assert_eq!(told(&world), 1);
    world.pass_ms(7_000);
    assert_eq!(told(&world), 2, "and it is taken back when typing stops");
    world
        .act(Action::Draft {
            conv,
            text: "more".into(),
        })
        .unwrap();
    world.say("more");
    assert_eq!(told(&world), 4);
}

#[test]
fn a_draft_survives_a_reload() {
    let mut world = World::chatting();
    let conv = world.chat().id;
    world
        .act(Action::Draft {
            conv,
            text: "half a tho".into(),
        })
        .unwrap();
    world.pass_ms(1_000);
    world.reload();
    assert_eq!(world.chat().draft, "half a tho");
}

#[test]
fn a_draft_is_stored_at_once_when_the_page_is_hidden() {
    let mut world = World::chatting();
    let conv = world.chat().id;
    world
        .act(Action::Draft {
            conv,
            text: "half".into(),
        })
        .unwrap();
    world.act(Action::Look { visible: false }).unwrap();
    world.reload();
    assert_eq!(world.chat().draft, "half");
}

#[test]
fn an_ended_conversation_takes_no_message_and_the_next_one_is_new() {
    let mut world = World::chatting();
    world.say("hello");
    let conv = world.chat().id;
    world.act(Action::End { conv: conv.clone() }).unwrap();
    assert_eq!(world.chat().state, Lifecycle::Closed);
    let late = Action::Send {
        conv: conv.clone(),
        text: "late".into(),
        ticket: None,
    };
    assert_eq!(world.act(late).unwrap_err().code, "closed");
    world.act(Action::Open { conv: None }).unwrap();
    assert_ne!(world.chat().id, conv);
}

#[test]
fn a_message_after_the_resolution_reopens_the_conversation() {
    let mut world = World::chatting();
    world.say("hello");
    world.desk.agent_says("done");
    world.desk.agent_resolves();
    world.deliver();
    assert_eq!(world.chat().state, Lifecycle::Resolved);
    world.say("not quite");
    assert_eq!(world.chat().state, Lifecycle::Reopened);
    assert_eq!(world.desk.said(), ["hello", "not quite"]);
}

#[test]
fn marks_of_another_device_are_taken_over_and_never_lowered() {
    let mut world = World::chatting();
    world.say("hello");
    world.act(Action::Look { visible: false }).unwrap();
    world.desk.agent_says("one");
    world.deliver();
    let conv = world.chat().id;
    let top = world.desk.log().events.len() as u32;
    let receipt = |read_seq| deskside::protocol::reply::Receipt {
        conv: conv.clone(),
        by: Role::Visitor,
        marks: Marks {
            delivered_seq: read_seq,
            read_seq,
        },
    };
    world.input(Input::Received(vec![push(|frame| {
        frame.read = Some(receipt(top))
    })]));
    assert_eq!(world.view().unread, 0);
    world.input(Input::Received(vec![push(|frame| {
        frame.read = Some(receipt(1))
    })]));
    assert_eq!(world.view().unread, 0);
}

#[test]
fn a_frame_that_neither_answers_nor_refuses_does_not_count_as_the_answer() {
    let mut world = World::chatting();
    world.say("hello");
    world.act(Action::Look { visible: false }).unwrap();
    world.desk.agent_says("one");
    world.deliver();
    world.desk.refused_marks = 1;
    world.net = Net::LosesReplies;
    world.act(Action::Look { visible: true }).unwrap();
    let refused = world.lost_replies.remove(0);
    assert!(refused[0].error.is_some());
    world.input(Input::Received(vec![push(|frame| {
        frame.id = refused[0].id
    })]));
    world.net = Net::Works;
    world.input(Input::Received(refused));
    world.pass_ms(30_000);
    let log = world.desk.log();
    assert_eq!(log.visitor_marks.read_seq, log.events.len() as u32);
}

#[test]
fn a_visitor_who_only_searches_never_connects() {
    let mut world = World::new();
    world.pass_ms(120_000);
    assert_eq!(world.view().connection, Connection::Idle);
    assert_eq!(world.transmitted, Vec::<String>::new());
    assert_eq!(
        world.stored,
        deskside::Stored::default(),
        "and nothing is stored"
    );
}

#[test]
fn what_was_typed_into_a_conversation_that_ends_goes_along_into_the_next_one() {
    let mut world = World::chatting();
    world.say("hello");
    let ended = world.chat().id;
    let draft = Action::Draft {
        conv: ended.clone(),
        text: "a long thought".into(),
    };
    world.act(draft).unwrap();
    world.desk.moves_to(Lifecycle::Closed);
    world.deliver();
    assert_eq!(world.chat().state, Lifecycle::Closed);
    world.act(Action::OpenNew).unwrap();
    assert_eq!(world.chat().draft, "a long thought");
    world.pass_ms(1_000);
    world.reload();
    assert_eq!(world.chat().draft, "a long thought", "it is stored there");
    world.act(Action::Open { conv: Some(ended) }).unwrap();
    assert_eq!(world.chat().draft, "", "and nowhere else");
}

#[test]
fn a_message_that_came_after_the_end_is_edited_where_it_can_be_said() {
    let mut world = World::chatting();
    world.say("hello");
    world.lose_network();
    world.say("too late");
    world.desk.moves_to(Lifecycle::Closed);
    world.restore_network();
    let key = world.key_of("too late");
    world.act(Action::Edit { key }).unwrap();
    assert_eq!(world.chat().draft, "too late");
    world.say("too late, but anew");
    assert_eq!(world.status("too late, but anew"), Status::Sent);
    assert_eq!(world.stored.journal, []);
}
