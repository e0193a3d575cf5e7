//! The exponential integrator.

use super::{
    block::Block,
    limits::confine_metered,
    stages::SecondStage,
    step::{Moment, Place, Step},
};
use crate::activation::ActivationScalar;

/// Exponential Runge–Kutta of order 2 (Cox & Matthews, J. Comput. Phys. 176, 430, 2002), exact in each node's own damping.
pub(super) struct Steps;

impl<R: ActivationScalar> Step<R> for Steps {
    fn is_exponential(&self) -> bool {
        true
    }

    fn adds_noise(&self) -> bool {
        true
    }

    fn advance(&self, block: &mut Block<'_, R>, at: &Moment<'_, R>) {
        block.exponential_step(at);
    }
}

impl<R: ActivationScalar> Block<'_, R> {
    fn exponential_step(&mut self, at: &Moment<'_, R>) {
        let m = at.rows.len();
        for part in 1..self.circuit.nodes() {
            if self.follows(part) {
                let n = m * self.circuit.widths[part];
                self.instant.aim(self.circuit, part, &mut self.aim[..n]);
                let (state, drift) = (&self.state[part][..n], &self.drift[part][..n]);
                let moving = (state, drift, &self.aim[..n]);
                let slope = &self.instant.slope[part];
                let settings = (self.step, self.theta);
                self.coefficients[part].follow(self.circuit, part, moving, slope, settings);
            }
        }
        self.charge(m, 0.5 * self.step, Place::State);
        self.first_stage(m);
        // Noise enters before the stage is evaluated, so that the couplings respond to half of it
        // within the step: the stationary covariance is then of second order in the step.
        self.add_noise(m, Place::Stage);
        self.set_force(at.drives, at.rows, at.steps + 1.0);
        self.evaluate_stage(at.drives, m);
        self.charge(m, 0.5 * self.step, Place::Stage);
        for part in 0..self.circuit.nodes() {
            let n = m * self.circuit.widths[part];
            let stage = (&self.stage[part][..n], &self.stage_drift[part][..n]);
            self.meter
                .relax(self.circuit, part, stage, &self.coefficients[part]);
        }
        for part in 0..self.circuit.widths.len() {
            let n = m * self.circuit.widths[part];
            let coefficients = &self.coefficients[part];
            self.circuit.level.run(SecondStage {
                stage: &self.stage[part][..n],
                drift: &self.drift[part][..n],
                stage_drift: &self.stage_drift[part][..n],
                p2: &coefficients.p2,
                damping: &coefficients.damping,
                state: &mut self.state[part][..n],
            });
        }
        confine_metered(self.circuit, m, &mut self.state, &mut self.meter);
    }
}
