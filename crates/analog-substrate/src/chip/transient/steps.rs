//! What the steps of all integrators share: the ledger, the noise, and the way of one node.

use super::super::circuit::VisibleMode;
use super::{block::Block, limits::confine_metered, stages::FirstStage, step::Place};
use crate::activation::ActivationScalar;

impl<R: ActivationScalar> Block<'_, R> {
    /// stage = state + p1·drift.
    pub(super) fn first_stage(&mut self, m: usize) {
        for part in 0..self.circuit.widths.len() {
            let n = m * self.circuit.widths[part];
            self.circuit.level.run(FirstStage {
                state: &self.state[part][..n],
                drift: &self.drift[part][..n],
                p1: &self.coefficients[part].p1,
                stage: &mut self.stage[part][..n],
            });
        }
        confine_metered(self.circuit, m, &mut self.stage, &mut self.meter);
    }

    /// Adds `weight` times the present currents to the charges of the step.
    pub(super) fn charge(&mut self, m: usize, weight: f64, at: Place) {
        let state = match at {
            Place::State => &self.state,
            Place::Stage => &self.stage,
        };
        self.meter.charge(
            self.circuit,
            &self.instant,
            (state, &self.force),
            weight,
            &mut self.work[..m],
        );
    }

    /// One step's thermal noise, added to the state or to the stage.
    pub(super) fn add_noise(&mut self, m: usize, to: Place) {
        let Some(noise) = &mut self.noise else { return };
        if self.theta == 0.0 {
            return;
        }
        let state = match to {
            Place::State => &mut self.state,
            Place::Stage => &mut self.stage,
        };
        noise.draw_shared(self.circuit);
        let fixed = self.instant.fixed();
        let before = (!fixed.is_empty()).then(|| state[0].clone());
        for part in 0..self.circuit.nodes() {
            if part == 0 && self.circuit.mode == VisibleMode::Clamped {
                continue;
            }
            noise.add_thermal(
                self.circuit,
                part,
                &self.coefficients[part],
                &self.instant.slope[part],
                &mut state[part],
                self.meter.noise(part),
            );
        }
        // The source of a held node takes its noise.
        for (i, &x) in before.iter().flatten().enumerate() {
            if fixed.get(i) == Some(&true) {
                state[0][i] = x;
                self.meter.noise(0)[i] = R::ZERO;
            }
        }
        confine_metered(self.circuit, m, state, &mut self.meter);
    }
}
