//! What one estimate on a chip is worth: against the exact gradient of this very chip, its bias apart from its noise.

use super::{
    Agreement,
    table::number_or_nan,
    worth::{Averaging, Worth, norm},
};
use crate::{
    files::Model,
    gradep::{GradEp, PhaseScheme, Validity},
    objective::Examples,
};
use analog_substrate::{
    Couplings, NudgeKind,
    arrays::Directions,
    chip::{
        Chip, ChipError, ChipParts, ChipScalar, Design, Die, Distributed, Instance, Integrator,
        TransientSettings,
    },
};
use serde::{Deserialize, Serialize};

/// A chip whose gradient is looked at.
#[derive(Clone, Copy, Debug)]
pub struct ChipCheck<'a> {
    /// What it is programmed with.
    pub model: &'a Model<f32>,
    /// Its design.
    pub design: &'a Design,
    /// Which chip of it.
    pub die: Die,
    /// Anchors and targets.
    pub batch: &'a Examples,
    /// Longest step of its transients in τ.
    pub step: f64,
    /// Estimates of each way, each with noise of its own; 2 or more.
    pub repeats: usize,
    /// Seed of the noise.
    pub seed: u64,
}

/// How hard visible nodes are pulled, and by what.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "nudge", rename_all = "kebab-case")]
pub enum ChipNudge {
    /// A current that is cut, sample by sample, to the same reach.
    Tilt {
        /// Furthest that it pulls a visible node against its own stiffness, in `V_unit`.
        range: f64,
    },
    /// A conductance, the same for all samples.
    Quadratic {
        /// β.
        beta: f64,
    },
}

impl ChipNudge {
    /// Which kind.
    pub fn kind(self) -> NudgeKind {
        match self {
            Self::Tilt { .. } => NudgeKind::Tilt,
            Self::Quadratic { .. } => NudgeKind::Quadratic,
        }
    }

    /// As files and options write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tilt { .. } => "tilt",
            Self::Quadratic { .. } => "quadratic",
        }
    }

    /// The range, or β.
    pub fn strength(self) -> f64 {
        match self {
            Self::Tilt { range: strength } | Self::Quadratic { beta: strength } => strength,
        }
    }
}

/// A way to estimate the gradient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChipWay {
    /// How nodes are pulled.
    #[serde(flatten)]
    pub nudge: ChipNudge,
    /// Which phases are compared; a random sign is drawn for every estimate.
    pub phases: PhaseScheme,
    /// Free phase in τ.
    pub free: f64,
    /// Each nudged phase in τ.
    pub nudged: f64,
}

impl ChipWay {
    /// All phases of an estimate together, in τ.
    pub fn tau(&self) -> f64 {
        let nudges = match self.phases {
            PhaseScheme::Centred => 2.0,
            PhaseScheme::OneSided | PhaseScheme::RandomSign => 1.0,
        };
        self.free + nudges * self.nudged
    }
}

/// What estimates in one way are worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChipRow {
    /// How they were made.
    #[serde(flatten)]
    pub way: ChipWay,
    /// Cosine and norm of a single estimate against the exact gradient, mean over the repeats.
    pub single: Agreement,
    /// Standard error of the mean cosine.
    #[serde(deserialize_with = "number_or_nan")]
    pub cosine_error: f64,
    /// Those of the mean of all repeats.
    pub mean: Agreement,
    /// σ/|g|: root of the variance of a single estimate, summed over parameters, over the norm of the exact gradient.
    #[serde(deserialize_with = "number_or_nan")]
    pub noise: f64,
    /// |E ĝ − g|/|g|: what no averaging takes away. The share of the mean's own variance is taken off; 0 where that is all.
    #[serde(deserialize_with = "number_or_nan")]
    pub bias: f64,
    /// Share of parameters whose sign a single estimate has right, weighted by the size of the exact gradient.
    #[serde(deserialize_with = "number_or_nan")]
    pub right_signs: f64,
    /// What the mean of more of them is worth; none where noise leaves nothing of what they have in common.
    pub averaging: Option<Averaging>,
    /// Repeats that training would refuse.
    pub refused: usize,
    /// Why the last of them was.
    pub refusal: Option<String>,
    /// Time on the chip of one estimate, one sample after another, in seconds.
    pub seconds: f64,
    /// Energy of the chip for one estimate in joules; digital sums of the products are not in it.
    pub joules: f64,
}

/// Estimates on a chip in several ways.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChipTable {
    /// Spec of the chip.
    pub chip: String,
    /// Samples of an estimate.
    pub samples: usize,
    /// Estimates of each way.
    pub repeats: usize,
    /// Norm of the exact gradient.
    pub gradient_norm: f64,
    /// Largest residual of the phases that it is read from, in g_unit·V_unit: 0 of perfect equilibria.
    pub residual: f64,
    /// One row for each way.
    pub rows: Vec<ChipRow>,
}

/// The gradient that estimates are held against: ∂L/∂θ of a chip without anything that fluctuates or rounds, at its equilibria. It depends on
/// neither capacitances nor poles, and is that of every design with the same [`ChipExact::design`].
#[derive(Clone, Debug)]
pub struct ChipExact {
    /// What of the design it is the gradient of.
    design: Design,
    gradient: Couplings<f64>,
    residual: f64,
}

impl ChipExact {
    /// What of a design its equilibria depend on: without fluctuations, converters and poles, with equal capacitors, so small that its devices
    /// do not age meanwhile.
    pub fn design(design: &Design) -> Design {
        let mut still = design.without_fluctuations();
        still.activation.bandwidth = None;
        still.node.capacitance = Distributed::exact(1e-15);
        still
    }

    /// Whether a design with other capacitances, poles, converters and noise has this gradient.
    pub fn is_of(&self, design: &Design) -> bool {
        self.design == Self::design(design)
    }
}

/// Longest that a phase of the exact gradient takes, in τ: of the slowest node of a network by itself e⁻⁴⁰⁰ is left.
const EXACT_LONGEST: f64 = 400.0;
/// It ends when a sample's residual is below this, in g_unit·V_unit: the nudge below shifts that by 1e7 times as much.
const EXACT_RESIDUAL: f64 = 1e-11;
/// Range of its nudge: a centred difference is off by the square of it.
const EXACT_RANGE: f64 = 1e-4;

impl ChipCheck<'_> {
    /// Estimates in each of these ways; `observe` is told the share that is done.
    ///
    /// # Errors
    /// As [`Self::exact`].
    ///
    /// # Panics
    /// With fewer than two repeats.
    pub fn table(
        &self,
        ways: &[ChipWay],
        observe: impl FnMut(f64),
    ) -> Result<ChipTable, ChipError> {
        self.table_against(&self.exact()?, ways, observe)
    }

    /// As [`Self::table`], where the exact gradient is known.
    ///
    /// # Errors
    /// Those of the chip.
    ///
    /// # Panics
    /// With fewer than two repeats, or the exact gradient of another design.
    pub fn table_against(
        &self,
        exact: &ChipExact,
        ways: &[ChipWay],
        mut observe: impl FnMut(f64),
    ) -> Result<ChipTable, ChipError> {
        assert!(self.repeats >= 2, "one estimate has no variance");
        assert!(exact.is_of(self.design), "a gradient of another design");
        let whole: f64 = ways.iter().map(ChipWay::tau).sum();
        let mut done = 0.0;
        let rows = ways.iter().map(|way| {
            observe(done / whole);
            done += way.tau();
            self.row(way, &exact.gradient)
        });
        Ok(ChipTable {
            chip: self.design.name.clone(),
            samples: self.batch.anchor.nrows(),
            repeats: self.repeats,
            gradient_norm: norm(exact.gradient.flat()),
            residual: exact.residual,
            rows: rows.collect::<Result<_, _>>()?,
        })
    }

    /// The exact gradient, and the largest residual of the free phase that it is read from.
    ///
    /// # Errors
    /// [`ChipError::NoEnergy`] for arrays that differ by direction, whose dynamics have no energy; those of the chip.
    pub fn exact(&self) -> Result<ChipExact, ChipError> {
        let separate = |arrays: &analog_substrate::arrays::ArrayDesign| {
            arrays.directions == Directions::Separate
        };
        if self.design.arrays.as_ref().is_some_and(separate) {
            return Err(ChipError::NoEnergy {
                design: self.design.name.clone(),
            });
        }
        let design = ChipExact::design(self.design);
        let way = ChipWay {
            nudge: ChipNudge::Tilt { range: EXACT_RANGE },
            phases: PhaseScheme::Centred,
            free: EXACT_LONGEST,
            nudged: EXACT_LONGEST,
        };
        let settings = TransientSettings {
            settled_below: Some(EXACT_RESIDUAL),
            stop_when_settled: true,
            ..self.settings(&way)
        };
        let chip: Chip<f64> = self.chip(&design, settings, 0)?;
        let (x, u) = (
            self.batch.anchor.mapv(f64::from),
            self.batch.target.mapv(f64::from),
        );
        let estimate = self.rule(&way).estimate(&chip, x.view(), u.view(), 1.0)?;
        Ok(ChipExact {
            design,
            gradient: estimate.gradient,
            residual: estimate.residual.largest,
        })
    }

    fn row(&self, way: &ChipWay, exact: &Couplings<f64>) -> Result<ChipRow, ChipError> {
        let chip: Chip<f32> = self.chip(self.design, self.settings(way), self.seed)?;
        let rule = self.rule(way);
        let (x, u) = (self.batch.anchor.view(), self.batch.target.view());
        let (mut estimates, mut refusal, mut refused) = (Vec::new(), None, 0);
        for repeat in 0..self.repeats as u64 {
            let sign = way.phases.sign(self.seed, repeat);
            let estimate = rule.estimate(&chip, x, u, sign)?;
            refused += usize::from(estimate.refusal.is_some());
            refusal = estimate.refusal.or(refusal);
            estimates.push(estimate.gradient.cast::<f64>());
        }
        let share = 1.0 / self.repeats as f64;
        let samples = self.batch.anchor.nrows() as f64;
        let worth = Worth::of(&estimates, exact);
        Ok(ChipRow {
            way: *way,
            single: worth.single,
            cosine_error: worth.cosine_error,
            mean: worth.mean,
            noise: worth.noise,
            bias: worth.bias,
            right_signs: worth.right_signs,
            averaging: worth.averaging,
            refused,
            refusal: refusal.map(|refusal| refusal.to_string()),
            seconds: share * samples * chip.clock().total_s,
            joules: share * samples * chip.ledger().total_j,
        })
    }

    fn chip<R: ChipScalar>(
        &self,
        design: &Design,
        settings: TransientSettings,
        seed: u64,
    ) -> Result<Chip<R>, ChipError> {
        let model: Model<R> = self.model.cast();
        let layers = model.couplings.layers();
        Chip::new(ChipParts {
            design: design.clone(),
            instance: Instance::draw(self.design, layers, self.die),
            network: (&model).into(),
            settings,
            noise_seed: seed,
        })
    }

    fn settings(&self, way: &ChipWay) -> TransientSettings {
        TransientSettings {
            integrator: Integrator::Etd2,
            step: self.step,
            duration: way.free,
            nudge_duration: Some(way.nudged),
            ..TransientSettings::default()
        }
    }

    /// A nudge with all samples in it; a tilt is cut to the range for every sample.
    fn rule(&self, way: &ChipWay) -> GradEp {
        let (beta, linear_range) = match way.nudge {
            ChipNudge::Tilt { range } => (1e3 * range, Some(range)),
            ChipNudge::Quadratic { beta } => (beta, None),
        };
        GradEp {
            spring: self.model.spring_stiffness,
            output_scale: self.model.output_scale,
            nudge: way.nudge.kind(),
            phases: way.phases,
            beta,
            linear_range,
            validity: Validity {
                max_unsettled: 1.0,
                exclude: false,
                max_displacement: f64::INFINITY,
            },
        }
    }
}
