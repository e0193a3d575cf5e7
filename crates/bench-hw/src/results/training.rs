//! `summary.json`: what a training run came to.

use crate::ClassShare;
use analog_substrate::arrays::Updating;
use gradep_core::{generate::Reach, objective::ObjectiveKind};
use serde::{Deserialize, Serialize};

/// What a training run came to: `summary.json`. Losses are dimensionless.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingSummary {
    /// Version of this document's layout.
    pub schema: u32,
    /// Hash of the configuration.
    pub config_hash: String,
    /// Seed of every random draw.
    pub seed: u64,
    /// What it learned; runs of earlier versions learned flow matching.
    #[serde(default)]
    pub objective: ObjectiveKind,
    /// Parameters of the network.
    pub parameters: usize,
    /// Epochs done.
    pub epochs: u64,
    /// Loss of the first epoch.
    pub initial_loss: Option<f64>,
    /// `finished` or `diverged`.
    pub ending: String,
    /// Why it ended, where it diverged.
    pub divergence: Option<String>,
    /// Loss of the velocity zero, for noise and images paired at random: what a network is to stay below.
    pub zero_velocity_loss: f64,
    /// Loss re-weighted to uniform times, mean of the last epochs.
    pub final_loss: Option<f64>,
    /// How many epochs that is: 50, or all of a shorter run.
    pub final_epochs: usize,
    /// The same mean per bin of flow time, over the epochs that had samples in the bin.
    pub loss_by_time: Vec<Option<f64>>,
    /// Mean F of images less mean F of negatives, over the last epochs that had any; nothing where none had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub energy_gap: Option<f64>,
    /// Updates that were refused.
    pub refused_updates: u64,
    /// All updates, refused ones included.
    pub updates: u64,
    /// Share of samples that were unsettled in some phase, mean over all epochs.
    pub unsettled_share: Option<f64>,
    /// Share of samples that the nudge moved out of linear response, mean over all epochs.
    pub nonlinear_share: Option<f64>,
    /// Seconds of wall clock in training, of all processes that worked on the run.
    pub seconds: f64,
    /// The same per epoch.
    pub seconds_per_epoch: Option<f64>,
    /// The chip that it was trained on, and what it took there: the losses are those on this chip. Nothing at exact equilibria.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chip: Option<TrainedOnChip>,
    /// What the model generates; nothing where it diverged.
    pub samples: Option<SampleSummary>,
}

/// A chip that was trained on, and what the whole training took there, one sample after the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainedOnChip {
    /// Name of its spec.
    pub name: String,
    /// Which chip of the spec.
    pub number: u64,
    /// Seed of the deviations of its chips.
    pub seed: u64,
    /// Seconds on the clock of the chip.
    pub seconds: f64,
    /// Of these, those in which nodes relax.
    pub relaxation_seconds: f64,
    /// Energy of the chip in joules; writing of devices is not in it.
    pub joules: f64,
    /// Of it, that of converters.
    pub converter_joules: f64,
    /// How often a device was moved by an update; nothing on a chip without devices.
    pub device_moves: Option<u64>,
    /// What moving them took; none where devices take what is asked without a pulse. Not in `seconds` and `joules`.
    #[serde(default)]
    pub updating: Option<Updating>,
    /// Multiplications with an addition that form gradients from readings. They are digital, and not in the energy of the chip.
    pub digital_macs: f64,
    /// Energy of these in joules, at 1.5 pJ each: a multiplication and an addition of 16-bit floating-point numbers take 1.1 pJ and
    /// 0.4 pJ at 45 nm (M. Horowitz, ISSCC 2014, figure 1.1.9).
    pub digital_joules: f64,
    /// Steps of a parameter by the optimiser, which is digital.
    #[serde(default)]
    pub optimiser_steps: f64,
    /// Energy of these in joules, at 383 pJ each ([`gradep_core::trainer::ADAM_STEP_J`]).
    #[serde(default)]
    pub optimiser_joules: f64,
    /// Where samples and figures were drawn.
    pub sampled_on: String,
}

/// What a trained model generates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SampleSummary {
    /// Number of samples.
    pub count: usize,
    /// Flow time at which they were labelled.
    pub flow_time: f64,
    /// Relaxation sweeps (or steps) per velocity and sample.
    pub sweeps_per_velocity: f64,
    /// Share of relaxations that ended unsettled.
    pub unsettled_share: f64,
    /// How far they have gone; none of earlier versions.
    #[serde(default)]
    pub reach: Option<Reach>,
    /// How the samples are shared out among the classes; `None` where classes are not known.
    pub classes: Option<Vec<ClassShare>>,
    /// The class with the fewest samples.
    pub smallest_class: Option<ClassShare>,
}
