//! The circuits that a hidden node can be made of.

use crate::{Activation, ActivationKind};
use serde::{Deserialize, Serialize};
use std::fmt;
use units::fault::{Blame, Fault};

/// The circuit of a hidden node: what its state obeys, and so whose energy the network descends.
///
/// With the input `z_l = W_{l−1}a_{l−1} + b_{l−1} + W_lᵀa_{l+1}`, in units of τ:
///
/// | cell | node equation | at rest | energy of the node's own element |
/// |---|---|---|---|
/// | gradient | `dh/dt = a′(h)z − h` | `h = a′(h)z` | `½h²` |
/// | hopfield | `dh/dt = z − h` | `h = z` | `h·a(h) − Λ(h)`, `Λ′ = a` |
/// | resistive | `dy/dt = z − a⁻¹(y)` | `y = a(z)` | `∫a⁻¹ dy` |
///
/// Hopfield and resistive cells with the same invertible activation rest at the same outputs: their
/// energies are each other's Legendre transforms (Hopfield 1984; Krotov & Hopfield 2021). Hopfield
/// and gradient cells do not share equilibria unless a′ = 1.
///
/// ```
/// use analog_substrate::{Activation, Cell};
///
/// // SiLU falls below h = -1.28: no resistor does.
/// assert!(Cell::Gradient.check(Activation::PAPER).is_ok());
/// assert!(Cell::Resistive.check(Activation::PAPER).is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cell {
    /// The paper's energy exactly (A. Gower, arXiv 2604.08150): a multiplier per hidden node
    /// supplies a′(h).
    #[default]
    Gradient,
    /// No multiplier (J. J. Hopfield, PNAS 81, 3088, 1984): the natural silicon cell. Where a′ < 0
    /// its energy need not fall along a relaxation.
    Hopfield,
    /// A nonlinear leak in place of an amplifier (Kendall et al., arXiv 2006.01981; Scellier,
    /// arXiv 2402.11674): passive, the state is the output y = a(h). Needs an invertible activation.
    Resistive,
}

/// The name that files and options give it.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// The circuit of a cell cannot have that activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a resistive cell needs an activation that rises everywhere ({}), since its leak is the inverse of it; \
     {activation} is none",
    ActivationKind::rising()
)]
pub struct CellError {
    /// The activation that was asked for.
    pub activation: ActivationKind,
}

impl Blame for CellError {
    fn fault(&self) -> Fault {
        Fault::Input
    }
}

impl Cell {
    /// Whether the cell can be built with an activation.
    ///
    /// # Errors
    /// [`CellError`] for a resistive cell whose leak a⁻¹ would not be a function.
    pub fn check(self, activation: Activation) -> Result<(), CellError> {
        if self == Self::Resistive && !activation.kind.rises() {
            return Err(CellError {
                activation: activation.kind,
            });
        }
        Ok(())
    }
}
