//! Why a command was not carried out: a stable code, a sentence, and whether trying again helps.

use crate::sockets::Full;
use deskside::protocol::{error_code, reply::ErrorBody};

/// A refusal on its way to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// One of [`error_code`].
    pub code: &'static str,
    /// A sentence for a developer.
    pub message: String,
    /// Whether the same command may succeed later.
    pub temporary: bool,
    /// Not before so many milliseconds.
    pub retry_after_ms: Option<u32>,
}

impl Refusal {
    fn permanent(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            temporary: false,
            retry_after_ms: None,
        }
    }

    fn temporary(code: &'static str, message: impl Into<String>, after_ms: Option<u32>) -> Self {
        Self {
            code,
            message: message.into(),
            temporary: true,
            retry_after_ms: after_ms,
        }
    }

    /// A field is missing, too long or out of range.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::permanent(error_code::INVALID, message)
    }

    /// The frame could not be read.
    pub fn bad_frame(message: impl Into<String>) -> Self {
        Self::permanent(error_code::BAD_FRAME, message)
    }

    /// The command is not known here.
    pub fn unknown_command(message: impl Into<String>) -> Self {
        Self::permanent(error_code::UNKNOWN_COMMAND, message)
    }

    /// Something is over a limit.
    pub fn too_large(message: impl Into<String>) -> Self {
        Self::permanent(error_code::TOO_LARGE, message)
    }

    /// The token is not accepted.
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::permanent(error_code::UNAUTHORIZED, message)
    }

    /// The site is unknown, or the origin may not use it.
    pub fn forbidden_site(message: impl Into<String>) -> Self {
        Self::permanent(error_code::FORBIDDEN_SITE, message)
    }

    /// The protocol version is not spoken here.
    pub fn version(message: impl Into<String>) -> Self {
        Self::permanent(error_code::VERSION, message)
    }

    /// The conversation is not there, or not the caller's: the two cannot be told apart.
    pub fn not_found() -> Self {
        Self::permanent(error_code::NOT_FOUND, "no such conversation")
    }

    /// The session is over, or never was: `connect` again.
    pub fn no_session() -> Self {
        Self::permanent(error_code::NOT_FOUND, "no such session; connect again")
    }

    /// The file is not there, or not the caller's.
    pub fn no_file() -> Self {
        Self::permanent(error_code::NOT_FOUND, "no such file")
    }

    /// The survey is not there, or the site is not.
    pub fn no_survey() -> Self {
        Self::permanent(error_code::NOT_FOUND, "no such survey, or no such site")
    }

    /// Somebody else has saved another definition under that version.
    pub fn another_version() -> Self {
        Self::temporary(
            error_code::CONFLICT,
            "another definition was saved as this version; try again",
            None,
        )
    }

    /// The file is not one that the desk takes.
    pub fn file_refused(message: impl Into<String>) -> Self {
        Self::permanent(error_code::FILE_REFUSED, message)
    }

    /// The part belongs elsewhere: `uploadBegin` says where to go on.
    pub fn elsewhere(offset: u32) -> Self {
        let message = format!("the desk has {offset} bytes of the file; go on from there");
        Self::temporary(error_code::CONFLICT, message, None)
    }

    /// The same cmid with another body.
    pub fn conflict() -> Self {
        Self::permanent(
            error_code::CONFLICT,
            "this cmid has been used with another body; nothing was overwritten",
        )
    }

    /// The conversation has ended for good.
    pub fn closed() -> Self {
        Self::permanent(
            error_code::CLOSED,
            "the conversation is closed; open a new one",
        )
    }

    /// The visitor has as many conversations as one may have.
    pub fn too_many_conversations(max: u32) -> Self {
        let message = format!("this visitor has {max} conversations, and may not have more");
        Self::permanent(error_code::TOO_MANY, message)
    }

    /// `prev` has not arrived.
    pub fn out_of_order() -> Self {
        Self::temporary(
            error_code::OUT_OF_ORDER,
            "prev has not arrived; send it first",
            None,
        )
    }

    /// Too many commands.
    pub fn rate_limited(retry_after_ms: u32) -> Self {
        Self::temporary(
            error_code::RATE_LIMITED,
            "too many commands",
            Some(retry_after_ms),
        )
    }

    /// The desk could not commit; the cause is in its log, not in the answer.
    pub fn unavailable() -> Self {
        Self::temporary(
            error_code::UNAVAILABLE,
            "the desk could not store this; try again",
            None,
        )
    }
}

impl From<Full> for Refusal {
    fn from(full: Full) -> Self {
        const RETRY_AFTER_MS: u32 = 5_000;
        match full {
            Full::Desk => Self::temporary(
                error_code::UNAVAILABLE,
                "the desk serves as many as it can; try again",
                Some(RETRY_AFTER_MS),
            ),
            Full::Address => Self::temporary(
                error_code::RATE_LIMITED,
                "this address has too many sessions, or parts of files on their way",
                Some(RETRY_AFTER_MS),
            ),
        }
    }
}

impl From<Refusal> for ErrorBody {
    fn from(refusal: Refusal) -> Self {
        Self {
            code: refusal.code.to_owned(),
            message: refusal.message,
            temporary: refusal.temporary,
            retry_after_ms: refusal.retry_after_ms,
        }
    }
}
