//! A visitor is asked how it went, and what they answer is kept at once.

mod world;

use deskside::Action;
use deskside::output::HostEvent;
use deskside::protocol::event::EventBody;
use deskside::view::ItemBody;
use world::World;

fn asked() -> World {
    let mut world = World::chatting();
    world.say("hello");
    world.desk.agent_says("done");
    world.desk.agent_resolves();
    world.deliver();
    world
}

fn rate(
    world: &mut World,
    rating: Option<u8>,
    comment: &str,
    finished: bool,
) -> Result<(), deskside::Error> {
    let chat = world.chat();
    let response_id = chat
        .survey
        .map(|survey| survey.response_id)
        .unwrap_or_default();
    world.act(Action::Rate {
        conv: chat.id,
        response_id,
        rating,
        comment: comment.into(),
        finished,
    })
}

#[test]
fn a_resolved_conversation_asks_for_a_rating_of_the_agent_who_had_it() {
    let world = asked();
    let survey = world.chat().survey.expect("it asks");
    assert_eq!(
        (survey.scale, survey.rating, survey.finished),
        (5, None, false)
    );
    assert_eq!(survey.agent.unwrap().name, "Mia");
}

#[test]
fn the_rating_is_kept_at_once_and_the_comment_adds_to_it() {
    let mut world = asked();
    rate(&mut world, Some(4), "", false).unwrap();
    rate(&mut world, None, "quick and kind", true).unwrap();
    let responses: Vec<_> = world
        .desk
        .log()
        .events
        .iter()
        .filter_map(|event| match &event.body {
            EventBody::Survey(response) => Some(response.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(
        responses.iter().map(|r| r.revision).collect::<Vec<_>>(),
        [1, 2]
    );
    let last = responses.last().unwrap();
    assert_eq!(
        (last.rating, last.comment.as_deref(), last.finished),
        (Some(4), Some("quick and kind"), true)
    );
    assert!(world.events.contains(&HostEvent::SurveyCompleted {
        survey_id: "csat".into(),
        rating: Some(4)
    }));
    let rated = world.chat().items.into_iter().any(|item| {
        item.body
            == ItemBody::Rated {
                rating: 4,
                scale: 5,
            }
    });
    assert!(rated);
}

#[test]
fn a_rating_given_offline_survives_a_reload_and_arrives() {
    let mut world = asked();
    world.lose_network();
    rate(&mut world, Some(5), "", false).unwrap();
    assert!(world.chat().survey.unwrap().waiting);
    world.reload();
    assert_eq!(world.chat().survey.unwrap().rating, Some(5));
    world.restore_network();
    assert!(!world.chat().survey.unwrap().waiting);
    assert!(
        matches!(&world.desk.log().events.last().unwrap().body, EventBody::Survey(r) if r.rating == Some(5))
    );
}

#[test]
fn a_reopened_conversation_takes_an_unanswered_invitation_back() {
    let mut world = asked();
    world.say("one more thing");
    assert_eq!(world.chat().survey, None);
    world.desk.agent_says("here");
    world.desk.agent_resolves();
    world.deliver();
    assert_eq!(
        world.chat().survey.unwrap().response_id,
        "r2",
        "the next resolution asks anew"
    );
}

#[test]
fn a_rating_off_the_scale_or_for_nothing_is_refused() {
    let mut world = asked();
    assert_eq!(
        rate(&mut world, Some(6), "", true).unwrap_err().code,
        "rating"
    );
    assert_eq!(
        rate(&mut world, Some(0), "", true).unwrap_err().code,
        "rating"
    );
    let conv = world.chat().id;
    let other = Action::Rate {
        conv,
        response_id: "r9".into(),
        rating: Some(3),
        comment: String::new(),
        finished: true,
    };
    assert_eq!(world.act(other).unwrap_err().code, "no_survey");
    let mut quiet = World::chatting();
    quiet.say("hello");
    assert_eq!(
        rate(&mut quiet, Some(3), "", true).unwrap_err().code,
        "no_survey"
    );
}
