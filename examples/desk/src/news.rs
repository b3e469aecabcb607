//! What the sessions of this process are told of, in the order in which it was committed, whoever has
//! committed it: this process, or another one on the same database.

use crate::conversation::ledger::Change;
use crate::hub::Hub;
use crate::outbound::Ending;
use crate::refusal::Refusal;
use crate::store::{Store, TokenHash};
use crate::survey::{Definitions, clocks};
use deskside::protocol::ServerFrame;
use deskside::protocol::event::Role;
use deskside::protocol::reply::TypingNotice;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::mpsc;

/// What was committed.
#[derive(Clone, Debug)]
pub enum News {
    /// By this process.
    Here(Change),
    /// By another one.
    Elsewhere(Hint),
    /// By others, and so much that it is not kept any more.
    Missed,
}

/// Where other processes find what was committed; never what it says, for that may be taken back.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Hint {
    /// Something happened in a conversation.
    Conversation(Place),
    /// The surveys of a site changed.
    Surveys {
        /// Which.
        site: String,
    },
    /// A visitor was asked something, or has answered.
    Asked {
        /// Whom.
        visitor: String,
        /// Where.
        site: String,
    },
    /// Somebody types.
    Typing {
        /// Who, and where.
        notice: TypingNotice,
        /// Whose conversation it is.
        visitor: String,
    },
    /// A console came or went.
    Consoles {},
    /// An agent signed out.
    SignedOut {
        /// Of the token.
        token: TokenHash,
    },
}

/// Where a [`Change`] is found.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// The conversation.
    pub conv: String,
    /// Whose it is.
    pub visitor: String,
    /// The new entries come after this one,
    pub after: u32,
    /// and end with this one; the same where there are none.
    pub top: u32,
    /// Whether it is new, or somebody takes part for the first time.
    pub opened: bool,
    /// Whose marks moved, where some did.
    pub side: Option<Role>,
    /// The site whose queue moved, where one did.
    pub queue: Option<String>,
    /// How long it had waited for the agent who has it from now on.
    pub waited_ms: Option<u64>,
}

impl Hint {
    /// Where that change is found.
    pub fn of(change: &Change) -> Self {
        let first = change.events.first();
        Self::Conversation(Place {
            conv: change.conv.clone(),
            visitor: change.visitor.clone(),
            after: first.map_or(0, |event| event.seq - 1),
            top: change.events.last().map_or(0, |event| event.seq),
            opened: change.opened.is_some(),
            side: change.receipt.as_ref().map(|receipt| receipt.by),
            queue: change.queue.clone(),
            waited_ms: change.waited_ms,
        })
    }
}

/// Where what happened elsewhere is read, and who is told.
pub struct Newsroom {
    /// The sessions.
    pub hub: Arc<Hub>,
    /// The database.
    pub store: Arc<dyn Store>,
    /// What visitors are asked.
    pub surveys: Arc<Definitions>,
}

impl Newsroom {
    /// Hands what was committed to the hub, in order.
    pub async fn publish_all(self, mut news: mpsc::Receiver<Vec<News>>) {
        while let Some(batch) = news.recv().await {
            if let Err(refusal) = self.publish(batch).await {
                tracing::warn!(?refusal, "what another process has written was not read");
                self.begin_anew();
            }
            // The sockets' writers get their turn: a burst does not make a reader slow.
            tokio::task::yield_now().await;
        }
    }

    async fn publish(&self, batch: Vec<News>) -> Result<(), Refusal> {
        let mut places = Vec::new();
        for one in batch {
            match one {
                News::Elsewhere(Hint::Conversation(place)) => {
                    places.push(place);
                    continue;
                }
                // Their order counts within a conversation, which may be that of the next one.
                _ => self.read(std::mem::take(&mut places)).await?,
            }
            match one {
                News::Here(change) => self.hub.publish(&change),
                News::Elsewhere(hint) => self.heed(hint).await?,
                News::Missed => {
                    tracing::warn!("other processes wrote more than was kept; all sessions resume");
                    self.surveys.replace(self.store.surveys().await?);
                    self.hub.processes_stir.notify_one();
                    self.begin_anew();
                }
            }
        }
        self.read(places).await
    }

    /// Reads what happened in conversations at other processes, as far as it concerns somebody here.
    async fn read(&self, places: Vec<Place>) -> Result<(), Refusal> {
        let (near, far): (Vec<_>, Vec<_>) = places
            .into_iter()
            .partition(|place| self.hub.concerns(&place.conv, &place.visitor));
        for place in far {
            let queue = place.queue.as_deref();
            self.hub.moved(&place.conv, queue, place.waited_ms);
        }
        if !near.is_empty() {
            let changes = self.store.changes(near).await?;
            changes.iter().for_each(|change| self.hub.publish(change));
        }
        Ok(())
    }

    async fn heed(&self, hint: Hint) -> Result<(), Refusal> {
        match hint {
            Hint::Conversation(place) => self.read(vec![place]).await?,
            Hint::Surveys { site } => {
                self.surveys
                    .reload(self.store.as_ref(), &self.hub, &site)
                    .await?;
            }
            Hint::Asked { visitor, site } => {
                let asked = self.store.surveys_asked(&visitor, &site).await?;
                if let Some(clocks) = clocks::marks(&self.surveys.of(&site), &asked) {
                    let frame = ServerFrame {
                        clocks: Some(clocks),
                        ..ServerFrame::default()
                    };
                    self.hub.tell_visitor(&visitor, &frame);
                }
            }
            Hint::Typing { notice, visitor } => self.hub.typing(notice, &visitor, 0),
            Hint::Consoles {} => self.hub.processes_stir.notify_one(),
            Hint::SignedOut { token } => self.hub.sign_out(&token),
        }
        Ok(())
    }

    /// What was missed is in the database: whoever resumes from a cursor gets it.
    fn begin_anew(&self) {
        self.hub.end_all(Ending::BEHIND);
    }
}
