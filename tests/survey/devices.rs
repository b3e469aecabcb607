//! A customer with several devices: what was asked on one, as the desk tells the others.

use super::shop::{answer, asked, desk_with, does, event, offered, only, page, reasons, seen};
use super::value;
use super::world::{World, push};
use deskside::plain::Value;
use deskside::protocol::event::EventBody;
use deskside::view::ItemBody;
use deskside::{Action, Input};

const DAY_MS: u64 = 86_400_000;

/// Three surveys that come up at the same event, and how often each may.
fn surveys() -> World {
    let survey = |id: &str, display: &str| {
        format!(
            r#"{{"schemaVersion":1,"id":"{id}","version":1,"languages":["en"],"triggers":[{{"type":"event","name":"{id}"}}],
            "display":{{{display}}},"blocks":[{{"id":"b","elements":[{{"type":"nps","id":"q","headline":"?"}}]}}]}}"#
        )
    };
    let quarterly = survey(
        "quarterly",
        r#""displayOption":"respondMultiple","recontactDays":90,"globalCooldownDays":14"#,
    );
    let cooled = survey(
        "cooled",
        r#""displayOption":"respondMultiple","globalCooldownDays":14"#,
    );
    let once = survey("once", "");
    let mut world = World::with_desk(desk_with(&[&quarterly, &cooled, &once]));
    world.open_chat();
    world.say("hello");
    world
}

/// Everything was shown elsewhere a day ago; `quarterly` was dismissed there, `once` answered.
fn marks(world: &World) -> Value {
    let at = world.now.wall_ms - DAY_MS;
    value(&format!(
        r#"{{"once":[{at},1,1],"quarterly":[{at},1,0],"":[{at},1,0]}}"#
    ))
}

fn push_marks(world: &mut World) {
    let clocks = Some(marks(world));
    world.input(Input::Received(vec![push(|frame| frame.clocks = clocks)]));
}

fn all_come_up(world: &mut World) {
    for id in ["once", "cooled", "quarterly"] {
        event(world, id, "{}");
    }
}

#[test]
fn what_another_device_was_asked_is_not_asked_here_and_still_not_after_a_reload_without_the_desk() {
    let mut world = surveys();
    world.desk.clocks = Some(marks(&world));
    world.reload();
    all_come_up(&mut world);
    assert!(offered(&world).is_empty());
    let why = ["display_once", "global_cooldown", "global_cooldown"];
    assert_eq!(reasons(&world), why);
    world.desk.clocks = None;
    world.lose_network();
    world.reload();
    all_come_up(&mut world);
    assert!(offered(&world).is_empty());
    assert_eq!(reasons(&world)[3..], why);
    // Each of the clocks runs out by itself.
    world.pass_ms(14 * DAY_MS);
    all_come_up(&mut world);
    assert_eq!(only(&world).survey_id, "cooled");
    assert_eq!(reasons(&world)[6..], ["display_once", "recontact"]);
}

#[test]
fn an_offer_that_nobody_has_seen_is_taken_back_when_another_device_was_asked() {
    let mut world = surveys();
    event(&mut world, "quarterly", "{}");
    assert_eq!(only(&world).survey_id, "quarterly");
    push_marks(&mut world);
    assert!(offered(&world).is_empty());
    assert_eq!(reasons(&world), ["global_cooldown"]);
}

#[test]
fn what_is_being_answered_here_stays() {
    let mut world = surveys();
    event(&mut world, "quarterly", "{}");
    let response_id = seen(&mut world);
    push_marks(&mut world);
    assert_eq!(only(&world).response_id, response_id);
    let answer = does("answer", &response_id, "q", value("9"));
    world.act(Action::Survey(answer)).unwrap();
}

#[test]
fn marks_that_say_nothing_sensible_harm_nothing() {
    let mut world = surveys();
    for odd in [
        "7",
        "[]",
        r#"{"once":"never"}"#,
        r#"{"cooled":[-1,"x",{}]}"#,
        r#"{"quarterly":[]}"#,
    ] {
        let clocks = Some(value(odd));
        world.input(Input::Received(vec![push(|frame| frame.clocks = clocks)]));
    }
    page(&mut world, "https://shop.test/");
    event(&mut world, "cooled", "{}");
    assert_eq!(only(&world).survey_id, "cooled");
}

#[test]
fn where_another_device_answered_first_its_answer_stands_in_the_conversation() {
    let mut world = asked();
    seen(&mut world);
    answer(&mut world, "rating", "2").unwrap();
    let mut theirs = world.desk.log().events.last().unwrap().clone();
    if let EventBody::Survey(response) = &mut theirs.body {
        response.revision += 1;
        (response.rating, response.finished) = (Some(3), true);
    }
    let cmid = Some("of the other device".to_owned());
    world
        .desk
        .append(&theirs.conv, theirs.author, cmid, theirs.body, 9);
    let pushes = world.take_pushes();
    // The desk has this one as answered already, and says where.
    answer(&mut world, "rating", "5").unwrap();
    world.input(Input::Received(pushes));
    let items = world.chat().items.into_iter();
    let rated = items.filter_map(|item| match item.body {
        ItemBody::Rated { rating, .. } => Some(rating),
        _ => None,
    });
    assert_eq!(rated.collect::<Vec<_>>(), [3]);
    assert!(world.stored.journal.is_empty());
}

#[test]
fn what_a_tab_that_slept_keeps_of_an_answer_is_outdone_by_what_the_log_has() {
    let mut world = asked();
    seen(&mut world);
    answer(&mut world, "rating", "2").unwrap();
    let slept_over = world.stored.kept.clone();
    answer(&mut world, "rating", "5").unwrap();
    assert_ne!(world.stored.kept, slept_over);
    world.stored.kept = slept_over;
    world.reload();
    assert_eq!(only(&world).rating, Some(5));
}
