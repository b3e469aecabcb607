//! What the engine refuses, with a code that stays the same and a sentence that says why.

use std::borrow::Cow;

/// An input that was not taken. The engine's state is as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Stable: programs may compare it.
    pub code: &'static str,
    /// For a developer; may change.
    pub message: Cow<'static, str>,
}

impl Error {
    /// An error with a fixed sentence.
    pub const fn new(code: &'static str, message: &'static str) -> Self {
        Self {
            code,
            message: Cow::Borrowed(message),
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
