//! Records that a device stored, and what a page hands over: read from plain data of any shape.
#![no_main]

use deskside::faq::SearchOptions;
use deskside::input::{Action, Config};
use deskside::outbox::sealed::Sealed;
use deskside::output::{ConversationRecord, Entry, Meta};
use deskside::plain::{Readable, Value, Writable};
use deskside::protocol::Event;
use deskside::tabs::TabMessage;
use libfuzzer_sys::fuzz_target;

fn read<T: Readable + Writable>(value: &Value) {
    let mut record = T::blank();
    if record.fill(value).is_ok() {
        let written = record.write();
        let mut again = T::blank();
        assert!(
            again.fill(&written).is_ok(),
            "what was written is not understood"
        );
    }
}

fuzz_target!(|text: &str| {
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        return;
    };
    read::<Meta>(&value);
    read::<Entry>(&value);
    read::<Sealed>(&value);
    read::<ConversationRecord>(&value);
    read::<Event>(&value);
    read::<TabMessage>(&value);
    read::<Config>(&value);
    read::<Action>(&value);
    read::<SearchOptions>(&value);
});
