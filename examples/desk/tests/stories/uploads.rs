//! Files: in parts, whole, named in a message, read by those who may.

use crate::support::*;
use deskside::protocol::agent::AgentCommand;
use deskside::protocol::command::{Send, UploadBegin, UploadCommit};
use deskside::protocol::content::{Attachment, Content};
use deskside::protocol::event::EventBody;
use deskside::protocol::reply::{Sent, UploadState};
use deskside::protocol::{Command, error_code};
use sha2::{Digest, Sha256};

/// The head of a PNG of so many pixels, and nothing after it.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 2, 0, 0, 0]);
    bytes.extend((0..100_000).map(|at| (at % 251) as u8));
    bytes
}

fn file(name: &str, mime: &str, bytes: &[u8]) -> Attachment {
    Attachment {
        upload_id: uuid(),
        name: name.to_owned(),
        mime: mime.to_owned(),
        size: u32::try_from(bytes.len()).unwrap(),
        width: None,
        height: None,
    }
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A visitor with a conversation, who sends files.
struct Sender {
    requests: Requests,
    conv: String,
}

impl Sender {
    async fn new(desk: &Desk) -> Self {
        let requests = Requests::connect(desk.address, None, &[]).await;
        let conv = uuid();
        requests.ask(open_command(&conv)).await;
        Self { requests, conv }
    }

    async fn begin(&self, file: &Attachment) -> Answered {
        let begin = UploadBegin {
            conv: self.conv.clone(),
            file: file.clone(),
        };
        self.requests.ask(Command::UploadBegin(begin)).await
    }

    async fn part(&self, upload_id: &str, offset: usize, bytes: &[u8]) -> (u16, String) {
        let head = format!(
            "PATCH /v1/uploads/{upload_id} HTTP/1.1\r\nupload-offset: {offset}\r\n\
             content-type: application/offset+octet-stream\r\n{}",
            self.requests
                .headers()
                .replace("content-type: application/json\r\n", "")
        );
        let (status, _, body) = exchange(self.requests.address, &head, bytes).await;
        (status, String::from_utf8(body).unwrap())
    }

    async fn commit(&self, file: &Attachment, sha256: Option<String>) -> Answered {
        let commit = UploadCommit {
            conv: self.conv.clone(),
            upload_id: file.upload_id.clone(),
            size: file.size,
            sha256,
        };
        self.requests.ask(Command::UploadCommit(commit)).await
    }

    /// All three steps; gives the last answer.
    async fn upload(&self, file: &Attachment, bytes: &[u8]) -> Answered {
        let begun = self.begin(file).await;
        assert_eq!(begun.status, 200, "{}", begun.body);
        let (status, body) = self.part(&file.upload_id, 0, bytes).await;
        assert_eq!(status, 200, "{body}");
        self.commit(file, Some(hash(bytes))).await
    }

    async fn name(&self, files: &[&Attachment]) -> Answered {
        let body = Content {
            attachments: files.iter().map(|file| (*file).clone()).collect(),
            ..Content::default()
        };
        let send = Send {
            body,
            ..send(&self.conv, &uuid(), None, "")
        };
        self.requests.ask(Command::Send(send)).await
    }

    async fn fetch(&self, upload_id: &str) -> (u16, String, Vec<u8>) {
        fetch(&self.requests, &self.requests.headers(), upload_id).await
    }
}

async fn fetch(at: &Requests, headers: &str, upload_id: &str) -> (u16, String, Vec<u8>) {
    let head = format!("GET /v1/uploads/{upload_id} HTTP/1.1\r\n{headers}");
    exchange(at.address, &head, b"").await
}

#[tokio::test]
async fn a_file_goes_up_in_parts_and_comes_down_whole() {
    let desk = Desk::start().await;
    let sender = Sender::new(&desk).await;
    let bytes = png(640, 480);
    let picture = file("my parcel.png", "image/png", &bytes);
    let begun: UploadState = sender.begin(&picture).await.result("upload");
    assert_eq!((begun.offset, begun.committed), (0, false));
    let (status, body) = sender.part(&picture.upload_id, 0, &bytes[..40_000]).await;
    assert_eq!(status, 200);
    let state: UploadState = serde_json::from_str(&body).unwrap();
    assert_eq!(state.offset, 40_000);
    let again: UploadState = sender.begin(&picture).await.result("upload");
    assert_eq!(again.offset, 40_000, "who comes back learns where to go on");
    sender
        .part(&picture.upload_id, 40_000, &bytes[40_000..])
        .await;
    let whole: UploadState = sender
        .commit(&picture, Some(hash(&bytes)))
        .await
        .result("upload");
    assert!(whole.committed);
    let again: UploadState = sender.commit(&picture, None).await.result("upload");
    assert_eq!(again, whole, "as often as need be");
    assert_eq!(sender.name(&[&picture]).await.status, 200);
    let (status, head, body) = sender.fetch(&picture.upload_id).await;
    assert_eq!((status, body == bytes), (200, true));
    for header in [
        "content-type: image/png",
        "content-disposition: attachment; filename*=utf-8''my%20parcel.png",
        "x-content-type-options: nosniff",
        "content-security-policy: default-src 'none'; sandbox",
        "access-control-allow-origin: https://shop.example",
    ] {
        assert!(head.contains(header), "{header}: {head}");
    }
}

#[tokio::test]
async fn what_was_sent_before_a_restart_need_not_be_sent_again() {
    let mut desk = Desk::start().await;
    let mut sender = Sender::new(&desk).await;
    let bytes = png(10, 10);
    let picture = file("a.png", "image/png", &bytes);
    sender.begin(&picture).await;
    sender.part(&picture.upload_id, 0, &bytes[..60_000]).await;
    desk.stop().await;
    desk.start_again().await;
    sender.requests.address = desk.address;
    let state: UploadState = sender.begin(&picture).await.result("upload");
    assert_eq!(state.offset, 60_000);
    sender
        .part(&picture.upload_id, 60_000, &bytes[60_000..])
        .await;
    assert_eq!(
        sender.commit(&picture, Some(hash(&bytes))).await.status,
        200
    );
}

#[tokio::test]
async fn a_part_that_belongs_elsewhere_is_sent_back_to_the_beginning_and_nothing_is_spoilt() {
    let desk = Desk::start().await;
    let sender = Sender::new(&desk).await;
    let bytes = png(10, 10);
    let picture = file("a.png", "image/png", &bytes);
    sender.begin(&picture).await;
    sender.part(&picture.upload_id, 0, &bytes[..50_000]).await;
    for offset in [0, 49_999, 50_001] {
        let (status, body) = sender.part(&picture.upload_id, offset, &bytes[..10]).await;
        assert_eq!(status, 409, "{offset}");
        let error: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            (&error["code"], &error["temporary"]),
            (&"conflict".into(), &true.into())
        );
    }
    let early = sender.commit(&picture, None).await;
    assert_eq!(
        (early.status, early.body["error"]["temporary"] == true),
        (409, true)
    );
    sender
        .part(&picture.upload_id, 50_000, &bytes[50_000..])
        .await;
    assert_eq!(
        sender.commit(&picture, Some(hash(&bytes))).await.status,
        200
    );
}

#[tokio::test]
async fn bytes_that_are_not_what_was_announced_are_refused_for_good() {
    let desk = Desk::start().await;
    let sender = Sender::new(&desk).await;
    let bytes = png(10, 10);
    let picture = file("a.png", "image/png", &bytes);
    sender.begin(&picture).await;
    sender.part(&picture.upload_id, 0, &bytes).await;
    let refused = sender.commit(&picture, Some(hash(b"other"))).await;
    assert_eq!(
        (refused.status, refused.code()),
        (422, error_code::FILE_REFUSED)
    );
    let more = file("b.png", "image/png", &bytes[..100]);
    sender.begin(&more).await;
    let (status, _) = sender.part(&more.upload_id, 0, &bytes).await;
    assert_eq!(status, 422);
    let conflict = Attachment {
        name: "c.png".to_owned(),
        ..more
    };
    let conflict = sender.begin(&conflict).await;
    assert_eq!(
        (conflict.status, conflict.code()),
        (409, error_code::CONFLICT)
    );
}

#[tokio::test]
async fn a_file_is_what_its_bytes_are() {
    let desk = Desk::start().await;
    let sender = Sender::new(&desk).await;
    let html = b"<!doctype html><script>alert(1)</script>".to_vec();
    let svg = br#"<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>"#;
    let bomb = png(50_000, 50_000);
    let hostile = [
        ("page.png", "image/png", html.clone()),
        ("page.html", "text/html", html),
        ("picture.svg", "image/svg+xml", svg.to_vec()),
        ("program.txt", "text/plain", b"MZ\0\0binary\0".to_vec()),
        (
            "setup.exe",
            "application/pdf",
            b"MZ\x90\0\x03\0\0\0".to_vec(),
        ),
        ("large.png", "image/png", bomb),
        (
            "archive.zip",
            "application/zip",
            b"PK\x03\x04zipzipzip".to_vec(),
        ),
    ];
    for (name, mime, bytes) in hostile {
        let refused = sender.upload(&file(name, mime, &bytes), &bytes).await;
        assert_eq!(
            (refused.status, refused.code()),
            (422, error_code::FILE_REFUSED),
            "{name}"
        );
    }
    let note = "Schöne Grüße, 你好".as_bytes();
    let taken = sender
        .upload(&file("note.txt", "text/plain", note), note)
        .await;
    assert_eq!(taken.status, 200, "{}", taken.body);
}

#[tokio::test]
async fn names_that_are_paths_or_read_as_others_are_refused() {
    let desk = Desk::start().await;
    let sender = Sender::new(&desk).await;
    for name in [
        "../desk.db",
        "a/b.png",
        "a\\b.png",
        "",
        " ",
        "a\u{202e}gnp.exe",
        "a\nb",
    ] {
        let refused = sender.begin(&file(name, "image/png", b"x")).await;
        assert_eq!(
            (refused.status, refused.code()),
            (400, error_code::INVALID),
            "{name:?}"
        );
    }
    for id in ["../../desk.db", "..%2f..%2fdesk.db", "x"] {
        let (status, _) = sender.part(id, 0, b"x").await;
        assert!([400, 404].contains(&status), "{id}: {status}");
        let (status, _, _) = sender.fetch(id).await;
        assert_eq!(status, 404, "{id}");
    }
    // A name with markup is a name.
    let bytes = png(1, 1);
    let odd = file("\"><svg onload=x>.png", "image/png", &bytes);
    assert_eq!(sender.upload(&odd, &bytes).await.status, 200);
    let (_, head, _) = sender.fetch(&odd.upload_id).await;
    assert!(
        head.contains("''%22%3e%3csvg%20onload%3dx%3e.png"),
        "{head}"
    );
}

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
async fn a_visitor_has_so_much_room() {
    let desk = Desk::start_limited(|limits| {
        limits.attachment_bytes_max = 150_000;
        limits.attachment_bytes_per_visitor_max = 250_000;
    })
    .await;
    let sender = Sender::new(&desk).await;
    let bytes = png(3, 2);
    for _ in 0..2 {
        let picture = file("a.png", "image/png", &bytes);
        assert_eq!(sender.upload(&picture, &bytes).await.status, 200);
    }
    let third = sender.begin(&file("a.png", "image/png", &bytes)).await;
    assert_eq!((third.status, third.code()), (413, error_code::TOO_LARGE));
    let large = Attachment {
        size: 150_001,
        ..file("a.png", "image/png", b"x")
    };
    let other = Sender::new(&desk).await;
    assert_eq!(other.begin(&large).await.status, 413);
    let empty = other.begin(&file("a.png", "image/png", b"")).await;
    assert_eq!(
        (empty.status, empty.code()),
        (422, error_code::FILE_REFUSED)
    );
    for _ in 0..20 {
        assert_eq!(
            other.begin(&file("a.txt", "text/plain", b"x")).await.status,
            200
        );
    }
    let too_many = other.begin(&file("a.txt", "text/plain", b"x")).await;
    assert_eq!(
        (too_many.status, too_many.code()),
        (400, error_code::INVALID)
    );
}

#[tokio::test]
async fn what_nobody_finishes_or_names_is_forgotten_in_time() {
    use desk::files::Files;
    use desk::limits::{PART_IDLE_MS_MAX, UPLOAD_UNFINISHED_MS_MAX, UPLOAD_UNNAMED_MS_MAX};
    use desk::store::Store;
    use std::time::{Duration, SystemTime};
    let desk = Desk::start().await;
    let sender = Sender::new(&desk).await;
    let bytes = png(3, 2);
    let [begun, unnamed, named] = [0, 1, 2].map(|at| {
        let mut bytes = bytes.clone();
        bytes.push(at);
        (file("a.png", "image/png", &bytes), bytes)
    });
    sender.begin(&begun.0).await;
    sender.part(&begun.0.upload_id, 0, &bytes[..10]).await;
    for (file, bytes) in [&unnamed, &named] {
        assert_eq!(sender.upload(file, bytes).await.status, 200);
    }
    sender.name(&[&named.0]).await;
    let store = desk.store();
    let files = Files::open(&desk.config.database).unwrap();
    let now = desk::now_ms();
    let known = store
        .sweep_uploads(now + UPLOAD_UNFINISHED_MS_MAX + 1_000)
        .await
        .unwrap();
    assert_eq!((known.parts.len(), known.contents.len()), (0, 2));
    let known = store
        .sweep_uploads(now + UPLOAD_UNNAMED_MS_MAX + 1_000)
        .await
        .unwrap();
    assert_eq!((known.parts.len(), known.contents.len()), (0, 1));
    // Bytes that nobody knows go, once they are not fresh any more.
    let whole = |bytes: &[u8]| files.whole(&Sha256::digest(bytes).into());
    let sweep = || {
        files.sweep(
            |part| known.parts.contains(part),
            |content| known.contents.contains(content),
        )
    };
    sweep();
    assert!(
        whole(&unnamed.1).exists(),
        "somebody may be just about to claim it"
    );
    let old = SystemTime::now() - Duration::from_millis(PART_IDLE_MS_MAX + 1_000);
    for bytes in [&unnamed.1, &named.1] {
        let file = std::fs::OpenOptions::new()
            .write(true)
            .open(whole(bytes))
            .unwrap();
        file.set_modified(old).unwrap();
    }
    sweep();
    assert!(!whole(&unnamed.1).exists());
    assert!(whole(&named.1).exists());
}

/// An agent who sends files.
struct Console {
    agent: Agent,
}

impl Console {
    async fn new(desk: &Desk, name: &str) -> Self {
        Self {
            agent: desk.agent(name).await,
        }
    }

    async fn begin(&mut self, conv: &str, file: &Attachment) -> UploadState {
        let begin = AgentCommand::UploadBegin(UploadBegin {
            conv: conv.to_owned(),
            file: file.clone(),
        });
        self.agent.ask(begin).await.unwrap().upload.unwrap()
    }

    async fn part(&self, desk: &Desk, upload_id: &str, offset: usize, bytes: &[u8]) -> u16 {
        let head = format!(
            "PATCH /v1/uploads/{upload_id} HTTP/1.1\r\nupload-offset: {offset}\r\n\
             authorization: Bearer {}\r\n",
            self.agent.token
        );
        exchange(desk.address, &head, bytes).await.0
    }

    async fn commit(&mut self, conv: &str, file: &Attachment) -> UploadState {
        let commit = AgentCommand::UploadCommit(UploadCommit {
            conv: conv.to_owned(),
            upload_id: file.upload_id.clone(),
            size: file.size,
            sha256: None,
        });
        self.agent.ask(commit).await.unwrap().upload.unwrap()
    }

    fn naming(file: &Attachment) -> Content {
        Content {
            attachments: vec![file.clone()],
            ..Content::default()
        }
    }
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
