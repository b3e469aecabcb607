//! The IO shell: performs what the engine asks for, and tells it what happened.
//!
//! | Room | |
//! |---|---|
//! | `web` | on a browser's page, by gloo and web-sys |
//! | [`host`] | on functions that a JavaScript host supplies: mini-programs |
//! | [`poll`] | the desk without a socket, [`way`] when to go that way |

pub mod host;
pub mod poll;
pub mod way;
#[cfg(feature = "browser")]
pub(crate) mod web;

use crate::plain::Value;

/// JSON as the host has it.
#[derive(Clone, Copy, Debug)]
pub struct Json {
    /// Writes it.
    pub write: fn(&Value) -> String,
    /// Reads it; nothing where it is none.
    pub read: fn(&str) -> Option<Value>,
}
