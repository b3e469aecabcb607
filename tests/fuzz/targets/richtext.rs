//! The text of a message, as a tree of tokens.
#![no_main]

use deskside::richtext::{Block, headings, message, text_of};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let blocks: Vec<Block> = message::parse(text);
    let _ = text_of(&blocks);
    let _ = headings(&blocks);
});
