//! Couplings as the arrays that they are: every device a resistor, every line a chain of them.
//!
//! ```text
//! output ──E──▶ driven lines ──devices, wires──▶ sensed lines ──V = 0──▶ F ──▶ summing node
//! ```
//!
//! G⁺ and G⁻ are crossbars of their own, and so are the two directions of a read: a bidirectional array
//! is there twice, since a read of one direction does not disturb that of the other in the node equations.
//! The currents into virtual grounds, or through loads, are multiplied by ±g_unit/scale and summed.

use super::{
    Circuit, NetlistError,
    crossbar::{Crossbar, tiles},
    deck::Deck,
    node_name,
};
use crate::{
    arrays::{Direction, Part, PresentArray},
    wires::{Read, Sense, Tiling, Wires},
};
use ndarray::Array2;

/// Arrays of devices for a deck to hold.
#[derive(Clone, Copy, Debug)]
pub struct DeviceArrays<'a> {
    /// The arrays at the instant of the deck.
    pub arrays: &'a [PresentArray],
    /// Their lines.
    pub wires: &'a Wires,
    /// Tiles, each with drivers and sense amplifiers of its own.
    pub tiling: Option<Tiling>,
    /// What sensed lines deliver their currents into.
    pub sense: Sense,
}

impl Circuit<'_> {
    /// Writes drivers, arrays and what sums their currents.
    pub(super) fn device_arrays(&self, deck: &mut Deck) -> Result<(), NetlistError> {
        let held = self.arrays.ok_or(NetlistError::NoDevices)?;
        if let Some(design) = &self.design.arrays
            && design.effects.nonlinearity
            && design.device.is_nonlinear()
        {
            return Err(NetlistError::NotOhmic(design.device.name().to_owned()));
        }
        if let Sense::Loaded { siemens } = held.sense {
            super::check_positive("the load of sensed lines", siemens)?;
        }
        self.buffers(deck);
        for array in held.arrays {
            let name = array.name();
            deck.comment(&format!(
                "{name}: G+ (p) and G- (n), {:e} S per unit of weight",
                array.scale
            ));
            for (letter, bank, sign) in [("p", &array.plus, 1.0), ("n", &array.minus, -1.0)] {
                let serves = |direction| [Direction::Both, direction].contains(&array.direction);
                match array.part {
                    Part::Weight(l) => {
                        if serves(Direction::Up) {
                            let ends = [l, l + 1];
                            self.read(deck, (array, bank), &format!("w{l}u{letter}"), ends, sign);
                        }
                        if serves(Direction::Down) {
                            let ends = [l + 1, l];
                            self.read(deck, (array, bank), &format!("w{l}d{letter}"), ends, sign);
                        }
                    }
                    Part::Bias(l) => self.bias_devices(deck, (array, bank), l, letter, sign),
                }
            }
        }
        Ok(())
    }

    /// A voltage source at every output, and one for the rail of the biases.
    fn buffers(&self, deck: &mut Deck) {
        deck.comment("buffers that drive the arrays");
        let volts = self.design.node.unit_voltage;
        deck.line(format_args!("Vrail rail 0 dc {volts:e}"));
        for (layer, &size) in self.couplings.layers().sizes().iter().enumerate() {
            for index in 0..size {
                let (name, output) = (node_name(layer, index), self.output_node(layer, index));
                let gain = self.driving_gain(layer, index);
                deck.line(format_args!("Ed_{name} d_{name} 0 {output} 0 {gain:e}"));
            }
        }
    }

    /// One bank read in one direction, from a layer to another, tile by tile.
    fn read(
        &self,
        deck: &mut Deck,
        (array, bank): (&PresentArray, &Array2<f64>),
        id: &str,
        [from, to]: [usize; 2],
        sign: f64,
    ) {
        let Some(held) = self.arrays else { return };
        let read = if from < to {
            Read::Backward
        } else {
            Read::Forward
        };
        let gains = if from < to { &array.up } else { &array.down };
        for (number, ((top, left), tile)) in tiles(bank.view(), held.tiling).into_iter().enumerate()
        {
            let (first_driven, first_sensed) = match read {
                Read::Backward => (left, top),
                Read::Forward => (top, left),
            };
            let id = format!("{id}{number}");
            let sensed = match read {
                Read::Backward => tile.nrows(),
                Read::Forward => tile.ncols(),
            };
            let crossbar = Crossbar {
                id: id.clone(),
                devices: tile,
                wires: held.wires,
                read,
            };
            crossbar.write(
                deck,
                |line| format!("d_{}", node_name(from, first_driven + line)),
                |line| format!("{id}s{line}"),
            );
            for line in 0..sensed {
                let place = first_sensed + line;
                let gain = sign * gains[place] / array.scale;
                self.sense(deck, &format!("{id}s{line}"), (to, place), gain);
            }
        }
    }

    /// Devices of biases between the rail and a node each; they are near, without wires.
    fn bias_devices(
        &self,
        deck: &mut Deck,
        (array, bank): (&PresentArray, &Array2<f64>),
        layer: usize,
        letter: &str,
        sign: f64,
    ) {
        for (index, (&siemens, gain)) in bank.iter().zip(&array.down).enumerate() {
            if siemens > 0.0 {
                let node = format!("b{layer}{letter}s{index}");
                deck.resistor(&node, "rail", &node, siemens);
                // No line, no load: the amplifier is at the device.
                deck.line(format_args!("Vm{node} {node} 0 dc 0"));
                self.copy(deck, &node, (layer, index), sign * gain / array.scale);
            }
        }
    }

    /// The end of a sensed line: an ammeter into ground or into a load.
    fn sense(&self, deck: &mut Deck, node: &str, to: (usize, usize), gain: f64) {
        match self.arrays.map(|held| held.sense) {
            Some(Sense::Loaded { siemens }) => {
                deck.line(format_args!("Vm{node} {node} {node}l dc 0"));
                deck.resistor(&format!("{node}l"), &format!("{node}l"), "0", siemens);
            }
            _ => deck.line(format_args!("Vm{node} {node} 0 dc 0")),
        }
        self.copy(deck, node, to, gain);
    }

    /// A copy of a measured current, `gain·g_unit` times, into the summing node of a state node.
    fn copy(&self, deck: &mut Deck, node: &str, to: (usize, usize), gain: f64) {
        let gain = gain * self.design.node.unit_conductance;
        let sum = self.summing_node(to.0, to.1);
        deck.line(format_args!("F{node} 0 {sum} Vm{node} {gain:e}"));
    }
}
