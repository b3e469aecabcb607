//! One checked part of an index file and its sections.

use super::bytes::{u32_at, u64_at};

/// The version of the layout that this code reads and writes.
pub const VERSION: u16 = 2;
/// Titles and phrasings.
pub const MAGIC_FRONT: [u8; 4] = *b"DSKA";
/// Bodies.
pub const MAGIC_BODY: [u8; 4] = *b"DSKB";
/// Bytes before the directory.
pub const HEADER_LEN: usize = 24;
const SECTIONS_MAX: usize = 32;

/// Why bytes are not a usable index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexError {
    /// Fewer bytes than the index says it has.
    Truncated,
    /// Not an index at all.
    NotAnIndex,
    /// Made by a version of the builder that this reader does not know.
    UnknownVersion,
    /// The checksum does not match.
    Corrupted,
    /// The checksum matches, yet the layout makes no sense.
    Malformed,
    /// The body part belongs to another build of the index.
    OtherBuild,
}

impl IndexError {
    /// Stable, for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Truncated => "index_truncated",
            Self::NotAnIndex => "index_not_an_index",
            Self::UnknownVersion => "index_unknown_version",
            Self::Corrupted => "index_corrupted",
            Self::Malformed => "index_malformed",
            Self::OtherBuild => "index_other_build",
        }
    }

    /// A sentence for people who look after the index.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Truncated => {
                "The search index is cut short: fewer bytes arrived than its header says."
            }
            Self::NotAnIndex => "These bytes are not a Deskside search index.",
            Self::UnknownVersion => {
                "The search index was built by another version; build it again with this one."
            }
            Self::Corrupted => "The search index is damaged: its checksum does not match.",
            Self::Malformed => "The search index is damaged: its sections do not fit together.",
            Self::OtherBuild => {
                "The body part belongs to another build of the search index; load both from one build."
            }
        }
    }
}

impl core::fmt::Display for IndexError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.sentence())
    }
}

impl std::error::Error for IndexError {}

/// The checked frame of a part: where it lies in its bytes and how its sections are divided.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    start: usize,
    len: usize,
    sections: usize,
    /// The same in both parts of one build.
    pub build: u32,
}

impl Part {
    /// Checks the part of kind `magic` that starts at `start`.
    pub fn open(bytes: &[u8], start: usize, magic: [u8; 4]) -> Result<Self, IndexError> {
        let part = bytes.get(start..).unwrap_or(&[]);
        if part.len() < HEADER_LEN {
            let is_start = !part.is_empty() && magic.starts_with(&part[..part.len().min(4)]);
            return Err(if is_start {
                IndexError::Truncated
            } else {
                IndexError::NotAnIndex
            });
        }
        if part[..4] != magic {
            return Err(IndexError::NotAnIndex);
        }
        if u16::from_le_bytes([part[4], part[5]]) != VERSION {
            return Err(IndexError::UnknownVersion);
        }
        let sections = usize::from(u16::from_le_bytes([part[6], part[7]]));
        let read = |at| u32_at(part, at).ok_or(IndexError::Truncated);
        let len = read(8)? as usize;
        let part = part.get(..len).ok_or(IndexError::Truncated)?;
        let expected = u64_at(part, 16).ok_or(IndexError::Malformed)?;
        if checksum(&part[HEADER_LEN.min(len)..], header_seed(part)) != expected {
            return Err(IndexError::Corrupted);
        }
        if sections > SECTIONS_MAX || len < HEADER_LEN + sections * 8 {
            return Err(IndexError::Malformed);
        }
        let opened = Self {
            start,
            len,
            sections,
            build: read(12)?,
        };
        if (0..sections).any(|id| opened.locate(part, id).is_none()) {
            return Err(IndexError::Malformed);
        }
        Ok(opened)
    }

    /// One past its last byte.
    pub fn end(&self) -> usize {
        self.start + self.len
    }

    /// The bytes of section `id`; empty where there is none.
    pub fn section<'a>(&self, bytes: &'a [u8], id: usize) -> &'a [u8] {
        let part = bytes.get(self.start..self.end()).unwrap_or(&[]);
        if id >= self.sections {
            return &[];
        }
        self.locate(part, id).unwrap_or(&[])
    }

    fn locate<'a>(&self, part: &'a [u8], id: usize) -> Option<&'a [u8]> {
        let at = HEADER_LEN + id * 8;
        let (offset, len) = (u32_at(part, at)? as usize, u32_at(part, at + 4)? as usize);
        part.get(offset..offset.checked_add(len)?)
    }
}

/// The header fields before the checksum take part in it.
pub fn header_seed(part: &[u8]) -> u64 {
    u64_at(part, 0).unwrap_or(0) ^ u64_at(part, 8).unwrap_or(0).rotate_left(29)
}

/// Four independent lanes of multiply and rotate over 32 bytes a round: fast enough to check a
/// megabyte in a fraction of a millisecond. Guards against damage, not against an attacker.
pub fn checksum(bytes: &[u8], seed: u64) -> u64 {
    const PRIME: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut lanes = [seed, seed ^ PRIME, seed.rotate_left(17), !seed];
    let mut rounds = bytes.chunks_exact(32);
    for round in rounds.by_ref() {
        for (lane, eight) in lanes.iter_mut().zip(round.chunks_exact(8)) {
            let word = u64::from_le_bytes(eight.try_into().unwrap_or([0; 8]));
            *lane = (*lane ^ word).wrapping_mul(PRIME).rotate_left(31);
        }
    }
    let mut sum = bytes.len() as u64;
    for &byte in rounds.remainder() {
        sum = (sum ^ u64::from(byte)).wrapping_mul(PRIME).rotate_left(31);
    }
    for lane in lanes {
        sum = (sum ^ lane).wrapping_mul(PRIME);
        sum ^= sum >> 32;
    }
    sum
}
