//! Who is there at other processes on the same database, and who is there at this one, for them.

use crate::hub::Hub;
use crate::outbound::Ending;
use crate::store::Store;
use std::sync::Arc;
use std::time::Duration;
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
