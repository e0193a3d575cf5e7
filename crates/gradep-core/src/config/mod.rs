//! Everything that a run depends on, as one TOML document.

mod schema;
pub use schema::*;
