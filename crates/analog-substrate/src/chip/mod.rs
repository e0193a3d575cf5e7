//! The chip: a hardware design made real, relaxing in continuous time.

mod account;
mod aged;
mod at_rest;
mod booking;
pub(crate) mod circuit;
mod confinement;
mod converter;
mod design;
mod duration;
mod free;
mod instance;
mod instant;
mod integrator;
mod memory;
mod noise_floor;
mod noise_ramp;
mod parts;
mod programmed;
mod reading;
mod rows;
mod settings;
mod start;
mod state;
mod substrate;
#[cfg(test)]
mod tests;
mod trace;
pub(crate) mod transient;
mod updates;

pub use account::{Clock, Ledger};
pub use at_rest::AtRest;
pub use design::{
    ActivationBlock, BOLTZMANN, Converters, Crossbar, Design, Distributed, Environment, Flicker,
    NodeDesign, Overheads, Shape, SpringDesign, Summing,
};
pub use duration::{Duration, DurationError};
pub use free::{FreeFlow, FreeRun};
pub use instance::{Die, Instance};
pub use integrator::Integrator;
pub use noise_floor::SettlingLimit;
pub use noise_ramp::NoiseRamp;
pub use parts::{ChipParts, Network};
pub use settings::{ChipError, Runaway, TransientSettings};
pub use state::ChipMemory;
pub use substrate::Chip;
pub use trace::Trace;

use crate::activation::ActivationScalar;
use circuit::Circuit;
use ndarray::ArrayView2;
use transient::{Course, Drives, NoiseAddress, Schedule};

/// A scalar type whose transients this crate has compiled: f32 or f64. What calls it may be compiled again by every
/// crate that chooses the scalar, these loops are not.
#[expect(
    private_interfaces,
    reason = "this crate alone calls and implements it"
)]
pub trait ChipScalar: ActivationScalar {
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
    ) -> Result<Vec<Course<Self>>, ChipError>;
}

macro_rules! compiled {
    ($($scalar:ty),*) => {$(
        #[expect(private_interfaces, reason = "as the trait")]
        impl ChipScalar for $scalar {
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
