//! Bugs on purpose: those of the engine (feature `planted`), of the desk and of the store. A simulation
//! that does not catch them proves nothing.

use crate::run::Run;

/// A bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    #[cfg(feature = "planted")]
    Engine(deskside::planted::Bug),
    /// The desk answers before it has committed.
    AnswersBeforeCommit,
    /// The desk forgets in a restart what it has carried out.
    IdsLostInRestart,
    /// The journal's numbers come from a tab's memory.
    LocalSeqFromTab,
    /// The journal is written as if it could be fetched again.
    JournalRelaxed,
    /// The store commits what a leader of the past writes.
    StaleGenerationCommitted,
    /// Whoever signs in finds the store of who was there before.
    StoreSharedByUsers,
}

impl Bug {
    /// Every bug, those of the reference's list first.
    #[cfg(feature = "planted")]
    pub fn all() -> Vec<Self> {
        use deskside::planted::Bug as InEngine;
        let mut all = vec![
            Self::AnswersBeforeCommit,
            Self::IdsLostInRestart,
            Self::LocalSeqFromTab,
            Self::JournalRelaxed,
            Self::StaleGenerationCommitted,
            Self::StoreSharedByUsers,
        ];
        all.extend(InEngine::ALL.iter().map(|bug| Self::Engine(*bug)));
        all
    }
}

impl Run {
    /// Plants a bug, or none.
    pub fn plant(&mut self, bug: Option<Bug>) {
        #[cfg(feature = "planted")]
        deskside::planted::plant(match bug {
            Some(Bug::Engine(bug)) => Some(bug),
            _ => None,
        });
        self.desk.forgets_ids = bug == Some(Bug::IdsLostInRestart);
        self.desk.commit_lag_ms = if bug == Some(Bug::AnswersBeforeCommit) {
            1_000
        } else {
            0
        };
        for device in &mut self.devices {
            device.bug = bug;
        }
    }
}
