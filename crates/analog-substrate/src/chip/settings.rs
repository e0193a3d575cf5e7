//! How long a chip is given, and why it may refuse.

use super::Integrator;
use crate::{Cell, CellError, wires::WiresError};
use std::fmt;
use units::budget::BudgetError;
use units::fault::{Blame, Fault};

/// How long a chip is given, and how its transients are computed.
///
/// ```
/// use analog_substrate::chip::{Integrator, TransientSettings};
///
/// let fine = TransientSettings { step: 0.02, ..TransientSettings::default() };
/// assert_eq!((fine.integrator, fine.duration), (Integrator::Etd2, 30.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TransientSettings {
    /// How node equations are integrated.
    pub integrator: Integrator,
    /// Longest step in τ.
    pub step: f64,
    /// Adaptive: error of a step, absolute (units of V_unit) and relative.
    pub tolerance: f64,
    /// Relaxation per phase in τ.
    pub duration: f64,
    /// Relaxation under a nudge in τ, from where the free phase was left; none for [`Self::duration`].
    pub nudge_duration: Option<f64>,
    /// Residual at which a sample counts as settled, in g_unit·V_unit; none for
    /// [`Self::SETTLED_BELOW`], or the chip's noise floor where that is higher
    /// ([`super::Chip::settling_limit`]).
    pub settled_below: Option<f64>,
    /// Equal parts of a step that draw thermal noise of their own, at least 1: runs whose steps
    /// differ see the same noise path if step / parts is the same.
    pub noise_refinement: u32,
    /// Whether a sample is read as soon as it is settled rather than at the end.
    pub stop_when_settled: bool,
}

impl TransientSettings {
    /// Residual at which samples of a chip without noise count as settled, in g_unit·V_unit, unless told
    /// otherwise.
    pub const SETTLED_BELOW: f64 = 1e-2;

    /// Relaxation under a nudge in τ.
    pub fn of_nudge(&self) -> f64 {
        self.nudge_duration.unwrap_or(self.duration)
    }
}

impl Default for TransientSettings {
    /// 30 τ (the paper's 300 steps of 0.1 τ) in steps of 0.1 τ.
    fn default() -> Self {
        Self {
            integrator: Integrator::Etd2,
            step: 0.1,
            tolerance: 1e-9,
            duration: 30.0,
            nudge_duration: None,
            settled_below: None,
            noise_refinement: 1,
            stop_when_settled: false,
        }
    }
}

/// Why a chip refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ChipError {
    /// The couplings belong to another network.
    #[error("the couplings have layers {found:?}, the chip {expected:?}")]
    Layers {
        /// Layers of the chip.
        expected: Vec<usize>,
        /// Layers of the couplings.
        found: Vec<usize>,
    },
    /// What is to be gone on from is of another network.
    #[error("the chip to go on from has {found} couplings, this one {expected}")]
    OtherMemory {
        /// Couplings there.
        found: usize,
        /// Couplings here.
        expected: usize,
    },
    /// One of couplings and chip has leaks of the visible nodes, and the other has none.
    #[error("{}", crate::ideal::leaks_differ(*expected))]
    VisibleLeak {
        /// Whether the chip has them.
        expected: bool,
    },
    /// A chip has no circuit for a coupling.
    #[error(
        "coupling {number} is {coupling}: chips are modelled with dense couplings alone; relax it on the ideal substrate"
    )]
    NotDense {
        /// Its number, from 0.
        number: usize,
        /// As it prints itself.
        coupling: String,
    },
    /// An array has the wrong shape.
    #[error("{what} has shape {found:?}, expected {expected:?}")]
    Shape {
        /// Which array.
        what: &'static str,
        /// Its shape.
        found: [usize; 2],
        /// `[batch, n_0]`.
        expected: [usize; 2],
    },
    /// An array holds an infinity or NaN.
    #[error("{what} is not finite at [{row}, {column}]")]
    NotFinite {
        /// Which array.
        what: &'static str,
        /// Sample.
        row: usize,
        /// Unit.
        column: usize,
    },
    /// The cell cannot have the model's activation.
    #[error("{0}")]
    Cell(#[from] CellError),
    /// The spec's cell is not the one that the model was trained for.
    #[error(
        "chip {design} is built of {found} cells, the model was trained for {expected} cells: \
         they do not share equilibria; choose another chip, or train with network.cell"
    )]
    OtherCell {
        /// The spec.
        design: String,
        /// Its cell.
        found: Cell,
        /// The model's cell.
        expected: Cell,
    },
    /// A clamped visible layer cannot be nudged.
    #[error("the visible nodes are clamped: there is nothing to nudge")]
    Clamped,
    /// The visible nodes have no stable position.
    #[error("1 + λ + κ = {stiffness} is not positive: the visible nodes have no stable position")]
    Unstable {
        /// 1 + λ + κ.
        stiffness: f64,
    },
    /// An adaptive step cannot follow noise.
    #[error("the adaptive integrator cannot follow noise: use etd2, or a chip without noise")]
    NoisyAdaptive,
    /// No amplifier's gain.
    #[error("noise gain {gain}: expected a finite number, 1 (the circuit's own noise) or more")]
    NoiseGain {
        /// As asked for.
        gain: f64,
    },
    /// Noise that is not there cannot be made stronger.
    #[error(
        "noise gain {gain}: chip {design} has no thermal noise; set environment.thermal_noise=true (-s), or leave out \
         --noise-gain"
    )]
    NothingToAmplify {
        /// The spec.
        design: String,
        /// As asked for.
        gain: f64,
    },
    /// Two terminals of a resistor carry the same current.
    #[error(
        "resistive cells couple both ways through the same resistors: array.directions must be \"shared\""
    )]
    NotReciprocal,
    /// A gradient is asked for where there is no energy.
    #[error(
        "chip {design}: arrays that differ by direction have no energy, and so no exact gradient; expected \
         array.directions=shared (-s)"
    )]
    NoEnergy {
        /// The spec.
        design: String,
    },
    /// There are no conductances to replace.
    #[error("chip {design} has no device: name one, such as -s device=pcm")]
    NoArrays {
        /// The spec.
        design: String,
    },
    /// The wires cannot be solved.
    #[error("{0}")]
    Wires(#[from] WiresError),
    /// The device's laws do not reach there.
    #[error("{reason} (array.age, plus the chip's own clock)")]
    Device {
        /// Why, in the device's words.
        reason: String,
    },
    /// Moments that one run cannot show.
    #[error(
        "moments {moments:?} of a free run: expected them to ascend and to be multiples of a common \
         part of the last one"
    )]
    Moments {
        /// Flow times asked for.
        moments: Vec<f64>,
    },
    /// An explicit step is too long for a node by itself.
    #[error(
        "steps of {step:.4} tau are unstable in {}: a node moves at a rate of {rate:.4}/tau, which \
         allows {longest:.3} tau; shorten them (--time-step), or use etd2",
        integrator.name()
    )]
    StepTooLong {
        /// How node equations are integrated.
        integrator: Integrator,
        /// The step in τ.
        step: f64,
        /// Damping rate of the fastest node or pole in 1/τ.
        rate: f64,
        /// Longest stable step in τ.
        longest: f64,
    },
    /// Steps feed on themselves.
    #[error(
        "sample {sample}: steps of {step:.4} tau are unstable in {}, the nodes follow the steps and not \
         the circuit after {time:.4} tau; shorten them (--time-step), or use {}",
        integrator.name(),
        if *integrator == Integrator::Etd2 { "adaptive" } else { "etd2" }
    )]
    UnstableSteps {
        /// Sample of the batch.
        sample: usize,
        /// Time reached in τ.
        time: f64,
        /// How node equations are integrated.
        integrator: Integrator,
        /// The step in τ.
        step: f64,
    },
    /// A node is where no node can be.
    #[error(
        "sample {sample} ran away: a node was at {largest:.2e} V_unit after {time:.4} tau (limit \
         {limit:.2e}); {cause}"
    )]
    RanAway {
        /// Sample of the batch.
        sample: usize,
        /// Time reached in τ.
        time: f64,
        /// Largest |state| in V_unit.
        largest: f64,
        /// What it may be.
        limit: f64,
        /// Why.
        cause: Runaway,
    },
    /// The adaptive integrator cannot go on.
    #[error(
        "sample {sample}: the adaptive integrator gave up after {time:.6e} of {duration:.6e} tau, with \
         {steps} steps, the last of {step:.1e} tau; use etd2, or a shorter duration"
    )]
    GaveUp {
        /// Sample of the batch.
        sample: usize,
        /// Time reached in τ.
        time: f64,
        /// Time asked for in τ.
        duration: f64,
        /// Steps taken.
        steps: u32,
        /// The step that was tried last, in τ.
        step: f64,
    },
    /// More than can be computed.
    #[error("{0}")]
    Budget(#[from] BudgetError),
    /// A time is not usable.
    #[error("{what} = {value} is not a positive finite number")]
    NotPositive {
        /// Which one.
        what: &'static str,
        /// Its value.
        value: f64,
    },
}

impl Blame for ChipError {
    fn fault(&self) -> Fault {
        match self {
            Self::Cell(cause) => cause.fault(),
            Self::Wires(cause) => cause.fault(),
            Self::Budget(cause) => cause.fault(),
            Self::NotFinite { .. }
            | Self::Unstable { .. }
            | Self::StepTooLong { .. }
            | Self::UnstableSteps { .. }
            | Self::RanAway { .. }
            | Self::GaveUp { .. } => Fault::Numbers,
            Self::Layers { .. }
            | Self::OtherMemory { .. }
            | Self::VisibleLeak { .. }
            | Self::NotDense { .. }
            | Self::Shape { .. }
            | Self::OtherCell { .. }
            | Self::Clamped
            | Self::NoisyAdaptive
            | Self::NoiseGain { .. }
            | Self::NothingToAmplify { .. }
            | Self::NotReciprocal
            | Self::NoEnergy { .. }
            | Self::NoArrays { .. }
            | Self::Device { .. }
            | Self::Moments { .. }
            | Self::NotPositive { .. } => Fault::Input,
        }
    }
}

impl ChipError {
    /// Whether the numbers of a relaxation are at fault, and not the question.
    pub fn is_numerical(&self) -> bool {
        matches!(
            self,
            Self::NotFinite { .. }
                | Self::Unstable { .. }
                | Self::StepTooLong { .. }
                | Self::UnstableSteps { .. }
                | Self::RanAway { .. }
                | Self::GaveUp { .. }
        )
    }
}

impl ChipError {
    /// Whether it is the integrator's steps that cannot follow the circuit: this says nothing of the
    /// chip.
    pub fn is_of_steps(&self) -> bool {
        matches!(
            self,
            Self::StepTooLong { .. }
                | Self::UnstableSteps { .. }
                | Self::GaveUp { .. }
                | Self::RanAway {
                    cause: Runaway::Step { .. },
                    ..
                }
        )
    }
}

/// Why nodes ran away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Runaway {
    /// The circuit's outputs are bounded, so no solution of it goes there.
    Step {
        /// How node equations are integrated.
        integrator: Integrator,
        /// The step in τ.
        step: f64,
    },
    /// Outputs have no bound: the couplings drive them ever further, or the steps do.
    NoMinimum {
        /// The step in τ.
        step: f64,
    },
}

impl fmt::Display for Runaway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step { integrator, step } => write!(
                f,
                "no solution of this circuit goes there, steps of {step:.4} tau are too long for {}: \
                 shorten them (--time-step)",
                integrator.name()
            ),
            Self::NoMinimum { step } => write!(
                f,
                "its energy has no minimum there (an activation without a clamp and large weights), \
                 or steps of {step:.4} tau are too long: clamp the activation, or shorten them \
                 (--time-step)"
            ),
        }
    }
}
