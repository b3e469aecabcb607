//! Tells visitors who wait for an agent how many wait before them.

use crate::hub::Hub;
use crate::store::{Store, Waiting};
use deskside::protocol::ServerFrame;
use deskside::protocol::reply::QueueNotice;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Notify;

/// The queues of all sites.
#[derive(Default)]
pub struct Queues {
    /// Sites whose queue may have moved.
    stale: Mutex<BTreeSet<String>>,
    stirs: Notify,
    /// What was told last: each conversation's place and whose it is, by site.
    told: Mutex<HashMap<String, HashMap<String, Place>>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    visitor: String,
    position: u32,
}

impl Queues {
    /// A conversation of the site changed.
    pub fn stir(&self, site: &str) {
        let mut stale = self.stale.lock().unwrap_or_else(|e| e.into_inner());
        if !stale.contains(site) {
            stale.insert(site.to_owned());
        }
        drop(stale);
        self.stirs.notify_one();
    }

    /// The places of a visitor's conversations, for who has just connected.
    pub fn places_of(&self, site: &str, visitor: &str) -> Vec<QueueNotice> {
        let told = self.told();
        let places = told.get(site).into_iter().flatten();
        places
            .filter(|(_, place)| place.visitor == visitor)
            .map(|(conv, place)| notice(conv, place.position))
            .collect()
    }

    /// What has to be told now that the queue is this, and to whom.
    fn move_up(&self, site: &str, waiting: Vec<Waiting>) -> Vec<(String, QueueNotice)> {
        let now: HashMap<String, Place> = waiting
            .into_iter()
            .zip(1..)
            .map(|(Waiting { conv, visitor }, position)| (conv, Place { visitor, position }))
            .collect();
        let mut told = self.told();
        let before = told.entry(site.to_owned()).or_default();
        let moved = now
            .iter()
            .filter(|(conv, place)| before.get(*conv) != Some(place))
            .map(|(conv, place)| (place.visitor.clone(), notice(conv, place.position)));
        let gone = before
            .iter()
            .filter(|(conv, _)| !now.contains_key(*conv))
            .map(|(conv, place)| (place.visitor.clone(), notice(conv, 0)));
        let notices = moved.chain(gone).collect();
        *before = now;
        notices
    }

    fn take_stale(&self) -> Option<String> {
        let mut stale = self.stale.lock().unwrap_or_else(|e| e.into_inner());
        stale.pop_first()
    }

    fn told(&self) -> MutexGuard<'_, HashMap<String, HashMap<String, Place>>> {
        self.told.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// Keeps everybody's place up to date. A queue is read once for all that happened to it meanwhile.
pub async fn keep(hub: Arc<Hub>, store: Arc<dyn Store>) {
    const PAUSE: Duration = Duration::from_millis(50);
    loop {
        hub.queues.stirs.notified().await;
        while let Some(site) = hub.queues.take_stale() {
            match store.queue(&site).await {
                Ok(waiting) => {
                    for (visitor, notice) in hub.queues.move_up(&site, waiting) {
                        let frame = ServerFrame {
                            queue: Some(notice),
                            ..ServerFrame::default()
                        };
                        hub.tell_visitor(&visitor, &frame);
                    }
                }
                Err(refusal) => tracing::warn!(?refusal, site, "a queue was not read"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

fn notice(conv: &str, position: u32) -> QueueNotice {
    QueueNotice {
        conv: conv.to_owned(),
        position,
        wait_ms_min: None,
        wait_ms_max: None,
    }
}
