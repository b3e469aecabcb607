//! The same steps and the same view on every build: here the native one, in `tests/browser` the core of
//! the web, in `tests/mini` that of mini-programs, as WebAssembly and as a script.

#[path = "world/mod.rs"]
mod world;

use deskside::Action;
use serde_json::{Value, json};
use world::World;

/// The text of all runs, whatever they look like.
fn text(blocks: &Value) -> String {
    match blocks {
        Value::Array(parts) => parts.iter().map(text).collect(),
        Value::Object(fields) => match fields.get("text") {
            Some(Value::String(run)) => run.clone(),
            _ => fields.values().map(text).collect(),
        },
        _ => String::new(),
    }
}

fn facts(world: &World) -> Value {
    let view = serde_json::to_value(world.view()).unwrap();
    let conversation = &view["conversation"];
    let items = conversation["items"].as_array().unwrap();
    let items: Vec<Value> = items
        .iter()
        .map(|item| &item["body"]["message"])
        .map(|message| {
            let mut facts = vec![json!(text(&message["content"])), message["status"].clone()];
            facts.extend(message["ticket"].get("replyTo").cloned());
            json!(facts)
        })
        .collect();
    json!({
        "items": items, "waiting": view["waiting"], "unread": view["unread"],
        "draft": conversation["draft"], "state": conversation["state"],
    })
}

#[test]
fn every_vector_gives_the_view_that_it_names() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("vectors/offline.json")).unwrap();
    assert!(vectors.len() >= 5);
    for vector in vectors {
        let mut world = World::new();
        world.lose_network();
        for step in vector["steps"].as_array().unwrap() {
            let said = |name: &str| step[name].as_str().unwrap().to_owned();
            let conv = || world.chat().id;
            let action = if step.get("open").is_some() {
                Action::Open { conv: None }
            } else if step.get("draft").is_some() {
                Action::Draft {
                    conv: conv(),
                    text: said("draft"),
                }
            } else {
                let mut send = json!({"conv": conv(), "text": said("send")});
                if let Some(ticket) = step.get("ticket") {
                    send["ticket"] = ticket.clone();
                }
                serde_json::from_value(json!({ "send": send })).unwrap()
            };
            let refused = world.act(action).err().map(|error| error.code);
            assert_eq!(refused, step["refused"].as_str(), "{}", vector["name"]);
        }
        world.pass_ms(1_000);
        assert_eq!(facts(&world), vector["expect"], "{}", vector["name"]);
    }
}
