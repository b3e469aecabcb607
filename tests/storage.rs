//! The device's store fails in every way that it can; nothing that was written is lost by it.

mod world;

use deskside::input::SLOW;
use deskside::outbox::sealed::Sealed;
use deskside::plain::{self, Readable};
use deskside::view::{Connection, Status, Storage};
use deskside::{Action, Engine, Input, Output, Stored};
use world::desk::{Desk, permanent};
use world::{Disk, Net, World};

fn memory(code: &str) -> Storage {
    Storage::Memory { code: code.into() }
}

fn said_offline(world: &mut World, texts: &[&str]) {
    world.lose_network();
    for text in texts {
        world.say(text);
    }
}

fn arrives(world: &mut World, texts: &[&str]) {
    world.restore_network();
    world.pass_ms(60_000);
    assert_eq!(world.desk.said(), texts);
    let shown: Vec<String> = world.own().into_iter().map(|(text, _)| text).collect();
    assert_eq!(shown, texts);
}

// Row 23
#[test]
fn a_connection_to_the_store_that_died_is_opened_once_more_and_the_write_is_not_lost() {
    let mut world = World::chatting();
    world.disk = Disk::FailsOnce("broken");
    said_offline(&mut world, &["one"]);
    assert_eq!(world.view().storage, Storage::Durable);
    assert_eq!(world.status("one"), Status::Queued);
    assert_eq!(world.stored.journal.len(), 2);
    world.reload();
    arrives(&mut world, &["one"]);
}

// Row 23
#[test]
fn a_store_that_falls_silent_is_opened_once_more_and_then_done_without() {
    let mut world = World::chatting();
    world.disk = Disk::Stalls;
    said_offline(&mut world, &["one"]);
    world.pass_ms(9_000);
    assert_eq!(world.status("one"), Status::Saving);
    world.pass_ms(12_000);
    assert_eq!(world.view().storage, memory("broken"));
    arrives(&mut world, &["one"]);
}

// Row 23
#[test]
fn a_page_that_slept_hears_what_its_store_has_to_say_before_it_does_without_it() {
    let mut world = World::chatting();
    world.disk = Disk::Stalls;
    said_offline(&mut world, &["one"]);
    world.stalled.clear();
    world.input(Input::StoreClosed {
        code: "broken".into(),
    });
    world.sleep_ms(60_000);
    assert_eq!(world.view().storage, Storage::Durable);
    world.unstall();
    assert_eq!(world.status("one"), Status::Queued);
    world.reload();
    arrives(&mut world, &["one"]);
}

// Row 23
#[test]
fn a_commit_of_which_nobody_heard_is_not_made_twice() {
    let mut world = World::chatting();
    world.disk = Disk::Mute;
    said_offline(&mut world, &["one"]);
    world.say("two");
    assert_eq!(world.status("one"), Status::Saving);
    world.disk = Disk::Works;
    world.pass_ms(11_000);
    assert_eq!(world.status("one"), Status::Queued);
    assert_eq!(world.stored.journal.len(), 3);
    arrives(&mut world, &["one", "two"]);
    assert_eq!(world.stored.journal, []);
}

// Row 25
#[test]
fn where_there_is_no_room_the_cache_makes_way_and_the_journal_is_written() {
    let mut world = World::chatting();
    world.say("before");
    world.desk.agent_says("an answer");
    world.deliver();
    assert!(!world.stored.events.is_empty());
    world.disk = Disk::FailsOnce("quota");
    said_offline(&mut world, &["one"]);
    assert_eq!(world.stored.events, []);
    assert_eq!(world.view().storage, Storage::Durable);
    assert_eq!(world.status("one"), Status::Queued);
    world.reload();
    arrives(&mut world, &["before", "one"]);
    assert_eq!(world.chat().items.len(), 4);
}

// Row 25
#[test]
fn where_there_is_no_room_even_then_the_visitor_is_told_and_order_is_kept() {
    let mut world = World::chatting();
    said_offline(&mut world, &["stored"]);
    world.disk = Disk::Full;
    world.say("in memory");
    world.say("in memory too");
    assert_eq!(world.view().storage, memory("quota"));
    arrives(&mut world, &["stored", "in memory", "in memory too"]);
}

// Row 26
#[test]
fn a_store_that_was_emptied_under_the_page_gets_back_what_waits() {
    let mut world = World::chatting();
    world.say("sent before");
    said_offline(&mut world, &["waits"]);
    world.stored = Stored::default();
    world.input(Input::StoreClosed {
        code: "broken".into(),
    });
    assert_eq!(world.view().storage, Storage::Durable);
    assert!(
        world
            .stored
            .meta
            .as_ref()
            .is_some_and(|meta| meta.token.is_some())
    );
    assert_eq!(world.stored.journal.len(), 1);
    world.reload();
    arrives(&mut world, &["sent before", "waits"]);
}

// Row 31
#[test]
fn a_store_of_a_newer_version_is_shown_and_not_changed() {
    let mut world = World::chatting();
    world.say("from before");
    said_offline(&mut world, &["queued by the newer one"]);
    world.stored.newer = true;
    let kept = world.stored.clone();
    world.engine = Engine::new(world::config(), [9; 32]).unwrap();
    world.net = Net::Works;
    world.input(Input::Resumed);
    world.open_chat();
    assert_eq!(world.view().storage, memory("newer"));
    assert_eq!(world.status("queued by the newer one"), Status::Queued);
    world.say("typed here");
    world.pass_ms(60_000);
    assert_eq!(world.view().connection, Connection::Online);
    assert_eq!(world.desk.said(), ["from before", "typed here"]);
    assert_eq!(world.stored, kept);
}

// Row 44
#[test]
fn a_page_that_is_put_away_lets_go_of_all_and_catches_up_when_it_is_back() {
    let mut world = World::chatting();
    world.say("before");
    world.input(Input::Suspended);
    assert_eq!(world.view().connection, Connection::Idle);
    let frames = world.transmitted.len();
    world.pass_ms(300_000);
    assert_eq!(world.transmitted.len(), frames);
    world.desk.agent_says("while it was away");
    world.input(Input::Resumed);
    world.pass_ms(1);
    assert_eq!(world.view().connection, Connection::Online);
    assert_eq!(world.view().unread, 0);
    assert_eq!(world.chat().items.len(), 3);
    world.say("after");
    assert_eq!(world.desk.said(), ["before", "after"]);
}

/// Every format in which a journal has ever been stored (`tests/fixtures/store`).
#[test]
fn a_journal_of_every_format_that_was_ever_stored_is_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/store");
    let mut read = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        // As the browser keeps it: the names in the order in which they were written.
        let stored: plain::Value = serde_json::from_str(&text).unwrap();
        let outbox = stored.get("stores").and_then(|stores| stores.get("outbox"));
        let Some(plain::Value::List(records)) = outbox else {
            panic!("{} has no outbox", path.display());
        };
        for record in records {
            let plain::Value::List(record) = record else {
                panic!("{} has no keys", path.display());
            };
            let entry = Sealed::read(&record[1]);
            assert!(entry.is_ok(), "{}: {entry:?}", path.display());
            read += 1;
        }
    }
    assert!(read > 0);
}

#[test]
fn while_the_store_is_opened_anew_nothing_that_waits_for_it_wakes_the_page_again_and_again() {
    let mut world = World::chatting();
    said_offline(&mut world, &["one"]);
    let code = "broken".into();
    let mut input = Input::StoreClosed { code };
    let end_ms = world.now.mono_ms + 9_000;
    let mut woken = 0;
    // Meanwhile it is time to try the connection again, and the store says nothing.
    while world.now.mono_ms < end_ms {
        world.engine.handle(world.now, input).unwrap();
        let mut after_ms = 9_000;
        while let Some(output) = world.engine.poll() {
            if let Output::Wake { after_ms: sooner } = output {
                after_ms = sooner;
            }
        }
        world.now.mono_ms += u64::from(after_ms);
        input = Input::Woken;
        woken += 1;
        assert!(woken < 100, "it spins");
    }
}

/// A page whose store has not opened in time, and opens when `act` was done without it.
fn opened_late(stored: Stored, desk: Desk, act: impl FnOnce(&mut World)) -> World {
    let mut world = World::with_desk(desk);
    world.stored = stored;
    world.disk = Disk::Slow;
    world.restart();
    world.open_chat();
    act(&mut world);
    assert!(matches!(world.view().storage, Storage::Memory { .. }));
    world.disk = Disk::Works;
    world.input(Input::Loaded(world.stored.clone()));
    world
}

#[test]
fn what_was_written_before_a_slow_store_opened_is_queued_in_it_and_sent_once() {
    let mut world = opened_late(Stored::default(), Desk::new(), |world| {
        world.lose_network();
        world.say("early");
        let conv = world.chat().id;
        let text = "unfinished".into();
        world.act(Action::Draft { conv, text }).unwrap();
    });
    assert_eq!(world.view().storage, Storage::Durable);
    assert_eq!(world.status("early"), Status::Queued);
    world.reload();
    assert_eq!(world.chat().draft, "unfinished");
    world.restore_network();
    assert_eq!(world.desk.said(), ["early"]);
    assert_eq!(world.stored.journal, []);
}

#[test]
fn a_page_whose_store_opens_late_goes_on_as_the_visitor_it_knows() {
    let mut before = World::with_desk(Desk::public());
    before.open_chat();
    before.say("from before");
    before.lose_network();
    before.say("waiting since");
    let desk = std::mem::replace(&mut before.desk, Desk::new());
    let mut world = opened_late(before.stored.clone(), desk, |_| {});
    world.pass_ms(10_000);
    assert_eq!(world.view().storage, Storage::Durable);
    assert_eq!(world.texts(), ["from before", "waiting since"]);
    assert_eq!(world.desk.said(), ["from before", "waiting since"]);
}

#[test]
fn what_was_sent_as_a_new_visitor_before_a_slow_store_opened_stays_that_ones() {
    let mut before = World::with_desk(Desk::public());
    before.open_chat();
    before.say("from before");
    let stored = before.stored.clone();
    let desk = std::mem::replace(&mut before.desk, Desk::new());
    let world = opened_late(stored.clone(), desk, |world| world.say("early"));
    assert!(matches!(world.view().storage, Storage::Memory { .. }));
    assert_eq!(world.status("early"), Status::Sent);
    assert_eq!(world.stored, stored);
}

/// The store of a page that was put away opens too late when it is back, and with what it held.
fn back_to_a_slow_store(world: &mut World) {
    world.input(Input::Suspended);
    world.disk = Disk::Slow;
    world.input(Input::Resumed);
    assert!(matches!(world.view().storage, Storage::Memory { .. }));
    world.disk = Disk::Works;
    world.input(Input::Loaded(world.stored.clone()));
    assert_eq!(world.view().storage, Storage::Durable);
}

#[test]
fn what_is_typed_after_a_store_opened_late_is_stored() {
    let mut world = World::chatting();
    back_to_a_slow_store(&mut world);
    let conv = world.chat().id;
    let text = "unfinished".into();
    world.act(Action::Draft { conv, text }).unwrap();
    world.pass_ms(1_000);
    world.reload();
    assert_eq!(world.chat().draft, "unfinished");
}

#[test]
fn what_is_given_up_while_the_store_is_away_is_gone_when_it_opens_late() {
    for earlier in [true, false] {
        let mut world = World::chatting();
        world.desk.refusals.push_back(permanent("invalid"));
        world.say("bad");
        let key = world.key_of("bad");
        world.disk = Disk::Slow;
        if !earlier {
            world.input(Input::Suspended);
            world.input(Input::Resumed);
            assert!(matches!(world.view().storage, Storage::Memory { .. }));
        }
        world.act(Action::Discard { key }).unwrap();
        if earlier {
            world.input(Input::Suspended);
            world.input(Input::Resumed);
        }
        assert_eq!(world.stored.journal.len(), 1);
        // That it is slow may be heard once more.
        world.input(Input::StorageLost { code: SLOW.into() });
        world.disk = Disk::Works;
        world.input(Input::Loaded(world.stored.clone()));
        assert_eq!(world.view().storage, Storage::Durable);
        assert_eq!(world.texts(), Vec::<String>::new());
        assert_eq!(world.stored.journal, []);
    }
}

#[test]
fn what_a_store_that_opens_late_holds_already_is_not_written_into_it_again() {
    let mut world = World::chatting();
    world.say("before");
    world.lose_network();
    world.say("waiting");
    let journal = world.stored.journal.clone();
    back_to_a_slow_store(&mut world);
    assert_eq!(world.stored.journal, journal);
    assert_eq!(world.status("waiting"), Status::Queued);
    world.restore_network();
    assert_eq!(world.desk.said(), ["before", "waiting"]);
    assert_eq!(world.stored.journal, []);
}

#[test]
fn of_what_waits_to_be_stored_that_goes_in_which_no_other_tab_has_written() {
    let mut world = World::chatting();
    world.say("hello");
    world.disk = Disk::Stalls;
    let says = |world: &mut World, text: &str| {
        world.desk.agent_says(text);
        world.deliver();
    };
    says(&mut world, "one");
    says(&mut world, "two");
    let two = world.desk.log().events.len() as u32;
    says(&mut world, "three");
    let conv = world.chat().id;
    let text = "unfinished".into();
    world.act(Action::Draft { conv, text }).unwrap();
    world.pass_ms(1_000);
    says(&mut world, "four");
    // Meanwhile another tab has stored the log up to the second.
    let events = world.desk.log().events.clone();
    world.stored.conversations[0].cursor = two;
    world.stored.events = events.into_iter().filter(|e| e.seq <= two).collect();
    world.stalled.clear();
    world.disk = Disk::Works;
    let code = "broken".into();
    world.input(Input::StoreClosed { code });
    world.lose_network();
    world.reload();
    let expected = ["hello", "one", "two", "three", "four"];
    assert_eq!(world.texts(), expected);
}

#[test]
fn a_store_that_opens_late_does_not_bring_back_a_log_that_was_replaced() {
    let mut world = World::chatting();
    world.say("kept");
    world.say("lost with the backup");
    world.input(Input::Suspended);
    world.desk.restore_from_backup(1);
    world.disk = Disk::Slow;
    world.input(Input::Resumed);
    world.pass_ms(1_000);
    assert_eq!(world.texts(), ["kept"]);
    world.disk = Disk::Works;
    world.input(Input::Loaded(world.stored.clone()));
    world.pass_ms(1_000);
    assert_eq!(world.view().storage, Storage::Durable);
    assert_eq!(world.texts(), ["kept"]);
    world.reload();
    assert_eq!(world.texts(), ["kept"]);
}
