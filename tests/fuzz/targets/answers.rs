//! What a network says instead of the desk, where the desk is asked by requests: each line of the input
//! answers the oldest request, its first character says how (`=` well, `!` with an error's status, `?` not
//! at all). A visitor speaks meanwhile; and the desk's side reads each line as the body of every command.
#![no_main]

use deskside::output::{Chunk, HostEvent};
use deskside::plain::{Readable, Value};
use deskside::platform::Json;
use deskside::platform::host::store::{Act, Answer, Request};
use deskside::platform::host::{Host, Shell};
use deskside::platform::poll::Post;
use deskside::protocol::Command;
use deskside::{Action, Config, Input};
use libfuzzer_sys::fuzz_target;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

const COMMANDS: [&str; 15] = [
    "connect",
    "open",
    "send",
    "ticket",
    "close",
    "handoff",
    "survey",
    "feedback",
    "history",
    "read",
    "typing",
    "refresh",
    "ping",
    "uploadBegin",
    "uploadCommit",
];

fn json() -> Json {
    Json {
        write: |value| serde_json::to_string(value).unwrap_or_default(),
        read: |text| serde_json::from_str::<Value>(text).ok(),
    }
}

/// A device without sockets and with an empty storage.
#[derive(Default)]
struct Device {
    now_ms: Cell<f64>,
    posts: RefCell<VecDeque<u32>>,
    asked: RefCell<Vec<Request>>,
    keys: RefCell<Vec<(String, String)>>,
}

impl Host for &Device {
    fn now(&self) -> f64 {
        self.now_ms.get()
    }
    fn json(&self) -> Json {
        json()
    }
    fn wake(&self, _: u32) {}
    fn has_socket(&self) -> bool {
        false
    }
    fn connect(&self, _: &str) {}
    fn send(&self, _: &str) {}
    fn disconnect(&self) {}
    fn post(&self, post: Post) {
        self.posts.borrow_mut().push_back(post.id);
    }
    fn store(&self, request: Request) {
        self.asked.borrow_mut().push(request);
    }
    fn file(&self, _: Chunk) {}
    fn changed(&self) {}
    fn happened(&self, _: HostEvent) {}
}

impl Device {
    fn settle(&self, shell: &Shell<&Self>) {
        let next = || self.asked.borrow_mut().pop();
        while let Some(Request { id, key, act }) = next() {
            let mut keys = self.keys.borrow_mut();
            let at = keys.iter().position(|(known, _)| *known == key);
            let answer = match (act, at) {
                (Act::Get, Some(at)) => Answer::Found(keys[at].1.clone()),
                (Act::Set(text), _) => {
                    keys.retain(|(known, _)| *known != key);
                    keys.push((key, text));
                    Answer::Done
                }
                (Act::Remove, Some(at)) => {
                    keys.remove(at);
                    Answer::Done
                }
                _ => Answer::Done,
            };
            drop(keys);
            shell.stored(id, answer);
        }
    }
}

fuzz_target!(|text: &str| {
    let device = Device {
        now_ms: Cell::new(1.7e12),
        ..Device::default()
    };
    let config = Config {
        desk: "https://desk.test".into(),
        site: "demo".into(),
        ..Config::default()
    };
    let shell = Shell::start(config, &[7; 32], &device).expect("the configuration is sound");
    device.settle(&shell);
    let said = |action| {
        // What is not possible now is refused, which is as good.
        let _ = shell.dispatch(action);
        device.settle(&shell);
    };
    said(Action::Open { conv: None });
    said(Action::Look { visible: true });
    for (number, line) in text.lines().enumerate() {
        if let Some(conversation) = shell.view().conversation {
            let text = format!("message {number}");
            said(Action::Send {
                conv: conversation.id,
                text, ticket: None, });
        }
        let (how, body) = line.split_at(line.chars().next().map_or(0, char::len_utf8));
        let status = match how {
            "=" => 200,
            "!" => 400,
            _ => 0,
        };
        let oldest = device.posts.borrow_mut().pop_front();
        if let Some(id) = oldest {
            shell.answered(id, status, body);
        }
        device.settle(&shell);
        device.now_ms.set(device.now_ms.get() + 20_000.0);
        shell.drive(Input::Woken);
        device.settle(&shell);
        if let Some(body) = (json().read)(body) {
            for name in COMMANDS {
                let frame = Value::Map(vec![(Cow::Borrowed(name), body.clone())]);
                // Either a command or a refusal.
                let _ = Command::read(&frame);
            }
        }
    }
    shell.view();
});
