//! How far the visitor has read: told to the desk by the tab that leads, and kept by each that does not
//! until then. Marks only rise, so the newest is all that there is to keep of a conversation.

use super::{Awaiting, Engine};
use crate::output::StoreOp;
use crate::plain::{Readable, Value, Writable};
use crate::protocol::command::{Command, Marks, Read};
use crate::tabs::TabMessage;

/// Under this name they are kept.
const MARKS: &str = "marks";
const EPOCH: &str = "epoch";

impl Engine {
    /// What is on a visible screen has been read.
    pub(super) fn mark_read(&mut self) {
        if !self.screen.visible {
            return;
        }
        // Who reads what is old does not see what is new.
        let Some(conversation) = self
            .screen
            .conv
            .as_ref()
            .and_then(|id| self.conversations.get_mut(id))
            .filter(|conversation| conversation.is_at_end())
        else {
            return;
        };
        let cursor = conversation.record.cursor;
        let marks = Marks {
            delivered_seq: cursor,
            read_seq: cursor,
        };
        if !conversation.raise_visitor_marks(marks) {
            return;
        }
        let record = conversation.record.clone();
        self.changed = true;
        if self.leads() {
            self.persist_record(record);
        } else {
            let conv = record.id;
            self.tell(TabMessage::Marked { conv, marks });
            // Nobody may lead, or hear it.
            self.keep_marks();
        }
    }

    /// Keeps what the leading tab may not have heard, whoever leads: not in the conversation's record,
    /// which is that one's to write.
    pub(super) fn keep_marks(&mut self) {
        let mut all = Vec::new();
        for conversation in self.conversations.iter() {
            let record = &conversation.record;
            let marks = record.visitor_marks.write();
            let marks = marks.with(EPOCH, Value::Text(record.epoch.clone().into()));
            all.push((record.id.clone().into(), marks));
        }
        let (name, value) = (MARKS.to_owned(), Value::Map(all));
        self.persist_one(false, StoreOp::Keep { name, value });
    }

    /// Takes what was kept by a tab, of the logs that are still the same.
    pub(super) fn take_marks(&mut self, kept: &[(String, Value)]) {
        let all = kept.iter().find(|(name, _)| name == MARKS);
        let Some((_, Value::Map(all))) = all else {
            return;
        };
        for (conv, value) in all {
            if let Some(conversation) = self.conversations.get_mut(conv)
                && value.get(EPOCH) == Some(&Value::Text(conversation.record.epoch.clone().into()))
                && let Ok(marks) = Marks::read(value)
            {
                self.changed |= conversation.raise_visitor_marks(marks);
            }
        }
    }

    /// Tells the desk how far this visitor has received and read, where that is more of what others said:
    /// that one has read oneself is no news.
    pub(super) fn tell_marks(&mut self) {
        let mut due: Vec<(String, Marks)> = Vec::new();
        for conversation in self.conversations.iter_mut() {
            if !conversation.is_known() {
                continue;
            }
            let marks = conversation.record.visitor_marks;
            let told = std::mem::replace(&mut conversation.told_marks, marks);
            if told != marks && conversation.has_heard_after(told.read_seq) {
                due.push((conversation.record.id.clone(), marks));
            }
        }
        for (conv, marks) in due {
            let read = Read {
                conv: conv.clone(),
                marks,
            };
            let id = self.transmit(Command::Read(read));
            self.awaiting.push((id, Awaiting::Marks(conv)));
        }
    }
}
