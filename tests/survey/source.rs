//! Whose definitions are asked by: the desk's, the page's, of which version.

use super::shop::*;
use super::value;
use super::world::World;
use deskside::input::Config;
use deskside::plain::Value;

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
