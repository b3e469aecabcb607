//! What a visitor may do.

use super::handoff::hand_over;
use super::ledger::{Change, Conversation, Draft, Kept, Ledger, Sender};
use super::survey::invite;
use super::{
    Done, again, by_desk, check_prev, digest, first, move_marks, preview, said, seen_before, upload,
};
use crate::files::ContentHash;
use crate::limits::Limits;
use crate::refusal::Refusal;
use deskside::protocol::command::{Close, Feedback, Handoff, Marks, Open, Read, Send, UploadBegin};
use deskside::protocol::event::{Author, Event, EventBody, Lifecycle, Role};
use deskside::protocol::reply::{Sent, SubState};
use uuid::Uuid;

/// A visitor's command at work.
pub(super) struct Visitor<'a> {
    pub ledger: &'a mut dyn Ledger,
    pub id: String,
    pub site: String,
    pub name: String,
    pub locale: String,
    pub origin: u64,
    pub now: u64,
}

impl Visitor<'_> {
    /// Starts a conversation: with a bot where one is there to answer, else in the queue.
    pub fn open(&mut self, open: Open, by_bot: bool, conversations_max: u32) -> Kept<Done> {
        if let Some(conversation) = self.ledger.conversation(&open.conv)? {
            return match self.owns(&conversation) {
                true => Ok(Done::Opened),
                false => Err(Refusal::not_found()),
            };
        }
        if self.ledger.conversations_of(&self.id)? >= conversations_max {
            return Err(Refusal::too_many_conversations(conversations_max));
        }
        let mut conversation = Conversation {
            num: 0,
            id: open.conv,
            visitor: self.id.clone(),
            visitor_name: self.name.clone(),
            identity: None,
            site: self.site.clone(),
            epoch: Uuid::now_v7().simple().to_string(),
            page: open.page,
            locale: self.locale.clone(),
            state: Lifecycle::New,
            assignee: None,
            top: 0,
            cycle: 0,
            visitor_marks: Marks::default(),
            agent_marks: Marks::default(),
            unread: 0,
            preview: String::new(),
            ticket: None,
            rated: None,
            waiting_since: None,
            updated_at: self.now,
        };
        let state = match by_bot {
            true => Lifecycle::SelfService,
            false => Lifecycle::Queued,
        };
        conversation.enter(state, self.now);
        self.ledger.add_conversation(&mut conversation, self.now)?;
        let begun = Draft {
            author: self.author(),
            command: Some((open.cmid, digest("open", &[&conversation.id]))),
            body: EventBody::State(state),
        };
        let event = self.ledger.append(&mut conversation, begun, self.now)?;
        self.ledger.save(&conversation)?;
        let opened = SubState {
            conv: conversation.id.clone(),
            epoch: conversation.epoch.clone(),
            top: conversation.top,
            recovered: false,
            state: conversation.state,
            participants: vec![conversation.visitor_participant()],
            visitor_marks: conversation.visitor_marks,
            agent_marks: conversation.agent_marks,
            events: vec![event.clone()],
        };
        self.announce(&conversation, vec![event], Some(opened));
        Ok(Done::Opened)
    }

    /// Says something; under a number, where it is to be answered elsewhere as well.
    pub fn send(&mut self, mut send: Send) -> Kept<Sent> {
        let mut conversation = self.conversation(&send.conv)?;
        let author = self.author();
        let digest = said("send", &send.body);
        if let Some(mut sent) =
            seen_before(self.ledger, &conversation, &author, &send.cmid, &digest)?
        {
            sent.ticket = self.ledger.ticket(&conversation, sent.seq)?;
            return Ok(sent);
        }
        if conversation.state == Lifecycle::Closed {
            return Err(Refusal::closed());
        }
        check_prev(self.ledger, &conversation, &author, &send)?;
        let mut events = Vec::with_capacity(2);
        let waits_as = match conversation.state {
            Lifecycle::Resolved => Some(Lifecycle::Reopened),
            // A bot can answer nobody who is not there.
            Lifecycle::New | Lifecycle::SelfService if send.body.ticket.is_some() => {
                Some(Lifecycle::Queued)
            }
            _ => None,
        };
        if let Some(state) = waits_as {
            conversation.enter(state, self.now);
            let entered = by_desk(EventBody::State(state));
            events.push(self.ledger.append(&mut conversation, entered, self.now)?);
        }
        let mut number = None;
        if let Some(ticket) = &mut send.body.ticket {
            let seq = conversation.top + 1;
            number = Some(self.ledger.add_ticket(&conversation, seq)?);
            ticket.number = number;
            conversation.ticket = number;
        }
        let sender = Sender::Visitor(&self.id);
        upload::claim(self.ledger, &conversation, sender, &mut send.body)?;
        conversation.preview = preview(&send.body);
        conversation.unread = conversation.unread.saturating_add(1);
        let message = Draft {
            author,
            command: Some((send.cmid.clone(), digest)),
            body: EventBody::Message(send.body),
        };
        let event = self.ledger.append(&mut conversation, message, self.now)?;
        self.ledger.save(&conversation)?;
        let mut sent = first(&conversation, &send.cmid, &event);
        sent.ticket = number;
        events.push(event);
        self.announce(&conversation, events, None);
        Ok(sent)
    }

    /// Asks for a person. Whoever has the conversation keeps it; the words are kept all the same.
    pub fn handoff(&mut self, handoff: Handoff) -> Kept<Sent> {
        let mut conversation = self.conversation(&handoff.conv)?;
        let author = self.author();
        let (sent, events) = hand_over(self.ledger, &mut conversation, author, handoff, self.now)?;
        if !events.is_empty() {
            self.announce(&conversation, events, None);
        }
        Ok(sent)
    }

    pub fn close(&mut self, close: Close) -> Kept<Sent> {
        let mut conversation = self.conversation(&close.conv)?;
        let author = self.author();
        let digest = digest("close", &[]);
        if let Some(sent) = seen_before(self.ledger, &conversation, &author, &close.cmid, &digest)?
        {
            return Ok(sent);
        }
        if conversation.state == Lifecycle::Closed
            && let Some(entry) = self.ledger.newest(&conversation, "state")?
        {
            return Ok(again(&conversation, &close.cmid, &entry));
        }
        conversation.enter(Lifecycle::Closed, self.now);
        let closed = Draft {
            author,
            command: Some((close.cmid.clone(), digest)),
            body: EventBody::State(Lifecycle::Closed),
        };
        let event = self.ledger.append(&mut conversation, closed, self.now)?;
        let sent = first(&conversation, &close.cmid, &event);
        let mut events = vec![event];
        events.extend(invite(
            self.ledger,
            &mut conversation,
            "conversationClosed",
            self.now,
        )?);
        self.ledger.save(&conversation)?;
        self.announce(&conversation, events, None);
        Ok(sent)
    }

    pub fn feedback(&mut self, feedback: Feedback) -> Kept<Sent> {
        let helpful = if feedback.helpful { "yes" } else { "no" };
        let digest = digest("feedback", &[&feedback.article, helpful, &feedback.query]);
        let before = self.ledger.feedback(&self.id, &feedback.cmid)?;
        if let Some((known, _)) = before
            && known != digest
        {
            return Err(Refusal::conflict());
        }
        if before.is_none() {
            self.ledger
                .add_feedback(&self.id, &self.site, &feedback, &digest, self.now)?;
        }
        Ok(Sent {
            cmid: feedback.cmid,
            conv: String::new(),
            epoch: String::new(),
            seq: 0,
            ts: before.map_or(self.now, |(_, ts)| ts),
            duplicate: before.is_some(),
            ticket: None,
        })
    }

    pub fn begin_upload(&mut self, begin: UploadBegin, limits: &Limits) -> Kept<Done> {
        let conversation = self.conversation(&begin.conv)?;
        let sender = Sender::Visitor(&self.id);
        let file = begin.file;
        upload::begin(self.ledger, &conversation, sender, file, limits, self.now).map(Done::Upload)
    }

    pub fn finish_upload(&mut self, upload_id: &str, content: &ContentHash) -> Kept<Done> {
        let sender = Sender::Visitor(&self.id);
        upload::finish(self.ledger, sender, upload_id, content).map(Done::Upload)
    }

    pub fn read(&mut self, read: Read) -> Kept<Done> {
        let conversation = self.conversation(&read.conv)?;
        move_marks(
            self.ledger,
            conversation,
            Role::Visitor,
            read.marks,
            self.origin,
        )
    }

    pub(super) fn conversation(&mut self, id: &str) -> Kept<Conversation> {
        match self.ledger.conversation(id)? {
            Some(conversation) if self.owns(&conversation) => Ok(conversation),
            _ => Err(Refusal::not_found()),
        }
    }

    fn owns(&self, conversation: &Conversation) -> bool {
        conversation.visitor == self.id && conversation.site == self.site
    }

    pub(super) fn author(&self) -> Author {
        Author {
            role: Role::Visitor,
            id: self.id.clone(),
        }
    }

    pub(super) fn announce(
        &mut self,
        of: &Conversation,
        events: Vec<Event>,
        opened: Option<SubState>,
    ) {
        self.ledger.announce(Change {
            conv: of.id.clone(),
            visitor: of.visitor.clone(),
            origin: self.origin,
            events,
            opened,
            receipt: None,
            queue: Some(of.site.clone()),
            waited_ms: None,
        });
    }
}
