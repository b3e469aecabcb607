//! Files: who may begin one, and which a message may name.

use super::ledger::{Conversation, Kept, Ledger, Sender, Upload};
use crate::files::ContentHash;
use crate::limits::{Limits, UPLOADS_UNCOMMITTED_MAX};
use crate::refusal::Refusal;
use deskside::protocol::content::{Attachment, Content};
use deskside::protocol::event::Lifecycle;

/// Names a file that is about to come. The same again changes nothing.
pub(super) fn begin(
    ledger: &mut dyn Ledger,
    conversation: &Conversation,
    sender: Sender<'_>,
    file: Attachment,
    limits: &Limits,
    now: u64,
) -> Kept<Upload> {
    if let Some(known) = ledger.upload(&file.upload_id)? {
        let is_same = known.conv == conversation.num && known.file == file && known.is_of(sender);
        return if is_same {
            Ok(known)
        } else {
            Err(Refusal::conflict())
        };
    }
    if conversation.state == Lifecycle::Closed {
        return Err(Refusal::closed());
    }
    let (uncommitted, bytes) = ledger.uploads_of(sender)?;
    if uncommitted >= UPLOADS_UNCOMMITTED_MAX {
        return Err(Refusal::invalid(format!(
            "{UPLOADS_UNCOMMITTED_MAX} files of this sender are under way; finish them first"
        )));
    }
    let bytes_max = limits.attachment_bytes_per_visitor_max;
    let is_visitor = matches!(sender, Sender::Visitor(_));
    if is_visitor && bytes.saturating_add(file.size.into()) > u64::from(bytes_max) {
        return Err(Refusal::too_large(format!(
            "the files of this visitor would have more than {bytes_max} bytes"
        )));
    }
    let upload = Upload {
        conv: conversation.num,
        visitor: conversation.visitor.clone(),
        agent: match sender {
            Sender::Visitor(_) => None,
            Sender::Agent(id) => Some(id.to_owned()),
        },
        file,
        sha256: None,
        seq: None,
    };
    ledger.add_upload(&upload, now)?;
    Ok(upload)
}

/// The file under that id, where it is this one's to complete.
pub(super) fn finish(
    ledger: &mut dyn Ledger,
    sender: Sender<'_>,
    upload_id: &str,
    content: &ContentHash,
) -> Kept<Upload> {
    let upload = ledger.upload(upload_id)?;
    let upload = upload.filter(|upload| upload.is_of(sender));
    let mut upload = upload.ok_or_else(Refusal::no_file)?;
    ledger.finish_upload(upload_id, content)?;
    upload.sha256 = Some(*content);
    Ok(upload)
}

/// The files that a message names, as the desk knows them: whole, its author's own, and in no other
/// message.
pub(super) fn claim(
    ledger: &mut dyn Ledger,
    conversation: &Conversation,
    sender: Sender<'_>,
    content: &mut Content,
) -> Kept<()> {
    let seq = conversation.top.saturating_add(1);
    for attachment in &mut content.attachments {
        let upload = ledger.upload(&attachment.upload_id)?.filter(|upload| {
            upload.conv == conversation.num
                && upload.sha256.is_some()
                && upload.seq.is_none()
                && upload.is_of(sender)
        });
        let upload = upload.ok_or_else(|| {
            Refusal::invalid("body.attachments names a file that is not committed here")
        })?;
        ledger.name_upload(&attachment.upload_id, seq)?;
        *attachment = upload.file;
    }
    Ok(())
}
