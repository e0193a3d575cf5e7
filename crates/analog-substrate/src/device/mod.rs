//! Memory devices used as couplings: what is programmed, what is reached, how it drifts and how its
//! reading fluctuates. Conductances in siemens, times in seconds, energies in joules.
//!
//! Devices are TOML files (`hw-specs/devices`) with the source of their values and the range in which
//! they hold. Laws are functions of the share `g = G/max` of the largest conductance.

mod aging;
mod basis;
mod check;
mod current;
mod effects;
mod error;
mod file;
mod golden;
mod lacks;
mod law;
mod origins;
mod program;
mod programmed;
mod provenance;
mod pulses;
mod quantity;
mod reach;
mod read;
mod sections;
mod shipped;
mod sigma;
mod signal;
mod steps;
#[cfg(test)]
mod tests;
mod time;
mod validate;
mod verify;

pub use effects::Effects;
pub use error::DeviceError;
pub use file::Device;
pub use golden::DeviceCheck;
pub use law::polynomial;
pub use programmed::{Programmed, Stuck};
pub use pulses::{Pulses, Way, normalised};
pub use read::ReadNoise;
pub(crate) use steps::{Pulsed, rounded_by_chance};
pub use steps::{StepLaw, Steps};
pub use verify::{Draws, MOST_PULSES, Verify};
