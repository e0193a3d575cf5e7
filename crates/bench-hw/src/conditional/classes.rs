//! Samples of classes that were asked for.

use crate::{
    generation::{Condition, GenerationError, OnChip, Start, generate, given_nodes},
    judge::Evaluator,
    metrics::{MetricsError, Reference, Scores},
};
use gradep_core::{data::one_hot, files::Model, generate::starting_noise};
use serde::Serialize;
use units::fault::{Blame, Fault};

/// What samples of classes are worth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassScores {
    /// Value of the label node of the class.
    pub amplitude: f64,
    /// Flow time.
    pub flow_time: f64,
    /// Samples, as many of each class, but for a remainder.
    pub samples: usize,
    /// Share of them that are told as what was asked for, by each classifier in turn.
    pub accuracy: Vec<f64>,
    /// Of all samples together: their distance, their variety.
    pub scores: Scores,
}

/// Why classes cannot be measured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClassesError {
    /// Samples cannot be generated.
    #[error("{0}")]
    Generation(#[from] GenerationError),
    /// Samples cannot be measured.
    #[error("{0}")]
    Metrics(#[from] MetricsError),
}

impl Blame for ClassesError {
    fn fault(&self) -> Fault {
        match self {
            Self::Generation(cause) => cause.fault(),
            Self::Metrics(cause) => cause.fault(),
        }
    }
}

/// Samples of every class in turn, with held label nodes.
#[derive(Clone, Copy, Debug)]
pub struct ClassSampling<'a> {
    /// A model with label nodes.
    pub model: &'a Model<f32>,
    /// The chip, unless the mode is without one.
    pub chip: Option<&'a OnChip<'a>>,
    /// How they are generated; they are measured at its last time.
    pub condition: &'a Condition,
    /// How many.
    pub samples: usize,
    /// Seed of the starting noise, and of that along a chip's transients.
    pub seed: u64,
}

impl ClassSampling<'_> {
    /// Draws them with the label node of the class held at `amplitude` and measures them; `judges` tell their classes.
    ///
    /// # Errors
    /// [`ClassesError`].
    ///
    /// # Panics
    /// If the model has no label nodes.
    pub fn measure(
        &self,
        amplitude: f64,
        reference: &Reference,
        judges: &[Evaluator],
    ) -> Result<ClassScores, ClassesError> {
        let (model, samples) = (self.model, self.samples);
        let nodes = model.label_nodes();
        let classes: Vec<u32> = (0..samples).map(|sample| (sample % nodes) as u32).collect();
        let labels = one_hot(&classes, nodes, amplitude as f32);
        let given = given_nodes(model, samples, None, Some(labels.view()));
        let noise = starting_noise(self.seed, samples, model.couplings.layers().visible());
        let start = Start::given(noise, given.view());
        let generated = generate(model, self.chip, self.condition, start, self.seed)?;
        let scores = generated.measure(reference)?;
        let images = generated.last();
        let images = images.mapv(|value| f64::from(value.clamp(-1.0, 1.0)));
        let told = |judge: &Evaluator| judge.share_told(images.view(), &classes);
        Ok(ClassScores {
            amplitude,
            flow_time: generated.times.last().copied().unwrap_or_default(),
            samples,
            accuracy: judges.iter().map(told).collect(),
            scores,
        })
    }
}
