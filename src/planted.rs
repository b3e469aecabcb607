//! Bugs on purpose: the simulation must catch each of them (`npm run sim -- --mutations`), or its
//! silence would mean nothing. Without the feature `planted` no build has them.

/// A bug in the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is told by its name")]
pub enum Bug {
    CursorSavedBeforeEvents,
    QueuedBeforeCommit,
    HeadSkipped,
    AnyAnswerTakenAsSuccess,
    DuplicateTakenAsFailure,
    DeletedBeforeSent,
    NewIdOnRetry,
    AppliedWithoutCursorCheck,
    ResumeTakenAsRecovered,
    OtherVisitorsQueueSent,
    EarlyPushDropped,
    OlderAnswerTaken,
    PushTakenAsLife,
    RefusedMarksForgotten,
    DiscardForgotten,
    DraftNotStored,
    StaleCommitTakenAsDone,
    LedWithoutReading,
    AnswerNotQueued,
    MessageBeforeFile,
    UploadWaitedForForever,
    TokenWantedOnce,
    PushesAckedUnread,
    AckKeptForNextSession,
    SaidAnewAtRandom,
    RefusalUntold,
    RefusedDropped,
    RefusedEndDropped,
    RefusedAnswerDropped,
    AnswersLost,
    TicketNumberForgotten,
}

#[cfg(feature = "planted")]
impl Bug {
    /// Every one.
    pub const ALL: [Self; 31] = [
        Self::CursorSavedBeforeEvents,
        Self::QueuedBeforeCommit,
        Self::HeadSkipped,
        Self::AnyAnswerTakenAsSuccess,
        Self::DuplicateTakenAsFailure,
        Self::DeletedBeforeSent,
        Self::NewIdOnRetry,
        Self::AppliedWithoutCursorCheck,
        Self::ResumeTakenAsRecovered,
        Self::OtherVisitorsQueueSent,
        Self::EarlyPushDropped,
        Self::OlderAnswerTaken,
        Self::PushTakenAsLife,
        Self::RefusedMarksForgotten,
        Self::DiscardForgotten,
        Self::DraftNotStored,
        Self::StaleCommitTakenAsDone,
        Self::LedWithoutReading,
        Self::AnswerNotQueued,
        Self::MessageBeforeFile,
        Self::UploadWaitedForForever,
        Self::TokenWantedOnce,
        Self::PushesAckedUnread,
        Self::AckKeptForNextSession,
        Self::SaidAnewAtRandom,
        Self::RefusalUntold,
        Self::RefusedDropped,
        Self::RefusedEndDropped,
        Self::RefusedAnswerDropped,
        Self::AnswersLost,
        Self::TicketNumberForgotten,
    ];
}

#[cfg(feature = "planted")]
mod switch {
    use super::Bug;
    use std::cell::Cell;

    thread_local!(static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) });

    /// From here on, engines of this thread have this bug.
    pub fn plant(bug: Option<Bug>) {
        PLANTED.set(bug);
    }

    pub(crate) fn is(bug: Bug) -> bool {
        PLANTED.get() == Some(bug)
    }
}

#[cfg(feature = "planted")]
pub(crate) use switch::is;
#[cfg(feature = "planted")]
pub use switch::plant;

#[cfg(not(feature = "planted"))]
pub(crate) const fn is(_: Bug) -> bool {
    false
}
