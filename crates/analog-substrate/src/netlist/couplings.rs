//! The crossbars.

use super::{
    Circuit, CouplingStyle, NetlistError, check_positive,
    deck::{Deck, term},
    node_name,
};
use crate::{Cell, arrays::Biases, chip::circuit::driver_gain, coupling::Element};

/// What the couplings of every node add up to.
pub(super) struct Loads {
    /// Σ|W| per layer and node, both directions.
    sums: Vec<Vec<f64>>,
    /// A: gain of the drivers of resistive couplings.
    pub(super) driver_gain: f64,
}

impl Loads {
    pub(super) fn new(circuit: &Circuit<'_>) -> Self {
        let couplings = circuit.couplings;
        let layers = couplings.layers();
        let mut sums: Vec<Vec<f64>> = layers.sizes().iter().map(|&n| vec![0.0; n]).collect();
        for l in 0..layers.hidden() {
            for (up, down) in circuit.elements(l) {
                sums[l][down.below] += down.weight.abs();
                sums[l + 1][up.above] += up.weight.abs();
            }
        }
        Self {
            driver_gain: driver_gain(&sums),
            sums,
        }
    }

    /// Conductance of a node's couplings in units of g_unit: 0 where they are controlled sources.
    pub(super) fn conductance(&self, circuit: &Circuit<'_>, layer: usize, index: usize) -> f64 {
        match circuit.style {
            CouplingStyle::Behavioural | CouplingStyle::Devices => 0.0,
            CouplingStyle::Resistors => self.sums[layer][index] / self.driver_gain,
        }
    }
}

impl Circuit<'_> {
    /// Node on which the input of a state node is summed.
    pub(super) fn summing_node(&self, layer: usize, index: usize) -> String {
        let name = node_name(layer, index);
        if layer > 0 && self.cell == Cell::Gradient {
            format!("z_{name}")
        } else {
            name
        }
    }

    /// Node that carries the output of a state node.
    pub(super) fn output_node(&self, layer: usize, index: usize) -> String {
        let name = node_name(layer, index);
        if layer > 0 && self.cell != Cell::Resistive {
            format!("a_{name}")
        } else {
            name
        }
    }

    /// Gain error of what drives the crossbar from an output node: a resistive cell has no amplifier
    /// before its output, so the error is in the driver behind it.
    pub(super) fn driving_gain(&self, layer: usize, index: usize) -> f64 {
        match self.cell {
            Cell::Resistive => self.instance.gain[layer][index],
            Cell::Gradient | Cell::Hopfield => 1.0,
        }
    }

    /// A leak that leaves room for the couplings on the same node, as a conductance in siemens.
    pub(super) fn remaining_leak(
        &self,
        loads: &Loads,
        layer: usize,
        index: usize,
        leak: f64,
    ) -> Result<f64, NetlistError> {
        let rest = leak - loads.conductance(self, layer, index);
        let name = node_name(layer, index);
        check_positive(&format!("leak of {name} (in g_unit, less couplings)"), rest)?;
        Ok(rest * self.design.node.unit_conductance)
    }

    /// Biases, drivers and coupling elements.
    pub(super) fn couplings(&self, deck: &mut Deck, loads: &Loads) -> Result<(), NetlistError> {
        if self.style == CouplingStyle::Devices {
            let arrays = self.design.arrays.as_ref();
            if arrays.is_some_and(|arrays| arrays.biases == Biases::Exact) {
                self.biases(deck);
            }
            return self.device_arrays(deck);
        }
        self.biases(deck);
        if self.style == CouplingStyle::Resistors {
            self.drivers(deck, loads.driver_gain);
        }
        for l in 0..self.couplings.layers().hidden() {
            deck.comment(&format!("W_{l}, forwards (f) and backwards (b)"));
            for (up, down) in self.elements(l) {
                let (above, below) = ((l + 1, up.above), (l, up.below));
                let name = format!("{l}_{}_{}", up.above, up.below);
                if up.weight != 0.0 {
                    self.coupling(deck, loads, &format!("f{name}"), below, above, up.weight);
                }
                if down.weight != 0.0 {
                    self.coupling(deck, loads, &format!("b{name}"), above, below, down.weight);
                }
            }
        }
        Ok(())
    }

    /// Every pair of nodes of layers l and l + 1 that is coupled: as the one above receives it, and the one below.
    fn elements(&self, l: usize) -> impl Iterator<Item = (Element, Element)> {
        let coupling = self.couplings.topology().connection(l).coupling();
        let down = self.down.unwrap_or(self.couplings);
        let up = coupling.elements(self.couplings.parameters(l));
        up.into_iter().zip(coupling.elements(down.parameters(l)))
    }

    fn coupling(
        &self,
        deck: &mut Deck,
        loads: &Loads,
        name: &str,
        from: (usize, usize),
        to: (usize, usize),
        weight: f64,
    ) {
        let unit = self.design.node.unit_conductance;
        let input = self.summing_node(to.0, to.1);
        match self.style {
            // Arrays of devices are written as a whole.
            CouplingStyle::Behavioural | CouplingStyle::Devices => {
                let output = self.output_node(from.0, from.1);
                let gain = self.driving_gain(from.0, from.1);
                deck.controlled_into(name, &input, &output, gain * weight * unit);
            }
            CouplingStyle::Resistors => {
                let rail = if weight > 0.0 { "p" } else { "n" };
                let driver = format!("{rail}_{}", node_name(from.0, from.1));
                let siemens = weight.abs() / loads.driver_gain * unit;
                deck.resistor(name, &driver, &input, siemens);
            }
        }
    }

    fn biases(&self, deck: &mut Deck) {
        let node = &self.design.node;
        let unit = node.unit_conductance * node.unit_voltage;
        deck.comment("biases");
        for (layer, &size) in self.couplings.layers().sizes().iter().enumerate() {
            let bias = match layer {
                0 => self.couplings.visible_bias(),
                _ => self.couplings.bias(layer - 1),
            };
            for index in 0..size {
                let name = format!("b_{}", node_name(layer, index));
                deck.current_into(&name, &self.summing_node(layer, index), bias[index] * unit);
            }
        }
    }

    /// Both rails of every output.
    fn drivers(&self, deck: &mut Deck, gain: f64) {
        deck.comment("drivers of the crossbars");
        for (layer, &size) in self.couplings.layers().sizes().iter().enumerate() {
            for index in 0..size {
                let (name, output) = (node_name(layer, index), self.output_node(layer, index));
                let gain = gain * self.driving_gain(layer, index);
                deck.line(format_args!("Ep_{name} p_{name} 0 {output} 0 {gain:e}"));
                deck.line(format_args!("En_{name} n_{name} 0 {output} 0 {:e}", -gain));
            }
        }
    }

    /// The current `g_unit·V_unit·conductance·s` that resistive couplings draw from a node whose
    /// leak is nonlinear, to be given back by that leak.
    pub(super) fn returned_current(&self, loads: &Loads, layer: usize, index: usize) -> String {
        let load = loads.conductance(self, layer, index) * self.design.node.unit_conductance;
        format!("{}*V({})", term(load), node_name(layer, index))
    }
}
