//! A shop that asks, and what its visitors do: what the stories of surveys are told with.

use super::value;
use super::world::World;
use super::world::desk::Desk;
use deskside::input::SurveyAction;
use deskside::output::HostEvent;
use deskside::plain::Value;
use deskside::protocol::survey::SurveyResponse;
use deskside::view::SurveyView;
use deskside::{Action, Error};

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

pub fn shop() -> World {
    let mut world = World::with_desk(desk_with(&[]));
    world.open_chat();
    world.say("hello");
    world
}

/// A conversation that was resolved by Mia.
pub fn asked() -> World {
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

pub fn act(world: &mut World, action: SurveyAction) -> Result<(), Error> {
    world.act(Action::Survey(action))
}

pub fn seen(world: &mut World) -> String {
    let response_id = only(world).response_id;
    act(world, does("seen", &response_id, "", Value::Null)).unwrap();
    response_id
}

pub fn answer(world: &mut World, element: &str, json: &str) -> Result<(), Error> {
    let response_id = only(world).response_id;
    act(world, does("answer", &response_id, element, value(json)))
}

pub fn next(world: &mut World) -> Result<(), Error> {
    let response_id = only(world).response_id;
    act(world, does("next", &response_id, "", Value::Null))
}

pub fn start(world: &mut World, survey_id: &str) -> Result<(), Error> {
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
pub fn told(world: &World) -> Vec<(String, String, String)> {
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

pub fn newest(world: &World) -> &SurveyResponse {
    world.desk.responses.last().expect("a response")
}

pub fn questions(view: &SurveyView) -> Vec<String> {
    let id = |question: &deskside::view::Question| match question.element.get("id") {
        Some(Value::Text(id)) => id.to_string(),
        _ => panic!("an id"),
    };
    view.questions.iter().map(id).collect()
}
