//! What the nodes of a block of samples see at one instant, and where it drives them.

use super::circuit::{Circuit, VisibleMode};
use crate::{
    Cell,
    activation::{ActivationScalar, EvaluateSlopes, Invert},
    kernels::{
        Real,
        simd::{Isa, Kernel},
    },
};
use std::{borrow::Cow, ops::Range};

/// What the nodes of a block of samples see at one instant.
pub(crate) struct Instant<R> {
    /// Output of each layer, `[m, padded n_l]`: what the crossbars are driven with.
    pub(crate) output: Vec<Vec<R>>,
    /// a′ (gradient cell) or the slope of the leak (resistive cell) of each layer.
    pub(crate) slope: Vec<Vec<R>>,
    /// a(h + offset) before the pole, or a⁻¹(y).
    element: Vec<Vec<R>>,
    input: Vec<Vec<R>>,
    spare: Vec<Vec<R>>,
    /// Current that couplings and biases bring to each node.
    pub(crate) current: Vec<Vec<R>>,
    /// Visible nodes that a source holds, `[m, padded n_0]`; empty where there are none.
    fixed: Vec<bool>,
}

impl<R: ActivationScalar> Instant<R> {
    pub(crate) fn new(circuit: &Circuit<R>, block: usize) -> Self {
        let buffers = || -> Vec<Vec<R>> {
            circuit.widths[..circuit.nodes()]
                .iter()
                .map(|n| vec![R::ZERO; block * n])
                .collect()
        };
        Self {
            output: buffers(),
            slope: buffers(),
            element: buffers(),
            input: buffers(),
            spare: buffers(),
            current: buffers(),
            fixed: Vec::new(),
        }
    }

    /// Holds visible nodes of the samples to come, `[m, padded n_0]`; none where the mask is empty.
    pub(crate) fn hold(&mut self, fixed: impl IntoIterator<Item = bool>) {
        self.fixed.clear();
        self.fixed.extend(fixed);
    }

    /// Writes ds/dt of every part to `drift`. `force` is the constant current into the visible nodes
    /// (λx_t and a nudge), `stiffening` what a nudge adds to their stiffness, `disturbance` the
    /// present input-referred noise of each hidden layer.
    pub(crate) fn drift(
        &mut self,
        circuit: &Circuit<R>,
        m: usize,
        state: &[Vec<R>],
        external: &External<'_, R>,
        drift: &mut [Vec<R>],
    ) {
        self.respond(circuit, m, state, external.disturbance);
        self.collect(circuit, m);
        for l in 0..circuit.nodes() {
            let n = m * circuit.widths[l];
            let (mobility, leak) = (&circuit.mobility[l], &circuit.stiffness[l]);
            let (f, s, z) = (&mut drift[l][..n], &state[l][..n], &self.current[l][..n]);
            if l == 0 {
                if circuit.mode == VisibleMode::Clamped {
                    f.fill(R::ZERO);
                    continue;
                }
                circuit.level.run(VisibleDrift {
                    f,
                    x: s,
                    z,
                    force: &external.force[..n],
                    mobility,
                    leak,
                    added: external.stiffening,
                });
                let held = f.iter_mut().zip(&self.fixed).filter(|(_, fixed)| **fixed);
                held.for_each(|(f, _)| *f = R::ZERO);
                continue;
            }
            let (slope, damped) = match circuit.cell {
                Cell::Gradient => (Some(&self.slope[l][..n]), s),
                Cell::Hopfield => (None, s),
                Cell::Resistive => (None, &self.element[l][..n]),
            };
            circuit.level.run(HiddenDrift {
                f,
                damped,
                z,
                slope,
                mobility,
                leak,
            });
        }
        for part in circuit.nodes()..circuit.widths.len() {
            let l = part + 1 - circuit.nodes();
            let n = m * circuit.widths[part];
            circuit.level.run(PoleDrift {
                f: &mut drift[part][..n],
                aim: &self.element[l][..n],
                y: &state[part][..n],
                rate: circuit.stiffness[part][0],
            });
        }
    }

    /// Outputs and slopes of every layer.
    fn respond(
        &mut self,
        circuit: &Circuit<R>,
        m: usize,
        state: &[Vec<R>],
        disturbance: Option<&[Vec<R>]>,
    ) {
        let n = m * circuit.widths[0];
        self.output[0][..n].copy_from_slice(&state[0][..n]);
        for l in 1..circuit.nodes() {
            let n = m * circuit.widths[l];
            let s = &state[l][..n];
            if circuit.cell == Cell::Resistive {
                self.output[l][..n].copy_from_slice(s);
                self.invert(circuit, l, n, disturbance);
                continue;
            }
            let disturbed = circuit.offset.is_some() || disturbance.is_some();
            if disturbed {
                self.input[l][..n].copy_from_slice(s);
                add_disturbance(circuit, l, &mut self.input[l][..n], disturbance, R::ONE);
                self.rest_on_edges(circuit, l, n);
            }
            EvaluateSlopes {
                h: if disturbed { &self.input[l][..n] } else { s },
                a: &mut self.element[l][..n],
                a1: &mut self.slope[l][..n],
            }
            .apply(circuit.level, circuit.curve);
            self.limit(circuit, l, n);
            let from = if circuit.has_pole {
                &state[circuit.nodes() + l - 1][..n]
            } else {
                &self.element[l][..n]
            };
            self.output[l][..n].copy_from_slice(from);
        }
    }

    /// A confined state stays where its slope is that of the inside: rounding and noise of the
    /// amplifier's input, which its diodes do not follow, do not carry it across an edge.
    fn rest_on_edges(&mut self, circuit: &Circuit<R>, l: usize, n: usize) {
        if let (Cell::Gradient, Some((low, high))) = (circuit.cell, circuit.curve.range()) {
            let input = self.input[l][..n].iter_mut();
            input.for_each(|h| *h = h.larger(low).smaller(high));
        }
    }

    /// a⁻¹(y) − offset of a resistive cell, as current through its leak.
    fn invert(&mut self, circuit: &Circuit<R>, l: usize, n: usize, disturbance: Option<&[Vec<R>]>) {
        Invert {
            y: &self.output[l][..n],
            h: &mut self.element[l][..n],
            slope: &mut self.slope[l][..n],
        }
        .apply(circuit.level, circuit.curve);
        add_disturbance(circuit, l, &mut self.element[l][..n], disturbance, -R::ONE);
        if let Some(gain) = &circuit.gain {
            let rows = self.output[l][..n].chunks_exact_mut(circuit.widths[l]);
            rows.for_each(|row| row.iter_mut().zip(&gain[l]).for_each(|(y, &g)| *y *= g));
        }
    }

    /// Gain error and saturation of the amplifiers.
    fn limit(&mut self, circuit: &Circuit<R>, l: usize, n: usize) {
        if let Some(gain) = &circuit.gain {
            let rows = self.element[l][..n].chunks_exact_mut(circuit.widths[l]);
            rows.for_each(|row| row.iter_mut().zip(&gain[l]).for_each(|(y, &g)| *y *= g));
        }
        if let Some(limit) = circuit.saturation {
            circuit.level.run(Saturate {
                y: &mut self.element[l][..n],
                limit,
            });
        }
    }

    /// The current into every node.
    fn collect(&mut self, circuit: &Circuit<R>, m: usize) {
        for l in 0..circuit.nodes() {
            crate::ideal::network::broadcast(m, circuit.network.bias(l), &mut self.current[l]);
            circuit
                .network
                .add_inputs(l, m, &self.output, &mut self.current[l]);
        }
    }

    /// y* = a(z/leak + offset), to which the present current draws the resistive nodes of layer `l`.
    pub(crate) fn aim(&mut self, circuit: &Circuit<R>, l: usize, aim: &mut [R]) {
        let n = aim.len();
        let leak = &circuit.leak[l];
        let rows = self.input[l][..n].chunks_exact_mut(leak.len());
        for (to, z) in rows.zip(self.current[l].chunks_exact(leak.len())) {
            for i in 0..leak.len() {
                let leak = if leak[i] > R::ZERO { leak[i] } else { R::ONE };
                to[i] = z[i] / leak;
            }
        }
        add_disturbance(circuit, l, &mut self.input[l][..n], None, R::ONE);
        EvaluateSlopes {
            h: &self.input[l][..n],
            a: aim,
            a1: &mut self.spare[l][..n],
        }
        .apply(circuit.level, circuit.curve);
    }
}

impl<R: Real> Instant<R> {
    /// Visible nodes that a source holds, `[m, padded n_0]`; empty where there are none.
    pub(crate) fn fixed(&self) -> &[bool] {
        &self.fixed
    }

    /// The elements `at` of the states (or drifts) of layer `l`, with zeros for held nodes: what a source does
    /// to a node is no part of the balance of the others.
    pub(crate) fn moving<'s>(&self, l: usize, at: Range<usize>, values: &'s [R]) -> Cow<'s, [R]> {
        let row = &values[at.clone()];
        if l > 0 || self.fixed.is_empty() {
            return Cow::Borrowed(row);
        }
        let nodes = row.iter().zip(&self.fixed[at]);
        let moving = nodes.map(|(&value, &fixed)| if fixed { R::ZERO } else { value });
        Cow::Owned(moving.collect())
    }

    /// a′ of layer `l` where a multiplier carries the current to the capacitor.
    pub(crate) fn multiplier(&self, circuit: &Circuit<R>, l: usize) -> Option<&[R]> {
        (l > 0 && circuit.cell == Cell::Gradient).then(|| &self.slope[l][..])
    }

    /// a⁻¹(y) − offset of the resistive nodes of layer `l`, a of others before their pole.
    pub(crate) fn element(&self, l: usize) -> &[R] {
        &self.element[l]
    }

    /// What the leaks of layer `l` see: the state, or a⁻¹(y) − offset.
    pub(crate) fn leaking<'s>(
        &'s self,
        circuit: &Circuit<R>,
        state: &'s [Vec<R>],
        l: usize,
    ) -> &'s [R] {
        if l > 0 && circuit.cell == Cell::Resistive {
            &self.element[l]
        } else {
            &state[l]
        }
    }
}

/// What acts on the nodes from outside, at one instant.
pub(crate) struct External<'a, R> {
    /// `[m, padded n_0]`.
    pub(crate) force: &'a [R],
    pub(crate) stiffening: R,
    pub(crate) disturbance: Option<&'a [Vec<R>]>,
}

fn add_disturbance<R: ActivationScalar>(
    circuit: &Circuit<R>,
    l: usize,
    input: &mut [R],
    disturbance: Option<&[Vec<R>]>,
    sign: R,
) {
    if let Some(offset) = &circuit.offset {
        for row in input.chunks_exact_mut(circuit.widths[l]) {
            row.iter_mut()
                .zip(&offset[l])
                .for_each(|(h, &o)| *h += sign * o);
        }
    }
    if let Some(disturbance) = disturbance {
        let present = disturbance[l].iter();
        input
            .iter_mut()
            .zip(present)
            .for_each(|(h, &d)| *h += sign * d);
    }
}

/// μ(z + force − (leak + added)x).
struct VisibleDrift<'a, R> {
    f: &'a mut [R],
    x: &'a [R],
    z: &'a [R],
    force: &'a [R],
    mobility: &'a [R],
    leak: &'a [R],
    added: R,
}

impl<R: Real> Kernel for VisibleDrift<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let n = self.leak.len();
        for (row, f) in self.f.chunks_exact_mut(n).enumerate() {
            let (x, z) = (&self.x[row * n..][..n], &self.z[row * n..][..n]);
            let (force, mobility) = (&self.force[row * n..][..n], &self.mobility[..n]);
            for i in 0..n {
                let leak = self.leak[i] + self.added;
                f[i] = mobility[i] * (-leak).fma::<I>(x[i], z[i] + force[i]);
            }
        }
    }
}

/// μ(slope·z − leak·damped), slope 1 where there is none.
struct HiddenDrift<'a, R> {
    f: &'a mut [R],
    damped: &'a [R],
    z: &'a [R],
    slope: Option<&'a [R]>,
    mobility: &'a [R],
    leak: &'a [R],
}

impl<R: Real> Kernel for HiddenDrift<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let n = self.leak.len();
        let (leak, mobility) = (self.leak, &self.mobility[..n]);
        for (row, f) in self.f.chunks_exact_mut(n).enumerate() {
            let (h, z) = (&self.damped[row * n..][..n], &self.z[row * n..][..n]);
            match self.slope {
                Some(slope) => {
                    let slope = &slope[row * n..][..n];
                    for i in 0..n {
                        f[i] = mobility[i] * slope[i].fma::<I>(z[i], -(leak[i] * h[i]));
                    }
                }
                None => {
                    for i in 0..n {
                        f[i] = mobility[i] * (-leak[i]).fma::<I>(h[i], z[i]);
                    }
                }
            }
        }
    }
}

/// (aim − y)/τ_a.
struct PoleDrift<'a, R> {
    f: &'a mut [R],
    aim: &'a [R],
    y: &'a [R],
    rate: R,
}

impl<R: Real> Kernel for PoleDrift<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let n = self.f.len();
        let (aim, y) = (&self.aim[..n], &self.y[..n]);
        for i in 0..n {
            self.f[i] = self.rate * (aim[i] - y[i]);
        }
    }
}

/// y ← limit·tanh(y/limit).
struct Saturate<'a, R> {
    y: &'a mut [R],
    limit: R,
}

impl<R: Real> Kernel for Saturate<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        for y in self.y {
            *y = self.limit * (*y / self.limit).hyperbolic_tangent::<I>();
        }
    }
}
