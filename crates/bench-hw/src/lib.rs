//! How good it is: what a generator's samples are, what they cost, and what a chip's imperfections do to them.

pub mod adaptation;
pub mod baselines;
mod class_share;
pub mod conditional;
pub mod domain;
pub mod generation;
pub mod gradients;
pub mod judge;
pub mod metrics;
pub mod outliers;
pub mod quality;
pub mod results;
pub mod store;
pub mod sweep;
#[cfg(test)]
mod test_digits;

pub use class_share::{
    ClassShare, ClassShareError, ClassShares, NEIGHBOURS, NearestNeighbours, digit_shares,
};
