//! Which couplings a network has.

use super::{Coupling, Dense, Products};
use crate::{Layers, LayersError, kernels::Real};
use std::sync::Arc;
use units::fault::{Blame, Fault};

/// What couples two neighbouring layers.
#[derive(Clone, Debug)]
pub enum Connection {
    /// Every node with every node.
    Dense(Dense),
    /// A coupling from outside.
    Open(Arc<dyn Coupling>),
}

impl Connection {
    /// What it computes, whatever it is.
    pub fn coupling(&self) -> &dyn Coupling {
        match self {
            Self::Dense(dense) => dense,
            Self::Open(coupling) => coupling.as_ref(),
        }
    }

    /// Mean number of nodes that a node above and one below are coupled with: what initial weights go by.
    pub fn fans(&self) -> (f64, f64) {
        match self {
            Self::Dense(dense) => (dense.below as f64, dense.above as f64),
            Self::Open(coupling) => {
                let parameters = vec![0.0; coupling.parameters()];
                let elements = coupling.elements(&parameters).len() as f64;
                let of = |nodes: usize| elements / nodes as f64;
                (of(coupling.above().nodes()), of(coupling.below().nodes()))
            }
        }
    }
}

impl PartialEq for Connection {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Dense(one), Self::Dense(other)) => one == other,
            (Self::Open(one), Self::Open(other)) => format!("{one:?}") == format!("{other:?}"),
            _ => false,
        }
    }
}

/// The layers of a network and what couples them, from the visible layer up. Layers alone are coupled densely. Visible nodes
/// can have a leak each beside the one that every node has: a trained conductance to ground.
#[derive(Clone, Debug, PartialEq)]
pub struct Topology {
    layers: Layers,
    connections: Arc<[Connection]>,
    /// Parameters before W_l's, and before those of all.
    starts: Arc<[usize]>,
    /// Whether visible nodes have a leak of their own.
    leaks: bool,
}

/// Why couplings do not make a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TopologyError {
    /// The layers are none.
    #[error("{0}")]
    Layers(#[from] LayersError),
    /// A coupling does not begin where the one below it ends.
    #[error(
        "coupling {coupling} begins at a layer of shape {begins:?}, the one below it ends at {ends:?}; expected \
         the same number of nodes"
    )]
    Apart {
        /// Number of the coupling, from 0.
        coupling: usize,
        /// Shape of the layer that it begins at.
        begins: Vec<usize>,
        /// Shape of the layer that the one below it ends at.
        ends: Vec<usize>,
    },
    /// More parameters than can be addressed.
    #[error("the couplings have more parameters than any memory holds; expected fewer")]
    TooLarge,
}

impl Blame for TopologyError {
    fn fault(&self) -> Fault {
        match self {
            Self::Layers(cause) => cause.fault(),
            Self::Apart { .. } | Self::TooLarge => Fault::Input,
        }
    }
}

impl Topology {
    /// Couplings on top of each other, the visible layer's first.
    ///
    /// # Errors
    /// [`TopologyError`] where they do not fit.
    pub fn new(connections: Vec<Connection>) -> Result<Self, TopologyError> {
        let mut sizes = Vec::new();
        for (l, connection) in connections.iter().enumerate() {
            let below = connection.coupling().below();
            if l == 0 {
                sizes.push(below.nodes());
            } else if sizes.last() != Some(&below.nodes()) {
                return Err(TopologyError::Apart {
                    coupling: l,
                    begins: below.shape().to_vec(),
                    ends: connections[l - 1].coupling().above().shape().to_vec(),
                });
            }
            sizes.push(connection.coupling().above().nodes());
        }
        let layers = Layers::new(sizes)?;
        let counts = connections.iter().map(|c| c.coupling().parameters());
        let nodes = layers.sizes().iter().copied();
        let all = counts.chain(nodes).try_fold(0, usize::checked_add);
        let most = isize::MAX.unsigned_abs() / size_of::<f64>();
        if all.is_none_or(|all| all > most) {
            return Err(TopologyError::TooLarge);
        }
        Ok(Self::of(layers, connections))
    }

    fn of(layers: Layers, connections: Vec<Connection>) -> Self {
        let mut start = layers.visible();
        let mut starts = Vec::with_capacity(connections.len() + 1);
        for (l, connection) in connections.iter().enumerate() {
            starts.push(start);
            start += connection.coupling().parameters() + layers.size(l + 1);
        }
        starts.push(start);
        Self {
            layers,
            connections: connections.into(),
            starts: starts.into(),
            leaks: false,
        }
    }

    /// The same couplings with a leak of its own at each visible node, or without.
    #[must_use]
    pub fn with_visible_leak(self, leaks: bool) -> Self {
        Self { leaks, ..self }
    }

    /// Whether visible nodes have a leak of their own.
    pub fn has_visible_leak(&self) -> bool {
        self.leaks
    }

    /// Nodes per layer.
    pub fn layers(&self) -> &Layers {
        &self.layers
    }

    /// What couples layer `l` with layer `l + 1`.
    ///
    /// # Panics
    /// If there are no such layers.
    pub fn connection(&self, l: usize) -> &Connection {
        &self.connections[l]
    }

    /// Number of the first coupling that is not dense, and itself.
    pub fn first_open(&self) -> Option<(usize, &dyn Coupling)> {
        self.connections
            .iter()
            .enumerate()
            .find_map(|(l, connection)| match connection {
                Connection::Dense(_) => None,
                Connection::Open(coupling) => Some((l, coupling.as_ref())),
            })
    }

    /// All parameters: visible bias, a coupling's and a bias for each hidden layer, and leaks of visible nodes where they
    /// have any.
    pub fn parameters(&self) -> usize {
        let leaks = if self.leaks { self.layers.visible() } else { 0 };
        self.starts[self.layers.hidden()] + leaks
    }

    /// Where the leaks of visible nodes start in the flat vector: behind all else; none where there are none.
    pub(super) fn leak_place(&self) -> Option<usize> {
        self.leaks.then(|| self.starts[self.layers.hidden()])
    }

    /// Where the parameters of coupling `l` start in the flat vector, and how many there are.
    pub(super) fn place(&self, l: usize) -> (usize, usize) {
        (self.starts[l], self.connections[l].coupling().parameters())
    }
}

impl From<Layers> for Topology {
    fn from(layers: Layers) -> Self {
        let pairs = layers.sizes().windows(2);
        let dense = pairs.map(|pair| {
            Connection::Dense(Dense {
                below: pair[0],
                above: pair[1],
            })
        });
        let connections = dense.collect();
        Self::of(layers, connections)
    }
}

/// A scalar in which couplings compute: f32 or f64.
pub trait CouplingScalar: Real {
    /// What a coupling computes in this precision.
    fn products(coupling: &dyn Coupling) -> &dyn Products<Self>;
}

macro_rules! coupled {
    ($($scalar:ty),*) => {$(
        impl CouplingScalar for $scalar {
            fn products(coupling: &dyn Coupling) -> &dyn Products<Self> {
                coupling
            }
        }
    )*};
}

coupled!(f32, f64);

#[cfg(test)]
mod tests {
    use super::*;

    fn dense(below: usize, above: usize) -> Connection {
        Connection::Dense(Dense { below, above })
    }

    #[test]
    fn layers_alone_are_coupled_densely() {
        let layers = Layers::new(vec![64, 128, 128]).unwrap();
        let topology = Topology::from(layers.clone());
        assert_eq!(topology.parameters(), layers.parameters());
        assert_eq!(
            Topology::new(vec![dense(64, 128), dense(128, 128)]).unwrap(),
            topology
        );
        assert!(topology.first_open().is_none());
    }

    #[test]
    fn couplings_that_do_not_fit_are_refused() {
        let apart = Topology::new(vec![dense(4, 3), dense(2, 5)]).unwrap_err();
        assert_eq!(
            apart.to_string(),
            "coupling 1 begins at a layer of shape [2], the one below it ends at [3]; expected the same number of nodes"
        );
        assert_eq!(
            Topology::new(Vec::new()),
            Err(TopologyError::Layers(LayersError::TooFew(0)))
        );
        assert_eq!(
            Topology::new(vec![dense(4, 0)]),
            Err(TopologyError::Layers(LayersError::Empty(1)))
        );
    }
}
