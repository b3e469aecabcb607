//! Frames of the wire, as the desk, a visitor's device and an agent's console read them. What was understood
//! and is written again means the same.
#![no_main]

use deskside::plain::{Readable, Value, Writable};
use deskside::protocol::agent::{AgentFrame, AgentServerFrame};
use deskside::protocol::{ClientFrame, ServerFrame};
use libfuzzer_sys::fuzz_target;

fn read<T: Readable + Writable>(value: &Value) {
    let mut frame = T::blank();
    if frame.fill(value).is_ok() {
        let written = frame.write();
        let mut again = T::blank();
        assert!(
            again.fill(&written).is_ok(),
            "what was written is not understood"
        );
        assert_eq!(again.write(), written);
    }
}

fuzz_target!(|text: &str| {
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        return;
    };
    read::<ClientFrame>(&value);
    read::<ServerFrame>(&value);
    read::<AgentFrame>(&value);
    read::<AgentServerFrame>(&value);
});
