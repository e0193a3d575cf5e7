//! Further updates of a trained model: on a chip, or at exact equilibria for comparison.

use super::{Adaptation, AdaptationError};
use crate::generation::OnChip;
use analog_substrate::{
    NudgeKind, Spent, Substrate,
    arrays::ConductanceMap,
    chip::{Chip, ChipError, ChipParts, Die, Instance, TransientSettings},
};
use gradep_core::{
    config::{ChipConfig, Config, InvalidSamples, Learn, Schedule},
    files::Model,
    gradep::{PhaseScheme, range_above},
    optimiser::Adam,
    trainer::{EpochReport, TrainError, Trainer, check_budget},
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
    /// Which parameters are learned.
    #[serde(default)]
    pub learn: Learn,
}

impl Default for Course {
    /// 150 updates of 128 samples, 30 τ free and 10 τ nudged.
    fn default() -> Self {
        Self {
            updates: 150,
            batch: 128,
            learning_rate: Self::rate_of(Learn::All),
            free: 30.0,
            nudged: 10.0,
            step: 0.5,
            headroom: 1.0,
            range: None,
            seed: 0,
            learn: Learn::All,
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

/// A chip that learns, and what is beside it.
#[derive(Debug)]
pub(super) struct Learner {
    pub(super) chip: Chip<f32>,
    /// Which chip it is.
    die: Die,
    /// What the optimiser remembers of the last round.
    moments: Option<Adam>,
    /// How often it has learned.
    rounds: u64,
}

impl Learner {
    /// When its devices were programmed so many seconds ago.
    pub(super) fn aged(self, seconds: f64) -> Result<Self, ChipError> {
        Ok(Self {
            chip: self.chip.aged(seconds)?,
            ..self
        })
    }
}

impl Course {
    /// The learning rate for these parameters, unless another is asked for: 1e-3, of biases alone 0.02, since there are few of them and
    /// they have to make up for what weights are not to.
    pub fn rate_of(learn: Learn) -> f64 {
        match learn {
            Learn::All => 1e-3,
            Learn::Biases => 0.02,
        }
    }

    /// The transients of its phases, as those of a run on a chip.
    pub(super) fn transients(&self) -> TransientSettings {
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
        further.optimiser.learn = self.learn;
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

impl Adaptation<'_> {
    /// Refuses a course, or a refresh, that does not fit into the memory or does not end.
    pub(super) fn check_course(&self) -> Result<(), AdaptationError> {
        let images = self.images.nrows();
        for updates in std::iter::once(self.course.updates).chain(self.refresh) {
            let course = Course {
                updates,
                ..*self.course
            };
            let further = course.of(self.config, images, 1.0);
            check_budget(&further, images).map_err(TrainError::from)?;
        }
        Ok(())
    }

    /// The chip, programmed with the model, before its first update.
    pub(super) fn begin(&self, on_chip: &OnChip<'_>) -> Result<Learner, AdaptationError> {
        let chip = Chip::new(ChipParts {
            design: on_chip.design.clone(),
            instance: Instance::draw(on_chip.design, self.model.couplings.layers(), on_chip.die),
            network: self.model.into(),
            settings: self.course.transients(),
            noise_seed: self.course.seed,
        })?;
        Ok(Learner {
            chip: chip.learning(self.course.headroom)?,
            die: on_chip.die,
            moments: None,
            rounds: 0,
        })
    }

    /// The course on a substrate, from the model; what is learned is the average of the last updates, or the last of them. What was learned before, if anything, leaves its moments; each round has draws of its own.
    pub(super) fn train<S: Substrate<Scalar = f32> + Send>(
        &self,
        substrate: S,
        averaged: bool,
        (rounds, moments): (u64, Option<Adam>),
        observe: impl FnMut(&EpochReport) -> bool,
    ) -> Result<(Trained, Trainer<S>), AdaptationError> {
        let mut further = Config {
            seed: self.config.seed.wrapping_add(rounds),
            ..(self.course).of(self.config, self.images.nrows(), self.range(&substrate))
        };
        if !averaged {
            further.optimiser.ema_decay = 0.0;
        }
        let mut trainer = Trainer::with_substrate(&further, self.images.clone(), substrate)?;
        let couplings = self.model.couplings.clone();
        match moments {
            None => trainer.begin_from(couplings),
            Some(moments) => trainer.begin_again(couplings, moments),
        }
        let (losses, refused) = train(&mut trainer, observe)?;
        Ok((trained(&trainer, self.model, losses, refused), trainer))
    }

    /// How far a nudge may pull on this substrate.
    fn range(&self, substrate: &impl Substrate) -> f64 {
        let range = self.course.range;
        range.unwrap_or_else(|| range_above(substrate.resolution()))
    }

    /// The course on a chip that learns: what came of it, and the chip, which can go on.
    pub(super) fn learn_through(
        &self,
        learner: Learner,
        observe: impl FnMut(&EpochReport) -> bool,
    ) -> Result<(Learned, Learner), AdaptationError> {
        let range = self.range(&learner.chip);
        let before = (learner.rounds, learner.moments);
        let name = printable(&learner.chip.design().name).into_owned();
        let arrays = learner.chip.design().arrays.as_ref();
        // The model is what pulses have made of the devices: an average of what was asked of them is nowhere.
        let averaged = !arrays.is_some_and(|arrays| arrays.update.is_kept_in_devices());
        let (mut trained, mut trainer) = self.train(learner.chip, averaged, before, observe)?;
        if let Some(trained_on) = &mut trained.model.trained_on {
            trained_on.chip = Some(format!("{name}, {}", learner.die));
        }
        let spent = trainer.spent().unwrap_or_default();
        let products = trainer.outer_products();
        let optimiser_steps = trainer.optimiser_steps();
        // The last update's devices are not those of the average.
        trainer.program_averaged()?;
        let moments = Some(trainer.optimiser().clone());
        let chip = trainer.into_substrate();
        let learned = Learned {
            map: chip.conductances(),
            spent,
            products,
            optimiser_steps,
            model: trained.model.clone(),
            trained,
            range,
        };
        let rounds = learner.rounds + 1;
        let learner = Learner {
            chip,
            die: learner.die,
            moments,
            rounds,
        };
        Ok((learned, learner))
    }
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
    let chip = adaptation.begin(on_chip)?;
    Ok(adaptation.learn_through(chip, observe)?.0)
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
