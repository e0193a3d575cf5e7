//! The ideal network as a substrate.

use super::{Ideal, IdealError, IdealScalar, Phase, Settled, Tolerance, network::Network, zeros};
use crate::{
    Contrast, Couplings, Drive, Energy, Layers, Nudge, NudgeKind, Readings, Substrate, Topology,
    Visible,
    kernels::{Real, padded},
};
use ndarray::{Array1, Array2, Zip};
use rayon::prelude::*;
use std::sync::Arc;

impl<R: IdealScalar> Substrate for Ideal<R> {
    type Scalar = R;
    type Settled = Settled<R>;
    type Error = IdealError;
    type Memory = ();

    fn memory(&self) {}

    fn recall(&mut self, (): ()) -> Result<(), IdealError> {
        Ok(())
    }

    fn layers(&self) -> &Layers {
        self.topology.layers()
    }

    fn topology(&self) -> Topology {
        self.topology.clone()
    }

    fn program(&mut self, couplings: &Couplings<R>) -> Result<(), IdealError> {
        if couplings.layers() != self.layers() {
            return Err(IdealError::Layers {
                expected: self.layers().sizes().to_vec(),
                found: couplings.layers().sizes().to_vec(),
            });
        }
        let pairs = 0..self.layers().hidden();
        let differs =
            |&l: &usize| self.topology.connection(l) != couplings.topology().connection(l);
        if let Some(l) = pairs.into_iter().find(differs) {
            return Err(IdealError::Coupling {
                coupling: l,
                expected: format!("{:?}", self.topology.connection(l).coupling()),
                found: format!("{:?}", couplings.topology().connection(l).coupling()),
            });
        }
        let leaks = self.topology.has_visible_leak();
        if couplings.topology().has_visible_leak() != leaks {
            return Err(IdealError::VisibleLeak { expected: leaks });
        }
        if let Some(column) = couplings.flat().iter().position(|value| !value.is_finite()) {
            return Err(IdealError::NotFinite {
                what: "the couplings",
                row: 0,
                column,
            });
        }
        self.couplings = couplings.clone();
        self.network = Network::new(couplings, self.level);
        Ok(())
    }

    fn settle(
        &self,
        drive: &Drive<'_, R>,
        from: Option<&Settled<R>>,
    ) -> Result<Settled<R>, IdealError> {
        let batch = drive.anchor.nrows();
        self.check("the anchor", drive.anchor, batch)?;
        let stiffness = match drive.visible {
            Visible::Spring { stiffness } => Some(1.0 + stiffness),
            Visible::Clamped => None,
        };
        if let Some(stiffness) = stiffness.filter(|&stiffness| stiffness <= 0.0) {
            return Err(IdealError::Unstable { stiffness });
        }
        let held = Self::held(drive)?;
        let mut records = zeros(batch, self.record.width);
        for l in 1..self.topology.layers().sizes().len() {
            let Some(from) = from else { break };
            let mut states = records.slice_mut(ndarray::s![.., self.record.state(l)]);
            states
                .slice_mut(ndarray::s![.., ..self.topology.layers().size(l)])
                .assign(&from.state(l));
        }
        Zip::from(records.slice_mut(ndarray::s![.., ..self.topology.layers().visible()]))
            .and(&drive.anchor)
            .par_for_each(|record, &x| *record = x);
        let force = self.free_force(drive.anchor, drive.visible);
        let tolerance = Tolerance::All(self.relaxation.tolerance);
        let phase = Phase {
            stiffness,
            held: held.as_deref(),
            ..self.phase(&force, tolerance)
        };
        let outcome = R::relax(&self.method, &phase, &mut records)?;
        Ok(Settled {
            record: Arc::clone(&self.record),
            values: Arc::new(records),
            reference: None,
            anchor: Arc::new(drive.anchor.to_owned()),
            visible: drive.visible,
            held,
            outcome,
        })
    }

    fn nudge(
        &self,
        free: &Settled<R>,
        nudge: &Nudge<'_, R>,
        opposite: Option<&Settled<R>>,
    ) -> Result<Settled<R>, IdealError> {
        self.check("the nudge", nudge.pattern, free.batch())?;
        let Visible::Spring { stiffness: spring } = free.visible else {
            return Err(IdealError::Clamped);
        };
        let added = if nudge.kind == NudgeKind::Quadratic {
            nudge.strength
        } else {
            0.0
        };
        let stiffness = 1.0 + spring + added;
        if stiffness <= 0.0 {
            return Err(IdealError::Unstable { stiffness });
        }
        let deviating = self.method.deviates();
        let mut force = self.nudge_force(free, nudge, deviating);
        let width = padded(self.topology.layers().visible());
        let tolerances: Vec<f64>;
        let (tolerance, mut records) = if deviating {
            tolerances = force
                .par_chunks_exact(width)
                .map(|row| row.iter().fold(R::ZERO, |worst, f| worst.larger(f.abs())))
                .map(|largest| self.relaxation.nudged_tolerance * largest.to_f64())
                .collect();
            let mirrored = opposite.filter(|opposite| opposite.reference.is_some());
            let records = match mirrored {
                Some(opposite) => Zip::from(&*opposite.values).par_map_collect(|&value| -value),
                None => zeros(free.batch(), self.record.width),
            };
            (Tolerance::Each(&tolerances), records)
        } else {
            let free_force = self.free_force(free.anchor.view(), free.visible);
            force
                .iter_mut()
                .zip(&free_force)
                .for_each(|(f, &free)| *f += free);
            (
                Tolerance::All(self.relaxation.tolerance),
                free.values.as_ref().clone(),
            )
        };
        let reference = deviating.then(|| Arc::clone(&free.values));
        let phase = Phase {
            stiffness: Some(stiffness),
            held: free.held.as_deref(),
            reference: reference.as_deref(),
            ..self.phase(&force, tolerance)
        };
        let outcome = R::relax(&self.method, &phase, &mut records)?;
        Ok(Settled {
            record: Arc::clone(&self.record),
            values: Arc::new(records),
            reference,
            anchor: Arc::clone(&free.anchor),
            visible: free.visible,
            held: free.held.clone(),
            outcome,
        })
    }

    fn measure(&self, settled: &Settled<R>) -> Readings<R> {
        let outputs: Vec<_> = (0..self.topology.layers().sizes().len())
            .map(|l| settled.output(l))
            .collect();
        Readings {
            outputs,
            current: self.current(settled),
        }
    }

    fn current(&self, settled: &Settled<R>) -> Array2<R> {
        let mut x = settled.output(0);
        let Visible::Spring { stiffness } = settled.visible else {
            return self.clamp_current(&x, &settled.output(1));
        };
        let stiffness = R::from_f64(stiffness);
        Zip::from(&mut x)
            .and(&*settled.anchor)
            .par_for_each(|x, &anchor| *x = (*x - anchor) * stiffness);
        if let Some(held) = &settled.held {
            let drawn = self.clamp_current(&settled.output(0), &settled.output(1));
            let nodes = Zip::from(&mut x).and(&**held).and(&drawn);
            nodes.for_each(|x, &held, &drawn| *x = if held { drawn } else { *x });
        }
        x
    }

    /// By the formula, in double precision: energies are sums over hundreds of nodes of which differences count.
    fn energy(&self, settled: &Settled<R>) -> Option<Array1<f64>> {
        let layers = 0..self.topology.layers().sizes().len();
        let states: Vec<Array2<f64>> = layers
            .map(|l| settled.state(l).mapv(Real::to_f64))
            .collect();
        let couplings = self.couplings.cast::<f64>();
        let energy = Energy::new(&couplings, self.activation).with_cell(self.cell);
        Some(energy.internal(&states))
    }

    fn contrast(&self, first: &Settled<R>, second: &Settled<R>) -> Contrast<R> {
        let half = R::from_f64(0.5);
        let layers = 0..self.topology.layers().sizes().len();
        let (mean, difference) = layers
            .map(|l| {
                let (a, b) = (first.output(l), second.output(l));
                let mut difference = Array2::zeros(a.raw_dim());
                let zip = Zip::from(&mut difference);
                match (first.output_deviation(l), second.output_deviation(l)) {
                    (Some(da), Some(db)) => {
                        zip.and(da).and(db).par_for_each(|d, &a, &b| *d = a - b);
                    }
                    (Some(da), None) => zip.and(da).par_for_each(|d, &a| *d = a),
                    (None, Some(db)) => zip.and(db).par_for_each(|d, &b| *d = -b),
                    (None, None) => zip.and(&a).and(&b).par_for_each(|d, &a, &b| *d = a - b),
                }
                let mut mean = a;
                Zip::from(&mut mean)
                    .and(&b)
                    .par_for_each(|a, &b| *a = half * (*a + b));
                (mean, difference)
            })
            .unzip();
        Contrast { mean, difference }
    }

    /// States that are not deviations are subtracted: a unit in the last place at the activation's clamp (or at 10).
    /// Deviations are computed as such and have no floor.
    fn resolution(&self) -> f64 {
        if self.method.deviates() {
            return 0.0;
        }
        R::EPSILON.to_f64() * self.activation.clamp.unwrap_or(10.0)
    }

    fn residuals<'s>(&self, settled: &'s Settled<R>) -> &'s [f64] {
        &settled.outcome.residuals
    }

    fn iterations<'s>(&self, settled: &'s Settled<R>) -> &'s [u32] {
        &settled.outcome.iterations
    }

    fn is_settled<'s>(&self, settled: &'s Settled<R>) -> &'s [bool] {
        &settled.outcome.settled
    }
}
