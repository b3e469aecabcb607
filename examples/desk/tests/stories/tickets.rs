//! Nobody is there: what is left with an address gets a number, and is answered later.

use crate::crash::{Process, write_config};
use crate::support::*;
use desk::limits::INBOX_MAX;
use deskside::protocol::command::{Close, Send};
use deskside::protocol::content::{Content, Ticket};
use deskside::protocol::event::{EventBody, Lifecycle};
use deskside::protocol::reply::{ErrorBody, Sent};
use deskside::protocol::{Command, error_code};
use futures_util::future::join_all;

const ADDRESS: &str = "ana@post.example";

fn ticket(conv: &str, cmid: &str, prev: Option<&str>, text: &str) -> Send {
    let mut send = send(conv, cmid, prev, text);
    send.body.ticket = Some(Ticket {
        reply_to: ADDRESS.to_owned(),
        name: "Ana".to_owned(),
        number: None,
    });
    send
}

async fn leave(visitor: &mut Visitor, send: Send) -> Result<Sent, ErrorBody> {
    Ok(visitor.ask(Command::Send(send)).await?.sent.unwrap())
}

async fn left(visitor: &mut Visitor, conv: &str, text: &str) -> Sent {
    let send = ticket(conv, &uuid(), None, text);
    leave(visitor, send).await.unwrap()
}

/// Of the message that an event is.
fn content(body: EventBody) -> Content {
    match body {
        EventBody::Message(content) => content,
        other => panic!("{other:?}"),
    }
}

/// Every row of every table.
fn everything_kept(desk: &Desk) -> String {
    let db = rusqlite::Connection::open(&desk.config.database).unwrap();
    let rows = |sql: &str| -> String {
        let mut statement = db.prepare(sql).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        let mut text = String::new();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                let value = match row.get_ref(column).unwrap() {
                    rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text),
                    other => format!("{other:?}").into(),
                };
                text.push_str(&value);
                text.push('\n');
            }
        }
        text
    };
    let tables = rows("SELECT name FROM sqlite_master WHERE type = 'table'");
    let tables = tables.lines();
    tables
        .map(|table| rows(&format!("SELECT * FROM {table}")))
        .collect()
}

#[tokio::test]
async fn a_ticket_is_seen_answered_and_done_with_like_any_conversation() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let sent = left(&mut visitor, &conv, "My lamp flickers").await;
    assert_eq!(sent.ticket, Some(1));
    drop(visitor.socket);

    let mut agent = desk.agent("mei").await;
    let waiting = &agent.connected.inbox[0];
    assert_eq!(
        (waiting.ticket, waiting.state, waiting.unread),
        (Some(1), Lifecycle::Queued, 1)
    );
    let watched = agent.watch(&conv).await;
    let message = watched.events.iter().find(|event| event.seq == sent.seq);
    let said = content(message.unwrap().body.clone());
    let by = said.ticket.unwrap();
    assert_eq!(
        (
            said.text.as_str(),
            by.reply_to.as_str(),
            by.name.as_str(),
            by.number
        ),
        ("My lamp flickers", ADDRESS, "Ana", Some(1))
    );
    agent.say(&conv, "We send you a new one.").await;
    agent.resolve(&conv).await;
    let done = agent
        .inbox_line(|item| item.state == Lifecycle::Resolved)
        .await;
    assert_eq!(done.ticket, Some(1));

    let back = desk.visitor_again(&visitor.token, vec![]).await;
    let sub = &back.connected.subs[0];
    assert_eq!(sub.state, Lifecycle::Resolved);
    assert_eq!(
        texts(&sub.events),
        ["My lamp flickers", "We send you a new one."]
    );
    assert_eq!(sub.visitor_marks.read_seq, 0, "the answer is unread");
}

#[tokio::test]
async fn the_same_ticket_again_is_the_same_number_and_another_one_the_next() {
    let mut desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let cmid = uuid();
    let asked = ticket(&conv, &cmid, None, "Where is it?");
    let first = leave(&mut visitor, asked.clone()).await.unwrap();
    let again = leave(&mut visitor, asked.clone()).await.unwrap();
    assert_eq!(
        (again.seq, again.duplicate, again.ticket),
        (first.seq, true, Some(1))
    );
    let mut elsewhere = asked.clone();
    elsewhere.body.ticket.as_mut().unwrap().reply_to = "+49 30 1234567".to_owned();
    let refused = leave(&mut visitor, elsewhere).await.unwrap_err();
    assert_eq!(refused.code, error_code::CONFLICT);
    let refused = visitor.send(&conv, &cmid, None, "Where is it?").await;
    assert_eq!(refused.unwrap_err().code, error_code::CONFLICT);

    desk.stop().await;
    desk.start_again().await;
    let mut visitor = desk.visitor_again(&visitor.token, vec![]).await;
    let again = leave(&mut visitor, asked).await.unwrap();
    assert_eq!((again.duplicate, again.ticket), (true, Some(1)));
    let next = ticket(&conv, &uuid(), Some(&cmid), "And the other one?");
    assert_eq!(leave(&mut visitor, next).await.unwrap().ticket, Some(2));
}

#[tokio::test]
async fn numbers_have_no_holes_where_tickets_are_refused() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    for number in 1..4 {
        let early = ticket(&conv, &uuid(), Some(&uuid()), "Out of turn");
        let refused = leave(&mut visitor, early).await.unwrap_err();
        assert_eq!(refused.code, error_code::OUT_OF_ORDER);
        let sent = left(&mut visitor, &conv, "In turn").await;
        assert_eq!(sent.ticket, Some(number));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_on_one_file_give_no_number_twice_and_leave_none_out() {
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path());
    let processes = [Process::start(folder.path()), Process::start(folder.path())];
    let at_each = processes.iter().map(|process| async {
        let mut visitor = Visitor::connect(process.address, None, vec![]).await;
        let conv = visitor.open().await.conv;
        let mut numbers = Vec::new();
        for _ in 0..20 {
            numbers.extend(left(&mut visitor, &conv, "Where is it?").await.ticket);
        }
        numbers
    });
    let mut numbers = join_all(at_each).await.concat();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=40).collect::<Vec<u32>>());
}

#[tokio::test]
async fn a_message_follows_a_ticket_and_a_ticket_a_message() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let (one, two, three) = (uuid(), uuid(), uuid());
    let early = ticket(&conv, &two, Some(&one), "Two");
    let refused = leave(&mut visitor, early.clone()).await.unwrap_err();
    assert_eq!(
        (refused.code.as_str(), refused.temporary),
        (error_code::OUT_OF_ORDER, true)
    );
    visitor.send(&conv, &one, None, "One").await.unwrap();
    leave(&mut visitor, early).await.unwrap();
    visitor
        .send(&conv, &three, Some(&two), "Three")
        .await
        .unwrap();
}

#[tokio::test]
async fn a_ticket_takes_a_conversation_from_the_bot_and_reopens_one_that_is_done() {
    let desk = Desk::start().await;
    let mut bot = desk.bot("Linnet").await;
    let mut visitor = desk.visitor().await;
    let opened = visitor.open().await;
    assert_eq!(opened.state, Lifecycle::SelfService);
    left(&mut visitor, &opened.conv, "For a person").await;
    let waits = bot.inbox_line(|item| item.ticket.is_some()).await;
    assert_eq!(waits.state, Lifecycle::Queued);
    let mut agent = desk.agent("mei").await;
    agent.resolve(&opened.conv).await;
    let again = left(&mut visitor, &opened.conv, "It is back").await;
    let waits = agent.inbox_line(|item| item.ticket == again.ticket).await;
    assert_eq!((waits.state, waits.ticket), (Lifecycle::Reopened, Some(2)));
    let close = Command::Close(Close {
        conv: opened.conv.clone(),
        cmid: uuid(),
    });
    visitor.ask(close).await.unwrap();
    let late = ticket(&opened.conv, &uuid(), None, "Too late");
    let refused = leave(&mut visitor, late).await.unwrap_err();
    assert_eq!(refused.code, error_code::CLOSED);
}

#[tokio::test]
async fn a_ticket_that_nobody_can_answer_is_refused_and_an_agent_leaves_none() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let whole = || ticket(&conv, &uuid(), None, "Hello");
    let mut nowhere = whole();
    nowhere.body.ticket.as_mut().unwrap().reply_to = "javascript:alert(1)".to_owned();
    let mut numbered = whole();
    numbered.body.ticket.as_mut().unwrap().number = Some(7);
    let mut empty = whole();
    empty.body.text = " ".to_owned();
    for (send, says) in [
        (nowhere, "replyTo"),
        (numbered, "number"),
        (empty, "text is empty"),
    ] {
        let refused = leave(&mut visitor, send).await.unwrap_err();
        assert_eq!(refused.code, error_code::INVALID);
        assert!(refused.message.contains(says), "{}", refused.message);
    }
    let mut long = whole();
    long.body.ticket.as_mut().unwrap().name = "a".repeat(600);
    let refused = leave(&mut visitor, long).await.unwrap_err();
    assert_eq!(refused.code, error_code::TOO_LARGE);
    let mut agent = desk.agent("mei").await;
    let refused = agent.show(&conv, whole().body).await.unwrap_err();
    assert_eq!(refused.code, error_code::INVALID);
}

#[tokio::test]
async fn what_is_taken_back_leaves_neither_words_nor_address_in_the_database() {
    let mut desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let cmid = uuid();
    // Long enough for pages of its own, which are free afterwards.
    let text = "My card is 4111 1111. ".repeat(500);
    let asked = ticket(&conv, &cmid, None, &text);
    let sent = leave(&mut visitor, asked.clone()).await.unwrap();
    let mut agent = desk.agent("mei").await;
    agent.redact(&conv, sent.seq).await.unwrap();
    let rows = everything_kept(&desk);
    assert!(rows.contains("redacted"), "{rows}");
    for gone in [ADDRESS, "Ana", "4111"] {
        assert!(!rows.contains(gone), "{gone} in {rows}");
    }
    let again = leave(&mut visitor, asked).await.unwrap();
    assert_eq!((again.duplicate, again.ticket), (true, Some(1)));

    desk.stop().await;
    let file = std::fs::read(&desk.config.database).unwrap();
    let holds = |word: &str| file.windows(word.len()).any(|at| at == word.as_bytes());
    assert!(holds(&conv));
    assert!(!holds(ADDRESS) && !holds("4111"), "nor beside the rows");
}

#[tokio::test]
async fn a_ticket_is_listed_until_it_is_done_however_much_comes_after_it() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    left(&mut visitor, &conv, "Whenever you have time").await;
    for _ in 0..INBOX_MAX {
        visitor.open().await;
    }
    let mut agent = desk.agent("mei").await;
    let listed = |agent: &Agent| {
        let lines = agent.connected.inbox.iter();
        lines.filter(|line| line.conv == conv).count()
    };
    assert_eq!(agent.connected.inbox.len(), INBOX_MAX + 1);
    assert_eq!(listed(&agent), 1);
    agent.resolve(&conv).await;
    for _ in 0..INBOX_MAX {
        visitor.open().await;
    }
    assert_eq!(listed(&desk.agent("noor").await), 0);
}

#[tokio::test]
async fn a_ticket_left_by_request_is_the_one_over_the_socket() {
    let desk = Desk::start().await;
    let mut on_socket = desk.visitor().await;
    let conv = on_socket.open().await.conv;
    let requests = Requests::connect(desk.address, Some(&on_socket.token), &[]).await;
    let asked = ticket(&conv, &uuid(), None, "By request");
    let first: Sent = requests
        .ask(Command::Send(asked.clone()))
        .await
        .result("sent");
    let again = leave(&mut on_socket, asked).await.unwrap();
    assert_eq!(
        (first.ticket, again.ticket, again.seq, again.duplicate),
        (Some(1), Some(1), first.seq, true)
    );
    let event = on_socket.socket.event_of("message").await;
    assert_eq!(content(event.body).ticket.unwrap().number, Some(1));
}
