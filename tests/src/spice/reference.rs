//! The node equations as they are written, integrated by classical Runge–Kutta steps in f64.

use analog_substrate::{
    Cell,
    netlist::{Circuit, VisibleNodes},
};
use ndarray::{Array1, ArrayView1};
use std::f64::consts::TAU;

/// Longest step in units of τ: rates are at most 20 per τ, so a step's error is below (0.04)⁵/120.
const STEP: f64 = 0.002;

/// A circuit as ordinary differential equations in units of V_unit and τ. Shares with the netlists the
/// circuit's description, and nothing else.
pub struct Reference<'a> {
    circuit: &'a Circuit<'a>,
    /// τ_a/τ of the activation blocks; 0 if they are instant.
    lag: f64,
    saturation: Option<f64>,
}

/// Node states and, where activation blocks lag, their outputs.
#[derive(Clone)]
struct State {
    nodes: Vec<Array1<f64>>,
    outputs: Vec<Array1<f64>>,
}

impl<'a> Reference<'a> {
    /// The equations of a circuit.
    pub fn new(circuit: &'a Circuit<'a>) -> Self {
        let (design, block) = (circuit.design, &circuit.design.activation);
        let active = circuit.cell != Cell::Resistive;
        Self {
            circuit,
            lag: block
                .bandwidth
                .filter(|_| active)
                .map_or(0.0, |hertz| 1.0 / (TAU * hertz * design.time_constant())),
            saturation: block.saturation.map(|v| v / design.node.unit_voltage),
        }
    }

    /// Node states at `times` (seconds, rising), `[time][node]` with x first.
    pub fn path(&self, times: &[f64]) -> Vec<Vec<f64>> {
        let tau = self.circuit.design.time_constant();
        let nodes: Vec<_> = self.circuit.start().into_iter().map(Array1::from).collect();
        let mut state = State {
            outputs: self.settled_outputs(&nodes),
            nodes,
        };
        let mut now = 0.0;
        times
            .iter()
            .map(|time| {
                let span = time / tau - now;
                now = time / tau;
                let steps = (1..u32::MAX)
                    .find(|&n| span <= STEP * f64::from(n))
                    .unwrap_or(1);
                for _ in 0..steps {
                    self.step(&mut state, span / f64::from(steps));
                }
                state.nodes.iter().flatten().copied().collect()
            })
            .collect()
    }

    /// The rates of change of all nodes where blocks are instant, in units of V_unit/τ, x first.
    pub fn rates(&self, states: &[Vec<f64>]) -> Vec<f64> {
        let nodes: Vec<_> = states.iter().cloned().map(Array1::from).collect();
        let outputs = self.settled_outputs(&nodes);
        let rates = self.derivative(&State { nodes, outputs });
        rates.nodes.iter().flatten().copied().collect()
    }

    fn step(&self, state: &mut State, dt: f64) {
        let k1 = self.derivative(state);
        let k2 = self.derivative(&state.moved(&k1, dt / 2.0));
        let k3 = self.derivative(&state.moved(&k2, dt / 2.0));
        let k4 = self.derivative(&state.moved(&k3, dt));
        for (k, weight) in [(k1, 1.0), (k2, 2.0), (k3, 2.0), (k4, 1.0)] {
            *state = state.moved(&k, weight * dt / 6.0);
        }
        if let Some((low, high)) = self.confinement() {
            for (l, layer) in state.nodes.iter_mut().enumerate().skip(1) {
                for (s, offset) in layer.iter_mut().zip(self.edge_offsets(l)) {
                    *s = s.clamp(low - offset, high - offset);
                }
            }
        }
    }

    /// The edges on which hard-sigmoid nodes rest.
    fn confinement(&self) -> Option<(f64, f64)> {
        let activation = self.circuit.activation;
        activation.state_range()?;
        match self.circuit.cell {
            Cell::Hopfield => None,
            Cell::Gradient => Some((0.0, 1.0)),
            Cell::Resistive => Some((0.0, activation.derivatives(1.0).0)),
        }
    }

    /// How far below their nominal places the edges of the nodes of layer `l` are.
    fn edge_offsets(&self, l: usize) -> Vec<f64> {
        match self.circuit.cell {
            Cell::Gradient => self.circuit.instance.offset[l].clone(),
            Cell::Hopfield | Cell::Resistive => vec![0.0; self.circuit.instance.offset[l].len()],
        }
    }

    fn derivative(&self, state: &State) -> State {
        let circuit = self.circuit;
        let instance = circuit.instance;
        let layers = circuit.couplings.layers().hidden();
        let settled = self.settled_outputs(&state.nodes);
        let outputs = if self.lag > 0.0 {
            &state.outputs
        } else {
            &settled
        };
        let mut rates = state.clone();
        for l in 0..=layers {
            let mut input = match l {
                0 => circuit.couplings.visible_bias().to_owned(),
                _ => {
                    &circuit.couplings.bias(l - 1)
                        + &circuit.couplings.weight(l - 1).dot(&outputs[l - 1])
                }
            };
            if l < layers {
                let down = circuit.down.unwrap_or(circuit.couplings);
                input += &down.weight(l).t().dot(&outputs[l + 1]);
            }
            for (i, &s) in state.nodes[l].iter().enumerate() {
                let leak = instance.leak[l][i];
                let offset = instance.offset[l][i];
                let current = match (l, circuit.cell) {
                    (0, _) => {
                        let own = circuit.couplings.visible_leak().map_or(0.0, |k| k[i]);
                        input[i] - (leak + own) * s + self.spring(i, s)
                    }
                    (_, Cell::Hopfield) => input[i] - leak * s,
                    (_, Cell::Gradient) => {
                        // On its edges a hard sigmoid has the slope of the inside.
                        let at = match self.confinement() {
                            Some((low, high)) => (s + offset).clamp(low, high),
                            None => s + offset,
                        };
                        circuit.activation.derivatives(at).1 * input[i] - leak * s
                    }
                    (_, Cell::Resistive) => input[i] - leak * (self.inverse(s) - offset),
                };
                let ratio = match circuit.visible {
                    VisibleNodes::Floating { ratio } if l == 0 => ratio,
                    _ => 1.0,
                };
                let held = l == 0 && circuit.held.get(i) == Some(&true);
                let current = if held { 0.0 } else { current };
                rates.nodes[l][i] = current / (ratio * instance.capacitance[l][i]);
            }
            if self.lag > 0.0 && l > 0 {
                rates.outputs[l] = (&settled[l] - &state.outputs[l]) / self.lag;
            } else {
                // x has no block, and follows itself.
                rates.outputs[l].clone_from(&rates.nodes[l]);
            }
        }
        rates
    }

    fn spring(&self, i: usize, x: f64) -> f64 {
        match self.circuit.visible {
            VisibleNodes::Spring { stiffness } => {
                stiffness * self.circuit.instance.spring[i] * (self.circuit.anchor[i] - x)
            }
            VisibleNodes::Floating { .. } => 0.0,
        }
    }

    /// What the blocks put out once they have followed their nodes.
    fn settled_outputs(&self, nodes: &[Array1<f64>]) -> Vec<Array1<f64>> {
        let instance = self.circuit.instance;
        let block = |l: usize, layer: ArrayView1<'_, f64>| -> Array1<f64> {
            let with = layer.iter().zip(&instance.gain[l]).zip(&instance.offset[l]);
            with.map(|((&h, gain), offset)| {
                let output = gain * self.circuit.activation.derivatives(h + offset).0;
                self.saturation
                    .map_or(output, |limit| limit * (output / limit).tanh())
            })
            .collect()
        };
        let resistive = self.circuit.cell == Cell::Resistive;
        nodes
            .iter()
            .enumerate()
            .map(|(l, layer)| {
                if l == 0 || resistive {
                    // No amplifier: only what drives the crossbar errs.
                    layer * &Array1::from(instance.gain[l].clone())
                } else {
                    block(l, layer.view())
                }
            })
            .collect()
    }

    /// a⁻¹(y).
    fn inverse(&self, y: f64) -> f64 {
        let inverse = self.circuit.activation.inverse(y);
        inverse.expect("resistive cells have activations that rise")
    }
}

impl State {
    fn moved(&self, rates: &Self, dt: f64) -> Self {
        let move_all = |states: &[Array1<f64>], rates: &[Array1<f64>]| {
            states
                .iter()
                .zip(rates)
                .map(|(s, k)| s + &(k * dt))
                .collect()
        };
        Self {
            nodes: move_all(&self.nodes, &rates.nodes),
            outputs: move_all(&self.outputs, &rates.outputs),
        }
    }
}
