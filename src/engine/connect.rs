//! The way to the desk, opened, greeted, lost and given up.

use super::link::{Due, Phase};
use super::{Awaiting, Engine};
use crate::conversation::Conversation;
use crate::limits::SUBS_MAX;
use crate::list::Gather;
use crate::output::Output;
use crate::protocol::command::{ClientFrame, Command, Connect, Marks, Sub};
use crate::protocol::{PROTOCOL_VERSION, close_code};

impl Engine {
    /// Whether anything needs the desk: something waits, or a conversation exists, or one is on the
    /// screen. A visitor who only searches never connects.
    pub(super) fn wants_desk(&self) -> bool {
        #[cfg(feature = "survey")]
        if self.surveys.awaited.is_some() {
            return true;
        }
        self.config.surveys
            || self.outbox.is_waiting()
            || self.tabs.desk_wanted
            || self.screen.conv.is_some()
            || self.conversations.iter().any(Conversation::is_known)
    }

    pub(super) fn tend_link(&mut self) {
        match self.link.due(self.now.mono_ms, self.wants_desk()) {
            Due::Nothing => {}
            Due::Open if self.is_named() && self.bearer().is_none() => {
                self.link.phase = Phase::Idle;
                self.want_token();
            }
            Due::Open => {
                self.link.opening(self.now.mono_ms);
                self.outputs.push_back(Output::Connect {
                    url: self.url.clone(),
                });
                self.changed = true;
            }
            Due::GiveUp => {
                self.reconnect(0);
            }
            Due::Ping => {
                self.link.pinged(self.now.mono_ms);
                self.transmit(Command::Ping {});
                self.look_for_entries();
                for conversation in self.conversations.iter_mut() {
                    if std::mem::take(&mut conversation.marks_refused) {
                        conversation.told_marks = Marks::default();
                    }
                }
            }
        }
    }

    pub(super) fn greet(&mut self) {
        if !matches!(self.link.phase, Phase::Opening { .. }) {
            return;
        }
        self.link.greeting(self.now.mono_ms);
        let newest = self.conversations.newest(SUBS_MAX).iter();
        let subs = newest.filter(|c| c.is_known());
        let subs = subs.map(|c| Sub {
            conv: c.record.id.clone(),
            epoch: c.record.epoch.clone(),
            offset: c.record.cursor,
        });
        let connect = Command::Connect(Connect {
            version: PROTOCOL_VERSION,
            site: self.config.site.clone(),
            token: self.bearer().cloned(),
            client_id: self.meta.client_id.clone(),
            locale: self.config.locale.clone(),
            subs: subs.listed(),
            #[cfg(feature = "survey")]
            surveys: Some(self.surveys.digest.clone()).filter(|digest| !digest.is_empty()),
            #[cfg(not(feature = "survey"))]
            surveys: None,
        });
        self.token_shown.clone_from(&self.meta.token);
        let id = self.transmit(connect);
        self.awaiting.push((id, Awaiting::Connect));
    }

    pub(super) fn socket_closed(&mut self, code: u16) {
        if matches!(
            self.link.phase,
            Phase::Idle | Phase::Waiting { .. } | Phase::Refused { .. }
        ) {
            return;
        }
        match code {
            close_code::PROTOCOL => self.refused("protocol"),
            close_code::FORBIDDEN_SITE => self.refused("forbidden_site"),
            close_code::UNAUTHORIZED => self.unauthorized(),
            _ => self.connection_lost(0),
        }
    }

    /// Lets go of the connection, to try another.
    pub(super) fn reconnect(&mut self, retry_after_ms: u32) {
        self.outputs.push_back(Output::Disconnect);
        self.connection_lost(retry_after_ms);
    }

    pub(super) fn connection_lost(&mut self, retry_after_ms: u32) {
        self.link
            .failed(self.now.mono_ms, retry_after_ms, &mut self.rng);
        self.forget_answers();
    }

    pub(super) fn refused(&mut self, code: &str) {
        self.outputs.push_back(Output::Disconnect);
        self.link.phase = Phase::Refused {
            code: code.to_owned(),
        };
        self.forget_answers();
    }

    /// Answers to the old connection will not come; whatever they were about is asked again.
    pub(super) fn forget_answers(&mut self) {
        self.awaiting.clear();
        self.early.clear();
        self.outbox.connection_lost();
        self.availability = None;
        self.typing.told = None;
        for conversation in self.conversations.iter_mut() {
            conversation.fetching_gap = false;
            conversation.turning = None;
            conversation.typing = None;
            conversation.queue = None;
            conversation.streams.clear();
        }
        self.changed = true;
    }

    pub(super) fn transmit(&mut self, command: Command) -> u32 {
        let id = self.link.frame_id();
        self.outputs
            .push_back(Output::Transmit(ClientFrame { id, command }));
        id
    }
}
