//! Hand-offs that the visitor asks for, tickets and forms: how they are asked for, left and filled in, and
//! what must have come of them.

use crate::ledger::{Kind, Word, number_of, text_of};
use crate::run::Run;
use crate::said::{FIELD, said_in};
use crate::world::desk::Log;
use deskside::Action;
use deskside::output::Durable;
use deskside::protocol::content::{Answers, Content, Ticket};
use deskside::protocol::event::{Event, EventBody, HandoffContext};
use deskside::view::{ConversationView, FormView, ItemBody, Status, Storage, View};

impl Run {
    /// The visitor asks for a person; or nobody does, and an agent is to know what was looked for.
    pub fn ask_person(&mut self, tab: usize, conv: String, pick: u32) {
        let asks = !pick.is_multiple_of(4);
        let number = self.new_word(tab, if asks { Kind::Handoff } else { Kind::Context });
        let (reason, query) = match asks {
            true => (text_of(number), String::new()),
            false => (HandoffContext::UNASKED.into(), text_of(number)),
        };
        let asked = Action::Handoff {
            conv,
            reason,
            query,
            articles: Vec::new(),
        };
        if self.act(tab, asked).is_err() {
            self.ledger.words[number].discarded = true;
        }
    }

    /// The visitor leaves an address to be answered at, or something that is none.
    pub fn leave_ticket(&mut self, tab: usize, conv: String, pick: u32) {
        let number = self.new_word(tab, Kind::Ticket);
        let forgets = pick.is_multiple_of(7);
        let mut ticket = ticket_of(number);
        if forgets {
            ticket.reply_to = "call me".into();
        }
        let left = Action::Send {
            conv,
            text: text_of(number),
            ticket: Some(ticket),
        };
        let taken = self.act(tab, left).is_ok();
        self.ledger.words[number].discarded = !taken;
        if taken && forgets {
            self.fail(|| format!("t{tab} took a ticket that nobody can answer"));
        }
    }

    /// The visitor fills a form in, or forgets to.
    pub fn fill_in(&mut self, tab: usize, conv: String, pick: u32, view: &View) {
        let forms = view.conversation.iter().flat_map(forms_of);
        let open: Vec<u32> = forms.filter(|f| !f.answered).map(|f| f.seq).collect();
        let Some(form) = open.get(pick as usize % open.len().max(1)) else {
            return;
        };
        let forgets = pick.is_multiple_of(7);
        let number = self.new_word(tab, Kind::Form);
        let text = if forgets { " ".into() } else { text_of(number) };
        let submit = Action::Submit {
            conv,
            form: *form,
            values: vec![(FIELD.into(), text)],
        };
        let taken = self.act(tab, submit).is_ok();
        self.ledger.words[number].discarded = !taken;
        if taken && forgets {
            self.fail(|| format!("t{tab} took a form without what it needs"));
        }
    }

    /// The visitor says whether an article helped.
    pub fn rate_article(&mut self, tab: usize, pick: u32) {
        let number = self.new_word(tab, Kind::Feedback);
        let said = Action::Feedback {
            article: text_of(number),
            helpful: pick.is_multiple_of(2),
            query: String::new(),
        };
        if self.act(tab, said).is_err() {
            self.ledger.words[number].discarded = true;
        }
    }

    fn new_word(&mut self, tab: usize, kind: Kind) -> usize {
        let device = self.tabs[tab].device;
        let mut word = Word::new(device, tab, self.devices[device].user);
        word.kind = kind;
        self.ledger.words.push(word);
        self.ledger.words.len() - 1
    }

    /// Whether the page may have been told that what nobody asked for was refused.
    pub fn was_told(&self, word: &Word) -> bool {
        word.kind == Kind::Context && self.devices[word.device].told_refused > 0
    }

    /// What an agent was to know is not missing without a word, and what was filled into a form says into which.
    pub fn judge_asks(&mut self) {
        for device in 0..self.devices.len() {
            let missing = |(number, word): &(usize, &Word)| {
                let given_up = word.discarded || word.excuse.is_some() || word.on_desk;
                let of_it = word.kind == Kind::Context && word.device == device && word.promised;
                of_it && !given_up && !self.devices[device].holds(&text_of(*number))
            };
            let words = self.ledger.words.iter().enumerate();
            let missing = words.filter(missing).count();
            let told = self.devices[device].told_refused as usize;
            if missing > told {
                return self.fail(|| {
                    format!("device {device} lacks {missing} hand-offs, and was told of {told}")
                });
            }
        }
        let logs = self.desk.logs.iter();
        let wrong = logs.flat_map(|log| log.events.iter().map(move |event| (log, event)));
        let wrong = wrong.filter_map(|(log, event)| self.wrong_answer(log, event));
        if let Some(wrong) = wrong.into_iter().next() {
            self.fail(|| wrong);
        }
    }

    fn wrong_answer(&self, log: &Log, event: &Event) -> Option<String> {
        let EventBody::Message(content) = &event.body else {
            return None;
        };
        let said = said_in(content);
        let word = number_of(said).and_then(|number| self.ledger.words.get(number))?;
        if word.kind == Kind::Ticket && word.excuse.is_none() {
            let number = content.ticket.as_ref().and_then(|ticket| ticket.number);
            let left = number_of(said).map(|word| Ticket {
                number,
                ..ticket_of(word)
            });
            let right = number.is_some() && content.ticket == left;
            return (!right).then(|| format!("the desk has {said} as {:?}", content.ticket));
        }
        // What is said anew, in another conversation, answers no form there.
        if word.kind != Kind::Form || word.retried {
            return None;
        }
        let Some(answers) = &content.answers else {
            return Some(format!("the desk has {said} without the form"));
        };
        let right = answers.values == [(FIELD.to_owned(), said.to_owned())];
        let asked = log.events.get((answers.form as usize).saturating_sub(1));
        let is_form =
            |content: &Content| content.form.is_some() || content.edited || content.redacted;
        let asked = asked.is_some_and(|e| matches!(&e.body, EventBody::Message(c) if is_form(c)));
        let sure = self.desk.epochs == 0;
        (sure && !(right && asked)).then(|| format!("the desk has {said} as {answers:?}"))
    }

    /// A ticket is shown with the number that the desk gave it.
    pub fn judge_tickets(&mut self, tab: usize, log: &Log, conversation: &ConversationView) {
        if self.devices[self.tabs[tab].device].damaged || self.desk.epochs > 0 {
            return;
        }
        for event in &log.events {
            let mut items = conversation.items.iter();
            let shown = items.find(|item| event.cmid.as_ref() == Some(&item.key));
            let (Some(ItemBody::Message { ticket, .. }), EventBody::Message(content)) =
                (shown.map(|item| &item.body), &event.body)
            else {
                continue;
            };
            if *ticket != content.ticket {
                let (ticket, right) = (ticket.clone(), content.ticket.clone());
                return self.fail(|| format!("t{tab} shows the ticket {ticket:?}, not {right:?}"));
            }
        }
    }

    /// How far the agents are stands at each message of the visitor.
    pub fn judge_marks(&mut self, tab: usize, log: &Log, conversation: &ConversationView) {
        let device = &self.devices[self.tabs[tab].device];
        if device.damaged || device.troubled || device.revoked || self.desk.epochs > 0 {
            return;
        }
        for event in &log.events {
            let mut items = conversation.items.iter();
            let shown = items.find(|item| event.cmid.as_ref() == Some(&item.key));
            let Some(ItemBody::Message {
                status: Some(status),
                ..
            }) = shown.map(|item| &item.body)
            else {
                continue;
            };
            let marks = log.agent_marks;
            let right = match event.seq {
                seq if seq <= marks.read_seq => Status::Read,
                seq if seq <= marks.delivered_seq => Status::Delivered,
                _ => Status::Sent,
            };
            if *status != right {
                let (seq, status) = (event.seq, status.clone());
                return self.fail(|| {
                    format!(
                        "t{tab} shows {seq} of {} as {status:?}, not as {right:?}",
                        log.conv
                    )
                });
            }
        }
    }

    /// A form that is answered is shown so, and one that is not is not.
    pub fn judge_forms(&mut self, tab: usize, log: &Log, conversation: &ConversationView) {
        let device = &self.devices[self.tabs[tab].device];
        let durable = self.tabs[tab].engine.view().storage == Storage::Durable;
        if device.damaged || device.troubled || !durable || self.desk.epochs > 0 {
            return;
        }
        for form in forms_of(conversation) {
            let to_it = |answers: &Option<Answers>| {
                answers
                    .as_ref()
                    .is_some_and(|answers| answers.form == form.seq)
            };
            let logged = log.events.iter().any(
                |event| matches!(&event.body, EventBody::Message(content) if to_it(&content.answers)),
            );
            let kept = device.stored.journal.iter().any(|entry| {
                matches!(&entry.command, Durable::Send(send) if send.conv == log.conv && to_it(&send.body.answers))
            });
            if form.answered != (logged || kept) {
                let (seq, answered) = (form.seq, form.answered);
                return self.fail(|| {
                    format!(
                        "t{tab} shows the form {seq} of {} answered: {answered}",
                        log.conv
                    )
                });
            }
        }
    }
}

fn ticket_of(number: usize) -> Ticket {
    Ticket {
        reply_to: format!("{}@shop.example", text_of(number)),
        name: String::new(),
        number: None,
    }
}

fn forms_of(conversation: &ConversationView) -> impl Iterator<Item = &FormView> {
    conversation
        .items
        .iter()
        .filter_map(|item| match &item.body {
            ItemBody::Message { form, .. } => form.as_ref(),
            _ => None,
        })
}
