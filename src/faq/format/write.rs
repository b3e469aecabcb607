//! Writing numbers, strings and parts.

use super::part::{HEADER_LEN, VERSION, checksum, header_seed};

/// 7 bits a byte, low bits first.
pub fn varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Bytes preceded by their number.
pub fn blob(out: &mut Vec<u8>, bytes: &[u8]) {
    varint(out, bytes.len() as u32);
    out.extend_from_slice(bytes);
}

/// A string preceded by its length in bytes.
pub fn string(out: &mut Vec<u8>, text: &str) {
    blob(out, text.as_bytes());
}

/// Frames `sections` as one part. `None` where it would pass the 4 GB that offsets can address.
pub fn part(magic: [u8; 4], build: u32, sections: &[Vec<u8>]) -> Option<Vec<u8>> {
    let mut offset = HEADER_LEN + sections.len() * 8;
    let total = sections.iter().map(Vec::len).sum::<usize>() + offset;
    let len = total.next_multiple_of(8);
    let mut out = Vec::with_capacity(len);
    out.extend(magic);
    out.extend(VERSION.to_le_bytes());
    out.extend((sections.len() as u16).to_le_bytes());
    out.extend(u32::try_from(len).ok()?.to_le_bytes());
    out.extend(build.to_le_bytes());
    out.extend([0; 8]);
    for section in sections {
        out.extend((offset as u32).to_le_bytes());
        out.extend((section.len() as u32).to_le_bytes());
        offset += section.len();
    }
    for section in sections {
        out.extend_from_slice(section);
    }
    out.resize(len, 0);
    let sum = checksum(&out[HEADER_LEN..], header_seed(&out));
    out[16..24].copy_from_slice(&sum.to_le_bytes());
    Some(out)
}
