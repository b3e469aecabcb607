//! The schema's versions, by `PRAGMA user_version`. A step is never changed once it has been
//! released; a database of a newer desk is left alone.

use rusqlite::{Connection, TransactionBehavior};

/// Step `n` leads from version `n` to `n + 1`.
const STEPS: &[&str] = &[
    include_str!("schema/1-conversations.sql"),
    include_str!("schema/2-queue-and-bots.sql"),
    include_str!("schema/3-contacts.sql"),
    include_str!("schema/4-uploads.sql"),
    include_str!("schema/5-surveys.sql"),
    include_str!("schema/6-teams.sql"),
    include_str!("schema/7-files-of-agents.sql"),
    include_str!("schema/8-survey-clocks.sql"),
    include_str!("schema/9-processes.sql"),
    include_str!("schema/10-tickets.sql"),
    include_str!("schema/11-order-of-moves.sql"),
    include_str!("schema/12-indexes.sql"),
];

/// Why a database cannot be used.
#[derive(Debug)]
pub enum SchemaError {
    /// A newer desk has written it.
    Newer {
        /// Its version.
        found: usize,
        /// The newest that this desk knows.
        known: usize,
    },
    /// SQLite refuses.
    Sqlite(rusqlite::Error),
}

impl std::fmt::Display for SchemaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Newer { found, known } => write!(
                f,
                "its schema has version {found}, and this desk knows none after {known}; it was left as it is"
            ),
            Self::Sqlite(error) => f.write_str(&super::in_words(error)),
        }
    }
}

impl std::error::Error for SchemaError {}

impl From<rusqlite::Error> for SchemaError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Brings a database to the newest version, all steps in one transaction.
pub fn migrate(db: &mut Connection) -> Result<(), SchemaError> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: usize = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > STEPS.len() {
        return Err(SchemaError::Newer {
            found,
            known: STEPS.len(),
        });
    }
    for step in &STEPS[found..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", STEPS.len())?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_database_reaches_the_newest_version_and_stays_there() {
        let mut db = Connection::open_in_memory().unwrap();
        migrate(&mut db).unwrap();
        migrate(&mut db).unwrap();
        let version: usize = db
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .unwrap();
        assert_eq!(version, STEPS.len());
    }

    #[test]
    fn a_database_of_a_newer_desk_is_left_alone() {
        let mut db = Connection::open_in_memory().unwrap();
        db.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(
            migrate(&mut db),
            Err(SchemaError::Newer { found: 99, .. })
        ));
    }
}
