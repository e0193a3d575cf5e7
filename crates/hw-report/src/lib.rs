//! Draws what was measured: figures as SVG and PNG, what a training run came to, and one self-contained page.
//!
//! Everything here reads results of `bench-hw`, which knows nothing of this crate.

mod chart;

pub mod figure;
pub mod gradients;
mod metric;
pub mod page;
pub mod report;
pub mod study;
#[cfg(test)]
mod test_results;
