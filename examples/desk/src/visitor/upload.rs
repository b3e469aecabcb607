//! The first and the last step of a file: what is about to come, and that all of it is there.

use super::{Caller, commit};
use crate::conversation::ledger::Upload;
use crate::conversation::{Action, Done};
use crate::refusal::Refusal;
use crate::{Desk, check, content, files};
use deskside::protocol::command::{UploadBegin, UploadCommit};
use deskside::protocol::reply::UploadState;

/// Names a file; says how much of it is there.
pub async fn begin(
    desk: &Desk,
    caller: &Caller,
    begin: UploadBegin,
) -> Result<UploadState, Refusal> {
    check::uuid("conv", &begin.conv)?;
    content::new_file(&begin.file, &desk.config.limits)?;
    let Done::Upload(upload) = commit(desk, caller, Action::UploadBegin(begin)).await? else {
        return Err(Refusal::unavailable());
    };
    state(desk, upload).await
}

/// Makes a file whole; what was made whole before stays so.
pub async fn finish(
    desk: &Desk,
    caller: &Caller,
    end: UploadCommit,
) -> Result<UploadState, Refusal> {
    check::uuid("uploadId", &end.upload_id)?;
    let announced = match &end.sha256 {
        Some(text) => Some(
            files::read_hex(text)
                .ok_or_else(|| Refusal::invalid("sha256 is not 64 hexadecimal digits"))?,
        ),
        None => None,
    };
    let upload = desk.store.upload(&end.upload_id).await?;
    let upload = upload.filter(|upload| upload.visitor == caller.claims.sub);
    let mut upload = upload.ok_or_else(Refusal::no_file)?;
    if upload.file.size != end.size {
        return Err(Refusal::file_refused(
            "its size is not that which was announced",
        ));
    }
    if upload.sha256.is_none() {
        let content = desk.files.finish(&upload.file, announced).await;
        // Another commit of the same file may have been quicker.
        let content = match content {
            Err(refusal) if refusal.temporary => {
                let now = desk.store.upload(&end.upload_id).await?;
                now.and_then(|now| now.sha256).ok_or(refusal)?
            }
            content => content?,
        };
        let upload_id = end.upload_id;
        let action = Action::UploadFinish { upload_id, content };
        if let Done::Upload(finished) = commit(desk, caller, action).await? {
            upload = finished;
        }
    }
    if announced.is_some() && announced != upload.sha256 {
        return Err(Refusal::conflict());
    }
    state(desk, upload).await
}

async fn state(desk: &Desk, upload: Upload) -> Result<UploadState, Refusal> {
    let committed = upload.sha256.is_some();
    let offset = match committed {
        true => upload.file.size,
        false => desk.files.offset(&upload.file.upload_id).await?,
    };
    Ok(UploadState {
        upload_id: upload.file.upload_id,
        offset,
        committed,
    })
}
