//! Frames as text: newline-separated JSON in, JSON out. What cannot be read is refused with a code
//! and, where it can be found, with the frame's id, so that a client can park the command.

use crate::refusal::Refusal;
use axum::extract::ws::Utf8Bytes;
use serde::Serialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, Visitor};

/// The commands of a visitor's SDK.
pub const VISITOR_COMMANDS: &[&str] = &[
    "connect",
    "open",
    "send",
    "ticket",
    "handoff",
    "close",
    "uploadBegin",
    "uploadCommit",
    "survey",
    "feedback",
    "read",
    "typing",
    "refresh",
    "history",
    "ping",
];
/// The commands of an agent's console.
pub const AGENT_COMMANDS: &[&str] = &[
    "connect",
    "watch",
    "unwatch",
    "assign",
    "transfer",
    "note",
    "uploadBegin",
    "uploadCommit",
    "send",
    "edit",
    "redact",
    "handoff",
    "delta",
    "resolve",
    "read",
    "typing",
    "history",
    "ping",
];

/// A frame that could not be read.
#[derive(Debug)]
pub struct Unreadable {
    /// The frame's id, where it has one.
    pub id: Option<u32>,
    /// What is wrong.
    pub refusal: Refusal,
}

/// The frames of one message.
pub fn lines(message: &str) -> impl Iterator<Item = &str> {
    message.split('\n').filter(|line| !line.trim().is_empty())
}

/// Reads a frame. serde_json bounds the depth, the caller has bounded the size.
pub fn read<T: DeserializeOwned>(line: &str, commands: &[&str]) -> Result<T, Unreadable> {
    serde_json::from_str(line).map_err(|error| classify(line, commands, &error))
}

/// Refuses a frame that is too large, with its id where that can be found.
pub fn too_large(line: &str, frame_bytes_max: u32) -> Unreadable {
    Unreadable {
        id: outline(line).and_then(|outline| outline.id),
        refusal: Refusal::too_large(format!("the frame is longer than {frame_bytes_max} bytes")),
    }
}

/// A frame as it is sent.
pub fn write(frame: &impl Serialize) -> Utf8Bytes {
    match serde_json::to_string(frame) {
        Ok(text) => text.into(),
        // The frames are structs of strings and numbers: there is nothing that cannot be written.
        Err(error) => unreachable!("a frame could not be written: {error}"),
    }
}

fn classify(line: &str, commands: &[&str], error: &serde_json::Error) -> Unreadable {
    let Some(outline) = outline(line) else {
        return Unreadable {
            id: None,
            refusal: Refusal::bad_frame(format!("the frame is not a JSON object: {error}")),
        };
    };
    let refusal = if outline.id.is_none() {
        Refusal::bad_frame("the frame has no id, a whole number from 0 to 4294967295")
    } else if outline.names.iter().any(|n| commands.contains(&n.as_str())) {
        Refusal::invalid(error.to_string())
    } else {
        let names = outline.names.join(", ");
        Refusal::unknown_command(format!("no command known here among: {names}"))
    };
    Unreadable {
        id: outline.id,
        refusal,
    }
}

/// The top level of a frame that could not be read whole.
struct Outline {
    id: Option<u32>,
    names: Vec<String>,
}

fn outline(line: &str) -> Option<Outline> {
    let mut reader = serde_json::Deserializer::from_str(line);
    let outline = reader.deserialize_map(OutlineVisitor).ok()?;
    reader.end().ok()?;
    Some(outline)
}

struct OutlineVisitor;

impl<'de> Visitor<'de> for OutlineVisitor {
    type Value = Outline;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a frame")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Outline, A::Error> {
        const NAMES_MAX: usize = 8;
        const NAME_CHARS_MAX: usize = 40;
        let mut outline = Outline {
            id: None,
            names: Vec::new(),
        };
        while let Some(key) = map.next_key::<String>()? {
            if key == "id" {
                outline.id = map.next_value::<AnyId>()?.0;
                continue;
            }
            map.next_value::<IgnoredAny>()?;
            if outline.names.len() < NAMES_MAX {
                outline
                    .names
                    .push(key.chars().take(NAME_CHARS_MAX).collect());
            }
        }
        Ok(outline)
    }
}

/// An id of any type; only a `u32` counts.
struct AnyId(Option<u32>);

impl<'de> serde::Deserialize<'de> for AnyId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Ok(Self(value.as_u64().and_then(|id| u32::try_from(id).ok())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deskside::protocol::agent::AgentFrame;
    use deskside::protocol::{ClientFrame, error_code};

    fn refused(line: &str) -> (Option<u32>, &'static str) {
        let unreadable = read::<ClientFrame>(line, VISITOR_COMMANDS).unwrap_err();
        (unreadable.id, unreadable.refusal.code)
    }

    #[test]
    fn every_listed_command_is_one_that_the_protocol_knows() {
        fn complaint<F: DeserializeOwned>(name: &str) -> String {
            let line = format!(r#"{{"id":1,"{name}":0}}"#);
            let read = serde_json::from_str::<F>(&line);
            read.map_or_else(|error| error.to_string(), |_| String::new())
        }
        let unknown = complaint::<ClientFrame>("dance");
        for name in VISITOR_COMMANDS {
            assert_ne!(complaint::<ClientFrame>(name), unknown, "{name}");
        }
        let unknown = complaint::<AgentFrame>("dance");
        for name in AGENT_COMMANDS {
            assert_ne!(complaint::<AgentFrame>(name), unknown, "{name}");
        }
    }

    #[test]
    fn unreadable_frames_are_told_apart() {
        assert_eq!(refused("nonsense"), (None, error_code::BAD_FRAME));
        assert_eq!(refused("[1,2]"), (None, error_code::BAD_FRAME));
        assert_eq!(refused(r#"{"ping":{}}"#), (None, error_code::BAD_FRAME));
        assert_eq!(
            refused(r#"{"id":-1,"ping":{}}"#),
            (None, error_code::BAD_FRAME)
        );
        assert_eq!(
            refused(r#"{"id":1e400,"ping":{}}"#),
            (None, error_code::BAD_FRAME)
        );
        assert_eq!(
            refused(r#"{"id":7,"dance":{}}"#),
            (Some(7), error_code::UNKNOWN_COMMAND)
        );
        assert_eq!(
            refused(r#"{"id":7,"send":{"conv":1}}"#),
            (Some(7), error_code::INVALID)
        );
    }

    #[test]
    fn a_lone_surrogate_is_refused_with_the_id_of_its_frame() {
        let line = r#"{"id":9,"send":{"conv":"c","cmid":"m","body":{"text":"\ud800"}}}"#;
        assert_eq!(refused(line), (Some(9), error_code::INVALID));
    }

    #[test]
    fn nesting_without_end_is_refused_and_does_not_end_the_stack() {
        let deep = format!(
            r#"{{"id":3,"send":{}1{}}}"#,
            r#"{"a":"#.repeat(100_000),
            "}".repeat(100_000)
        );
        assert_eq!(refused(&deep).1, error_code::INVALID);
    }

    #[test]
    fn unknown_fields_are_no_error() {
        let line = r#"{"id":1,"hint":true,"ping":{"at":5},"__proto__":{"x":1}}"#;
        assert!(read::<ClientFrame>(line, VISITOR_COMMANDS).is_ok());
    }

    #[test]
    fn several_frames_share_a_message() {
        let message = "{\"id\":1,\"ping\":{}}\n\n{\"id\":2,\"ping\":{}}\r\n";
        let ids: Vec<u32> = lines(message)
            .map(|line| read::<ClientFrame>(line, VISITOR_COMMANDS).unwrap().id)
            .collect();
        assert_eq!(ids, [1, 2]);
    }
}
