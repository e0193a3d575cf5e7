//! Quality against time: what samples are worth at every moment of the flow, and what they cost by
//! then, on any chip, as curves with bands over training runs, sampling seeds and chips.
//!
//! All curves of one sampling seed start from the same noise, so that differences between settings are
//! not differences between draws.

mod band;
mod bench;
mod digital;
mod error;
mod lines;
mod pareto;
mod parts;
mod setting;
#[cfg(test)]
mod tests;

pub use crate::results::quality::{
    After, Band, BandPoint, BaselineLine, BaselineValue, Best, Curve, Digital, FrontPoint, Pareto,
    Point, Quality, RunEntry, Summary,
};
pub use band::bands;
pub use bench::{Bench, Measured, SHOWN_SAMPLES, Trained};
pub use digital::{GPU_SOURCE, JOULES_PER_OPERATION, operations_per_sweep};
pub use error::QualityError;
pub use pareto::{Budget, candidates, front};
pub use setting::{Axes, ChipDesign, DEFAULT_TIMES, Setting, default_times};
