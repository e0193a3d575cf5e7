//! How good a chip is, at the best of some times.

use super::AdaptationError;
use crate::{
    generation::{Condition, OnChip, Start, generate_on_chip},
    metrics::{Reference, measure},
};
use analog_substrate::{
    arrays::ConductanceMap,
    chip::{Chip, Design},
};
use gradep_core::{files::Model, generate::starting_noise};
use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

/// How chips are measured: all with the same starting noise.
#[derive(Clone, Copy, Debug)]
pub struct Bench<'a> {
    /// What samples are held against.
    pub reference: &'a Reference,
    /// How they are generated, at each time that may be the best.
    pub condition: &'a Condition,
    /// How many.
    pub samples: usize,
    /// Seed of the starting noise and of that along the transients.
    pub seed: u64,
}

/// A chip with a model on it.
#[derive(Clone, Copy, Debug)]
pub struct Programmed<'a> {
    /// The chip.
    pub chip: &'a OnChip<'a>,
    /// What it is asked to be.
    pub model: &'a Model<f32>,
    /// What its devices have become; none: what programming makes of the model.
    pub map: Option<&'a ConductanceMap>,
}

/// The best of several times.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Flow time.
    pub time: f64,
    /// The metric that decides ([`Reference::decisive`]).
    pub distance: f64,
    /// Its standard error from the choice of samples.
    pub error: Option<f64>,
}

impl Bench<'_> {
    /// The least distance over the times.
    ///
    /// # Errors
    /// [`AdaptationError`].
    pub fn best(&self, programmed: &Programmed<'_>) -> Result<Best, AdaptationError> {
        let Programmed { chip, model, map } = programmed;
        let mut made = chip.make(model, self.condition, self.seed)?;
        if let Some(map) = map {
            made.replay((*map).clone())?;
        }
        self.best_of(&made, model)
    }

    /// [`Self::best`] of the same devices, so many seconds after they were programmed.
    ///
    /// # Errors
    /// [`AdaptationError::NothingAges`] on a chip without devices; as [`Self::best`].
    pub fn best_at_age(
        &self,
        programmed: &Programmed<'_>,
        seconds: f64,
    ) -> Result<Best, AdaptationError> {
        let design = aged(programmed.chip.design, seconds)?;
        let chip = OnChip {
            design: &design,
            ..*programmed.chip
        };
        self.best(&Programmed {
            chip: &chip,
            ..*programmed
        })
    }

    /// The first `count` of the samples that were measured at a flow time, `[count, n_0]`: those of the same starting noise.
    ///
    /// # Errors
    /// [`AdaptationError`].
    pub fn samples_at(
        &self,
        programmed: &Programmed<'_>,
        time: f64,
        count: usize,
    ) -> Result<Array2<f32>, AdaptationError> {
        let condition = Condition {
            times: vec![time],
            ..self.condition.clone()
        };
        let Programmed { chip, model, map } = programmed;
        let mut made = chip.make(model, &condition, self.seed)?;
        if let Some(map) = map {
            made.replay((*map).clone())?;
        }
        let visible = model.couplings.layers().visible();
        let start = Start::from(starting_noise(self.seed, count, visible));
        let flow = generate_on_chip(&made, model, &condition, start)?;
        Ok(flow.samples.index_axis_move(Axis(0), 0))
    }

    /// Refuses a chip that cannot have the model, or whose devices are not known at one of these ages in seconds, before anything is
    /// computed.
    ///
    /// # Errors
    /// [`AdaptationError`].
    pub fn check(
        &self,
        chip: &OnChip<'_>,
        model: &Model<f32>,
        ages: &[f64],
    ) -> Result<(), AdaptationError> {
        chip.make(model, self.condition, self.seed)?;
        for &seconds in ages {
            let design = aged(chip.design, seconds)?;
            let later = OnChip {
                design: &design,
                ..*chip
            };
            let made = later.make(model, self.condition, self.seed)?;
            made.present_arrays()?;
        }
        Ok(())
    }

    fn best_of(&self, chip: &Chip<f32>, model: &Model<f32>) -> Result<Best, AdaptationError> {
        let visible = model.couplings.layers().visible();
        let start = Start::from(starting_noise(self.seed, self.samples, visible));
        let flow = generate_on_chip(chip, model, self.condition, start)?;
        let metric = self.reference.decisive();
        let mut best: Option<Best> = None;
        for (&time, samples) in flow.times.iter().zip(flow.samples.axis_iter(Axis(0))) {
            let scores = measure(samples, self.reference)?;
            let Some(score) = scores.get(metric) else {
                continue;
            };
            let Some(distance) = score.value else {
                continue;
            };
            if best.is_none_or(|best| distance < best.distance) {
                best = Some(Best {
                    time,
                    distance,
                    error: score.standard_error,
                });
            }
        }
        best.ok_or_else(|| AdaptationError::Unmeasured {
            metric,
            times: flow.times.clone(),
        })
    }
}

/// The design with its devices at another age.
fn aged(design: &Design, seconds: f64) -> Result<Design, AdaptationError> {
    let mut aged = design.clone();
    match &mut aged.arrays {
        Some(arrays) => arrays.age = seconds,
        None => {
            return Err(AdaptationError::NothingAges {
                design: design.name.clone(),
            });
        }
    }
    Ok(aged)
}
