//! The binary index: versioned, little-endian, checksummed, read in place.
//!
//! A file is one or two parts. Each part is a header, a directory of sections and the sections:
//!
//! ```text
//! 0   magic      4 bytes, "DSKA" (titles and phrasings) or "DSKB" (bodies)
//! 4   version    u16
//! 6   sections   u16
//! 8   length     u32, of the whole part, a multiple of 8
//! 12  build      u32, the same in both parts of one build
//! 16  checksum   u64, of everything after it
//! 24  directory  sections x (offset u32, length u32), from the start of the part
//! ```
//!
//! The second part may follow the first in the same file or come by itself later. Every read is
//! bounds-checked where it is made, so hostile bytes can at worst give wrong answers.

pub mod bytes;
pub mod dict;
pub mod part;
pub mod table;
#[cfg(feature = "indexer")]
pub mod write;
