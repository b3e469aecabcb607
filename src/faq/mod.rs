//! Self-service search over help articles.
pub mod record;
