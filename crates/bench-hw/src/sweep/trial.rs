//! A chip generates, its samples are measured, and its velocities are held against exact ones.

use super::{Outcome, SweepError, Trial};
use crate::{
    domain::Domain,
    generation::{Condition, GenerationError, OnChip, generate_on_chip},
    metrics::{MetricsError, Reference, measure_values},
};
use analog_substrate::{
    Drive, Substrate as _, Visible,
    chip::{Chip, ChipError, Design, Die},
    random::{Purpose, stream},
};
use gradep_core::{
    config::ReadOut,
    data::one_hot,
    draws::{normal_rows, uniform_times},
    files::Model,
    generate::{GenerateError, clamped},
    objective::linear_path,
};
use ndarray::{Array1, Array2, Axis, concatenate, s};
use rand::RngExt as _;
use units::statistics::median;

/// Anchors at which velocities are compared.
pub const ANCHORS: usize = 256;
/// How long a chip relaxes for a velocity that is compared, in τ: so long that what differs is where it
/// comes to rest, and not how far it has come (30 τ leave a few per cent of the samples on their way).
pub const ANCHOR_SETTLE: f64 = 100.0;
/// Difference of the noise seeds of two chips with successive numbers: the golden ratio as a fraction of
/// 2⁶⁴, as in SplitMix64 (G. Steele et al., OOPSLA 2014), so that seeds of different studies do not meet.
const SEED_STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// Samples of a model on chips.
#[derive(Debug)]
pub struct ModelTrial<'a> {
    model: &'a Model<f32>,
    condition: Condition,
    reference: Reference,
    samples: usize,
    seed: u64,
    anchors: Anchors,
}

/// Where velocities are compared, how they are read, and what they are without imperfections.
#[derive(Debug)]
struct Anchors {
    /// x_t, `[ANCHORS, n_0]`.
    points: Array2<f32>,
    read_out: ReadOut,
    /// `[ANCHORS, n_0]`.
    exact: Array2<f32>,
}

/// What every chip is asked.
#[derive(Debug)]
pub struct Exam<'a> {
    /// The model that chips are programmed with.
    pub model: &'a Model<f32>,
    /// How they generate; samples are taken at its last time.
    pub condition: Condition,
    /// The images that samples are compared with.
    pub domain: &'a dyn Domain,
    /// The same, with what was found about them.
    pub reference: Reference,
    /// Samples of each chip.
    pub samples: usize,
    /// Seed of chips, of starting noise, of noise along transients and of anchors.
    pub seed: u64,
    /// The chip without imperfections, whose velocities are right.
    pub ideal: Design,
    /// How velocities are read that are compared.
    pub read_out: ReadOut,
}

impl<'a> ModelTrial<'a> {
    /// Chips generate as the exam says and are measured. Velocities are compared at points of straight paths
    /// between noise and images of the domain.
    ///
    /// # Errors
    /// [`SweepError`] if the model does not run on the chip, or generates images of another size.
    pub fn new(exam: Exam<'a>) -> Result<Self, SweepError> {
        let mut trial = Self {
            anchors: Anchors {
                points: anchors(exam.domain, exam.model, exam.seed)?,
                read_out: exam.read_out,
                exact: Array2::zeros((0, 0)),
            },
            model: exam.model,
            condition: exam.condition,
            reference: exam.reference,
            samples: exam.samples,
            seed: exam.seed,
        };
        let chip = trial
            .chip(&exam.ideal, 0)
            .make(trial.model, &trial.condition, trial.seed)?;
        trial.anchors.exact = trial.velocities(&chip)?;
        Ok(trial)
    }

    fn chip<'d>(&self, design: &'d Design, number: u64) -> OnChip<'d> {
        OnChip {
            design,
            die: Die {
                seed: self.seed,
                number,
            },
        }
    }

    /// Velocities at the anchors, `[ANCHORS, n_0]`.
    fn velocities(&self, chip: &Chip<f32>) -> Result<Array2<f32>, ChipError> {
        let stiffness = chip.design().spring.stiffness;
        let visible = match self.anchors.read_out {
            ReadOut::Spring => Visible::Spring {
                stiffness: stiffness.unwrap_or(self.model.spring_stiffness),
            },
            ReadOut::Clamped => Visible::Clamped,
        };
        let drive = Drive {
            anchor: self.anchors.points.view(),
            visible,
            held: None,
        };
        let settled = chip.settle_for(&drive, None, ANCHOR_SETTLE)?;
        let alpha = self.model.output_scale as f32;
        Ok(chip.measure(&settled).current * alpha)
    }

    fn outcome(&self, design: &Design, number: u64) -> Result<Outcome, SweepError> {
        let seed = self.seed.wrapping_add(number.wrapping_mul(SEED_STEP));
        let chip = self
            .chip(design, number)
            .make(self.model, &self.condition, seed)?;
        let visible = self.model.couplings.layers().visible();
        let noise = normal_rows(
            self.seed,
            Purpose::Generation,
            number,
            self.samples,
            visible,
        );
        let generated = generate_on_chip(&chip, self.model, &self.condition, noise)?;
        let last = generated.times.len() - 1;
        let samples = generated.samples.index_axis(Axis(0), last);
        let cost = &generated.costs[last];
        let measured = measure_values(clamped(samples).view(), &self.reference)?;
        let [median, rms] = relative_errors(&self.velocities(&chip)?, &self.anchors.exact);
        Ok(Outcome {
            failure: None,
            scores: measured.values,
            subsets: measured.decisive_of_subsets,
            velocity_error: median,
            velocity_error_rms: rms,
            seconds: cost.seconds().unwrap_or_default(),
            joules: cost.joules().unwrap_or_default(),
            relaxation_tau: cost.relaxation_tau().unwrap_or_default(),
        })
    }
}

impl Trial for ModelTrial<'_> {
    fn run(&self, design: &Design, chip: u64) -> Result<Outcome, SweepError> {
        match self.outcome(design, chip) {
            Err(error) if ran_away(&error) => Ok(Outcome {
                failure: Some(error.to_string()),
                ..Outcome::default()
            }),
            outcome => outcome,
        }
    }
}

/// Whether the numbers of one chip are at fault, and neither the question nor the integrator's steps.
fn ran_away(error: &SweepError) -> bool {
    match error {
        SweepError::Chip(error)
        | SweepError::Generation(
            GenerationError::Chip(error)
            | GenerationError::ChipFlow(GenerateError::Substrate(error)),
        ) => error.is_numerical() && !error.is_of_steps(),
        SweepError::Metrics(MetricsError::NotFinite { .. })
        | SweepError::Generation(GenerationError::ChipFlow(GenerateError::RanAway { .. })) => true,
        _ => false,
    }
}

/// x_t of straight paths between normal noise and images, flow times uniform on [0, 1].
fn anchors(domain: &dyn Domain, model: &Model<f32>, seed: u64) -> Result<Array2<f32>, SweepError> {
    let images = domain.images().mapv(|value| value as f32);
    let visible = model.couplings.layers().visible();
    if images.ncols() != model.pixels() {
        let expected = domain.shape();
        return Err(MetricsError::Pixels {
            found: model.pixels(),
            expected,
        }
        .into());
    }
    let mut generator = stream(seed, Purpose::Check, 1, 0);
    let chosen: Vec<usize> = (0..ANCHORS)
        .map(|_| generator.random_range(0..images.nrows()))
        .collect();
    let mut noise = normal_rows(seed, Purpose::Check, 0, ANCHORS, visible);
    let times = uniform_times(seed, 0, ANCHORS);
    let mut chosen = images.select(Axis(0), &chosen);
    let nodes = model.label_nodes();
    if nodes > 0 {
        // Velocities are compared at any classes, each as often as the others.
        let classes: Vec<u32> = (0..ANCHORS).map(|place| (place % nodes) as u32).collect();
        chosen = concatenate![Axis(1), chosen, one_hot(&classes, nodes, 1.0)];
    }
    if model.beside_pixels().copies {
        // Nothing is given of an image.
        chosen = concatenate![Axis(1), chosen, Array2::zeros((ANCHORS, model.pixels()))];
        noise
            .slice_mut(s![.., visible - model.pixels()..])
            .fill(0.0);
    }
    Ok(linear_path(noise.view(), chosen.view(), &times))
}

/// Median over rows of |v − v0|/|v0|, and the ratio of root mean squares over everything.
fn relative_errors(found: &Array2<f32>, exact: &Array2<f32>) -> [Option<f64>; 2] {
    let norms = |rows: &Array2<f32>| -> Array1<f64> {
        rows.mapv(f64::from)
            .map_axis(Axis(1), |row| row.dot(&row).sqrt())
    };
    let (error, size) = (norms(&(found - exact)), norms(exact));
    let ratios = &error / &size;
    let rms = (error.dot(&error) / size.dot(&size)).sqrt();
    [median(ratios), Some(rms)].map(|value| value.filter(|v| v.is_finite()))
}
