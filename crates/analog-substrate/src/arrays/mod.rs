//! The couplings of a chip as arrays of devices: mapped to differential pairs, programmed, wired.
//!
//! ```text
//! W, b  ──mapping──▶  G⁺, G⁻ asked  ──device──▶  G⁺, G⁻ achieved  ──age, wires──▶  W up, Wᵀ down
//! ```
//!
//! A weight is a pair of conductances at a virtual ground, `W = (G⁺ − G⁻)/scale`; a current gain
//! g_unit/scale makes it a coupling of the node equations. Rows of an array are nodes of layer l + 1,
//! columns those of layer l. Read upwards, columns are driven and rows sensed; downwards the reverse.

mod compensation;
mod design;
mod effective;
mod map;
mod mapping;
mod moved;
mod present;
mod program;
mod pulsed;
#[cfg(test)]
mod tests;
mod update;
mod wired;

pub use design::{ArrayDesign, Biases, Compensation, Directions, Pulse};

pub(crate) use effective::{Arrays, ArraysError, Effective, Fluctuations, Units};
pub use map::{ArrayMap, Bank, ConductanceMap, Direction, Part, Writing};
pub use present::PresentArray;
pub(crate) use program::Occasion;
pub use pulsed::Updating;
pub(crate) use pulsed::{PulsedBanks, Pulsing};
pub use update::{Order, Update};
