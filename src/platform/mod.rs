//! The IO shell: performs what the engine asks for, and tells it what happened.
//!
//! | Room | Runs on |
//! |---|---|
//! | `web` | a browser's page, on gloo and web-sys |

pub(crate) mod web;
