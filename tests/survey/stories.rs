//! A visitor is asked, answers, goes away, comes back.

use super::value;
use super::world::World;
use super::world::desk::Desk;
use deskside::input::{Config, SurveyAction};
use deskside::output::HostEvent;
use deskside::plain::Value;
use deskside::protocol::event::EventBody;
use deskside::protocol::survey::SurveyResponse;
use deskside::view::{ItemBody, SurveyView};
use deskside::{Action, Error};

const DAY_MS: u64 = 86_400_000;

/// The definitions of the shop, and what a test adds.
pub fn desk_with(extra: &[&str]) -> Desk {
    let mut desk = Desk::new();
    let shop = [
        include_str!("../../examples/website/surveys/nps-each-quarter.json"),
        include_str!("../../examples/website/surveys/ces-after-article.json"),
        include_str!("../../examples/website/surveys/research.json"),
    ];
    for json in shop.iter().chain(extra) {
        desk.surveys.definitions.push(value(json));
    }
    desk
}

fn shop() -> World {
    let mut world = World::with_desk(desk_with(&[]));
    world.open_chat();
    world.say("hello");
    world
}

/// A conversation that was resolved by Mia.
fn asked() -> World {
    let mut world = World::chatting();
    world.say("hello");
    world.desk.agent_says("done");
    world.desk.agent_resolves();
    world.deliver();
    world
}

pub fn offered(world: &World) -> Vec<SurveyView> {
    world.engine.view().surveys
}

pub fn only(world: &World) -> SurveyView {
    let mut views = offered(world);
    assert_eq!(views.len(), 1, "{views:?}");
    views.remove(0)
}

pub fn does(act: &str, id: &str, name: &str, value: Value) -> SurveyAction {
    SurveyAction {
        act: act.into(),
        id: id.into(),
        name: name.into(),
        value,
    }
}

fn act(world: &mut World, action: SurveyAction) -> Result<(), Error> {
    world.act(Action::Survey(action))
}

pub fn seen(world: &mut World) -> String {
    let response_id = only(world).response_id;
    act(world, does("seen", &response_id, "", Value::Null)).unwrap();
    response_id
}

fn answer(world: &mut World, element: &str, json: &str) -> Result<(), Error> {
    let response_id = only(world).response_id;
    act(world, does("answer", &response_id, element, value(json)))
}

fn next(world: &mut World) -> Result<(), Error> {
    let response_id = only(world).response_id;
    act(world, does("next", &response_id, "", Value::Null))
}

fn start(world: &mut World, survey_id: &str) -> Result<(), Error> {
    act(
        world,
        does(
            "start",
            survey_id,
            "headless",
            value(r#"{"campaign":"may","secret":1}"#),
        ),
    )
}

pub fn page(world: &mut World, url: &str) {
    act(world, does("url", "", url, Value::Null)).unwrap();
}

pub fn event(world: &mut World, name: &str, properties: &str) {
    act(world, does("event", "", name, value(properties))).unwrap();
}

/// What was told of surveys: what, which, why.
fn told(world: &World) -> Vec<(String, String, String)> {
    let told = world.events.iter().filter_map(|event| match event {
        HostEvent::Survey {
            what,
            survey_id,
            detail,
            ..
        } => Some((what.clone(), survey_id.clone(), detail.clone())),
        _ => None,
    });
    told.collect()
}

pub fn reasons(world: &World) -> Vec<String> {
    told(world)
        .into_iter()
        .filter(|(what, ..)| what == "suppressed")
        .map(|(_, _, why)| why)
        .collect()
}

fn newest(world: &World) -> &SurveyResponse {
    world.desk.responses.last().expect("a response")
}

fn questions(view: &SurveyView) -> Vec<String> {
    let id = |question: &deskside::view::Question| match question.element.get("id") {
        Some(Value::Text(id)) => id.to_string(),
        _ => panic!("an id"),
    };
    view.questions.iter().map(id).collect()
}

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

#[test]
fn helpful_articles_are_followed_by_a_question_after_a_moment() {
    let mut world = shop();
    let feedback = |helpful| Action::Feedback {
        article: "returns".into(),
        helpful,
        query: String::new(),
    };
    world.act(feedback(false)).unwrap();
    world.pass_ms(3_000);
    assert!(offered(&world).is_empty(), "the filter wants helpful ones");
    world.act(feedback(true)).unwrap();
    assert!(offered(&world).is_empty(), "not at once");
    world.pass_ms(3_000);
    assert_eq!(only(&world).survey_id, "ces");
}

#[test]
fn a_delay_outlives_a_reload() {
    let mut world = shop();
    event(&mut world, "article.feedback", r#"{"helpful":true}"#);
    world.reload();
    assert!(offered(&world).is_empty());
    world.pass_ms(3_000);
    assert_eq!(only(&world).survey_id, "ces");
}

#[test]
fn whether_it_may_be_shown_is_asked_again_after_the_delay() {
    let mut world = shop();
    event(&mut world, "article.feedback", r#"{"helpful":true}"#);
    start(&mut world, "ces").unwrap();
    seen(&mut world);
    answer(&mut world, "ease", "7").unwrap();
    next(&mut world).unwrap();
    world.pass_ms(3_000);
    assert_eq!(offered(&world).len(), 1, "the one that was asked for");
    assert_eq!(reasons(&world), ["recontact"]);
}

#[test]
fn time_on_a_page_counts_from_when_the_page_came() {
    let dwell = r#"{"schemaVersion":1,"id":"dwell","version":1,"languages":["en"],"triggers":[{"type":"pageDwell","seconds":20,"url":"*/cart"}],
        "blocks":[{"id":"b","elements":[{"type":"nps","id":"q","headline":"?"}]}]}"#;
    let mut world = World::with_desk(desk_with(&[dwell]));
    world.open_chat();
    page(&mut world, "https://shop.test/help");
    world.pass_ms(30_000);
    assert!(offered(&world).is_empty(), "another page");
    page(&mut world, "https://shop.test/cart");
    world.pass_ms(19_000);
    assert!(offered(&world).is_empty());
    world.pass_ms(2_000);
    assert_eq!(only(&world).survey_id, "dwell");
}

#[test]
fn of_two_that_are_due_one_is_shown_and_the_other_when_the_first_is_out_of_the_way() {
    let at_once = r#"{"schemaVersion":1,"id":"aa","version":1,"languages":["en"],"triggers":[{"type":"event","name":"now"}],"display":{"displayOption":"respondMultiple"},
        "blocks":[{"id":"b","elements":[{"type":"nps","id":"q","headline":"?"}]}]}"#;
    let mut world = World::with_desk(desk_with(&[at_once]));
    world.open_chat();
    world.say("hello");
    start(&mut world, "ces").unwrap();
    // Both come up in the same moment: the network brings one while the other is being offered.
    event(&mut world, "now", "{}");
    world.desk.agent_says("done");
    world.desk.agent_resolves();
    world.deliver();
    let shown: Vec<String> = offered(&world).into_iter().map(|s| s.survey_id).collect();
    assert_eq!(
        shown,
        ["ces", "aa"],
        "what was asked for, and one of the two"
    );
    let aa = offered(&world)[1].response_id.clone();
    act(&mut world, does("seen", &aa, "", Value::Null)).unwrap();
    act(&mut world, does("dismiss", &aa, "", Value::Null)).unwrap();
    let shown: Vec<String> = offered(&world).into_iter().map(|s| s.survey_id).collect();
    assert_eq!(
        shown,
        ["ces", "csat"],
        "the other when the first is out of the way"
    );
}

/// A survey that comes up so many seconds after its event.
fn after(id: &str, seconds: u32) -> String {
    format!(
        r#"{{"schemaVersion":1,"id":"{id}","version":1,"languages":["en"],"triggers":[{{"type":"event","name":"{id}"}}],"delaySeconds":{seconds},
        "blocks":[{{"id":"b","elements":[{{"type":"nps","id":"q","headline":"?"}}]}}]}}"#
    )
}

/// Waves the only survey away that is offered.
fn wave_away(world: &mut World) -> String {
    let survey_id = only(world).survey_id;
    let response_id = seen(world);
    act(world, does("dismiss", &response_id, "", Value::Null)).unwrap();
    survey_id
}

#[test]
fn of_several_that_wait_the_one_about_a_conversation_comes_first_then_whichever_was_due_first() {
    let [busy, late, early] = [after("busy", 0), after("late", 90), after("early", 10)];
    let mut world = World::with_desk(desk_with(&[&busy, &late, &early]));
    world.open_chat();
    world.say("hello");
    for name in ["busy", "late", "early"] {
        event(&mut world, name, "{}");
    }
    world.pass_ms(120_000);
    world.desk.agent_says("done");
    world.desk.agent_resolves();
    world.deliver();
    let shown: Vec<String> = (0..4).map(|_| wave_away(&mut world)).collect();
    assert_eq!(shown, ["busy", "csat", "early", "late"]);
}

#[test]
fn an_answer_that_comes_when_the_time_is_over_is_refused() {
    let mut world = shop();
    start(&mut world, "research").unwrap();
    let response_id = seen(&mut world);
    // The page slept: no clock has rung.
    world.now.wall_ms += 3_650 * DAY_MS;
    let late = does("answer", &response_id, "agree", Value::Bool(true));
    assert_eq!(act(&mut world, late).unwrap_err().code, "no_survey");
}

#[test]
fn what_was_answered_on_another_device_is_shown_here_and_an_older_state_is_not() {
    let mut world = asked();
    seen(&mut world);
    answer(&mut world, "rating", "2").unwrap();
    let conv = world.chat().id;
    let elsewhere = |revision, rating: u8| SurveyResponse {
        revision,
        rating: Some(rating),
        data: value(&format!(r#"{{"rating":{rating}}}"#)),
        ..newest(&world).clone()
    };
    let states = [(elsewhere(1, 1), 2.0), (elsewhere(7, 5), 5.0)];
    for (state, shown) in states {
        let author = world.desk.log().events[0].author.clone();
        let body = EventBody::Survey(state);
        world.desk.append(&conv, author, None, body, 1);
        world.deliver();
        assert_eq!(only(&world).questions[0].value, Value::Number(shown));
    }
}

#[test]
fn silence_in_a_conversation_asks_once() {
    let silent = r#"{"schemaVersion":1,"id":"quiet","version":1,"languages":["en"],"triggers":[{"type":"silence","minutes":5}],
        "blocks":[{"id":"b","elements":[{"type":"boolean","id":"q","headline":"Was it solved?"}]}]}"#;
    let mut world = World::with_desk(desk_with(&[silent]));
    world.open_chat();
    world.say("hello");
    world.pass_ms(600_000);
    assert!(offered(&world).is_empty(), "nobody has answered yet");
    world
        .desk
        .agent_says_in(&world.chat().id, "hi", world.now.wall_ms);
    world.deliver();
    world.pass_ms(299_000);
    assert!(offered(&world).is_empty());
    world.pass_ms(2_000);
    let survey = only(&world);
    assert_eq!(
        (
            survey.survey_id.as_str(),
            survey.agent.unwrap().name.as_str()
        ),
        ("quiet", "Mia")
    );
    act(
        &mut world,
        does("dismiss", &survey.response_id, "", Value::Null),
    )
    .unwrap();
    world.pass_ms(3_600_000);
    assert!(offered(&world).is_empty());
}

#[test]
fn a_bad_definition_of_the_desk_is_told_of_and_the_rest_goes_on() {
    let mut world = World::with_desk(desk_with(&[
        r#"{"schemaVersion":1,"id":"bad","version":1}"#,
    ]));
    world.open_chat();
    world.say("hello");
    assert_eq!(reasons(&world), ["$.languages is missing"]);
    world.desk.agent_says("done");
    world.desk.agent_resolves();
    world.deliver();
    assert_eq!(only(&world).survey_id, "csat");
}

#[test]
fn a_bad_definition_of_the_page_is_refused_with_its_place() {
    let mut world = World::chatting();
    let refused = act(
        &mut world,
        does("define", "", "", value(r#"{"schemaVersion":1}"#)),
    )
    .unwrap_err();
    assert_eq!(
        (refused.code, &*refused.message),
        ("survey_definition", "$.id is missing")
    );
    world.say("the chat goes on");
    assert_eq!(world.desk.said(), ["the chat goes on"]);
}

#[test]
fn a_page_without_a_conversation_asks_with_its_own_definition_and_the_desk_hears_of_it() {
    let mut world = World::new();
    let definition = value(include_str!(
        "../../examples/website/surveys/ces-after-article.json"
    ));
    act(&mut world, does("define", "", "", definition)).unwrap();
    start(&mut world, "ces").unwrap();
    seen(&mut world);
    answer(&mut world, "ease", "6").unwrap();
    next(&mut world).unwrap();
    assert_eq!(
        (
            newest(&world).rating,
            newest(&world).scale,
            newest(&world).finished
        ),
        (Some(6), 7, true)
    );
    assert!(
        world.desk.logs.is_empty(),
        "no conversation was made for it"
    );
    assert_eq!(world.engine.view().waiting, 0);
}

#[test]
fn a_survey_that_the_desk_has_is_fetched_when_the_page_asks_for_it() {
    let mut world = World::with_desk(desk_with(&[]));
    assert!(world.transmitted.is_empty(), "nobody needed the desk");
    start(&mut world, "research").unwrap();
    assert_eq!(only(&world).survey_id, "research");
}

#[test]
fn a_survey_that_nobody_knows_cannot_be_started() {
    let mut world = World::chatting();
    world.say("hello");
    assert_eq!(start(&mut world, "nobody").unwrap_err().code, "no_survey");
}

#[test]
fn definitions_come_once_and_are_there_offline() {
    let mut world = shop();
    world.lose_network();
    world.reload();
    start(&mut world, "research").unwrap();
    assert_eq!(questions(&only(&world)), ["agree"]);
}

#[test]
fn a_page_that_lets_surveys_come_up_asks_the_desk_for_them() {
    let config = Config {
        surveys: true,
        ..super::world::config()
    };
    let mut engine = deskside::Engine::new(config, [1; 32]).unwrap();
    engine
        .handle(
            deskside::Now::default(),
            deskside::Input::Loaded(deskside::Stored::default()),
        )
        .unwrap();
    let outputs: Vec<deskside::Output> = std::iter::from_fn(|| engine.poll()).collect();
    assert!(
        outputs
            .iter()
            .any(|output| matches!(output, deskside::Output::Connect { .. }))
    );
}

#[test]
fn who_is_not_in_the_sample_is_told_of_each_time_and_stays_out_after_a_reload() {
    let nobody = r#"{"schemaVersion":1,"id":"few","version":1,"languages":["en"],"triggers":[{"type":"event","name":"now"}],"display":{"displayPercentage":0},
        "blocks":[{"id":"b","elements":[{"type":"nps","id":"q","headline":"?"}]}]}"#;
    let mut world = World::with_desk(desk_with(&[nobody]));
    world.open_chat();
    world.say("hello");
    event(&mut world, "now", "{}");
    world.reload();
    event(&mut world, "now", "{}");
    assert!(offered(&world).is_empty());
    assert_eq!(reasons(&world), ["sampled_out", "sampled_out"]);
}

/// A survey of one question, by which version it asks.
fn tea(version: u32, headline: &str, more: &str) -> String {
    format!(
        r#"{{"schemaVersion":1,"id":"tea","version":{version},"languages":["en"],"allowEdit":true,"triggers":[{{"type":"event","name":"tea"}}],
        "display":{{"displayOption":"respondMultiple"}},
        "blocks":[{{"id":"b","elements":[{{"type":"openText","id":"q","headline":"{headline}"}}]}}{more}]}}"#
    )
}

fn more_tea() -> &'static str {
    r#",{"id":"c","elements":[{"type":"boolean","id":"again","headline":"Again?"}]}"#
}

/// Somebody saves other surveys at the desk, while the visitor is on the site.
fn surveys_are_now(world: &mut World, definitions: &[String]) {
    let surveys = deskside::protocol::survey::SurveySet {
        digest: format!("{definitions:?}"),
        definitions: definitions.iter().map(|json| value(json)).collect(),
    };
    world.desk.surveys = surveys.clone();
    let frame = super::world::push(|frame| frame.surveys = Some(surveys));
    world.input(deskside::Input::Received(vec![frame]));
}

fn headline(world: &World) -> Option<Value> {
    only(world).questions[0].element.get("headline").cloned()
}

#[test]
fn a_survey_that_is_saved_at_the_desk_is_asked_at_once() {
    let mut world = World::chatting();
    world.say("hello");
    event(&mut world, "tea", "{}");
    assert!(offered(&world).is_empty());
    surveys_are_now(&mut world, &[tea(1, "Tea?", "")]);
    event(&mut world, "tea", "{}");
    assert_eq!(headline(&world), Some(value("\"Tea?\"")));
    world.lose_network();
    world.reload();
    assert_eq!(headline(&world), Some(value("\"Tea?\"")));
}

#[test]
fn what_is_being_answered_stays_with_its_version_after_a_reload_too() {
    let mut world = World::chatting();
    world.say("hello");
    surveys_are_now(&mut world, &[tea(1, "Tea?", more_tea())]);
    event(&mut world, "tea", "{}");
    seen(&mut world);
    answer(&mut world, "q", "\"green\"").unwrap();
    surveys_are_now(&mut world, &[tea(2, "Which tea?", "")]);
    assert_eq!(headline(&world), Some(value("\"Tea?\"")));
    world.reload();
    assert_eq!(headline(&world), Some(value("\"Tea?\"")));
    next(&mut world).unwrap();
    assert_eq!(questions(&only(&world)), ["again"]);
    next(&mut world).unwrap();
    assert!(newest(&world).finished);
    assert_eq!(newest(&world).survey_version, 1);
    // Its answers may still be changed, by the same questions.
    let response_id = only(&world).response_id;
    act(&mut world, does("edit", &response_id, "", Value::Null)).unwrap();
    assert_eq!(headline(&world), Some(value("\"Tea?\"")));
    act(&mut world, does("dismiss", &response_id, "", Value::Null)).unwrap();
    event(&mut world, "tea", "{}");
    assert_eq!(headline(&world), Some(value("\"Which tea?\"")));
    assert_eq!(newest(&world).survey_version, 1);
    seen(&mut world);
    assert_eq!(newest(&world).survey_version, 2);
}

#[test]
fn a_survey_that_is_put_away_asks_nobody_any_more_but_what_was_begun_may_be_finished() {
    let mut world = World::chatting();
    world.say("hello");
    surveys_are_now(&mut world, &[tea(1, "Tea?", "")]);
    event(&mut world, "tea", "{}");
    seen(&mut world);
    surveys_are_now(&mut world, &[]);
    world.reload();
    answer(&mut world, "q", "\"green\"").unwrap();
    next(&mut world).unwrap();
    assert!(newest(&world).finished);
    let response_id = only(&world).response_id;
    act(&mut world, does("dismiss", &response_id, "", Value::Null)).unwrap();
    event(&mut world, "tea", "{}");
    assert!(offered(&world).is_empty());
    assert_eq!(start(&mut world, "tea").unwrap_err().code, "no_survey");
    world.reload();
    event(&mut world, "tea", "{}");
    assert!(offered(&world).is_empty());
}

#[test]
fn an_invitation_that_still_waits_asks_by_the_version_of_then() {
    let delayed = |version, headline| {
        tea(version, headline, "").replace(r#""allowEdit":true"#, r#""delaySeconds":60"#)
    };
    let mut world = World::chatting();
    world.say("hello");
    surveys_are_now(&mut world, &[delayed(1, "Tea?")]);
    event(&mut world, "tea", "{}");
    surveys_are_now(&mut world, &[delayed(2, "Which tea?")]);
    world.pass_ms(61_000);
    assert_eq!(headline(&world), Some(value("\"Which tea?\"")));
    seen(&mut world);
    assert_eq!(newest(&world).survey_version, 2);
}

#[test]
fn what_the_page_defines_itself_stays_when_the_desk_changes_its_own() {
    let mut world = World::chatting();
    world.say("hello");
    act(
        &mut world,
        does("define", "", "", value(&tea(1, "Tea?", ""))),
    )
    .unwrap();
    surveys_are_now(&mut world, &[]);
    event(&mut world, "tea", "{}");
    assert_eq!(headline(&world), Some(value("\"Tea?\"")));
}
