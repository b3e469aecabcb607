//! Reading what is not in memory: from the device's store, and what that does not hold from the desk.

use super::{Awaiting, Engine};
use crate::conversation::Conversation;
use crate::conversation::log::Line;
use crate::limits::HISTORY_PAGE_EVENTS;
use crate::list::Gather;
use crate::output::{Range, StoreOp};
use crate::protocol::command::{Command, History};
use crate::protocol::event::EventBody;
use crate::protocol::reply::HistoryPage;
use crate::tabs::TabMessage;
use crate::view::{Connection, Storage};

impl Engine {
    /// Goes on to older entries, or to newer ones, of the conversation on the screen.
    pub(super) fn turn_page(&mut self, older: bool) {
        let Some(conv) = self.screen.conv.clone() else {
            return;
        };
        let Some(conversation) = self.conversations.get_mut(&conv) else {
            return;
        };
        let (first, last) = conversation.shown_range();
        let nothing_there = if older {
            first <= 1
        } else {
            conversation.is_at_end()
        };
        if nothing_there || conversation.turning.is_some() {
            return;
        }
        if !older && conversation.reading().forward(HISTORY_PAGE_EVENTS as usize) {
            return self.mark_read();
        }
        let turning = if older {
            (first.saturating_sub(HISTORY_PAGE_EVENTS).max(1), first - 1)
        } else {
            (last + 1, last.saturating_add(HISTORY_PAGE_EVENTS))
        };
        conversation.turning = Some(turning);
        if self.store.state == Storage::Durable {
            let range = page_of(conversation);
            self.want(false, range.into_iter().listed());
        } else {
            self.still_wanted(&conv);
        }
    }

    /// Back to where the conversation goes on.
    pub(super) fn show_latest(&mut self) {
        if let Some(conv) = &self.screen.conv
            && let Some(conversation) = self.conversations.get_mut(conv)
        {
            conversation.reading().to_end();
            conversation.turning = None;
            self.mark_read();
        }
    }

    /// The store was read. A page that it does not have is asked of the desk.
    pub(super) fn still_wanted(&mut self, conv: &str) {
        let online = self.connection() == Connection::Online;
        let Some(conversation) = self.conversations.get_mut(conv) else {
            return;
        };
        if !online || !conversation.is_known() {
            conversation.turning = None;
        }
        if let Some((_, to)) = conversation.turning {
            self.ask_page(conv.to_owned(), to.saturating_add(1));
        }
    }

    /// Asks for a page of events before this one; by way of the leading tab, where this one follows.
    pub(super) fn ask_page(&mut self, conv: String, before: u32) {
        if !self.leads() {
            return self.tell(TabMessage::Older { conv, before });
        }
        if self.link.is_online() {
            let history = History {
                conv: conv.clone(),
                before: Some(before),
                after: None,
                limit: HISTORY_PAGE_EVENTS,
            };
            let id = self.transmit(Command::History(history));
            self.awaiting.push((id, Awaiting::Page(conv)));
        }
    }

    /// The desk gave a page.
    pub(super) fn page_came(&mut self, page: HistoryPage) {
        let HistoryPage {
            conv, top, events, ..
        } = page;
        let Some(conversation) = self.conversations.get_mut(&conv) else {
            return;
        };
        let Some(last) = events.last() else {
            return self.no_page(&conv);
        };
        let changes = |line: &Line| {
            let is_change = matches!(line.event.body, EventBody::Edit(_) | EventBody::Redact(_));
            is_change && line.event.seq > top
        };
        if conversation.log().iter().any(changes) {
            // It was read before a message was changed, which may stand in it as it was.
            let before = last.seq.saturating_add(1);
            return self.ask_page(conv, before);
        }
        conversation.turn(&events);
        conversation.turning = None;
        self.persist_one(false, StoreOp::PutEvents(events));
        self.mark_read();
        self.changed = true;
    }

    /// The desk gave none now: whoever scrolls on asks again, in this tab or in another.
    pub(super) fn no_page(&mut self, conv: &str) {
        if let Some(conversation) = self.conversations.get_mut(conv) {
            conversation.turning = None;
            self.changed = true;
        }
        if self.leads() {
            let conv = conv.to_owned();
            self.tell(TabMessage::Older { conv, before: 0 });
        }
    }
}

/// Where the store has the page that is on its way.
pub(super) fn page_of(conversation: &Conversation) -> Option<Range> {
    let (from, to) = conversation.turning?;
    Some(Range {
        conv: conversation.record.id.clone(),
        from,
        to,
    })
}
