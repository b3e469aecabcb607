//! The wire protocol, version 1: JSON text frames over one WebSocket, shared by SDK and desk.
//!
//! A client sends `{id, <command>: {...}}`; the desk answers with the same `id` and either `result`
//! or `error`; a push has no `id`. Several frames may share one message, separated by newlines.
//! Unknown fields and unknown event types are ignored on both sides, never an error.
//!
//! | Room | What |
//! |---|---|
//! | [`command`] | what a visitor's SDK asks |
//! | [`reply`] | what the desk answers and pushes |
//! | [`event`] | the entries of a conversation's log |
//! | [`content`] | what a message is made of |
//! | [`survey`] | what is asked for in a survey, and what was answered |
//! | [`agent`] | what an agent's console asks and gets |
//!
//! # Files
//!
//! A file goes up in three steps, each of which may be repeated, and before the message that names it:
//!
//! 1. `uploadBegin` names the file; the answer says how many of its bytes the desk has.
//! 2. `PATCH /v1/uploads/{uploadId}` over HTTP, `Authorization: Bearer <token>`, `Upload-Offset: <bytes
//!    the desk has>`, `Content-Type: application/offset+octet-stream`, brings the next bytes, as many
//!    as the client likes up to [`crate::limits::UPLOAD_CHUNK_BYTES`]; `POST` does the same, for runtimes
//!    that know no `PATCH`. The answer is an
//!    [`reply::UploadState`] (200), or an [`reply::ErrorBody`]; at another offset than the desk's, 409
//!    `conflict`, and the client begins again with step 1.
//! 3. `uploadCommit` ends it: the desk looks whether the bytes are all there, are what they claim to be
//!    (`sha256`, where given) and are of a type that it takes, and refuses the file for good otherwise.
//!
//! `GET /v1/uploads/{uploadId}`, with the bearer, gives the bytes to those who may read the conversation,
//! with `X-Content-Type-Options: nosniff` and `Content-Disposition: attachment`.

pub mod agent;
pub mod command;
pub mod content;
pub mod event;
pub mod reply;
pub mod survey;

pub use command::{ClientFrame, Command};
pub use event::{Author, Event, EventBody};
pub use reply::{Reply, ServerFrame};

/// The version that this build speaks, negotiated in `connect`.
pub const PROTOCOL_VERSION: u32 = 1;

/// Close codes of the desk's WebSocket (the private range of RFC 6455).
pub mod close_code {
    /// The desk restarts or sheds load: reconnect with backoff.
    pub const TRY_LATER: u16 = 4000;
    /// The first frame was not a valid `connect`, or frames were malformed: do not reconnect.
    pub const PROTOCOL: u16 = 4001;
    /// The token is not accepted: drop it, then reconnect once.
    pub const UNAUTHORIZED: u16 = 4003;
    /// The site is unknown, or this origin may not use it: do not reconnect.
    pub const FORBIDDEN_SITE: u16 = 4004;
    /// The peer read too slowly: reconnect and resume.
    pub const SLOW_READER: u16 = 4008;
}

/// Stable error codes of the protocol; `error.code` is one of these or unknown to this version.
pub mod error_code {
    /// The frame could not be read.
    pub const BAD_FRAME: &str = "bad_frame";
    /// The command is not known to this version.
    pub const UNKNOWN_COMMAND: &str = "unknown_command";
    /// A field is missing, too long or out of range; the message says which.
    pub const INVALID: &str = "invalid";
    /// The frame or text is over a limit of `connected.limits`.
    pub const TOO_LARGE: &str = "too_large";
    /// The token is missing, forged, expired or of another site.
    pub const UNAUTHORIZED: &str = "unauthorized";
    /// The conversation is not this visitor's, or does not exist.
    pub const NOT_FOUND: &str = "not_found";
    /// The same cmid arrived with another body; nothing was overwritten (HTTP 409).
    pub const CONFLICT: &str = "conflict";
    /// `prev` has not arrived yet; try again later.
    pub const OUT_OF_ORDER: &str = "out_of_order";
    /// The conversation has ended for good; what was written belongs into a new one.
    pub const CLOSED: &str = "closed";
    /// The visitor has as many conversations as one may have; another one does not begin.
    pub const TOO_MANY: &str = "too_many";
    /// The file is not of a type that the desk takes, or its bytes are not what was announced.
    pub const FILE_REFUSED: &str = "file_refused";
    /// Too many commands; honour `retryAfterMs`.
    pub const RATE_LIMITED: &str = "rate_limited";
    /// The desk could not commit; try again later.
    pub const UNAVAILABLE: &str = "unavailable";
    /// The protocol version is not spoken here.
    pub const VERSION: &str = "version";
    /// The site is unknown, or this origin may not use it.
    pub const FORBIDDEN_SITE: &str = "forbidden_site";
}
