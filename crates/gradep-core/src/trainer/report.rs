//! What an epoch is reported by.

use crate::{
    config::Config,
    gradep::{Estimate, Refusal},
};
use analog_substrate::Spent;
use serde::Serialize;

/// One epoch, as a row of the metrics table. Loss and displacements are dimensionless.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EpochReport {
    /// Number of the epoch, from 0.
    pub epoch: u64,
    /// Loss before the update: mean of (v − u)² over units and samples, re-weighted to uniform times.
    pub loss: f64,
    /// Loss per bin of the objective's times; NaN where a bin had no sample.
    pub loss_by_time: Vec<f64>,
    /// Learning rate.
    pub learning_rate: f64,
    /// Norm of the gradient before clipping, mean over updates.
    pub gradient_norm: f64,
    /// Mean relaxation sweeps (or steps) per sample of the free phase.
    pub free_sweeps: f64,
    /// Mean relaxation sweeps (or steps) per sample of all nudged phases.
    pub nudged_sweeps: f64,
    /// Share of samples unsettled in some phase.
    pub unsettled: f64,
    /// Share of samples that the nudge moved out of linear response.
    pub nonlinear: f64,
    /// Median residual of the free phase.
    pub residual_median: f64,
    /// Largest residual of the free phase.
    pub residual_max: f64,
    /// Median over samples of the largest output displacement by a nudge.
    pub displacement_median: f64,
    /// Largest output displacement by a nudge.
    pub displacement_max: f64,
    /// Mean share of β that samples were nudged by.
    pub nudge_share: f64,
    /// Updates of this epoch that were refused.
    pub refused: u64,
    /// Why the last of them was.
    pub refusal: Option<Refusal>,
    /// How energies compared; none in runs without negatives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contrasted: Option<Contrasted>,
    /// What the chip has taken; none in runs on exact equilibria.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_chip: Option<OfTheChip>,
}

/// What a chip has taken since the training began, one sample after the other. The last columns of the metrics table of runs with
/// `chip.spec`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OfTheChip {
    /// Its own clock in s.
    pub chip_s: f64,
    /// Its energy in J; writing of devices is not in it.
    pub chip_j: f64,
    /// How often a device was moved by an update.
    pub device_moves: u64,
}

/// Images and negatives of one or more updates. The columns at the end of the metrics table of runs with `contrast.weight` > 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Contrasted {
    /// Mean F of the images less mean F of the negatives, dimensionless; NaN where there were none yet, or where the
    /// substrate cannot tell its energy.
    pub energy_gap: f64,
    /// Share of the negatives that nothing was learned from, since they ran away or did not settle; NaN where there were
    /// none yet.
    pub negatives_left_out: f64,
}

/// Column of [`Contrasted::energy_gap`].
pub const ENERGY_GAP: &str = "energy_gap";

impl EpochReport {
    /// Columns of the metrics table that a report of a run fills, in the order of its fields.
    pub fn columns(config: &Config) -> Vec<String> {
        let after = [
            "learning_rate",
            "gradient_norm",
            "free_sweeps",
            "nudged_sweeps",
            "unsettled",
            "nonlinear",
            "residual_median",
            "residual_max",
            "displacement_median",
            "displacement_max",
            "nudge_share",
            "refused",
            "refusal",
        ];
        let contrasted = [ENERGY_GAP, "negatives_left_out"];
        let contrasted = contrasted
            .into_iter()
            .filter(|_| config.contrast.weight > 0.0);
        let on_chip = ["chip_s", "chip_j", "device_moves"];
        let on_chip = on_chip.into_iter().filter(|_| config.chip.is_on());
        let bins = (0..config.flow.time_bins).map(|bin| format!("{LOSS_BY_TIME}{bin}"));
        ["epoch", "loss"]
            .into_iter()
            .map(str::to_owned)
            .chain(bins)
            .chain(after.map(str::to_owned))
            .chain(contrasted.map(str::to_owned))
            .chain(on_chip.map(str::to_owned))
            .collect()
    }
}

/// Columns of the loss by time: this and the number of the bin.
pub const LOSS_BY_TIME: &str = "loss_time_";

/// Sums over the updates of an epoch.
pub(super) struct Tally {
    updates: f64,
    weight: f64,
    loss: f64,
    bins: Vec<(f64, f64)>,
    gradient_norm: (f64, f64),
    free_sweeps: f64,
    nudged_sweeps: f64,
    unsettled: f64,
    nonlinear: f64,
    residual_median: f64,
    residual_max: f64,
    displacement_median: f64,
    displacement_max: f64,
    nudge_share: f64,
    refused: u64,
    refusal: Option<Refusal>,
    /// Sums over the updates with negatives, each with how many those are; none in runs without.
    contrasted: Option<[(f64, f64); 2]>,
    is_on_chip: bool,
}

impl Tally {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            contrasted: (config.contrast.weight > 0.0).then_some([(0.0, 0.0); 2]),
            is_on_chip: config.chip.is_on(),
            updates: 0.0,
            weight: 0.0,
            loss: 0.0,
            bins: vec![(0.0, 0.0); config.flow.time_bins],
            gradient_norm: (0.0, 0.0),
            free_sweeps: 0.0,
            nudged_sweeps: 0.0,
            unsettled: 0.0,
            nonlinear: 0.0,
            residual_median: 0.0,
            residual_max: 0.0,
            displacement_median: 0.0,
            displacement_max: 0.0,
            nudge_share: 0.0,
            refused: 0,
            refusal: None,
        }
    }

    /// One update at these times, each with what it counts in a mean over uniform times; all `[batch]`.
    pub(super) fn add(
        &mut self,
        times: &[f32],
        weights: &[f64],
        estimate: &Estimate<f32>,
        norm: f64,
    ) {
        self.updates += 1.0;
        let bins = self.bins.len();
        for ((&t, &weight), &loss) in times.iter().zip(weights).zip(&estimate.sample_loss) {
            let loss = weight * loss;
            self.weight += weight;
            self.loss += loss;
            #[expect(clippy::cast_sign_loss, reason = "flow times are not negative")]
            let bin = &mut self.bins[((t * bins as f32) as usize).min(bins - 1)];
            *bin = (bin.0 + loss, bin.1 + weight);
        }
        match &estimate.refusal {
            None => self.gradient_norm = (self.gradient_norm.0 + norm, self.gradient_norm.1 + 1.0),
            Some(refusal) => {
                self.refused += 1;
                self.refusal = Some(*refusal);
            }
        }
        self.free_sweeps += estimate.free_sweeps.mean;
        self.nudged_sweeps += estimate.nudged_sweeps.mean;
        self.unsettled += estimate.unsettled;
        self.nonlinear += estimate.nonlinear;
        self.residual_median += estimate.residual.median;
        self.residual_max = self.residual_max.max(estimate.residual.largest);
        self.displacement_median += estimate.displacement.median;
        self.nudge_share += estimate.nudge_share;
        self.displacement_max = self.displacement_max.max(estimate.displacement.largest);
    }

    /// One update with negatives, if there are any.
    pub(super) fn add_contrast(&mut self, update: Option<Contrasted>) {
        let (Some(sums), Some(update)) = (&mut self.contrasted, update) else {
            return;
        };
        for (sum, value) in sums
            .iter_mut()
            .zip([update.energy_gap, update.negatives_left_out])
        {
            if !value.is_nan() {
                *sum = (sum.0 + value, sum.1 + 1.0);
            }
        }
    }

    pub(super) fn report(
        self,
        epoch: u64,
        learning_rate: f64,
        spent: Option<&Spent>,
    ) -> EpochReport {
        EpochReport {
            on_chip: spent.filter(|_| self.is_on_chip).map(|spent| OfTheChip {
                chip_s: spent.seconds,
                chip_j: spent.joules,
                device_moves: spent.moves.unwrap_or_default(),
            }),
            epoch,
            loss: self.loss / self.weight,
            loss_by_time: self.bins.iter().map(|(sum, weight)| sum / weight).collect(),
            learning_rate,
            gradient_norm: self.gradient_norm.0 / self.gradient_norm.1,
            free_sweeps: self.free_sweeps / self.updates,
            nudged_sweeps: self.nudged_sweeps / self.updates,
            unsettled: self.unsettled / self.updates,
            nonlinear: self.nonlinear / self.updates,
            residual_median: self.residual_median / self.updates,
            residual_max: self.residual_max,
            displacement_median: self.displacement_median / self.updates,
            displacement_max: self.displacement_max,
            nudge_share: self.nudge_share / self.updates,
            refused: self.refused,
            refusal: self.refusal,
            contrasted: self.contrasted.map(|[gap, left_out]| Contrasted {
                energy_gap: gap.0 / gap.1,
                negatives_left_out: left_out.0 / left_out.1,
            }),
        }
    }
}
