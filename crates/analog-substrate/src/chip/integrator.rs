//! Ways to integrate node equations.

use serde::{Deserialize, Serialize};

/// All integrators, a line each, as `macro` wants them: name; as options and files write it; the file in `transient` with its
/// `Steps`, none where every sample takes steps of its own; longest stable step times the rate of a node that decays by itself,
/// none of a method that is exact in that (Hairer & Wanner 1996, IV.2: where |R(−z)| is 1); what it is.
macro_rules! integrators {
    ($macro:ident) => {
        $macro! {
            Etd2 "etd2" [etd2] None, "Exponential Runge–Kutta of order 2 (Cox & Matthews, J. Comput. Phys. 176, 430, 2002), exact in each node's own damping, with exact Ornstein–Uhlenbeck noise.";
            Rk4 "rk4" [rk4] Some(2.785_293_563_405_282), "Classical Runge–Kutta of order 4; noise is added at the end of a step.";
            Adaptive "adaptive" [] None, "A step of its own per sample: Dormand–Prince 5(4), and where the circuit is too stiff for it an L-stable implicit method of order 4. Without noise only.";
            Heun "heun" [heun] Some(2.0), "Heun's method (1900), explicit Runge–Kutta of order 2; noise is added at the end of a step.";
            Euler "euler" [euler] Some(2.0), "Explicit Euler, the paper's relaxation; with noise Euler–Maruyama.";
        }
    };
}
pub(super) use integrators;

macro_rules! declare {
    ($($name:ident $text:literal [$($file:ident)?] $limit:expr, $doc:literal;)*) => {
        /// How the node equations are integrated.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Integrator {
            $(#[doc = $doc] #[serde(rename = $text)] $name,)*
        }

        impl Integrator {
            /// As options and files write it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// Whether all samples take steps of equal size.
            pub(crate) const fn takes_equal_steps(self) -> bool {
                let files: &[&str] = match self {
                    $(Self::$name => &[$(stringify!($file))?],)*
                };
                !files.is_empty()
            }

            /// Longest step times the rate of a node that decays by itself; none where any is stable.
            pub(crate) const fn stability_limit(self) -> Option<f64> {
                match self {
                    $(Self::$name => $limit,)*
                }
            }
        }
    };
}

integrators!(declare);

// Not derived: a line of the list has no place for an attribute.
impl Default for Integrator {
    fn default() -> Self {
        Self::Etd2
    }
}
