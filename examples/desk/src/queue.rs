//! Tells visitors who wait for an agent how many wait before them, and how long that takes.

use crate::hub::Hub;
use crate::store::{Store, Waiting};
use crate::wait::Waits;
use deskside::protocol::ServerFrame;
use deskside::protocol::reply::QueueNotice;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::time::timeout;

/// The queues of all sites.
#[derive(Default)]
pub struct Queues {
    /// Sites whose queue may have moved.
    stale: Mutex<BTreeSet<String>>,
    stirs: Notify,
    /// What was told last: each conversation's place and whose it is, by site.
    told: Mutex<HashMap<String, HashMap<String, Place>>>,
    /// How long others waited, by site.
    waits: Mutex<HashMap<String, Waits>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    visitor: String,
    position: u32,
    /// Between how many milliseconds it will still wait, where that can be said.
    left_ms: Option<(u32, u32)>,
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

    /// Somebody has taken one that had waited so long.
    pub fn accepted(&self, site: &str, waited_ms: u64, now: Instant) {
        let mut waits = self.waits.lock().unwrap_or_else(|e| e.into_inner());
        match waits.get_mut(site) {
            Some(waits) => waits.add(waited_ms, now),
            None => {
                waits.insert(site.to_owned(), Waits::first(waited_ms, now));
            }
        }
    }

    /// Sites where somebody waits: time alone changes what is to be told.
    fn waiting(&self) -> Vec<String> {
        let told = self.told();
        let waiting = told.iter().filter(|(_, places)| !places.is_empty());
        waiting.map(|(site, _)| site.clone()).collect()
    }

    /// The places of a visitor's conversations, for who has just connected.
    pub fn places_of(&self, site: &str, visitor: &str) -> Vec<QueueNotice> {
        let told = self.told();
        let places = told.get(site).into_iter().flatten();
        places
            .filter(|(_, place)| place.visitor == visitor)
            .map(|(conv, place)| notice(conv, place.position, place.left_ms))
            .collect()
    }

    /// What has to be told now that the queue is this, and to whom.
    fn move_up(
        &self,
        site: &str,
        waiting: Vec<Waiting>,
        somebody_is_there: bool,
    ) -> Vec<(String, QueueNotice)> {
        let waits = self.waits.lock().unwrap_or_else(|e| e.into_inner());
        // Where nobody is there to take them, others' waits say nothing.
        let waits = waits.get(site).copied().filter(|_| somebody_is_there);
        let (wall_ms, clock) = (crate::now_ms(), Instant::now());
        let now: HashMap<String, Place> = waiting
            .into_iter()
            .zip(1..)
            .map(|(one, position)| {
                let waited_ms = wall_ms.saturating_sub(one.since);
                let place = Place {
                    visitor: one.visitor,
                    position,
                    left_ms: waits.and_then(|waits| waits.left_ms(waited_ms, clock)),
                };
                (one.conv, place)
            })
            .collect();
        let mut told = self.told();
        let before = told.entry(site.to_owned()).or_default();
        let moved = now
            .iter()
            .filter(|(conv, place)| before.get(*conv) != Some(place))
            .map(|(conv, place)| {
                let notice = notice(conv, place.position, place.left_ms);
                (place.visitor.clone(), notice)
            });
        let gone = before
            .iter()
            .filter(|(conv, _)| !now.contains_key(*conv))
            .map(|(conv, place)| (place.visitor.clone(), notice(conv, 0, None)));
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
    const LOOK_AGAIN: Duration = Duration::from_secs(30);
    loop {
        if timeout(LOOK_AGAIN, hub.queues.stirs.notified())
            .await
            .is_err()
        {
            let waiting = hub.queues.waiting();
            waiting.iter().for_each(|site| hub.queues.stir(site));
        }
        while let Some(site) = hub.queues.take_stale() {
            match store.queue(&site).await {
                Ok(waiting) => {
                    let somebody_is_there = hub.availability().agents_online > 0;
                    for (visitor, notice) in hub.queues.move_up(&site, waiting, somebody_is_there) {
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

fn notice(conv: &str, position: u32, left_ms: Option<(u32, u32)>) -> QueueNotice {
    QueueNotice {
        conv: conv.to_owned(),
        position,
        wait_ms_min: left_ms.map(|(min, _)| min),
        wait_ms_max: left_ms.map(|(_, max)| max),
    }
}
