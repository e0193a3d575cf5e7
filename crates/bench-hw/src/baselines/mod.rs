//! Sample sets that a generator is held against: real digits, fits of simple distributions to the
//! training images, and training images made worse in known ways.
//!
//! Every set is a function of the training images, the number of samples and a seed; draws are
//! addressed (`analog_substrate::random`), so a set with more samples begins with those of a smaller
//! one, and sets that differ in a strength alone (noise 0.1 and 0.3) share their draws.

mod altered;
mod catalogue;
mod draws;
mod k_means;
mod mixture;
mod normal;
mod published;
mod table;
#[cfg(test)]
mod tests;
mod uncertainty;

pub use catalogue::{Baseline, BaselineError, BaselineKind};
pub use mixture::Shape;
pub use published::{Published, PublishedValue, published};
pub use table::{BaselineRow, BaselineScore, BaselineTableError, Measurement, measure_baseline};
