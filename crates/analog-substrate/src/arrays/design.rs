//! What the arrays of a chip are made of.

use super::{Order, Update};
use crate::{
    device::{Device, Effects, Verify},
    wires::{Tiling, Wires},
};
use serde::{Deserialize, Serialize};

/// Arrays of a chip: their device, what is wrong with it, and how they are laid out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArrayDesign {
    /// The device of every crosspoint.
    pub device: Device,
    /// Which of the device's imperfections act.
    pub effects: Effects,
    /// When programming is repeated; `None`: it is done in one go.
    pub verify: Option<Verify>,
    /// What a programming pulse costs.
    pub pulse: Pulse,
    /// R.m.s. voltage across a device in volts; `None`: that of state 1.
    pub read_voltage: Option<f64>,
    /// How updates move the devices of a chip that learns. What it is adds nothing to the identity of a design that has exact ones.
    #[serde(skip_serializing_if = "Update::is_exact")]
    pub update: Update,
    /// Which devices an update moves at once.
    #[serde(skip_serializing_if = "is_default")]
    pub order: Order,
    /// Siemens per unit of weight; `None`: the largest |W| of each array takes the whole range.
    pub scale: Option<f64>,
    /// Whether both directions read one array.
    pub directions: Directions,
    /// What biases are made of.
    pub biases: Biases,
    /// Time from the last programming pulse to the first relaxation in seconds.
    pub age: f64,
    /// What is done about drift.
    pub compensation: Compensation,
    /// Resistance of the lines.
    pub wires: Wires,
    /// Size of the tiles into which an array is cut; `None`: one tile.
    pub tiling: Option<Tiling>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What a programming pulse costs, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Pulse {
    /// Seconds, with its verifying read.
    pub time: Option<f64>,
    /// Joules.
    pub energy: Option<f64>,
}

/// How the two directions of a coupling are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Directions {
    /// One bidirectional array: Wᵀ is the transpose of W but for the wires.
    #[default]
    Shared,
    /// An array each, with errors of its own: the dynamics have no energy.
    Separate,
}

/// What biases are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Biases {
    /// Pairs of devices on a rail at V_unit.
    #[default]
    Devices,
    /// Current sources without error.
    Exact,
}

/// How summed currents are rescaled after drift.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compensation {
    /// Not at all.
    #[default]
    None,
    /// One factor per array (V. Joshi et al., Nat. Commun. 11, 2473, 2020).
    Global,
    /// One factor per sensed line.
    Column,
}
