//! Sweeps of non-idealities: what an imperfection costs, how many chips are good enough, which one to pay
//! for, and how much of one is too much.
//!
//! *Common random numbers.* Chip number k draws the same deviations, scaled by what the spec says, and its
//! samples start from the same noise, whatever else is varied; another number draws anew. A single
//! evaluation of 898 samples has a standard deviation of about 0.5 in `fd_features` from the choice of
//! samples alone, a tenth of what it measures. So chips are never held against a number from elsewhere:
//! chip k is compared with the chip of the same number whose imperfections are all exactly off, and what
//! both have from their samples cancels. Chip numbers are independent draws of chip and noise, which is
//! what intervals over chips assume.
//!
//! Everything is kept on the disk as soon as it is there ([`crate::store::Store`]), and is the same whatever the number
//! of threads, the order and the interruptions.

mod axis;
mod bisection;
mod cell;
mod error;
mod grid;
mod lab;
mod outcome;
mod request;
mod sensitivity;
mod spread;
#[cfg(test)]
mod tests;
mod tolerance;
mod trial;

pub use crate::results::study::{
    Axis, Bound, Cell, ChipTolerance, Effect, Evaluation, IdealScore, Question, Rank, Spread,
    Study, SweepKind, Tolerance, Yield,
};
pub use axis::Levels;
pub(crate) use axis::key_and_values;
pub use bisection::{Threshold, Thresholds, bisect};
pub use cell::Rule;
pub use error::SweepError;
pub use grid::{Grid, Swept};
pub use lab::{Lab, Trial, Variant, present, trials};
pub use outcome::Outcome;
pub use request::Sweep;
pub use sensitivity::{Imperfection, Ranked, Sensitivity};
pub use spread::{NOT_ADDITIVE, about_intervals};
pub use tolerance::Bisection;
pub use trial::{ANCHOR_SETTLE, ANCHORS, Exam, ModelTrial};
