//! The first and the last step of a file, whoever sends it: what is about to come, and that all of it is
//! there. Its bytes are requests ([`crate::uploads`]).

use crate::conversation::ledger::Upload;
use crate::conversation::{Action, Actor, Done, Durable};
use crate::refusal::Refusal;
use crate::{Desk, check, content, files};
use deskside::protocol::command::{UploadBegin, UploadCommit};
use deskside::protocol::reply::UploadState;

/// Names a file; says how much of it is there.
pub async fn begin(
    desk: &Desk,
    by: Actor,
    origin: u64,
    begin: UploadBegin,
) -> Result<UploadState, Refusal> {
    check::uuid("conv", &begin.conv)?;
    content::new_file(&begin.file, &desk.config.limits)?;
    let action = Action::UploadBegin(begin);
    let done = desk.store.commit(Durable { by, origin, action }).await?;
    let Done::Upload(upload) = done else {
        return Err(Refusal::unavailable());
    };
    state(desk, upload).await
}

/// Makes a file whole; what was made whole before stays so.
pub async fn finish(
    desk: &Desk,
    by: Actor,
    origin: u64,
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
    let upload = upload.filter(|upload| upload.is_of(by.sender()));
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
        let done = desk.store.commit(Durable { by, origin, action }).await?;
        if let Done::Upload(finished) = done {
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
