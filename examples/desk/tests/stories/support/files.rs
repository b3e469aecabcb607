//! Files to send, and who sends them.

use super::*;
use deskside::protocol::Command;
use deskside::protocol::agent::AgentCommand;
use deskside::protocol::command::{Send, UploadBegin, UploadCommit};
use deskside::protocol::content::{Attachment, Content};
use deskside::protocol::reply::UploadState;
use sha2::{Digest, Sha256};

/// The head of a PNG of so many pixels, and nothing after it.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 2, 0, 0, 0]);
    bytes.extend((0..100_000).map(|at| (at % 251) as u8));
    bytes
}

pub fn file(name: &str, mime: &str, bytes: &[u8]) -> Attachment {
    Attachment {
        upload_id: uuid(),
        name: name.to_owned(),
        mime: mime.to_owned(),
        size: u32::try_from(bytes.len()).unwrap(),
        width: None,
        height: None,
    }
}

pub fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A visitor with a conversation, who sends files.
pub struct Sender {
    pub requests: Requests,
    pub conv: String,
}

impl Sender {
    pub async fn new(desk: &Desk) -> Self {
        let requests = Requests::connect(desk.address, None, &[]).await;
        let conv = uuid();
        requests.ask(open_command(&conv)).await;
        Self { requests, conv }
    }

    pub async fn begin(&self, file: &Attachment) -> Answered {
        let begin = UploadBegin {
            conv: self.conv.clone(),
            file: file.clone(),
        };
        self.requests.ask(Command::UploadBegin(begin)).await
    }

    pub async fn part(&self, upload_id: &str, offset: usize, bytes: &[u8]) -> (u16, String) {
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

    pub async fn commit(&self, file: &Attachment, sha256: Option<String>) -> Answered {
        let commit = UploadCommit {
            conv: self.conv.clone(),
            upload_id: file.upload_id.clone(),
            size: file.size,
            sha256,
        };
        self.requests.ask(Command::UploadCommit(commit)).await
    }

    /// All three steps; gives the last answer.
    pub async fn upload(&self, file: &Attachment, bytes: &[u8]) -> Answered {
        let begun = self.begin(file).await;
        assert_eq!(begun.status, 200, "{}", begun.body);
        let (status, body) = self.part(&file.upload_id, 0, bytes).await;
        assert_eq!(status, 200, "{body}");
        self.commit(file, Some(hash(bytes))).await
    }

    pub async fn name(&self, files: &[&Attachment]) -> Answered {
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

    pub async fn fetch(&self, upload_id: &str) -> (u16, String, Vec<u8>) {
        fetch(&self.requests, &self.requests.headers(), upload_id).await
    }
}

pub async fn fetch(at: &Requests, headers: &str, upload_id: &str) -> (u16, String, Vec<u8>) {
    let head = format!("GET /v1/uploads/{upload_id} HTTP/1.1\r\n{headers}");
    exchange(at.address, &head, b"").await
}

/// An agent who sends files.
pub struct Console {
    pub agent: Agent,
}

impl Console {
    pub async fn new(desk: &Desk, name: &str) -> Self {
        Self {
            agent: desk.agent(name).await,
        }
    }

    pub async fn begin(&mut self, conv: &str, file: &Attachment) -> UploadState {
        let begin = AgentCommand::UploadBegin(UploadBegin {
            conv: conv.to_owned(),
            file: file.clone(),
        });
        self.agent.ask(begin).await.unwrap().upload.unwrap()
    }

    pub async fn part(&self, desk: &Desk, upload_id: &str, offset: usize, bytes: &[u8]) -> u16 {
        let head = format!(
            "PATCH /v1/uploads/{upload_id} HTTP/1.1\r\nupload-offset: {offset}\r\n\
             authorization: Bearer {}\r\n",
            self.agent.token
        );
        exchange(desk.address, &head, bytes).await.0
    }

    pub async fn commit(&mut self, conv: &str, file: &Attachment) -> UploadState {
        let commit = AgentCommand::UploadCommit(UploadCommit {
            conv: conv.to_owned(),
            upload_id: file.upload_id.clone(),
            size: file.size,
            sha256: None,
        });
        self.agent.ask(commit).await.unwrap().upload.unwrap()
    }

    pub fn naming(file: &Attachment) -> Content {
        Content {
            attachments: vec![file.clone()],
            ..Content::default()
        }
    }
}
