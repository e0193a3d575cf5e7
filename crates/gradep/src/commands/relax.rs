//! `gradep relax`.

use super::{arrays::read_visible, long::announce, print_json, relax_chip};
use crate::{
    Exit,
    cli::{Precision, RelaxArgs},
    console,
    failure::Result,
    output,
};
use analog_substrate::{Drive, Ideal, RUNAWAY, Scalar, Settled, Substrate as _, Visible};
use gradep_core::{
    config::{SpringConfig, check_step},
    files::WritableElement,
    gradep::PhaseStatistics,
};
use ndarray::{Array2, ArrayView1};
use serde::Serialize;
use std::io::Write as _;

/// Relaxes under the spring and with x held, in the precision asked for.
pub(super) fn relax(arguments: &RelaxArgs) -> Result<Exit> {
    if let Some(chip) = &arguments.on_chip.chip {
        return relax_chip::relax(arguments, chip);
    }
    match arguments.solver.precision {
        Precision::F32 => relax_in::<f32>(arguments),
        Precision::F64 => relax_in::<f64>(arguments),
    }
}

fn relax_in<R: Scalar + WritableElement>(arguments: &RelaxArgs) -> Result<Exit> {
    output::claim(Some(&arguments.out), [], arguments.json)?;
    let model = arguments.model.read::<R>()?;
    let anchor = read_visible::<R>(&arguments.anchor, model.couplings.layers())?;
    let relaxation = arguments.solver.relaxation();
    check_step(
        &relaxation,
        &SpringConfig {
            stiffness: model.spring_stiffness,
            output_scale: model.output_scale,
        },
        None,
    )?;
    if !relaxation.solver.iterates_until_settled() {
        let steps = f64::from(relaxation.steps);
        announce(
            steps,
            "explicit steps",
            anchor.nrows(),
            model.couplings.layers(),
        );
    }
    let substrate = model.ideal(relaxation)?;
    let spring = Visible::Spring {
        stiffness: model.spring_stiffness,
    };
    let phase = |visible| Phase::new(&substrate, &anchor, visible, model.output_scale);
    let (spring, clamped) = (phase(spring)?, phase(Visible::Clamped)?);
    let layers = model.couplings.layers().sizes().len();
    arguments.out.write_npz(|arrays| {
        for l in 0..layers {
            let name = if l == 0 {
                "x".to_owned()
            } else {
                format!("h{l}")
            };
            arrays.add(&name, &spring.settled.state(l))?;
        }
        for (phase, read_out, suffix) in
            [(&spring, "spring", ""), (&clamped, "clamped", "_clamped")]
        {
            arrays.add(&format!("velocity_{read_out}"), &phase.velocity)?;
            let (key, settled) = (|name| format!("{name}{suffix}"), &phase.settled);
            let residuals = ArrayView1::from(substrate.residuals(settled));
            arrays.add(&key("residual"), &residuals)?;
            let iterations = ArrayView1::from(substrate.iterations(settled));
            arrays.add(&key("iterations"), &iterations)?;
            let is_settled = ArrayView1::from(substrate.is_settled(settled));
            arrays.add(&key("settled"), &is_settled)?;
        }
        Ok(())
    })?;
    let ran_away = spring.ran_away(&substrate) + clamped.ran_away(&substrate);
    let summary = Summary {
        schema: 1,
        samples: anchor.nrows(),
        spring: spring.summary(&substrate),
        clamped: clamped.summary(&substrate),
        velocity_gap: gap(&spring.velocity, &clamped.velocity),
    };
    summary.print(arguments)?;
    if ran_away > 0 {
        tracing::error!(
            "{ran_away} of {} relaxations ran away to infinity: the energy has no minimum there, or the step is too large",
            2 * anchor.nrows()
        );
        return Ok(Exit::Numerics);
    }
    Ok(Exit::Success)
}

/// A relaxed batch and the velocity read from it.
struct Phase<R> {
    settled: Settled<R>,
    /// `[batch, n_0]`.
    velocity: Array2<R>,
}

impl<R: Scalar> Phase<R> {
    fn new(
        substrate: &Ideal<R>,
        anchor: &Array2<R>,
        visible: Visible,
        output_scale: f64,
    ) -> Result<Self> {
        let anchor = anchor.view();
        let settled = substrate.settle(
            &Drive {
                anchor,
                visible,
                held: None,
            },
            None,
        )?;
        let scale = R::from_f64(output_scale);
        let velocity = substrate.current(&settled).mapv(|i| scale * i);
        Ok(Self { settled, velocity })
    }

    /// Samples on the way to infinity, or there: no network at rest or on its way has such forces.
    fn ran_away(&self, substrate: &Ideal<R>) -> usize {
        let residuals = substrate.residuals(&self.settled);
        residuals
            .iter()
            .filter(|residual| !residual.is_finite() || **residual > RUNAWAY)
            .count()
    }

    fn summary(&self, substrate: &Ideal<R>) -> PhaseSummary {
        let iterations = substrate.iterations(&self.settled);
        PhaseSummary {
            settled: substrate
                .is_settled(&self.settled)
                .iter()
                .filter(|settled| **settled)
                .count(),
            residual: PhaseStatistics::of(substrate.residuals(&self.settled).to_vec()),
            iterations: PhaseStatistics::of(iterations.iter().map(|&n| f64::from(n)).collect()),
        }
    }
}

/// |v_spring − v_clamped| relative to |v_clamped|, over the whole batch.
fn gap<R: Scalar>(spring: &Array2<R>, clamped: &Array2<R>) -> f64 {
    let norm = |array: &Array2<R>| array.iter().map(|v| v.to_f64().powi(2)).sum::<f64>().sqrt();
    norm(&(spring - clamped)) / norm(clamped)
}

#[derive(Serialize)]
struct Summary {
    schema: u32,
    samples: usize,
    spring: PhaseSummary,
    clamped: PhaseSummary,
    velocity_gap: f64,
}

#[derive(Serialize)]
struct PhaseSummary {
    /// Samples whose residual met the tolerance.
    settled: usize,
    residual: PhaseStatistics,
    iterations: PhaseStatistics,
}

impl Summary {
    fn print(&self, arguments: &RelaxArgs) -> Result<()> {
        let unsettled = 2 * self.samples - self.spring.settled - self.clamped.settled;
        // The explicit solver stops after its steps, wherever that is: it was asked to.
        if unsettled > 0 && arguments.solver.solver.iterates_until_settled() {
            tracing::warn!(
                "{unsettled} of {} relaxations are unsettled after {} sweeps",
                2 * self.samples,
                arguments.solver.max_sweeps
            );
        }
        if arguments.json {
            return print_json(self);
        }
        let mut out = console::text();
        writeln!(
            out,
            "read-out  settled      residual median  largest    iterations mean  largest"
        )?;
        for (name, phase) in [("spring", &self.spring), ("clamped", &self.clamped)] {
            writeln!(
                out,
                "{name:<8}  {:>5} of {:<5}  {:>12.2e}  {:>7.1e}  {:>15.1}  {:>7}",
                phase.settled,
                self.samples,
                phase.residual.median,
                phase.residual.largest,
                phase.iterations.mean,
                phase.iterations.largest,
            )?;
        }
        writeln!(
            out,
            "velocities of the two differ by {:.2e} of their norm\nstates  {}",
            self.velocity_gap, arguments.out
        )?;
        Ok(())
    }
}
