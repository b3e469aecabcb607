//! Surveys: how it went, how likely, how easy, and whatever else a site asks.
//!
//! | Room | What |
//! |---|---|
//! | [`terms`] | the fields of a definition, in one table |
//! | `check` | a definition against that table; names, cycles, dead ends |
//! | [`mistake`] | what is wrong with one: a place, a code, a sentence |
//! | `safety` | what a visitor's device asks of a definition before it asks anybody |
//! | `structure` | the fields of a definition, its texts in a language |
//! | [`definition`] | a survey that was loaded |
//! | [`answer`] | one answer: which values a question takes, what is lacking |
//! | [`logic`] | where the answers lead: jump, require, calculate |
//! | [`response`] | a response from its invitation to its end |
//! | [`trigger`] | what starts a survey |
//! | [`eligibility`] | who is asked, and how often |
//! | [`score`] | CSAT, NPS, CES with their intervals |
//!
//! Nothing here knows of the engine; the engine's own part is `engine/survey.rs`.

pub mod answer;
mod check;
pub mod definition;
pub mod eligibility;
pub mod logic;
pub mod mistake;
#[cfg(feature = "chat")]
pub mod response;
mod safety;
#[cfg(not(target_family = "wasm"))]
pub mod schema;
pub mod score;
pub(crate) mod structure;
pub mod terms;
pub mod trigger;

pub use definition::Definition;
pub use mistake::Mistake;
pub use safety::Problem;
