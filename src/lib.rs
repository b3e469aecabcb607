//! Deskside core.
#![warn(missing_docs)]

#[cfg(feature = "faq")]
pub mod faq;
#[cfg(feature = "import")]
pub mod import;
pub mod protocol;
pub mod richtext;
