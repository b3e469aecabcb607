//! The desk's database in one SQLite file: WAL, `synchronous=FULL`, one writer with group commit,
//! readers beside it.

mod feed;
mod file;
mod ledger;
mod membership;
mod migrate;
mod read;
mod reader;
mod row;
mod survey;
mod writer;

use super::{
    Account, Answer, Asker, ConsoleOf, KnownFiles, SignedIn, Standing, Store, TokenHash, Waiting,
};
use crate::conversation::ledger::{Change, Kept, Upload};
use crate::conversation::{self, Done, Durable};
use crate::identity::Verified;
use crate::limits::{Limits, UPLOAD_UNFINISHED_MS_MAX, UPLOAD_UNNAMED_MS_MAX};
use crate::news::{Hint, News, Place};
use crate::refusal::Refusal;
use crate::survey::Saved;
use crate::survey::clocks::Asked;
use crate::survey::results::Row;
use deskside::protocol::agent::InboxItem;
use deskside::protocol::command::{History, Sub};
use deskside::protocol::event::Participant;
use deskside::protocol::reply::{HistoryPage, SubState};
use feed::Feed;
pub use file::OpenError;
use file::{connect, in_words, keep_private};
use ledger::SqliteLedger;
use membership::Membership;
use reader::Readers;
use rusqlite::{OptionalExtension, params};
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::mpsc;
use writer::Writer;

/// The store on SQLite.
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
    limits: Limits,
    path: PathBuf,
    /// As others on the file know it.
    process: String,
    /// While it has sessions.
    membership: Mutex<Option<Membership>>,
}

impl SqliteStore {
    /// Opens the file, or makes it, and starts the writer. The thread ends when the store is
    /// dropped and its queue is empty; join it to know that all is on disk.
    pub fn open(
        path: &Path,
        limits: Limits,
        news: mpsc::Sender<Vec<News>>,
    ) -> Result<(Self, JoinHandle<()>), OpenError> {
        let failed = |cause: String| OpenError {
            path: path.to_owned(),
            cause,
        };
        keep_private(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => failed("its folder does not exist".to_owned()),
            _ => failed(error.to_string()),
        })?;
        let mut db = connect(path, true).map_err(|e| failed(in_words(&e)))?;
        migrate::migrate(&mut db).map_err(|e| failed(e.to_string()))?;
        let readers = Readers::open(|| connect(path, false)).map_err(|e| failed(in_words(&e)))?;
        let process = uuid::Uuid::now_v7().to_string();
        let feed = Feed {
            process: process.clone(),
            cursor: None,
            heard_at: None,
        };
        let (writer, thread) = Writer::start(db, feed, limits.batch_commands_max as usize, news)
            .map_err(|e| failed(e.to_string()))?;
        let store = Self {
            writer,
            readers,
            limits,
            path: path.to_owned(),
            process,
            membership: Mutex::new(None),
        };
        Ok((store, thread))
    }
}

impl SqliteStore {
    fn membership(&self) -> std::sync::MutexGuard<'_, Option<Membership>> {
        self.membership
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn drop_membership(&self) {
        let membership = self.membership().take();
        // Its thread looks up from its sleep.
        let _ = tokio::task::spawn_blocking(move || drop(membership)).await;
    }

    async fn forget_dead(&self, processes: Vec<String>) -> Kept<()> {
        let path = self.path.clone();
        self.writer
            .write(move |ledger| {
                for process in processes {
                    // It may have come back meanwhile.
                    if membership::is_dead(&path, &process) {
                        ledger.run("DELETE FROM processes WHERE id = ?1", [process])?;
                    }
                }
                ledger.hints.push(Hint::Consoles {});
                Ok(())
            })
            .await
    }

    async fn forget_process(&self, process: String) -> Kept<()> {
        self.writer
            .write(move |ledger| {
                ledger.run("DELETE FROM processes WHERE id = ?1", [process])?;
                ledger.hints.push(Hint::Consoles {});
                Ok(())
            })
            .await
    }
}

fn no_member(error: &std::io::Error) -> Refusal {
    tracing::error!(%error, "the folder of the processes beside the database cannot be used");
    Refusal::unavailable()
}

/// Adds a contact, or brings up to date what the site says of them.
fn contact(ledger: &SqliteLedger<'_>, whom: &Verified, now: u64) -> Kept<String> {
    let fresh = uuid::Uuid::now_v7().to_string();
    let id = ledger.one(
        "INSERT INTO contacts (id, site, subject, name, email, seen_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (site, subject) DO UPDATE SET name = excluded.name, email = excluded.email
         RETURNING id",
        params![fresh, whom.site, whom.subject, whom.name, whom.email, now],
        |row| row.get(0),
    )?;
    Ok(id.unwrap_or(fresh))
}

impl Store for SqliteStore {
    fn commit(&self, command: Durable) -> Answer<'_, Done> {
        let limits = self.limits;
        Box::pin(self.writer.write(move |ledger| {
            conversation::carry_out(ledger, command, &limits, crate::now_ms())
        }))
    }

    fn check(&self) -> Answer<'_, ()> {
        Box::pin(self.writer.write(|_| Ok(())))
    }

    fn resume(&self, visitor: &str, site: &str, subs: Vec<Sub>) -> Answer<'_, Vec<SubState>> {
        let (visitor, site) = (visitor.to_owned(), site.to_owned());
        Box::pin(
            self.readers
                .read(move |db| read::resume(db, &visitor, &site, &subs)),
        )
    }

    fn standing(&self, conv: &str, sub: Option<Sub>, asker: Asker) -> Answer<'_, Standing> {
        let conv = conv.to_owned();
        Box::pin(
            self.readers
                .read(move |db| read::standing(db, &conv, sub.as_ref(), &asker)),
        )
    }

    fn owns(&self, conv: &str, asker: Asker) -> Answer<'_, bool> {
        let conv = conv.to_owned();
        Box::pin(self.readers.read(move |db| read::owns(db, &conv, &asker)))
    }

    fn history(&self, ask: History, asker: Asker) -> Answer<'_, HistoryPage> {
        Box::pin(self.readers.read(move |db| read::history(db, &ask, &asker)))
    }

    fn inbox(&self) -> Answer<'_, Vec<InboxItem>> {
        Box::pin(self.readers.read(read::inbox))
    }

    fn inbox_items(&self, convs: Vec<String>) -> Answer<'_, Vec<InboxItem>> {
        Box::pin(self.readers.read(move |db| read::inbox_items(db, &convs)))
    }

    fn surveys(&self) -> Answer<'_, Vec<Saved>> {
        Box::pin(self.readers.read(survey::all))
    }

    fn save_survey(&self, saved: Saved) -> Answer<'_, ()> {
        Box::pin(
            self.writer
                .write(move |ledger| survey::save(ledger, &saved)),
        )
    }

    fn survey_rows(&self, site: &str, id: &str, shown: Range<u64>) -> Answer<'_, Vec<Row>> {
        let (site, id) = (site.to_owned(), id.to_owned());
        Box::pin(
            self.readers
                .read_long(move |db| survey::rows(db, &site, &id, shown)),
        )
    }

    fn surveys_asked(&self, visitor: &str, site: &str) -> Answer<'_, Vec<Asked>> {
        let (visitor, site) = (visitor.to_owned(), site.to_owned());
        Box::pin(
            self.readers
                .read(move |db| survey::asked(db, &visitor, &site)),
        )
    }

    fn secret(&self) -> Answer<'_, [u8; 32]> {
        Box::pin(async {
            let fresh = crate::auth::random()?;
            self.writer
                .write(move |ledger| {
                    ledger.run(
                        "INSERT OR IGNORE INTO meta (key, value) VALUES ('visitor_secret', ?1)",
                        [fresh],
                    )?;
                    let kept = ledger.one(
                        "SELECT value FROM meta WHERE key = 'visitor_secret'",
                        [],
                        |row| row.get(0),
                    )?;
                    Ok(kept.unwrap_or(fresh))
                })
                .await
        })
    }

    fn contact(&self, whom: &Verified) -> Answer<'_, String> {
        let whom = whom.clone();
        Box::pin(async move {
            let asked = whom.clone();
            let known = self
                .readers
                .read(move |db| read::contact(db, &asked))
                .await?;
            if let Some(id) = known {
                return Ok(id);
            }
            self.writer
                .write(move |ledger| contact(ledger, &whom, crate::now_ms()))
                .await
        })
    }

    fn account(&self, email: &str) -> Answer<'_, Option<Account>> {
        let email = email.to_owned();
        Box::pin(self.readers.read(move |db| {
            db.query_row(
                "SELECT id, name, avatar, email, password, team FROM agents WHERE email = ?1",
                [email],
                |row| {
                    Ok(Account {
                        agent: row::agent(row.get(0)?, row, 1)?,
                        email: row.get(3)?,
                        password: row.get(4)?,
                        team: row.get(5)?,
                    })
                },
            )
            .optional()
            .map_err(row::unavailable)
        }))
    }

    fn agents(&self) -> Answer<'_, Vec<(String, Participant)>> {
        Box::pin(self.readers.read(read::agents))
    }

    fn add_account(&self, account: Account) -> Answer<'_, bool> {
        Box::pin(self.writer.write(move |ledger| {
            let added = ledger.run(
                "INSERT OR IGNORE INTO agents (id, email, name, avatar, password, team, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    account.agent.id,
                    account.email,
                    account.agent.name,
                    account.agent.avatar,
                    account.password,
                    account.team,
                    crate::now_ms(),
                ],
            )?;
            Ok(added > 0)
        }))
    }

    fn set_team(&self, email: &str, team: &str) -> Answer<'_, bool> {
        let (email, team) = (email.to_owned(), team.to_owned());
        Box::pin(self.writer.write(move |ledger| {
            let changed = ledger.run(
                "UPDATE agents SET team = ?2 WHERE email = ?1",
                [email, team],
            )?;
            Ok(changed > 0)
        }))
    }

    fn sign_in(&self, agent: &str, token: TokenHash, expires_at: u64, now: u64) -> Answer<'_, ()> {
        let agent = agent.to_owned();
        Box::pin(self.writer.write(move |ledger| {
            ledger.run("DELETE FROM agent_sessions WHERE expires_at <= ?1", [now])?;
            ledger.run(
                "INSERT INTO agent_sessions (token, agent, expires_at) VALUES (?1, ?2, ?3)",
                params![token, agent, expires_at],
            )?;
            Ok(())
        }))
    }

    fn signed_in(&self, token: TokenHash, now: u64) -> Answer<'_, Option<SignedIn>> {
        Box::pin(self.readers.read(move |db| {
            db.query_row(
                "SELECT 'agent', a.id, a.name, a.avatar, a.email, s.expires_at
                 FROM agent_sessions s JOIN agents a ON a.id = s.agent
                 WHERE s.token = ?1 AND s.expires_at > ?2
                 UNION ALL
                 SELECT 'bot', id, name, NULL, '', ?3 FROM bots WHERE token = ?1",
                params![token, now, i64::MAX],
                |row| {
                    Ok(SignedIn {
                        agent: row::participant(row)?,
                        email: row.get(4)?,
                        expires_at: row.get(5)?,
                    })
                },
            )
            .optional()
            .map_err(row::unavailable)
        }))
    }

    fn add_bot(&self, bot: Participant, token: TokenHash) -> Answer<'_, bool> {
        Box::pin(self.writer.write(move |ledger| {
            let added = ledger.run(
                "INSERT INTO bots (id, name, token, created_at)
                 SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM bots WHERE name = ?2)",
                params![bot.id, bot.name, token, crate::now_ms()],
            )?;
            Ok(added > 0)
        }))
    }

    fn queue(&self, site: &str) -> Answer<'_, Vec<Waiting>> {
        let site = site.to_owned();
        Box::pin(self.readers.read(move |db| read::queue(db, &site)))
    }

    fn upload(&self, upload_id: &str) -> Answer<'_, Option<Upload>> {
        let upload_id = upload_id.to_owned();
        Box::pin(self.readers.read(move |db| read::upload(db, &upload_id)))
    }

    fn sweep_uploads(&self, now: u64) -> Answer<'_, KnownFiles> {
        Box::pin(async move {
            self.writer
                .write(move |ledger| {
                    ledger.run(
                        "DELETE FROM uploads
                         WHERE seq IS NULL AND begun_at < ?1 AND (sha256 IS NULL OR begun_at < ?2)",
                        [
                            now.saturating_sub(UPLOAD_UNFINISHED_MS_MAX),
                            now.saturating_sub(UPLOAD_UNNAMED_MS_MAX),
                        ],
                    )
                })
                .await?;
            self.readers.read_long(read::known_files).await
        })
    }

    fn sign_out(&self, token: TokenHash) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |ledger| {
            let ended = ledger.run("DELETE FROM agent_sessions WHERE token = ?1", [token])?;
            // Of a token that nobody has there is nothing to tell.
            if ended > 0 {
                ledger.hints.push(Hint::SignedOut { token });
            }
            Ok(())
        }))
    }

    fn join(&self) -> Answer<'_, ()> {
        Box::pin(async {
            let process = self.process.clone();
            let mut membership =
                Membership::begin(&self.path, &process).map_err(|e| no_member(&e))?;
            self.writer
                .write(move |ledger| {
                    ledger.run(
                        "INSERT OR IGNORE INTO processes (id) VALUES (?1)",
                        [&process],
                    )?;
                    ledger.cursor = Some(feed::newest(ledger.db).map_err(row::unavailable)?);
                    Ok(())
                })
                .await?;
            let db = connect(&self.path, false).map_err(row::unavailable)?;
            let listens = membership.listen(db, self.writer.orders());
            listens.map_err(|e| no_member(&e))?;
            *self.membership() = Some(membership);
            Ok(())
        })
    }

    fn rejoin(&self) -> Answer<'_, bool> {
        Box::pin(async {
            let process = self.process.clone();
            let known = self.readers.read(move |db| read::knows(db, &process));
            if known.await? && membership::is_shown(&self.path, &self.process) {
                return Ok(false);
            }
            tracing::warn!("other processes took this one for dead");
            self.drop_membership().await;
            self.join().await?;
            Ok(true)
        })
    }

    fn leave(&self) -> Answer<'_, ()> {
        Box::pin(async {
            let left = self.forget_process(self.process.clone()).await;
            self.drop_membership().await;
            left
        })
    }

    fn hint(&self, hint: Hint) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |ledger| {
            ledger.hints.push(hint);
            Ok(())
        }))
    }

    fn tell_consoles(&self, consoles: Vec<ConsoleOf>) -> Answer<'_, ()> {
        let process = self.process.clone();
        Box::pin(self.writer.write(move |ledger| {
            ledger.run("DELETE FROM consoles WHERE process = ?1", [&process])?;
            for console in consoles {
                ledger.run(
                    "INSERT INTO consoles (process, agent, is_bot) VALUES (?1, ?2, ?3)",
                    params![process, console.agent, console.is_bot],
                )?;
            }
            ledger.hints.push(Hint::Consoles {});
            Ok(())
        }))
    }

    fn consoles_elsewhere(&self) -> Answer<'_, Vec<ConsoleOf>> {
        Box::pin(async {
            let (process, path) = (self.process.clone(), self.path.clone());
            let dead = self.readers.read(move |db| {
                let mut others = read::other_processes(db, &process)?;
                others.retain(|other| membership::is_dead(&path, other));
                Ok(others)
            });
            let dead = dead.await?;
            if !dead.is_empty() {
                tracing::warn!(?dead, "processes ended without a word");
                self.forget_dead(dead).await?;
            }
            let process = self.process.clone();
            self.readers
                .read(move |db| read::consoles_elsewhere(db, &process))
                .await
        })
    }

    fn changes(&self, places: Vec<Place>) -> Answer<'_, Vec<Change>> {
        Box::pin(self.readers.read(move |db| read::changes(db, &places)))
    }

    fn renew_epochs(&self) -> Answer<'_, u64> {
        Box::pin(self.writer.write(|ledger| {
            let renewed = ledger.run(
                "UPDATE conversations SET epoch = lower(hex(randomblob(16)))",
                [],
            )?;
            Ok(renewed as u64)
        }))
    }
}
