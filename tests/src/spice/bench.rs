//! A network on a chip, for circuits to borrow.

use analog_substrate::{
    Activation, Cell, Couplings,
    chip::{Chip, ChipParts, Design, Instance, Integrator, Network, TransientSettings},
    netlist::{Circuit, CouplingStyle, VisibleNodes},
};

/// A network and what goes with it, for circuits to borrow.
pub struct Bench {
    /// The ideal design, to change.
    pub design: Design,
    /// Its nominal instance, to change.
    pub instance: Instance,
    /// The network.
    pub couplings: Couplings<f64>,
    /// x_t.
    pub anchor: Vec<f64>,
}

impl Bench {
    /// The ideal chip and a spread anchor.
    pub fn new(couplings: Couplings<f64>) -> Self {
        let design = Design::ideal();
        Self {
            instance: Instance::nominal(&design, couplings.layers()),
            anchor: super::spread_anchor(couplings.layers().visible()),
            design,
            couplings,
        }
    }

    /// A circuit from rest under the paper's spring.
    pub fn circuit(&self, cell: Cell, activation: Activation, style: CouplingStyle) -> Circuit<'_> {
        Circuit {
            design: &self.design,
            instance: &self.instance,
            couplings: &self.couplings,
            down: None,
            activation,
            cell,
            style,
            arrays: None,
            visible: VisibleNodes::Spring { stiffness: 15.0 },
            anchor: &self.anchor,
            start: None,
            held: &[],
        }
    }
}

/// The chip of a circuit, integrated far more exactly than what it is held against.
///
/// # Panics
/// If the circuit is of no chip.
pub fn chip_of(circuit: &Circuit<'_>) -> Chip<f64> {
    Chip::new(ChipParts {
        design: circuit.design.clone(),
        instance: circuit.instance.clone(),
        network: Network {
            couplings: circuit.couplings.clone(),
            activation: circuit.activation,
            cell: circuit.cell,
        },
        settings: TransientSettings {
            integrator: Integrator::Adaptive,
            tolerance: 1e-10,
            ..TransientSettings::default()
        },
        noise_seed: 0,
    })
    .expect("a circuit of a chip")
}
