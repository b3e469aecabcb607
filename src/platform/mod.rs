//! The IO shell: performs what the engine asks for, and tells it what happened.
//!
//! | Room | Runs on |
//! |---|---|
//! | `web` | a browser's page, on gloo and web-sys |
//! | [`host`] | functions that a JavaScript host supplies: mini-programs |

pub mod host;
#[cfg(feature = "web")]
pub(crate) mod web;
