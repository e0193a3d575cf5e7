//! What a chip is made of.

use super::{ChipError, Design, Instance, TransientSettings};
use crate::{Activation, Cell, Couplings};

/// A network that a chip can be programmed with: its couplings, and the circuit that they were trained for.
///
/// Nothing of it is a property of the chip; [`Chip::new`](super::Chip::new) checks that the two go together.
///
/// ```
/// use analog_substrate::{Activation, Cell, Couplings, Layers, chip::Network};
///
/// let network = Network {
///     couplings: Couplings::<f32>::zeros(Layers::new(vec![4, 8])?),
///     activation: Activation::PAPER,
///     cell: Cell::Gradient,
/// };
/// assert_eq!(network.couplings.layers().visible(), 4);
/// # Ok::<(), analog_substrate::LayersError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Network<R> {
    /// Biases and weights, dimensionless.
    pub couplings: Couplings<R>,
    /// Nonlinearity of the hidden nodes.
    pub activation: Activation,
    /// Circuit of the hidden nodes.
    pub cell: Cell,
}

/// Everything that [`Chip::new`](super::Chip::new) puts together; [`Chip::builder`](super::Chip::builder) has
/// defaults for most of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ChipParts<R> {
    /// The design, in SI units.
    pub design: Design,
    /// Deviations of this chip's elements: [`Instance::nominal`] or [`Instance::draw`].
    pub instance: Instance,
    /// What it is programmed with.
    pub network: Network<R>,
    /// How its transients are computed.
    pub settings: TransientSettings,
    /// Seed of the noise along its transients.
    pub noise_seed: u64,
}

impl Design {
    /// Whether a model that was trained for `cell` can run on the chip.
    ///
    /// # Errors
    /// [`ChipError::OtherCell`].
    pub fn check_cell(&self, cell: Cell) -> Result<(), ChipError> {
        match self.cell {
            Some(found) if found != cell => Err(ChipError::OtherCell {
                design: self.name.clone(),
                found,
                expected: cell,
            }),
            _ => Ok(()),
        }
    }
}
