//! The paper's solver: s ← s − ε∇S, all layers at once, a fixed number of steps. Nodes that follow
//! their input take the Euler steps of their circuit, h ← h + ε(z − h).

use super::{
    network::{Network, broadcast},
    scratch::Scratch,
    settled::{Outcome, Record},
    solver::Phase,
};
use crate::{
    activation::{ActivationScalar, Curve, EvaluateSlopes},
    kernels::{
        Real, SimdLevel, padded,
        simd::{Isa, Kernel},
    },
};
use ndarray::{Array2, ArrayView2, ArrayViewMut2, s};
use rayon::prelude::*;
use std::ops::Range;

/// Samples per block; the same reasons as for the block solver.
pub(super) const BLOCK: usize = 32;

/// The solver and its settings.
#[derive(Clone, Debug)]
pub(crate) struct Explicit<R: Real> {
    pub(super) steps: u32,
    /// ε.
    pub(super) step_size: f64,
    pub(super) blocks: Scratch<Block<R>>,
}

impl<R: ActivationScalar> Explicit<R> {
    /// No steps: what a state is worth where it is.
    pub(super) fn still() -> Self {
        Self {
            steps: 0,
            step_size: 0.0,
            blocks: Scratch::default(),
        }
    }

    /// Takes all steps on all records, in place.
    pub(super) fn relax(
        &self,
        phase: &Phase<'_, R>,
        records: &mut Array2<R>,
        outcome: &mut Outcome,
    ) {
        let plan = ExplicitPlan {
            steps: self.steps,
            step_size: R::from_f64(self.step_size),
            ..ExplicitPlan::of(phase)
        };
        let (width, force_width) = (phase.record.width, padded(phase.network.layers.visible()));
        let records = records.as_slice_mut().expect("records are contiguous");
        records
            .par_chunks_mut(BLOCK * width)
            .zip(phase.force.par_chunks(BLOCK * force_width))
            .zip(outcome.residuals.par_chunks_mut(BLOCK))
            .enumerate()
            .with_max_len(1)
            .for_each(|(block, ((records, force), residuals))| {
                let first = block * BLOCK;
                self.blocks.with(
                    || Block::new(phase.network),
                    |block| {
                        block.hold(phase, first..first + residuals.len());
                        let rows = (records, residuals);
                        block.relax(phase.network, phase.record, plan, force, rows);
                    },
                );
            });
        outcome.iterations.fill(self.steps);
        for (row, settled) in outcome.settled.iter_mut().enumerate() {
            *settled = outcome.residuals[row] <= phase.tolerance(row);
        }
    }
}

/// ε, the number of steps, and what confines and draws the nodes.
#[derive(Clone, Copy, Debug)]
pub(super) struct ExplicitPlan<R> {
    pub(super) level: SimdLevel,
    pub(super) curve: Curve<R>,
    pub(super) steps: u32,
    pub(super) step_size: R,
    /// Whether hidden nodes rest at h = z (hopfield, resistive), not at h = a′(h)z (gradient).
    pub(super) following: bool,
    /// 1 + λ + κ; none holds x.
    pub(super) stiffness: Option<R>,
}

impl<R: Real> ExplicitPlan<R> {
    /// No steps in a phase.
    fn of(phase: &Phase<'_, R>) -> Self {
        Self {
            level: phase.level,
            curve: phase.nodes.curve,
            steps: 0,
            step_size: R::ZERO,
            following: phase.nodes.following.is_some(),
            stiffness: phase.stiffness.map(R::from_f64),
        }
    }

    /// The interval to which hidden states are confined.
    fn range(&self) -> Option<(R, R)> {
        self.curve.range().filter(|_| !self.following)
    }
}

impl<R: ActivationScalar> Phase<'_, R> {
    /// The force on every node, the shape of `state`: −∂S/∂s of visible nodes and gradient cells, the current z − h out of
    /// balance of others; zero on a clamped x, and of a state on the edge of its range
    /// the part that it can follow. To go along it is how the circuit moves, in units of τ.
    ///
    /// # Panics
    /// If `state` does not have the shape of the batch.
    pub fn force(&self, state: &[Array2<R>]) -> Vec<Array2<R>> {
        let mut forces: Vec<_> = state.iter().map(|s| Array2::zeros(s.raw_dim())).collect();
        let mut block = Block::new(self.network);
        let batch = state.first().map_or(0, Array2::nrows);
        for first in (0..batch).step_by(BLOCK) {
            let rows = first..batch.min(first + BLOCK);
            let part: Vec<ArrayView2<'_, R>> = state
                .iter()
                .map(|layer| layer.slice(s![rows.clone(), ..]))
                .collect();
            let mut forces: Vec<_> = forces
                .iter_mut()
                .map(|layer| layer.slice_mut(s![rows.clone(), ..]))
                .collect();
            block.force(self, first, &part, &mut forces);
        }
        forces
    }
}

/// Buffers for a block of samples.
pub(super) struct Block<R> {
    sizes: Vec<usize>,
    /// Per layer `[BLOCK, padded n_l]`.
    h: Vec<Vec<R>>,
    a: Vec<Vec<R>>,
    a1: Vec<Vec<R>>,
    z: Vec<Vec<R>>,
    /// Visible nodes that do not move, `[BLOCK, padded n_0]`; empty where there are none.
    held: Vec<bool>,
}

impl<R: ActivationScalar> Block<R> {
    pub(super) fn new(network: &Network<R>) -> Self {
        let sizes: Vec<usize> = network.layers.sizes().iter().map(|&n| padded(n)).collect();
        let buffers = || {
            sizes
                .iter()
                .map(|n| vec![R::ZERO; BLOCK * n])
                .collect::<Vec<_>>()
        };
        Self {
            h: buffers(),
            a: buffers(),
            a1: buffers(),
            z: buffers(),
            held: Vec::new(),
            sizes,
        }
    }

    /// Holds the visible nodes that a phase holds in the samples `rows`.
    fn hold(&mut self, phase: &Phase<'_, R>, rows: Range<usize>) {
        self.held.clear();
        let Some(held) = phase.held else { return };
        for row in held.slice(s![rows, ..]).rows() {
            let end = self.held.len() + self.sizes[0];
            self.held.extend(row);
            self.held.resize(end, false);
        }
    }

    /// Takes all steps on the records of up to [`BLOCK`] samples; `force` `[m, padded n_0]` is the
    /// constant force on x. Writes the residual that is left of each sample.
    pub(super) fn relax(
        &mut self,
        network: &Network<R>,
        record: &Record,
        plan: ExplicitPlan<R>,
        force: &[R],
        (records, residuals): (&mut [R], &mut [f64]),
    ) {
        let m = residuals.len();
        for (row, values) in records.chunks_exact(record.width).enumerate() {
            for (l, &n) in self.sizes.iter().enumerate() {
                self.h[l][row * n..][..n].copy_from_slice(&values[record.state(l)]);
            }
        }
        for _ in 0..plan.steps {
            self.evaluate(network, plan, force, m);
            self.descend(plan, m);
        }
        self.evaluate(network, plan, force, m);
        for (row, values) in records.chunks_exact_mut(record.width).enumerate() {
            residuals[row] = self.residual(plan, row);
            for (l, &n) in self.sizes.iter().enumerate() {
                let rows = row * n..(row + 1) * n;
                values[record.state(l)].copy_from_slice(&self.h[l][rows.clone()]);
                if l > 0 {
                    values[record.output(l)].copy_from_slice(&self.a[l][rows.clone()]);
                    values[record.slope(l)].copy_from_slice(&self.a1[l][rows.clone()]);
                    values[record.input(l)].copy_from_slice(&self.z[l][rows]);
                }
            }
        }
    }

    /// Writes the forces on the samples from number `first` of the batch on: up to [`BLOCK`] rows of `state`.
    pub(super) fn force(
        &mut self,
        phase: &Phase<'_, R>,
        first: usize,
        state: &[ArrayView2<'_, R>],
        forces: &mut [ArrayViewMut2<'_, R>],
    ) {
        let m = state[0].nrows();
        self.hold(phase, first..first + m);
        for (l, layer) in state.iter().enumerate() {
            for (row, values) in layer.rows().into_iter().enumerate() {
                let to = self.h[l][row * self.sizes[l]..].iter_mut();
                to.zip(values).for_each(|(to, &from)| *to = from);
            }
        }
        let plan = ExplicitPlan::of(phase);
        let force = &phase.force[first * self.sizes[0]..];
        self.evaluate(phase.network, plan, force, m);
        for (l, layer) in forces.iter_mut().enumerate() {
            for (row, mut values) in layer.rows_mut().into_iter().enumerate() {
                let start = row * self.sizes[l];
                let nodes = values.iter_mut().enumerate();
                nodes.for_each(|(i, value)| *value = self.node_force(plan, l, start + i));
            }
        }
    }

    /// Outputs, slopes and inputs of every layer at the present state.
    fn evaluate(&mut self, network: &Network<R>, plan: ExplicitPlan<R>, force: &[R], m: usize) {
        let rows = m * self.sizes[0];
        self.a[0][..rows].copy_from_slice(&self.h[0][..rows]);
        for l in 1..self.sizes.len() {
            let rows = ..m * self.sizes[l];
            EvaluateSlopes {
                h: &self.h[l][rows],
                a: &mut self.a[l][rows],
                a1: &mut self.a1[l][rows],
            }
            .apply(plan.level, plan.curve);
        }
        for l in 0..self.sizes.len() {
            if l == 0 {
                self.z[0][..rows].copy_from_slice(&force[..rows]);
            } else {
                broadcast(m, network.bias(l), &mut self.z[l]);
            }
            network.add_inputs(l, m, &self.a, &mut self.z[l]);
        }
        if let Some(leak) = network.leak() {
            let rows = self.z[0][..rows].chunks_exact_mut(self.sizes[0]);
            for (z, x) in rows.zip(self.h[0].chunks_exact(self.sizes[0])) {
                let nodes = z.iter_mut().zip(x).zip(leak);
                nodes.for_each(|((z, &x), &k)| *z -= k * x);
            }
        }
    }

    fn descend(&mut self, plan: ExplicitPlan<R>, m: usize) {
        for l in 0..self.sizes.len() {
            let rows = ..m * self.sizes[l];
            let (h, z) = (&mut self.h[l][rows], &self.z[l][rows]);
            if l > 0 && plan.following {
                plan.level.run(DescendLinear {
                    x: h,
                    z,
                    stiffness: R::ONE,
                    step_size: plan.step_size,
                });
            } else if l > 0 {
                plan.level.run(Descend {
                    h,
                    z,
                    a1: &self.a1[l][rows],
                    plan,
                });
            } else if let Some(stiffness) = plan.stiffness {
                let before = (!self.held.is_empty()).then(|| h.to_vec());
                plan.level.run(DescendLinear {
                    x: &mut *h,
                    z,
                    stiffness,
                    step_size: plan.step_size,
                });
                for (i, &x) in before.iter().flatten().enumerate() {
                    if self.held[i] {
                        h[i] = x;
                    }
                }
            }
        }
    }

    /// The force on element `i` of layer `l`: of a confined state, the part that it can follow.
    fn node_force(&self, plan: ExplicitPlan<R>, l: usize, i: usize) -> R {
        let force = match (l, plan.stiffness) {
            (0, None) => R::ZERO,
            (0, _) if self.held.get(i) == Some(&true) => R::ZERO,
            (0, Some(stiffness)) => self.z[0][i] - stiffness * self.h[0][i],
            _ if plan.following => self.z[l][i] - self.h[l][i],
            _ => self.a1[l][i] * self.z[l][i] - self.h[l][i],
        };
        match plan.range() {
            Some((low, high)) if l > 0 => {
                let h = self.h[l][i];
                (h + force).larger(low).smaller(high) - h
            }
            _ => force,
        }
    }

    /// As [`Energy::residual`](crate::Energy::residual).
    fn residual(&self, plan: ExplicitPlan<R>, row: usize) -> f64 {
        let mut worst = R::ZERO;
        for (l, &n) in self.sizes.iter().enumerate() {
            for i in row * n..(row + 1) * n {
                worst = worst.larger(self.node_force(plan, l, i).abs());
            }
        }
        worst.to_f64()
    }
}

/// h ← h − ε(h − a′z), confined.
struct Descend<'a, R> {
    h: &'a mut [R],
    z: &'a [R],
    a1: &'a [R],
    plan: ExplicitPlan<R>,
}

impl<R: Real> Kernel for Descend<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let n = self.h.len();
        let (h, z, a1) = (self.h, &self.z[..n], &self.a1[..n]);
        for i in 0..n {
            let force = a1[i].fma::<I>(z[i], -h[i]);
            h[i] = self.plan.step_size.fma::<I>(force, h[i]);
        }
        if let Some((low, high)) = self.plan.range() {
            for h in h {
                *h = h.larger(low).smaller(high);
            }
        }
    }
}

/// x ← x − ε((1 + λ + κ)x − z), or a hidden layer that follows its input, with stiffness 1.
struct DescendLinear<'a, R> {
    x: &'a mut [R],
    z: &'a [R],
    stiffness: R,
    step_size: R,
}

impl<R: Real> Kernel for DescendLinear<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let n = self.x.len();
        let (x, z) = (self.x, &self.z[..n]);
        for i in 0..n {
            let force = (-self.stiffness).fma::<I>(x[i], z[i]);
            x[i] = self.step_size.fma::<I>(force, x[i]);
        }
    }
}
