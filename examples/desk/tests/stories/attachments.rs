//! Files that are there: named in a message, read by those who may, gone with what they came with.

use crate::support::*;
use deskside::protocol::content::Attachment;
use deskside::protocol::error_code;
use deskside::protocol::event::EventBody;
use deskside::protocol::reply::Sent;

#[tokio::test]
async fn a_message_names_only_whole_files_of_its_own_conversation_and_each_once() {
    let desk = Desk::start().await;
    let sender = Sender::new(&desk).await;
    let bytes = png(3, 2);
    let picture = file("a.png", "image/png", &bytes);
    sender.begin(&picture).await;
    let refused = |answered: Answered| (answered.status, answered.code().to_owned());
    let invalid = (400, error_code::INVALID.to_owned());
    assert_eq!(
        refused(sender.name(&[&picture]).await),
        invalid,
        "not whole"
    );
    assert_eq!(sender.upload(&picture, &bytes).await.status, 200);
    let thief = Sender::new(&desk).await;
    assert_eq!(
        refused(thief.name(&[&picture]).await),
        invalid,
        "somebody else's"
    );
    assert_eq!(
        refused(sender.name(&[&picture, &picture]).await),
        invalid,
        "twice"
    );
    let lie = Attachment {
        name: "invoice.pdf".to_owned(),
        mime: "application/pdf".to_owned(),
        ..picture.clone()
    };
    let sent: Sent = sender.name(&[&lie]).await.result("sent");
    assert_eq!(
        refused(sender.name(&[&picture]).await),
        invalid,
        "named before"
    );
    let path = format!("/v1/conversations/{}/events", sender.conv);
    let events = sender.requests.get(&path).await;
    let standing: deskside::protocol::reply::SubState = events.result("conversation");
    let event = standing
        .events
        .iter()
        .find(|event| event.seq == sent.seq)
        .unwrap();
    let EventBody::Message(content) = &event.body else {
        panic!("no message")
    };
    assert_eq!(
        content.attachments,
        [picture],
        "as it was announced, whatever is said later"
    );
}

#[tokio::test]
async fn a_file_is_read_by_its_visitor_and_by_agents_alone() {
    let desk = Desk::start().await;
    let sender = Sender::new(&desk).await;
    let bytes = png(3, 2);
    let picture = file("a.png", "image/png", &bytes);
    assert_eq!(sender.upload(&picture, &bytes).await.status, 200);
    sender.name(&[&picture]).await;
    let stranger = Requests::connect(desk.address, None, &[]).await;
    let id = &picture.upload_id;
    assert_eq!(fetch(&stranger, &stranger.headers(), id).await.0, 404);
    assert_eq!(fetch(&stranger, "", id).await.0, 401);
    assert_eq!(
        fetch(&stranger, "authorization: Bearer x\r\n", id).await.0,
        401
    );
    let token = desk.agent_token("mei").await;
    let agent = format!("authorization: Bearer {token}\r\n");
    let (status, _, body) = fetch(&stranger, &agent, id).await;
    assert_eq!((status, body == bytes), (200, true));
    let thief = Sender::new(&desk).await;
    assert_eq!(thief.part(id, 0, b"x").await.0, 404);
    assert_eq!(thief.commit(&picture, None).await.status, 404);
    assert_eq!(thief.begin(&picture).await.status, 409);
}

#[tokio::test]
async fn a_message_that_is_taken_back_takes_its_file_with_it() {
    let desk = Desk::start().await;
    let sender = Sender::new(&desk).await;
    let bytes = png(3, 2);
    let picture = file("passport.png", "image/png", &bytes);
    sender.upload(&picture, &bytes).await;
    let sent: Sent = sender.name(&[&picture]).await.result("sent");
    let mut agent = desk.agent("mei").await;
    assert_eq!(agent.connected.inbox[0].preview, "passport.png");
    agent.redact(&sender.conv, sent.seq).await.unwrap();
    assert_eq!(sender.fetch(&picture.upload_id).await.0, 404);
}

#[tokio::test]
async fn an_agents_file_goes_on_where_it_stopped_and_the_visitor_reads_it() {
    let desk = Desk::start().await;
    let sender = Sender::new(&desk).await;
    let mut console = Console::new(&desk, "mei").await;
    let bytes = png(40, 30);
    let file = file("Label.png", "image/png", &bytes);
    let conv = sender.conv.clone();
    assert_eq!(console.begin(&conv, &file).await.offset, 0);
    let (first, rest) = bytes.split_at(50_000);
    assert_eq!(console.part(&desk, &file.upload_id, 0, first).await, 200);
    // The connection was lost here: it is asked again how far it came.
    let again = console.begin(&conv, &file).await;
    assert_eq!((again.offset, again.committed), (50_000, false));
    assert_eq!(
        console.part(&desk, &file.upload_id, 50_000, rest).await,
        200
    );
    assert!(console.commit(&conv, &file).await.committed);
    console
        .agent
        .show(&conv, Console::naming(&file))
        .await
        .unwrap();
    let (status, _, body) = sender.fetch(&file.upload_id).await;
    assert_eq!((status, body), (200, bytes));
    let (status, ..) = {
        let stranger = Sender::new(&desk).await;
        stranger.fetch(&file.upload_id).await
    };
    assert_eq!(status, 404, "another visitor does not");
}

#[tokio::test]
async fn nobody_completes_or_names_the_file_of_another() {
    let desk = Desk::start().await;
    let sender = Sender::new(&desk).await;
    let conv = sender.conv.clone();
    let mut mei = Console::new(&desk, "mei").await;
    let mut noor = Console::new(&desk, "noor").await;
    let bytes = png(4, 3);
    let of_mei = file("a.png", "image/png", &bytes);
    mei.begin(&conv, &of_mei).await;
    assert_eq!(noor.part(&desk, &of_mei.upload_id, 0, &bytes).await, 404);
    assert_eq!(sender.part(&of_mei.upload_id, 0, &bytes).await.0, 404);
    assert_eq!(mei.part(&desk, &of_mei.upload_id, 0, &bytes).await, 200);
    assert_eq!(sender.commit(&of_mei, None).await.status, 404);
    mei.commit(&conv, &of_mei).await;
    assert_eq!(sender.name(&[&of_mei]).await.code(), error_code::INVALID);
    let refused = noor.agent.show(&conv, Console::naming(&of_mei)).await;
    assert_eq!(refused.unwrap_err().code, error_code::INVALID);
    let of_visitor = file("b.png", "image/png", &bytes);
    sender.upload(&of_visitor, &bytes).await;
    let refused = mei.agent.show(&conv, Console::naming(&of_visitor)).await;
    assert_eq!(refused.unwrap_err().code, error_code::INVALID);
}

#[tokio::test]
async fn an_edit_leaves_the_files_of_a_message_and_a_redaction_takes_them() {
    let desk = Desk::start().await;
    let sender = Sender::new(&desk).await;
    let conv = sender.conv.clone();
    let mut mei = Console::new(&desk, "mei").await;
    let bytes = png(4, 3);
    let of_mei = file("a.png", "image/png", &bytes);
    mei.begin(&conv, &of_mei).await;
    mei.part(&desk, &of_mei.upload_id, 0, &bytes).await;
    mei.commit(&conv, &of_mei).await;
    let sent = mei
        .agent
        .show(&conv, Console::naming(&of_mei))
        .await
        .unwrap();
    mei.agent.edit(&conv, sent.seq, "Your label").await.unwrap();
    let log = mei.agent.watch(&conv).await.events;
    let EventBody::Message(now) = &log[sent.seq as usize - 1].body else {
        panic!("{log:?}")
    };
    assert_eq!(
        (now.text.as_str(), now.attachments.len()),
        ("Your label", 1)
    );
    mei.agent.redact(&conv, sent.seq).await.unwrap();
    assert_eq!(sender.fetch(&of_mei.upload_id).await.0, 404);
}
