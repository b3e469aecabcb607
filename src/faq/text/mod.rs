//! Text as the engine sees it: folded characters, tokens with their place in the source, stems.

pub mod fold;
pub mod function;
pub mod grams;
pub mod segment;
pub mod stem;
pub mod syllable;
