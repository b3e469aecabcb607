//! Nothing that a visitor wrote is lost, nothing is said twice.

mod world;

use deskside::limits::OUTBOX_AGE_MS_MAX;
use deskside::protocol::content::Attachment;
use deskside::protocol::error_code;
use deskside::tabs::{Changed, TabMessage};
use deskside::view::{Connection, Status, Storage};
use deskside::{Action, Input};
use world::desk::{Desk, permanent, temporary};
use world::{Disk, Net, World};

#[test]
fn a_message_is_called_queued_only_after_the_store_has_committed_it() {
    let mut world = World::chatting();
    world.disk = Disk::Stalls;
    world.say("hello");
    assert_eq!(world.status("hello"), Status::Saving);
    assert_eq!(
        world.desk.said(),
        Vec::<String>::new(),
        "nothing leaves before it is written down"
    );
    world.net = Net::Silent;
    world.unstall();
    assert!(matches!(
        world.status("hello"),
        Status::Queued | Status::Sending
    ));
}

#[test]
fn a_message_goes_from_sent_over_delivered_to_read() {
    let mut world = World::chatting();
    world.say("hello");
    assert_eq!(world.status("hello"), Status::Sent);
    let seq = world.desk.log().events.len() as u32;
    let marks = |delivered_seq, read_seq| deskside::protocol::command::Marks {
        delivered_seq,
        read_seq,
    };
    world.desk.agent_reads(marks(seq, 0));
    world.deliver();
    assert_eq!(world.status("hello"), Status::Delivered);
    world.desk.agent_reads(marks(seq, seq));
    world.deliver();
    assert_eq!(world.status("hello"), Status::Read);
    world.desk.agent_reads(marks(0, 0));
    world.deliver();
    assert_eq!(
        world.status("hello"),
        Status::Read,
        "a status never moves backwards"
    );
}

#[test]
fn what_is_written_offline_survives_a_reload_and_arrives_once_and_in_order() {
    let mut world = World::chatting();
    world.lose_network();
    for text in ["one", "two", "three"] {
        world.say(text);
    }
    assert_eq!(world.view().connection, Connection::Offline);
    world.reload();
    let shown: Vec<String> = world.own().into_iter().map(|(text, _)| text).collect();
    assert_eq!(shown, ["one", "two", "three"]);
    world.restore_network();
    assert_eq!(world.desk.said(), ["one", "two", "three"]);
    assert_eq!(
        world.stored.journal,
        [],
        "the journal is empty once all is acknowledged"
    );
    assert!(
        world
            .own()
            .iter()
            .all(|(_, status)| *status == Status::Sent)
    );
}

#[test]
fn a_lost_reply_is_answered_by_the_same_id_again_and_shown_once() {
    let mut world = World::chatting();
    world.say("first");
    world.net = Net::LosesReplies;
    world.say("again");
    assert_eq!(world.desk.said(), ["first", "again"]);
    world.net = Net::Works;
    world.pass_ms(60_000);
    assert_eq!(world.desk.said(), ["first", "again"]);
    assert_eq!(world.status("again"), Status::Sent);
    assert_eq!(world.stored.journal, []);
}

#[test]
fn a_crash_between_commit_and_send_sends_at_the_next_start() {
    let mut world = World::chatting();
    world.net = Net::Silent;
    world.say("hello");
    world.net = Net::Works;
    world.reload();
    assert_eq!(world.desk.said(), ["hello"]);
}

#[test]
fn a_crash_before_the_commit_gives_the_draft_back() {
    let mut world = World::chatting();
    let conv = world.chat().id;
    world
        .act(Action::Draft {
            conv,
            text: "a long thought".into(),
        })
        .unwrap();
    world.pass_ms(1_000);
    world.disk = Disk::Stalls;
    world.say("a long thought");
    world.disk = Disk::Works;
    world.reload();
    assert_eq!(world.chat().draft, "a long thought");
    assert_eq!(world.desk.said(), Vec::<String>::new());
}

#[test]
fn a_refusal_for_good_parks_the_message_and_lets_the_next_one_go_on() {
    let mut world = World::chatting();
    world.say("before");
    world
        .desk
        .refusals
        .push_back(permanent(error_code::INVALID));
    world.say("bad");
    world.say("good");
    assert_eq!(
        world.status("bad"),
        Status::Failed {
            code: "invalid".into()
        }
    );
    assert_eq!(world.desk.said(), ["before", "good"]);
    world.reload();
    assert_eq!(
        world.status("bad"),
        Status::Failed {
            code: "invalid".into()
        },
        "it waits over a reload"
    );
    let key = world.key_of("bad");
    world.act(Action::Retry { key }).unwrap();
    assert_eq!(world.desk.said(), ["before", "good", "bad"]);
}

#[test]
fn a_message_that_is_taken_back_becomes_the_draft_again() {
    let mut world = World::chatting();
    world
        .desk
        .refusals
        .extend([temporary("unavailable", 1), permanent(error_code::INVALID)]);
    world.say("bad");
    world.pass_ms(40_000);
    // The first refusal met `open`, which is tried again; so did the second, for good.
    world
        .desk
        .refusals
        .push_back(permanent(error_code::INVALID));
    world.say("worse");
    world.pass_ms(40_000);
    let failed = world
        .own()
        .into_iter()
        .find(|(_, status)| matches!(status, Status::Failed { .. }));
    let (text, _) = failed.expect("one was refused");
    let key = world.key_of(&text);
    world
        .act(Action::Draft {
            conv: world.chat().id,
            text: "typed since".into(),
        })
        .unwrap();
    world.act(Action::Edit { key }).unwrap();
    assert_eq!(world.chat().draft, format!("typed since\n{text}"));
    assert!(world.stored.drafts[0].1.ends_with(&text), "it is stored");
    assert!(world.own().iter().all(|(shown, _)| *shown != text));
}

#[test]
fn a_discarded_message_is_gone() {
    let mut world = World::chatting();
    world.say("good");
    world
        .desk
        .refusals
        .push_back(permanent(error_code::INVALID));
    world.say("bad");
    let key = world.key_of("bad");
    world.act(Action::Discard { key }).unwrap();
    assert_eq!(world.chat().draft, "");
    assert!(world.stored.journal.is_empty());
    world.reload();
    assert_eq!(world.own().len(), 1);
}

#[test]
fn what_waited_too_long_is_kept_and_asked_about_never_sent_unasked_or_dropped() {
    let mut world = World::chatting();
    world.say("before");
    world.lose_network();
    world.say("from another time");
    world.now.wall_ms += OUTBOX_AGE_MS_MAX + 60_000;
    world.reload();
    world.restore_network();
    let expired = Status::Failed {
        code: "expired".into(),
    };
    assert_eq!(world.status("from another time"), expired);
    assert_eq!(world.desk.said(), ["before"]);
    world.reload();
    assert_eq!(world.status("from another time"), expired, "it stays so");
    let key = world.key_of("from another time");
    world.act(Action::Retry { key }).unwrap();
    assert_eq!(world.desk.said(), ["before", "from another time"]);
}

#[test]
fn thirty_days_without_a_network_are_not_too_long() {
    let mut world = World::chatting();
    world.say("before");
    world.lose_network();
    world.say("still here");
    world.now.wall_ms += 30 * 24 * 60 * 60 * 1_000;
    world.reload();
    world.restore_network();
    assert_eq!(world.desk.said(), ["before", "still here"]);
}

#[test]
fn more_than_the_device_may_hold_is_refused_and_nothing_else_changes() {
    let mut world = World::chatting();
    world.say("before");
    world.lose_network();
    let conv = world.chat().id;
    let file = world.keep_file("long.bin", 1_000_000);
    let full = loop {
        let file = Attachment {
            upload_id: format!("f{}", world.stored.journal.len()),
            ..file.clone()
        };
        let attach = Action::Attach {
            conv: conv.clone(),
            file,
        };
        if let Err(error) = world.act(attach) {
            break error;
        }
    };
    assert_eq!(full.code, "outbox_full");
    assert_eq!(world.stored.journal.len(), 67, "64 MiB of files");
    assert_eq!(world.chat().items.len(), 1 + 67);
}

#[test]
fn a_message_that_the_desk_has_no_conversation_for_is_said_anew_on_retry() {
    let mut world = World::chatting();
    world.say("before");
    world.desk.logs.clear();
    world.say("lost ground");
    assert_eq!(
        world.status("lost ground"),
        Status::Failed {
            code: "not_found".into()
        }
    );
    let key = world.key_of("lost ground");
    world.act(Action::Retry { key }).unwrap();
    assert_eq!(world.desk.said(), ["lost ground"]);
    assert_eq!(world.status("lost ground"), Status::Sent);
}

#[test]
fn what_two_tabs_say_anew_that_do_not_hear_of_each_other_is_said_once() {
    let mut world = World::chatting();
    world.say("before");
    world.desk.logs.clear();
    world.say("lost ground");
    let key = world.key_of("lost ground");
    let mut other = World::with_desk(Desk::new());
    other.stored = world.stored.clone();
    other.net = Net::Down;
    other.reload();
    world.act(Action::Retry { key: key.clone() }).unwrap();
    assert_eq!(world.desk.said(), ["lost ground"]);

    other.act(Action::Retry { key }).unwrap();
    other.desk = world.desk.clone();
    other.restore_network();
    assert_eq!(other.status("lost ground"), Status::Sent);
    assert_eq!(other.desk.said(), ["lost ground"]);
}

#[test]
fn what_is_said_anew_goes_after_what_opens_its_conversation_also_after_a_reload() {
    let mut world = World::chatting();
    world.say("before");
    world.pass_ms(1);
    world.desk.logs.clear();
    world.say("lost ground");
    world.lose_network();
    let key = world.key_of("lost ground");
    world.act(Action::Retry { key }).unwrap();
    world.say("and more");
    world.reload();
    assert_eq!(world.texts(), ["lost ground", "and more"]);
    world.restore_network();
    world.pass_ms(1_000);
    assert_eq!(world.desk.said(), ["lost ground", "and more"]);
    assert_eq!(world.desk.logs.len(), 1);
    assert!(world.stored.journal.is_empty());
}

#[test]
fn what_is_said_anew_and_has_no_conversation_again_is_yet_another_message() {
    let mut world = World::chatting();
    world.say("before");
    world.desk.logs.clear();
    world.say("lost ground");
    let first = world.key_of("lost ground");
    // The new conversation may not begin either.
    let refusal = permanent(error_code::NOT_FOUND);
    world.desk.refusals.push_back(refusal);
    world.act(Action::Retry { key: first.clone() }).unwrap();
    let second = world.key_of("lost ground");
    assert!(matches!(world.status("lost ground"), Status::Failed { .. }));
    let key = second.clone();
    world.act(Action::Retry { key }).unwrap();
    assert_eq!(world.status("lost ground"), Status::Sent);
    let third = world.key_of("lost ground");
    assert!(first != second && second != third && third != first);
}

#[test]
fn a_busy_desk_is_not_asked_again_before_the_time_it_names() {
    let mut world = World::chatting();
    world.say("first");
    world
        .desk
        .refusals
        .push_back(temporary(error_code::RATE_LIMITED, 20_000));
    world.say("second");
    world.pass_ms(19_000);
    assert_eq!(world.desk.said(), ["first"]);
    assert_eq!(world.status("second"), Status::Queued);
    world.pass_ms(2_000);
    assert_eq!(world.desk.said(), ["first", "second"]);
}

#[test]
fn conversations_do_not_wait_for_each_other() {
    let mut world = World::chatting();
    world.say("in the first");
    let first = world.chat().id;
    world
        .desk
        .refusals
        .push_back(temporary(error_code::UNAVAILABLE, 50_000));
    world.say("stuck");
    world.act(Action::OpenNew).unwrap();
    assert_ne!(world.chat().id, first);
    world.say("in the second");
    assert_eq!(world.desk.said(), ["in the first", "in the second"]);
}

#[test]
fn when_the_store_fails_the_visitor_is_told_and_the_message_still_goes_out() {
    let mut world = World::chatting();
    world.disk = Disk::Full;
    world.say("hello");
    assert_eq!(
        world.view().storage,
        Storage::Memory {
            code: "quota".into()
        }
    );
    assert_eq!(world.desk.said(), ["hello"]);
    world.say("and more");
    assert_eq!(world.desk.said(), ["hello", "and more"]);
}

#[test]
fn without_a_store_everything_works_in_memory() {
    let mut world = World::new();
    world.engine = deskside::Engine::new(world::config(), [9; 32]).unwrap();
    assert_eq!(world.engine.poll(), Some(deskside::Output::Load));
    world.input(Input::StorageLost {
        code: "unavailable".into(),
    });
    world.open_chat();
    world.say("hello");
    assert_eq!(
        world.view().storage,
        Storage::Memory {
            code: "unavailable".into()
        }
    );
    assert_eq!(world.desk.said(), ["hello"]);
}

#[test]
fn what_is_done_before_the_store_is_read_is_done_once_it_is() {
    let mut world = World::new();
    let mut engine = deskside::Engine::new(world::config(), [9; 32]).unwrap();
    engine
        .handle(world.now, Input::Visitor(Action::Open { conv: None }))
        .unwrap();
    assert!(!engine.view().ready);
    let empty = Action::Send {
        conv: "any".into(),
        text: "  ".into(),
        ticket: None,
    };
    assert_eq!(
        engine
            .handle(world.now, Input::Visitor(empty))
            .unwrap_err()
            .code,
        "empty"
    );
    world.engine = engine;
    world.input(Input::Loaded(Default::default()));
    assert!(world.view().conversation.is_some());
}

#[test]
fn a_new_token_is_stored_before_anything_is_sent_under_it() {
    let mut world = World::new();
    world.lose_network();
    world.open_chat();
    world.say("hello");
    world.disk = Disk::Stalls;
    world.restore_network();
    world.pass_ms(5_000);
    assert_eq!(world.view().connection, Connection::Online);
    assert_eq!(world.desk.said(), Vec::<String>::new());
    world.unstall();
    assert_eq!(world.desk.said(), ["hello"]);
    assert!(
        world
            .stored
            .meta
            .as_ref()
            .is_some_and(|meta| meta.token.is_some())
    );
}

#[test]
fn empty_and_too_long_texts_are_refused_and_change_nothing() {
    let mut world = World::chatting();
    let conv = world.chat().id;
    let send = |text: String| Action::Send {
        conv: conv.clone(),
        text,
        ticket: None,
    };
    assert_eq!(world.act(send(" \n\t".into())).unwrap_err().code, "empty");
    assert_eq!(
        world.act(send("x".repeat(4_097))).unwrap_err().code,
        "too_long"
    );
    assert_eq!(world.own(), []);
    assert_eq!(world.stored.journal, []);
}

#[test]
fn feedback_on_an_article_travels_by_the_outbox_too() {
    let mut world = World::new();
    world.lose_network();
    let feedback = Action::Feedback {
        article: "returns".into(),
        helpful: true,
        query: "send back".into(),
    };
    world.act(feedback).unwrap();
    world.reload();
    world.restore_network();
    let feedback: Vec<_> = world
        .desk
        .feedback
        .iter()
        .map(|(_, article, helpful)| (article.as_str(), *helpful))
        .collect();
    assert_eq!(feedback, [("returns", true)]);
}

fn refused_feedback() -> World {
    let mut world = World::chatting();
    let refusal = permanent(error_code::INVALID);
    world.desk.refusals.push_back(refusal);
    let feedback = Action::Feedback {
        article: "returns".into(),
        helpful: false,
        query: "send back".into(),
    };
    world.act(feedback).unwrap();
    world.reload();
    world
}

#[test]
fn a_rating_that_is_refused_for_good_stays_until_the_visitor_sends_it_again() {
    let mut world = refused_feedback();
    let refused = &world.view().refused[0];
    assert_eq!((&*refused.command, &*refused.code), ("feedback", "invalid"));
    assert_eq!(world.desk.feedback, []);
    world.say("and goes on");
    assert_eq!(world.status("and goes on"), Status::Sent);
    let key = refused.key.clone();
    world.act(Action::Retry { key }).unwrap();
    assert_eq!(world.desk.feedback.len(), 1);
    assert!(world.view().refused.is_empty() && world.stored.journal.is_empty());
}

#[test]
fn a_refused_rating_is_given_up_by_the_visitor_alone_and_is_no_text_to_edit() {
    let mut world = refused_feedback();
    let key = world.view().refused[0].key.clone();
    let edited = world.act(Action::Edit { key: key.clone() });
    assert_eq!(edited.unwrap_err().code, "no_message");
    assert_eq!(world.stored.journal.len(), 1);
    world.act(Action::Discard { key }).unwrap();
    world.reload();
    assert!(world.view().refused.is_empty() && world.stored.journal.is_empty());
    assert_eq!(world.desk.feedback, []);
}

#[test]
fn a_message_of_another_tab_is_left_to_it_and_sent_should_it_die() {
    let mut world = World::chatting();
    world.say("mine");
    let mut entry = None;
    {
        let conv = world.chat().id;
        let cmid = "01890000-0000-7000-8000-000000000001".to_owned();
        let body = deskside::protocol::event::Content::from("theirs".to_owned());
        let send = deskside::protocol::command::Send {
            conv,
            cmid,
            prev: None,
            body,
        };
        entry.replace(deskside::output::Entry {
            local_seq: 90,
            made_at: 1,
            visitor: String::new(),
            command: deskside::output::Durable::Send(send),
            failed: None,
        });
    }
    world.stored.journal.extend(entry);
    world.input(Input::Told(TabMessage::Changed(Changed {
        journal: true,
        ..Default::default()
    })));
    assert_eq!(world.status("theirs"), Status::Queued);
    assert_eq!(world.desk.said(), ["mine"]);
    world.pass_ms(6_000);
    assert_eq!(world.desk.said(), ["mine", "theirs"]);
}

#[test]
fn whatever_fails_on_the_way_every_message_arrives_exactly_once_and_in_order() {
    for seed in 0..400_u64 {
        let mut dice = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut roll = |sides: u64| {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            dice % sides
        };
        let mut world = World::chatting();
        let mut accepted = Vec::new();
        for step in 0..40 {
            match roll(12) {
                0..=3 => {
                    let text = format!("m{step}");
                    world.say(&text);
                    accepted.push(text);
                }
                4 => world.net = Net::LosesReplies,
                5 => world.net = Net::Silent,
                6 => world.lose_network(),
                7 => world.restore_network(),
                8 => world.net = Net::Works,
                9 => world.reload(),
                10 => world
                    .desk
                    .refusals
                    .push_back(temporary(error_code::UNAVAILABLE, 500)),
                _ => world.pass_ms(roll(20_000)),
            }
        }
        world.restore_network();
        world.pass_ms(300_000);
        assert_eq!(world.desk.said(), accepted, "seed {seed}");
        assert_eq!(world.stored.journal, [], "seed {seed}");
        let shown: Vec<String> = world.own().into_iter().map(|(text, _)| text).collect();
        assert_eq!(shown, accepted, "seed {seed}");
    }
}
