//! `[flow]`: pairs of noise and images, what is learned of them, and when on the path.

use crate::objective::{
    Decay, DecayKind, EquilibriumMatching, FlowMatching, Objective, ObjectiveKind, TimeDensity,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// `[flow]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowConfig {
    /// What the network learns; runs from before there was a choice learned flow matching.
    #[serde(default)]
    pub objective: ObjectiveKind,
    /// Equilibrium Matching: shape of the decay c(t).
    #[serde(default)]
    pub decay: DecayKind,
    /// Truncated and piecewise decay: a, from where c falls to 0.
    #[serde(default = "decay_from")]
    pub decay_from: f64,
    /// Piecewise decay: b = c(0).
    #[serde(default = "one")]
    pub decay_start: f64,
    /// Equilibrium Matching: factor on c.
    #[serde(default = "one")]
    pub multiplier: f64,
    /// Share of the times that are drawn late, at the first epoch.
    #[serde(default)]
    pub late_share: f64,
    /// The same at the last epoch; on a straight line between.
    #[serde(default)]
    pub late_share_end: f64,
    /// Where the late times begin.
    #[serde(default = "late_from")]
    pub late_from: f64,
    /// Exponent k of the density (1 + k)tᵏ of the other times.
    #[serde(default)]
    pub time_power: f64,
    /// How noise and data are paired.
    pub coupling: CouplingKind,
    /// Over which samples pairs are matched.
    pub pairing: Pairing,
    /// Draw matched pairs with replacement, as the published run does (63 % are distinct).
    pub with_replacement: bool,
    /// Samples per update; 0 is the whole data set.
    pub batch: usize,
    /// Bins of flow time in which the loss is reported.
    pub time_bins: usize,
}

fn decay_from() -> f64 {
    0.5
}

fn late_from() -> f64 {
    0.8
}

fn one() -> f64 {
    1.0
}

/// Over which samples pairs are matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pairing {
    /// The whole epoch (of a large data set: groups of up to 4,096), whose pairs are then dealt to
    /// the batches: shorter paths.
    Epoch,
    /// Each batch by itself.
    Batch,
    /// As `Epoch`, each class by itself: what a condition needs.
    Class,
}

/// How noise and data are paired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CouplingKind {
    /// Exact optimal transport over the batch (squared Euclidean).
    OptimalTransport,
    /// As drawn.
    Independent,
}

/// Keys of `[flow]` that configurations lack which are from before there was a choice of objectives.
pub(super) const OBJECTIVE_KEYS: &[&str] = &[
    "flow.objective",
    "flow.decay",
    "flow.decay_from",
    "flow.decay_start",
    "flow.multiplier",
    "flow.late_share",
    "flow.late_share_end",
    "flow.late_from",
    "flow.time_power",
];

impl FlowConfig {
    /// Flow matching at uniform times, of pairs that are matched over the whole data set.
    pub(crate) fn matched(batch: usize) -> Self {
        Self {
            objective: ObjectiveKind::FlowMatching,
            decay: DecayKind::default(),
            decay_from: decay_from(),
            decay_start: one(),
            multiplier: one(),
            late_share: 0.0,
            late_share_end: 0.0,
            late_from: late_from(),
            time_power: 0.0,
            coupling: CouplingKind::OptimalTransport,
            pairing: Pairing::Epoch,
            with_replacement: false,
            batch,
            time_bins: 1,
        }
    }

    /// The same batches and pairs, with the objective and the times that there were before there was a choice.
    pub(super) fn before_objectives(&self) -> Self {
        Self {
            coupling: self.coupling,
            pairing: self.pairing,
            with_replacement: self.with_replacement,
            time_bins: self.time_bins,
            ..Self::matched(self.batch)
        }
    }

    /// What the network learns.
    pub fn objective(&self) -> Arc<dyn Objective> {
        match self.objective {
            ObjectiveKind::FlowMatching => Arc::new(FlowMatching),
            ObjectiveKind::EquilibriumMatching => Arc::new(self.equilibrium_matching()),
        }
    }

    /// Equilibrium Matching with the decay and the multiplier of these keys.
    pub fn equilibrium_matching(&self) -> EquilibriumMatching {
        let from = self.decay_from;
        let decay = match self.decay {
            DecayKind::Linear => Decay::Linear,
            DecayKind::Truncated => Decay::Truncated { from },
            DecayKind::Piecewise => Decay::Piecewise {
                from,
                start: self.decay_start,
            },
        };
        EquilibriumMatching {
            decay,
            multiplier: self.multiplier,
        }
    }

    /// What times are drawn by when `progress` of the run, from 0 to 1, is over.
    pub fn density(&self, progress: f64) -> TimeDensity {
        let late_share = self.late_share + (self.late_share_end - self.late_share) * progress;
        if late_share <= 0.0 && self.time_power <= 0.0 {
            return TimeDensity::UNIFORM;
        }
        TimeDensity {
            late_share,
            late_from: self.late_from,
            power: self.time_power,
        }
    }
}
