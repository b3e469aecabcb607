//! Files on the device, and their way to the desk.

use super::{Net, World, desk};
use deskside::Input;
use deskside::input::Uploaded;
use deskside::output::Chunk;
use deskside::protocol::content::Attachment;

impl World {
    /// What becomes of some bytes of a file; nothing where the network swallows them.
    pub(super) fn upload(&mut self, chunk: Chunk) -> Option<Uploaded> {
        let Chunk {
            upload_id,
            url,
            token,
            offset,
            bytes,
        } = chunk;
        assert_eq!(url, format!("http://desk.test/v1/uploads/{upload_id}"));
        self.transmitted.push("chunk".into());
        let Some((_, file)) = self.files.iter().find(|(known, _)| *known == upload_id) else {
            return Some(Uploaded::unreadable(upload_id));
        };
        let part = file[offset as usize..(offset + bytes) as usize].to_vec();
        let answer = match self.net {
            Net::Silent => return None,
            Net::Down => Err(desk::temporary("network", 0)),
            Net::Works | Net::LosesReplies => self.desk.patch(&token, &upload_id, offset, &part),
        };
        if self.net == Net::LosesReplies {
            return None;
        }
        let (offset, error) = match answer {
            Ok(state) => (Some(state.offset), None),
            Err(error) => (None, Some(error)),
        };
        Some(Uploaded {
            upload_id,
            offset,
            sha256: None,
            error,
        })
    }

    /// Answers to requests reach the device, one after the other, until none is left.
    pub fn carry_files(&mut self) {
        while self.carry_file() {}
    }

    /// The next answer to a request reaches the device. Whether there was one.
    pub fn carry_file(&mut self) -> bool {
        if self.chunks.is_empty() {
            return false;
        }
        let uploaded = self.chunks.remove(0);
        self.input(Input::Uploaded(uploaded));
        true
    }

    /// A file that the device keeps: so many bytes of noise.
    pub fn keep_file(&mut self, name: &str, size: u32) -> Attachment {
        let upload_id = format!("0189{:04x}-0000-7000-8000-000000000000", self.files.len());
        let noise = (0..size).map(|at| (at * 31 % 251) as u8).collect();
        self.files.push((upload_id.clone(), noise));
        Attachment {
            upload_id,
            name: name.into(),
            mime: "image/png".into(),
            size,
            width: None,
            height: None,
        }
    }
}
