//! The shape of the network: how many nodes each layer has.

use serde::{Deserialize, Serialize};
use units::fault::{Blame, Fault};

/// Number of nodes per layer, visible first: `[n_0, n_1, …, n_L]`.
///
/// Layer 0 is the visible layer x; layers 1 … L are hidden. Neighbouring layers are fully
/// coupled by `W_l` of shape `[n_{l+1}, n_l]`, `l = 0 … L−1`.
///
/// ```
/// use analog_substrate::Layers;
///
/// let layers = Layers::new(vec![64, 128, 128])?;
/// assert_eq!((layers.visible(), layers.hidden()), (64, 2));
/// assert_eq!(layers.parameters(), 64 + 128 * 64 + 128 + 128 * 128 + 128);
/// assert!(Layers::new(vec![64]).is_err());
/// # Ok::<(), analog_substrate::LayersError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<usize>", into = "Vec<usize>")]
pub struct Layers(Vec<usize>);

/// Why a list of sizes is not a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LayersError {
    /// Fewer than two layers.
    #[error("a network needs a visible and at least one hidden layer, got {}", units::words::counted(*.0, "layer"))]
    TooFew(usize),
    /// A layer without nodes.
    #[error("layer {0} has no nodes")]
    Empty(usize),
    /// More parameters than can be addressed.
    #[error(
        "layers {0:?} have more parameters than any memory holds; expected fewer or smaller layers"
    )]
    TooLarge(Vec<usize>),
}

impl Blame for LayersError {
    fn fault(&self) -> Fault {
        Fault::Input
    }
}

impl Layers {
    /// A network of these layer sizes, visible first.
    pub fn new(sizes: Vec<usize>) -> Result<Self, LayersError> {
        if sizes.len() < 2 {
            return Err(LayersError::TooFew(sizes.len()));
        }
        match sizes.iter().position(|&n| n == 0) {
            Some(layer) => Err(LayersError::Empty(layer)),
            None if !is_addressable(&sizes) => Err(LayersError::TooLarge(sizes)),
            None => Ok(Self(sizes)),
        }
    }

    /// All sizes, visible first.
    pub fn sizes(&self) -> &[usize] {
        &self.0
    }

    /// Number of visible nodes, n_0.
    pub fn visible(&self) -> usize {
        self.0[0]
    }

    /// Number of hidden layers, L; also the number of coupling matrices.
    pub fn hidden(&self) -> usize {
        self.0.len() - 1
    }

    /// Nodes in layer `l` (0 is the visible layer).
    pub fn size(&self, l: usize) -> usize {
        self.0[l]
    }

    /// Number of parameters: visible bias, and a weight matrix and bias per hidden layer.
    pub fn parameters(&self) -> usize {
        self.0[0] + self.0.windows(2).map(|w| w[1] * w[0] + w[1]).sum::<usize>()
    }
}

/// Whether an array of all parameters in f64 could be addressed: then no product of sizes overflows.
fn is_addressable(sizes: &[usize]) -> bool {
    let weights = sizes
        .windows(2)
        .map(|w| w[1].checked_mul(w[0].checked_add(1)?));
    let mut counts = weights.chain([sizes.first().copied()]);
    let count = counts.try_fold(0_usize, |sum, more| sum.checked_add(more?));
    count.is_some_and(|count| count <= isize::MAX.unsigned_abs() / size_of::<f64>())
}

impl TryFrom<Vec<usize>> for Layers {
    type Error = LayersError;
    fn try_from(sizes: Vec<usize>) -> Result<Self, LayersError> {
        Self::new(sizes)
    }
}

impl From<Layers> for Vec<usize> {
    fn from(layers: Layers) -> Self {
        layers.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_papers_network_has_24_896_parameters() {
        let layers = Layers::new(vec![64, 128, 128]).unwrap();
        assert_eq!(layers.parameters(), 24_896);
    }

    #[test]
    fn degenerate_shapes_are_refused() {
        assert_eq!(Layers::new(vec![3]), Err(LayersError::TooFew(1)));
        assert_eq!(Layers::new(vec![3, 0, 2]), Err(LayersError::Empty(1)));
        for sizes in [
            vec![64, 1 << 40, 1 << 40],
            vec![usize::MAX, 1],
            vec![1, 1 << 60],
        ] {
            let refused = Layers::new(sizes.clone());
            assert_eq!(refused, Err(LayersError::TooLarge(sizes)));
        }
        assert!(Layers::new(vec![64, 100_000, 100_000]).is_ok());
    }
}
