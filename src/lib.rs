//! Deskside core.
#![warn(missing_docs)]

#[cfg(feature = "faq")]
pub mod faq;
#[cfg(feature = "import")]
pub mod import;
pub mod error;
pub mod input;
pub mod limits;
pub mod output;
pub mod protocol;
pub mod richtext;
pub mod view;
