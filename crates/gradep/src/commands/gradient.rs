//! `gradep gradient`.

use super::{arrays::read_visible, long::announce, print_json};
use crate::{
    Exit,
    cli::{GradientArgs, Precision},
    console,
    failure::{Result, Usage, ensure},
    output,
};
use analog_substrate::{NudgeKind, Scalar};
use gradep_core::{
    config::{NudgeConfig, SpringConfig, check_step},
    files::WritableElement,
    gradep::{Estimate, GradEp, PhaseScheme, PhaseStatistics, Refusal, Validity, stiffness_ratio},
};
use ndarray::arr0;
use serde::Serialize;
use std::io::Write as _;

/// An update may move the median sample this far before the estimate is called into question: the
/// limit of the presets.
const MAX_DISPLACEMENT: f64 = 0.5;

/// Estimates the gradient in the precision asked for.
pub(super) fn gradient(arguments: &GradientArgs) -> Result<Exit> {
    match arguments.solver.precision {
        Precision::F32 => gradient_in::<f32>(arguments),
        Precision::F64 => gradient_in::<f64>(arguments),
    }
}

fn gradient_in<R: Scalar + WritableElement>(arguments: &GradientArgs) -> Result<Exit> {
    output::claim(Some(&arguments.out), [], arguments.json)?;
    let model = arguments.model.read::<R>()?;
    let layers = model.couplings.layers();
    let anchor = read_visible::<R>(&arguments.anchor, layers)?;
    let velocity = read_visible::<R>(&arguments.velocity, layers)?;
    ensure!(
        anchor.nrows() == velocity.nrows(),
        Usage(format!(
            "{}: has {} rows, but {} has {}: one velocity per anchor",
            arguments.velocity.display(),
            velocity.nrows(),
            arguments.anchor.display(),
            anchor.nrows()
        ))
    );
    let rule = GradEp {
        spring: model.spring_stiffness,
        output_scale: model.output_scale,
        nudge: arguments.nudge.nudge,
        phases: arguments.nudge.phases,
        beta: arguments.nudge.beta,
        linear_range: (arguments.nudge.linear_range > 0.0).then_some(arguments.nudge.linear_range),
        // Every sample counts: what comes out is to be compared with the same batch elsewhere.
        validity: Validity {
            max_unsettled: 1.0,
            exclude: false,
            max_displacement: MAX_DISPLACEMENT,
        },
    };
    check(&rule, arguments)?;
    let sign = rule.phases.sign(arguments.seed, 0);
    let relaxation = arguments.solver.relaxation();
    if !relaxation.solver.iterates_until_settled() {
        // Free, +β and -β.
        let steps = 3.0 * f64::from(relaxation.steps);
        announce(steps, "explicit steps", anchor.nrows(), layers);
    }
    let substrate = model.ideal(relaxation)?;
    let estimate = rule.estimate(&substrate, anchor.view(), velocity.view(), sign)?;
    match estimate.refusal {
        Some(
            refusal @ (Refusal::Stiffness { .. } | Refusal::RanAway { .. } | Refusal::NotFinite),
        ) => {
            return Err(refusal.into());
        }
        Some(refusal) => tracing::warn!("not to be trained with: {refusal}"),
        None => {}
    }
    arguments.out.write_npz(|arrays| {
        arrays.add_couplings(&estimate.gradient)?;
        arrays.add("loss", &arr0(estimate.loss()))
    })?;
    Summary::new(&rule, &estimate).print(arguments)?;
    Ok(Exit::Success)
}

/// Refuses what cannot give a gradient before the phases are relaxed.
fn check(rule: &GradEp, arguments: &GradientArgs) -> Result<()> {
    let q = stiffness_ratio(rule.beta, rule.output_scale, rule.spring);
    let one_sided = rule.phases == PhaseScheme::OneSided;
    if rule.nudge == NudgeKind::Quadratic && !one_sided && q >= 1.0 {
        return Err(Refusal::Stiffness { q }.into());
    }
    let spring = SpringConfig {
        stiffness: rule.spring,
        output_scale: rule.output_scale,
    };
    let nudge = NudgeConfig {
        kind: rule.nudge,
        phases: rule.phases,
        beta: rule.beta,
        linear_range: arguments.nudge.linear_range,
    };
    Ok(check_step(
        &arguments.solver.relaxation(),
        &spring,
        Some(&nudge),
    )?)
}

#[derive(Serialize)]
struct Summary {
    schema: u32,
    samples: usize,
    loss: f64,
    /// Euclidean norm of the gradient, all parameters together.
    gradient_norm: f64,
    /// q of the quadratic nudge.
    stiffness_ratio: Option<f64>,
    unsettled_share: f64,
    /// Samples that the nudge moves out of linear response.
    nonlinear_share: f64,
    residual: PhaseStatistics,
    displacement: PhaseStatistics,
    /// Mean over samples of the β that was applied.
    mean_beta: f64,
    free_iterations: PhaseStatistics,
    nudged_iterations: PhaseStatistics,
    /// Why a trainer would not use the estimate.
    refusal: Option<String>,
}

impl Summary {
    fn new<R: Scalar>(rule: &GradEp, estimate: &Estimate<R>) -> Self {
        let gradient = estimate.gradient.flat();
        let q = stiffness_ratio(rule.beta, rule.output_scale, rule.spring);
        Self {
            schema: 1,
            samples: estimate.sample_loss.len(),
            loss: estimate.loss(),
            gradient_norm: gradient
                .iter()
                .map(|g| g.to_f64().powi(2))
                .sum::<f64>()
                .sqrt(),
            stiffness_ratio: (rule.nudge == NudgeKind::Quadratic).then_some(q),
            unsettled_share: estimate.unsettled,
            nonlinear_share: estimate.nonlinear,
            residual: estimate.residual,
            displacement: estimate.displacement,
            mean_beta: rule.beta * estimate.nudge_share,
            free_iterations: estimate.free_sweeps,
            nudged_iterations: estimate.nudged_sweeps,
            refusal: estimate.refusal.map(|refusal| refusal.to_string()),
        }
    }

    fn print(&self, arguments: &GradientArgs) -> Result<()> {
        // The explicit solver stops after its steps, wherever that is: it was asked to.
        if self.unsettled_share > 0.0 && arguments.solver.solver.iterates_until_settled() {
            tracing::warn!(
                "{:.1} % of the samples are unsettled after {} sweeps and are used all the same",
                100.0 * self.unsettled_share,
                arguments.solver.max_sweeps
            );
        }
        if arguments.json {
            return print_json(self);
        }
        writeln!(
            console::text(),
            "samples        {}\nloss           {:.6}\ngradient norm  {:.6}\nresidual       {:.1e} median, {:.1e} largest\n\
             displacement   {:.1e} median, {:.1e} largest\n\
             mean beta      {:.2e}\niterations     {:.1} free, {:.1} nudged\ngradient       {}",
            self.samples,
            self.loss,
            self.gradient_norm,
            self.residual.median,
            self.residual.largest,
            self.displacement.median,
            self.displacement.largest,
            self.mean_beta,
            self.free_iterations.mean,
            self.nudged_iterations.mean,
            arguments.out
        )?;
        Ok(())
    }
}
