//! A visitor whom the site's own back end names. The token is the site's, lives for minutes, and is never
//! stored: the page is asked for it whenever one is needed.

use super::{Awaiting, Engine};
use crate::error::Error;
use crate::limits::TOKEN_RETRY_MS;
use crate::output::HostEvent;
use crate::planted::{self, Bug};
use crate::protocol::command::{Command, Refresh};

/// What is known of the site's token.
#[derive(Clone, Debug, Default)]
pub(super) struct Identity {
    token: Option<String>,
    /// The page was asked for one.
    asked: bool,
    /// When to ask for the next: before this one ends, or where none came.
    pub renew_at_ms: Option<u64>,
}

impl Engine {
    /// Whether the site names this visitor.
    pub(super) fn is_named(&self) -> bool {
        !self.config.user.is_empty()
    }

    /// The token to show to the desk.
    pub(super) fn bearer(&self) -> Option<&String> {
        let own = (!self.is_named()).then_some(self.meta.token.as_ref());
        own.unwrap_or(self.identity.token.as_ref())
    }

    /// The page has brought a token.
    pub(super) fn identify(&mut self, token: String) -> Result<(), Error> {
        if !self.is_named() {
            return Err(Error::new(
                "not_named",
                "a token needs its `user` in the configuration",
            ));
        }
        self.identity = Identity {
            token: Some(token.clone()),
            ..Default::default()
        };
        if self.link.is_online() {
            let id = self.transmit(Command::Refresh(Refresh { token }));
            self.awaiting.push((id, Awaiting::Refresh));
        }
        Ok(())
    }

    /// Asks the page for a token, and again after a while where none came.
    pub(super) fn want_token(&mut self) {
        if !std::mem::replace(&mut self.identity.asked, true) {
            let again_at_ms = self.now.mono_ms + u64::from(TOKEN_RETRY_MS);
            self.identity.renew_at_ms = (!planted::is(Bug::TokenWantedOnce)).then_some(again_at_ms);
            let user = self.config.user.clone();
            self.tell_page(HostEvent::TokenWanted { user });
        }
    }

    /// The desk does not take the site's token: another is wanted.
    pub(super) fn token_refused(&mut self) {
        self.identity = Identity::default();
        self.reconnect(0);
        self.want_token();
    }

    /// The desk takes the token for so long. The next is asked for when a quarter of that is left.
    pub(super) fn token_lasts(&mut self, expires_in_ms: Option<u32>) {
        let lasts = expires_in_ms.map(|ms| u64::from(ms / 4 * 3));
        self.identity.renew_at_ms = lasts.map(|ms| self.now.mono_ms + ms);
    }

    /// Asks for the next token when it is time.
    pub(super) fn renew_token(&mut self) {
        let due = self.identity.renew_at_ms;
        if due.is_some_and(|at| at <= self.now.mono_ms) {
            self.identity.asked = false;
            self.want_token();
        }
    }
}
