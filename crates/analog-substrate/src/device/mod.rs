//! Memory devices used as couplings: what is programmed, what is reached, how it drifts and how its
//! reading fluctuates. Conductances in siemens, times in seconds, energies in joules.
//!
//! Devices are TOML files (`hw-specs/devices`) with the source of their values. Laws are functions
//! of the share `g = G/max` of the largest conductance.

mod effects;
mod error;
mod file;
mod law;
mod program;
mod read;
mod scale;
#[cfg(test)]
mod tests;

pub use effects::Effects;
pub use error::DeviceError;
pub use file::Device;
pub use program::{Programmed, Stuck};
pub use read::ReadNoise;
pub use scale::{column_scales, global_scale};
