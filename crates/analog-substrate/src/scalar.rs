//! The scalar types of everything.

use crate::{IdealScalar, chip::ChipScalar};

/// A scalar type of which this crate has compiled kernels, equilibria and transients: f32 or f64. Code that is
/// generic over the substrates' scalar asks for it; arithmetic alone asks for [`Real`](crate::kernels::Real).
pub trait Scalar: IdealScalar + ChipScalar {}

impl<R: IdealScalar + ChipScalar> Scalar for R {}
