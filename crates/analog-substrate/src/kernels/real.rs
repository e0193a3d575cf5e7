//! The scalar types that the kernels are compiled for.

use ndarray::{LinalgScalar, ScalarOperand};
use std::fmt::{Debug, Display};

/// f32 for hot loops, f64 where differences or long sums are taken.
pub trait Real:
    LinalgScalar + ScalarOperand + PartialOrd + Debug + Display + Default + Send + Sync
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// Rounds a double.
    fn from_f64(value: f64) -> Self;
    /// Widens to a double.
    fn to_f64(self) -> f64;
}
impl Real for f32 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    fn from_f64(value: f64) -> Self {
        value as Self
    }
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
}
impl Real for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    fn from_f64(value: f64) -> Self {
        value
    }
    fn to_f64(self) -> f64 {
        self
    }
}
