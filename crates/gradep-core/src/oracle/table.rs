//! Estimates against the exact gradient, over nudges, phases, solver budgets, precisions and β.

use super::{Budget, ImplicitGradient, OracleError, implicit_gradient};
use crate::{
    config::{Config, FlowConfig},
    files::Model,
    flow::{BatchError, BatchSource},
    gradep::{GradEp, LINEAR_RANGE, PhaseScheme, Validity, stiffness_ratio},
    objective::Examples,
};
use analog_substrate::{
    Couplings, Ideal, IdealScalar, NudgeKind, Relaxation, Substrate, kernels::Real,
};
use ndarray::{Array2, Axis};
use serde::{Deserialize, Deserializer, Serialize};

/// Arithmetic of an estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Single precision, as in training.
    F32,
    /// Double precision.
    F64,
}

/// The estimate that a training run makes, in its single precision.
#[derive(Clone, Debug, PartialEq)]
pub struct AsTrained {
    /// How it relaxes.
    pub relaxation: Relaxation,
    /// Nudge, phases, β and limits, samples left out included; a random sign is taken as +.
    pub rule: GradEp,
}

impl AsTrained {
    /// That of a run with this configuration.
    pub fn of(config: &Config) -> Self {
        Self {
            relaxation: config.relaxation.clone(),
            rule: config.gradep(),
        }
    }
}

/// What is compared: the estimate of training, if any, and every combination of the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckPlan {
    /// The first row: what training itself does, with none of the settings below.
    pub as_trained: Option<AsTrained>,
    /// Circuit elements that nudge.
    pub nudges: Vec<NudgeKind>,
    /// Phases that are compared; a random sign is taken as +.
    pub phases: Vec<PhaseScheme>,
    /// Solvers and when they stop.
    pub budgets: Vec<Budget>,
    /// Arithmetics.
    pub precisions: Vec<Precision>,
    /// Strengths of the nudge, β > 0.
    pub betas: Vec<f64>,
    /// See [`GradEp::linear_range`].
    pub linear_range: Option<f64>,
    /// When an estimate is refused. Unsettled samples are never left out here: the exact gradient
    /// averages them too.
    pub validity: Validity,
}

impl Default for CheckPlan {
    /// What a training run can get wrong, in a second for 64 samples: both nudges, centred and one-sided;
    /// the published number of steps, and the accelerated solver at its default tolerance; single
    /// precision; β over four decades about the paper's 1.25e-3. `max_unsettled` 0.2 and `max_displacement`
    /// 0.5 are those of the presets.
    fn default() -> Self {
        Self {
            as_trained: None,
            nudges: vec![NudgeKind::Tilt, NudgeKind::Quadratic],
            phases: vec![PhaseScheme::Centred, PhaseScheme::OneSided],
            budgets: vec![
                Budget::Explicit { steps: 300 },
                Budget::Anderson {
                    tolerance: 1e-6,
                    nudged_tolerance: 1e-4,
                },
            ],
            precisions: vec![Precision::F32],
            betas: vec![1e-5, 1e-4, 1e-3, 1e-2, 1e-1],
            linear_range: Some(LINEAR_RANGE),
            validity: Validity {
                max_unsettled: 0.2,
                exclude: false,
                max_displacement: 0.5,
            },
        }
    }
}

/// Direction and length of a gradient relative to the exact one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// Cosine of the angle between them, all parameters together.
    #[serde(deserialize_with = "number_or_nan")]
    pub cosine: f64,
    /// |estimate|/|exact|.
    #[serde(deserialize_with = "number_or_nan")]
    pub norm_ratio: f64,
}

/// A number; what JSON writes as null was none.
pub(super) fn number_or_nan<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Option::<f64>::deserialize(from).map(|number| number.unwrap_or(f64::NAN))
}

impl Agreement {
    /// Compares two gradients of the same network.
    pub fn between<R: Real>(estimate: &Couplings<R>, exact: &Couplings<f64>) -> Self {
        let (mut product, mut estimated, mut expected) = (0.0, 0.0, 0.0);
        for (a, b) in estimate.flat().iter().zip(exact.flat()) {
            let a = a.to_f64();
            product += a * b;
            estimated += a * a;
            expected += b * b;
        }
        Self {
            cosine: product / (estimated * expected).sqrt(),
            norm_ratio: (estimated / expected).sqrt(),
        }
    }

    /// |estimate − exact|/|exact|, by the law of cosines.
    pub fn relative_error(&self) -> f64 {
        let length = self.norm_ratio;
        // Rounding leaves a little less than nothing of equal gradients.
        let square = (length - 1.0).powi(2) + 2.0 * length * (1.0 - self.cosine);
        square.max(0.0).sqrt()
    }
}

/// One estimate against the exact gradient.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GradientRow {
    /// Whether it is the estimate of training, by [`CheckPlan::as_trained`].
    pub as_trained: bool,
    /// Circuit element that nudged.
    pub nudge: NudgeKind,
    /// Phases compared.
    pub phases: PhaseScheme,
    /// Solver and when it stopped.
    #[serde(flatten)]
    pub budget: Budget,
    /// Arithmetic.
    pub precision: Precision,
    /// β.
    pub beta: f64,
    /// Mean share of β that samples were nudged by, below 1 where the tilt is cut to the linear range.
    pub nudge_share: f64,
    /// Cosine and norm ratio.
    #[serde(flatten)]
    pub agreement: Agreement,
    /// What the norm ratio should be: 1/(1 − q²) for the centred quadratic nudge, 1/(1 + q) for the
    /// one-sided one ([`stiffness_ratio`]), 1 for the tilt; none for q ≥ 1. It counts the leak and the spring of the
    /// visible nodes; coupled to soft hidden nodes they are softer, and the ratio further from 1.
    pub predicted_norm_ratio: Option<f64>,
    /// Share of samples unsettled in some phase.
    pub unsettled: f64,
    /// Why an update with the plan's limits, or those of training, would be refused.
    pub refusal: Option<String>,
}

/// All estimates, and the exact gradient they are held against.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GradientTable {
    /// Samples in the batch.
    pub samples: usize,
    /// Samples left out: the exact gradient does not exist there, or was not found.
    pub left_out: usize,
    /// Flow-matching loss of the others.
    pub loss: f64,
    /// |∂L/∂θ|, exact.
    pub gradient_norm: f64,
    /// Smallest curvature of S at any equilibrium: how near the worst sample is to losing it.
    pub smallest_curvature: f64,
    /// One row per combination.
    pub rows: Vec<GradientRow>,
}

/// The first `samples` path points of training on these images `[n, n_0]`, or all if there are fewer:
/// noise and images matched by optimal transport over the whole set.
pub fn check_batch(images: Array2<f32>, samples: usize, seed: u64) -> Result<Examples, BatchError> {
    let samples = samples.min(images.nrows());
    let epoch = BatchSource::new(images, FlowConfig::matched(samples), seed)?.epoch(0)?;
    Ok(epoch.slice(0..samples))
}

/// Estimates the gradient of a model in every way of the plan, and compares each with the exact one.
///
/// # Errors
/// Those of [`implicit_gradient`], and a refusal of the substrate.
pub fn gradient_table(
    model: &Model<f64>,
    batch: &Examples,
    plan: &CheckPlan,
) -> Result<GradientTable, OracleError> {
    let (anchor, target) = (batch.anchor.mapv(f64::from), batch.target.mapv(f64::from));
    let exact = implicit_gradient(model, anchor.view(), target.view())?;
    let usable = exact.usable();
    let (anchor, target) = (
        anchor.select(Axis(0), &usable),
        target.select(Axis(0), &usable),
    );
    let mut rows = Vec::new();
    if let Some(AsTrained { relaxation, rule }) = &plan.as_trained {
        let case = Case::<f32>::new(
            model,
            &exact,
            (relaxation, Precision::F32),
            (&anchor, &target),
        )?;
        rows.push(GradientRow {
            as_trained: true,
            ..case.row(rule)?
        });
    }
    for &budget in &plan.budgets {
        for &precision in &plan.precisions {
            let relaxation = budget.relaxation();
            let (how, batch) = ((&relaxation, precision), (&anchor, &target));
            match precision {
                Precision::F32 => {
                    Case::<f32>::new(model, &exact, how, batch)?.rows(plan, &mut rows)?;
                }
                Precision::F64 => {
                    Case::<f64>::new(model, &exact, how, batch)?.rows(plan, &mut rows)?;
                }
            }
        }
    }
    let curvatures = usable
        .iter()
        .map(|&row| exact.samples[row].smallest_curvature);
    Ok(GradientTable {
        samples: exact.samples.len(),
        left_out: exact.samples.len() - usable.len(),
        loss: exact.loss,
        gradient_norm: exact
            .gradient
            .flat()
            .iter()
            .map(|g| g * g)
            .sum::<f64>()
            .sqrt(),
        smallest_curvature: curvatures.fold(f64::INFINITY, f64::min),
        rows,
    })
}

/// One way to relax in one precision.
struct Case<'a, R: IdealScalar> {
    model: &'a Model<f64>,
    exact: &'a ImplicitGradient,
    budget: Budget,
    precision: Precision,
    substrate: Ideal<R>,
    anchor: Array2<R>,
    target: Array2<R>,
}

impl<'a, R: IdealScalar> Case<'a, R> {
    fn new(
        model: &'a Model<f64>,
        exact: &'a ImplicitGradient,
        (relaxation, precision): (&Relaxation, Precision),
        (anchor, target): (&Array2<f64>, &Array2<f64>),
    ) -> Result<Self, OracleError> {
        let layers = model.couplings.topology().clone();
        let mut substrate =
            Ideal::new(layers, model.activation, relaxation.clone()).with_cell(model.cell)?;
        substrate.program(&model.couplings.cast())?;
        Ok(Self {
            model,
            exact,
            budget: relaxation.into(),
            precision,
            substrate,
            anchor: anchor.mapv(R::from_f64),
            target: target.mapv(R::from_f64),
        })
    }

    /// Every nudge, scheme and β of the plan.
    fn rows(&self, plan: &CheckPlan, rows: &mut Vec<GradientRow>) -> Result<(), OracleError> {
        for &nudge in &plan.nudges {
            for &phases in &plan.phases {
                for &beta in &plan.betas {
                    rows.push(self.row(&GradEp {
                        spring: self.model.spring_stiffness,
                        output_scale: self.model.output_scale,
                        nudge,
                        phases,
                        beta,
                        linear_range: plan.linear_range,
                        validity: Validity {
                            exclude: false,
                            ..plan.validity
                        },
                    })?);
                }
            }
        }
        Ok(())
    }

    fn row(&self, rule: &GradEp) -> Result<GradientRow, OracleError> {
        let mut row = GradientRow {
            as_trained: false,
            nudge: rule.nudge,
            phases: rule.phases,
            budget: self.budget,
            precision: self.precision,
            beta: rule.beta,
            nudge_share: f64::NAN,
            agreement: Agreement {
                cosine: f64::NAN,
                norm_ratio: f64::NAN,
            },
            predicted_norm_ratio: predicted_norm_ratio(rule),
            unsettled: f64::NAN,
            refusal: None,
        };
        match rule.estimate(&self.substrate, self.anchor.view(), self.target.view(), 1.0) {
            Ok(estimate) => {
                row.agreement = Agreement::between(&estimate.gradient, &self.exact.gradient);
                row.unsettled = estimate.unsettled;
                row.nudge_share = estimate.nudge_share;
                row.refusal = estimate.refusal.map(|refusal| refusal.to_string());
            }
            // Too stiff a nudge is a finding of the table, not a failure to make it.
            Err(error @ analog_substrate::IdealError::Unstable { .. }) => {
                row.refusal = Some(error.to_string());
            }
            Err(error) => return Err(error.into()),
        }
        Ok(row)
    }
}

fn predicted_norm_ratio(rule: &GradEp) -> Option<f64> {
    let q = stiffness_ratio(rule.beta, rule.output_scale, rule.spring);
    match (rule.nudge, rule.phases) {
        (NudgeKind::Tilt, _) => Some(1.0),
        (NudgeKind::Quadratic, _) if q >= 1.0 => None,
        (NudgeKind::Quadratic, PhaseScheme::Centred) => Some(1.0 / (1.0 - q * q)),
        (NudgeKind::Quadratic, PhaseScheme::OneSided | PhaseScheme::RandomSign) => {
            Some(1.0 / (1.0 + q))
        }
    }
}
