//! Who is there at other processes on the same database, and who is there and types at this one, for them.

use crate::Desk;
use crate::hub::Hub;
use crate::news::Hint;
use crate::outbound::Ending;
use crate::store::Store;
use deskside::protocol::reply::TypingNotice;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Keeps both up to date. Others say what they know; one that was killed says nothing and is looked for.
pub async fn keep(hub: Arc<Hub>, store: Arc<dyn Store>) {
    const LOOK_AGAIN: Duration = Duration::from_secs(1);
    let mut told = Vec::new();
    loop {
        match store.rejoin().await {
            Ok(false) => {}
            Ok(true) => {
                told.clear();
                // What they did meanwhile is in the database.
                hub.end_all(Ending::BEHIND);
            }
            Err(refusal) => tracing::warn!(?refusal, "this process may be forgotten"),
        }
        let here = hub.consoles_here();
        if here != told {
            match store.tell_consoles(here.clone()).await {
                Ok(()) => told = here,
                Err(refusal) => tracing::warn!(?refusal, "consoles were not told of"),
            }
        }
        match store.consoles_elsewhere().await {
            Ok(consoles) => hub.set_elsewhere(consoles),
            Err(refusal) => tracing::warn!(?refusal, "other processes were not read"),
        }
        let _ = timeout(LOOK_AGAIN, hub.processes_stir.notified()).await;
    }
}

/// Tells that somebody types: here at once, and elsewhere if there is time for it.
pub fn tell_typing(desk: &Desk, notice: TypingNotice, visitor: &str, origin: u64) {
    let hint = Hint::Typing {
        notice: notice.clone(),
        visitor: visitor.to_owned(),
    };
    desk.hub.typing(notice, visitor, origin);
    // The next one makes up for one that finds no room.
    let _ = desk.whispers.try_send(hint);
}

/// Passes on what no commit tells, one after the other.
pub async fn pass_on(mut whispers: mpsc::Receiver<Hint>, store: Arc<dyn Store>) {
    while let Some(hint) = whispers.recv().await {
        if let Err(refusal) = store.hint(hint).await {
            tracing::debug!(?refusal, "a hint was not passed on");
        }
    }
}
