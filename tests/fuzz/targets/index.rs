//! Bytes of a help index: opened, searched and read, whatever they are. Checksums are made right first, or
//! nothing behind them would ever be reached.
#![no_main]

use deskside::faq::exercise::{index_bytes, sealed};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    index_bytes(bytes);
    index_bytes(&sealed(bytes.to_vec()));
});
