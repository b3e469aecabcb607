//! Processes that are killed, take each other's place, sleep, or are taken for dead.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn the_visitors_of_a_process_that_is_killed_go_on_at_the_other() {
    let pair = Pair::start();
    let mut agent = pair.agent("mei", pair.other.address).await;
    let mut gone = pair.agent("ben", pair.one.address).await;
    let mut onlooker = Visitor::connect(pair.other.address, None, vec![]).await;
    if onlooker.connected.availability.agents_online != 2 {
        availability(&mut onlooker, 2).await;
    }
    let mut visitor = Visitor::connect(pair.one.address, None, vec![]).await;
    let state = visitor.open().await;
    let conv = state.conv.clone();
    agent.watch(&conv).await;
    gone.watch(&conv).await;
    let (cmid, lost) = (uuid(), uuid());
    visitor.send(&conv, &cmid, None, "one").await.unwrap();
    let said = send(&conv, &lost, Some(&cmid), "two");
    let frame = serde_json::json!({ "id": 99, "send": said });
    visitor.socket.write(frame.to_string()).await;
    pair.one.kill();
    agent.say(&conv, "I am still here").await;

    let mut again =
        Visitor::connect(pair.other.address, Some(visitor.token), vec![sub(&state)]).await;
    let resumed = again.connected.subs[0].clone();
    assert!(resumed.recovered);
    let retried = again.send(&conv, &lost, Some(&cmid), "two").await.unwrap();
    let mut all = resumed.events.clone();
    if !retried.duplicate {
        all.extend(events_after(&mut again.socket, resumed.top, retried.seq).await);
    }
    let seqs: Vec<u32> = all.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (2..=all.len() as u32 + 1).collect::<Vec<_>>());
    let mut texts = texts(&all);
    texts.sort_unstable();
    assert_eq!(texts, ["I am still here", "one", "two"]);
    // Who was there at the process that was killed is not there any more.
    availability(&mut onlooker, 1).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn one_process_takes_the_place_of_the_other_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path());
    let mut desk = Process::start(folder.path());
    let mut visitor = Visitor::connect(desk.address, None, vec![]).await;
    let mut state = visitor.open().await;
    let conv = state.conv.clone();
    let mut heard = Vec::new();
    for round in 0..3 {
        let next = Process::start(folder.path());
        let after = heard.last().map_or(1, |event: &Event| event.seq);
        let sent = visitor.say(&conv, &format!("before {round}")).await;
        heard.extend(events_after(&mut visitor.socket, after, sent.seq).await);
        desk.signal("-TERM");
        let cmid = uuid();
        let frame = serde_json::json!({ "id": 99, "send": send(&conv, &cmid, None, "meanwhile") });
        visitor.socket.write(frame.to_string()).await;
        loop {
            match visitor.socket.next().await {
                Ok(frame) => heard.extend(visitor_frame(&frame).event),
                Err(code) => break assert_eq!(code, close_code::TRY_LATER),
            }
        }
        desk.ends_well();
        state.top = heard.last().map_or(1, |event: &Event| event.seq);
        let token = Some(visitor.token.clone());
        visitor = Visitor::connect(next.address, token, vec![sub(&state)]).await;
        let resumed = &visitor.connected.subs[0];
        assert!(resumed.recovered);
        heard.extend(resumed.events.clone());
        let top = resumed.top;
        let sent = visitor.send(&conv, &cmid, None, "meanwhile").await.unwrap();
        if !sent.duplicate {
            heard.extend(events_after(&mut visitor.socket, top, sent.seq).await);
        }
        desk = next;
    }
    let seqs: Vec<u32> = heard.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (2..=7).collect::<Vec<_>>());
    let said: Vec<String> = (0..3)
        .flat_map(|round| [format!("before {round}"), "meanwhile".to_owned()])
        .collect();
    assert_eq!(texts(&heard), said);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_slept_longer_than_is_kept_lets_its_sessions_resume() {
    let pair = Pair::start();
    let mut asleep = Visitor::connect(pair.other.address, None, vec![]).await;
    let state = asleep.open().await;
    pair.other.signal("-STOP");
    let mut awake = Visitor::connect(
        pair.one.address,
        Some(asleep.token.clone()),
        vec![sub(&state)],
    )
    .await;
    awake.say(&state.conv, "one").await;
    awake.say(&state.conv, "two").await;
    let db = Connection::open(pair.folder.path().join("kept.db")).unwrap();
    let forgotten = "DELETE FROM news WHERE num < (SELECT max(num) FROM news)";
    assert!(db.execute(forgotten, []).unwrap() > 0);
    pair.other.signal("-CONT");
    assert_eq!(asleep.socket.closed().await, close_code::TRY_LATER);
    let again = Visitor::connect(pair.other.address, Some(asleep.token), vec![sub(&state)]).await;
    assert!(again.connected.subs[0].recovered);
    assert_eq!(texts(&again.connected.subs[0].events), ["one", "two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_were_taken_for_dead_come_back_and_miss_nothing() {
    let pair = Pair::start();
    let mut visitor = Visitor::connect(pair.one.address, None, vec![]).await;
    let state = visitor.open().await;
    let mut agent = pair.agent("mei", pair.other.address).await;
    // As a broom through the folder would leave it.
    std::fs::remove_dir_all(pair.folder.path().join("kept.db.processes")).unwrap();
    for socket in [&mut visitor.socket, &mut agent.socket] {
        assert_eq!(socket.closed().await, close_code::TRY_LATER);
    }
    let mut visitor =
        Visitor::connect(pair.one.address, Some(visitor.token), vec![sub(&state)]).await;
    let mut agent = Agent::connect(pair.other.address, agent.token).await;
    agent.watch(&state.conv).await;
    let said = agent.say(&state.conv, "There you are").await;
    events_after(&mut visitor.socket, state.top, said.seq).await;
    let answered = visitor.say(&state.conv, "And you").await;
    events_after(&mut agent.socket, said.seq, answered.seq).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_alone_writes_no_news_and_two_keep_the_newest_alone() {
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path());
    let one = Process::start(folder.path());
    let mut visitor = Visitor::connect(one.address, None, vec![]).await;
    let conv = visitor.open().await.conv;
    visitor.say(&conv, "Nobody else is here").await;
    let pair = Pair {
        other: Process::start(folder.path()),
        one,
        folder,
    };
    assert_eq!(pair.rows("news"), 0);
    let db = Connection::open(pair.folder.path().join("kept.db")).unwrap();
    let many = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 - {NEWS_KEPT_MAX} UNION ALL SELECT i + 1 FROM n WHERE i < 0)
         INSERT INTO news (num, process, hint) SELECT i, 'nobody', '{{}}' FROM n"
    );
    db.execute(&many, []).unwrap();
    let sent = visitor.say(&conv, "Somebody is").await;
    assert_eq!(i64::from(pair.rows("news")), NEWS_KEPT_MAX);
    let hints: Vec<String> = {
        let mut hints = db
            .prepare("SELECT hint FROM news ORDER BY num DESC LIMIT 1")
            .unwrap();
        let hints = hints.query_map([], |row| row.get(0)).unwrap();
        hints.map(Result::unwrap).collect()
    };
    assert!(!hints[0].contains("Somebody"), "{hints:?}");
    // Hints that it does not know are no reason to stop.
    let later = r#"INSERT INTO news (process, hint) VALUES ('nobody', '{"ofALaterDesk":{}}')"#;
    db.execute(later, []).unwrap();
    let mut agent = pair.agent("mei", pair.other.address).await;
    assert_eq!(agent.watch(&conv).await.top, sent.seq);
    let next = visitor.say(&conv, "You, for example").await;
    events_after(&mut agent.socket, sent.seq, next.seq).await;
}
