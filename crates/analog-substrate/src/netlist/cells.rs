//! The nodes, and the circuits of the hidden ones.

use super::{
    Circuit, CouplingStyle, NetlistError, VisibleNodes, check_positive,
    couplings::Loads,
    deck::{Deck, term},
    functions::SATURATING,
    node_name,
};
use crate::Cell;
use std::f64::consts::TAU;

/// Conductance of a conducting diode in units of g_unit: a node rests within 1e-5 of its excess
/// input beyond the edge.
const DIODE: f64 = 1e5;

impl Circuit<'_> {
    /// Capacitors, leaks and springs.
    pub(super) fn nodes(&self, deck: &mut Deck, loads: &Loads) -> Result<(), NetlistError> {
        let volts = self.design.node.unit_voltage;
        deck.comment("nodes: capacitors and linear leaks");
        for (layer, states) in self.start().iter().enumerate() {
            for (index, state) in states.iter().enumerate() {
                let name = node_name(layer, index);
                let farads = self.capacitance(layer, index)?;
                deck.capacitor(&name, &name, farads, state * volts);
                if layer == 0 || self.cell != Cell::Resistive {
                    let leak = self.instance.leak[layer][index];
                    let siemens = if self.summing_node(layer, index) == name {
                        self.remaining_leak(loads, layer, index, leak)?
                    } else {
                        check_positive(&format!("leak of {name}"), leak)?;
                        leak * self.design.node.unit_conductance
                    };
                    deck.resistor(&name, &name, "0", siemens);
                }
                if layer == 0 {
                    self.own_leak(deck, index)?;
                }
            }
        }
        self.springs(deck)
    }

    /// k of a visible node, in units of g_unit: 0 where it has no leak of its own.
    pub(super) fn visible_leak(&self, index: usize) -> f64 {
        let leak = self.couplings.visible_leak();
        leak.map_or(0.0, |leak| leak[index])
    }

    /// The trained leak of a visible node: a resistor to ground beside the other.
    fn own_leak(&self, deck: &mut Deck, index: usize) -> Result<(), NetlistError> {
        let conductance = self.visible_leak(index);
        if conductance == 0.0 {
            return Ok(());
        }
        let name = node_name(0, index);
        check_positive(&format!("visible leak of {name}"), conductance)?;
        let siemens = conductance * self.design.node.unit_conductance;
        deck.resistor(&format!("k_{name}"), &name, "0", siemens);
        Ok(())
    }

    /// C of a node in farads.
    pub(super) fn capacitance(&self, layer: usize, index: usize) -> Result<f64, NetlistError> {
        let ratio = match (layer, self.visible) {
            (0, VisibleNodes::Floating { ratio }) => ratio,
            _ => 1.0,
        };
        let relative = self.instance.capacitance[layer][index];
        let name = node_name(layer, index);
        check_positive(&format!("relative capacitance of {name}"), relative)?;
        Ok(ratio * relative * self.design.node.capacitance.mean)
    }

    /// Conductance of a visible node's spring in units of g_unit; 0 for a floating or held node.
    pub(super) fn spring(&self, index: usize) -> f64 {
        match self.visible {
            _ if self.is_held(index) => 0.0,
            VisibleNodes::Spring { stiffness } => stiffness * self.instance.spring[index],
            VisibleNodes::Floating { .. } => 0.0,
        }
    }

    /// Whether a source holds a visible node.
    pub(super) fn is_held(&self, index: usize) -> bool {
        self.held.get(index) == Some(&true)
    }

    fn springs(&self, deck: &mut Deck) -> Result<(), NetlistError> {
        self.holding_sources(deck);
        if matches!(self.visible, VisibleNodes::Floating { .. }) {
            return Ok(());
        }
        let node = &self.design.node;
        deck.comment("springs to the anchor");
        let anchors = self.anchor.iter().enumerate();
        for (index, anchor) in anchors.filter(|&(index, _)| !self.is_held(index)) {
            let name = node_name(0, index);
            check_positive(&format!("spring of {name}"), self.spring(index))?;
            let source = format!("s_{name}");
            deck.line(format_args!(
                "V{source} {source} 0 dc {:e}",
                anchor * node.unit_voltage
            ));
            let siemens = self.spring(index) * node.unit_conductance;
            deck.resistor(&source, &source, &name, siemens);
        }
        Ok(())
    }

    /// What holds single visible nodes: the closed switch of each, to a source at its anchor.
    fn holding_sources(&self, deck: &mut Deck) {
        let anchors = self.anchor.iter().enumerate();
        let held: Vec<_> = anchors.filter(|&(i, _)| self.is_held(i)).collect();
        if !held.is_empty() {
            deck.comment("held nodes");
        }
        for (index, anchor) in held {
            let name = node_name(0, index);
            let volts = anchor * self.design.node.unit_voltage;
            deck.line(format_args!("V{name} {name} 0 dc {volts:e}"));
        }
    }

    /// Activation blocks, multipliers, nonlinear leaks and diodes.
    pub(super) fn hidden_cells(&self, deck: &mut Deck, loads: &Loads) -> Result<(), NetlistError> {
        deck.comment("cells of the hidden nodes");
        for (layer, &size) in self.couplings.layers().sizes().iter().enumerate().skip(1) {
            for index in 0..size {
                match self.cell {
                    Cell::Resistive => self.nonlinear_leak(deck, loads, layer, index)?,
                    Cell::Hopfield => self.activation_block(deck, layer, index),
                    Cell::Gradient => {
                        self.activation_block(deck, layer, index);
                        self.multiplier(deck, loads, layer, index)?;
                    }
                }
                if let Some(edges) = self.edges(layer, index) {
                    self.diodes(deck, &node_name(layer, index), edges);
                }
            }
        }
        Ok(())
    }

    /// Input of a node's activation in units of V_unit, as a formula.
    fn activation_input(&self, layer: usize, index: usize) -> String {
        let node = node_name(layer, index);
        let volts = self.design.node.unit_voltage;
        match self.instance.offset[layer][index] {
            0.0 => format!("V({node})/{volts:e}"),
            offset => format!("V({node})/{volts:e}+{}", term(offset)),
        }
    }

    /// The output's static value for an input, as a formula in volts: gain, then saturation.
    fn static_output(&self, layer: usize, index: usize) -> String {
        let gain = self.instance.gain[layer][index] * self.design.node.unit_voltage;
        let linear = format!(
            "{}*act({})",
            term(gain),
            self.activation_input(layer, index)
        );
        match self.design.activation.saturation {
            None => linear,
            Some(limit) => format!("{limit:e}*tanh({linear}/{limit:e})"),
        }
    }

    /// The amplifier: a voltage source, or with finite bandwidth a transconductance g_unit into an
    /// RC stage whose time constant is τ_a.
    fn activation_block(&self, deck: &mut Deck, layer: usize, index: usize) {
        let name = format!("a_{}", node_name(layer, index));
        let formula = self.static_output(layer, index);
        match self.design.activation.bandwidth {
            None => deck.line(format_args!("B{name} {name} 0 V={formula}")),
            Some(hertz) => {
                let siemens = self.design.node.unit_conductance;
                let farads = siemens / (TAU * hertz);
                let start = self.settled_output(layer, index);
                deck.capacitor(&name, &name, farads, start);
                // A source that is controlled by its own voltage is a conductor without noise.
                deck.formula_into(&name, &name, &format!("{siemens:e}*({formula}-V({name}))"));
            }
        }
    }

    /// The amplifier's output in volts once it has followed its node's start state.
    pub(super) fn settled_output(&self, layer: usize, index: usize) -> f64 {
        let input = self.start()[layer][index] + self.instance.offset[layer][index];
        let gain = self.instance.gain[layer][index] * self.design.node.unit_voltage;
        let linear = gain * self.activation.derivatives(input).0;
        match self.design.activation.saturation {
            None => linear,
            Some(limit) => limit * (linear / limit).tanh(),
        }
    }

    /// The summing stage of a gradient cell, which carries z, and the multiplier a′(h)·z.
    fn multiplier(
        &self,
        deck: &mut Deck,
        loads: &Loads,
        layer: usize,
        index: usize,
    ) -> Result<(), NetlistError> {
        let (name, sum) = (node_name(layer, index), self.summing_node(layer, index));
        let siemens = self.design.node.unit_conductance;
        match self.style {
            // The transimpedance of the virtual ground: a noiseless conductor.
            CouplingStyle::Behavioural | CouplingStyle::Devices => {
                deck.line(format_args!("G{sum} {sum} 0 {sum} 0 {siemens:e}"));
            }
            CouplingStyle::Resistors => {
                let rest = self.remaining_leak(loads, layer, index, 1.0)?;
                deck.resistor(&sum, &sum, "0", rest);
            }
        }
        let input = self.activation_input(layer, index);
        let formula = format!("{siemens:e}*dact({input})*V({sum})");
        deck.formula_into(&format!("m_{name}"), &name, &formula);
        Ok(())
    }

    /// The leak `leak·g_unit·V_unit·(a⁻¹(y) − offset)` of a resistive cell.
    fn nonlinear_leak(
        &self,
        deck: &mut Deck,
        loads: &Loads,
        layer: usize,
        index: usize,
    ) -> Result<(), NetlistError> {
        let node = &self.design.node;
        let (name, leak) = (node_name(layer, index), self.instance.leak[layer][index]);
        check_positive(&format!("leak of {name}"), leak)?;
        let unit = -leak * node.unit_conductance * node.unit_voltage;
        let inverse = format!("inva(V({name})/{:e})", node.unit_voltage);
        let mut formula = match self.instance.offset[layer][index] {
            0.0 => format!("{}*{inverse}", term(unit)),
            offset => format!("{}*({inverse}-{})", term(unit), term(offset)),
        };
        if self.style == CouplingStyle::Resistors {
            formula = format!("{formula}+{}", self.returned_current(loads, layer, index));
        }
        deck.formula_into(&format!("l_{name}"), &name, &formula);
        Ok(())
    }

    /// The interval in volts that diodes confine a node to: where a hard sigmoid's slope is not 0,
    /// or the range of its output.
    pub(super) fn edges(&self, layer: usize, index: usize) -> Option<(f64, f64)> {
        self.activation.state_range()?;
        let volts = self.design.node.unit_voltage;
        let offset = self.instance.offset[layer][index];
        match self.cell {
            Cell::Gradient => Some((-offset * volts, (1.0 - offset) * volts)),
            Cell::Hopfield => None,
            Cell::Resistive => Some((0.0, self.activation.derivatives(1.0).0 * volts)),
        }
    }

    /// Whether a node of this circuit has diodes, or a leak that its inputs can drive where it is as
    /// stiff as one: ngspice gets over these by Gear's method alone. Elsewhere the trapezoidal rule is
    /// twice as exact.
    pub(super) fn is_stiff(&self) -> bool {
        self.edges(1, 0).is_some() || self.can_saturate()
    }

    /// Whether outputs of 1 can drive a node of a resistive cell to the ends of its activation's range.
    fn can_saturate(&self) -> bool {
        let bent = !self.activation.kind.is_line();
        let hidden = self.couplings.layers().hidden();
        let loads: Vec<_> = (0..hidden)
            .map(|l| {
                let coupling = self.couplings.topology().connection(l).coupling();
                coupling.loads(self.couplings.parameters(l))
            })
            .collect();
        let input = |l: usize, i: usize| {
            let above = loads.get(l + 1).map_or(0.0, |loads| loads.below[i]);
            loads[l].above[i] + above + self.couplings.bias(l)[i].abs()
        };
        let mut nodes =
            (0..hidden).flat_map(|l| (0..self.couplings.bias(l).len()).map(move |i| (l, i)));
        self.cell == Cell::Resistive && bent && nodes.any(|(l, i)| input(l, i) > SATURATING)
    }

    /// Two ideal diodes of on-conductance [`DIODE`]·g_unit at the edges.
    fn diodes(&self, deck: &mut Deck, node: &str, (low, high): (f64, f64)) {
        let siemens = DIODE * self.design.node.unit_conductance;
        let formula = format!(
            "-{siemens:e}*(max(0,V({node})-{})+min(0,V({node})-{}))",
            term(high),
            term(low)
        );
        deck.formula_into(&format!("d_{node}"), node, &formula);
    }
}
