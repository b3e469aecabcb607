//! Files on their way to the desk: in parts, resumed, and only what the desk takes.

use crate::support::*;
use deskside::protocol::content::Attachment;
use deskside::protocol::error_code;
use deskside::protocol::reply::UploadState;
use sha2::{Digest, Sha256};

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
async fn bytes_of_a_file_that_are_asked_for_are_no_page_either() {
    let desk = Desk::start().await;
    let sender = Sender::new(&desk).await;
    let bytes = png(3, 2);
    let picture = file("a.png", "image/png", &bytes);
    sender.upload(&picture, &bytes).await;
    let ask = async |header: &str| {
        let headers = sender.requests.headers() + header;
        fetch(&sender.requests, &headers, &picture.upload_id).await
    };
    let (status, head, body) = ask("range: bytes=1-3\r\n").await;
    assert_eq!((status, body.as_slice()), (206, &b"PNG"[..]));
    for header in [
        "content-disposition: attachment",
        "x-content-type-options: nosniff",
        "content-security-policy: default-src 'none'; sandbox",
    ] {
        assert!(head.contains(header), "{header}: {head}");
    }
    assert_eq!(ask("range: bytes=9000000-\r\n").await.0, 416);
    let later = "if-modified-since: Fri, 01 Jan 2100 00:00:00 GMT\r\n";
    let (status, _, body) = ask(later).await;
    assert_eq!((status, body.len()), (304, 0));
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
    let files = Files::open(&desk.config.database, &desk.config.limits).unwrap();
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

#[tokio::test]
async fn a_part_that_another_process_writes_is_not_written_twice() {
    use std::io::Write;
    let desk = Desk::start().await;
    let sender = Sender::new(&desk).await;
    let bytes = png(3, 2);
    let picture = file("a.png", "image/png", &bytes);
    sender.begin(&picture).await;
    assert_eq!(
        sender.part(&picture.upload_id, 0, &bytes[..10]).await.0,
        200
    );
    let mut folder = desk.config.database.clone().into_os_string();
    folder.push(".files/parts");
    let part = std::path::PathBuf::from(folder).join(&picture.upload_id);
    let mut options = std::fs::OpenOptions::new();
    let mut elsewhere = options.append(true).open(part).unwrap();
    elsewhere.lock().unwrap();
    let next = sender.part(&picture.upload_id, 10, &bytes[10..20]);
    let (answered, ()) = tokio::join!(next, async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        elsewhere.write_all(&bytes[10..20]).unwrap();
        elsewhere.unlock().unwrap();
    });
    assert_eq!(answered.0, 409, "{}", answered.1);
    assert!(answered.1.contains("20 bytes"), "{}", answered.1);
    assert_eq!(
        sender.part(&picture.upload_id, 20, &bytes[20..]).await.0,
        200
    );
    let whole = sender.commit(&picture, Some(hash(&bytes))).await;
    assert_eq!(whole.status, 200, "{}", whole.body);
}

#[tokio::test]
async fn a_disk_that_is_nearly_full_takes_messages_and_no_files() {
    let desk = Desk::start_limited(|limits| limits.disk_free_mb_min = u32::MAX).await;
    let sender = Sender::new(&desk).await;
    let bytes = png(3, 2);
    let picture = file("a.png", "image/png", &bytes);
    assert_eq!(sender.begin(&picture).await.status, 200);
    let (status, body) = sender.part(&picture.upload_id, 0, &bytes).await;
    assert_eq!(status, 503, "{body}");
    assert!(body.contains(error_code::UNAVAILABLE), "{body}");
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    visitor.say(&conv, "There is room for this").await;
}

#[tokio::test]
async fn the_bytes_of_a_stranger_are_not_waited_for() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let desk = Desk::start().await;
    let mut stream = tokio::net::TcpStream::connect(desk.address).await.unwrap();
    // A body is announced and never comes.
    let head = format!(
        "PATCH /v1/uploads/{} HTTP/1.1\r\nhost: {}\r\nupload-offset: 0\r\ncontent-length: 500000\r\n\r\n",
        uuid(),
        desk.address
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    let read = stream.read_exact(&mut answer);
    tokio::time::timeout(PATIENCE, read).await.unwrap().unwrap();
    assert_eq!(&answer, b"HTTP/1.1 401");
}

#[tokio::test]
async fn parts_that_do_not_come_keep_their_own_address_waiting_and_not_for_good() {
    use desk::limits::PARTS_AT_ONCE_PER_ADDRESS_MAX;
    use tokio::io::AsyncWriteExt;
    let desk = Desk::start().await;
    let sender = Sender::new(&desk).await;
    let bytes = png(3, 2);
    let picture = file("a.png", "image/png", &bytes);
    sender.begin(&picture).await;
    let head = format!(
        "PATCH /v1/uploads/{} HTTP/1.1\r\nhost: {}\r\nupload-offset: 0\r\ncontent-length: 500000\r\n{}\r\n",
        picture.upload_id,
        desk.address,
        sender.requests.headers()
    );
    let mut slow = Vec::new();
    // More than may be: some of them are refused, and the others stay.
    for _ in 0..2 * PARTS_AT_ONCE_PER_ADDRESS_MAX {
        let mut stream = tokio::net::TcpStream::connect(desk.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    // How many the desk has read by now it alone knows: in the end it refuses.
    let refused = async {
        loop {
            let (status, body) = sender.part(&picture.upload_id, 0, &[]).await;
            if status == 429 {
                return body;
            }
        }
    };
    let body = tokio::time::timeout(PATIENCE, refused).await.unwrap();
    assert!(body.contains(error_code::RATE_LIMITED), "{body}");
    drop(slow);
    let taken = async { while sender.part(&picture.upload_id, 0, &bytes).await.0 != 200 {} };
    tokio::time::timeout(PATIENCE, taken).await.unwrap();
}
