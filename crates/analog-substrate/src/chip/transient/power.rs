//! Where the energy goes: powers at an instant, and their integrals.

use super::super::circuit::{Circuit, Instant, VisibleMode};
use crate::kernels::Real;
use serde::Serialize;

/// Energies that flowed during a transient, in units of C·V_unit² (powers in g_unit·V_unit²).
///
/// A node's capacitor gains what couplings, sources and noise deliver to it less what its leak and
/// its spring dissipate (Kirchhoff's current law times the node's voltage):
/// `stored = couplings + source + noise − leak − spring`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Work {
    /// Dissipated in the leaks.
    pub(crate) leak: f64,
    /// Dissipated in springs and nudging conductances.
    pub(crate) spring: f64,
    /// Delivered to the nodes by the sources of springs and nudges.
    pub(crate) source: f64,
    /// Delivered to the nodes by couplings and biases.
    pub(crate) couplings: f64,
    /// Delivered to the nodes by noise currents.
    pub(crate) noise: f64,
    /// Gained by the nodes' capacitors.
    pub(crate) stored: f64,
    /// Dissipated in the coupling conductances (not part of the nodes' balance: the drivers pay).
    pub(crate) crossbar: f64,
    /// Dissipated in the bias conductances, likewise.
    pub(crate) bias: f64,
}

impl Work {
    /// What the nodes' balance misses, relative to the energy that was delivered or dissipated.
    pub(crate) fn imbalance(&self) -> f64 {
        let gained = self.couplings + self.source + self.noise - self.leak - self.spring;
        let scale = self.couplings.abs()
            + self.source.abs()
            + self.noise.abs()
            + self.leak.abs()
            + self.spring.abs();
        if scale == 0.0 {
            0.0
        } else {
            (gained - self.stored).abs() / scale
        }
    }

    /// Adds `factor` times another account.
    pub(crate) fn add_scaled(&mut self, factor: f64, other: &Self) {
        self.leak += factor * other.leak;
        self.spring += factor * other.spring;
        self.source += factor * other.source;
        self.couplings += factor * other.couplings;
        self.noise += factor * other.noise;
        self.stored += factor * other.stored;
        self.crossbar += factor * other.crossbar;
        self.bias += factor * other.bias;
    }
}

/// Powers of one sample at an instant whose drift was just evaluated; `stored` and `noise` are 0.
pub(super) fn powers<R: Real>(
    circuit: &Circuit<R>,
    instant: &Instant<R>,
    state: &[Vec<R>],
    row: usize,
    (force, stiffening): (&[R], R),
) -> Work {
    let mut power = Work {
        bias: circuit.bias_load,
        ..Work::default()
    };
    for l in 0..circuit.nodes() {
        let n = circuit.widths[l];
        if l == 0 && circuit.mode == VisibleMode::Clamped {
            power.crossbar += loaded_square(&instant.output[0], &circuit.driven[0], row * n);
            continue;
        }
        let (mut leak, mut delivered) = (R::ZERO, R::ZERO);
        for i in 0..circuit.layers.size(l) {
            let at = row * n + i;
            let s = state[l][at];
            let own = if l == 0 {
                circuit.stiffness[0][i] - circuit.spring[i]
            } else {
                circuit.stiffness[l][i]
            };
            leak += own * s * instant.leaking(circuit, state, l, at);
            delivered += s * instant.delivered(circuit, l, at);
        }
        power.leak += leak.to_f64();
        power.couplings += delivered.to_f64();
        power.crossbar += loaded_square(&instant.output[l], &circuit.driven[l], row * n);
    }
    if circuit.mode != VisibleMode::Clamped {
        let n = circuit.widths[0];
        let (mut spring, mut source) = (0.0, 0.0);
        for i in 0..circuit.layers.visible() {
            // A conductance k to a source at force/k: it dissipates k(x − source)², of which the node
            // receives (force − kx)x; a current source (k = 0) delivers force·x.
            let x = state[0][row * n + i].to_f64();
            let force = force[row * n + i].to_f64();
            let k = (circuit.spring[i] + stiffening).to_f64();
            if k == 0.0 {
                source += force * x;
            } else {
                spring += k * (x - force / k).powi(2);
                source += force / k * (force - k * x);
            }
        }
        power.spring += spring;
        power.source += source;
    }
    power
}

/// Σ c_i y_i² of one row.
fn loaded_square<R: Real>(output: &[R], load: &[R], start: usize) -> f64 {
    output[start..start + load.len()]
        .iter()
        .zip(load)
        .fold(R::ZERO, |sum, (&y, &c)| sum + c * y * y)
        .to_f64()
}

/// ½ Σ (C_i/C) s_i² of one sample: energy of the nodes' capacitors.
pub(super) fn stored<R: Real>(circuit: &Circuit<R>, state: &[Vec<R>], row: usize) -> f64 {
    (0..circuit.nodes())
        .filter(|&l| l > 0 || circuit.mode != VisibleMode::Clamped)
        .map(|l| {
            let n = circuit.widths[l];
            (0..circuit.layers.size(l))
                .map(|i| {
                    0.5 * state[l][row * n + i].to_f64().powi(2) / circuit.mobility[l][i].to_f64()
                })
                .sum::<f64>()
        })
        .sum()
}
