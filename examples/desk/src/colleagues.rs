//! Who else answers, and who of them is there: to whom a conversation may be given.

use crate::config::Config;
use crate::hub::Hub;
use crate::refusal::Refusal;
use crate::store::Store;
use deskside::protocol::agent::{AgentServerFrame, Colleague};
use std::sync::Arc;
use std::time::Duration;

/// Everybody who has an account here, by name.
pub async fn list(
    store: &dyn Store,
    hub: &Hub,
    config: &Config,
) -> Result<Vec<Colleague>, Refusal> {
    let agents = store.agents().await?;
    let online = hub.agents_online();
    let admitted = agents.into_iter().filter(|(email, _)| config.admits(email));
    Ok(admitted
        .map(|(_, agent)| Colleague {
            online: online.contains(&agent.id),
            agent,
        })
        .collect())
}

/// Tells the consoles who comes and goes.
pub async fn keep(hub: Arc<Hub>, store: Arc<dyn Store>, config: Config) {
    /// A console that is loaded anew is gone for a moment only.
    const PAUSE: Duration = Duration::from_millis(500);
    let mut told = Vec::new();
    loop {
        hub.colleagues_stir.notified().await;
        tokio::time::sleep(PAUSE).await;
        match list(store.as_ref(), &hub, &config).await {
            Ok(now) if now == told => {}
            Ok(now) => {
                told.clone_from(&now);
                hub.tell_agents(&AgentServerFrame {
                    colleagues: Some(now),
                    ..AgentServerFrame::default()
                });
            }
            Err(refusal) => tracing::warn!(?refusal, "the colleagues were not read"),
        }
    }
}
