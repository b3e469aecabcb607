//! A visitor is asked, answers, goes away, comes back.

use super::shop::*;
use super::value;
use deskside::plain::Value;
use deskside::protocol::event::EventBody;
use deskside::view::ItemBody;

const DAY_MS: u64 = 86_400_000;

#[test]
fn a_resolved_conversation_asks_about_the_agent_who_had_it() {
    let world = asked();
    let survey = only(&world);
    assert_eq!(
        (survey.survey_id.as_str(), survey.rating, survey.finished),
        ("csat", None, false)
    );
    assert_eq!(survey.conv, Some(world.chat().id));
    assert_eq!(survey.agent.unwrap().name, "Mia");
}

#[test]
fn who_is_rated_is_whoever_had_the_conversation_when_it_was_resolved() {
    let mut world = asked();
    world.desk.agent_says("one more word from somebody");
    world.deliver();
    assert_eq!(only(&world).agent.unwrap().id, "a1");
    assert_eq!(offered(&world)[0].response_id, "r1");
}

#[test]
fn every_answer_is_kept_at_once_and_adds_to_the_one_before() {
    let mut world = asked();
    seen(&mut world);
    answer(&mut world, "rating", "4").unwrap();
    answer(&mut world, "comment", "\"quick and kind\"").unwrap();
    next(&mut world).unwrap();
    let revisions: Vec<u32> = world.desk.responses.iter().map(|r| r.revision).collect();
    assert_eq!(revisions, [1, 2, 3, 4], "shown, two answers, done");
    let last = newest(&world);
    assert_eq!(
        (
            last.rating,
            last.scale,
            last.comment.as_deref(),
            last.finished
        ),
        (Some(4), 5, Some("quick and kind"), true)
    );
    let rated = |item: deskside::view::Item| {
        item.body
            == ItemBody::Rated {
                rating: 4,
                scale: 5,
            }
    };
    assert!(world.chat().items.into_iter().any(rated));
    let whats: Vec<String> = told(&world).into_iter().map(|(what, ..)| what).collect();
    assert_eq!(whats, ["shown", "answered", "answered", "completed"]);
}

#[test]
fn a_response_that_says_nothing_yet_is_in_no_log() {
    let mut world = asked();
    let before = world.desk.log().events.len();
    seen(&mut world);
    assert_eq!(newest(&world).revision, 1);
    assert_eq!(world.desk.log().events.len(), before);
    assert_eq!(world.engine.view().waiting, 0);
}

#[test]
fn tags_come_with_a_low_rating_and_go_with_a_better_one() {
    let mut world = asked();
    seen(&mut world);
    assert_eq!(questions(&only(&world)), ["rating", "comment"]);
    answer(&mut world, "rating", "1").unwrap();
    assert_eq!(questions(&only(&world)), ["rating", "reasons", "comment"]);
    answer(&mut world, "reasons", r#"["slow","rude"]"#).unwrap();
    answer(&mut world, "rating", "5").unwrap();
    assert_eq!(questions(&only(&world)), ["rating", "comment"]);
    assert_eq!(newest(&world).data, value(r#"{"rating":5}"#));
}

#[test]
fn what_is_required_is_asked_for_only_once_one_tried_to_go_on() {
    let mut world = asked();
    seen(&mut world);
    assert!(!only(&world).tried);
    assert_eq!(next(&mut world).unwrap_err().code, "survey_incomplete");
    let survey = only(&world);
    assert!(survey.tried);
    assert_eq!(survey.questions[0].problem.as_deref(), Some("required"));
    answer(&mut world, "rating", "3").unwrap();
    next(&mut world).unwrap();
    assert!(only(&world).finished);
}

#[test]
fn an_answer_given_offline_survives_a_reload_and_arrives() {
    let mut world = asked();
    seen(&mut world);
    world.lose_network();
    answer(&mut world, "rating", "5").unwrap();
    assert!(only(&world).waiting);
    world.reload();
    let survey = only(&world);
    assert_eq!((survey.rating, survey.waiting), (Some(5), true));
    world.restore_network();
    assert!(!only(&world).waiting);
    assert!(
        matches!(&world.desk.log().events.last().unwrap().body, EventBody::Survey(r) if r.rating == Some(5))
    );
}

#[test]
fn of_many_changes_made_offline_only_the_newest_goes_out() {
    let mut world = asked();
    seen(&mut world);
    world.lose_network();
    for stars in ["1", "2", "3", "4"] {
        answer(&mut world, "rating", stars).unwrap();
    }
    assert_eq!(world.engine.view().waiting, 1);
    world.restore_network();
    assert_eq!(
        (newest(&world).revision, newest(&world).rating),
        (5, Some(4))
    );
    assert_eq!(world.desk.responses.len(), 2, "shown, and the last");
}

#[test]
fn a_reload_in_the_middle_goes_on_where_it_stopped_another_day_too() {
    let mut world = shop();
    start(&mut world, "research").unwrap();
    seen(&mut world);
    answer(&mut world, "agree", "true").unwrap();
    next(&mut world).unwrap();
    answer(&mut world, "customer", "true").unwrap();
    next(&mut world).unwrap();
    let before = only(&world);
    assert_eq!(
        (before.step, questions(&before)),
        (3, vec!["rooms-furnished".to_owned()])
    );
    world.pass_ms(2 * DAY_MS);
    world.lose_network();
    world.reload();
    let after = only(&world);
    assert_eq!(
        (&after.questions, after.step, after.response_id),
        (&before.questions, before.step, before.response_id)
    );
}

#[test]
fn a_survey_branches_and_keeps_only_what_was_on_the_way() {
    let mut world = shop();
    start(&mut world, "research").unwrap();
    seen(&mut world);
    answer(&mut world, "agree", "true").unwrap();
    next(&mut world).unwrap();
    answer(&mut world, "customer", "true").unwrap();
    next(&mut world).unwrap();
    answer(
        &mut world,
        "rooms-furnished",
        r#"["kitchen",{"other":"the shed"}]"#,
    )
    .unwrap();
    let response_id = only(&world).response_id;
    act(&mut world, does("back", &response_id, "", Value::Null)).unwrap();
    answer(&mut world, "customer", "false").unwrap();
    next(&mut world).unwrap();
    assert_eq!(questions(&only(&world)), ["reason"]);
    answer(&mut world, "reason", "\"price\"").unwrap();
    next(&mut world).unwrap();
    answer(&mut world, "shop", "2").unwrap();
    next(&mut world).unwrap();
    let done = newest(&world);
    assert!(done.finished);
    assert_eq!(
        done.data,
        value(r#"{"agree":true,"customer":false,"reason":"price","shop":2}"#)
    );
    assert_eq!(done.variables, value(r#"{"interest":0}"#));
    assert_eq!(
        done.hidden,
        value(r#"{"campaign":"may"}"#),
        "only fields that the survey has"
    );
}

#[test]
fn a_reopened_conversation_takes_an_unanswered_invitation_back() {
    let mut world = asked();
    world.say("one more thing");
    assert!(offered(&world).is_empty());
    assert_eq!(reasons(&world), ["cancelled"]);
    world.desk.agent_says("here");
    world.desk.agent_resolves();
    world.deliver();
    assert_eq!(
        only(&world).response_id,
        "r2",
        "the next resolution asks anew"
    );
}

#[test]
fn an_answer_that_was_begun_is_not_taken_back() {
    let mut world = asked();
    seen(&mut world);
    answer(&mut world, "rating", "2").unwrap();
    world.say("one more thing");
    assert_eq!(only(&world).rating, Some(2));
}

#[test]
fn an_answer_that_is_none_changes_nothing() {
    let mut world = asked();
    seen(&mut world);
    for (element, json, code) in [
        ("rating", "6", "survey_answer"),
        ("rating", "0", "survey_answer"),
        ("rating", "\"5\"", "survey_answer"),
        ("nobody", "5", "survey_element"),
        ("reasons", r#"["slow"]"#, "survey_answer"),
    ] {
        assert_eq!(
            answer(&mut world, element, json).unwrap_err().code,
            code,
            "{element} {json}"
        );
    }
    let elsewhere = does("answer", "r9", "rating", value("3"));
    assert_eq!(act(&mut world, elsewhere).unwrap_err().code, "no_survey");
    assert_eq!(newest(&world).revision, 1);
}

#[test]
fn a_finished_response_is_changed_only_where_that_is_allowed() {
    let mut world = asked();
    let response_id = seen(&mut world);
    answer(&mut world, "rating", "2").unwrap();
    next(&mut world).unwrap();
    assert_eq!(
        answer(&mut world, "rating", "4").unwrap_err().code,
        "survey_finished"
    );
    assert!(only(&world).editable);
    act(&mut world, does("edit", &response_id, "", Value::Null)).unwrap();
    answer(&mut world, "rating", "4").unwrap();
    next(&mut world).unwrap();
    assert_eq!(
        (newest(&world).rating, newest(&world).finished),
        (Some(4), true)
    );

    let mut strict = shop();
    start(&mut strict, "ces").unwrap();
    let response_id = seen(&mut strict);
    answer(&mut strict, "ease", "6").unwrap();
    next(&mut strict).unwrap();
    assert_eq!(
        act(&mut strict, does("edit", &response_id, "", Value::Null))
            .unwrap_err()
            .code,
        "survey_edit"
    );
}

#[test]
fn a_survey_ends_when_its_time_is_over() {
    let mut world = asked();
    seen(&mut world);
    answer(&mut world, "rating", "2").unwrap();
    world.pass_ms(7 * DAY_MS - 60_000);
    assert_eq!(offered(&world).len(), 1);
    world.pass_ms(120_000);
    assert!(offered(&world).is_empty());
    assert_eq!(told(&world).last().unwrap().0, "expired");
}

#[test]
fn who_waves_a_survey_away_is_left_alone_and_what_was_answered_counts() {
    let mut world = asked();
    let response_id = seen(&mut world);
    answer(&mut world, "rating", "1").unwrap();
    act(&mut world, does("dismiss", &response_id, "", Value::Null)).unwrap();
    assert!(offered(&world).is_empty());
    let last = newest(&world);
    assert_eq!(
        (last.rating, last.finished, last.dismissed),
        (Some(1), false, true)
    );
    world.reload();
    assert!(offered(&world).is_empty());
}
