//! From a batch of anchors and targets to a gradient: free phase, nudged phases, contrast.

use super::{
    Refusal, Validity,
    rule::{bias_gradient, coupling_gradient, leak_gradient},
    stiffness_ratio,
    validity::RESOLUTION_MARGIN,
};
use crate::{
    gradep::PhaseScheme,
    random::{Purpose, stream},
};
use analog_substrate::{
    Contrast, Couplings, Drive, Nudge, NudgeKind, Points, Substrate, Visible,
    coupling::{CouplingScalar, LayerContrast},
    kernels::Real,
};
use ndarray::{Array2, ArrayView2, Axis, Zip};
use rand::Rng as _;
use rayon::prelude::*;
use serde::Serialize;
use units::statistics::{mean, quantile};

/// Default of [`GradEp::linear_range`]: with it the centred tilt keeps cosine 0.9999 and norm within
/// 0.1 % of the true gradient for any larger β, from initialisation to the end of training
/// (measured: 1e-2 is too far by a third, 1e-3 no better; on a noisy chip more is needed).
pub const LINEAR_RANGE: f64 = 3e-3;

/// Range of a tilt on a substrate that resolves differences of `resolution` in one sample: 70 times that, no less than [`LINEAR_RANGE`] and
/// no more than 0.3, in V_unit.
///
/// On chip D3, whose thermal noise and 12-bit converter resolve 2.9e-3, that is 0.2. There the gradient of a batch of a trained network of
/// resistive cells had a cosine of 0.82 with the exact one at a range of 0.03, 0.97 at 0.1, 0.98 at 0.3 and 0.97 at 1 (two batches of 128 samples, `gradep check
/// gradient --chip D3`).
pub fn range_above(resolution: f64) -> f64 {
    (70.0 * resolution).clamp(LINEAR_RANGE, 0.3)
}

/// The GradEP estimator: spring, velocity scale, nudge and phases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradEp {
    /// λ.
    pub spring: f64,
    /// α.
    pub output_scale: f64,
    /// Conductance or current.
    pub nudge: NudgeKind,
    /// Which phases are compared.
    pub phases: PhaseScheme,
    /// β > 0.
    pub beta: f64,
    /// Tilt: furthest that the nudge may pull a visible node against its own stiffness 1 + λ. A
    /// sample whose mismatch is larger is nudged by less, and its contrast scaled up: β is then
    /// `linear_range (1+λ)/(αλ max|v − u|)` for this sample. None: the same β for all.
    pub linear_range: Option<f64>,
    /// Limits of trust.
    pub validity: Validity,
}

/// Median, largest and mean of a quantity over the batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct PhaseStatistics {
    /// Middle value, of an even number the mean of the middle two.
    pub median: f64,
    /// Largest value.
    pub largest: f64,
    /// Mean value.
    pub mean: f64,
}

impl PhaseStatistics {
    /// Of these values, one per sample; zeros for none.
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self {
            median: quantile(&values, 0.5).unwrap_or_default(),
            largest: values.last().copied().unwrap_or_default(),
            mean: mean(&values).unwrap_or_default(),
        }
    }
}

/// A gradient, and everything by which it can be judged.
#[derive(Clone, Debug)]
pub struct Estimate<R> {
    /// ∂L/∂θ as estimated, in the order of the couplings; not to be used if there is a refusal.
    pub gradient: Couplings<R>,
    /// Velocity of the free phase, `[batch, n_0]`; of held nodes −α ∂E/∂x, which nothing is asked of.
    pub velocity: Array2<R>,
    /// Mean square of v − u per sample over the nodes that are not held, `[batch]`; 0 where all are.
    pub sample_loss: Vec<f64>,
    /// Why the gradient is not to be used.
    pub refusal: Option<Refusal>,
    /// Share of samples unsettled in some phase.
    pub unsettled: f64,
    /// Share of samples that the nudge moved out of linear response.
    pub nonlinear: f64,
    /// Largest |∂S/∂s| in the free phase.
    pub residual: PhaseStatistics,
    /// Largest output displacement by one nudge.
    pub displacement: PhaseStatistics,
    /// Mean share of β that samples were nudged by: below 1 where the tilt was cut to the linear range.
    pub nudge_share: f64,
    /// Sweeps of the free phase, and of all nudged phases together.
    pub free_sweeps: PhaseStatistics,
    /// Sweeps of all nudged phases together.
    pub nudged_sweeps: PhaseStatistics,
}

impl<R> Estimate<R> {
    /// The loss of the objective: mean square of v − u over units (those that are not held) and batch.
    pub fn loss(&self) -> f64 {
        self.sample_loss.iter().sum::<f64>() / self.sample_loss.len() as f64
    }
}

impl GradEp {
    /// Runs all phases for anchors x_t and targets u of an objective, both `[batch, n_0]`. Of nodes that the anchors
    /// hold nothing is asked: the mismatch is 0 there, whatever the target, and so is the contrast.
    ///
    /// `sign` is the sign of β of a one-sided scheme (drawn by the caller for random signs).
    pub fn estimate<'p, S: Substrate>(
        &self,
        substrate: &S,
        anchor: impl Into<Points<'p, S::Scalar>>,
        target: ArrayView2<'_, S::Scalar>,
        sign: f64,
    ) -> Result<Estimate<S::Scalar>, S::Error>
    where
        S::Scalar: CouplingScalar,
    {
        let Points { x: anchor, held } = anchor.into();
        let drive = Drive {
            anchor,
            visible: Visible::Spring {
                stiffness: self.spring,
            },
            held,
        };
        let free = substrate.settle(&drive, None)?;
        let alpha = S::Scalar::from_f64(self.output_scale);
        let mut velocity = substrate.current(&free);
        velocity.par_mapv_inplace(|current| alpha * current);
        let error = mismatch(&velocity, target, held);
        let shares = self.nudge_shares(&error);
        let pattern = self.pattern(&drive, &target, &error, &shares);
        let first = substrate.nudge(&free, &self.nudge(sign, &pattern), None)?;
        let second = match self.phases {
            PhaseScheme::Centred => {
                Some(substrate.nudge(&free, &self.nudge(-sign, &pattern), Some(&first))?)
            }
            PhaseScheme::OneSided | PhaseScheme::RandomSign => None,
        };
        let mut contrast = substrate.contrast(&first, second.as_ref().unwrap_or(&free));

        let settled: Vec<bool> = std::iter::once(&free)
            .chain([&first])
            .chain(&second)
            .map(|phase| substrate.is_settled(phase).to_vec())
            .reduce(|all, phase| all.iter().zip(&phase).map(|(a, b)| *a && *b).collect())
            .unwrap_or_default();
        let batch = settled.len();
        let steps = if second.is_some() { 2.0 } else { 1.0 };
        let displacement = displacements(&contrast, steps);
        let linear: Vec<bool> = displacement
            .iter()
            .map(|&moved| moved <= self.validity.max_displacement)
            .collect();
        let mut used = batch;
        if self.validity.exclude {
            let valid: Vec<bool> = settled.iter().zip(&linear).map(|(s, l)| *s && *l).collect();
            used = valid.iter().filter(|valid| **valid).count();
            leave_out(&mut contrast, &valid);
        }
        for difference in &mut contrast.difference {
            scale_rows(difference, &shares);
        }
        let span = steps * sign * self.beta * used.max(1) as f64;
        let gradient = gradient_of(substrate, &contrast, span);
        let sweeps = |phase: &S::Settled| -> Vec<f64> {
            substrate
                .iterations(phase)
                .iter()
                .map(|&n| f64::from(n))
                .collect()
        };
        let mut nudged_sweeps = sweeps(&first);
        if let Some(second) = &second {
            nudged_sweeps
                .iter_mut()
                .zip(sweeps(second))
                .for_each(|(a, b)| *a += b);
        }
        let mut estimate = Estimate {
            gradient,
            velocity,
            sample_loss: sample_loss(&error, held),
            refusal: None,
            unsettled: share_of(&settled),
            nonlinear: share_of(&linear),
            residual: PhaseStatistics::of(substrate.residuals(&free).to_vec()),
            displacement: PhaseStatistics::of(displacement),
            nudge_share: shares.iter().sum::<f64>() / batch.max(1) as f64,
            free_sweeps: PhaseStatistics::of(sweeps(&free)),
            nudged_sweeps: PhaseStatistics::of(nudged_sweeps),
        };
        let phases = [Some(&free), Some(&first), second.as_ref()];
        let lost = |sample: usize| {
            let mut phases = phases.iter().flatten();
            phases.any(|phase| !substrate.residuals(phase)[sample].is_finite())
        };
        let ran_away = (0..batch).filter(|&sample| lost(sample)).count();
        estimate.refusal = if ran_away > 0 && !self.validity.exclude {
            Some(Refusal::RanAway { samples: ran_away })
        } else {
            self.judge(&estimate, substrate.resolution_of_mean(used))
        };
        Ok(estimate)
    }

    /// Quadratic: the source x_t + u/(αλ) (arXiv 2604.08150); tilt: the frozen mismatch v* − u.
    fn pattern<R: Real>(
        &self,
        drive: &Drive<'_, R>,
        target: &ArrayView2<'_, R>,
        error: &Array2<R>,
        shares: &[f64],
    ) -> Array2<R> {
        match self.nudge {
            NudgeKind::Tilt => {
                let mut tilt = error.clone();
                tilt.axis_iter_mut(Axis(0))
                    .into_par_iter()
                    .zip(shares)
                    .for_each(|(mut row, &share)| {
                        row.mapv_inplace(|value| R::from_f64(share) * value);
                    });
                tilt
            }
            NudgeKind::Quadratic => {
                let share = R::from_f64(1.0 / (self.output_scale * self.spring));
                let mut source = drive.anchor.to_owned();
                Zip::from(&mut source)
                    .and(target)
                    .par_for_each(|x, &u| *x += share * u);
                source
            }
        }
    }

    /// Share of β that each sample is nudged by, `[batch]`: the pull αλβ(v − u) on its visible nodes
    /// stays within `linear_range (1 + λ)`.
    fn nudge_shares<R: Real>(&self, error: &Array2<R>) -> Vec<f64> {
        let pull = self.beta * self.output_scale * self.spring;
        let bound = match (self.nudge, self.linear_range) {
            (NudgeKind::Tilt, Some(range)) => range * (1.0 + self.spring),
            _ => f64::INFINITY,
        };
        let largest = |row: ndarray::ArrayView1<'_, R>| {
            row.iter()
                .fold(0.0, |worst, value| f64::max(worst, value.to_f64().abs()))
        };
        error
            .axis_iter(Axis(0))
            .into_par_iter()
            .map(|row| (bound / (pull * largest(row))).min(1.0))
            .collect()
    }

    /// S gains ±β(αλ)²/2 |x − source|², or ±β αλ (v* − u)·x.
    fn nudge<'a, R>(&self, sign: f64, pattern: &'a Array2<R>) -> Nudge<'a, R> {
        let scale = self.output_scale * self.spring;
        let strength = sign
            * self.beta
            * match self.nudge {
                NudgeKind::Tilt => scale,
                NudgeKind::Quadratic => scale * scale,
            };
        Nudge {
            kind: self.nudge,
            strength,
            pattern: pattern.view(),
        }
    }

    fn judge<R: Real>(&self, estimate: &Estimate<R>, resolution: f64) -> Option<Refusal> {
        let q = stiffness_ratio(self.beta, self.output_scale, self.spring);
        let displacement = estimate.displacement.median;
        if self.nudge == NudgeKind::Quadratic && q >= 1.0 {
            return Some(Refusal::Stiffness { q });
        }
        if !estimate
            .gradient
            .flat()
            .iter()
            .all(|value| value.is_finite())
        {
            return Some(Refusal::NotFinite);
        }
        if estimate.unsettled > self.validity.max_unsettled
            || estimate.unsettled >= 1.0 && self.validity.exclude
        {
            let limit = self.validity.max_unsettled;
            return Some(Refusal::Unsettled {
                share: estimate.unsettled,
                limit,
            });
        }
        if displacement > self.validity.max_displacement {
            let limit = self.validity.max_displacement;
            return Some(Refusal::Displacement {
                displacement,
                limit,
            });
        }
        (displacement < RESOLUTION_MARGIN * resolution).then_some(Refusal::Resolution {
            displacement,
            resolution,
        })
    }
}

impl PhaseScheme {
    /// Sign of β at a step of a run: drawn for the random-sign scheme, else +1.
    pub fn sign(self, seed: u64, step: u64) -> f64 {
        let drawn = || stream(seed, Purpose::NudgeSign, step, 0).next_u32() & 1 == 1;
        if self == Self::RandomSign && drawn() {
            -1.0
        } else {
            1.0
        }
    }
}

/// The loss of each sample: mean square of v − u over units.
pub fn target_loss<R: Real>(velocity: &Array2<R>, target: ArrayView2<'_, R>) -> Vec<f64> {
    sample_loss(&mismatch(velocity, target, None), None)
}

/// v − u, 0 where a node is held.
pub(crate) fn mismatch<R: Real>(
    velocity: &Array2<R>,
    target: ArrayView2<'_, R>,
    held: Option<ArrayView2<'_, bool>>,
) -> Array2<R> {
    let mut error = Zip::from(velocity)
        .and(target)
        .par_map_collect(|&v, &u| v - u);
    if let Some(held) = held {
        let nodes = Zip::from(&mut error).and(held);
        nodes.for_each(|error, &held| *error = if held { R::ZERO } else { *error });
    }
    error
}

/// Mean square of each sample's mismatch over the nodes that are not held.
pub(crate) fn sample_loss<R: Real>(
    error: &Array2<R>,
    held: Option<ArrayView2<'_, bool>>,
) -> Vec<f64> {
    let rows = error.axis_iter(Axis(0)).into_par_iter();
    let losses: Vec<f64> = rows.map(mean_square).collect();
    let Some(held) = held else { return losses };
    let free = |row: ndarray::ArrayView1<'_, bool>| row.iter().filter(|held| !**held).count();
    let rows = losses.into_iter().zip(held.rows());
    // The zeros of held nodes are no part of the mean.
    rows.map(|(loss, held)| loss * held.len() as f64 / free(held).max(1) as f64)
        .collect()
}

fn mean_square<R: Real>(row: ndarray::ArrayView1<'_, R>) -> f64 {
    row.iter().map(|value| value.to_f64().powi(2)).sum::<f64>() / row.len() as f64
}

/// Undoes the samples' shares of the nudge.
fn scale_rows<R: Real>(difference: &mut Array2<R>, shares: &[f64]) {
    difference
        .axis_iter_mut(Axis(0))
        .into_par_iter()
        .zip(shares)
        .filter(|(_, share)| **share < 1.0)
        .for_each(|(mut row, &share)| row.mapv_inplace(|value| R::from_f64(1.0 / share) * value));
}

/// Share of `false`.
fn share_of(good: &[bool]) -> f64 {
    good.iter().filter(|good| !**good).count() as f64 / good.len().max(1) as f64
}

/// Takes what samples that are not valid show out of a contrast.
pub(crate) fn leave_out<R: Real>(contrast: &mut Contrast<R>, valid: &[bool]) {
    // Means as well: a sample that ran away would turn 0 into NaN.
    for readings in contrast.difference.iter_mut().chain(&mut contrast.mean) {
        for (mut row, valid) in readings.axis_iter_mut(Axis(0)).zip(valid) {
            if !valid {
                row.fill(R::ZERO);
            }
        }
    }
}

/// Applies the local rule to every coupling and bias.
pub(crate) fn gradient_of<S: Substrate>(
    substrate: &S,
    contrast: &Contrast<S::Scalar>,
    span: f64,
) -> Couplings<S::Scalar>
where
    S::Scalar: CouplingScalar,
{
    let topology = substrate.topology();
    let layer = |l: usize| LayerContrast {
        mean: contrast.mean[l].view(),
        difference: contrast.difference[l].view(),
    };
    let (visible, hidden) = rayon::join(
        || bias_gradient(layer(0), span),
        || -> Vec<_> {
            (0..topology.layers().hidden())
                .into_par_iter()
                .map(|l| {
                    let coupling = S::Scalar::products(topology.connection(l).coupling());
                    rayon::join(
                        || coupling_gradient(coupling, layer(l + 1), layer(l), span),
                        || bias_gradient(layer(l + 1), span),
                    )
                })
                .collect()
        },
    );
    let mut gradient = Couplings::zeros(topology.clone());
    gradient.visible_bias_mut().assign(&visible);
    if let Some(mut leak) = gradient.visible_leak_mut() {
        leak.assign(&leak_gradient(layer(0), span));
    }
    for (l, (parameters, bias)) in hidden.iter().enumerate() {
        gradient.parameters_mut(l).copy_from_slice(parameters);
        gradient.bias_mut(l).assign(bias);
    }
    gradient
}

/// Largest output displacement per sample by one nudge.
fn displacements<R: Real>(contrast: &Contrast<R>, steps: f64) -> Vec<f64> {
    let batch = contrast.difference.first().map_or(0, Array2::nrows);
    let largest = |row: usize| {
        let layers = contrast.difference.iter().map(|layer| layer.row(row));
        let moved = layers.map(|nodes| {
            let worst = |worst: R, value: &R| worst.larger(value.abs());
            nodes.iter().fold(R::ZERO, worst).to_f64() / steps
        });
        moved.fold(0.0, f64::max)
    };
    (0..batch).into_par_iter().map(largest).collect()
}
