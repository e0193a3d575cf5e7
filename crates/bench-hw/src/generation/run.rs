//! Generating under a condition.

use super::{Condition, Cost, Generated, Mode, Start};
use analog_substrate::{
    IdealError, Points,
    chip::{Chip, ChipError, ChipParts, Design, Die, FreeRun, Instance, TransientSettings},
    estimates,
};
use gradep_core::{
    config::{FlowMethod, InvalidConfig, ReadOut, SamplingConfig},
    files::Model,
    generate::{FlowSteps, GenerateError, Generator},
};
use ndarray::{Array3, s};
use units::fault::{Blame, Fault};
use units::{
    budget::{BudgetError, check_memory},
    words::counted,
};

/// Why samples could not be generated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GenerationError {
    /// The ideal substrate cannot be programmed.
    #[error("{0}")]
    Ideal(#[from] IdealError),
    /// The chip cannot be made, or refuses to run.
    #[error("{0}")]
    Chip(#[from] ChipError),
    /// The flow on the ideal substrate failed.
    #[error("{0}")]
    IdealFlow(#[from] GenerateError<IdealError>),
    /// The flow on the chip failed.
    #[error("{0}")]
    ChipFlow(#[from] GenerateError<ChipError>),
    /// More than can be computed.
    #[error("{0}")]
    Budget(#[from] BudgetError),
    /// The mode needs a chip.
    #[error("mode {}: runs on a chip, and none is given", mode.name())]
    NoChip {
        /// The mode.
        mode: Mode,
    },
    /// The mode has no chip.
    #[error("mode ideal: exact equilibria need no chip, and one is given")]
    ChipWithoutUse,
    /// The chip is programmed with other couplings.
    #[error("the chip is programmed with another model than the one that is to generate")]
    OtherModel,
    /// Nothing is asked for.
    #[error("0 samples; expected at least 1")]
    NoSamples,
    /// What is given is of other samples or of another model.
    #[error("what is given has shape {found:?}; expected {expected:?}, [samples, visible nodes]")]
    Given {
        /// Its shape.
        found: [usize; 2],
        /// `[count, n_0]`.
        expected: [usize; 2],
    },
    /// Noise is to be added to steps that there are not.
    #[error(
        "sampling.temperature = {temperature}: a chip that runs free takes no steps to which noise could be added; its own \
         thermal noise is made stronger by --noise-gain; expected --temperature 0, or --mode stepped"
    )]
    AnnealedFreeRun {
        /// T.
        temperature: f64,
    },
    /// Steps are to adapt to velocities that a chip reads.
    #[error(
        "sampling.method = \"adaptive\": what differs between two velocities of a chip is its noise and what has not settled, \
         too, and every sample would need a controller and a clock; expected --method euler, or --mode ideal"
    )]
    AdaptiveOnChip,
    /// Thermal noise is to be stronger where no run has its ramp.
    #[error(
        "--noise-gain: thermal noise is made stronger in --mode free only, and the mode is {}; noise along a flow in steps is \
         --temperature",
        mode.name()
    )]
    NoiseGainBeside {
        /// The mode.
        mode: Mode,
    },
    /// Times and steps that make no flow.
    #[error("{0}")]
    Sampling(#[from] InvalidConfig),
}

impl Blame for GenerationError {
    fn fault(&self) -> Fault {
        match self {
            Self::Ideal(cause) => cause.fault(),
            Self::Chip(cause) => cause.fault(),
            Self::IdealFlow(cause) => cause.fault(),
            Self::ChipFlow(cause) => cause.fault(),
            Self::Budget(cause) => cause.fault(),
            Self::Sampling(cause) => cause.fault(),
            Self::NoChip { .. }
            | Self::ChipWithoutUse
            | Self::OtherModel
            | Self::NoSamples
            | Self::AnnealedFreeRun { .. }
            | Self::AdaptiveOnChip
            | Self::NoiseGainBeside { .. }
            | Self::Given { .. } => Fault::Input,
        }
    }
}

impl Condition {
    /// Refuses what its mode does not have, before anything is computed.
    ///
    /// # Errors
    /// [`GenerationError::AnnealedFreeRun`], [`GenerationError::AdaptiveOnChip`],
    /// [`GenerationError::NoiseGainBeside`].
    pub fn check(&self) -> Result<(), GenerationError> {
        if self.mode == Mode::Free && !self.annealing.is_none() {
            return Err(GenerationError::AnnealedFreeRun {
                temperature: self.annealing.temperature,
            });
        }
        if matches!(self.mode, Mode::Stepped | Mode::Clamped) && self.method == FlowMethod::Adaptive
        {
            return Err(GenerationError::AdaptiveOnChip);
        }
        if self.mode != Mode::Free && !self.noise.is_none() {
            return Err(GenerationError::NoiseGainBeside { mode: self.mode });
        }
        Ok(())
    }
}

/// One chip of a design.
#[derive(Clone, Copy, Debug)]
pub struct OnChip<'a> {
    /// The design.
    pub design: &'a Design,
    /// Which chip of it.
    pub die: Die,
}

impl OnChip<'_> {
    /// The chip, programmed with a model, its transients as a condition says; `noise_seed` is that of the noise along them.
    ///
    /// # Errors
    /// As [`Chip::new`].
    pub fn make(
        &self,
        model: &Model<f32>,
        condition: &Condition,
        noise_seed: u64,
    ) -> Result<Chip<f32>, ChipError> {
        let settings = TransientSettings {
            duration: condition.settle.time_constants(self.design),
            ..condition.transients
        };
        let layers = model.couplings.layers();
        Chip::new(ChipParts {
            design: self.design.clone(),
            instance: Instance::draw(self.design, layers, self.die),
            network: model.into(),
            settings,
            noise_seed,
        })
    }
}

/// Generates from a [`Start`], such as noise `[n, n_0]` (x at flow time 0), under a condition: on a chip, unless the mode
/// is [`Mode::Ideal`]. `seed` is that of the noise along the flow and along the chip's transients.
///
/// # Errors
/// [`GenerationError`].
pub fn generate(
    model: &Model<f32>,
    chip: Option<&OnChip<'_>>,
    condition: &Condition,
    start: impl Into<Start>,
    seed: u64,
) -> Result<Generated, GenerationError> {
    match (condition.mode, chip) {
        (Mode::Ideal, None) => generate_ideal(model, condition, start, seed, |_| true),
        (Mode::Ideal, Some(_)) => Err(GenerationError::ChipWithoutUse),
        (mode, None) => Err(GenerationError::NoChip { mode }),
        (_, Some(chip)) => {
            let chip = chip.make(model, condition, seed)?;
            generate_on_chip(&chip, model, condition, start)
        }
    }
}

/// Refuses more samples than fit into the memory, before their noise is drawn.
///
/// # Errors
/// [`GenerationError::Budget`].
pub fn check_size(
    model: &Model<f32>,
    condition: &Condition,
    samples: usize,
) -> Result<(), GenerationError> {
    let layers = model.couplings.layers();
    Ok(check_memory(
        || {
            let sizes = layers.sizes();
            format!("{} of layers {sizes:?}", counted(samples as u64, "sample"))
        },
        estimates::generation(layers, samples, condition.times.len()),
        "draw fewer samples (--count), several times with another --seed",
    )?)
}

/// Generates at exact equilibria, whatever the mode, with noise along the flow of this seed if the condition has any; before every step `go_on` gets the share of the steps that
/// is done, and says whether to take it.
///
/// # Errors
/// [`GenerationError::Ideal`], [`GenerationError::IdealFlow`] ([`GenerateError::Interrupted`] among them),
/// [`GenerationError::Budget`].
pub fn generate_ideal(
    model: &Model<f32>,
    condition: &Condition,
    start: impl Into<Start>,
    seed: u64,
    go_on: impl FnMut(f64) -> bool,
) -> Result<Generated, GenerationError> {
    let start = start.into().with_copies(model);
    check_size(model, condition, start.x.nrows())?;
    if !condition.noise.is_none() {
        return Err(GenerationError::NoiseGainBeside { mode: Mode::Ideal });
    }
    let substrate = model.ideal(condition.relaxation.clone())?;
    let generator = Generator::new(
        &substrate,
        model.spring_stiffness,
        model.output_scale,
        &sampling(condition, condition.read_out),
    )
    .warm(condition.warm)
    .seeded(seed)
    .holding(start.held());
    let mut costs = Vec::new();
    let flow = generator.integrate_observed(
        start.x.clone(),
        &steps(condition),
        |effort| costs.push(Cost::of_effort(effort, None)),
        go_on,
    )?;
    Ok(Generated {
        times: flow.times,
        samples: images(model, flow.samples),
        costs,
    })
}

/// Generates on a chip that is programmed with the model, counting from where its clock and its
/// ledger stand; mode [`Mode::Ideal`] runs as [`Mode::Stepped`].
///
/// # Errors
/// [`GenerationError::Chip`], [`GenerationError::ChipFlow`], [`GenerationError::Budget`].
pub fn generate_on_chip(
    chip: &Chip<f32>,
    model: &Model<f32>,
    condition: &Condition,
    start: impl Into<Start>,
) -> Result<Generated, GenerationError> {
    let start = start.into().with_copies(model);
    check_size(model, condition, start.x.nrows())?;
    condition.check()?;
    match condition.mode {
        Mode::Free => float(chip, model, condition, &start),
        Mode::Clamped => step(chip, model, condition, ReadOut::Clamped, start),
        Mode::Ideal | Mode::Stepped => step(chip, model, condition, ReadOut::Spring, start),
    }
}

fn step(
    chip: &Chip<f32>,
    model: &Model<f32>,
    condition: &Condition,
    read_out: ReadOut,
    start: Start,
) -> Result<Generated, GenerationError> {
    let stiffness = chip.design().spring.stiffness;
    let generator = Generator::new(
        chip,
        stiffness.unwrap_or(model.spring_stiffness),
        model.output_scale,
        &sampling(condition, read_out),
    )
    .warm(condition.warm)
    .seeded(chip.noise_seed())
    .holding(start.held());
    let mut costs = Vec::new();
    let flow = generator.integrate_observed(
        start.x.clone(),
        &steps(condition),
        |effort| costs.push(Cost::of_effort(effort, Some((chip.clock(), chip.ledger())))),
        |_| true,
    )?;
    Ok(Generated {
        times: flow.times,
        samples: images(model, flow.samples),
        costs,
    })
}

fn float(
    chip: &Chip<f32>,
    model: &Model<f32>,
    condition: &Condition,
    start: &Start,
) -> Result<Generated, GenerationError> {
    let design = chip.design();
    let run = FreeRun {
        ratio: condition.ratio.unwrap_or(design.node.visible_ratio),
        presettle: condition.presettle.time_constants(design),
        output_scale: model.output_scale,
        noise: condition.noise,
    };
    let points = Points {
        x: start.x.view(),
        held: start.held(),
    };
    let flow = chip.flow_free(points, &run, &condition.times)?;
    let accounts = flow.clocks.into_iter().zip(flow.ledgers);
    let costs = flow.steps.iter().zip(accounts);
    Ok(Generated {
        times: condition.times.clone(),
        samples: images(model, flow.samples),
        costs: costs
            .map(|(&steps, account)| Cost::of_free_run(steps, account))
            .collect(),
    })
}

/// What is judged and shown of visible nodes `[moments, n, n_0]`: the pixels.
fn images(model: &Model<f32>, mut visible: Array3<f32>) -> Array3<f32> {
    if visible.dim().2 > model.pixels() {
        visible = visible.slice(s![.., .., ..model.pixels()]).to_owned();
    }
    visible
}

fn steps(condition: &Condition) -> FlowSteps<'_> {
    FlowSteps {
        moments: &condition.times,
        step: condition.step,
        extra_steps: condition.extra_steps,
    }
}

fn sampling(condition: &Condition, read_out: ReadOut) -> SamplingConfig {
    SamplingConfig {
        until: condition.times.last().copied().unwrap_or_default(),
        step: condition.step,
        method: condition.method,
        read_out,
        extra_step: condition.extra_steps > 0,
        stop_below: condition.stop_below,
        tolerance: condition.tolerance,
        temperature: condition.annealing.temperature,
        cool_until: condition.annealing.cool_until,
    }
}
