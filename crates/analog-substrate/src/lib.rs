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

mod activation;
pub mod arrays;
pub mod bounded;
pub mod budget;
mod cell;
pub mod chip;
pub mod coupling;
pub mod device;
mod energy;
mod ideal;
pub mod kernels;
mod layers;
mod lines;
mod nearest;
pub mod printable;
pub mod random;
mod solvers;
pub mod statistics;
mod substrate;
pub mod toml_text;
pub mod wires;
pub mod words;

pub use activation::{Activation, ActivationKind};
pub use cell::{Cell, CellError};
pub use coupling::{Couplings, Topology};
pub use energy::{Energy, Hessian};
pub use ideal::{Ideal, IdealError, Phase, Relaxation, Settled, Solver, SolverKind};
pub use layers::{Layers, LayersError};
pub use lines::Lines;
pub use nearest::nearest;
pub use substrate::{Contrast, Drive, Nudge, NudgeKind, RUNAWAY, Readings, Substrate, Visible};
