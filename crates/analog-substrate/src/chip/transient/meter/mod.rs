//! Where the energy of a step goes, on the path that the step itself took.

mod kernels;

use super::super::{
    circuit::{Circuit, VisibleMode},
    instant::Instant,
};
use super::{Work, coefficients::Coefficients, power::dissipated};
use crate::kernels::Real;
use kernels::{Charge, Ends, NodeWork, Relax, SpringWork};

/// Energies of a block's steps by cause.
///
/// Of a step of length h a node has its voltage V and drift f at both ends, and of every cause the
/// current at both ends, i₀ and i₁, and the charge Q that the step moved on its account. V(t) is the
/// cubic through the former, the current i(t) the quadratic through the latter, so that
/// `∫ V i dt = h(α i₀ + β i₁) + γ Q` with `10α = V₀ − V₁ + h f₁/6`, `10β = V₁ − V₀ − h f₀/6`,
/// `γ = (V₀ + V₁)/2 + h(f₀ − f₁)/10`. The causes' currents add up to C dV/dt at both ends, and their
/// charges to C(V₁ − V₀): two quadratics that agree at both ends and in their integral are the same,
/// so the energies add up to ½C(V₁² − V₀²) exactly, and each is of fourth order where V and i are
/// smooth. Noise has a charge alone: a smooth path makes its work Stratonovich's.
pub(super) struct Meter<R> {
    nodes: Vec<Charges<R>>,
    /// λx_t and a nudge at the start of the step, and what they brought, `[m, n_0]`.
    force: Vec<R>,
    brought: Vec<R>,
    step: f64,
    noisy: bool,
}

/// Of one layer, `[m, n]` each.
struct Charges<R> {
    /// At the start of the step: V, f, the current of the couplings, and what the leak sees.
    state: Vec<R>,
    drift: Vec<R>,
    coupling: Vec<R>,
    seen: Vec<R>,
    /// Integrals over the step of the last two.
    coupled: Vec<R>,
    leaked: Vec<R>,
    /// C_i/C times these are charges: displacement by noise, and by the node's limits.
    noise: Vec<R>,
    limit: Vec<R>,
}

/// What acts on visible nodes: the present force `[m, n_0]` and the conductance of a nudge.
pub(super) type Held<'a, R> = (&'a [R], R);

impl<R: Real> Meter<R> {
    pub(super) fn new(circuit: &Circuit<R>, block: usize, step: f64, noisy: bool) -> Self {
        let widths = &circuit.widths[..circuit.nodes()];
        let charges = |&n: &usize| {
            let zeros = || vec![R::ZERO; block * n];
            Charges {
                state: zeros(),
                drift: zeros(),
                coupling: zeros(),
                seen: zeros(),
                coupled: zeros(),
                leaked: zeros(),
                noise: zeros(),
                limit: zeros(),
            }
        };
        Self {
            nodes: widths.iter().map(charges).collect(),
            force: vec![R::ZERO; block * widths[0]],
            brought: vec![R::ZERO; block * widths[0]],
            step,
            noisy,
        }
    }

    /// Begins a step of `m` rows at a state whose drift was just evaluated.
    pub(super) fn open(
        &mut self,
        circuit: &Circuit<R>,
        instant: &Instant<R>,
        (m, state, drift): (usize, &[Vec<R>], &[Vec<R>]),
        force: &[R],
    ) {
        for (l, node) in self.nodes.iter_mut().enumerate() {
            let n = m * circuit.widths[l];
            node.state[..n].copy_from_slice(&state[l][..n]);
            node.drift[..n].copy_from_slice(&drift[l][..n]);
            node.seen[..n].copy_from_slice(&instant.leaking(circuit, state, l)[..n]);
            let current = &instant.current[l][..n];
            match instant.multiplier(circuit, l) {
                Some(slope) => {
                    let products = current.iter().zip(&slope[..n]);
                    let to = node.coupling.iter_mut().zip(products);
                    to.for_each(|(to, (&z, &slope))| *to = slope * z);
                }
                None => node.coupling[..n].copy_from_slice(current),
            }
            for charges in [
                &mut node.coupled,
                &mut node.leaked,
                &mut node.noise,
                &mut node.limit,
            ] {
                charges[..n].fill(R::ZERO);
            }
        }
        let n = m * circuit.widths[0];
        self.force[..n].copy_from_slice(&force[..n]);
        self.brought[..n].fill(R::ZERO);
    }

    /// Adds `weight` times the present currents to what the step moved, and `weight` times the
    /// dissipation of the couplings to every sample's account.
    pub(super) fn charge(
        &mut self,
        circuit: &Circuit<R>,
        instant: &Instant<R>,
        (state, force): (&[Vec<R>], &[R]),
        weight: f64,
        work: &mut [Work],
    ) {
        let m = work.len();
        let factor = R::from_f64(weight);
        for (l, node) in self.nodes.iter_mut().enumerate() {
            let n = m * circuit.widths[l];
            circuit.level.run(Charge {
                coupled: &mut node.coupled[..n],
                leaked: &mut node.leaked[..n],
                current: &instant.current[l][..n],
                slope: instant.multiplier(circuit, l),
                seen: instant.leaking(circuit, state, l),
                weight: factor,
            });
        }
        let n = m * circuit.widths[0];
        for (brought, &force) in self.brought.iter_mut().zip(&force[..n]) {
            *brought += factor * force;
        }
        for (row, work) in work.iter_mut().enumerate() {
            dissipated(circuit, instant, state, row).add_to(work, weight);
        }
    }

    /// Corrects the charge of the leak of part `l`, trapezoidal so far, for an exponential step: the
    /// part that is linear in V, `D V`, follows the path that the step solves exactly.
    pub(super) fn relax(
        &mut self,
        circuit: &Circuit<R>,
        l: usize,
        (stage, stage_drift): (&[R], &[R]),
        coefficients: &Coefficients<R>,
    ) {
        let node = &mut self.nodes[l];
        circuit.level.run(Relax {
            leaked: &mut node.leaked[..stage.len()],
            state: &node.state,
            drift: &node.drift,
            stage,
            stage_drift,
            coefficients,
            leak: &circuit.leak[l],
            mobility: &circuit.mobility[l],
            step: R::from_f64(self.step),
        });
    }

    /// State and drift of part `l` at the start of the step.
    pub(super) fn before(&self, l: usize) -> (&[R], &[R]) {
        (&self.nodes[l].state, &self.nodes[l].drift)
    }

    /// Where a step's noise displacement of part `l` is summed, `[m, n]`.
    pub(super) fn noise(&mut self, l: usize) -> &mut [R] {
        &mut self.nodes[l].noise
    }

    /// Where a step's displacement of each part by its limits is summed, `[m, n]`.
    pub(super) fn limit(&mut self, l: usize) -> &mut [R] {
        &mut self.nodes[l].limit
    }

    /// Books the step: `state` and `drift` are those at its end.
    pub(super) fn close(
        &self,
        circuit: &Circuit<R>,
        instant: &Instant<R>,
        (state, drift): (&[Vec<R>], &[Vec<R>]),
        held: Held<'_, R>,
        work: &mut [Work],
    ) {
        for (row, work) in work.iter_mut().enumerate() {
            for (l, node) in self.nodes.iter().enumerate() {
                if l == 0 && circuit.mode == VisibleMode::Clamped {
                    continue;
                }
                let n = circuit.widths[l];
                let at = row * n..(row + 1) * n;
                let moving = |values| instant.moving(l, at.clone(), values);
                let states = [moving(&node.state), moving(&state[l])];
                let drifts = [moving(&node.drift), moving(&drift[l])];
                let ends = Ends {
                    state: [&*states[0], &*states[1]],
                    drift: [&*drifts[0], &*drifts[1]],
                    step: R::from_f64(self.step),
                };
                let seen = &instant.leaking(circuit, state, l)[at.clone()];
                let [leak, couplings, noise] = circuit.level.run(NodeWork {
                    ends,
                    coupling: &node.coupling[at.clone()],
                    current: &instant.current[l][at.clone()],
                    slope: instant
                        .multiplier(circuit, l)
                        .map(|slope| &slope[at.clone()]),
                    seen: [&node.seen[at.clone()], seen],
                    coupled: &node.coupled[at.clone()],
                    leaked: &node.leaked[at.clone()],
                    noise: self.noisy.then(|| &node.noise[at.clone()]),
                    limit: circuit.confining(l).map(|_| &node.limit[at.clone()]),
                    leak: &circuit.leak[l],
                    mobility: &circuit.mobility[l],
                });
                work.leak += leak.to_f64();
                work.couplings += couplings.to_f64();
                work.noise += noise.to_f64();
                if l == 0 && matches!(circuit.mode, VisibleMode::Spring { .. }) {
                    let [spring, source] = circuit.level.run(SpringWork {
                        ends,
                        force: [&self.force[at.clone()], &held.0[at.clone()]],
                        brought: &self.brought[at.clone()],
                        passed: &node.leaked[at.clone()],
                        spring: &circuit.spring,
                        stiffening: held.1,
                    });
                    work.spring += spring.to_f64();
                    work.source += source.to_f64();
                }
            }
        }
    }
}
