//! The one thread that writes. Commands queue; what has queued while the last transaction was
//! being synced goes into the next one together (group commit). Each command runs in a savepoint,
//! so that one that is refused takes nothing of the others with it; each is answered only after
//! the commit.

use super::ledger::SqliteLedger;
use crate::conversation::ledger::Change;
use crate::limits::COMMANDS_WAITING_MAX;
use crate::refusal::Refusal;
use rusqlite::{Connection, TransactionBehavior};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// A command in the queue, whatever its answer.
trait Job: Send {
    /// Does its work; `false` undoes it.
    fn run(&mut self, ledger: &mut SqliteLedger<'_>) -> bool;
    /// Answers: with what `run` came to, or that nothing was committed.
    fn settle(self: Box<Self>, committed: bool);
}

struct Work<T, F> {
    work: Option<F>,
    outcome: Result<T, Refusal>,
    answer: oneshot::Sender<Result<T, Refusal>>,
}

impl<T, F> Job for Work<T, F>
where
    T: Send,
    F: FnOnce(&mut SqliteLedger<'_>) -> Result<T, Refusal> + Send,
{
    fn run(&mut self, ledger: &mut SqliteLedger<'_>) -> bool {
        if let Some(work) = self.work.take() {
            self.outcome = work(ledger);
        }
        self.outcome.is_ok()
    }

    fn settle(self: Box<Self>, committed: bool) {
        let outcome = match self.outcome {
            Ok(_) if !committed => Err(Refusal::unavailable()),
            outcome => outcome,
        };
        // A caller that is gone has no use for the answer; the command is committed all the same.
        let _ = self.answer.send(outcome);
    }
}

/// The way to the thread. When the last one is dropped, the thread finishes its queue and ends.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Box<dyn Job>>,
}

impl Writer {
    /// Starts the thread on a connection of its own.
    pub fn start(
        db: Connection,
        batch_commands_max: usize,
        changes: mpsc::Sender<Vec<Change>>,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (queue, waiting) = mpsc::channel(COMMANDS_WAITING_MAX);
        let thread = std::thread::Builder::new()
            .name("desk-writer".to_owned())
            .spawn(move || write_batches(db, waiting, batch_commands_max, &changes))?;
        Ok((Self { queue }, thread))
    }

    /// Queues work and waits until it is committed.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteLedger<'_>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (answer, answered) = oneshot::channel();
        let job = Work {
            work: Some(work),
            outcome: Err(Refusal::unavailable()),
            answer,
        };
        let queued = self.queue.send(Box::new(job)).await;
        queued.map_err(|_| Refusal::unavailable())?;
        answered
            .await
            .unwrap_or_else(|_| Err(Refusal::unavailable()))
    }
}

fn write_batches(
    mut db: Connection,
    mut waiting: mpsc::Receiver<Box<dyn Job>>,
    batch_commands_max: usize,
    changes: &mpsc::Sender<Vec<Change>>,
) {
    let mut batch = Vec::with_capacity(batch_commands_max);
    while waiting.blocking_recv_many(&mut batch, batch_commands_max) > 0 {
        let committed = match write_batch(&mut db, &mut batch) {
            Ok(told) => {
                if !told.is_empty() {
                    // Nobody listens any more only while the desk stops.
                    let _ = changes.blocking_send(told);
                }
                true
            }
            Err(error) => {
                tracing::error!(%error, commands = batch.len(), "a batch was not committed");
                false
            }
        };
        for job in batch.drain(..) {
            job.settle(committed);
        }
    }
    if let Err(error) = db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
        tracing::warn!(%error, "the write-ahead log was not folded back; the next start reads it");
    }
}

fn write_batch(db: &mut Connection, batch: &mut [Box<dyn Job>]) -> rusqlite::Result<Vec<Change>> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut ledger = SqliteLedger {
        db: &transaction,
        changes: Vec::new(),
    };
    for job in batch {
        let told = ledger.changes.len();
        ledger.db.prepare_cached("SAVEPOINT command")?.execute([])?;
        if !job.run(&mut ledger) {
            ledger.changes.truncate(told);
            ledger
                .db
                .prepare_cached("ROLLBACK TO command")?
                .execute([])?;
        }
        ledger.db.prepare_cached("RELEASE command")?.execute([])?;
    }
    let changes = ledger.changes;
    transaction.commit()?;
    Ok(changes)
}
