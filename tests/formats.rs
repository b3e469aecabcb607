//! What version 1 of the protocol wrote, on the wire and on devices, is read by every later version of
//! this package and written as it was. A line of these files is never changed; new ones are added.

use deskside::output::{ConversationRecord, Entry, StoreOp};
use deskside::protocol::{ClientFrame, Event, EventBody, ServerFrame};
use deskside::{Config, Engine, Input, Now, Output, Stored, plain};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn lines(file: &str) -> Vec<String> {
    let path = format!("tests/fixtures/protocol/{file}");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Reads a line, and writes it again: the same data, whatever the order of its fields.
fn come_back<T: DeserializeOwned + Serialize>(value: &Value) -> T {
    let read: T = serde_json::from_value(value.clone())
        .unwrap_or_else(|problem| panic!("{problem} in {value}"));
    assert_eq!(serde_json::to_value(&read).unwrap(), *value);
    read
}

fn json(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|problem| panic!("{problem} in {line}"))
}

#[test]
fn commands_of_version_1_are_read_and_written_as_they_were() {
    for line in lines("client-v1.jsonl") {
        come_back::<ClientFrame>(&json(&line));
    }
}

#[test]
fn answers_and_pushes_of_version_1_are_read_and_written_as_they_were() {
    for line in lines("server-v1.jsonl") {
        let frame: ServerFrame = come_back(&json(&line));
        if let Some(event) = frame.event {
            assert!(!matches!(event.body, EventBody::Unknown(_)), "{line}");
        }
    }
}

#[test]
fn records_that_devices_keep_from_version_1_are_read_and_written_as_they_were() {
    for line in lines("stored-v1.jsonl") {
        let record = json(&line);
        if let Some(entry) = record.get("entry") {
            come_back::<Entry>(entry);
        } else if let Some(conversation) = record.get("conversation") {
            come_back::<ConversationRecord>(conversation);
        } else if let Some(event) = record.get("event") {
            come_back::<Event>(event);
        }
    }
}

/// What a tab that does not lead keeps of how far was read: taken in, and kept again as it was.
#[test]
fn marks_that_devices_keep_from_version_1_are_read_and_written_as_they_were() {
    let records = lines("stored-v1.jsonl");
    let records: Vec<Value> = records.iter().map(|line| json(line)).collect();
    let of = |name: &str| records.iter().find_map(|record| record.get(name)).unwrap();
    let read = |value: &Value| serde_json::from_value(value.clone()).unwrap();
    let conversation = serde_json::from_value(of("conversation").clone()).unwrap();
    let name = of("kept")["name"].as_str().unwrap().to_owned();
    let kept: plain::Value = read(&of("kept")["value"]);
    let mut engine = Engine::new(
        Config {
            desk: "https://desk.test".into(),
            site: "demo".into(),
            ..Default::default()
        },
        [1; 32],
    )
    .unwrap();
    let stored = Stored {
        conversations: vec![conversation],
        kept: vec![(name.clone(), kept)],
        ..Default::default()
    };
    for input in [Input::Loaded(stored), Input::Following] {
        engine.handle(Now::default(), input).unwrap();
    }
    let mut written = Vec::new();
    while let Some(output) = engine.poll() {
        if let Output::Persist(batch) = output {
            written.extend(batch.ops);
        }
    }
    let kept = written.into_iter().find_map(|op| match op {
        StoreOp::Keep { name: kept, value } if kept == name => Some(value),
        _ => None,
    });
    assert_eq!(serde_json::to_value(kept).unwrap(), of("kept")["value"]);
}

#[test]
fn what_a_later_version_adds_takes_nothing_from_what_is_known() {
    let line = r#"{"event":{"conv":"c1","seq":1,"ts":5,"author":{"role":"bot","id":"b","mood":"fine"},
        "type":"message","body":{"content":{"text":"hi","hologram":{"url":"x"},"cards":[{"title":"A","tilt":3}]}}}}"#;
    let frame: ServerFrame = serde_json::from_str(line).unwrap();
    let EventBody::Message(content) = frame.event.unwrap().body else {
        panic!("it is a message");
    };
    assert_eq!((content.text.as_str(), content.cards.len()), ("hi", 1));
    let line = r#"{"event":{"conv":"c1","seq":2,"ts":5,"author":{"role":"bot","id":"b"},
        "type":"hologram","body":{"hologram":{}}}}"#;
    let frame: ServerFrame = serde_json::from_str(line).unwrap();
    let body = frame.event.unwrap().body;
    assert_eq!(body, EventBody::Unknown("hologram".into()));
}

#[test]
fn a_part_that_does_not_fit_makes_the_event_unknown_and_not_the_frame_unreadable() {
    let line = r#"{"event":{"conv":"c1","seq":3,"ts":5,"author":{"role":"bot","id":"b"},
        "type":"message","body":{"content":{"text":"hi","cards":[{"title":7}]}}}}"#;
    let frame: ServerFrame = serde_json::from_str(line).unwrap();
    let body = frame.event.unwrap().body;
    assert_eq!(body, EventBody::Unknown("message".into()));
}
