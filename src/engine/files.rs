//! Files on their way up: the desk is asked what it has, is sent what it lacks, and told that it is
//! all. The bytes are the platform's; here are only ids, sizes and how far they have come.

use super::{Awaiting, Engine};
use crate::input::Uploaded;
use crate::limits::UPLOAD_CHUNK_BYTES;
use crate::outbox::Slot;
use crate::outbox::upload::Upload;
use crate::output::{Chunk, Output};
use crate::protocol::command::{Command, UploadBegin, UploadCommit};
use crate::protocol::content::Attachment;
use crate::protocol::error_code;
use crate::protocol::reply::{ErrorBody, UploadState};

/// The file of a message; the outbox puts one into each.
fn file_of(slot: &Slot) -> Option<&Attachment> {
    slot.message()?.attachments.first()
}

impl Engine {
    /// Begins with the next file, or begins again with the one that broke off.
    pub(super) fn tend_uploads(&mut self) {
        let Some(slot) = self.outbox.next_upload(self.now.mono_ms) else {
            return;
        };
        let Some(file) = file_of(slot).cloned() else {
            return;
        };
        if let Some(code) = self.unsendable(slot) {
            let cmid = slot.entry.command.cmid().to_owned();
            return self.entry_refused(&cmid, code.to_owned());
        }
        let sent_bytes = slot.upload.sent_bytes().unwrap_or(0);
        let conv = slot.entry.command.queue().to_owned();
        let upload_id = file.upload_id.clone();
        let begin = Command::UploadBegin(UploadBegin { conv, file });
        self.upload_step(&upload_id, sent_bytes, begin);
    }

    fn upload_step(&mut self, upload_id: &str, sent_bytes: u32, command: Command) {
        let id = self.transmit(command);
        self.awaiting
            .push((id, Awaiting::Upload(upload_id.to_owned())));
        self.upload_moves(upload_id, sent_bytes);
    }

    fn upload_moves(&mut self, upload_id: &str, sent_bytes: u32) {
        if let Some(slot) = self.outbox.find_upload(upload_id) {
            slot.upload.step(sent_bytes, self.now.mono_ms);
        }
        self.changed = true;
    }

    /// The desk says how far a file is.
    pub(super) fn upload_is_at(&mut self, state: UploadState, sha256: Option<String>) {
        let UploadState {
            upload_id,
            offset,
            committed,
        } = state;
        let token = self.token().to_owned();
        let Some(slot) = self.outbox.find_upload(&upload_id) else {
            return;
        };
        // What comes after its time is asked for again anyway.
        if !slot.upload.is_moving() {
            return;
        }
        slot.attempts = 0;
        if committed {
            slot.upload = Upload::Done;
            self.outbox.look_again();
            self.changed = true;
            return;
        }
        let conv = slot.entry.command.queue().to_owned();
        let Some(file) = file_of(slot) else {
            return;
        };
        if offset >= file.size {
            let commit = Command::UploadCommit(UploadCommit {
                conv,
                upload_id: upload_id.clone(),
                size: file.size,
                sha256,
            });
            return self.upload_step(&upload_id, offset, commit);
        }
        let mut url = self.config.desk.trim().trim_end_matches('/').to_owned();
        url.push_str("/v1/uploads/");
        url.push_str(&upload_id);
        let chunk = Chunk {
            url,
            token,
            offset,
            bytes: UPLOAD_CHUNK_BYTES.min(file.size - offset),
            upload_id: upload_id.clone(),
        };
        self.outputs.push_back(Output::SendChunk(chunk));
        self.upload_moves(&upload_id, offset);
    }

    /// The platform sent a part of a file, or could not.
    pub(super) fn uploaded(&mut self, uploaded: Uploaded) {
        let Uploaded {
            upload_id,
            offset,
            sha256,
            error,
        } = uploaded;
        match (error, offset) {
            (Some(mut error), _) => {
                // At another offset than the desk's: it is asked again.
                error.temporary |= error.code == error_code::CONFLICT;
                self.upload_failed(&upload_id, error);
            }
            (None, Some(offset)) => {
                let committed = false;
                let state = UploadState {
                    upload_id,
                    offset,
                    committed,
                };
                self.upload_is_at(state, sha256);
            }
            (None, None) => {}
        }
    }

    pub(super) fn upload_failed(&mut self, upload_id: &str, error: ErrorBody) {
        let slot = self.outbox.find_upload(upload_id);
        // What comes after its time says nothing of the token that there is now.
        let moving = slot.filter(|slot| slot.upload.is_moving());
        if let Some(slot) = moving {
            slot.upload.stop();
            if error.code == error_code::UNAUTHORIZED {
                return self.unauthorized();
            }
            let cmid = slot.entry.command.cmid().to_owned();
            self.entry_failed(&cmid, error);
        }
    }

    /// The bytes of an entry that is no more.
    pub(super) fn forget_files(&mut self, slot: &Slot) {
        if let Some(file) = file_of(slot) {
            let upload_id = file.upload_id.clone();
            self.outputs.push_back(Output::ForgetFile { upload_id });
        }
    }
}
