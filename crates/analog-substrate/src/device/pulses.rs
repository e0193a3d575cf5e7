//! Response to identical programming pulses.

use super::quantity::Share;
use serde::{Deserialize, Serialize};

/// `[pulses]`: `G(n) = min + (max − min)·(1 − exp(−c n/P))/(1 − exp(−c))` after n of P pulses
/// (P.-Y. Chen et al., IEEE TCAD 37, 3067, 2018: c = P/A of their equation); downwards the same from
/// the other end. c is given itself, or by the label of `NeuroSim`,
/// `10.1015·max_x |G(xP) − x|` of the normalised curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pulses {
    /// P: pulses from one end of the range to the other.
    pub(super) count: u32,
    /// c.
    #[serde(default)]
    curvature: Option<Ways>,
    /// The label instead.
    #[serde(default)]
    label: Option<Ways>,
    /// σ of one pulse, as a share of the range; n pulses have √n times as much.
    pub(super) cycle: Share,
}

/// A number upwards and one downwards.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ways {
    up: f64,
    down: f64,
}

/// Largest c that is told from a straight jump: exp(−c) is below 1e-13.
const LARGEST: f64 = 30.0;
/// The label of `NeuroSim` over the largest deviation of the normalised curve from a line; holds for
/// all labels of its table, 0.01 to 9.
const LABEL: f64 = 10.1015;

/// Way of a pulse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Towards the largest conductance.
    Up,
    /// Towards the smallest.
    Down,
}

impl Way {
    /// Of a change of sign: upwards where it is positive.
    pub(crate) fn of(change: f64) -> Self {
        if change > 0.0 { Self::Up } else { Self::Down }
    }
}

impl Pulses {
    /// P: pulses from one end of the range to the other.
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// σ of one pulse, as a share of the range.
    pub const fn cycle(&self) -> f64 {
        self.cycle.0
    }

    /// The same response with another number of pulses from end to end.
    #[must_use]
    pub fn with_count(&self, count: u32) -> Self {
        Self {
            count,
            ..self.clone()
        }
    }

    /// What is wrong with it.
    pub(super) fn problem(&self) -> Option<&'static str> {
        let in_range = |ways: Option<Ways>, most: f64| {
            ways.is_none_or(|w| [w.up, w.down].iter().all(|x| (0.0..=most).contains(x)))
        };
        match () {
            () if self.count == 0 => Some("expected a count of at least 1"),
            () if self.curvature.is_some() && self.label.is_some() => {
                Some("expected a curvature or a label, not both")
            }
            () if !in_range(self.curvature, LARGEST) => {
                Some("expected curvature = { up, down }, each from 0 to 30")
            }
            () if !in_range(self.label, 9.0) => {
                Some("expected label = { up, down }, each from 0 to 9")
            }
            () if !(0.0..=1.0).contains(&self.cycle.0) => {
                Some("expected a share from 0 to 100 % as cycle")
            }
            () => None,
        }
    }

    /// c of a way.
    pub fn curvature(&self, way: Way) -> f64 {
        let pick = |ways: Ways| match way {
            Way::Up => ways.up,
            Way::Down => ways.down,
        };
        match (self.curvature.map(pick), self.label.map(pick)) {
            (Some(c), _) => c,
            (None, Some(label)) => curvature_of(label),
            (None, None) => 0.0,
        }
    }

    /// Share of the range after a share x of all pulses upwards.
    pub(super) fn reached(&self, x: f64) -> f64 {
        normalised(self.curvature(Way::Up), x)
    }

    /// Pulses, not rounded, after which this share of the range is reached upwards.
    pub(super) fn needed(&self, share: f64) -> f64 {
        f64::from(self.count) * inverse(self.curvature(Way::Up), share)
    }

    /// The share of the range after one more pulse.
    pub(super) fn after_pulse(&self, share: f64, way: Way) -> f64 {
        let c = self.curvature(way);
        let step = 1.0 / f64::from(self.count);
        let share = share.clamp(0.0, 1.0);
        match way {
            Way::Up => normalised(c, (inverse(c, share) + step).min(1.0)),
            Way::Down => 1.0 - normalised(c, (inverse(c, 1.0 - share) + step).min(1.0)),
        }
    }
}

/// `(1 − exp(−c x))/(1 − exp(−c))`: the share of the range after a share x of all pulses.
pub fn normalised(c: f64, x: f64) -> f64 {
    if c == 0.0 {
        x
    } else {
        (-c * x).exp_m1() / (-c).exp_m1()
    }
}

/// The x at which [`normalised`] takes a value from 0 to 1.
fn inverse(c: f64, value: f64) -> f64 {
    if c == 0.0 {
        value
    } else {
        -(value * (-c).exp_m1()).ln_1p() / c
    }
}

/// c of a label, by bisection: the deviation grows with c.
fn curvature_of(label: f64) -> f64 {
    let deviation = |c: f64| {
        // Where the slope of the curve is one.
        let x = (c / -(-c).exp_m1()).ln() / c;
        normalised(c, x) - x
    };
    if label == 0.0 {
        return 0.0;
    }
    let (mut low, mut high) = (1e-9, LARGEST);
    while high - low > 1e-12 * high {
        let middle = f64::midpoint(low, high);
        if LABEL * deviation(middle) < label {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}
