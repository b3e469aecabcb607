//! The rating after a resolution.

use crate::support::*;
use deskside::plain::{Readable, Value};
use deskside::protocol::command::{Close, Survey};
use deskside::protocol::event::{EventBody, Invitation, SurveyResponse};
use deskside::protocol::reply::{ErrorBody, Sent};
use deskside::protocol::{Command, error_code};

struct Rated {
    desk: Desk,
    visitor: Visitor,
    agent: Agent,
    conv: String,
    invitation: Invitation,
}

async fn resolved() -> Rated {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    visitor.say(&conv, "A question").await;
    let mut agent = desk.agent("mei").await;
    agent.say(&conv, "An answer").await;
    agent.resolve(&conv).await;
    let invitation = invitation(&mut visitor).await;
    Rated {
        desk,
        visitor,
        agent,
        conv,
        invitation,
    }
}

async fn invitation(visitor: &mut Visitor) -> Invitation {
    match visitor.socket.event_of("invitation").await.body {
        EventBody::Invitation(invitation) => invitation,
        other => panic!("{other:?}"),
    }
}

impl Rated {
    fn response(&self, revision: u32, rating: u8) -> SurveyResponse {
        SurveyResponse {
            response_id: self.invitation.response_id.clone(),
            survey_id: self.invitation.survey_id.clone(),
            revision,
            rating: Some(rating),
            finished: false,
            ..Readable::blank()
        }
    }

    async fn answer(&mut self, response: SurveyResponse) -> Result<Sent, ErrorBody> {
        let command = Command::Survey(Survey {
            conv: self.conv.clone(),
            cmid: uuid(),
            response,
        });
        Ok(self.visitor.ask(command).await?.sent.unwrap())
    }
}

#[tokio::test]
async fn a_resolution_invites_to_rate_the_agent_who_had_the_conversation() {
    let rated = resolved().await;
    let invitation = &rated.invitation;
    assert_eq!(
        (invitation.survey_id.as_str(), invitation.scale),
        ("csat", 5)
    );
    assert_eq!(invitation.resolution_cycle, 1);
    assert_eq!(invitation.agent.as_ref().unwrap().name, "mei");
}

#[tokio::test]
async fn a_rating_reaches_the_agents_inbox() {
    let mut rated = resolved().await;
    let mut response = rated.response(1, 4);
    response.comment = Some("快 and friendly".to_owned());
    let sent = rated.answer(response.clone()).await.unwrap();
    let event = rated.visitor.socket.event_of("survey").await;
    assert_eq!(
        (event.seq, event.body),
        (sent.seq, EventBody::Survey(response.clone()))
    );
    let line = rated.agent.inbox_line(|line| line.rating.is_some()).await;
    assert_eq!(line.rating, Some(response.clone()));
    let later = rated.desk.agent("noor").await;
    assert_eq!(later.connected.inbox[0].rating, Some(response));
}

#[tokio::test]
async fn the_highest_revision_wins_and_an_older_one_that_comes_late_changes_nothing() {
    let mut rated = resolved().await;
    let second = rated.response(2, 5);
    let newest = rated.answer(second.clone()).await.unwrap();
    let late = rated.answer(rated.response(1, 1)).await.unwrap();
    assert!(late.duplicate);
    assert_eq!(late.seq, newest.seq);
    let later = rated.desk.agent("noor").await;
    assert_eq!(later.connected.inbox[0].rating, Some(second));
}

#[tokio::test]
async fn the_same_revision_again_is_a_duplicate_and_another_answer_under_it_a_conflict() {
    let mut rated = resolved().await;
    rated.answer(rated.response(1, 5)).await.unwrap();
    assert!(rated.answer(rated.response(1, 5)).await.unwrap().duplicate);
    let error = rated.answer(rated.response(1, 4)).await.unwrap_err();
    assert_eq!(error.code, error_code::CONFLICT);
}

#[tokio::test]
async fn a_rating_outside_the_scale_is_refused() {
    let mut rated = resolved().await;
    for rating in [0, 6, 255] {
        let error = rated.answer(rated.response(1, rating)).await.unwrap_err();
        assert_eq!(error.code, error_code::INVALID);
        assert!(error.message.contains("1 to 5"), "{}", error.message);
    }
}

#[tokio::test]
async fn an_answer_must_fit_an_invitation_of_this_conversation() {
    let mut rated = resolved().await;
    let unknown = SurveyResponse {
        response_id: uuid(),
        ..rated.response(1, 5)
    };
    let other_survey = SurveyResponse {
        survey_id: "nps".to_owned(),
        ..rated.response(1, 5)
    };
    let never = rated.response(0, 5);
    for response in [unknown, other_survey, never] {
        assert_eq!(
            rated.answer(response).await.unwrap_err().code,
            error_code::INVALID
        );
    }
    // The right answer, under another conversation of the same visitor.
    let response = rated.response(1, 5);
    let invited_in = std::mem::take(&mut rated.conv);
    rated.conv = rated.visitor.open().await.conv;
    assert_eq!(
        rated.answer(response.clone()).await.unwrap_err().code,
        error_code::INVALID
    );
    rated.conv = invited_in;
    assert!(rated.answer(response).await.is_ok());
}

#[tokio::test]
async fn a_stranger_cannot_rate() {
    let mut rated = resolved().await;
    let response = rated.response(1, 1);
    rated.visitor = rated.desk.visitor().await;
    assert_eq!(
        rated.answer(response).await.unwrap_err().code,
        error_code::NOT_FOUND
    );
}

#[tokio::test]
async fn a_closed_conversation_can_still_be_rated() {
    let mut rated = resolved().await;
    let close = Close {
        conv: rated.conv.clone(),
        cmid: uuid(),
    };
    rated.visitor.ask(Command::Close(close)).await.unwrap();
    assert!(rated.answer(rated.response(1, 5)).await.is_ok());
}

#[tokio::test]
async fn a_reopened_conversation_that_is_resolved_again_invites_anew() {
    let mut rated = resolved().await;
    rated.answer(rated.response(1, 2)).await.unwrap();
    let first = rated.invitation.clone();
    let conv = rated.conv.clone();
    rated.visitor.say(&conv, "It came back").await;
    rated.agent.say(&conv, "Now it is gone").await;
    rated.agent.resolve(&conv).await;
    rated.invitation = invitation(&mut rated.visitor).await;
    assert_ne!(rated.invitation.response_id, first.response_id);
    assert_eq!(rated.invitation.resolution_cycle, 2);
    let better = rated.response(1, 5);
    rated.answer(better.clone()).await.unwrap();
    let line = rated
        .agent
        .inbox_line(|line| line.rating.as_ref() == Some(&better))
        .await;
    assert_eq!(line.conv, conv);
}

fn data(json: serde_json::Value) -> Value {
    serde_json::from_value(json).unwrap()
}

#[tokio::test]
async fn a_response_that_is_about_no_conversation_is_kept_and_stands_in_no_log() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let response = SurveyResponse {
        response_id: uuid(),
        survey_id: "csat".to_owned(),
        revision: 1,
        data: data(serde_json::json!({ "rating": 4 })),
        rating: Some(4),
        ..Readable::blank()
    };
    let command = |response| {
        Command::Survey(Survey {
            conv: String::new(),
            cmid: uuid(),
            response,
        })
    };
    let sent = visitor.ask(command(response.clone())).await.unwrap();
    assert_eq!(sent.sent.unwrap().seq, 0);
    let again = visitor.ask(command(response.clone())).await.unwrap();
    assert!(again.sent.unwrap().duplicate);
    let mut stranger = desk.visitor().await;
    let theirs = SurveyResponse {
        revision: 2,
        ..response
    };
    let refused = stranger.ask(command(theirs)).await.unwrap_err();
    assert_eq!(refused.code, error_code::INVALID);
}

#[tokio::test]
async fn a_response_that_no_survey_could_have_got_is_refused() {
    let mut rated = resolved().await;
    let nonsense = [
        serde_json::json!({ "rating": 9 }),
        serde_json::json!({ "nobody": 1 }),
        serde_json::json!({ "comment": 5 }),
        serde_json::json!({ "rating": 5, "reasons": ["slow"] }),
    ];
    for answers in nonsense {
        let mut response = rated.response(1, 4);
        response.data = data(answers);
        let refused = rated.answer(response).await.unwrap_err();
        assert_eq!(refused.code, error_code::INVALID);
    }
    let mut unknown = rated.response(1, 4);
    unknown.survey_id = "nobody".to_owned();
    let refused = rated.answer(unknown).await.unwrap_err();
    assert_eq!(refused.code, error_code::INVALID);
}
