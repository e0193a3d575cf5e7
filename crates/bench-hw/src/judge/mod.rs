//! Who judges images, and what values they can have: classifiers whose features and classes metrics use, and the range
//! of samples beside that of real images.

mod evaluator;
mod range;
mod training;

pub use evaluator::{Evaluator, EvaluatorError, Judgement};
pub use range::{OtherRange, ValueRange};
