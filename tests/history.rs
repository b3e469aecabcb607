//! A conversation that is too long for memory: a window is held, the rest comes when it is read.

mod world;

use deskside::limits::{HISTORY_PAGE_EVENTS, LOG_EVENTS_MAX};
use deskside::protocol::event::{Author, EventBody, Role};
use deskside::richtext;
use deskside::view::{ItemBody, Status};
use deskside::{Action, Input, Output};
use world::{Net, World, device};

fn by_agent() -> Author {
    Author {
        role: Role::Agent,
        id: "a1".into(),
    }
}

/// A conversation of so many messages at the desk; the device knows nothing of it but its own first.
fn long(messages: u32) -> World {
    let mut world = World::chatting();
    world.say("first");
    world.lose_network();
    let conv = world.desk.log().conv.clone();
    let own = world.desk.log().events.len() as u32;
    for seq in own + 1..=messages {
        let said = EventBody::Message(format!("m{seq}").into());
        world.desk.append(&conv, by_agent(), None, said, 5);
    }
    world.restore_network();
    world
}

fn texts(world: &World) -> Vec<String> {
    let items = world.chat().items.into_iter();
    let texts = items.filter_map(|item| match item.body {
        ItemBody::Message { content, .. } => Some(richtext::text_of(&content)),
        _ => None,
    });
    texts.collect()
}

fn turn(world: &mut World, action: Action, times: usize) {
    for _ in 0..times {
        world.act(action.clone()).unwrap();
    }
}

#[test]
fn a_hundred_thousand_messages_are_read_through_a_window() {
    let mut world = long(100_000);
    assert!(world.chat().items.len() <= LOG_EVENTS_MAX);
    assert_eq!(texts(&world).last().unwrap(), "m100000");
    turn(&mut world, Action::Older, 40);
    let shown = texts(&world);
    assert!(shown.len() <= LOG_EVENTS_MAX, "{}", shown.len());
    assert_eq!(shown.first().unwrap(), "m95901");
    assert!(world.chat().has_newer);
    // Read on, back to the end, page by page and without a gap.
    let mut seen = shown;
    for _ in 0..60 {
        world.act(Action::Newer).unwrap();
        for text in texts(&world) {
            if !seen.contains(&text) {
                seen.push(text);
            }
        }
    }
    assert!(!world.chat().has_newer);
    let expected: Vec<String> = (95_901..=100_000).map(|seq| format!("m{seq}")).collect();
    assert_eq!(seen, expected);
    assert!(world.chat().items.len() <= LOG_EVENTS_MAX);
}

#[test]
fn back_to_the_latest_is_one_step() {
    let mut world = long(5_000);
    turn(&mut world, Action::Older, 20);
    assert!(world.chat().has_newer);
    world.transmitted.clear();
    world.act(Action::Latest).unwrap();
    assert!(!world.chat().has_newer);
    assert_eq!(texts(&world).last().unwrap(), "m5000");
    assert!(world.transmitted.is_empty(), "it was in memory");
}

#[test]
fn what_comes_while_older_messages_are_read_is_neither_shown_among_them_nor_read() {
    let mut world = long(5_000);
    turn(&mut world, Action::Older, 20);
    let shown = texts(&world);
    world.desk.agent_says("news");
    world.deliver();
    assert_eq!(texts(&world), shown);
    assert_eq!(world.view().unread, 1);
    world.act(Action::Latest).unwrap();
    assert_eq!(texts(&world).last().unwrap(), "news");
    assert_eq!(world.view().unread, 0);
}

#[test]
fn who_writes_while_reading_older_messages_sees_what_they_wrote() {
    let mut world = long(5_000);
    turn(&mut world, Action::Older, 20);
    world.say("about that");
    assert_eq!(texts(&world).last().unwrap(), "about that");
    assert_eq!(world.status("about that"), Status::Sent);
}

#[test]
fn what_the_device_has_is_read_without_the_desk() {
    let mut world = World::chatting();
    world.say("first");
    for _ in 0..1_200 {
        world.desk.agent_says("more");
        world.deliver();
    }
    world.lose_network();
    world.reload();
    let before = texts(&world).len();
    assert!(before <= 200, "{before}");
    world.transmitted.clear();
    turn(&mut world, Action::Older, 20);
    assert!(!world.transmitted.contains(&"history".to_owned()));
    assert_eq!(texts(&world).first().unwrap(), "first");
    assert!(!world.chat().has_older);
}

#[test]
fn without_a_network_older_messages_that_are_not_on_the_device_wait() {
    let mut world = long(5_000);
    world.lose_network();
    turn(&mut world, Action::Older, 5);
    assert!(world.chat().has_older);
    assert!(!world.chat().loading, "it may be tried again");
    world.restore_network();
    let before = texts(&world).len();
    world.act(Action::Older).unwrap();
    assert_eq!(texts(&world).len(), before + HISTORY_PAGE_EVENTS as usize);
}

#[test]
fn a_change_far_outside_the_window_is_there_when_one_gets_there() {
    let mut world = World::chatting();
    world.say("first");
    for _ in 0..1_200 {
        world.desk.agent_says("more");
        world.deliver();
    }
    world.reload();
    world.desk.edits(30, "changed");
    world.desk.redacts(31);
    world.deliver();
    let stale = |world: &World| {
        let stored = world.stored.events.iter();
        let mut old = stored.filter(|event| event.seq == 30 || event.seq == 31);
        old.any(|event| matches!(&event.body, EventBody::Message(said) if said.text == "more"))
    };
    assert!(!stale(&world), "the device does not keep what is not true");
    while world.chat().has_older {
        world.act(Action::Older).unwrap();
    }
    let items = world.chat().items;
    let changed = |item: &&deskside::view::Item| match &item.body {
        ItemBody::Message {
            content, edited, ..
        } => *edited && richtext::text_of(content) == "changed",
        _ => false,
    };
    assert_eq!(items.iter().filter(changed).count(), 1);
    let gone = |item: &&deskside::view::Item| matches!(item.body, ItemBody::Redacted { .. });
    assert_eq!(items.iter().filter(gone).count(), 1);
}

#[test]
fn a_change_of_what_is_being_read_is_seen_there() {
    let mut world = long(5_000);
    turn(&mut world, Action::Older, 20);
    world.desk.edits(3_100, "changed");
    world.deliver();
    assert!(texts(&world).contains(&"changed".to_owned()));
    assert!(world.chat().has_newer, "the reader stays there");
}

#[test]
fn a_log_that_was_replaced_ends_the_reading_of_the_old_one() {
    let mut world = long(5_000);
    turn(&mut world, Action::Older, 20);
    world.desk.restore_from_backup(10);
    world.lose_network();
    world.restore_network();
    assert!(!world.chat().has_newer);
    assert_eq!(texts(&world).last().unwrap(), "m4990");
}

#[test]
fn a_page_that_was_read_before_a_message_was_taken_back_does_not_bring_it_back() {
    let mut world = long(1_000);
    world.net = Net::LosesReplies;
    world.act(Action::Older).unwrap();
    let page = world.lost_replies.pop().expect("the desk was asked");
    world.desk.redacts(850);
    let change = world.take_pushes();
    // The answer is late, the push is not.
    world.net = Net::Works;
    world.input(Input::Received(change));
    world.input(Input::Received(page));
    let shown = texts(&world);
    assert_eq!(shown.first().unwrap(), "m801");
    assert!(!shown.contains(&"m850".to_owned()));
    let kept = format!("{:?}", world.stored.events);
    assert!(kept.contains("m849") && !kept.contains("m850"));
}

#[test]
fn a_log_that_comes_longer_than_the_window_is_held_by_its_newest_part() {
    let mut world = long(2);
    let (record, first) = (&world.stored.conversations[0], &world.stored.events[0]);
    let (mut record, first) = (record.clone(), first.clone());
    record.cursor = 2_000;
    let events = (1..=2_000).map(|seq| deskside::protocol::event::Event {
        seq,
        ..first.clone()
    });
    let stored = deskside::Stored {
        conversations: vec![record],
        events: events.collect(),
        ..Default::default()
    };
    world.engine = deskside::Engine::new(world::config(), [9; 32]).unwrap();
    world.net = Net::Down;
    world.input(Input::Loaded(stored));
    world.open_chat();
    let kept = |world: &World| world.engine.view().conversation.unwrap().items.len();
    assert!(kept(&world) <= LOG_EVENTS_MAX, "{}", kept(&world));
    assert!(world.chat().has_older);
}

#[test]
fn a_page_that_the_store_gave_before_a_message_was_taken_back_does_not_bring_it_back() {
    let mut world = World::chatting();
    world.say("first");
    for number in 0..600 {
        world.desk.agent_says(&format!("a{number}"));
        world.deliver();
    }
    world.reload();
    let older = Input::Visitor(Action::Older);
    world.engine.handle(world.now, older).unwrap();
    let mut outputs = std::iter::from_fn(|| world.engine.poll());
    let wanted = outputs.find_map(|output| match output {
        Output::Read(wanted) => Some(wanted),
        _ => None,
    });
    let read = device::read(&world.stored, &wanted.expect("the store is asked"));
    let seq = read.events[50].seq;
    let EventBody::Message(said) = read.events[50].body.clone() else {
        panic!("a message");
    };
    world.desk.redacts(seq);
    world.deliver();
    world.input(Input::Read(Some(read)));
    let shown = texts(&world);
    assert!(shown.len() > 290, "the page has come");
    assert!(!shown.contains(&said.text));
}
