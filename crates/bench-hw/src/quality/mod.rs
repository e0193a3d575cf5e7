//! Quality against time: what samples are worth at every moment of the flow, and what they cost by
//! then, on any chip, as curves with bands over training runs, sampling seeds and chips.
//!
//! All curves of one sampling seed start from the same noise, so that differences between settings are
//! not differences between draws.

mod band;
mod bench;
mod curve;
mod digital;
mod document;
mod error;
mod lines;
mod pareto;
mod setting;
mod store;
#[cfg(test)]
mod tests;

pub use band::{After, Band, BandPoint, Best, Summary, bands};
pub use bench::{Bench, Measured, SHOWN_SAMPLES, Trained};
pub use curve::{Curve, Point};
pub use digital::{Digital, GPU_SOURCE, JOULES_PER_OPERATION, operations_per_sweep};
pub use document::{Document, RunEntry, SCHEMA};
pub use error::QualityError;
pub use lines::{BaselineLine, BaselineValue};
pub use pareto::{Budget, FrontPoint, Pareto, candidates, front};
pub use setting::{Axes, ChipDesign, DEFAULT_TIMES, Setting, default_times};
pub use store::{Part, Store};
