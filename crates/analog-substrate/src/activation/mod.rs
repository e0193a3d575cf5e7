//! Activations of the hidden nodes: each a file of its own, and the kernels over rows of nodes that are compiled for
//! every one of them.

/// Every activation and its file, with what it is; passed on to the macro that is named, before whatever else that
/// takes. Files and options know an activation by its name here in kebab case.
macro_rules! activations {
    ($then:ident! $($rest:tt)*) => {
        $then! {
            [
                /// h·sigmoid(h) (Elfwing et al. 2018; the paper's choice).
                Silu: silu,
                /// tanh(h).
                Tanh: tanh,
                /// ln(1 + e^h).
                Softplus: softplus,
                /// clip(h, 0, 1) (Scellier & Bengio 2017). A node that would leave [0, 1] rests on its edge.
                HardSigmoid: hard_sigmoid,
                /// h.
                Identity: identity,
                #[doc = "h·Φ(h) in its tanh form (D. Hendrycks and K. Gimpel, arXiv 1606.08415)."] Gelu: gelu,
            ]
            $($rest)*
        }
    };
}

mod compiled;
mod curve;
mod difference;
mod evaluate;
mod gelu;
mod hard_sigmoid;
mod identity;
mod inverse;
mod kind;
mod lagrangian;
mod newton;
mod shape;
mod silu;
mod softplus;
mod tanh;
#[cfg(test)]
mod tests;

pub use compiled::ActivationScalar;
pub(crate) use curve::Curve;
pub(crate) use difference::{
    EvaluateDifference, Reference, SettleDifferenceRow, StepDifferenceRow,
};
pub(crate) use evaluate::{Evaluate, EvaluateSlopes};
pub(crate) use inverse::Invert;
pub use kind::ActivationKind;
pub(crate) use lagrangian::Lagrangian;
pub(crate) use newton::{NewtonLimit, SettleRow, StepRow};

use serde::{Deserialize, Serialize};
use std::fmt;

/// Panel of the quadrature of [`Activation::primitive`], and the distance where panels end.
const PANEL: f64 = 0.5;
const FAR: f64 = 64.0;

/// Positive nodes and weights of the eight-node Gauss–Legendre rule on [−1, 1].
const GAUSS_LEGENDRE: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];

/// A hidden node's output as a function of its state: `a(h) = c·tanh(f(h)/c)`, or `f(h)` unclamped.
///
/// The soft clamp c = 10 around SiLU is the paper's default (arXiv 2604.08150, official code).
///
/// ```
/// use analog_substrate::{Activation, ActivationKind};
///
/// let tanh = Activation { kind: ActivationKind::Tanh, clamp: None };
/// let (value, slope, _) = tanh.derivatives(0.0);
/// assert_eq!((value, slope), (0.0, 1.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Activation {
    /// f.
    pub kind: ActivationKind,
    /// The soft clamp c > 0, or none.
    pub clamp: Option<f64>,
}

/// `silu`, or `silu clamped at 10`.
impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        self.clamp
            .map_or(Ok(()), |clamp| write!(f, " clamped at {clamp}"))
    }
}

impl Activation {
    /// The paper's default: 10·tanh(SiLU(h)/10).
    pub const PAPER: Self = Self {
        kind: ActivationKind::Silu,
        clamp: Some(10.0),
    };

    /// `(a, a′, a″)` at `h`, in double precision with the standard library's functions: the
    /// reference against which the kernels are tested.
    pub fn derivatives(&self, h: f64) -> (f64, f64, f64) {
        let (f, f1, f2) = self.kind.derivatives(h);
        match self.clamp {
            None => (f, f1, f2),
            Some(c) => {
                let t = (f / c).tanh();
                let slope = 1.0 - t * t;
                (
                    c * t,
                    slope * f1,
                    slope * f2 - 2.0 * t * slope * f1 * f1 / c,
                )
            }
        }
    }

    /// Λ(h) = ∫₀ʰ a, in double precision: what stands for ½h² in the energies of cells whose node
    /// follows its input ([`Cell`](crate::Cell)).
    ///
    /// Composite Gauss–Legendre quadrature: panels of ½ and eight nodes are exact to rounding, since
    /// a is analytic within π/2 of the real line (tanh), or linear between panel edges
    /// (hard-sigmoid). Beyond |h| = 64 a last panel spans the rest, where a clamped a is constant
    /// and an unclamped one linear.
    pub fn primitive(&self, h: f64) -> f64 {
        let (sign, end) = (h.signum(), h.abs());
        let near = end.min(FAR);
        let whole = (near / PANEL).floor();
        let edges = (0..).map(|i| f64::from(i) * PANEL);
        let panels = edges
            .take_while(|&from| from < whole * PANEL)
            .map(|from| (from, from + PANEL))
            .chain([(whole * PANEL, near), (near, end)]);
        sign * panels
            .filter(|(from, to)| to > from)
            .map(|(from, to)| self.integral(sign, from, to))
            .sum::<f64>()
    }

    /// `∫ a(sign·t) dt` from `from` to `to` by eight-node Gauss–Legendre quadrature (M. Abramowitz &
    /// I. A. Stegun, Handbook of Mathematical Functions, table 25.4).
    pub(crate) fn integral(&self, sign: f64, from: f64, to: f64) -> f64 {
        let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
        let value = |h: f64| self.derivatives(sign * h).0;
        let sum: f64 = GAUSS_LEGENDRE
            .iter()
            .map(|&(node, weight)| {
                weight * (value(middle - half * node) + value(middle + half * node))
            })
            .sum();
        half * sum
    }

    /// The interval to which a node's state is confined: [0, 1] for the hard sigmoid.
    pub fn state_range(&self) -> Option<(f64, f64)> {
        self.kind.state_range()
    }

    /// The state at which the output is `y`, in double precision with the standard library's functions; none where the
    /// activation falls somewhere.
    pub fn inverse(&self, y: f64) -> Option<f64> {
        let f = self.clamp.map_or(y, |c| c * (y / c).atanh());
        self.kind.inverse(f)
    }
}
