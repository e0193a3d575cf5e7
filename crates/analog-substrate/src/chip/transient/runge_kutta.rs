//! What explicit Runge–Kutta methods share.

use super::{
    block::Block,
    limits::{confine, confine_metered},
    stages::{Accumulate, AddScaled},
    step::{Moment, Place},
};
use crate::activation::ActivationScalar;

impl<R: ActivationScalar> Block<'_, R> {
    /// A step whose every stage lies along the drift of the one before: `stages` are its nodes and weights.
    pub(super) fn runge_kutta_step(&mut self, stages: &[(f64, f64)], at: &Moment<'_, R>) {
        let m = at.rows.len();
        for (index, &(node, weight)) in stages.iter().enumerate() {
            if index > 0 {
                for part in 0..self.circuit.widths.len() {
                    let n = m * self.circuit.widths[part];
                    let from = if index == 1 {
                        &self.drift
                    } else {
                        &self.stage_drift
                    };
                    self.circuit.level.run(AddScaled {
                        base: &self.state[part][..n],
                        direction: &from[part][..n],
                        factor: R::from_f64(self.step * node),
                        out: &mut self.stage[part][..n],
                    });
                }
                confine(self.circuit, m, &mut self.stage);
                self.set_force(at.drives, at.rows, at.steps + node);
                self.evaluate_stage(at.drives, m);
            }
            let place = if index > 0 {
                Place::Stage
            } else {
                Place::State
            };
            self.charge(m, weight * self.step, place);
            for part in 0..self.circuit.widths.len() {
                let n = m * self.circuit.widths[part];
                let from = if index == 0 {
                    &self.drift
                } else {
                    &self.stage_drift
                };
                self.circuit.level.run(Accumulate {
                    sum: &mut self.sum[part][..n],
                    term: &from[part][..n],
                    weight: R::from_f64(self.step * weight),
                    fresh: index == 0,
                });
            }
        }
        for part in 0..self.circuit.widths.len() {
            let n = m * self.circuit.widths[part];
            let moved = self.state[part][..n].iter_mut().zip(&self.sum[part][..n]);
            moved.for_each(|(s, &d)| *s += d);
        }
        confine_metered(self.circuit, m, &mut self.state, &mut self.meter);
    }
}
