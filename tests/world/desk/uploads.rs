//! Files as the desk keeps them.

use super::{Desk, permanent};
use deskside::protocol::command::{UploadBegin, UploadCommit};
use deskside::protocol::content::Attachment;
use deskside::protocol::error_code;
use deskside::protocol::reply::{ErrorBody, UploadState};

/// A file, as far as it has come.
#[derive(Clone, Debug)]
pub struct Upload {
    pub conv: String,
    pub file: Attachment,
    pub bytes: Vec<u8>,
    pub committed: bool,
}

impl Upload {
    fn state(&self) -> UploadState {
        UploadState {
            upload_id: self.file.upload_id.clone(),
            offset: self.bytes.len() as u32,
            committed: self.committed,
        }
    }
}

impl Desk {
    pub fn upload(&self, upload_id: &str) -> Option<&Upload> {
        let mut uploads = self.uploads.iter();
        uploads.find(|upload| upload.file.upload_id == upload_id)
    }

    fn upload_mut(&mut self, upload_id: &str) -> Result<&mut Upload, ErrorBody> {
        let mut uploads = self.uploads.iter_mut();
        let found = uploads.find(|upload| upload.file.upload_id == upload_id);
        found.ok_or_else(|| permanent(error_code::NOT_FOUND))
    }

    pub(super) fn begin(&mut self, begin: UploadBegin) -> Result<UploadState, ErrorBody> {
        let UploadBegin { conv, file } = begin;
        if let Ok(upload) = self.upload_mut(&file.upload_id) {
            if upload.file != file || upload.conv != conv {
                return Err(permanent(error_code::CONFLICT));
            }
            return Ok(upload.state());
        }
        self.uploads.push(Upload {
            conv,
            file,
            bytes: Vec::new(),
            committed: false,
        });
        Ok(self.uploads[self.uploads.len() - 1].state())
    }

    /// `PATCH /v1/uploads/{uploadId}`.
    pub fn patch(
        &mut self,
        token: &str,
        upload_id: &str,
        offset: u32,
        bytes: &[u8],
    ) -> Result<UploadState, ErrorBody> {
        if !self.tokens.iter().any(|(known, _)| known == token) {
            return Err(permanent(error_code::UNAUTHORIZED));
        }
        let upload = self.upload_mut(upload_id)?;
        if upload.bytes.len() as u32 != offset {
            return Err(permanent(error_code::CONFLICT));
        }
        upload.bytes.extend_from_slice(bytes);
        Ok(upload.state())
    }

    pub(super) fn commit_upload(&mut self, commit: UploadCommit) -> Result<UploadState, ErrorBody> {
        let upload = self.upload_mut(&commit.upload_id)?;
        if upload.bytes.len() as u32 != commit.size {
            return Err(permanent(error_code::FILE_REFUSED));
        }
        upload.committed = true;
        Ok(upload.state())
    }
}
