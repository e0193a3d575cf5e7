//! The numbers that a run is judged by.

use super::samples::{CLASS_TIME, SHARE_SAMPLES};
use bench_hw::{ClassShare, ClassShares};
use gradep_core::{
    generate::Generation,
    run::Run,
    run_dir::{MetricsTable, RunDirError},
    trainer::LOSS_BY_TIME,
};
use serde::Serialize;
use units::statistics;

/// Epochs at the end over which losses are averaged, as the paper does.
pub(super) const FINAL_EPOCHS: usize = 50;

/// What a training run came to: `summary.json`. Losses are dimensionless.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Version of this document's layout.
    pub schema: u32,
    /// Hash of the configuration.
    pub config_hash: String,
    /// Seed of every random draw.
    pub seed: u64,
    /// Parameters of the network.
    pub parameters: usize,
    /// Epochs done.
    pub epochs: u64,
    /// Loss of the first epoch.
    pub initial_loss: f64,
    /// `finished` or `diverged`.
    pub ending: &'static str,
    /// Why it ended, where it diverged.
    pub divergence: Option<String>,
    /// Loss of the velocity zero, for noise and images paired at random: what a network is to stay below.
    pub zero_velocity_loss: f64,
    /// Flow-matching loss, mean of the last epochs.
    pub final_loss: f64,
    /// How many epochs that is: 50, or all of a shorter run.
    pub final_epochs: usize,
    /// The same mean per bin of flow time, over the epochs that had samples in the bin.
    pub loss_by_time: Vec<f64>,
    /// Updates that were refused.
    pub refused_updates: u64,
    /// All updates, refused ones included.
    pub updates: u64,
    /// Share of samples that were unsettled in some phase, mean over all epochs.
    pub unsettled_share: f64,
    /// Share of samples that the nudge moved out of linear response, mean over all epochs.
    pub nonlinear_share: f64,
    /// Seconds of wall clock in training, of all processes that worked on the run.
    pub seconds: f64,
    /// The same per epoch.
    pub seconds_per_epoch: f64,
    /// What the model generates; nothing where it diverged.
    pub samples: Option<SampleSummary>,
}

/// What a trained model generates.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SampleSummary {
    /// Number of samples.
    pub count: usize,
    /// Flow time at which they were labelled.
    pub flow_time: f64,
    /// Relaxation sweeps (or steps) per velocity and sample.
    pub sweeps_per_velocity: f64,
    /// Share of relaxations that ended unsettled.
    pub unsettled_share: f64,
    /// How the samples are shared out among the classes; `None` where classes are not known.
    pub classes: Option<Vec<ClassShare>>,
    /// The class with the fewest samples.
    pub smallest_class: Option<ClassShare>,
}

impl Summary {
    pub(super) fn new(
        run: &Run,
        table: &MetricsTable,
        samples: Option<SampleSummary>,
        divergence: Option<String>,
    ) -> Result<Self, RunDirError> {
        let (trainer, seconds) = (run.trainer(), run.seconds());
        let config = trainer.config();
        let loss = table.column("loss")?;
        Ok(Self {
            schema: 1,
            config_hash: config.hash(),
            seed: config.seed,
            parameters: config.network.layers.parameters(),
            epochs: trainer.epochs_done(),
            ending: if divergence.is_some() {
                "diverged"
            } else {
                "finished"
            },
            divergence,
            zero_velocity_loss: trainer.unlearned().zero_velocity,
            initial_loss: loss.first().copied().unwrap_or(f64::NAN),
            final_loss: final_mean(loss),
            final_epochs: loss.len().min(FINAL_EPOCHS),
            loss_by_time: table
                .numbered(LOSS_BY_TIME)
                .into_iter()
                .map(final_mean)
                .collect(),
            refused_updates: trainer.refused(),
            updates: trainer.epochs_done() * trainer.updates_per_epoch(),
            unsettled_share: mean(table.column("unsettled")?),
            nonlinear_share: mean(table.column("nonlinear")?),
            seconds,
            seconds_per_epoch: seconds / trainer.epochs_done() as f64,
            samples,
        })
    }
}

impl SampleSummary {
    pub(super) fn new(flow: &Generation, shares: Option<ClassShares>) -> Self {
        Self {
            count: SHARE_SAMPLES,
            flow_time: CLASS_TIME,
            sweeps_per_velocity: flow.sweeps,
            unsettled_share: flow.unsettled,
            smallest_class: shares.as_ref().map(ClassShares::smallest),
            classes: shares.map(|shares| shares.classes),
        }
    }
}

/// Mean over the last epochs.
fn final_mean(values: &[f64]) -> f64 {
    mean(&values[values.len().saturating_sub(FINAL_EPOCHS)..])
}

/// Mean of the values that are numbers: a bin without samples has none.
fn mean(values: &[f64]) -> f64 {
    let present: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    statistics::mean(&present).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_averaged_without_the_bins_that_were_empty() {
        let mut values = vec![9.0; 10];
        values.extend([1.0, 3.0].repeat(FINAL_EPOCHS / 2));
        assert!((final_mean(&values) - 2.0).abs() < 1e-12);
        assert!((final_mean(&[1.0, f64::NAN, 2.0]) - 1.5).abs() < 1e-12);
        assert!(final_mean(&[]).is_nan());
    }
}
