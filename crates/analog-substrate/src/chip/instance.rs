//! One chip of a design: what its elements have of their own.

use super::{Design, Distributed, Shape};
use crate::{
    Layers,
    random::{Purpose, stream},
};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal, StandardUniform};
use std::fmt;

/// Which chip of a design: chips of the same seed and number are the same chip.
///
/// ```
/// use analog_substrate::{Layers, chip::{Die, Instance}, hw_spec::Spec};
///
/// let (design, layers) = (Spec::load("D3")?.design(), Layers::new(vec![4, 8])?);
/// let die = Die { seed: 1, number: 2 };
/// assert_eq!(Instance::draw(&design, &layers, die), Instance::draw(&design, &layers, die));
/// assert_ne!(Instance::draw(&design, &layers, die), Instance::draw(&design, &layers, Die::default()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Die {
    /// Seed of the fabrication.
    pub seed: u64,
    /// Number of the chip, from 0.
    pub number: u64,
}

impl fmt::Display for Die {
    /// `chip 3`, and its seed where that is not 0.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seed {
            0 => write!(f, "chip {}", self.number),
            seed => write!(f, "chip {} of seed {seed}", self.number),
        }
    }
}

/// The static deviations of one chip, per layer and node, visible layer first.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// Capacitance relative to the nominal one.
    pub capacitance: Vec<Vec<f64>>,
    /// Leak in units of g_unit.
    pub leak: Vec<Vec<f64>>,
    /// Output relative to a(h); 1 for visible nodes.
    pub gain: Vec<Vec<f64>>,
    /// Input-referred offset of the activation in units of V_unit; 0 for visible nodes.
    pub offset: Vec<Vec<f64>>,
    /// Conductance of each visible node's spring relative to its nominal value, `[n_0]`.
    pub spring: Vec<f64>,
    /// The chip whose devices are drawn; none: devices take what is asked of them.
    pub devices: Option<Die>,
}

impl Instance {
    /// The chip whose elements all have their nominal values.
    pub fn nominal(design: &Design, layers: &Layers) -> Self {
        Self::with(design, layers, |quantity| quantity.mean)
    }

    /// One chip of a design: the same for the same die, design and layers.
    pub fn draw(design: &Design, layers: &Layers, die: Die) -> Self {
        let mut generator = stream(die.seed, Purpose::Device, 0, die.number);
        Self {
            devices: Some(die),
            ..Self::with(design, layers, |quantity| quantity.draw(&mut generator))
        }
    }

    /// Every element draws, whether its quantity is spread or not: switching one imperfection on does
    /// not change the draws of another.
    fn with(design: &Design, layers: &Layers, mut value: impl FnMut(&Distributed) -> f64) -> Self {
        let nominal = design.node.capacitance.mean;
        let mut per_node = |quantity: &Distributed, hidden_only: Option<f64>, unit: f64| {
            let mut rows = Vec::with_capacity(layers.sizes().len());
            for (l, &n) in layers.sizes().iter().enumerate() {
                rows.push(match hidden_only {
                    Some(visible) if l == 0 => vec![visible; n],
                    _ => (0..n).map(|_| value(quantity) / unit).collect(),
                });
            }
            rows
        };
        Self {
            capacitance: per_node(&design.node.capacitance, None, nominal),
            leak: per_node(&design.node.leak, None, 1.0),
            gain: per_node(&design.activation.gain, Some(1.0), 1.0),
            offset: per_node(
                &design.activation.offset,
                Some(0.0),
                design.node.unit_voltage,
            ),
            spring: (0..layers.visible())
                .map(|_| value(&design.spring.mismatch))
                .collect(),
            devices: None,
        }
    }
}

impl Distributed {
    /// One element's value.
    fn draw(&self, generator: &mut impl Rng) -> f64 {
        match self.shape {
            Shape::Normal => {
                let z: f64 = StandardNormal.sample(generator);
                self.mean + self.sigma * z
            }
            Shape::LogNormal => {
                let z: f64 = StandardNormal.sample(generator);
                if self.sigma == 0.0 {
                    self.mean
                } else {
                    self.mean * (self.sigma / self.mean * z).exp()
                }
            }
            Shape::Uniform => {
                let u: f64 = StandardUniform.sample(generator);
                self.mean + self.sigma * 3.0_f64.sqrt() * (2.0 * u - 1.0)
            }
        }
    }
}
