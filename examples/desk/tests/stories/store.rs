//! Group commit: together on disk, each for itself in what it does.

use crate::support::*;
use desk::conversation::{Action, Actor, Done, Durable};
use desk::limits::Limits;
use desk::news::News;
use desk::refusal::Refusal;
use desk::store::sqlite::SqliteStore;
use desk::store::{Asker, Store};
use deskside::protocol::command::Open;
use deskside::protocol::error_code;
use futures_util::future::join_all;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

struct Kept {
    store: Arc<SqliteStore>,
    conv: String,
    batches: JoinHandle<Vec<usize>>,
    writer: std::thread::JoinHandle<()>,
    _folder: TempDir,
}

fn visitor(action: Action) -> Durable {
    Durable {
        by: Actor::Visitor {
            id: "visitor".to_owned(),
            site: "shop".to_owned(),
            name: String::new(),
            locale: "en".to_owned(),
        },
        origin: 1,
        action,
    }
}

async fn kept(batch_commands_max: u32) -> Kept {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits {
        batch_commands_max,
        ..Limits::default()
    };
    let (changes, mut changed) = mpsc::channel::<Vec<News>>(1);
    let path = folder.path().join("kept.db");
    let (store, writer) = SqliteStore::open(&path, limits, changes).unwrap();
    let batches = tokio::spawn(async move {
        let mut batches = Vec::new();
        while let Some(batch) = changed.recv().await {
            batches.push(batch.len());
        }
        batches
    });
    let conv = uuid();
    let open = Open {
        conv: conv.clone(),
        cmid: uuid(),
        page: String::new(),
    };
    assert_eq!(
        store
            .commit(visitor(Action::Open {
                open,
                by_bot: false
            }))
            .await,
        Ok(Done::Opened)
    );
    Kept {
        store: Arc::new(store),
        conv,
        batches,
        writer,
        _folder: folder,
    }
}

impl Kept {
    async fn send(&self, cmid: &str, prev: Option<&str>, text: &str) -> Result<u32, Refusal> {
        let send = send(&self.conv, cmid, prev, text);
        match self.store.commit(visitor(Action::Send(send))).await? {
            Done::Sent(sent) => Ok(sent.seq),
            other => panic!("{other:?}"),
        }
    }

    /// Closes the file and gives the sizes of the batches.
    async fn close(self) -> Vec<usize> {
        drop(self.store);
        self.writer.join().unwrap();
        self.batches.await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_queue_meanwhile_are_committed_together() {
    let kept = kept(256).await;
    let sends = (0..400).map(|at| {
        let kept = &kept;
        async move { kept.send(&uuid(), None, &format!("{at}")).await }
    });
    let mut seqs: Vec<u32> = join_all(sends)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    seqs.sort_unstable();
    assert_eq!(seqs, (2..=401).collect::<Vec<u32>>());
    let batches = kept.close().await;
    assert_eq!(batches.iter().sum::<usize>(), 401);
    assert!(batches.len() < 200, "{} transactions", batches.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_has_a_greatest_size() {
    let kept = kept(10).await;
    let cmids: Vec<String> = (0..100).map(|_| uuid()).collect();
    let sends = cmids.iter().map(|cmid| kept.send(cmid, None, "Hello"));
    assert!(join_all(sends).await.iter().all(Result::is_ok));
    assert!(kept.close().await.iter().all(|commands| *commands <= 10));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_refused_takes_nothing_of_its_batch_with_it() {
    let kept = kept(256).await;
    let missing = uuid();
    let sends = (0..200).map(|at| {
        let (kept, missing) = (&kept, missing.as_str());
        async move {
            let prev = (at % 2 == 1).then_some(missing);
            kept.send(&uuid(), prev, &format!("{at}")).await
        }
    });
    let outcomes = join_all(sends).await;
    for (at, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Ok(_) => assert_eq!(at % 2, 0),
            Err(refusal) => {
                assert_eq!((at % 2, refusal.code), (1, error_code::OUT_OF_ORDER));
            }
        }
    }
    let standing = kept
        .store
        .standing(&kept.conv, None, Asker::Agent)
        .await
        .unwrap();
    assert_eq!(standing.sub.top, 101);
    assert_eq!(
        kept.close().await.iter().sum::<usize>(),
        101,
        "no word of what was refused"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cmid_that_races_itself_is_committed_once() {
    let kept = kept(256).await;
    let cmid = uuid();
    let sends = (0..50).map(|_| kept.send(&cmid, None, "Once"));
    let seqs = join_all(sends).await;
    assert!(seqs.iter().all(|seq| *seq == Ok(2)), "{seqs:?}");
    assert_eq!(kept.close().await, [1, 1]);
}
