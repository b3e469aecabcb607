//! What a clock ends, and when to be woken for it.

use super::Engine;
use crate::limits::WAKE_LATE_MS;
use crate::output::Output;

impl Engine {
    /// Whatever a clock ends.
    pub(super) fn expire(&mut self) {
        self.renew_token();
        let now = self.now.mono_ms;
        self.outbox.expire_in_flight(now);
        match self.store_deadline().and_then(|at| now.checked_sub(at)) {
            // This tab was asleep: the answer may wait to be heard.
            Some(late_ms) if late_ms > u64::from(WAKE_LATE_MS) => self.answered_by_store(),
            Some(_) => self.store_closed("broken".into()),
            None => {}
        }
        // How long somebody types a follower hears of the leader, who says it once.
        let leads = self.leads();
        for conversation in self.conversations.iter_mut() {
            if leads
                && conversation
                    .typing
                    .as_ref()
                    .is_some_and(|(_, until)| *until <= now)
            {
                conversation.typing = None;
                self.changed = true;
            }
            let writing = conversation.streams.len();
            conversation.streams.retain(|stream| stream.until_ms > now);
            self.changed |= conversation.streams.len() != writing;
        }
        if self
            .typing
            .unsaved
            .as_ref()
            .is_some_and(|(_, at)| *at <= now)
        {
            self.save_draft();
        }
        if self
            .typing
            .told
            .as_ref()
            .is_some_and(|(_, _, until)| *until <= now)
        {
            self.stop_typing();
        }
    }

    pub(super) fn ask_to_wake(&mut self) {
        let typing = self
            .conversations
            .iter()
            .filter_map(|c| c.typing.as_ref().map(|(_, until)| *until));
        let streams = self.conversations.iter().flat_map(|c| &c.streams);
        let outbox = if self.link.is_online() {
            self.outbox.next_deadline(self.now.mono_ms)
        } else {
            None
        };
        let at = [
            self.link.next_deadline(),
            outbox,
            typing.min(),
            streams.map(|stream| stream.until_ms).min(),
            self.typing.unsaved.as_ref().map(|(_, at)| *at),
            self.typing.told.as_ref().map(|(_, _, until)| *until),
            self.lead_deadline(),
            self.store_deadline(),
            self.identity.renew_at_ms,
            #[cfg(feature = "survey")]
            self.survey_deadline(),
        ];
        // What is due already waits for something else than a clock: for the store, or for the page.
        let later = |at: &u64| *at > self.now.mono_ms;
        let Some(at) = at.into_iter().flatten().filter(later).min() else {
            return;
        };
        if self.woken_at_ms != Some(at) {
            self.woken_at_ms = Some(at);
            let after_ms = at.saturating_sub(self.now.mono_ms).min(u64::from(u32::MAX)) as u32;
            self.outputs.push_back(Output::Wake { after_ms });
        }
    }
}
