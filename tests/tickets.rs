//! Nobody is there: a message is left with an address to be answered at, as safely as any other.

mod world;

use deskside::protocol::content::Ticket;
use deskside::protocol::error_code;
use deskside::protocol::event::EventBody;
use deskside::view::{ItemBody, Status};
use deskside::{Action, Input};
use world::desk::permanent;
use world::{Disk, Net, World};

const ADDRESS: &str = "mei.o'brien@post.example";

fn leave(world: &mut World, text: &str, reply_to: &str) -> Result<(), &'static str> {
    let conv = world.chat().id;
    let ticket = Action::Send {
        conv,
        text: text.into(),
        ticket: Some(Ticket {
            reply_to: reply_to.into(),
            name: "Mei".into(),
            number: None,
        }),
    };
    world.act(ticket).map_err(|error| error.code)
}

/// What stands in the timeline of each message that is a ticket.
fn tickets(world: &World) -> Vec<Ticket> {
    let items = world.chat().items.into_iter();
    let tickets = items.filter_map(|item| match item.body {
        ItemBody::Message { ticket, .. } => ticket,
        _ => None,
    });
    tickets.collect()
}

/// The tickets at the desk: text and number.
fn at_desk(world: &World) -> Vec<(String, u32)> {
    let logs = world.desk.logs.iter();
    let messages = logs.flat_map(|log| &log.events).filter_map(|event| {
        let EventBody::Message(content) = &event.body else {
            return None;
        };
        Some((content.text.clone(), content.ticket.as_ref()?.number?))
    });
    messages.collect()
}

fn number(of: Option<u32>) -> Ticket {
    Ticket {
        reply_to: ADDRESS.into(),
        name: "Mei".into(),
        number: of,
    }
}

#[test]
fn a_ticket_is_a_message_with_an_address_and_gets_its_number_with_the_answer() {
    let mut world = World::chatting();
    world.net = Net::Silent;
    leave(&mut world, "The lamp flickers", ADDRESS).unwrap();
    assert_eq!(tickets(&world), [number(None)]);
    world.net = Net::Works;
    world.pass_ms(60_000);
    assert!(world.transmitted.iter().any(|name| name == "ticket"));
    assert_eq!(at_desk(&world), [("The lamp flickers".into(), 1)]);
    assert_eq!(tickets(&world), [number(Some(1))]);
    assert_eq!(world.status("The lamp flickers"), Status::Sent);
    assert_eq!(world.view().conversations[0].preview, "The lamp flickers");
    world.reload();
    assert_eq!(tickets(&world), [number(Some(1))], "the log has it");
}

#[test]
fn a_ticket_is_called_queued_only_after_the_commit_and_outlives_the_page() {
    let mut world = World::chatting();
    world.lose_network();
    world.disk = Disk::Stalls;
    leave(&mut world, "Are you open on Sunday?", ADDRESS).unwrap();
    assert_eq!(world.status("Are you open on Sunday?"), Status::Saving);
    world.unstall();
    assert_eq!(world.status("Are you open on Sunday?"), Status::Queued);
    world.reload();
    assert_eq!(tickets(&world), [number(None)]);
    world.restore_network();
    assert_eq!(at_desk(&world), [("Are you open on Sunday?".into(), 1)]);
    assert_eq!(world.stored.journal, []);
}

#[test]
fn whatever_is_lost_on_the_way_a_ticket_arrives_once_under_one_number() {
    let mut world = World::chatting();
    world.say("Hello?");
    world.net = Net::LosesReplies;
    leave(&mut world, "Nobody there?", ADDRESS).unwrap();
    world.pass_ms(60_000);
    world.net = Net::Works;
    world.pass_ms(60_000);
    assert_eq!(at_desk(&world), [("Nobody there?".into(), 1)]);
    assert_eq!(world.texts(), ["Hello?", "Nobody there?"]);
    assert_eq!(tickets(&world), [number(Some(1))]);
    leave(&mut world, "Another thing", "+86 138-0013-8000").unwrap();
    assert_eq!(at_desk(&world)[1], ("Another thing".into(), 2));
}

#[test]
fn messages_and_tickets_stand_in_one_queue_each_after_the_one_before_it() {
    let mut world = World::chatting();
    world.lose_network();
    world.say("one");
    leave(&mut world, "two", ADDRESS).unwrap();
    world.say("three");
    world.restore_network();
    assert_eq!(world.desk.said(), ["one", "two", "three"]);
}

#[test]
fn an_address_that_can_be_none_is_refused_before_anything_is_written_down() {
    let mut world = World::chatting();
    for address in [
        "",
        "mei",
        "mei@post",
        "@post.example",
        "mei@@post.example",
        "mei@.example",
        "a b@post.example",
        "a@b.example,c@d.example",
        "1234",
        "123456789012345678",
        "call 12345678",
    ] {
        let refused = leave(&mut world, "Hello", address);
        assert_eq!(refused, Err("reply_to_invalid"), "{address:?}");
    }
    assert_eq!(leave(&mut world, "  ", ADDRESS), Err("empty"));
    let long = "a".repeat(20_000);
    assert_eq!(leave(&mut world, &long, ADDRESS), Err("too_long"));
    assert_eq!(world.chat().items, []);
    assert_eq!(world.stored.journal, []);
    for address in [
        "a@b.cn",
        "李雷@例子.中国",
        "010 8888 6666",
        "+44 (0)20 7946 0018",
    ] {
        assert_eq!(leave(&mut world, "Hello", address), Ok(()), "{address:?}");
    }
}

#[test]
fn the_draft_goes_with_the_ticket() {
    let mut world = World::chatting();
    let conv = world.chat().id;
    let text = "half a thought".to_owned();
    world.act(Action::Draft { conv, text }).unwrap();
    leave(&mut world, "half a thought, finished", ADDRESS).unwrap();
    world.reload();
    assert_eq!(world.chat().draft, "");
}

#[test]
fn a_ticket_that_is_refused_is_sent_again_as_the_ticket_that_it_was() {
    let mut world = World::chatting();
    world.say("Hello");
    world
        .desk
        .refusals
        .push_back(permanent(error_code::INVALID));
    leave(&mut world, "Where is it?", ADDRESS).unwrap();
    let code = "invalid".into();
    assert_eq!(world.status("Where is it?"), Status::Failed { code });
    assert_eq!(world.view().refused, [], "it stands in the timeline");
    let key = world.key_of("Where is it?");
    world.act(Action::Retry { key }).unwrap();
    world.pass_ms(1_000);
    assert_eq!(at_desk(&world), [("Where is it?".into(), 1)]);
}

#[test]
fn a_ticket_that_came_after_the_end_goes_into_a_new_conversation_with_its_address() {
    let mut world = World::chatting();
    world.say("Hello");
    world.desk.refusals.push_back(permanent(error_code::CLOSED));
    leave(&mut world, "One more thing", ADDRESS).unwrap();
    let key = world.key_of("One more thing");
    world.act(Action::Retry { key }).unwrap();
    world.pass_ms(1_000);
    assert_eq!(world.desk.logs.len(), 2);
    assert_eq!(at_desk(&world), [("One more thing".into(), 1)]);
    assert_eq!(tickets(&world), [number(Some(1))]);
}

#[test]
fn a_refused_ticket_goes_back_into_the_draft_or_away() {
    let mut world = World::chatting();
    world.say("Hello");
    for to_draft in [true, false] {
        let refusal = permanent(error_code::INVALID);
        world.desk.refusals.push_back(refusal);
        leave(&mut world, "Never mind", ADDRESS).unwrap();
        let key = world.key_of("Never mind");
        let action = match to_draft {
            true => Action::Edit { key },
            false => Action::Discard { key },
        };
        world.act(action).unwrap();
        assert_eq!(world.texts(), ["Hello"]);
        assert_eq!(world.stored.journal, []);
        let draft = if to_draft { "Never mind" } else { "" };
        assert_eq!(world.chat().draft, draft);
        let conv = world.chat().id;
        let text = String::new();
        world.act(Action::Draft { conv, text }).unwrap();
    }
}

#[test]
fn what_an_agent_takes_back_takes_the_address_with_it() {
    let mut world = World::chatting();
    leave(&mut world, "My number is on the parcel", ADDRESS).unwrap();
    let seq = world.desk.log().events.len() as u32;
    world.desk.redacts(seq);
    world.deliver();
    assert_eq!(tickets(&world), []);
    let stored = format!("{:?}", world.stored);
    assert!(
        !stored.contains(ADDRESS),
        "nothing of it is left on the device"
    );
}

#[test]
fn who_comes_back_finds_the_answer_unread() {
    let mut world = World::chatting();
    leave(&mut world, "Are you open on Sunday?", ADDRESS).unwrap();
    world.act(Action::Leave).unwrap();
    world.lose_network();
    world.desk.agent_says("From ten to four.");
    world.net = Net::Works;
    world.restart();
    world.pass_ms(1_000);
    assert_eq!(world.view().unread, 1);
    world.open_chat();
    assert_eq!(
        world.texts(),
        ["Are you open on Sunday?", "From ten to four."]
    );
    assert_eq!(world.view().unread, 0);
}

#[test]
fn what_waits_before_the_store_is_read_is_checked_at_once() {
    let mut world = World::chatting();
    world.input(Input::Network { online: true });
    let mut engine = deskside::Engine::new(world::config(), [3; 32]).unwrap();
    let ticket = Action::Send {
        conv: world.chat().id,
        text: "Hello".into(),
        ticket: Some(Ticket::default()),
    };
    let refused = engine.handle(world.now, Input::Visitor(ticket));
    assert_eq!(refused.unwrap_err().code, "reply_to_invalid");
}
