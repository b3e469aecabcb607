//! The bytes of attachments, in a folder beside the database: parts that grow, and whole files under
//! the name of their content. Which file is whose is in the database.

use crate::limits::{IMAGE_PIXELS_MAX, Limits, PART_IDLE_MS_MAX};
use crate::refusal::Refusal;
use deskside::protocol::content::Attachment;
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::{Mutex, MutexGuard};

/// What is kept of a file's content in the database.
pub type ContentHash = [u8; 32];

/// What the desk takes, by content and not by name. Nothing that a browser would run.
const TYPES: &[&str] = &[
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "application/pdf",
    "text/plain",
];

/// The folder.
#[derive(Clone)]
pub struct Files {
    parts: PathBuf,
    whole: PathBuf,
    free_bytes_min: u64,
    /// One writer for each part; parts share a few locks.
    locks: Arc<[Mutex<()>; 32]>,
}

impl Files {
    /// Beside the database, as `desk.db.files`.
    pub fn open(database: &Path, limits: &Limits) -> io::Result<Self> {
        let mut name = database.as_os_str().to_owned();
        name.push(".files");
        let folder = PathBuf::from(name);
        let files = Self {
            parts: folder.join("parts"),
            whole: folder.join("whole"),
            free_bytes_min: u64::from(limits.disk_free_mb_min) << 20,
            locks: Arc::new(std::array::from_fn(|_| Mutex::default())),
        };
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&files.parts)?;
        builder.create(&files.whole)?;
        Ok(files)
    }

    /// How many bytes of a file are there.
    pub async fn offset(&self, upload_id: &str) -> Result<u32, Refusal> {
        let part = self.part(upload_id);
        run(move || match fs::metadata(part) {
            Ok(metadata) => Ok(u32::try_from(metadata.len()).unwrap_or(u32::MAX)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        })
        .await
    }

    /// Puts the next bytes in, where they are the next; gives how many are there then.
    pub async fn append(
        &self,
        upload_id: &str,
        offset: u32,
        bytes: axum::body::Bytes,
        size: u32,
    ) -> Result<u32, Refusal> {
        let _writer = self.lock(upload_id).await;
        let end = u32::try_from(bytes.len())
            .ok()
            .and_then(|n| offset.checked_add(n));
        let Some(end) = end.filter(|end| *end <= size) else {
            let there = self.offset(upload_id).await?;
            return Err(match there == offset {
                true => Refusal::file_refused("there are more bytes than announced"),
                false => Refusal::elsewhere(there),
            });
        };
        let (folder, part) = (self.parts.clone(), self.part(upload_id));
        let free_bytes_min = self.free_bytes_min;
        let there = run(move || {
            if has_less(&folder, free_bytes_min + bytes.len() as u64)? {
                return Err(io::Error::from(io::ErrorKind::StorageFull));
            }
            append(&part, offset, &bytes)
        });
        match there.await? {
            there if there == offset => Ok(end),
            there => Err(Refusal::elsewhere(there)),
        }
    }

    /// Makes a part whole, where it is what was announced. What was made whole before stays so.
    pub async fn finish(
        &self,
        file: &Attachment,
        sha256: Option<ContentHash>,
    ) -> Result<ContentHash, Refusal> {
        let _writer = self.lock(&file.upload_id).await;
        let (part, whole, file) = (self.part(&file.upload_id), self.whole.clone(), file.clone());
        let finished = tokio::task::spawn_blocking(move || finish(&part, &whole, &file, sha256));
        finished
            .await
            .unwrap_or_else(|_| Err(Refusal::unavailable()))
    }

    /// Where a whole file is.
    pub fn whole(&self, content: &ContentHash) -> PathBuf {
        whole(&self.whole, content)
    }

    /// Forgets the bytes of parts that are not wanted any more, and of whole files that `is_known` does
    /// not know, once they are old enough to be nobody's who is just about to.
    pub fn sweep(&self, is_wanted: impl Fn(&str) -> bool, is_known: impl Fn(&ContentHash) -> bool) {
        let idle_max = Duration::from_millis(PART_IDLE_MS_MAX);
        for (path, name) in entries(&self.parts) {
            if !is_wanted(&name) && idle(&path) > idle_max {
                forget(&path);
            }
        }
        for (folder, _) in entries(&self.whole) {
            for (path, name) in entries(&folder) {
                let content = read_hex(&name);
                let is_known = content.as_ref().is_some_and(&is_known);
                if !is_known && idle(&path) > idle_max {
                    forget(&path);
                }
            }
        }
    }

    /// The ids come from clients, but only in the one written form of a UUID.
    fn part(&self, upload_id: &str) -> PathBuf {
        self.parts.join(upload_id)
    }

    async fn lock(&self, upload_id: &str) -> MutexGuard<'_, ()> {
        let sum: usize = upload_id.bytes().map(usize::from).sum();
        self.locks[sum % self.locks.len()].lock().await
    }
}

/// The bytes of a hash as they are written.
pub fn hex(content: &ContentHash) -> String {
    content.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A hash as it is written.
pub fn read_hex(text: &str) -> Option<ContentHash> {
    let mut content = ContentHash::default();
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in content.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(content)
}

/// Puts bytes where the part ends, and gives where that was; elsewhere nothing is put.
fn append(part: &Path, offset: u32, bytes: &[u8]) -> io::Result<u32> {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    let mut file = options.open(part)?;
    // Another process may be at the same part: it may have grown since, or be whole under another name.
    file.lock()?;
    let there = u32::try_from(file.metadata()?.len()).unwrap_or(u32::MAX);
    if there == offset {
        file.seek(SeekFrom::Start(offset.into()))?;
        file.write_all(bytes)?;
    }
    Ok(there)
}

/// Whether so much is not free on a disk: what is left of it is for messages.
fn has_less(folder: &Path, bytes: u64) -> io::Result<bool> {
    #[cfg(unix)]
    {
        let disk = rustix::fs::statvfs(folder)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize) < bytes)
    }
    #[cfg(not(unix))]
    {
        let _ = (folder, bytes);
        Ok(false)
    }
}

fn finish(
    part: &Path,
    folder: &Path,
    file: &Attachment,
    sha256: Option<ContentHash>,
) -> Result<ContentHash, Refusal> {
    let mut bytes = match File::open(part) {
        Ok(opened) => opened,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(Refusal::elsewhere(0));
        }
        Err(error) => return Err(failed(&error)),
    };
    // Nobody adds to it any more, whatever its name will be.
    bytes.lock().map_err(|e| failed(&e))?;
    let there = bytes.metadata().map_err(|e| failed(&e))?.len();
    if there != u64::from(file.size) {
        return Err(Refusal::elsewhere(u32::try_from(there).unwrap_or(u32::MAX)));
    }
    let (content, head) = read_through(&mut bytes).map_err(|e| failed(&e))?;
    let problem = match sha256.is_some_and(|announced| announced != content) {
        true => Some("its bytes are not those that were announced".to_owned()),
        false => problem_of(part, file, &head),
    };
    if let Some(problem) = problem {
        forget(part);
        return Err(Refusal::file_refused(problem));
    }
    keep(&bytes, part, &whole(folder, &content)).map_err(|e| failed(&e))?;
    Ok(content)
}

/// The hash of all, and enough of the start to tell what it is.
fn read_through(file: &mut File) -> io::Result<(ContentHash, Vec<u8>)> {
    const HEAD_BYTES: usize = 8 * 1_024;
    let (mut hash, mut head) = (Sha256::new(), Vec::new());
    let mut buffer = vec![0; 64 * 1_024];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((hash.finalize().into(), head));
        }
        let wanted = HEAD_BYTES.saturating_sub(head.len()).min(read);
        head.extend_from_slice(&buffer[..wanted]);
        hash.update(&buffer[..read]);
    }
}

/// What is wrong with a file's content: not of a type that the desk takes, not of the one that it
/// claims, or a picture too large to be unpacked.
fn problem_of(path: &Path, file: &Attachment, head: &[u8]) -> Option<String> {
    let found = match infer::get(head) {
        Some(kind) => kind.mime_type(),
        None if is_text(head) => "text/plain",
        None => "application/octet-stream",
    };
    if !TYPES.contains(&found) {
        return Some(format!("files of type {found} are not taken"));
    }
    if found != file.mime {
        return Some(format!("it is {found} and says that it is {}", file.mime));
    }
    if found.starts_with("image/") {
        return match imagesize::size(path) {
            Ok(size) if size.width.saturating_mul(size.height) <= IMAGE_PIXELS_MAX => None,
            Ok(size) => Some(format!(
                "{} x {} pixels are too many",
                size.width, size.height
            )),
            Err(_) => Some("its pixels cannot be counted".to_owned()),
        };
    }
    None
}

/// UTF-8 without control characters; the head may end inside a character.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or("\0")
        }
        Err(_) => return false,
    };
    !text.chars().any(|c| c.is_control() && !c.is_whitespace())
}

/// On disk before it is told to be there.
fn keep(bytes: &File, part: &Path, whole: &Path) -> io::Result<()> {
    bytes.sync_all()?;
    // A sweep that is under way must not take it for an old one.
    OpenOptions::new()
        .write(true)
        .open(part)?
        .set_modified(SystemTime::now())?;
    if let Some(folder) = whole.parent() {
        fs::create_dir_all(folder)?;
        fs::rename(part, whole)?;
        #[cfg(unix)]
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn whole(folder: &Path, content: &ContentHash) -> PathBuf {
    let name = hex(content);
    folder.join(&name[..2]).join(name)
}

fn entries(folder: &Path) -> Vec<(PathBuf, String)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| {
            (
                entry.path(),
                entry.file_name().to_string_lossy().into_owned(),
            )
        })
        .collect()
}

fn idle(path: &Path) -> Duration {
    let modified = fs::metadata(path).and_then(|metadata| metadata.modified());
    let idle = modified.ok().and_then(|modified| modified.elapsed().ok());
    idle.unwrap_or_default()
}

fn forget(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::warn!(%error, path = %path.display(), "a file was not removed");
    }
}

fn failed(error: &io::Error) -> Refusal {
    tracing::error!(%error, "an attachment could not be kept");
    Refusal::unavailable()
}

async fn run<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Refusal> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|error| failed(&error)),
        Err(_) => Err(Refusal::unavailable()),
    }
}
