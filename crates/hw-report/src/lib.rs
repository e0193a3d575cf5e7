//! Draws what was measured: figures as SVG and PNG, what a training run came to, and one self-contained page.
//!
//! Everything here reads results of `bench-hw`, which knows nothing of this crate.

pub mod figure;
pub mod page;
pub mod report;
pub mod study;
