//! Deskside's core: conversation, offline outbox, satisfaction rating and FAQ search for an
//! embeddable customer-service widget.
//!
//! The [`Engine`] is sans-IO: whatever happens is an [`Input`] with the time at which it happened,
//! whatever is to be done is an [`Output`], drained until none is left.
//!
//! ```
//! use deskside::{Action, Config, Engine, Input, Now, Output, Stored};
//!
//! let config = Config { desk: "https://desk.example".into(), site: "demo".into(), ..Default::default() };
//! let mut engine = Engine::new(config, [7; 32])?;
//! let now = Now { mono_ms: 0, wall_ms: 1_700_000_000_000 };
//!
//! // The first thing that it asks for is what the device has stored.
//! assert_eq!(engine.poll(), Some(Output::Load));
//! engine.handle(now, Input::Loaded(Stored::default()))?;
//!
//! engine.handle(now, Input::Visitor(Action::Open { conv: None }))?;
//! let conv = engine.view().conversation.unwrap().id;
//! engine.handle(now, Input::Visitor(Action::Send { conv, text: "Where is my parcel?".into(), ticket: None }))?;
//!
//! // It is written down before it is sent, and before it is called queued.
//! let outputs: Vec<Output> = std::iter::from_fn(|| engine.poll()).collect();
//! assert!(outputs.iter().any(|output| matches!(output, Output::Persist(_))));
//! # Ok::<(), deskside::Error>(())
//! ```

#[cfg(feature = "chat")]
pub mod conversation;
#[cfg(feature = "chat")]
mod engine;
pub mod error;
#[cfg(feature = "faq")]
pub mod faq;
#[cfg(feature = "import")]
pub mod import;
#[cfg(feature = "chat")]
pub mod input;
pub mod limits;
mod list;
#[cfg(feature = "chat")]
pub mod outbox;
#[cfg(feature = "chat")]
pub mod output;
pub mod plain;
#[cfg(feature = "chat")]
#[doc(hidden)]
pub mod planted;
#[cfg(feature = "chat")]
pub mod platform;
pub mod protocol;
#[cfg(feature = "chat")]
mod queue;
pub mod richtext;
#[cfg(any(feature = "chat", feature = "survey"))]
pub mod rng;
#[cfg(feature = "survey")]
pub mod survey;
#[cfg(feature = "chat")]
pub mod tabs;
mod typescript;
#[cfg(feature = "chat")]
pub mod view;

#[cfg(feature = "bindings")]
pub mod wasm;
pub mod written;

#[cfg(feature = "chat")]
pub use engine::Engine;
pub use error::Error;
#[cfg(feature = "chat")]
pub use input::{Action, Config, Input, Now};
#[cfg(feature = "chat")]
pub use output::{Output, Stored};
