//! What the agents do.

use super::Desk;
use deskside::protocol::command::Marks;
use deskside::protocol::event::{Author, EventBody, Invitation, Lifecycle, Participant, Role};
use deskside::protocol::reply::Receipt;

pub fn agent() -> Participant {
    Participant {
        role: Role::Agent,
        id: "a1".into(),
        name: "Mia".into(),
        avatar: None,
    }
}

impl Desk {
    pub fn agent_says(&mut self, text: &str) {
        let conv = self.log().conv.clone();
        self.agent_says_in(&conv, text, 5);
    }

    pub fn agent_says_in(&mut self, conv: &str, text: &str, ts: u64) {
        let author = Author {
            role: Role::Agent,
            id: "a1".into(),
        };
        let log = self.find(conv).expect("the conversation exists");
        if log.state != Lifecycle::Assigned {
            log.state = Lifecycle::Assigned;
            let assigned = EventBody::Assignment(agent());
            self.append(conv, author.clone(), None, assigned, ts);
        }
        let content = deskside::protocol::event::Content::from(text.to_owned());
        self.append(conv, author, None, EventBody::Message(content), ts);
    }

    /// Agents tell each other something: to a visitor it is an entry of a kind that says nothing.
    pub fn agent_notes_in(&mut self, conv: &str, ts: u64) {
        let author = Author {
            role: Role::Agent,
            id: "a1".into(),
        };
        self.append(conv, author, None, EventBody::Unknown("note".into()), ts);
    }

    pub fn agent_resolves(&mut self) {
        let conv = self.log().conv.clone();
        self.agent_resolves_in(&conv, 6);
    }

    pub fn agent_resolves_in(&mut self, conv: &str, ts: u64) {
        let author = Author {
            role: Role::Agent,
            id: "a1".into(),
        };
        self.append(
            conv,
            author.clone(),
            None,
            EventBody::State(Lifecycle::Resolved),
            ts,
        );
        let log = self.find(conv).unwrap();
        log.cycles += 1;
        let resolution_cycle = log.cycles;
        let asked: u32 = self.logs.iter().map(|log| log.cycles).sum();
        let invitation = Invitation {
            response_id: format!("r{asked}"),
            survey_id: "csat".into(),
            scale: 5,
            agent: Some(agent()),
            resolution_cycle,
        };
        self.append(conv, author, None, EventBody::Invitation(invitation), ts);
    }

    pub fn agent_reads(&mut self, marks: Marks) {
        let conv = self.log().conv.clone();
        self.agent_reads_in(&conv, marks);
    }

    pub fn agent_reads_in(&mut self, conv: &str, marks: Marks) {
        let log = self.find(conv).expect("the conversation exists");
        log.agent_marks = marks;
        let visitor = log.visitor.clone();
        let receipt = Receipt {
            conv: conv.to_owned(),
            by: Role::Agent,
            marks,
        };
        self.push_to(&visitor, None, |frame| frame.read = Some(receipt.clone()));
    }
}
