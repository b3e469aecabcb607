//! Files on a device, and their way to the desk: by requests of their own, part for part.

use crate::ledger::{Kind, Word, text_of};
use crate::run::{Due, Run, note};
use crate::world::desk::temporary;
use deskside::input::Uploaded;
use deskside::output::Chunk;
use deskside::protocol::content::Attachment;
use deskside::protocol::error_code;
use deskside::protocol::reply::{ErrorBody, UploadState};
use deskside::{Action, Input};

/// The id under which the file of a message goes up.
pub fn upload_id_of(number: usize) -> String {
    format!("{number:08x}-0000-7000-8000-000000000000")
}

/// The message whose file it is.
fn message_of(upload_id: &str) -> Option<usize> {
    let (number, _) = upload_id.split_once('-')?;
    usize::from_str_radix(number, 16).ok()
}

impl Run {
    /// The visitor sends a file. What it is called is the message's text to everybody here.
    pub fn attach(&mut self, tab: usize, conv: String, pick: u32) {
        let number = self.ledger.words.len();
        let device = self.tabs[tab].device;
        let mut word = Word::new(device, tab, self.devices[device].user);
        word.kind = Kind::File;
        self.ledger.words.push(word);
        let file = Attachment {
            upload_id: upload_id_of(number),
            name: text_of(number),
            mime: "image/png".into(),
            size: 1 + pick % 700_000,
            width: None,
            height: None,
        };
        // Its bytes are kept before it is said.
        self.devices[device].files.push(file.upload_id.clone());
        if self.act(tab, Action::Attach { conv, file }).is_err() {
            self.ledger.words[number].discarded = true;
            self.devices[device].files.pop();
        }
    }

    /// The device cannot read one of its files any more.
    pub fn lose_file(&mut self, device: usize, pick: u32) {
        let files = &mut self.devices[device].files;
        if !files.is_empty() {
            files.swap_remove(pick as usize % files.len());
        }
    }

    /// A file is kept as long as its message may still need it.
    pub fn forget_file(&mut self, tab: usize, upload_id: &str) {
        let device = self.tabs[tab].device;
        let Some(number) = message_of(upload_id) else {
            return;
        };
        let word = &self.ledger.words[number];
        if !word.on_desk && !word.discarded && word.excuse.is_none() {
            let text = text_of(number);
            return self.fail(|| format!("t{tab} forgets the file of {text}, which was not sent"));
        }
        self.devices[device].files.retain(|kept| kept != upload_id);
    }

    /// A part of a file sets out.
    pub fn send_chunk(&mut self, tab: usize, chunk: Chunk) {
        note!(self, "t{tab} > {chunk:?}");
        let device = &self.devices[self.tabs[tab].device];
        let (net, now) = (device.net, self.now_ms);
        if !device.files.contains(&chunk.upload_id) {
            let unreadable = Uploaded::unreadable(chunk.upload_id);
            return self.after(1, Due::Told(tab, Input::Uploaded(unreadable)));
        }
        if net.up_lost_ms.max(net.parts_lost_ms) > now {
            return;
        }
        let delay = self.latency(tab);
        let portal = net.portal_ms > now;
        if portal || net.offline_ms > now || net.refused_ms > now {
            return self.chunk_fails(tab, chunk, delay);
        }
        if net.twice_ms > now {
            self.after(delay, Due::Chunk(tab, chunk.clone(), false));
        }
        self.after(delay, Due::Chunk(tab, chunk, true));
    }

    fn chunk_fails(&mut self, tab: usize, chunk: Chunk, delay: u64) {
        self.chunk_answered(tab, chunk.upload_id, Err(temporary("network", 0)), delay);
    }

    fn chunk_answered(
        &mut self,
        tab: usize,
        upload_id: String,
        answer: Result<UploadState, ErrorBody>,
        delay: u64,
    ) {
        let (offset, error) = match answer {
            Ok(state) => (Some(state.offset), None),
            Err(error) => (None, Some(error)),
        };
        let uploaded = Uploaded {
            upload_id,
            offset,
            sha256: None,
            error,
        };
        self.after(delay, Due::Told(tab, Input::Uploaded(uploaded)));
    }

    /// A part of a file has reached the desk. Of one that came twice, the second answer is heard.
    pub fn chunk_at_desk(&mut self, tab: usize, chunk: Chunk, heard: bool) {
        let delay = self.latency(tab);
        if self.faults.down_until_ms > self.now_ms {
            return self.chunk_fails(tab, chunk, delay);
        }
        let refusal = self.desk.refusals.pop_front();
        let answer = match refusal {
            Some(refusal) if refusal.code != error_code::OUT_OF_ORDER => Err(refusal),
            _ => {
                let bytes = vec![0; chunk.bytes as usize];
                let Chunk {
                    token,
                    upload_id,
                    offset,
                    ..
                } = &chunk;
                self.desk.patch(token, upload_id, *offset, &bytes)
            }
        };
        note!(self, "desk answers {answer:?}");
        if answer.is_ok() && std::mem::take(&mut self.faults.crash_after_commit) {
            note!(self, "desk dies in the middle of a file");
            self.restart_desk(500);
            return self.chunk_fails(tab, chunk, delay);
        }
        let down_lost = self.devices[self.tabs[tab].device].net.down_lost_ms > self.now_ms;
        if heard && !down_lost {
            self.chunk_answered(tab, chunk.upload_id, answer, delay);
        }
    }

    /// What the desk had of a file and had not written down is gone with its process.
    pub fn cut_files(&mut self) {
        for upload in &mut self.desk.uploads {
            if !upload.committed {
                let whole = upload.bytes.len() - upload.bytes.len() % 65_536;
                upload.bytes.truncate(whole);
            }
        }
    }

    /// A message never comes before its file.
    pub fn check_files(&mut self, attachments: &[Attachment]) {
        for file in attachments {
            let there = self.desk.upload(&file.upload_id);
            if !there.is_some_and(|upload| upload.committed) {
                let name = file.name.clone();
                return self.fail(|| format!("the desk has {name} before its file"));
            }
        }
    }
}
