//! What bots say and the desk itself does, and messages that change.

use super::Desk;
use deskside::protocol::content::{Content, Field, Form};
use deskside::protocol::event::{Author, Edit, EventBody, Lifecycle, Participant, Redact, Role};
use deskside::protocol::reply::{Delta, QueueNotice};

pub fn bot() -> Participant {
    Participant {
        role: Role::Bot,
        id: "b1".into(),
        name: "Loomy".into(),
        avatar: None,
    }
}

fn by(role: Role, id: &str) -> Author {
    Author {
        role,
        id: id.into(),
    }
}

impl Desk {
    fn newest(&self) -> String {
        self.log().conv.clone()
    }

    pub fn bot_says(&mut self, content: Content) -> u32 {
        let said = EventBody::Message(content);
        self.append(&self.newest(), by(Role::Bot, "b1"), None, said, 7)
    }

    /// Asks one thing, by a form.
    pub fn asks_in(&mut self, conv: &str, ts: u64) {
        let mut asks = Content::from("please tell us".to_owned());
        asks.form = Some(Form {
            fields: vec![Field {
                name: "q".into(),
                kind: "text".into(),
                label: "q".into(),
                required: true,
                options: Vec::new(),
            }],
            submit: String::new(),
        });
        self.append(
            conv,
            by(Role::Bot, "b1"),
            None,
            EventBody::Message(asks),
            ts,
        );
    }

    /// Says what it had streamed under this id.
    pub fn bot_ends(&mut self, id: &str, text: &str) -> u32 {
        self.bot_ends_in(&self.newest(), id, text, 7)
    }

    pub fn bot_ends_in(&mut self, conv: &str, id: &str, text: &str, ts: u64) -> u32 {
        let said = EventBody::Message(Content::from(text.to_owned()));
        self.append(conv, by(Role::Bot, "b1"), Some(id.to_owned()), said, ts)
    }

    pub fn bot_writes(&mut self, id: &str, text: &str) {
        self.bot_writes_in(&self.newest(), id, text);
    }

    pub fn bot_writes_in(&mut self, conv: &str, id: &str, text: &str) {
        let delta = Delta {
            conv: conv.into(),
            id: id.into(),
            by: bot(),
            text: text.into(),
        };
        let log = self.find(conv).expect("the conversation exists");
        let visitor = log.visitor.clone();
        self.push_to(&visitor, None, |frame| frame.delta = Some(delta.clone()));
    }

    pub fn notes(&mut self, text: &str) -> u32 {
        let said = EventBody::Message(Content::from(text.to_owned()));
        self.append(&self.newest(), by(Role::System, ""), None, said, 7)
    }

    pub fn moves_to(&mut self, state: Lifecycle) {
        let moved = EventBody::State(state);
        self.append(&self.newest(), by(Role::System, ""), None, moved, 7);
    }

    pub fn edits(&mut self, seq: u32, text: &str) -> u32 {
        self.edits_in(&self.newest(), seq, text, 8)
    }

    pub fn edits_in(&mut self, conv: &str, seq: u32, text: &str, ts: u64) -> u32 {
        let content = Content::from(text.to_owned());
        let edit = EventBody::Edit(Edit { seq, content });
        self.append(conv, by(Role::Agent, "a1"), None, edit, ts)
    }

    pub fn redacts(&mut self, seq: u32) -> u32 {
        self.redacts_in(&self.newest(), seq, 8)
    }

    pub fn redacts_in(&mut self, conv: &str, seq: u32, ts: u64) -> u32 {
        let redact = EventBody::Redact(Redact { seq });
        self.append(conv, by(Role::Agent, "a1"), None, redact, ts)
    }

    pub fn places(&mut self, position: u32, wait_ms: Option<(u32, u32)>) {
        let notice = QueueNotice {
            conv: self.newest(),
            position,
            wait_ms_min: wait_ms.map(|(min, _)| min),
            wait_ms_max: wait_ms.map(|(_, max)| max),
        };
        let visitor = self.log().visitor.clone();
        self.push_to(&visitor, None, |frame| frame.queue = Some(notice.clone()));
    }

    /// What is said in a message changes in the log itself: whoever reads it later gets it as it is.
    pub(super) fn amend(&mut self, conv: &str, body: &EventBody) {
        let (seq, content) = match body {
            EventBody::Edit(edit) => {
                let mut content = edit.content.clone();
                content.edited = true;
                (edit.seq, content)
            }
            EventBody::Redact(redact) => {
                let redacted = true;
                (
                    redact.seq,
                    Content {
                        redacted,
                        ..Content::default()
                    },
                )
            }
            _ => return,
        };
        let log = self.find(conv).expect("the conversation exists");
        let event = log.events.get_mut(seq as usize - 1);
        let event = event.expect("the message exists");
        if !log.originals.iter().any(|original| original.seq == seq) {
            log.originals.push(event.clone());
        }
        event.body = EventBody::Message(content);
    }
}
