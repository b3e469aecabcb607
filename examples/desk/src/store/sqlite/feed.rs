//! What other processes have committed: each reads what is after its cursor before it writes, so that what it
//! tells its sessions is in the order of the commits.

use crate::limits::NEWS_KEPT_MAX;
use crate::news::{Hint, News};
use rusqlite::{Connection, Result, params};
use std::time::{Duration, Instant};

/// This process among those on the file.
pub struct Feed {
    /// Its name.
    pub process: String,
    /// The last entry that was read or written; none while this process has no sessions.
    pub cursor: Option<i64>,
    /// When another process was last seen to write.
    pub heard_at: Option<Instant>,
}

/// Where a process that has just come begins.
pub fn newest(db: &Connection) -> Result<i64> {
    let mut newest = db.prepare_cached("SELECT coalesce(max(num), 0) FROM news")?;
    newest.query_row([], |row| row.get(0))
}

impl Feed {
    /// What others have committed since, and where that leads.
    pub fn read(&self, db: &Connection) -> Result<(Vec<News>, Option<i64>)> {
        let Some(mut cursor) = self.cursor else {
            return Ok((Vec::new(), None));
        };
        let mut news = Vec::new();
        let mut after =
            db.prepare_cached("SELECT num, process, hint FROM news WHERE num > ?1 ORDER BY num")?;
        let mut rows = after.query([cursor])?;
        while let Some(row) = rows.next()? {
            let num: i64 = row.get(0)?;
            if num > cursor + 1 {
                return Ok((vec![News::Missed], Some(newest(db)?)));
            }
            cursor = num;
            if row.get_ref(1)?.as_str()? == self.process {
                continue;
            }
            match serde_json::from_str(row.get_ref(2)?.as_str()?) {
                Ok(hint) => news.push(News::Elsewhere(hint)),
                Err(error) => tracing::debug!(%error, "a hint of a newer desk"),
            }
        }
        Ok((news, Some(cursor)))
    }

    /// That was read, and what was written is committed.
    pub fn go_on(&mut self, heard: &[News], cursor: Option<i64>) {
        self.cursor = cursor;
        if !heard.is_empty() {
            self.heard_at = Some(Instant::now());
        }
    }

    /// Whether another process is writing these days.
    pub fn others_write(&self) -> bool {
        const THESE_DAYS: Duration = Duration::from_secs(1);
        self.heard_at.is_some_and(|at| at.elapsed() < THESE_DAYS)
    }

    /// Tells others, if there are any; gives the last entry.
    pub fn write(&self, db: &Connection, hints: &[Hint]) -> Result<Option<i64>> {
        if hints.is_empty() || !self.has_others(db)? {
            return Ok(None);
        }
        let mut insert = db.prepare_cached("INSERT INTO news (process, hint) VALUES (?1, ?2)")?;
        for hint in hints {
            insert.execute(params![
                self.process,
                serde_json::to_string(hint).unwrap_or_default()
            ])?;
        }
        let last = db.last_insert_rowid();
        db.prepare_cached("DELETE FROM news WHERE num <= ?1")?
            .execute([last - NEWS_KEPT_MAX])?;
        Ok(Some(last))
    }

    /// Whether other processes have sessions on this file.
    pub fn has_others(&self, db: &Connection) -> Result<bool> {
        let mut others = db.prepare_cached("SELECT 1 FROM processes WHERE id <> ?1")?;
        others.exists([&self.process])
    }
}
