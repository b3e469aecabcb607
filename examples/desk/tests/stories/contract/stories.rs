//! One story does everything that is described, and so shows that nothing is that the desk does not do.

use super::*;
use crate::support::*;
use desk::auth::{DEMO_EMAIL, DEMO_PASSWORD};
use desk::frame::{AGENT_COMMANDS, VISITOR_COMMANDS};
use deskside::protocol::Command;
use deskside::protocol::agent::{AgentCommand, ConversationRef};
use deskside::protocol::command::{Close, History};

#[test]
fn the_files_know_the_commands_of_the_desk_and_no_others() {
    for (channel, commands) in [("visitor", VISITOR_COMMANDS), ("agent", AGENT_COMMANDS)] {
        let described = CONTRACT.sockets["channels"][channel]["messages"]
            .as_object()
            .unwrap();
        let described: BTreeSet<&str> = described
            .keys()
            .map(String::as_str)
            .filter(|name| !name.starts_with("push-") && *name != "answer" && *name != "unreadable")
            .collect();
        assert_eq!(described, commands.iter().copied().collect(), "{channel}");
    }
    for name in VISITOR_COMMANDS {
        assert!(
            CONTRACT.requests["paths"][format!("/v1/{name}")]["post"].is_object(),
            "{name}"
        );
    }
}

#[test]
fn the_files_know_the_routes_of_the_desk_and_no_others() {
    let mut routes: BTreeSet<String> = VISITOR_COMMANDS
        .iter()
        .map(|n| format!("/v1/{n}"))
        .collect();
    routes.extend(routes_in(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
    ));
    let paths = CONTRACT.requests["paths"].as_object().unwrap();
    let paths: BTreeSet<String> = paths.keys().map(|path| nameless(path)).collect();
    assert_eq!(paths, routes);
}

/// The literals that the sources give to `.route(` and `.nest_service(`.
fn routes_in(folder: &Path) -> BTreeSet<String> {
    let mut routes = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            routes.extend(routes_in(&entry.path()));
            continue;
        }
        let source = std::fs::read_to_string(entry.path()).unwrap_or_default();
        // What its own tests route is no route of the desk.
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        for call in [".route(", ".nest_service("] {
            for after in source.split(call).skip(1) {
                let argument = after.trim_start();
                if let Some(literal) = argument.strip_prefix('"') {
                    routes.insert(nameless(literal.split('"').next().unwrap()));
                }
            }
        }
    }
    routes
}

fn nameless(path: &str) -> String {
    let segments = path
        .split('/')
        .map(|s| if s.starts_with('{') { "{}" } else { s });
    segments.collect::<Vec<_>>().join("/")
}

#[test]
fn every_reference_of_the_files_leads_somewhere() {
    let refer = |document: &Value| {
        let mut references = BTreeSet::new();
        references_in(document, &mut references);
        references
    };
    for document in [&CONTRACT.sockets, &CONTRACT.requests] {
        for to in refer(document) {
            let found = match to.strip_prefix("#/$defs/") {
                Some(name) => CONTRACT.definitions.get(name),
                None => document.pointer(&to[1..]),
            };
            assert!(found.is_some(), "{to}");
        }
    }
    for to in refer(&CONTRACT.definitions) {
        assert!(
            CONTRACT.definitions.get(&to["#/$defs/".len()..]).is_some(),
            "{to}"
        );
    }
}

fn references_in(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(to)) = fields.get("$ref") {
                references.insert(to.clone());
            }
            fields
                .values()
                .for_each(|value| references_in(value, references));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| references_in(item, references)),
        _ => {}
    }
}

#[test]
fn a_frame_with_a_field_that_nobody_wrote_down_would_be_noticed() {
    let frame = json!({ "availability": { "agentsOnline": 1, "mood": "good" } });
    let schema = CONTRACT.message("visitor", "push-availability");
    assert!(
        !CONTRACT
            .validator("visitor.push-availability", schema)
            .is_valid(&frame)
    );
    let frame = json!({ "availability": { "agentsOnline": -1 } });
    assert!(
        !CONTRACT
            .validator("visitor.push-availability", schema)
            .is_valid(&frame)
    );
    let mut open = Map::new();
    open.insert("availability".to_owned(), json!({ "agentsOnline": 1 }));
    assert!(
        CONTRACT
            .validator("visitor.push-availability", schema)
            .is_valid(&Value::Object(open))
    );
}

/// One story in which everything happens that the files describe.
#[tokio::test]
async fn everything_that_is_described_can_be_done() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.html"), "<!doctype html>").unwrap();
    let console = folder.path().to_owned();
    let mut desk = Desk::start_with(|config| {
        config.demo = true;
        config.console = Some(console);
        crate::identity::name_visitors_of(config);
    })
    .await;
    let address = desk.address;
    for path in ["/", "/console", "/console/", "/healthz"] {
        get(address, path, "").await;
    }
    let login = json!({ "email": DEMO_EMAIL, "password": DEMO_PASSWORD }).to_string();
    let kind = "content-type: application/json\r\n";
    let (_, body) = post(address, "/v1/agent/login", kind, &login).await;
    let token: Value = serde_json::from_str(&body).unwrap();
    let bearer = format!(
        "authorization: Bearer {}\r\n",
        token["token"].as_str().unwrap()
    );
    let mut on_the_site = desk.visitor().await;
    everything_about_surveys(address, &bearer, kind).await;
    on_the_site
        .socket
        .push(|frame| frame.get("surveys").cloned())
        .await;
    drop(on_the_site);
    post(address, "/v1/agent/logout", &bearer, "").await;

    let mut visitor = desk
        .visitor_again(&crate::identity::ana_signed(), vec![])
        .await;
    let mut twin = Requests::connect(address, Some(&visitor.token), &[]).await;
    let mut bot = desk.bot("Linnet").await;
    let mut agent = desk.agent("mei").await;
    let other = visitor.open().await.conv;
    let conv = uuid();
    twin.ask(open_command(&conv)).await;
    visitor
        .socket
        .push(|frame| visitor_frame(frame).conversation)
        .await;
    for who in [&mut bot, &mut agent] {
        who.watch(&conv).await;
    }
    everything_over_a_socket(&mut visitor, &mut agent, &mut bot, &conv).await;
    everything_by_request(&mut twin, &mut agent, &conv).await;
    let close = Command::Close(Close {
        conv: other,
        cmid: uuid(),
    });
    visitor.ask(close).await.unwrap();
    let unwatch = AgentCommand::Unwatch(ConversationRef { conv });
    agent.ask(unwatch).await.unwrap();
    for socket in [&mut visitor.socket, &mut agent.socket] {
        socket.write("nonsense").await;
        socket.push(|frame| frame.get("error").cloned()).await;
    }
    desk.stop().await;
    visitor.socket.closed().await;
    agent.socket.closed().await;

    let seen = SEEN.with_borrow(Clone::clone);
    let missing: Vec<_> = described().difference(&seen).cloned().collect();
    assert!(missing.is_empty(), "never seen: {missing:#?}");
}

async fn everything_about_surveys(address: std::net::SocketAddr, bearer: &str, kind: &str) {
    let path = "/v1/agent/surveys";
    let (_, body) = get(address, path, bearer).await;
    let listed: Value = serde_json::from_str(&body).unwrap();
    let first = &listed["surveys"][0];
    let (site, id) = (
        first["site"].as_str().unwrap(),
        first["id"].as_str().unwrap(),
    );
    let headers = format!("{bearer}{kind}");
    let mut save = json!({ "site": site, "active": true, "definition": first["definition"] });
    save["definition"]["name"] = json!("Another name");
    let (head, body) = post(address, path, &headers, &save.to_string()).await;
    assert!(head.contains("200"), "{head}");
    assert!(body.contains("2"), "the next version: {body}");
    save["definition"]["blocks"] = json!([]);
    let (head, body) = post(address, path, &headers, &save.to_string()).await;
    assert!(
        head.contains("422") && body.contains("$.blocks") && body.contains(r#""max":"100""#),
        "{head} {body}"
    );
    let of = format!("{path}/{site}/{id}");
    let (_, report) = get(
        address,
        &format!("{of}/results?language=en&step=week"),
        bearer,
    )
    .await;
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["shown"], 0);
    assert_eq!(report["score"]["value"], Value::Null);
    let (_, csv) = get(address, &format!("{of}/responses.csv"), bearer).await;
    assert!(csv.contains("responseId"), "{csv}");
}

async fn everything_over_a_socket(
    visitor: &mut Visitor,
    agent: &mut Agent,
    bot: &mut Agent,
    conv: &str,
) {
    let id = uuid();
    let by = json!({ "role": "bot", "id": "b", "name": "" });
    let delta = json!({ "id": 900, "delta": { "conv": conv, "id": id, "by": by, "text": "I" } });
    bot.socket.write(delta.to_string()).await;
    visitor
        .socket
        .push(|frame| frame.get("delta").cloned())
        .await;
    agent.socket.push(|frame| frame.get("delta").cloned()).await;
    bot.ask(AgentCommand::Handoff(handoff(conv, "unsure")))
        .await
        .unwrap();
    visitor
        .socket
        .push(|frame| frame.get("queue").cloned())
        .await;
    agent.assign(conv).await;
    agent.note(conv, "A regular").await;
    agent
        .transfer(conv, None, "Back in a minute")
        .await
        .unwrap();
    let said = visitor.say(conv, "Hello").await;
    let ticket = json!({
        "conv": conv, "cmid": uuid(),
        "body": { "text": "Later", "ticket": { "replyTo": "ana@post.example", "name": "Ana" } },
    });
    let left = visitor.socket.ask(json!({ "ticket": ticket })).await;
    assert_eq!(left["result"]["sent"]["ticket"], 1, "{left}");
    visitor
        .ask(Command::Handoff(handoff(conv, "asked")))
        .await
        .unwrap();
    let answer = agent.say(conv, "Hi").await;
    agent
        .socket
        .push(|frame| frame.get("colleagues").cloned())
        .await;
    agent.edit(conv, answer.seq, "Hello!").await.unwrap();
    agent.redact(conv, said.seq).await.unwrap();
    let typing = json!({ "id": 901, "typing": { "conv": conv, "active": true } });
    visitor.socket.write(typing.to_string()).await;
    agent
        .socket
        .push(|frame| frame.get("typing").cloned())
        .await;
    agent.socket.write(typing.to_string()).await;
    visitor
        .socket
        .push(|frame| frame.get("typing").cloned())
        .await;
    visitor.mark(conv, 3, 3).await;
    agent.socket.push(|frame| frame.get("read").cloned()).await;
    agent.mark(conv, 3, 3).await;
    visitor
        .socket
        .push(|frame| frame.get("read").cloned())
        .await;
    agent.socket.push(|frame| frame.get("inbox").cloned()).await;
    let ask = |limit| History {
        conv: conv.to_owned(),
        before: None,
        after: None,
        limit,
    };
    visitor.ask(Command::History(ask(1))).await.unwrap();
    agent.ask(AgentCommand::History(ask(1))).await.unwrap();
    visitor.ask(Command::Ping {}).await.unwrap();
    agent.ask(AgentCommand::Ping {}).await.unwrap();
    let fresh = json!({ "refresh": { "token": crate::identity::ana_signed() } });
    assert!(visitor.socket.ask(fresh).await.get("result").is_some());
    let article = json!({ "cmid": uuid(), "article": "a", "helpful": true });
    visitor.socket.ask(json!({ "feedback": article })).await;
    agent.resolve(conv).await;
    let invitation = visitor.socket.event_of("invitation").await;
    let invitation = serde_json::to_value(invitation).unwrap();
    let response = json!({
        "responseId": invitation["body"]["invitation"]["responseId"], "surveyId": "csat",
        "revision": 1, "rating": 4, "finished": false,
    });
    let survey = json!({ "survey": { "conv": conv, "cmid": uuid(), "response": response } });
    visitor.socket.ask(survey).await;
    let bytes = b"A note";
    let upload_id = uuid();
    let file = json!({ "uploadId": upload_id, "name": "a.txt", "mime": "text/plain", "size": 6 });
    let begun = visitor
        .socket
        .ask(json!({ "uploadBegin": { "conv": conv, "file": file } }))
        .await;
    assert!(begun.get("result").is_some(), "{begun}");
    let of_agent = json!({ "uploadId": uuid(), "name": "b.txt", "mime": "text/plain", "size": 6 });
    let begin = json!({ "uploadBegin": { "conv": conv, "file": of_agent } });
    agent.socket.ask(begin).await;
    let of_agent_id = of_agent["uploadId"].as_str().unwrap_or_default();
    let head = format!(
        "PATCH /v1/uploads/{of_agent_id} HTTP/1.1\r\nupload-offset: 0\r\n\
         authorization: Bearer {}\r\n",
        agent.token
    );
    exchange(visitor.address, &head, bytes).await;
    let end = json!({ "conv": conv, "uploadId": of_agent["uploadId"], "size": 6 });
    agent.socket.ask(json!({ "uploadCommit": end })).await;
    let bearer = format!(
        "origin: {SHOP}\r\nauthorization: Bearer {}\r\n",
        visitor.token
    );
    let head = format!("PATCH /v1/uploads/{upload_id} HTTP/1.1\r\nupload-offset: 0\r\n{bearer}");
    exchange(visitor.address, &head, bytes).await;
    let commit = json!({ "conv": conv, "uploadId": upload_id, "size": 6 });
    visitor.socket.ask(json!({ "uploadCommit": commit })).await;
    let head = format!("GET /v1/uploads/{upload_id} HTTP/1.1\r\n{bearer}");
    assert_eq!(exchange(visitor.address, &head, b"").await.2, bytes);
}

async fn everything_by_request(twin: &mut Requests, agent: &mut Agent, conv: &str) {
    let said = Command::Send(send(conv, &uuid(), None, "By request"));
    twin.ask(said).await;
    agent.resolve(conv).await;
    let path = format!("/v1/conversations/{conv}/events");
    let events = twin.get(&path).await;
    let events = events.body["result"]["conversation"]["events"].clone();
    let invitations = events.as_array().unwrap().iter().rev();
    let invitation = invitations
        .into_iter()
        .find(|e| e["type"] == "invitation")
        .unwrap();
    let response = json!({
        "responseId": invitation["body"]["invitation"]["responseId"], "surveyId": "csat",
        "revision": 1, "rating": 5, "finished": true,
    });
    let upload_id = uuid();
    let file = json!({ "uploadId": upload_id, "name": "b.txt", "mime": "text/plain", "size": 1 });
    let begin = json!({ "conv": conv, "file": file });
    assert_eq!(twin.post("uploadBegin", &begin).await.status, 200);
    let head = format!(
        "POST /v1/uploads/{upload_id} HTTP/1.1\r\nupload-offset: 0\r\n{}",
        twin.headers()
    );
    exchange(twin.address, &head, b"b").await;
    let marks = json!({ "deliveredSeq": 2, "readSeq": 2 });
    let later = json!({ "text": "Later", "ticket": { "replyTo": "+33 1 23 45 67 89" } });
    let requests = [
        (
            "uploadCommit",
            json!({ "conv": conv, "uploadId": upload_id, "size": 1 }),
        ),
        (
            "survey",
            json!({ "conv": conv, "cmid": uuid(), "response": response }),
        ),
        ("handoff", json!({ "conv": conv, "cmid": uuid() })),
        (
            "ticket",
            json!({ "conv": conv, "cmid": uuid(), "body": later }),
        ),
        (
            "feedback",
            json!({ "cmid": uuid(), "article": "a", "helpful": false }),
        ),
        ("read", json!({ "conv": conv, "marks": marks })),
        ("typing", json!({ "conv": conv, "active": false })),
        ("history", json!({ "conv": conv, "limit": 5 })),
        ("refresh", json!({ "token": crate::identity::ana_signed() })),
        ("ping", json!({})),
        ("close", json!({ "conv": conv, "cmid": uuid() })),
    ];
    for (name, body) in requests {
        let answered = twin.post(name, &body).await;
        assert_eq!(answered.status, 200, "{name}: {}", answered.body);
    }
    assert!(!twin.poll().await.is_empty());
}
