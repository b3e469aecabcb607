//! What waits before it is asked: triggers, delays, and several at once.

use super::shop::*;
use super::value;
use super::world::World;
use deskside::Action;
use deskside::plain::Value;
use deskside::protocol::event::EventBody;
use deskside::protocol::survey::SurveyResponse;

const DAY_MS: u64 = 86_400_000;

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
fn an_answer_that_is_refused_for_good_stays_and_a_newer_one_takes_its_place() {
    let mut world = shop();
    start(&mut world, "ces").unwrap();
    seen(&mut world);
    let refusal = crate::world::desk::permanent("invalid");
    world.desk.refusals.push_back(refusal.clone());
    answer(&mut world, "ease", "2").unwrap();
    world.reload();
    let refused = world.view().refused;
    assert_eq!((refused.len(), &*refused[0].command), (1, "survey"));
    world.desk.refusals.push_back(refusal);
    answer(&mut world, "ease", "7").unwrap();
    let newer = world.view().refused;
    assert!(newer.len() == 1 && newer[0].key != refused[0].key);
    let key = newer[0].key.clone();
    world.act(Action::Retry { key }).unwrap();
    assert!(world.view().refused.is_empty() && world.stored.journal.is_empty());
    let ease = |response: &SurveyResponse| response.data.get("ease").cloned();
    assert_eq!(ease(world.desk.responses.last().unwrap()), Some(value("7")));
}
