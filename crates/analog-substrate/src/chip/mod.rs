//! The chip: a hardware design made real, relaxing in continuous time.

mod account;
pub(crate) mod circuit;
mod confinement;
mod converter;
mod design;
pub mod diagnose;
mod duration;
mod free;
mod instance;
mod instant;
mod noise_floor;
mod parts;
mod programmed;
mod reading;
mod settings;
mod start;
mod substrate;
#[cfg(test)]
mod tests;
mod trace;
pub(crate) mod transient;

pub use account::{Clock, Ledger};
pub use design::{
    ActivationBlock, BOLTZMANN, Converters, Crossbar, Design, Distributed, Environment, Flicker,
    NodeDesign, Overheads, Shape, SpringDesign, Summing,
};
pub use duration::{Duration, DurationError};
pub use free::{FreeFlow, FreeRun};
pub use instance::{Die, Instance};
pub use noise_floor::SettlingLimit;
pub use parts::{ChipParts, Network};
pub use settings::{ChipError, Runaway, TransientSettings};
pub use substrate::{AtRest, Chip};
pub use trace::Trace;
pub use transient::Integrator;
