//! What an agent may do.

use super::handoff::hand_over;
use super::ledger::{Change, Conversation, Draft, Kept, Ledger, Sender};
use super::survey::invite;
use super::{
    Done, again, by_desk, check_prev, digest, first, move_marks, note, preview, revise, said,
    seen_before, transfer, upload,
};
use crate::files::ContentHash;
use crate::limits::Limits;
use crate::refusal::Refusal;
use deskside::protocol::agent::{
    ConversationCommand, EditMessage, RedactMessage, Transfer, WriteNote,
};
use deskside::protocol::command::{Handoff, Read, Send, UploadBegin};
use deskside::protocol::event::{Author, Event, EventBody, Lifecycle, Participant, Role};
use deskside::protocol::reply::{Sent, SubState};

/// An agent's command at work.
pub(super) struct Agent<'a> {
    pub ledger: &'a mut dyn Ledger,
    pub agent: Participant,
    pub origin: u64,
    pub now: u64,
}

impl Agent<'_> {
    pub fn assign(&mut self, assign: ConversationCommand) -> Kept<Sent> {
        if self.agent.role == Role::Bot {
            return Err(Refusal::invalid("a bot takes no conversation over"));
        }
        let mut conversation = self.conversation(&assign.conv)?;
        let author = self.author();
        let digest = digest("assign", &[]);
        if let Some(sent) = seen_before(self.ledger, &conversation, &author, &assign.cmid, &digest)?
        {
            return Ok(sent);
        }
        if conversation.state == Lifecycle::Closed {
            return Err(Refusal::closed());
        }
        if self.has(&conversation)
            && conversation.state == Lifecycle::Assigned
            && let Some(entry) = self.ledger.newest(&conversation, "assignment")?
        {
            return Ok(again(&conversation, &assign.cmid, &entry));
        }
        let command = Some((assign.cmid.clone(), digest));
        let waited_ms = self.waited(&conversation);
        let events = self.take_over(&mut conversation, command)?;
        self.ledger.save(&conversation)?;
        let sent = first(&conversation, &assign.cmid, &events[0]);
        self.announce(&conversation, events, None, waited_ms);
        Ok(sent)
    }

    /// Gives the conversation to another agent, or back to the queue.
    pub fn transfer(&mut self, transfer: Transfer) -> Kept<Sent> {
        if self.agent.role == Role::Bot {
            return Err(Refusal::invalid("a bot hands a conversation off"));
        }
        let mut conversation = self.conversation(&transfer.conv)?;
        let waited_ms = self.waited(&conversation).filter(|_| transfer.to.is_some());
        let author = self.author();
        let (sent, events) =
            transfer::transfer(self.ledger, &mut conversation, author, transfer, self.now)?;
        if !events.is_empty() {
            self.announce(&conversation, events, None, waited_ms);
        }
        Ok(sent)
    }

    /// Tells the other agents something.
    pub fn note(&mut self, note: WriteNote) -> Kept<Sent> {
        let mut conversation = self.conversation(&note.conv)?;
        let author = self.author();
        let (sent, event) = note::write(self.ledger, &mut conversation, author, note, self.now)?;
        if let Some(event) = event {
            self.announce(&conversation, vec![event], None, None);
        }
        Ok(sent)
    }

    pub fn begin_upload(&mut self, begin: UploadBegin, limits: &Limits) -> Kept<Done> {
        let conversation = self.conversation(&begin.conv)?;
        let sender = Sender::Agent(&self.agent.id);
        let file = begin.file;
        upload::begin(self.ledger, &conversation, sender, file, limits, self.now).map(Done::Upload)
    }

    pub fn finish_upload(&mut self, upload_id: &str, content: &ContentHash) -> Kept<Done> {
        let sender = Sender::Agent(&self.agent.id);
        upload::finish(self.ledger, sender, upload_id, content).map(Done::Upload)
    }

    pub fn send(&mut self, mut send: Send) -> Kept<Sent> {
        let mut conversation = self.conversation(&send.conv)?;
        let author = self.author();
        let digest = said("send", &send.body);
        if let Some(sent) = seen_before(self.ledger, &conversation, &author, &send.cmid, &digest)? {
            return Ok(sent);
        }
        if conversation.state == Lifecycle::Closed {
            return Err(Refusal::closed());
        }
        check_prev(self.ledger, &conversation, &author, &send)?;
        let waits = matches!(
            conversation.state,
            Lifecycle::Queued | Lifecycle::Reopened | Lifecycle::New | Lifecycle::SelfService
        );
        let mut events = Vec::with_capacity(3);
        let joins = !self.ledger.takes_part(&conversation, &author)?;
        let waited_ms = self.waited(&conversation);
        // A bot answers for nobody: whoever waits for a person goes on waiting.
        let is_bot = self.agent.role == Role::Bot;
        if !is_bot && (waits || !self.has(&conversation)) {
            events = self.take_over(&mut conversation, None)?;
        }
        let sender = Sender::Agent(&self.agent.id);
        upload::claim(self.ledger, &conversation, sender, &mut send.body)?;
        conversation.preview = preview(&send.body);
        let message = Draft {
            author,
            command: Some((send.cmid.clone(), digest)),
            body: EventBody::Message(send.body),
        };
        let event = self.ledger.append(&mut conversation, message, self.now)?;
        self.ledger.save(&conversation)?;
        let sent = first(&conversation, &send.cmid, &event);
        events.push(event);
        // Who has been assigned is named by that; a bot is not.
        let joined = (joins && is_bot).then(|| self.joined(&conversation, &events));
        self.announce(&conversation, events, joined, waited_ms);
        Ok(sent)
    }

    /// A bot knows no further: the conversation waits for a person.
    pub fn handoff(&mut self, handoff: Handoff) -> Kept<Sent> {
        let mut conversation = self.conversation(&handoff.conv)?;
        let author = self.author();
        let joins = !self.ledger.takes_part(&conversation, &author)?;
        let (sent, events) = hand_over(self.ledger, &mut conversation, author, handoff, self.now)?;
        if !events.is_empty() {
            let joined = joins.then(|| self.joined(&conversation, &events));
            self.announce(&conversation, events, joined, None);
        }
        Ok(sent)
    }

    pub fn edit(&mut self, edit: EditMessage) -> Kept<Sent> {
        let conversation = self.conversation(&edit.conv)?;
        self.revise(conversation, |ledger, conversation, author, now| {
            revise::edit(ledger, conversation, author, edit, now)
        })
    }

    pub fn redact(&mut self, redact: RedactMessage) -> Kept<Sent> {
        let conversation = self.conversation(&redact.conv)?;
        self.revise(conversation, |ledger, conversation, author, now| {
            revise::redact(ledger, conversation, author, redact, now)
        })
    }

    fn revise(
        &mut self,
        mut conversation: Conversation,
        how: impl FnOnce(&mut dyn Ledger, &mut Conversation, Author, u64) -> Kept<(Sent, Option<Event>)>,
    ) -> Kept<Sent> {
        let author = self.author();
        let (sent, event) = how(self.ledger, &mut conversation, author, self.now)?;
        if let Some(event) = event {
            self.announce(&conversation, vec![event], None, None);
        }
        Ok(sent)
    }

    pub fn resolve(&mut self, resolve: ConversationCommand) -> Kept<Sent> {
        let mut conversation = self.conversation(&resolve.conv)?;
        let author = self.author();
        let digest = digest("resolve", &[]);
        if let Some(sent) =
            seen_before(self.ledger, &conversation, &author, &resolve.cmid, &digest)?
        {
            return Ok(sent);
        }
        if conversation.state == Lifecycle::Closed {
            return Err(Refusal::closed());
        }
        if conversation.state == Lifecycle::Resolved
            && let Some(entry) = self.ledger.newest(&conversation, "state")?
        {
            return Ok(again(&conversation, &resolve.cmid, &entry));
        }
        conversation.enter(Lifecycle::Resolved, self.now);
        conversation.cycle += 1;
        let resolved = Draft {
            author,
            command: Some((resolve.cmid.clone(), digest)),
            body: EventBody::State(Lifecycle::Resolved),
        };
        let resolved = self.ledger.append(&mut conversation, resolved, self.now)?;
        let mut events = vec![resolved.clone()];
        events.extend(invite(
            self.ledger,
            &mut conversation,
            "conversationResolved",
            self.now,
        )?);
        self.ledger.save(&conversation)?;
        let sent = first(&conversation, &resolve.cmid, &resolved);
        self.announce(&conversation, events, None, None);
        Ok(sent)
    }

    pub fn read(&mut self, read: Read) -> Kept<Done> {
        let conversation = self.conversation(&read.conv)?;
        move_marks(
            self.ledger,
            conversation,
            Role::Agent,
            read.marks,
            self.origin,
        )
    }

    /// The conversation becomes this agent's: `assignment`, and `state` where that changes. A
    /// resolved one stays resolved: a last word does not reopen it.
    fn take_over(
        &mut self,
        conversation: &mut Conversation,
        command: Option<(String, super::ledger::Digest)>,
    ) -> Kept<Vec<Event>> {
        conversation.assignee = Some(self.agent.clone());
        let assignment = Draft {
            author: self.author(),
            command,
            body: EventBody::Assignment(self.agent.clone()),
        };
        let mut events = vec![self.ledger.append(conversation, assignment, self.now)?];
        if !matches!(
            conversation.state,
            Lifecycle::Assigned | Lifecycle::Resolved
        ) {
            conversation.enter(Lifecycle::Assigned, self.now);
            let assigned = by_desk(EventBody::State(Lifecycle::Assigned));
            events.push(self.ledger.append(conversation, assigned, self.now)?);
        }
        Ok(events)
    }

    fn conversation(&mut self, id: &str) -> Kept<Conversation> {
        self.ledger.conversation(id)?.ok_or_else(Refusal::not_found)
    }

    fn has(&self, conversation: &Conversation) -> bool {
        conversation
            .assignee
            .as_ref()
            .is_some_and(|assignee| assignee.id == self.agent.id)
    }

    fn author(&self) -> Author {
        Author {
            role: self.agent.role,
            id: self.agent.id.clone(),
        }
    }

    /// How long it has waited for somebody to take it, if it does.
    fn waited(&self, conversation: &Conversation) -> Option<u64> {
        let since = conversation.waiting_since?;
        (self.agent.role != Role::Bot).then(|| self.now.saturating_sub(since))
    }

    /// The conversation as it was before these events: the visitor's sessions learn from it who makes them.
    fn joined(&self, of: &Conversation, events: &[Event]) -> SubState {
        let before = events
            .first()
            .map_or(of.top, |event| event.seq.saturating_sub(1));
        SubState {
            conv: of.id.clone(),
            epoch: of.epoch.clone(),
            top: before,
            recovered: true,
            state: of.state,
            participants: vec![of.visitor_participant(), self.agent.clone()],
            visitor_marks: of.visitor_marks,
            agent_marks: of.agent_marks,
            events: Vec::new(),
        }
    }

    fn announce(
        &mut self,
        of: &Conversation,
        events: Vec<Event>,
        opened: Option<SubState>,
        waited_ms: Option<u64>,
    ) {
        self.ledger.announce(Change {
            conv: of.id.clone(),
            visitor: of.visitor.clone(),
            origin: self.origin,
            events,
            opened,
            receipt: None,
            queue: Some(of.site.clone()),
            waited_ms,
        });
    }
}
