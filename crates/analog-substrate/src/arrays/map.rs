//! The conductances of a chip, asked and achieved.

use super::Pulse;
use crate::{
    Layers,
    device::{Programmed, Stuck},
};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

/// Every array of a programmed chip. Conductances are in siemens.
#[derive(Clone, Debug, PartialEq)]
pub struct ConductanceMap {
    /// Shape of the network.
    pub layers: Layers,
    /// The arrays: weights of the layers from the lowest, then biases.
    pub arrays: Vec<ArrayMap>,
    /// Biases that are no devices, in the order of their parts: exact.
    pub exact_biases: Vec<Vec<f64>>,
    /// Leaks of visible nodes, `[n_0]`, in units of g_unit: resistors to ground, exact. Empty where they have none.
    pub visible_leak: Vec<f64>,
}

/// Which couplings an array holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "part", content = "index")]
pub enum Part {
    /// W_l, `[n_{l+1}, n_l]`.
    Weight(usize),
    /// b of layer l (0: visible), `[1, n_l]`.
    Bias(usize),
}

impl Part {
    /// Name of the array that holds it in a direction.
    pub(super) fn name(self, direction: Direction) -> String {
        let part = match self {
            Self::Weight(l) => format!("weight_{l}"),
            Self::Bias(0) => "visible_bias".to_owned(),
            Self::Bias(l) => format!("bias_{}", l - 1),
        };
        match direction {
            Direction::Both => part,
            Direction::Up => format!("{part}_up"),
            Direction::Down => format!("{part}_down"),
        }
    }
}

/// Which products an array serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Both.
    Both,
    /// From layer l to layer l + 1: columns driven, rows sensed.
    Up,
    /// From layer l + 1 to layer l: rows driven, columns sensed.
    Down,
}

/// One array of differential pairs.
#[derive(Clone, Debug, PartialEq)]
pub struct ArrayMap {
    /// What it holds.
    pub part: Part,
    /// Which products it serves.
    pub direction: Direction,
    /// Siemens per unit of weight: `W = (G⁺ − G⁻)/scale`.
    pub scale: f64,
    /// Positive halves.
    pub plus: Bank,
    /// Negative halves.
    pub minus: Bank,
    /// What programming took; none where it is not known.
    pub writing: Option<Writing>,
}

/// What programming took, one device after another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Writing {
    /// Devices.
    pub devices: u64,
    /// Pulses that they were given.
    pub pulses: u64,
    /// Devices that had all pulses there were and are out of tolerance.
    pub exhausted: u64,
    /// Duration in seconds, where that of a pulse is known.
    pub seconds: Option<f64>,
    /// Energy in joules, where that of a pulse is known.
    pub joules: Option<f64>,
}

impl Writing {
    /// What programming these devices took, with pulses that cost this.
    pub(super) fn of(banks: [&Bank; 2], pulse: Pulse) -> Self {
        let programmed = || banks.iter().filter_map(|bank| bank.programmed.as_ref());
        let pulses: u64 = programmed()
            .flat_map(|programmed| &programmed.pulses)
            .map(|&pulses| u64::from(pulses))
            .sum();
        let all = pulses as f64;
        Self {
            devices: programmed().map(|made| made.pulses.len() as u64).sum(),
            pulses,
            exhausted: programmed().map(|made| made.exhausted as u64).sum(),
            seconds: pulse.time.map(|time| time * all),
            joules: pulse.energy.map(|energy| energy * all),
        }
    }

    /// Both, one after the other; what is unknown of one is unknown of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let sum = |a: Option<f64>, b: Option<f64>| Some(a? + b?);
        Self {
            devices: self.devices + other.devices,
            pulses: self.pulses + other.pulses,
            exhausted: self.exhausted + other.exhausted,
            seconds: sum(self.seconds, other.seconds),
            joules: sum(self.joules, other.joules),
        }
    }
}

impl ConductanceMap {
    /// What programming all arrays took; none where that of one is not known.
    pub fn writing(&self) -> Option<Writing> {
        let mut arrays = self.arrays.iter().map(|array| array.writing);
        let first = arrays.next()??;
        arrays.try_fold(first, |sum, array| Some(sum.and(array?)))
    }
}

/// One conductance per crosspoint, `[rows, columns]`: rows are upper nodes, columns lower ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Bank {
    /// What the mapping asked for, in siemens.
    pub asked: Array2<f64>,
    /// What programming achieved, in siemens.
    pub achieved: Array2<f64>,
    /// Devices that cannot be programmed.
    pub stuck: Array2<Stuck>,
    /// What ages; none for a measured map, which is replayed as it was measured.
    pub programmed: Option<Programmed>,
}

impl Bank {
    /// The state that each device was programmed to, S: what was asked, within the range from `least`
    /// to `most`, or where it is stuck.
    pub(super) fn targets(&self, (least, most): (f64, f64)) -> Vec<f64> {
        if let Some(programmed) = &self.programmed {
            return programmed.targets();
        }
        let devices = self.asked.iter().zip(&self.achieved).zip(&self.stuck);
        devices
            .map(|((&asked, &achieved), stuck)| match stuck {
                Stuck::Free => asked.clamp(least, most),
                Stuck::On | Stuck::Off => achieved,
            })
            .collect()
    }
}

impl ArrayMap {
    /// Name of the array: `weight_0`, `weight_0_up`, `weight_0_down`, `visible_bias`, `bias_0` ….
    pub fn name(&self) -> String {
        self.part.name(self.direction)
    }

    /// `[rows, columns]`.
    pub fn shape(&self) -> [usize; 2] {
        let (rows, columns) = self.plus.asked.dim();
        [rows, columns]
    }

    /// Root mean square of achieved − asked over both banks, in siemens.
    pub fn rms_error(&self) -> f64 {
        let banks = [&self.plus, &self.minus];
        let errors = banks
            .iter()
            .flat_map(|bank| bank.achieved.iter().zip(&bank.asked));
        let (sum, count) = errors.fold((0.0, 0_usize), |(sum, count), (a, b)| {
            (sum + (a - b).powi(2), count + 1)
        });
        (sum / count.max(1) as f64).sqrt()
    }

    /// How many devices were asked for more than their range has.
    pub fn clipped(&self) -> usize {
        let banks = [&self.plus, &self.minus];
        let programmed = banks.iter().filter_map(|bank| bank.programmed.as_ref());
        programmed.map(|programmed| programmed.clipped).sum()
    }

    /// How many devices are stuck.
    pub fn stuck(&self) -> usize {
        let banks = [&self.plus, &self.minus];
        banks
            .iter()
            .flat_map(|bank| &bank.stuck)
            .filter(|stuck| **stuck != Stuck::Free)
            .count()
    }
}
