//! The solvers of both substrates, compiled here once for each scalar type: what calls them may be
//! compiled again by every crate that chooses the scalar, these loops are not.
#![expect(
    private_interfaces,
    reason = "this crate alone calls and implements them"
)]

use crate::{
    chip::{
        ChipError,
        circuit::Circuit,
        transient::{self, Course, Drives, NoiseAddress, Schedule},
    },
    ideal::{IdealError, Phase, method::Method, settled::Outcome},
    kernels::Real,
};
use ndarray::{Array2, ArrayView2};

/// The solvers over states of a scalar type: f32 or f64.
pub trait Solvers: Sized {
    /// Relaxes the records of an ideal network in place.
    ///
    /// # Errors
    /// Where a solver from outside returns something else than states.
    fn relax(
        method: &Method<Self>,
        phase: &Phase<'_, Self>,
        records: &mut Array2<Self>,
    ) -> Result<Outcome, IdealError>
    where
        Self: Real;

    /// Runs every sample of a circuit from its row of `start`.
    ///
    /// # Errors
    /// Where a sample cannot go on.
    fn transient(
        circuit: &Circuit<Self>,
        schedule: &Schedule<'_>,
        drives: &Drives<'_, Self>,
        noise: Option<&NoiseAddress>,
        start: ArrayView2<'_, Self>,
    ) -> Result<Vec<Course<Self>>, ChipError>
    where
        Self: Real;
}

macro_rules! compiled {
    ($($scalar:ty),*) => {$(
        impl Solvers for $scalar {
            fn relax(
                method: &Method<Self>,
                phase: &Phase<'_, Self>,
                records: &mut Array2<Self>,
            ) -> Result<Outcome, IdealError> {
                method.relax(phase, records)
            }

            fn transient(
                circuit: &Circuit<Self>,
                schedule: &Schedule<'_>,
                drives: &Drives<'_, Self>,
                noise: Option<&NoiseAddress>,
                start: ArrayView2<'_, Self>,
            ) -> Result<Vec<Course<Self>>, ChipError> {
                transient::run(circuit, schedule, drives, noise, start)
            }
        }
    )*};
}

compiled!(f32, f64);
