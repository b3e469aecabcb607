//! The desk as its files describe it: asyncapi.yaml, openapi.yaml and the schemas that they share.
//! Every frame and every answer of every story is held against them; a field, a status or a path that
//! they do not know fails the story. Here it is made sure that they know nothing that is not there.

use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

struct Contract {
    sockets: Value,
    requests: Value,
    definitions: Value,
    compiled: Mutex<HashMap<String, Arc<jsonschema::Validator>>>,
}

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    let read = |name: &str| -> Value {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let text = std::fs::read_to_string(path).unwrap();
        let mut value = serde_saphyr::from_str(&text).unwrap();
        localize(&mut value);
        value
    };
    let mut definitions = read("schemas.yaml")["$defs"].take();
    close(&mut definitions);
    Contract {
        sockets: read("asyncapi.yaml"),
        requests: read("openapi.yaml"),
        definitions,
        compiled: Mutex::default(),
    }
});

thread_local! {
    /// What the story on this thread has seen.
    static SEEN: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

fn seen(what: String) {
    SEEN.with_borrow_mut(|seen| seen.insert(what));
}

/// References from one file to another become references inside one document.
fn localize(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(to)) = fields.get_mut("$ref") {
                *to = to.replace("./schemas.yaml#", "#");
            }
            fields.values_mut().for_each(localize);
        }
        Value::Array(items) => items.iter_mut().for_each(localize),
        _ => {}
    }
}

/// Clients ignore what they do not know; the desk says nothing that is not written down.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("type") == Some(&json!("object")) && fields.contains_key("properties") {
                fields.entry("additionalProperties").or_insert(json!(false));
            }
            fields.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

impl Contract {
    fn validator(&self, name: &str, schema: &Value) -> Arc<jsonschema::Validator> {
        let mut compiled = self.compiled.lock().unwrap_or_else(|e| e.into_inner());
        let compile = || {
            let mut schema = schema.clone();
            close(&mut schema);
            schema["$defs"] = self.definitions.clone();
            Arc::new(jsonschema::validator_for(&schema).unwrap_or_else(|e| panic!("{name}: {e}")))
        };
        compiled
            .entry(name.to_owned())
            .or_insert_with(compile)
            .clone()
    }

    fn check(&self, name: &str, schema: &Value, value: &Value) {
        if let Err(error) = self.validator(name, schema).validate(value) {
            panic!(
                "{name} is not as it is described: {error}, at {}: {value}",
                error.instance_path()
            );
        }
    }

    fn message(&self, channel: &str, message: &str) -> &Value {
        let described = &self.sockets["channels"][channel]["messages"][message]["payload"];
        assert!(
            !described.is_null(),
            "asyncapi.yaml has no {message} in {channel}"
        );
        described
    }
}

fn channel(path: &str) -> &'static str {
    match path {
        "/v1/agent/socket" => "agent",
        _ => "visitor",
    }
}

fn name_of(frame: &Value) -> Option<&str> {
    let mut names = frame.as_object()?.keys();
    names.find(|name| *name != "id").map(String::as_str)
}

/// A command that the desk has taken.
pub fn taken(path: &str, frame: &Value) {
    let channel = channel(path);
    let name = name_of(frame).expect("a command has a name");
    let schema = CONTRACT.message(channel, name);
    CONTRACT.check(&format!("{channel}.{name}"), schema, frame);
    seen(format!("{channel}.{name}"));
}

/// A frame that was sent; whether the desk takes it is not known.
pub fn written(path: &str, text: &str) {
    for frame in text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
    {
        if let Some(name @ ("typing" | "delta")) = name_of(&frame) {
            let channel = channel(path);
            let named = format!("{channel}.{name}");
            let schema = &CONTRACT.sockets["channels"][channel]["messages"][name]["payload"];
            if !schema.is_null() && CONTRACT.validator(&named, schema).is_valid(&frame) {
                seen(named);
            }
        }
    }
}

/// A frame from the desk.
pub fn heard(path: &str, frame: &Value) {
    let channel = channel(path);
    let message = match (frame.get("id"), name_of(frame)) {
        (Some(_), _) => "answer".to_owned(),
        (None, Some("error")) => "unreadable".to_owned(),
        (None, name) => format!("push-{}", name.expect("a push has a name")),
    };
    let schema = CONTRACT.message(channel, &message);
    CONTRACT.check(&format!("{channel}.{message}"), schema, frame);
    seen(format!("{channel}.{message}"));
}

/// A socket that was opened.
pub fn opened(path: &str) {
    seen(format!("get {path} 101"));
}

/// An answer to a request, by the first line of the request.
pub fn answered(request: &str, status: u16, head: &str, body: &[u8]) {
    let mut words = request.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return;
    };
    let method = method.to_lowercase();
    let path = target.split('?').next().unwrap_or(target);
    // Preflights are CORS's own; 421 is of hosts, not of paths.
    if method == "options" || status == 421 {
        return;
    }
    let paths = CONTRACT.requests["paths"].as_object().unwrap();
    let Some((template, operations)) = paths.iter().find(|(template, _)| fits(template, path))
    else {
        assert_eq!(status, 404, "openapi.yaml does not know {path}");
        return;
    };
    let operation = &operations[&method];
    if operation.is_null() {
        assert_eq!(status, 405, "openapi.yaml does not know {method} {path}");
        return;
    }
    let name = format!("{method} {template} {status}");
    let mut response = &operation["responses"][status.to_string()];
    if let Some(to) = response["$ref"].as_str() {
        response = CONTRACT.requests.pointer(&to[1..]).unwrap();
    }
    assert!(!response.is_null(), "openapi.yaml does not know {name}");
    let schema = &response["content"]["application/json"]["schema"];
    if !schema.is_null() && !body.is_empty() {
        assert!(
            head.contains("content-type: application/json"),
            "{name}: {head}"
        );
        let body = serde_json::from_slice(body).unwrap();
        CONTRACT.check(&name, schema, &body);
    }
    seen(name);
}

fn fits(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(expected), Some(there)) => {
                let is_parameter = expected.starts_with('{') && !there.is_empty();
                if !is_parameter && expected != there {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

/// Everything that the files describe, as [`seen`] names it.
fn described() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (channel, described) in CONTRACT.sockets["channels"].as_object().unwrap() {
        for message in described["messages"].as_object().unwrap().keys() {
            all.insert(format!("{channel}.{message}"));
        }
    }
    for (path, operations) in CONTRACT.requests["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let statuses = operation["responses"].as_object().unwrap().keys();
            let good = statuses
                .into_iter()
                .find(|status| status.as_str() < "400")
                .unwrap();
            all.insert(format!("{method} {path} {good}"));
        }
    }
    all
}

mod stories;
