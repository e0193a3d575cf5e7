//! How noise and data are paired, and the examples that an objective makes of the pairs.

pub mod assignment;
mod batch;
mod holding;

pub use batch::{BatchError, BatchSource};
pub use holding::Conditioned;
