//! Further updates of a trained model: on a chip, or at exact equilibria for comparison.

use super::{Adaptation, AdaptationError};
use crate::generation::OnChip;
use analog_substrate::{
    NudgeKind, Spent, Substrate,
    arrays::ConductanceMap,
    chip::{Chip, ChipParts, Instance, TransientSettings},
};
use gradep_core::{
    config::{ChipConfig, Config, InvalidSamples, Schedule},
    files::Model,
    gradep::{PhaseScheme, range_above},
    trainer::{EpochReport, Trainer},
};
use serde::{Deserialize, Serialize};
use units::printable::printable;

/// How a chip is adapted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// Updates, at least; whole passes over the data.
    pub updates: u64,
    /// Samples of an update.
    pub batch: usize,
    /// Learning rate at its peak.
    pub learning_rate: f64,
    /// Free phase in τ.
    pub free: f64,
    /// Each nudged phase in τ.
    pub nudged: f64,
    /// Longest step of the transients in τ.
    pub step: f64,
    /// How much larger than the largest one a weight can become.
    pub headroom: f64,
    /// Furthest that a nudge may pull a visible node, in `V_unit`; none: as the chip's noise asks for
    /// ([`range_above`]).
    pub range: Option<f64>,
    /// Seed of the noise along the chip's transients.
    pub seed: u64,
}

impl Default for Course {
    /// 150 updates of 128 samples, 30 τ free and 10 τ nudged.
    fn default() -> Self {
        Self {
            updates: 150,
            batch: 128,
            learning_rate: 1e-3,
            free: 30.0,
            nudged: 10.0,
            step: 0.5,
            headroom: 1.0,
            range: None,
            seed: 0,
        }
    }
}

/// What further updates came to.
#[derive(Clone, Debug)]
pub struct Trained {
    /// The model to generate with: the average of the last updates.
    pub model: Model<f32>,
    /// Mean loss of the first and of the last epoch, as the substrate read it.
    pub losses: [f64; 2],
    /// Updates, refused ones among them.
    pub updates: u64,
    /// Updates that were refused.
    pub refused: u64,
}

/// A chip that has learned.
#[derive(Clone, Debug)]
pub struct Learned {
    /// What is asked of it now.
    pub model: Model<f32>,
    /// What its devices have become; none on a chip without devices.
    pub map: Option<ConductanceMap>,
    /// The rest.
    pub trained: Trained,
    /// What all updates took on the chip, one sample after another.
    pub spent: Spent,
    /// Multiply-accumulates of the products of the learning rule, for all updates.
    pub products: f64,
    /// Steps of a parameter by the optimiser, for all updates.
    pub optimiser_steps: f64,
    /// The range of the nudge.
    pub range: f64,
}

impl Course {
    /// The transients of its phases, as those of a run on a chip.
    fn transients(&self) -> TransientSettings {
        let phases = ChipConfig {
            free: self.free,
            nudged: self.nudged,
            step: self.step,
            ..ChipConfig::default()
        };
        phases.transients()
    }

    /// Epochs of a run on so many images, and updates in each.
    fn epochs(&self, images: usize) -> (u64, usize) {
        let batch = self.batch.clamp(1, images.max(1));
        let per_epoch = (images / batch).max(1) as u64;
        (self.updates.div_ceil(per_epoch).max(1), batch)
    }

    /// The run's own configuration, for these updates after it: the data, the network and the target at the end of the
    /// run; a centred tilt, one epoch of warm-up and half a cosine to 0. What a chip under noise has not settled to counts as
    /// it is.
    pub(super) fn of(&self, config: &Config, images: usize, range: f64) -> Config {
        let (epochs, batch) = self.epochs(images);
        let mut further = config.clone();
        further.training.epochs = epochs;
        further.training.invalid_samples = InvalidSamples::Include;
        further.training.max_unsettled = 1.0;
        further.flow.batch = batch;
        further.flow.late_share = config.flow.late_share_end.max(config.flow.late_share);
        further.flow.late_share_end = further.flow.late_share;
        further.contrast.weight = 0.0;
        // Which substrate it is, is said beside.
        further.chip = ChipConfig::default();
        further.nudge.kind = NudgeKind::Tilt;
        further.nudge.phases = PhaseScheme::Centred;
        // So strong that the range decides for every sample whose mismatch is above a thousandth.
        further.nudge.beta = 1e3 * range;
        further.nudge.linear_range = range;
        further.optimiser.learning_rate = self.learning_rate;
        further.optimiser.schedule = Schedule::Cosine;
        further.optimiser.final_fraction = 0.0;
        further.optimiser.warmup_epochs = 1.min(epochs - 1);
        further.optimiser.ema_decay = 0.9;
        further
    }
}

/// Trains on to the end of the epochs.
fn train<S: Substrate<Scalar = f32> + Send>(
    trainer: &mut Trainer<S>,
    mut observe: impl FnMut(&EpochReport) -> bool,
) -> Result<([f64; 2], u64), AdaptationError> {
    let mut losses = Vec::new();
    while !trainer.is_finished() {
        let report = trainer.epoch()?;
        if report.refused >= trainer.updates_per_epoch()
            && let Some(reason) = report.refusal
        {
            let epoch = report.epoch;
            return Err(AdaptationError::Refused { epoch, reason });
        }
        losses.push(report.loss);
        if !observe(&report) {
            return Err(AdaptationError::Interrupted);
        }
    }
    let ends = [losses.first(), losses.last()].map(|loss| loss.copied().unwrap_or(f64::NAN));
    Ok((ends, trainer.refused()))
}

/// Learns on through one chip, programmed with the model.
///
/// # Errors
/// [`AdaptationError`].
pub fn learn_on_chip(
    adaptation: &Adaptation<'_>,
    on_chip: &OnChip<'_>,
    observe: impl FnMut(&EpochReport) -> bool,
) -> Result<Learned, AdaptationError> {
    let Adaptation {
        config,
        model,
        images,
        course,
        ..
    } = *adaptation;
    let layers = model.couplings.layers();
    let chip = Chip::new(ChipParts {
        design: on_chip.design.clone(),
        instance: Instance::draw(on_chip.design, layers, on_chip.die),
        network: model.into(),
        settings: course.transients(),
        noise_seed: course.seed,
    })?
    .learning(course.headroom)?;
    let range = course
        .range
        .unwrap_or_else(|| range_above(chip.resolution()));
    let mut further = course.of(config, images.nrows(), range);
    let arrays = on_chip.design.arrays.as_ref();
    if arrays.is_some_and(|arrays| arrays.update.is_kept_in_devices()) {
        // The model is what pulses have made of the devices: an average of what was asked of them is nowhere.
        further.optimiser.ema_decay = 0.0;
    }
    let mut trainer = Trainer::with_substrate(&further, images.clone(), chip)?;
    trainer.begin_from(model.couplings.clone());
    let (losses, refused) = train(&mut trainer, observe)?;
    let mut trained = trained(&trainer, model, losses, refused);
    if let Some(trained_on) = &mut trained.model.trained_on {
        let name = printable(&on_chip.design.name);
        trained_on.chip = Some(format!("{name}, {}", on_chip.die));
    }
    let spent = trainer.spent().unwrap_or_default();
    // The last update's devices are not those of the average.
    trainer.program_averaged()?;
    Ok(Learned {
        map: trainer.substrate().conductances(),
        spent,
        products: trainer.outer_products(),
        optimiser_steps: trainer.optimiser_steps(),
        model: trained.model.clone(),
        trained,
        range,
    })
}

/// As many further updates at exact equilibria, with the run's own phases and nudge: what a chip is compared with.
///
/// # Errors
/// [`AdaptationError`].
pub fn learn_on_equilibria(
    adaptation: &Adaptation<'_>,
    observe: impl FnMut(&EpochReport) -> bool,
) -> Result<Trained, AdaptationError> {
    let Adaptation {
        config,
        model,
        images,
        course,
        ..
    } = *adaptation;
    let mut further = course.of(config, images.nrows(), config.nudge.linear_range);
    further.nudge = config.nudge.clone();
    further.training.invalid_samples = config.training.invalid_samples;
    further.training.max_unsettled = config.training.max_unsettled;
    let mut trainer = Trainer::new(&further, images.clone())?;
    trainer.begin_from(model.couplings.clone());
    let (losses, refused) = train(&mut trainer, observe)?;
    Ok(trained(&trainer, model, losses, refused))
}

fn trained<S: Substrate<Scalar = f32> + Send>(
    trainer: &Trainer<S>,
    model: &Model<f32>,
    losses: [f64; 2],
    refused: u64,
) -> Trained {
    Trained {
        model: Model {
            couplings: trainer.averaged_couplings(),
            ..model.clone()
        },
        losses,
        updates: trainer.epochs_done() * trainer.updates_per_epoch(),
        refused,
    }
}
