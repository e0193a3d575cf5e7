//! How noise and data are paired, and the examples that an objective makes of the pairs.

pub mod assignment;
mod batch;

pub use batch::{BatchError, BatchSource};
