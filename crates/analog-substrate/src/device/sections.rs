//! The tables of a device file.

use super::{
    law::Piece,
    quantity::{Joules, Seconds, Siemens, Volts},
    sigma::Sigma,
};
use serde::{Deserialize, Serialize};

/// `[conductance]`: the range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Range {
    pub(super) min: Siemens,
    pub(super) max: Siemens,
}

/// `[valid]`: where the laws hold; a device is not asked about anything outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Valid {
    /// Shares of the largest conductance.
    pub(super) share: [f64; 2],
    /// Times since the last programming pulse.
    pub(super) time: [Seconds; 2],
    /// Largest voltage across a device while it is read.
    pub(super) voltage: Volts,
}

/// `[programming]`: what is reached about what is asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Programming {
    pub(super) sigma: Sigma,
}

/// `[write]`: what a pulse costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Write {
    /// Duration of a pulse.
    pub(super) time: Seconds,
    /// Energy of a pulse.
    pub(super) energy: Option<Joules>,
}

/// `[read]`: 1/f noise; its σ is Q(g)·√ln((t + time)/(2 time)) of the present conductance, or of
/// `relative_to`, with t from the last programming pulse.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Read {
    pub(super) time: Seconds,
    pub(super) amplitude: Vec<Piece>,
    pub(super) relative_to: Option<Siemens>,
    /// Whose g the amplitude Q is a function of.
    #[serde(default)]
    pub(super) conductance: ReadAt,
}

/// The conductance that an amplitude of read noise is a function of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ReadAt {
    /// The one at the time of the reading.
    #[default]
    Present,
    /// The one that was asked for: Q is a property of the state that was programmed and stays while the
    /// conductance drifts.
    Target,
}

/// `[read_white]`: noise that is new with every reading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadWhite {
    pub(super) sigma: Sigma,
}
