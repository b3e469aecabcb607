//! The one thread that writes. Commands queue; what has queued while the last transaction was
//! being synced goes into the next one together (group commit). Each command runs in a savepoint,
//! so that one that is refused takes nothing of the others with it; each is answered only after
//! the commit. What other processes have committed is read before it, and told before it.

use super::feed::Feed;
use super::ledger::SqliteLedger;
use crate::limits::{COMMANDS_WAITING_MAX, TURN_MS};
use crate::news::{Hint, News};
use crate::refusal::Refusal;
use rusqlite::{Connection, TransactionBehavior};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// What the thread is asked to do.
pub enum Order {
    /// To carry a command out.
    Command(Box<dyn Job>),
    /// To read what others have committed.
    Listen,
}

/// A command in the queue, whatever its answer.
pub trait Job: Send {
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
    queue: mpsc::Sender<Order>,
}

impl Writer {
    /// Starts the thread on a connection of its own.
    pub fn start(
        db: Connection,
        feed: Feed,
        batch_commands_max: usize,
        news: mpsc::Sender<Vec<News>>,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (queue, waiting) = mpsc::channel(COMMANDS_WAITING_MAX);
        let thread = std::thread::Builder::new()
            .name("desk-writer".to_owned())
            .spawn(move || write_batches(db, feed, waiting, batch_commands_max, &news))?;
        Ok((Self { queue }, thread))
    }

    /// A way to it that does not keep it from ending.
    pub fn orders(&self) -> mpsc::WeakSender<Order> {
        self.queue.downgrade()
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
        let queued = self.queue.send(Order::Command(Box::new(job))).await;
        queued.map_err(|_| Refusal::unavailable())?;
        answered
            .await
            .unwrap_or_else(|_| Err(Refusal::unavailable()))
    }
}

fn write_batches(
    mut db: Connection,
    mut feed: Feed,
    mut waiting: mpsc::Receiver<Order>,
    batch_commands_max: usize,
    news: &mpsc::Sender<Vec<News>>,
) {
    let mut orders = Vec::with_capacity(batch_commands_max);
    while waiting.blocking_recv_many(&mut orders, batch_commands_max) > 0 {
        let mut batch: Vec<_> = orders.drain(..).filter_map(Order::command).collect();
        let told = match batch.is_empty() {
            true => listen(&db, &mut feed),
            false => write_batch(&mut db, &mut feed, &mut batch),
        };
        let committed = match told {
            Ok(told) => {
                if !told.is_empty() {
                    // Nobody listens any more only while the desk stops.
                    let _ = news.blocking_send(told);
                }
                true
            }
            Err(error) => {
                tracing::error!(%error, commands = batch.len(), "a batch was not committed");
                false
            }
        };
        for job in batch {
            job.settle(committed);
        }
        if feed.others_write() && !waiting.is_empty() {
            // The lock is nobody's turn: whoever waits for it looks at it now and then.
            std::thread::sleep(Duration::from_millis(TURN_MS));
        }
    }
    // To shorten the log takes the lock and waits for every reader: while others are at work they do it.
    let fold = match feed.has_others(&db) {
        Ok(false) => "PRAGMA wal_checkpoint(TRUNCATE)",
        _ => "PRAGMA wal_checkpoint(PASSIVE)",
    };
    if let Err(error) = db.execute_batch(fold) {
        tracing::warn!(%error, "the write-ahead log was not folded back; the next start reads it");
    }
}

impl Order {
    fn command(self) -> Option<Box<dyn Job>> {
        match self {
            Self::Command(job) => Some(job),
            Self::Listen => None,
        }
    }
}

fn listen(db: &Connection, feed: &mut Feed) -> rusqlite::Result<Vec<News>> {
    let (told, cursor) = feed.read(db)?;
    feed.go_on(&told, cursor);
    Ok(told)
}

fn write_batch(
    db: &mut Connection,
    feed: &mut Feed,
    batch: &mut [Box<dyn Job>],
) -> rusqlite::Result<Vec<News>> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (mut told, cursor) = feed.read(&transaction)?;
    let mut ledger = SqliteLedger {
        db: &transaction,
        changes: Vec::new(),
        hints: Vec::new(),
        cursor,
    };
    for job in batch {
        let before = (ledger.changes.len(), ledger.hints.len());
        ledger.db.prepare_cached("SAVEPOINT command")?.execute([])?;
        // A broken rule of our own ends its command, and not the desk.
        let ran = catch_unwind(AssertUnwindSafe(|| job.run(&mut ledger)));
        if !ran.unwrap_or(false) {
            ledger.changes.truncate(before.0);
            ledger.hints.truncate(before.1);
            ledger
                .db
                .prepare_cached("ROLLBACK TO command")?
                .execute([])?;
        }
        ledger.db.prepare_cached("RELEASE command")?.execute([])?;
    }
    let SqliteLedger {
        changes,
        mut hints,
        mut cursor,
        ..
    } = ledger;
    hints.splice(0..0, changes.iter().map(Hint::of));
    if let Some(last) = feed.write(&transaction, &hints)? {
        cursor = cursor.and(Some(last));
    }
    transaction.commit()?;
    feed.go_on(&told, cursor);
    told.extend(changes.into_iter().map(News::Here));
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_command_that_panics_is_undone_alone_and_the_next_ones_go_on() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(
            "CREATE TABLE said (what TEXT); CREATE TABLE processes (id TEXT); CREATE TABLE news (num INTEGER PRIMARY KEY);",
        )
        .unwrap();
        let feed = Feed {
            process: String::new(),
            cursor: None,
            heard_at: None,
        };
        let (news, _heard) = mpsc::channel(1);
        let (writer, thread) = Writer::start(db, feed, 8, news).unwrap();
        let say = |what: &'static str| {
            writer.write(move |ledger| {
                ledger.run("INSERT INTO said VALUES (?1)", [what])?;
                assert_ne!(what, "nonsense");
                Ok(())
            })
        };
        let (one, nonsense, two) = tokio::join!(say("one"), say("nonsense"), say("two"));
        assert_eq!((one, two), (Ok(()), Ok(())));
        assert!(nonsense.unwrap_err().temporary);
        let said = writer
            .write(|ledger| ledger.all("SELECT what FROM said", [], |row| row.get::<_, String>(0)));
        assert_eq!(said.await.unwrap(), ["one", "two"].map(String::from));
        drop(writer);
        thread.join().unwrap();
    }
}
