//! Help search, by behaviour.
#![cfg(feature = "indexer")]

mod finding;
mod marks;
mod scope;
mod shop;
mod shop_marks;
