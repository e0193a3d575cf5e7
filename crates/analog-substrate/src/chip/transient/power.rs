//! Where the energy goes: powers at an instant, and their integrals.

use super::super::{
    circuit::{Circuit, VisibleMode},
    instant::Instant,
};
use crate::kernels::{
    LANES, Real,
    simd::{Isa, Kernel},
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Energies that flowed during a transient, in units of C·V_unit² (powers in g_unit·V_unit²).
///
/// A node's capacitor gains what couplings, sources and noise deliver to it less what its leak and
/// its spring dissipate (Kirchhoff's current law times the node's voltage):
/// `stored = couplings + source + noise − leak − spring`. Equal steps are booked on their own path
/// ([`super::meter::Meter`]), adaptive ones by the quadrature of their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Work {
    /// Dissipated in the leaks, and in what keeps a node within its limits.
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
    let mut power = Work::default();
    dissipated(circuit, instant, state, row).add_to(&mut power, 1.0);
    for l in 0..circuit.nodes() {
        if l == 0 && circuit.mode == VisibleMode::Clamped {
            continue;
        }
        let n = circuit.widths[l];
        let at = row * n..(row + 1) * n;
        let [leak, delivered] = circuit.level.run(NodePowers {
            state: &instant.moving(l, at.clone(), &state[l]),
            leaking: &instant.leaking(circuit, state, l)[at.clone()],
            slope: instant
                .multiplier(circuit, l)
                .map(|slope| &slope[at.clone()]),
            current: &instant.current[l][at],
            leak: &circuit.leak[l],
        });
        power.leak += leak.to_f64();
        power.couplings += delivered.to_f64();
    }
    if let VisibleMode::Spring { .. } = circuit.mode {
        let n = circuit.widths[0];
        let [spring, source] = circuit.level.run(SpringPowers {
            x: &instant.moving(0, row * n..(row + 1) * n, &state[0]),
            force: &force[row * n..][..n],
            spring: &circuit.spring,
            stiffening,
        });
        power.spring += spring.to_f64();
        power.source += source.to_f64();
    }
    power
}

/// Powers that the drivers of couplings and biases pay, of one sample at an instant.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Dissipated {
    crossbar: f64,
    bias: f64,
    /// Of couplings that load their nodes, in a node's own share of them: its leak gives way by as
    /// much, and so does what reaches the node.
    loading: f64,
}

impl Dissipated {
    pub(super) fn add_to(self, work: &mut Work, time: f64) {
        work.crossbar += time * self.crossbar;
        work.bias += time * self.bias;
        work.leak -= time * self.loading;
        work.couplings -= time * self.loading;
    }
}

/// Dissipation of the couplings and biases of one sample at an instant.
pub(super) fn dissipated<R: Real>(
    circuit: &Circuit<R>,
    instant: &Instant<R>,
    state: &[Vec<R>],
    row: usize,
) -> Dissipated {
    let mut power = Dissipated {
        bias: circuit.bias_load,
        ..Dissipated::default()
    };
    for l in 0..circuit.nodes() {
        let n = circuit.widths[l];
        let at = row * n..(row + 1) * n;
        let output = &instant.output[l][at.clone()];
        let driven = &circuit.driven[l];
        let squares = circuit.level.run(Squares { output, driven }).to_f64();
        let Some(loading) = &circuit.loading else {
            power.crossbar += squares;
            continue;
        };
        let behind = instant.multiplier(circuit, l).is_some();
        let current = &instant.current[l][at.clone()];
        let loaded = |voltage: &[R]| {
            let [drawn, load] = circuit.level.run(Loaded {
                voltage,
                current,
                bias: circuit.network.bias(l),
                load: &loading.load[l],
            });
            (drawn.to_f64(), load.to_f64())
        };
        let voltage = if behind {
            current
        } else {
            &state[l][at.clone()]
        };
        let (drawn, load) = loaded(voltage);
        power.crossbar += loading.gain * squares - 2.0 * drawn + load;
        let leaking = !behind && (l > 0 || circuit.mode != VisibleMode::Clamped);
        if leaking {
            power.loading += match instant.moving(l, at, &state[l]) {
                Cow::Borrowed(_) => load,
                Cow::Owned(moving) => loaded(&moving).1,
            };
        }
    }
    power
}

/// Σ driven·y² of one row of outputs.
struct Squares<'a, R> {
    output: &'a [R],
    driven: &'a [R],
}

impl<R: Real> Kernel for Squares<'_, R> {
    type Output = R;

    #[inline(always)]
    fn run<I: Isa>(self) -> R {
        let mut sums = [R::ZERO; LANES];
        for start in (0..self.driven.len()).step_by(LANES) {
            let lanes = start..start + LANES;
            let (y, driven) = (&self.output[lanes.clone()], &self.driven[lanes]);
            for i in 0..LANES {
                sums[i] = (driven[i] * y[i]).fma::<I>(y[i], sums[i]);
            }
        }
        total(sums)
    }
}

/// Σ V·(z − b) and Σ load·V² of one row of summing nodes at voltages V.
struct Loaded<'a, R> {
    voltage: &'a [R],
    current: &'a [R],
    bias: &'a [R],
    load: &'a [R],
}

impl<R: Real> Kernel for Loaded<'_, R> {
    type Output = [R; 2];

    #[inline(always)]
    fn run<I: Isa>(self) -> [R; 2] {
        let mut sums = [[R::ZERO; LANES]; 2];
        for start in (0..self.load.len()).step_by(LANES) {
            let lanes = start..start + LANES;
            let (v, z) = (&self.voltage[lanes.clone()], &self.current[lanes.clone()]);
            let (b, load) = (&self.bias[lanes.clone()], &self.load[lanes]);
            for i in 0..LANES {
                sums[0][i] = v[i].fma::<I>(z[i] - b[i], sums[0][i]);
                sums[1][i] = (load[i] * v[i]).fma::<I>(v[i], sums[1][i]);
            }
        }
        sums.map(total)
    }
}

/// Of one row of nodes: Σ leak·s·(what the leak sees), Σ s·(current that reaches the capacitor).
struct NodePowers<'a, R> {
    state: &'a [R],
    leaking: &'a [R],
    slope: Option<&'a [R]>,
    current: &'a [R],
    leak: &'a [R],
}

impl<R: Real> Kernel for NodePowers<'_, R> {
    type Output = [R; 2];

    #[inline(always)]
    fn run<I: Isa>(self) -> [R; 2] {
        let mut sums = [[R::ZERO; LANES]; 2];
        for start in (0..self.state.len()).step_by(LANES) {
            let lanes = start..start + LANES;
            let (s, z) = (&self.state[lanes.clone()], &self.current[lanes.clone()]);
            let (seen, leak) = (&self.leaking[lanes.clone()], &self.leak[lanes.clone()]);
            for i in 0..LANES {
                sums[0][i] = (leak[i] * s[i]).fma::<I>(seen[i], sums[0][i]);
            }
            if let Some(slope) = self.slope {
                let slope = &slope[lanes];
                for i in 0..LANES {
                    sums[1][i] = (slope[i] * s[i]).fma::<I>(z[i], sums[1][i]);
                }
            } else {
                for i in 0..LANES {
                    sums[1][i] = s[i].fma::<I>(z[i], sums[1][i]);
                }
            }
        }
        sums.map(total)
    }
}

/// A conductance k to a source at force/k dissipates k(x − source)², and its source delivers
/// source·(force − kx) to the node and to that conductance.
struct SpringPowers<'a, R> {
    x: &'a [R],
    force: &'a [R],
    spring: &'a [R],
    stiffening: R,
}

impl<R: Real> Kernel for SpringPowers<'_, R> {
    type Output = [R; 2];

    #[inline(always)]
    fn run<I: Isa>(self) -> [R; 2] {
        let mut sums = [[R::ZERO; LANES]; 2];
        for start in (0..self.x.len()).step_by(LANES) {
            let lanes = start..start + LANES;
            let (x, force) = (&self.x[lanes.clone()], &self.force[lanes.clone()]);
            let spring = &self.spring[lanes];
            for i in 0..LANES {
                let k = spring[i] + self.stiffening;
                // Padding has no spring, and no force either.
                let k = if spring[i] > R::ZERO { k } else { R::ONE };
                let current = (-k).fma::<I>(x[i], force[i]);
                let padding = spring[i] <= R::ZERO;
                let spent = if padding {
                    R::ZERO
                } else {
                    current * current / k
                };
                let source = if padding {
                    R::ZERO
                } else {
                    force[i] / k * current
                };
                sums[0][i] += spent;
                sums[1][i] += source;
            }
        }
        sums.map(total)
    }
}

/// The sum of all lanes, in a fixed order.
pub(super) fn total<R: Real>(lanes: [R; LANES]) -> R {
    lanes.into_iter().fold(R::ZERO, |sum, lane| sum + lane)
}

/// ½ Σ (C_i/C) s_i² of one sample: energy of the capacitors of the nodes that no source holds (`fixed`, `[m, padded n_0]`).
pub(super) fn stored<R: Real>(
    circuit: &Circuit<R>,
    state: &[Vec<R>],
    row: usize,
    fixed: &[bool],
) -> f64 {
    let moves = |l: usize, i: usize| l > 0 || fixed.get(i) != Some(&true);
    (0..circuit.nodes())
        .filter(|&l| l > 0 || circuit.mode != VisibleMode::Clamped)
        .map(|l| {
            let n = circuit.widths[l];
            (0..circuit.layers.size(l))
                .filter(|&i| moves(l, row * n + i))
                .map(|i| {
                    0.5 * state[l][row * n + i].to_f64().powi(2) / circuit.mobility[l][i].to_f64()
                })
                .sum::<f64>()
        })
        .sum()
}
