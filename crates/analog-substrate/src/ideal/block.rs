//! What a few samples take while they are relaxed together. Shared by the plain and the accelerated solver, and by
//! free phases (absolute states) and nudged ones (deviations from the free phase).

use super::{anderson::Anderson, network::Network, settled::Record};
use crate::{
    activation::ActivationScalar,
    kernels::{Real, SimdLevel, padded},
};
use std::borrow::Cow;

/// Samples that are relaxed together: enough rows for the products to run at full speed, few enough
/// for everything that a block touches to stay in the second-level cache.
pub(super) const BLOCK: usize = 32;

/// How a relaxation proceeds, and when it ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct SweepPlan {
    pub(super) level: SimdLevel,
    pub(super) accelerate: bool,
    pub(super) max_sweeps: u32,
    /// See [`NewtonLimit`](crate::activation::NewtonLimit).
    pub(super) caution: f64,
}

/// What one sample brings to a relaxation and takes from it. Rows are padded.
pub(super) struct Task<'a, R> {
    /// Constant force on the visible nodes.
    pub(super) force: &'a [R],
    /// 1/(1 + λ + κ); 0 holds x where the record has it.
    pub(super) compliance: R,
    /// Which visible nodes stay where the record has them, `[n_0]`; none: no single one.
    pub(super) held: Option<&'a [bool]>,
    /// Residual at which it is settled.
    pub(super) tolerance: f64,
    /// The free phase to deviate from.
    pub(super) reference: Option<&'a [R]>,
    /// Start on entry, result on return.
    pub(super) record: &'a mut [R],
    pub(super) residual: &'a mut f64,
    pub(super) iterations: &'a mut u32,
    pub(super) settled: &'a mut bool,
}

impl<R: Real> Task<'_, R> {
    /// States of the visible nodes with zeros for those that are held.
    pub(super) fn moving<'x>(&self, x: &'x [R]) -> Cow<'x, [R]> {
        let Some(held) = self.held else {
            return Cow::Borrowed(x);
        };
        let mut moving = x.to_vec();
        let nodes = moving.iter_mut().zip(held);
        nodes.for_each(|(x, &held)| *x = if held { R::ZERO } else { *x });
        Cow::Owned(moving)
    }
}

/// Buffers for a block of samples; allocated once per thread and reused.
pub(super) struct Block<R> {
    pub(super) sizes: Vec<usize>,
    /// Per layer `[BLOCK, padded n_l]`: state, output, slope, bend, input, Newton step.
    pub(super) h: Vec<Vec<R>>,
    pub(super) a: Vec<Vec<R>>,
    pub(super) a1: Vec<Vec<R>>,
    pub(super) a2: Vec<Vec<R>>,
    pub(super) z: Vec<Vec<R>>,
    pub(super) step: Vec<Vec<R>>,
    pub(super) force: Vec<R>,
    /// `[BLOCK, record width]`.
    pub(super) reference: Vec<R>,
    pub(super) residual: Vec<f64>,
    pub(super) anderson: Anderson<R>,
    /// Odd layers of one sample in a row, and their steps.
    pub(super) odd_h: Vec<R>,
    pub(super) odd_step: Vec<R>,
}

impl<R: ActivationScalar> Block<R> {
    pub(super) fn new(network: &Network<R>, record: &Record) -> Self {
        let sizes: Vec<usize> = network.layers.sizes().iter().map(|&n| padded(n)).collect();
        let buffers = || {
            sizes
                .iter()
                .map(|n| vec![R::ZERO; BLOCK * n])
                .collect::<Vec<_>>()
        };
        let odd = sizes.iter().skip(1).step_by(2).sum();
        Self {
            h: buffers(),
            a: buffers(),
            a1: buffers(),
            a2: buffers(),
            z: buffers(),
            step: buffers(),
            force: vec![R::ZERO; BLOCK * sizes[0]],
            reference: vec![R::ZERO; BLOCK * record.width],
            residual: vec![0.0; BLOCK],
            anderson: Anderson::new(BLOCK, odd),
            odd_h: vec![R::ZERO; odd],
            odd_step: vec![R::ZERO; odd],
            sizes,
        }
    }

    pub(super) fn load(&mut self, record: &Record, tasks: &[Task<'_, R>]) {
        self.anderson.reset();
        self.residual.fill(f64::INFINITY);
        for (row, task) in tasks.iter().enumerate() {
            for (l, &n) in self.sizes.iter().enumerate() {
                self.h[l][row * n..][..n].copy_from_slice(&task.record[record.state(l)]);
            }
            let n = self.sizes[0];
            self.force[row * n..][..n].copy_from_slice(task.force);
            if let Some(reference) = task.reference {
                self.reference[row * record.width..][..record.width].copy_from_slice(reference);
            }
        }
    }

    pub(super) fn store(&self, record: &Record, row: usize, target: &mut [R]) {
        for (l, &n) in self.sizes.iter().enumerate() {
            let rows = row * n..(row + 1) * n;
            target[record.state(l)].copy_from_slice(&self.h[l][rows.clone()]);
            if l > 0 {
                target[record.output(l)].copy_from_slice(&self.a[l][rows.clone()]);
                target[record.slope(l)].copy_from_slice(&self.a1[l][rows.clone()]);
                target[record.input(l)].copy_from_slice(&self.z[l][rows]);
            }
        }
    }

    /// Moves what a sample keeps between sweeps from one row to another.
    pub(super) fn move_row(&mut self, record: &Record, from: usize, to: usize) {
        for (l, &n) in self.sizes.iter().enumerate() {
            self.h[l].copy_within(from * n..(from + 1) * n, to * n);
        }
        let n = self.sizes[0];
        self.force.copy_within(from * n..(from + 1) * n, to * n);
        let width = record.width;
        self.reference
            .copy_within(from * width..(from + 1) * width, to * width);
        self.residual[to] = self.residual[from];
        self.anderson.move_row(from, to);
    }
}
