//! What one estimate on a chip is worth: against the exact gradient of this very chip, its bias apart from its noise.

use super::Agreement;
use crate::{
    files::Model,
    gradep::{GradEp, PhaseScheme, Validity},
    objective::Examples,
};
use analog_substrate::{
    Couplings, NudgeKind,
    arrays::Directions,
    chip::{
        Chip, ChipError, ChipParts, ChipScalar, Design, Die, Instance, Integrator,
        TransientSettings,
    },
};
use serde::Serialize;

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

/// A way to estimate the gradient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ChipWay {
    /// Furthest that a tilt pulls a visible node, in `V_unit`.
    pub range: f64,
    /// Free phase in τ.
    pub free: f64,
    /// Each nudged phase in τ.
    pub nudged: f64,
}

/// What estimates in one way are worth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChipRow {
    /// How they were made.
    #[serde(flatten)]
    pub way: ChipWay,
    /// Cosine and norm of a single estimate against the exact gradient, mean over the repeats.
    pub single: Agreement,
    /// Standard error of the mean cosine.
    pub cosine_error: f64,
    /// Those of the mean of all repeats.
    pub mean: Agreement,
    /// σ/|g|: root of the variance of a single estimate, summed over parameters, over the norm of the exact gradient.
    pub noise: f64,
    /// |E ĝ − g|/|g|: what no averaging takes away. The share of the mean's own variance is taken off; 0 where that is all.
    pub bias: f64,
    /// Share of parameters whose sign a single estimate has right, weighted by the size of the exact gradient.
    pub right_signs: f64,
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
#[derive(Clone, Debug, PartialEq, Serialize)]
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

/// τ of each phase of the exact gradient: of the slowest node of a network by itself e⁻⁴⁰⁰ is left.
const EXACT_FREE: f64 = 400.0;
/// Range of its nudge: a centred difference is off by the square of it.
const EXACT_RANGE: f64 = 1e-4;

impl ChipCheck<'_> {
    /// Estimates in each of these ways; `observe` is told the share that is done.
    ///
    /// # Errors
    /// [`ChipError::NoEnergy`] for arrays that differ by direction, whose dynamics have no energy; those of the chip.
    ///
    /// # Panics
    /// With fewer than two repeats.
    pub fn table(
        &self,
        ways: &[ChipWay],
        mut observe: impl FnMut(f64),
    ) -> Result<ChipTable, ChipError> {
        assert!(self.repeats >= 2, "one estimate has no variance");
        let separate = |arrays: &analog_substrate::arrays::ArrayDesign| {
            arrays.directions == Directions::Separate
        };
        if self.design.arrays.as_ref().is_some_and(separate) {
            return Err(ChipError::NoEnergy {
                design: self.design.name.clone(),
            });
        }
        let (exact, residual) = self.exact()?;
        // In τ of all phases.
        let of_way = |way: &ChipWay| self.repeats as f64 * (way.free + 2.0 * way.nudged);
        let whole = 3.0 * EXACT_FREE + ways.iter().map(of_way).sum::<f64>();
        let mut done = 3.0 * EXACT_FREE;
        let rows = ways.iter().map(|way| {
            observe(done / whole);
            done += of_way(way);
            self.row(way, &exact)
        });
        Ok(ChipTable {
            chip: self.design.name.clone(),
            samples: self.batch.anchor.nrows(),
            repeats: self.repeats,
            gradient_norm: norm(exact.flat()),
            residual,
            rows: rows.collect::<Result<_, _>>()?,
        })
    }

    /// ∂L/∂θ of the chip without anything that fluctuates or rounds, and the largest residual of its free phase.
    fn exact(&self) -> Result<(Couplings<f64>, f64), ChipError> {
        let design = self.design.without_fluctuations();
        let way = ChipWay {
            range: EXACT_RANGE,
            free: EXACT_FREE,
            nudged: EXACT_FREE,
        };
        let chip: Chip<f64> = self.chip(&design, &way, 0)?;
        let (x, u) = (
            self.batch.anchor.mapv(f64::from),
            self.batch.target.mapv(f64::from),
        );
        let estimate = self.rule(&way).estimate(&chip, x.view(), u.view(), 1.0)?;
        Ok((estimate.gradient, estimate.residual.largest))
    }

    fn row(&self, way: &ChipWay, exact: &Couplings<f64>) -> Result<ChipRow, ChipError> {
        let chip: Chip<f32> = self.chip(self.design, way, self.seed)?;
        let rule = self.rule(way);
        let (x, u) = (self.batch.anchor.view(), self.batch.target.view());
        let (mut estimates, mut refusal, mut refused) = (Vec::new(), None, 0);
        for _ in 0..self.repeats {
            let estimate = rule.estimate(&chip, x, u, 1.0)?;
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
            refused,
            refusal: refusal.map(|refusal| refusal.to_string()),
            seconds: share * samples * chip.clock().total_s,
            joules: share * samples * chip.ledger().total_j,
        })
    }

    fn chip<R: ChipScalar>(
        &self,
        design: &Design,
        way: &ChipWay,
        seed: u64,
    ) -> Result<Chip<R>, ChipError> {
        let model: Model<R> = self.model.cast();
        let layers = model.couplings.layers();
        Chip::new(ChipParts {
            design: design.clone(),
            instance: Instance::draw(self.design, layers, self.die),
            network: (&model).into(),
            settings: TransientSettings {
                integrator: Integrator::Etd2,
                step: self.step,
                duration: way.free,
                nudge_duration: Some(way.nudged),
                ..TransientSettings::default()
            },
            noise_seed: seed,
        })
    }

    /// A centred tilt that is cut to the range for every sample, with all samples in it.
    fn rule(&self, way: &ChipWay) -> GradEp {
        GradEp {
            spring: self.model.spring_stiffness,
            output_scale: self.model.output_scale,
            nudge: NudgeKind::Tilt,
            phases: PhaseScheme::Centred,
            beta: 1e3 * way.range,
            linear_range: Some(way.range),
            validity: Validity {
                max_unsettled: 1.0,
                exclude: false,
                max_displacement: f64::INFINITY,
            },
        }
    }
}

/// What repeated estimates are worth.
struct Worth {
    single: Agreement,
    cosine_error: f64,
    mean: Agreement,
    noise: f64,
    bias: f64,
    right_signs: f64,
}

impl Worth {
    fn of(estimates: &[Couplings<f64>], exact: &Couplings<f64>) -> Self {
        let count = estimates.len() as f64;
        let mut mean = Couplings::<f64>::zeros(exact.topology().clone());
        for estimate in estimates {
            let sum = mean.flat_mut().iter_mut().zip(estimate.flat());
            sum.for_each(|(sum, g)| *sum += g / count);
        }
        let squares =
            |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum() };
        let about_mean: f64 = estimates
            .iter()
            .map(|g| squares(g.flat(), mean.flat()))
            .sum();
        let variance = about_mean / (count - 1.0);
        let length = norm(exact.flat());
        let off = squares(mean.flat(), exact.flat()) - variance / count;
        let single: Vec<Agreement> = estimates
            .iter()
            .map(|estimate| Agreement::between(estimate, exact))
            .collect();
        let average = |of: fn(&Agreement) -> f64| single.iter().map(of).sum::<f64>() / count;
        let cosine = average(|one| one.cosine);
        let spread: f64 = single.iter().map(|one| (one.cosine - cosine).powi(2)).sum();
        let signs = estimates
            .iter()
            .map(|estimate| right_signs(estimate, exact));
        Self {
            single: Agreement {
                cosine,
                norm_ratio: average(|one| one.norm_ratio),
            },
            cosine_error: (spread / (count - 1.0) / count).sqrt(),
            mean: Agreement::between(&mean, exact),
            noise: variance.sqrt() / length,
            bias: off.max(0.0).sqrt() / length,
            right_signs: signs.sum::<f64>() / count,
        }
    }
}

fn right_signs(estimate: &Couplings<f64>, exact: &Couplings<f64>) -> f64 {
    let (mut right, mut all) = (0.0, 0.0);
    for (found, g) in estimate.flat().iter().zip(exact.flat()) {
        all += g.abs();
        right += if found * g > 0.0 { g.abs() } else { 0.0 };
    }
    right / all
}

fn norm(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}
