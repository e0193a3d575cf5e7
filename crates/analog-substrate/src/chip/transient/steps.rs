//! One step of a block: exponential, Runge–Kutta, Euler, and their noise.

use super::{
    super::circuit::VisibleMode,
    Drives,
    block::Block,
    limits::{confine, confine_metered},
    stages::{Accumulate, AddScaled, FirstStage, SecondStage},
};
use crate::{activation::ActivationScalar, chip::Integrator};

/// Nodes and weights of the classical Runge–Kutta method of order 4 (Kutta 1901).
const RK4: [(f64, f64); 4] = [
    (0.0, 1.0 / 6.0),
    (0.5, 1.0 / 3.0),
    (0.5, 1.0 / 3.0),
    (1.0, 1.0 / 6.0),
];

impl<R: ActivationScalar> Block<'_, R> {
    /// One step from a state whose drift is known.
    pub(super) fn advance(&mut self, drives: &Drives<'_, R>, rows: &[usize], steps: f64) {
        let m = rows.len();
        self.meter.open(
            self.circuit,
            &self.instant,
            (m, &self.state, &self.drift),
            &self.force,
        );
        match self.schedule.integrator {
            Integrator::Etd2 => self.exponential_step(drives, rows, steps),
            Integrator::Euler => {
                self.charge(m, self.step, false);
                self.first_stage(m);
                std::mem::swap(&mut self.state, &mut self.stage);
            }
            Integrator::Rk4 => self.runge_kutta_step(drives, rows, steps),
            Integrator::Adaptive => unreachable!("adaptive steps belong to single samples"),
        }
        if self.schedule.integrator != Integrator::Etd2 {
            self.add_noise(m, false);
        }
        if let Some(noise) = &mut self.noise {
            noise.advance(self.circuit);
        }
    }

    fn exponential_step(&mut self, drives: &Drives<'_, R>, rows: &[usize], steps: f64) {
        let m = rows.len();
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
        self.charge(m, 0.5 * self.step, false);
        self.first_stage(m);
        // Noise enters before the stage is evaluated, so that the couplings respond to half of it
        // within the step: the stationary covariance is then of second order in the step.
        self.add_noise(m, true);
        self.set_force(drives, rows, steps + 1.0);
        self.evaluate_stage(drives, m);
        self.charge(m, 0.5 * self.step, true);
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

    /// stage = state + p1·drift.
    fn first_stage(&mut self, m: usize) {
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

    fn runge_kutta_step(&mut self, drives: &Drives<'_, R>, rows: &[usize], steps: f64) {
        let m = rows.len();
        for (index, &(node, weight)) in RK4.iter().enumerate() {
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
                self.set_force(drives, rows, steps + node);
                self.evaluate_stage(drives, m);
            }
            self.charge(m, weight * self.step, index > 0);
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

    /// Adds `weight` times the present currents to the charges of the step.
    fn charge(&mut self, m: usize, weight: f64, at_stage: bool) {
        let state = if at_stage { &self.stage } else { &self.state };
        self.meter.charge(
            self.circuit,
            &self.instant,
            (state, &self.force),
            weight,
            &mut self.work[..m],
        );
    }

    /// One step's thermal noise, added to the state or to the stage.
    fn add_noise(&mut self, m: usize, to_stage: bool) {
        let Some(noise) = &mut self.noise else { return };
        if self.theta == 0.0 {
            return;
        }
        let state = if to_stage {
            &mut self.stage
        } else {
            &mut self.state
        };
        noise.draw_shared(self.circuit);
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
        confine_metered(self.circuit, m, state, &mut self.meter);
    }
}
