//! Connections that only read. SQLite's WAL gives each query one moment of the database, and no
//! reader waits for the writer.

use super::row::unavailable;
use crate::limits::{READERS, READERS_AT_LONG_MAX};
use crate::refusal::Refusal;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;

/// A few connections, lent one query at a time.
#[derive(Clone)]
pub struct Readers {
    free: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
    long: Arc<Semaphore>,
}

impl Readers {
    /// Opens them.
    pub fn open(connect: impl Fn() -> rusqlite::Result<Connection>) -> rusqlite::Result<Self> {
        let free = (0..READERS)
            .map(|_| connect())
            .collect::<rusqlite::Result<Vec<_>>>()?;
        Ok(Self {
            free: Arc::new(Mutex::new(free)),
            permits: Arc::new(Semaphore::new(READERS)),
            long: Arc::new(Semaphore::new(READERS_AT_LONG_MAX)),
        })
    }

    /// Runs a query away from the threads that serve sockets.
    pub async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let permits = self.permits.clone();
        let permit = permits.acquire_owned().await;
        let permit = permit.map_err(|_| Refusal::unavailable())?;
        let free = self.free.clone();
        let read = tokio::task::spawn_blocking(move || {
            let mut db = take(&free).ok_or_else(Refusal::unavailable)?;
            // However the query ends, its connection comes back.
            let result = catch_unwind(AssertUnwindSafe(|| in_one_moment(&mut db, query)));
            give_back(&free, db);
            drop(permit);
            result.unwrap_or_else(|panic| resume_unwind(panic))
        });
        read.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a query did not end");
            Err(Refusal::unavailable())
        })
    }

    /// Runs a query that may take long, beside which the others go on: whoever pushes what another process has
    /// written reads it first, and the writer waits for that.
    pub async fn read_long<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = self.long.clone().acquire_owned().await;
        let turn = turn.map_err(|_| Refusal::unavailable())?;
        self.read(move |db| {
            let result = query(db);
            drop(turn);
            result
        })
        .await
    }
}

fn in_one_moment<T>(
    db: &mut Connection,
    query: impl FnOnce(&Connection) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let moment = db.transaction().map_err(unavailable)?;
    let result = query(&moment);
    moment.finish().map_err(unavailable)?;
    result
}

fn take(free: &Mutex<Vec<Connection>>) -> Option<Connection> {
    free.lock().unwrap_or_else(|e| e.into_inner()).pop()
}

fn give_back(free: &Mutex<Vec<Connection>>, db: Connection) {
    free.lock().unwrap_or_else(|e| e.into_inner()).push(db);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn queries_that_panic_take_no_connection_with_them() {
        let readers = Readers::open(Connection::open_in_memory).unwrap();
        for _ in 0..2 * READERS {
            let nonsense = readers.read::<()>(|_| panic!("nonsense"));
            assert!(nonsense.await.is_err());
        }
        let one = readers.read(|db| {
            let one = db.query_row("SELECT 1", [], |row| row.get(0));
            one.map_err(unavailable)
        });
        assert_eq!(one.await, Ok(1));
    }

    #[tokio::test]
    async fn however_many_long_queries_there_are_others_go_on_beside_them() {
        let readers = Readers::open(Connection::open_in_memory).unwrap();
        let (end, ends) = std::sync::mpsc::channel::<()>();
        let ends = Arc::new(Mutex::new(ends));
        let long: Vec<_> = (0..2 * READERS)
            .map(|_| {
                let (readers, ends) = (readers.clone(), ends.clone());
                tokio::spawn(async move {
                    let wait = move |_: &Connection| {
                        let _ = ends.lock().unwrap_or_else(|e| e.into_inner()).recv();
                        Ok(())
                    };
                    readers.read_long(wait).await
                })
            })
            .collect();
        // All of them have asked by now.
        tokio::task::yield_now().await;
        let patience = std::time::Duration::from_secs(20);
        let other = tokio::time::timeout(patience, readers.read(|_| Ok(1))).await;
        assert_eq!(other, Ok(Ok(1)));
        drop(end);
        for one in long {
            assert_eq!(one.await.unwrap(), Ok(()));
        }
    }
}
