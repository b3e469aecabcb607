//! One of the processes on the file: known to live by the lock of a file that the system frees with it, and told
//! when others commit.

use super::writer::Order;
use crate::limits::LISTEN_MS;
use rusqlite::Connection;
use std::fs::{DirBuilder, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::mpsc::WeakSender;

/// Dropping it leaves.
pub struct Membership {
    path: PathBuf,
    /// Locked.
    _life: File,
    stop: Option<Sender<()>>,
    listener: Option<JoinHandle<()>>,
}

impl Membership {
    /// Makes the file of this process and locks it.
    pub fn begin(database: &Path, process: &str) -> io::Result<Self> {
        let path = life(database, process);
        if let Some(folder) = path.parent() {
            let mut builder = DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(folder)?;
        }
        let life = File::create_new(&path)?;
        life.lock()?;
        Ok(Self {
            path,
            _life: life,
            stop: None,
            listener: None,
        })
    }

    /// From now on the writer hears when others have committed.
    pub fn listen(&mut self, db: Connection, orders: WeakSender<Order>) -> io::Result<()> {
        let (stop, stopped) = channel();
        let listener = std::thread::Builder::new()
            .name("desk-listener".to_owned())
            .spawn(move || listen(&db, &stopped, &orders))?;
        self.stop = Some(stop);
        self.listener = Some(listener);
        Ok(())
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Whether that process has ended without a word. Its file goes with the answer.
pub fn is_dead(database: &Path, process: &str) -> bool {
    let path = life(database, process);
    let locked = match File::open(&path) {
        Ok(file) => file.try_lock(),
        Err(error) => return error.kind() == ErrorKind::NotFound,
    };
    match locked {
        Ok(()) => {
            let _ = std::fs::remove_file(path);
            true
        }
        Err(TryLockError::WouldBlock) => false,
        Err(TryLockError::Error(error)) => {
            tracing::warn!(%error, process, "nobody can tell whether a process lives");
            false
        }
    }
}

/// Whether others can see that it lives.
pub fn is_shown(database: &Path, process: &str) -> bool {
    life(database, process).exists()
}

/// Beside the database, as `desk.db.processes`.
fn life(database: &Path, process: &str) -> PathBuf {
    let mut folder = database.as_os_str().to_owned();
    folder.push(".processes");
    PathBuf::from(folder).join(process)
}

fn listen(db: &Connection, stopped: &Receiver<()>, orders: &WeakSender<Order>) {
    let interval = Duration::from_millis(LISTEN_MS);
    let mut seen = None;
    while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(interval) {
        // It changes with every commit of another connection, and costs a look at shared memory.
        let now = db.pragma_query_value(None, "data_version", |row| row.get::<_, i64>(0));
        let now = now
            .inspect_err(|error| tracing::warn!(%error, "the listener is deaf"))
            .ok();
        if now.is_some() && now == seen {
            continue;
        }
        seen = now;
        match orders.upgrade() {
            // Where the queue is full the writer is at work, and reads what others did before each batch.
            Some(orders) => drop(orders.try_send(Order::Listen)),
            None => return,
        }
    }
}
