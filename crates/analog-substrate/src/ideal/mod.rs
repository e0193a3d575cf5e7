//! The ideal substrate: exact couplings, exact equilibria, no time and no noise.
//!
//! Three solvers of ∇S = 0, all per sample and independent of the batch:
//! - *explicit*: the paper's s ← s − ε∇S for a fixed number of steps;
//! - *block*: x in closed form, layers alternately solved: gradient cells by safeguarded Newton
//!   steps, cells that rest at h = z by going there, which is exact where a′ ≥ 0;
//! - *Anderson*: the same sweeps, accelerated ([`anderson`](self)).
//!
//! The last two relax nudged phases as *deviations* from the free phase, so that the difference of
//! two phases is never the difference of two large numbers: in single precision a nudge may be as
//! small as one pleases. Another solver is given to a network as a [`Solver`].

mod anderson;
mod block;
mod descent;
mod explicit;
pub(crate) mod method;
pub(crate) mod network;
mod scratch;
mod settings;
pub(crate) mod settled;
mod solver;
mod substrate;
mod sweep;
mod sweeps;

use crate::{
    Activation, Cell, Couplings, Drive, Nudge, NudgeKind, Topology, Visible,
    activation::{ActivationScalar, Curve, Lagrangian},
    coupling::CouplingScalar,
    kernels::{Real, SimdLevel, first_not_finite, padded},
};
use method::Method;
use ndarray::{Array2, ArrayView2, Axis};
use network::Network;
use rayon::prelude::*;
pub(crate) use settings::leaks_differ;
pub use settings::{IdealError, Relaxation, SolverKind};
pub use settled::Settled;
use settled::{Outcome, Record};
use solver::Tolerance;
pub use solver::{Phase, Solver};
use std::sync::Arc;
use sweep::Nodes;

/// A scalar type whose equilibria this crate has compiled: f32 or f64. What calls it may be compiled again by every
/// crate that chooses the scalar, these loops are not.
#[expect(
    private_interfaces,
    reason = "this crate alone calls and implements it"
)]
pub trait IdealScalar: ActivationScalar + CouplingScalar {
    /// Relaxes the records of an ideal network in place.
    ///
    /// # Errors
    /// Where a solver from outside returns something else than states.
    fn relax(
        method: &Method<Self>,
        phase: &Phase<'_, Self>,
        records: &mut Array2<Self>,
    ) -> Result<Outcome, IdealError>;
}

macro_rules! compiled {
    ($($scalar:ty),*) => {$(
        #[expect(private_interfaces, reason = "as the trait")]
        impl IdealScalar for $scalar {
            fn relax(
                method: &Method<Self>,
                phase: &Phase<'_, Self>,
                records: &mut Array2<Self>,
            ) -> Result<Outcome, IdealError> {
                method.relax(phase, records)
            }
        }
    )*};
}

compiled!(f32, f64);

/// A network without time, noise or devices: [`Substrate::settle`](crate::Substrate::settle) finds its equilibria.
///
/// ```
/// use analog_substrate::{
///     ActivationKind, Activation, Couplings, Drive, Ideal, Layers, Relaxation, Substrate as _, Visible,
/// };
/// use ndarray::array;
///
/// let layers = Layers::new(vec![1, 1])?;
/// let identity = Activation { kind: ActivationKind::Identity, clamp: None };
/// let mut network = Ideal::<f64>::new(layers.clone(), identity, Relaxation::default());
/// let mut couplings = Couplings::zeros(layers);
/// couplings.weight_mut(0)[(0, 0)] = 0.5;
/// network.program(&couplings)?;
///
/// // x + λ(x − 1) = h/2 and h = x/2 at rest: x = λ/(λ + 3/4).
/// let anchor = array![[1.0]];
/// let drive = Drive { anchor: anchor.view(), visible: Visible::Spring { stiffness: 3.0 }, held: None };
/// let rest = network.settle(&drive, None)?;
/// assert!((network.measure(&rest).outputs[0][(0, 0)] - 3.0 / 3.75).abs() < 1e-4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Ideal<R: Real> {
    topology: Topology,
    activation: Activation,
    curve: Curve<R>,
    cell: Cell,
    /// Λ of hopfield and resistive cells.
    lagrangian: Option<Arc<Lagrangian>>,
    relaxation: Relaxation,
    method: Method<R>,
    level: SimdLevel,
    record: Arc<Record>,
    couplings: Couplings<R>,
    network: Network<R>,
}

impl<R: IdealScalar> Ideal<R> {
    /// An unprogrammed network (all couplings zero) of gradient cells: of [`Layers`](crate::Layers) that are coupled densely, or of a
    /// [`Topology`].
    pub fn new(
        topology: impl Into<Topology>,
        activation: Activation,
        relaxation: Relaxation,
    ) -> Self {
        let level = SimdLevel::detect();
        let topology = topology.into();
        let couplings = Couplings::zeros(topology.clone());
        Self {
            record: Arc::new(Record::new(topology.layers())),
            network: Network::new(&couplings, level),
            couplings,
            topology,
            activation,
            curve: Curve::new(activation),
            cell: Cell::Gradient,
            lagrangian: None,
            method: Method::new(&relaxation),
            relaxation,
            level,
        }
    }

    /// The same network made of other cells.
    ///
    /// # Errors
    /// [`IdealError::Cell`] where the cell cannot have the network's activation.
    pub fn with_cell(mut self, cell: Cell) -> Result<Self, IdealError> {
        cell.check(self.activation)?;
        self.lagrangian = match cell {
            Cell::Gradient => None,
            Cell::Hopfield | Cell::Resistive => {
                Some(Arc::new(Lagrangian::new::<R>(self.activation)))
            }
        };
        self.cell = cell;
        Ok(self)
    }

    /// The same network computed with another instruction set.
    #[must_use]
    pub fn with_simd_level(mut self, couplings: &Couplings<R>, level: SimdLevel) -> Self {
        self.level = level;
        self.couplings = couplings.clone();
        self.network = Network::new(couplings, level);
        self
    }

    /// The same network, relaxed otherwise.
    #[must_use]
    pub fn with_relaxation(mut self, relaxation: Relaxation) -> Self {
        self.method = Method::new(&relaxation);
        self.relaxation = relaxation;
        self
    }

    /// The same network, relaxed by a solver from outside. Of [`Ideal::relaxation`] the tolerance remains.
    #[must_use]
    pub fn with_solver(mut self, solver: Arc<dyn Solver<R>>) -> Self {
        self.method = Method::Open(solver);
        self
    }

    /// How equilibria are found.
    pub fn relaxation(&self) -> &Relaxation {
        &self.relaxation
    }

    /// The circuit of the hidden nodes.
    pub fn cell(&self) -> Cell {
        self.cell
    }

    /// The activation of the hidden nodes.
    pub fn activation(&self) -> Activation {
        self.activation
    }

    fn check(
        &self,
        what: &'static str,
        array: ArrayView2<'_, R>,
        batch: usize,
    ) -> Result<(), IdealError> {
        let (found, expected) = (
            [array.nrows(), array.ncols()],
            [batch, self.topology.layers().visible()],
        );
        if found != expected {
            return Err(IdealError::Shape {
                what,
                found,
                expected,
            });
        }
        match first_not_finite(array) {
            Some([row, column]) => Err(IdealError::NotFinite { what, row, column }),
            None => Ok(()),
        }
    }

    /// Which visible nodes a drive holds beside others on springs; none where there are none.
    fn held(drive: &Drive<'_, R>) -> Result<Option<Arc<Array2<bool>>>, IdealError> {
        let Some(held) = drive.held else {
            return Ok(None);
        };
        let found = [held.nrows(), held.ncols()];
        let expected = [drive.anchor.nrows(), drive.anchor.ncols()];
        if found != expected {
            return Err(IdealError::Shape {
                what: "the mask of held nodes",
                found,
                expected,
            });
        }
        Ok(drive.holds_some().then(|| Arc::new(held.to_owned())))
    }

    /// A phase with a clamped x.
    fn phase<'a>(&'a self, force: &'a [R], tolerance: Tolerance<'a>) -> Phase<'a, R> {
        Phase {
            network: &self.network,
            record: &self.record,
            nodes: Nodes {
                curve: self.curve,
                following: self.lagrangian.as_deref(),
            },
            level: self.level,
            force,
            stiffness: None,
            held: None,
            tolerance,
            reference: None,
        }
    }

    /// b_x + λx_t per sample (b_x alone where x is clamped), padded: `[batch, padded n_0]`.
    fn free_force(&self, anchor: ArrayView2<'_, R>, visible: Visible) -> Vec<R> {
        let stiffness = match visible {
            Visible::Spring { stiffness } => R::from_f64(stiffness),
            Visible::Clamped => R::ZERO,
        };
        let bias = self.network.bias(0);
        let mut force = vec![R::ZERO; anchor.nrows() * bias.len()];
        force
            .par_chunks_exact_mut(bias.len())
            .zip(anchor.axis_iter(Axis(0)))
            .for_each(|(force, row)| {
                for ((f, &b), &x) in force.iter_mut().zip(bias).zip(row) {
                    *f = b + stiffness * x;
                }
            });
        force
    }

    /// The force of a nudge on the visible nodes, padded `[batch, ·]`: as seen from x = 0, or, for
    /// deviations, as seen from the free phase.
    fn nudge_force(&self, free: &Settled<R>, nudge: &Nudge<'_, R>, from_free: bool) -> Vec<R> {
        let width = padded(self.topology.layers().visible());
        let strength = R::from_f64(nudge.strength);
        let mut force = vec![R::ZERO; free.batch() * width];
        force
            .par_chunks_exact_mut(width)
            .zip(nudge.pattern.axis_iter(Axis(0)))
            .zip(free.values.axis_iter(Axis(0)))
            .for_each(|((force, pattern), x)| {
                for ((f, &p), &x) in force.iter_mut().zip(pattern).zip(x) {
                    *f = match nudge.kind {
                        NudgeKind::Tilt => -strength * p,
                        NudgeKind::Quadratic if from_free => strength * (p - x),
                        NudgeKind::Quadratic => strength * p,
                    };
                }
            });
        // What holds a node takes the nudge as well.
        if let Some(held) = &free.held {
            for (force, held) in force.chunks_exact_mut(width).zip(held.rows()) {
                let nodes = force.iter_mut().zip(held);
                nodes.for_each(|(f, &held)| *f = if held { R::ZERO } else { *f });
            }
        }
        force
    }
}

/// A zero for every record: filled on all threads, since a batch of records is megabytes.
fn zeros<R: Real>(batch: usize, width: usize) -> Array2<R> {
    let values = rayon::iter::repeat_n(R::ZERO, batch * width).collect();
    Array2::from_shape_vec((batch, width), values).expect("one value per place")
}

impl<R: IdealScalar> Ideal<R> {
    /// −∂E/∂x = b_x + W_0ᵀ a_1 − (1 + k)x at a clamped x, `[batch, n_0]`.
    fn clamp_current(&self, x: &Array2<R>, a: &Array2<R>) -> Array2<R> {
        let (batch, n) = x.dim();
        let width = padded(n);
        let bias = self.network.bias(0);
        let leak = self.network.leak();
        let mut z = Vec::with_capacity(batch * width);
        for x in x.rows() {
            z.extend(
                bias.iter()
                    .enumerate()
                    .map(|(i, &b)| b - x.get(i).copied().unwrap_or(R::ZERO)),
            );
            if let Some(leak) = leak {
                let start = z.len() - width;
                let nodes = z[start..].iter_mut().zip(x).zip(leak);
                nodes.for_each(|((z, &x), &k)| *z -= k * x);
            }
        }
        let hidden = padded(self.topology.layers().size(1));
        let mut padded_a = vec![R::ZERO; batch * hidden];
        for (row, values) in padded_a.chunks_exact_mut(hidden).zip(a.rows()) {
            row.iter_mut()
                .zip(values)
                .for_each(|(a, &value)| *a = value);
        }
        self.network
            .add_inputs(0, batch, &[Vec::new(), padded_a], &mut z);
        Array2::from_shape_fn((batch, n), |(i, j)| z[i * width + j])
    }
}
