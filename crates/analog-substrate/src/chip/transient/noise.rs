//! Noise along a transient: thermal currents, amplifier noise, 1/f noise.

use super::{
    super::{Design, circuit::Circuit, noise_ramp::GainRamp},
    coefficients::Coefficients,
    shared::SharedNoise,
};
use crate::flicker::Processes;
use crate::{
    activation::ActivationScalar,
    kernels::{
        Real,
        simd::{Isa, Kernel},
    },
    random::{Purpose, Stream},
};
use rand_distr::{Distribution, StandardNormal};

/// Where the draws of a relaxation come from, and how strong they are.
#[derive(Clone, Debug)]
pub(crate) struct NoiseAddress {
    pub(crate) seed: u64,
    /// Which relaxation of the chip this is.
    pub(crate) relaxation: u64,
    /// Number of the batch's first sample.
    pub(crate) first_sample: u64,
    /// Θ = kT/(C·V_unit²), 0 without thermal noise.
    pub(crate) theta: f64,
    /// Variance × time of the amplifiers' input-referred white noise, in units of V_unit²·τ.
    pub(crate) amplifier: f64,
    pub(crate) flicker: Vec<OrnsteinUhlenbeck>,
    /// Equal parts of a step that draw thermal noise of their own: a step of h in two parts sees the
    /// same noise path as two steps of h/2.
    pub(crate) refinement: u32,
}

/// One process of a 1/f spectrum: rate in 1/τ, stationary variance in V_unit².
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct OrnsteinUhlenbeck {
    pub(crate) rate: f64,
    pub(crate) variance: f64,
}

impl NoiseAddress {
    /// The noise of a design, or none where it has none.
    pub(crate) fn of(
        design: &Design,
        seed: u64,
        relaxation: u64,
        first_sample: u64,
        refinement: u32,
    ) -> Option<Self> {
        let (tau, volt) = (design.time_constant(), design.node.unit_voltage);
        let density = design.activation.noise_density / volt;
        let flicker = design.activation.flicker.map_or_else(Vec::new, |flicker| {
            processes(
                flicker.coefficient / (volt * volt),
                flicker.low * tau,
                flicker.high * tau,
            )
        });
        let address = Self {
            seed,
            relaxation,
            first_sample,
            theta: design.thermal_variance(),
            // A one-sided density S is S/2 in both sidebands: mean over a time T has variance S/(2T).
            amplifier: density * density / (2.0 * tau),
            flicker,
            refinement,
        };
        (address.theta > 0.0 || address.disturbs()).then_some(address)
    }

    /// Variance of what amplifiers add to an input as its node sees it, in V_unit²: of the white noise
    /// what a step, or a pole of this rate in 1/τ, lets through; of 1/f noise what is too fast for a
    /// node to follow, ω₀/(ω₀ + 1) of each process.
    pub(crate) fn disturbance(&self, step: f64, pole: Option<f64>) -> f64 {
        let bandwidth = pole.map_or(1.0 / step, |rate| (1.0 / step).min(0.5 * rate));
        let flicker = self.flicker.iter();
        let fast: f64 = flicker.map(|p| p.variance * p.rate / (p.rate + 1.0)).sum();
        self.amplifier * bandwidth + fast
    }

    /// Whether amplifiers are noisy.
    fn disturbs(&self) -> bool {
        self.amplifier > 0.0 || !self.flicker.is_empty()
    }
}

/// Processes whose summed one-sided density is `coefficient/f` between two frequencies (in 1/τ).
fn processes(coefficient: f64, low: f64, high: f64) -> Vec<OrnsteinUhlenbeck> {
    let (low, high) = (std::f64::consts::TAU * low, std::f64::consts::TAU * high);
    let processes = Processes::nearest((high / low).ln());
    let rates = processes.rates().map(|rate| OrnsteinUhlenbeck {
        rate: low * rate,
        variance: coefficient * processes.width,
    });
    rates.collect()
}

/// The noise of a block of samples.
pub(super) struct Noise<R> {
    address: NoiseAddress,
    /// Per purpose and sample: thermal noise of each part, the coupling resistors, the amplifiers.
    /// None changes the draws of another.
    generators: Vec<Vec<Stream>>,
    /// Normals of one part, `[m, n]`.
    normals: Vec<R>,
    shared: Option<SharedNoise<R>>,
    /// `[m, all nodes]`: normals of the coupling resistors, and the currents that they make.
    shared_normals: Vec<R>,
    shared_kick: Vec<R>,
    /// Present value of each process per hidden layer, `[process][layer][m·n]`.
    processes: Vec<Vec<Vec<R>>>,
    /// Input-referred disturbance per layer, `[m, n]`.
    disturbance: Vec<Vec<R>>,
    step: f64,
    /// Factor of the thermal noise along the run, and the steps that are over.
    gain: GainRamp,
    passed: u64,
}

impl<R: ActivationScalar> Noise<R> {
    pub(super) fn new(
        circuit: &Circuit<R>,
        address: &NoiseAddress,
        (step, gain): (f64, GainRamp),
        block: usize,
    ) -> Self {
        let layers = || -> Vec<Vec<R>> {
            circuit.widths[..circuit.nodes()]
                .iter()
                .map(|n| vec![R::ZERO; block * n])
                .collect()
        };
        let shared = SharedNoise::new(circuit, step, address.theta).filter(|_| address.theta > 0.0);
        let all = shared.as_ref().map_or(0, |shared| block * shared.width);
        let widest = circuit.widths.iter().max().copied().unwrap_or(0);
        Self {
            generators: Vec::new(),
            shared,
            shared_normals: vec![R::ZERO; all],
            shared_kick: vec![R::ZERO; all],
            normals: vec![R::ZERO; block * widest],
            processes: address.flicker.iter().map(|_| layers()).collect(),
            disturbance: if address.disturbs() {
                layers()
            } else {
                Vec::new()
            },
            address: address.clone(),
            step,
            gain,
            passed: 0,
        }
    }

    /// Takes up the samples `rows` of a batch: their generators, and stationary 1/f noise.
    pub(super) fn start(&mut self, circuit: &Circuit<R>, rows: &[usize]) {
        let NoiseAddress {
            seed,
            relaxation,
            first_sample,
            ..
        } = self.address;
        self.passed = 0;
        let slots = circuit.nodes() as u64 + 2;
        self.generators = (0..slots)
            .map(|slot| {
                let address = relaxation * slots + slot;
                rows.iter()
                    .map(|&row| {
                        Stream::new(seed, Purpose::Noise, address, first_sample + row as u64)
                    })
                    .collect()
            })
            .collect();
        for (process, present) in self.address.flicker.iter().zip(&mut self.processes) {
            let sigma = R::from_f64(process.variance.sqrt());
            for l in 1..circuit.nodes() {
                draw(
                    &mut self.generators[circuit.nodes() + 1],
                    circuit,
                    l,
                    &mut present[l],
                );
                present[l].iter_mut().for_each(|v| *v *= sigma);
            }
        }
        self.disturb(circuit);
    }

    /// The present input-referred noise of the amplifiers, if any.
    pub(super) fn disturbance(&self) -> Option<&[Vec<R>]> {
        (!self.disturbance.is_empty()).then_some(&self.disturbance)
    }

    /// Draws one step's noise of the coupling resistors; [`Self::add_thermal`] adds it.
    pub(super) fn draw_shared(&mut self, circuit: &Circuit<R>) {
        let Some(shared) = &self.shared else { return };
        let rows = self.shared_normals.chunks_exact_mut(shared.width);
        let generators = &mut self.generators[circuit.nodes()];
        let m = generators.len();
        for (generator, row) in generators.iter_mut().zip(rows) {
            for value in row {
                let normal: f64 = StandardNormal.sample(generator.generator());
                *value = R::from_f64(normal);
            }
        }
        shared.draw(circuit, m, &self.shared_normals, &mut self.shared_kick);
    }

    /// Adds one step's thermal noise to part `part`, and to `kicks` how far it moved each node.
    pub(super) fn add_thermal(
        &mut self,
        circuit: &Circuit<R>,
        part: usize,
        coefficients: &Coefficients<R>,
        slope: &[R],
        state: &mut [R],
        kicks: &mut [R],
    ) {
        let n = circuit.widths[part];
        self.draw_refined(circuit, part, coefficients);
        // That of the middle of the step.
        let gain = R::from_f64(self.gain.at((self.passed as f64 + 0.5) * self.step));
        for row in 0..self.generators[part].len() {
            let range = row * n..(row + 1) * n;
            let own = coefficients.row(row, n);
            let common = self.shared.as_ref().map(|shared| {
                let start = row * shared.width;
                let part = shared.layer(circuit, part);
                &self.shared_kick[start + part.start..start + part.end]
            });
            circuit.level.run(AddNoise {
                state: &mut state[range.clone()],
                kicks: &mut kicks[range.clone()],
                normals: &self.normals[range.clone()],
                slope: &slope[range],
                variance: &coefficients.variance[own.clone()],
                through: &coefficients.variance_through[own],
                common,
                gain,
            });
        }
    }

    /// Normals of one step: those of its parts, each decayed by what remains of the step,
    /// `Σ_k e^{−z(1 − (k+1)/r)} ξ_k`, normalised; z is the damping times the step.
    fn draw_refined(&mut self, circuit: &Circuit<R>, part: usize, coefficients: &Coefficients<R>) {
        draw(&mut self.generators[part], circuit, part, &mut self.normals);
        let (n, parts) = (circuit.widths[part], self.address.refinement);
        if parts <= 1 {
            return;
        }
        let rows = self.generators[part].len();
        let decay: Vec<f64> = (0..rows * n)
            .map(|i| {
                let own = coefficients.row(i / n, n);
                let damping = coefficients.damping[own.start + i % n].to_f64();
                (-damping * self.step / f64::from(parts)).exp()
            })
            .collect();
        let mut next = vec![R::ZERO; self.normals.len()];
        for _ in 1..parts {
            draw(&mut self.generators[part], circuit, part, &mut next);
            for ((sum, &xi), &decay) in self.normals.iter_mut().zip(&next).zip(&decay) {
                *sum = R::from_f64(sum.to_f64() * decay) + xi;
            }
        }
        for (sum, &decay) in self.normals.iter_mut().zip(&decay) {
            let squares: f64 = (0..parts).map(|k| decay.powi(2 * k.cast_signed())).sum();
            *sum = R::from_f64(sum.to_f64() / squares.sqrt());
        }
    }

    /// Moves the amplifiers' noise on by one step, and streams that near their end on to their next
    /// stretch.
    pub(super) fn advance(&mut self, circuit: &Circuit<R>) {
        self.passed += 1;
        self.generators.iter_mut().flatten().for_each(Stream::renew);
        for (process, present) in self.address.flicker.iter().zip(&mut self.processes) {
            let decay = (-process.rate * self.step).exp();
            let kick = R::from_f64((process.variance * (1.0 - decay * decay)).sqrt());
            let decay = R::from_f64(decay);
            for l in 1..circuit.nodes() {
                draw(
                    &mut self.generators[circuit.nodes() + 1],
                    circuit,
                    l,
                    &mut self.normals,
                );
                let normals = self.normals.iter();
                present[l]
                    .iter_mut()
                    .zip(normals)
                    .for_each(|(v, &xi)| *v = decay * *v + kick * xi);
            }
        }
        self.disturb(circuit);
    }

    /// Sums the processes and draws the white noise of the coming step.
    fn disturb(&mut self, circuit: &Circuit<R>) {
        if self.disturbance.is_empty() {
            return;
        }
        let white = R::from_f64((self.address.amplifier / self.step).sqrt());
        for l in 1..circuit.nodes() {
            if white > R::ZERO {
                draw(
                    &mut self.generators[circuit.nodes() + 1],
                    circuit,
                    l,
                    &mut self.disturbance[l],
                );
                self.disturbance[l].iter_mut().for_each(|d| *d *= white);
            } else {
                self.disturbance[l].fill(R::ZERO);
            }
            for present in &self.processes {
                let sum = self.disturbance[l].iter_mut().zip(&present[l]);
                sum.for_each(|(d, &v)| *d += v);
            }
        }
    }
}

/// Standard normals for every node of a part, each sample from its own generator.
fn draw<R: Real>(generators: &mut [Stream], circuit: &Circuit<R>, part: usize, out: &mut [R]) {
    let (n, nodes) = (circuit.widths[part], circuit.layers.size(part));
    for (generator, row) in generators.iter_mut().zip(out.chunks_exact_mut(n)) {
        for value in &mut row[..nodes] {
            let normal: f64 = StandardNormal.sample(generator.generator());
            *value = R::from_f64(normal);
        }
        row[nodes..].fill(R::ZERO);
    }
}

/// s ← s + gain·(√(variance + through·slope²)·ξ + common).
struct AddNoise<'a, R> {
    state: &'a mut [R],
    /// What was added is added here too.
    kicks: &'a mut [R],
    normals: &'a [R],
    slope: &'a [R],
    variance: &'a [R],
    through: &'a [R],
    /// Noise that is common to several nodes.
    common: Option<&'a [R]>,
    gain: R,
}

impl<R: Real> Kernel for AddNoise<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let n = self.state.len();
        let (normals, slope) = (&self.normals[..n], &self.slope[..n]);
        let (variance, through) = (&self.variance[..n], &self.through[..n]);
        let kicks = &mut self.kicks[..n];
        for i in 0..n {
            let squared = through[i].fma::<I>(slope[i] * slope[i], variance[i]);
            let common = self.common.map_or(R::ZERO, |common| common[i]);
            let kick = self.gain * squared.sqrt().fma::<I>(normals[i], common);
            self.state[i] += kick;
            kicks[i] += kick;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::processes;

    #[test]
    fn the_sum_of_processes_has_the_asked_density() {
        let (low, high) = (1e-4, 1.0);
        let all = processes(3.0, low, high);
        for k in 2..19 {
            let f = low * (high / low).powf(f64::from(k) / 20.0);
            let omega = std::f64::consts::TAU * f;
            let density: f64 = all
                .iter()
                .map(|p| 4.0 * p.variance * p.rate / (p.rate * p.rate + omega * omega))
                .sum();
            // A continuum of rates between the two frequencies: 1 far inside the band, ½ at its ends.
            let band = ((high / f).atan() - (low / f).atan()) / std::f64::consts::FRAC_PI_2;
            let ratio = density * f / 3.0 / band;
            assert!((ratio - 1.0).abs() < 0.02, "{f}: {ratio}");
        }
    }
}
