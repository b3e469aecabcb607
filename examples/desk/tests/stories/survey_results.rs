//! What came of surveys: for whom it counts, what the report and the table say, who hears of a change.

use crate::support::*;
use deskside::plain::Readable;
use deskside::protocol::Command;
use deskside::protocol::command::Survey;
use deskside::protocol::event::{EventBody, Invitation, Role, SurveyResponse};
use serde_json::{Value, json};

async fn invited(visitor: &mut Visitor) -> Invitation {
    match visitor.socket.event_of("invitation").await.body {
        EventBody::Invitation(invitation) => invitation,
        other => panic!("{other:?}"),
    }
}

async fn rate(visitor: &mut Visitor, conv: &str, invitation: &Invitation, rating: u8) {
    let response = SurveyResponse {
        response_id: invitation.response_id.clone(),
        survey_id: invitation.survey_id.clone(),
        survey_version: 1,
        revision: 1,
        rating: Some(rating),
        scale: 5,
        finished: true,
        data: serde_json::from_value(json!({ "rating": rating })).unwrap(),
        language: "en".to_owned(),
        source: "widget".to_owned(),
        ..Readable::blank()
    };
    let command = Command::Survey(Survey {
        conv: conv.to_owned(),
        cmid: uuid(),
        response,
    });
    visitor.ask(command).await.unwrap();
}

/// A visitor whom this agent has helped, and who is asked about it.
async fn helped_by(desk: &Desk, agent: &mut Agent) -> (Visitor, String, Invitation) {
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    visitor.say(&conv, "A question").await;
    agent.say(&conv, "An answer").await;
    agent.resolve(&conv).await;
    let invitation = invited(&mut visitor).await;
    (visitor, conv, invitation)
}

/// A manager who reads what came of it.
struct Manager {
    address: std::net::SocketAddr,
    bearer: String,
}

impl Manager {
    async fn of(desk: &Desk) -> Self {
        let token = desk.agent_token("manager").await;
        Self {
            address: desk.address,
            bearer: format!("authorization: Bearer {token}\r\n"),
        }
    }

    async fn report(&self, filter: &str) -> Value {
        let path = format!("/v1/agent/surveys/shop/csat/results?{filter}");
        let (head, body) = get(self.address, &path, &self.bearer).await;
        assert!(head.contains("200"), "{head} {body}");
        serde_json::from_str(&body).unwrap()
    }

    async fn table(&self, filter: &str) -> Vec<String> {
        let path = format!("/v1/agent/surveys/shop/csat/responses.csv?{filter}");
        let (_, body) = get(self.address, &path, &self.bearer).await;
        body.lines().map(str::to_owned).collect()
    }

    /// Saves the built-in survey anew.
    async fn save(&self, name: &str, active: bool) {
        let mut definition: Value = serde_json::from_str(desk::survey::BUILT_IN).unwrap();
        definition["name"] = name.into();
        let body = json!({ "site": "shop", "active": active, "definition": definition });
        let headers = format!("{}content-type: application/json\r\n", self.bearer);
        let (head, body) = post(
            self.address,
            "/v1/agent/surveys",
            &headers,
            &body.to_string(),
        )
        .await;
        assert!(head.contains("200"), "{head} {body}");
    }
}

/// `[name, answered, value]` of each group.
fn groups(report: &Value, by: &str) -> Value {
    let group = |group: &Value| json!([group["name"], group["answered"], group["score"]["value"]]);
    report[by].as_array().unwrap().iter().map(group).collect()
}

#[tokio::test]
async fn a_rating_counts_for_the_team_that_the_agent_was_in_when_they_were_asked_about() {
    let desk = Desk::start().await;
    let mut mei = desk.agent("mei").await;
    desk.set_team("mei", "退货").await;
    let (mut early, conv, invitation) = helped_by(&desk, &mut mei).await;
    // Between the question and the answer, and between one revision and the next.
    desk.set_team("mei", "Sales").await;
    rate(&mut early, &conv, &invitation, 1).await;
    let (mut late, conv, invitation) = helped_by(&desk, &mut mei).await;
    rate(&mut late, &conv, &invitation, 5).await;
    let mut noor = desk.agent("noor").await;
    let (mut other, conv, invitation) = helped_by(&desk, &mut noor).await;
    rate(&mut other, &conv, &invitation, 5).await;

    let manager = Manager::of(&desk).await;
    let report = manager.report("").await;
    let teams = json!([["Sales", 1, 100], ["退货", 1, 0]]);
    assert_eq!(groups(&report, "byTeam"), teams);
    let agents = json!([["mei", 2, 50], ["noor", 1, 100]]);
    assert_eq!(groups(&report, "byAgent"), agents);
    let sales = manager.report("team=Sales").await;
    assert_eq!(sales["answered"], 1);
    assert_eq!(sales["score"]["value"], 100);
    let table = manager.table("team=%E9%80%80%E8%B4%A7").await;
    assert_eq!(table.len(), 2, "{table:?}");
    assert!(table[0].contains(r#""agent","team","#), "{}", table[0]);
    assert!(table[1].contains(r#""mei","退货","#), "{}", table[1]);
}

#[tokio::test]
async fn a_conversation_that_changes_hands_after_it_was_resolved_leaves_the_rating_where_it_was() {
    let desk = Desk::start().await;
    let (mut mei, mut noor) = (desk.agent("mei").await, desk.agent("noor").await);
    let (mut visitor, conv, invitation) = helped_by(&desk, &mut mei).await;
    noor.assign(&conv).await;
    rate(&mut visitor, &conv, &invitation, 4).await;
    let report = Manager::of(&desk).await.report("").await;
    assert_eq!(groups(&report, "byAgent"), json!([["mei", 1, 100]]));
}

#[tokio::test]
async fn where_no_person_took_the_conversation_the_bot_that_answered_is_rated() {
    let desk = Desk::start().await;
    let mut bot = desk.bot("Linnet").await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    visitor.say(&conv, "A question").await;
    bot.say(&conv, "An answer").await;
    bot.resolve(&conv).await;
    let invitation = invited(&mut visitor).await;
    let rated = invitation.agent.clone().unwrap();
    assert_eq!((rated.role, rated.name.as_str()), (Role::Bot, "Linnet"));
    rate(&mut visitor, &conv, &invitation, 2).await;
    let report = Manager::of(&desk).await.report("").await;
    assert_eq!(groups(&report, "byAgent"), json!([["Linnet", 1, 0]]));
    assert_eq!(report["byTeam"], json!([]));
}

#[tokio::test]
async fn the_trend_goes_by_the_periods_that_are_asked_for() {
    let desk = Desk::start().await;
    let mut mei = desk.agent("mei").await;
    let manager = Manager::of(&desk).await;
    assert_eq!(manager.report("").await["trend"], Value::Null);
    let (mut visitor, conv, invitation) = helped_by(&desk, &mut mei).await;
    rate(&mut visitor, &conv, &invitation, 5).await;
    for step in ["day", "week", "month"] {
        let report = manager.report(&format!("step={step}")).await;
        assert_eq!(report["trend"]["step"], step);
        assert_eq!(report["trend"]["periods"][0]["score"]["n"], 1);
        assert_eq!(report["trend"]["periods"][0]["score"]["few"], true);
    }
}

#[tokio::test]
async fn what_was_asked_in_a_period_counts_for_it_and_nothing_else_is_read() {
    let desk = Desk::start().await;
    let mut mei = desk.agent("mei").await;
    for (at, rating) in [(1_000_u64, 1), (2_000, 2), (3_000, 5)] {
        let (mut visitor, conv, invitation) = helped_by(&desk, &mut mei).await;
        rate(&mut visitor, &conv, &invitation, rating).await;
        let db = rusqlite::Connection::open(&desk.config.database).unwrap();
        let shown = "UPDATE survey_responses SET shown_at = ?1 WHERE response_id = ?2";
        db.execute(shown, (at, &invitation.response_id)).unwrap();
    }
    let manager = Manager::of(&desk).await;
    let periods = [
        ("", 3),
        ("from=2000", 2),
        ("to=2000", 1),
        ("from=1000&to=3000", 2),
        ("from=3001", 0),
        ("from=3000&to=1000", 0),
        ("to=18446744073709551615", 3),
        ("from=18446744073709551615", 0),
    ];
    for (period, shown) in periods {
        assert_eq!(manager.report(period).await["shown"], shown, "{period}");
        assert_eq!(manager.table(period).await.len(), 1 + shown, "{period}");
    }
}

#[tokio::test]
async fn a_filter_that_is_none_is_refused() {
    let desk = Desk::start().await;
    let bearer = format!(
        "authorization: Bearer {}\r\n",
        desk.agent_token("mei").await
    );
    for page in ["results", "responses.csv"] {
        for filter in ["from=yesterday", "step=year", "to=-1"] {
            let path = format!("/v1/agent/surveys/shop/csat/{page}?{filter}");
            let (head, _) = get(desk.address, &path, &bearer).await;
            assert!(head.starts_with("http/1.1 400"), "{filter}: {head}");
        }
    }
}

#[tokio::test]
async fn a_survey_that_is_not_there_is_said_to_be_missing() {
    let desk = Desk::start().await;
    let bearer = format!(
        "authorization: Bearer {}\r\n",
        desk.agent_token("mei").await
    );
    for (site, id) in [("shop", "nps"), ("nowhere", "csat")] {
        for page in ["results", "responses.csv"] {
            let path = format!("/v1/agent/surveys/{site}/{id}/{page}");
            let (head, body) = get(desk.address, &path, &bearer).await;
            assert!(head.starts_with("http/1.1 404"), "{path}: {head}");
            assert!(body.contains("no such survey"), "{body}");
        }
    }
}

#[tokio::test]
async fn who_is_on_the_site_hears_of_a_survey_that_was_changed_or_put_away() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let known = visitor.connected.surveys.clone().unwrap().digest;
    let mut elsewhere = Socket::open(desk.address, "/v1/socket", None).await;
    elsewhere.ask(connect_command("open", None, &[])).await;
    let manager = Manager::of(&desk).await;
    manager.save("How it went", true).await;
    let pushed = visitor
        .socket
        .push(|frame| visitor_frame(frame).surveys)
        .await;
    assert_ne!(pushed.digest, known);
    let name = pushed.definitions[0].get("name");
    assert_eq!(
        name,
        Some(&deskside::plain::Value::Text("How it went".into()))
    );
    manager.save("How it went", false).await;
    let pushed = visitor
        .socket
        .push(|frame| visitor_frame(frame).surveys)
        .await;
    assert_eq!(pushed.definitions, []);
    // Another site hears nothing: its next frame is the answer to this.
    let pong = elsewhere.ask(json!({ "ping": {} })).await;
    assert!(pong.get("result").is_some());
    assert!(elsewhere.heard_nothing());
}

#[tokio::test]
async fn nobody_hears_of_a_survey_that_was_saved_as_it_was() {
    let desk = Desk::start().await;
    let manager = Manager::of(&desk).await;
    manager.save("How it went", true).await;
    let mut visitor = desk.visitor().await;
    manager.save("How it went", true).await;
    visitor.ask(Command::Ping {}).await.unwrap();
    assert!(visitor.socket.heard_nothing());
}

/// The cells of a table, as a spreadsheet reads them.
fn cells(table: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut within) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = table.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, within) {
            ('"', true) if letters.peek() == Some(&'"') => {
                cell.push('"');
                letters.next();
            }
            ('"', _) => within = !within,
            (',', false) => row.push(std::mem::take(&mut cell)),
            ('\n', false) => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            ('\r', false) => {}
            (letter, _) => cell.push(letter),
        }
    }
    rows
}

#[tokio::test]
async fn no_text_of_any_column_is_taken_for_a_formula_and_chinese_is_read_as_it_was_written() {
    let desk = Desk::start().await;
    let mut evil = desk.agent("=1+1").await;
    desk.set_team("=1+1", "＠SUM(A1)").await;
    let (mut visitor, conv, invitation) = helped_by(&desk, &mut evil).await;
    let response = SurveyResponse {
        response_id: invitation.response_id.clone(),
        survey_id: invitation.survey_id.clone(),
        survey_version: 1,
        revision: 1,
        rating: Some(1),
        scale: 5,
        data: serde_json::from_value(json!({
            "rating": 1, "reasons": ["slow"], "comment": "\t=HYPERLINK(\"https://evil.example\")\n很慢",
        }))
        .unwrap(),
        language: "@en".to_owned(),
        source: "+widget".to_owned(),
        url: "-2+3".to_owned(),
        ..Readable::blank()
    };
    let command = Command::Survey(Survey {
        conv: conv.clone(),
        cmid: uuid(),
        response,
    });
    visitor.ask(command).await.unwrap();
    let manager = Manager::of(&desk).await;
    let path = "/v1/agent/surveys/shop/csat/responses.csv";
    let (head, body) = get(desk.address, path, &manager.bearer).await;
    assert!(head.contains("text/csv; charset=utf-8"), "{head}");
    assert!(
        body.starts_with('\u{feff}'),
        "Excel takes it for another encoding"
    );
    let rows = cells(&body);
    assert_eq!(rows.len(), 2, "{rows:?}");
    let of = |column: &str| {
        let at = rows[0].iter().position(|name| name == column).unwrap();
        rows[1][at].as_str()
    };
    assert_eq!(of("agent"), "'=1+1");
    assert_eq!(of("team"), "'＠SUM(A1)");
    assert_eq!(of("language"), "'@en");
    assert_eq!(of("source"), "'+widget");
    assert_eq!(of("url"), "'-2+3");
    let comment = "'\t=HYPERLINK(\"https://evil.example\")\n很慢";
    assert_eq!(of("comment"), comment);
    for cell in rows.iter().flatten() {
        assert!(
            !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
            "{cell}"
        );
    }
}

#[tokio::test]
async fn a_question_that_is_asked_no_more_keeps_its_column() {
    let desk = Desk::start().await;
    let mut mei = desk.agent("mei").await;
    let (mut visitor, conv, invitation) = helped_by(&desk, &mut mei).await;
    rate(&mut visitor, &conv, &invitation, 4).await;
    let manager = Manager::of(&desk).await;
    let definition = json!({
        "schemaVersion": 1, "id": "csat", "version": 2, "languages": ["en"], "hiddenFields": ["campaign"],
        "blocks": [{ "id": "b", "elements": [{ "type": "nps", "id": "friends", "headline": "?" }] }],
    });
    let save = json!({ "site": "shop", "active": true, "definition": definition });
    let headers = format!("{}content-type: application/json\r\n", manager.bearer);
    post(
        desk.address,
        "/v1/agent/surveys",
        &headers,
        &save.to_string(),
    )
    .await;
    let table = manager.table("").await;
    let columns = r#""friends","rating","reasons","comment","campaign""#;
    assert!(table[0].ends_with(columns), "{}", table[0]);
    assert!(table[1].ends_with(r#""","4","","","""#), "{}", table[1]);
}
