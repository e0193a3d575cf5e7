//! What a user of the library adds from outside of its crates, each done once for real.
//!
//! `docs/extending` explains these files, and quotes them.

mod coupling;
mod domain;
mod metric;
mod objective;
mod quoted;
mod solver;
