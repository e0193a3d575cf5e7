//! How good it is: what a generator's samples are, and figures of how it was trained.

pub mod baselines;
mod class_share;
pub mod domain;
pub mod figure;
pub mod generation;
pub mod metrics;
pub mod page;
pub mod quality;
pub mod report;
pub mod sweep;
#[cfg(test)]
mod test_digits;

pub use class_share::{ClassShare, ClassShareError, ClassShares, NEIGHBOURS, NearestNeighbours};
