//! What the chip is: a layered energy, the relaxation of its nodes, and the contract
//! ([`Substrate`]) that a simulated or physical chip honours: program couplings, settle under a
//! drive, apply a nudge, read nodes.
//!
//! The energy (A. Gower, arXiv 2604.08150) of the state `s = (x, h_1 … h_L)` is
//!
//! ```text
//! E(x, h) = ½|x|² + Σ_l ½|h_l|² − b_x·x − a(h_1)·(W_0 x + b_0) − Σ_{l≥1} a(h_{l+1})·(W_l a(h_l) + b_l)
//! S(x, h) = E(x, h) + (λ/2)|x − x_t|²                                            (with the spring)
//! ```
//!
//! with the activation `a` on hidden units only. All quantities here are dimensionless.

pub mod activation;
pub mod arrays;
mod builder;
mod cell;
pub mod chip;
pub mod coupling;
pub mod device;
pub mod diagnose;
mod energy;
pub mod estimates;
mod flicker;
pub mod hw_spec;
mod ideal;
pub mod kernels;
mod layers;
pub mod netlist;
pub mod random;
mod scalar;
mod substrate;
pub mod wires;

pub use activation::{Activation, ActivationKind};
pub use builder::{ChipBuildError, ChipBuilder};
pub use cell::{Cell, CellError};
pub use coupling::{Couplings, Topology};
pub use energy::{Energy, Hessian};
pub use ideal::{Ideal, IdealError, IdealScalar, Phase, Relaxation, Settled, Solver, SolverKind};
pub use layers::{Layers, LayersError};
pub use scalar::Scalar;
pub use substrate::{
    Contrast, Drive, Nudge, NudgeKind, Points, RUNAWAY, Readings, Spent, Substrate, Visible,
};
