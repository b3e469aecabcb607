//! A table of items of varying length: each is preceded by its length, and every eighth has its
//! offset noted, so that an item is found by at most seven skips.

use super::bytes::{Cursor, u32_at};

/// How many items share one noted offset.
pub const STRIDE: usize = 8;

/// A table within a section: `count u32, offsets u32 x ceil(count / 8), items`.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    count: usize,
    offsets: &'a [u8],
    items: &'a [u8],
}

impl<'a> Table<'a> {
    /// A table without items.
    pub const EMPTY: Table<'static> = Table {
        count: 0,
        offsets: &[],
        items: &[],
    };

    /// Reads the frame; `None` where the section is too short for what it says.
    pub fn new(section: &'a [u8]) -> Option<Self> {
        let count = u32_at(section, 0)? as usize;
        let offsets_end = count.div_ceil(STRIDE).checked_mul(4)?.checked_add(4)?;
        let offsets = section.get(4..offsets_end)?;
        Some(Self {
            count,
            offsets,
            items: &section[offsets_end..],
        })
    }

    /// How many items it has.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The items from `index` on, which must be a multiple of the stride.
    pub fn from_stride(&self, index: usize) -> Items<'a> {
        let offset = u32_at(self.offsets, index / STRIDE * 4);
        let bytes = offset
            .and_then(|at| self.items.get(at as usize..))
            .unwrap_or(&[]);
        Items {
            cursor: Cursor::new(bytes),
            left: self.count.saturating_sub(index),
        }
    }

    /// The bytes of item `index`.
    pub fn get(&self, index: usize) -> Option<&'a [u8]> {
        if index >= self.count {
            return None;
        }
        let offset = u32_at(self.offsets, index / STRIDE * 4)?;
        let mut cursor = Cursor::new(self.items.get(offset as usize..)?);
        for _ in 0..index % STRIDE {
            cursor.blob()?;
        }
        cursor.blob()
    }
}

/// Items one after the other.
#[derive(Clone)]
pub struct Items<'a> {
    cursor: Cursor<'a>,
    left: usize,
}

impl<'a> Iterator for Items<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.left = self.left.checked_sub(1)?;
        self.cursor.blob()
    }
}

/// Builds the bytes of a [`Table`].
#[cfg(feature = "indexer")]
pub fn write<I, B>(items: I) -> Vec<u8>
where
    I: IntoIterator<Item = B>,
    B: AsRef<[u8]>,
{
    let (mut offsets, mut data, mut count) = (Vec::new(), Vec::new(), 0u32);
    for item in items {
        if (count as usize).is_multiple_of(STRIDE) {
            offsets.extend_from_slice(&(data.len() as u32).to_le_bytes());
        }
        super::write::blob(&mut data, item.as_ref());
        count += 1;
    }
    let mut out = count.to_le_bytes().to_vec();
    out.extend(offsets);
    out.extend(data);
    out
}
