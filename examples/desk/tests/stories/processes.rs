//! Two processes of the desk on one database, as while one takes the other's place: what a visitor sends
//! again may reach the other one. (What one is told, the other does not push: that is not what they are for.)

use crate::crash::{Process, write_config};
use crate::support::*;
use deskside::protocol::error_code;

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_that_reaches_another_process_gets_the_first_answer() {
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path());
    let (one, other) = (Process::start(folder.path()), Process::start(folder.path()));
    let mut visitor = Visitor::connect(one.address, None, vec![]).await;
    let state = visitor.open().await;
    let conv = state.conv.clone();
    let cmid = uuid();
    let first = visitor.send(&conv, &cmid, None, "Hello").await.unwrap();
    one.kill();

    let mut again = Visitor::connect(other.address, Some(visitor.token), vec![sub(&state)]).await;
    assert_eq!(texts(&again.connected.subs[0].events), ["Hello"]);
    let retried = again.send(&conv, &cmid, None, "Hello").await.unwrap();
    assert_eq!((retried.seq, retried.duplicate), (first.seq, true));
    let changed = again.send(&conv, &cmid, None, "Something else").await;
    assert_eq!(changed.unwrap_err().code, error_code::CONFLICT);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_processes_are_sent_at_once_is_one_log_without_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path());
    let (one, other) = (Process::start(folder.path()), Process::start(folder.path()));
    let mut left = Visitor::connect(one.address, None, vec![]).await;
    let state = left.open().await;
    let conv = &state.conv;
    let mut right =
        Visitor::connect(other.address, Some(left.token.clone()), vec![sub(&state)]).await;
    let mut seqs = Vec::new();
    for round in 0..30 {
        let (cmid, text) = (uuid(), format!("message {round}"));
        let (at_one, at_other) = tokio::join!(
            left.send(conv, &cmid, None, &text),
            right.send(conv, &cmid, None, &text)
        );
        let (at_one, at_other) = (at_one.unwrap(), at_other.unwrap());
        assert_eq!(at_one.seq, at_other.seq);
        assert!(
            at_one.duplicate != at_other.duplicate,
            "one of them was the first"
        );
        seqs.push(at_one.seq);
    }
    let dense: Vec<u32> = (state.top + 1..=state.top + 30).collect();
    assert_eq!(seqs, dense);
}
