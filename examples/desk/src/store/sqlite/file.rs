//! The file: who may read it, how its connections are set, and why one could not be had.

use crate::limits::{BUSY_MS_MAX, WAL_BYTES_KEPT_MAX};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why a database could not be opened.
#[derive(Debug)]
pub struct OpenError {
    /// Which.
    pub path: PathBuf,
    /// As SQLite or the system says.
    pub cause: String,
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.path.display();
        write!(f, "the database {path} cannot be used: {}", self.cause)
    }
}

impl std::error::Error for OpenError {}

/// A new file is the owner's alone: it holds what visitors wrote and the secret that signs them in.
pub fn keep_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Why SQLite would not, for who starts a desk.
pub fn in_words(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => "it is no SQLite database".to_owned(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program has locked it; try again when that has finished".to_owned()
        }
        Some(ErrorCode::ReadOnly) => "this user may not write to it".to_owned(),
        _ => error.to_string(),
    }
}

/// A connection: the one that writes, or one that reads.
pub fn connect(path: &Path, writes: bool) -> rusqlite::Result<Connection> {
    const STATEMENTS_CACHED: usize = 64;
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if writes {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let mut db = Connection::open_with_flags(path, flags)?;
    db.busy_handler(Some(look_again))?;
    db.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    if writes {
        db.pragma_update(None, "journal_mode", "WAL")?;
        // The log is synced before a commit returns: a power cut takes nothing that was answered.
        db.pragma_update(None, "synchronous", "FULL")?;
        // What was taken back is not left in the file either.
        db.pragma_update(None, "secure_delete", true)?;
        db.pragma_update(None, "foreign_keys", true)?;
        // A long reading lets the log grow; it shrinks again after it.
        db.pragma_update(None, "journal_size_limit", WAL_BYTES_KEPT_MAX)?;
    } else {
        db.pragma_update(None, "query_only", true)?;
    }
    Ok(db)
}

/// Another process writes. SQLite's own handler sleeps up to 100 ms, and so misses the moment between two
/// commits of a process that is busy.
fn look_again(looks: i32) -> bool {
    std::thread::sleep(Duration::from_millis(1));
    u64::try_from(looks).unwrap_or_default() < BUSY_MS_MAX
}
