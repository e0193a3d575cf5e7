//! Noise along a flow: Langevin dynamics whose temperature falls.

use crate::config::SamplingConfig;

/// The temperature of a flow.
///
/// With v = −α∇F the flow dx = v dt + √(2αT) dW has the stationary law e^(−F/T), F the energy at rest (overdamped Langevin
/// dynamics: C. Gardiner, Stochastic Methods, 4th ed., section 5.3; of images in M. Balcerak et al., arXiv 2504.10612). It is integrated by
/// the steps of Euler and Maruyama, which at curvature k leave a variance of T/k · 1/(1 − αk dt/2): x′ = (1 − αk dt) x + √(2αT dt) ξ has the
/// stationary variance 2αT dt / (1 − (1 − αk dt)²).
///
/// ```
/// use gradep_core::generate::Annealing;
///
/// let annealing = Annealing { temperature: 0.1, cool_until: 2.0 };
/// // At half its length a ramp is at half its height.
/// assert_eq!(annealing.mean(0.5, 1.0), 0.05);
/// assert_eq!(annealing.mean(3.0, 1.0), 0.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Annealing {
    /// T at the start, in units of the network's energy; 0 for no noise.
    pub temperature: f64,
    /// Flow time at which T has fallen to 0 on a straight line; 0: it stays.
    pub cool_until: f64,
}

impl From<&SamplingConfig> for Annealing {
    fn from(sampling: &SamplingConfig) -> Self {
        Self {
            temperature: sampling.temperature,
            cool_until: sampling.cool_until,
        }
    }
}

impl Annealing {
    /// Whether there is no noise.
    pub fn is_none(self) -> bool {
        self.temperature <= 0.0
    }

    /// Mean of T over the time `dt` from flow time `from` on.
    pub fn mean(self, from: f64, dt: f64) -> f64 {
        if self.cool_until <= 0.0 {
            return self.temperature;
        }
        // Of the triangle that is left of the ramp, what lies within the time.
        let left = |t: f64| (self.cool_until - t).max(0.0);
        let area = 0.5 * (left(from) - left(from + dt)) * (left(from) + left(from + dt));
        self.temperature * area / (self.cool_until * dt)
    }

    /// Standard deviation of what a step of `dt` from `from` on adds to each node, in a field of α = `output_scale`.
    pub(crate) fn kick(self, output_scale: f64, from: f64, dt: f64) -> f64 {
        (2.0 * output_scale * self.mean(from, dt) * dt).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FlowSteps, GenerateError, Generation, Generator};
    use crate::config::{FlowMethod, ReadOut, SamplingConfig};
    use analog_substrate::{
        Activation, ActivationKind, Couplings, Ideal, Layers, Relaxation, Substrate as _,
    };
    use ndarray::{Array2, Axis, s};

    const ALPHA: f64 = 2.0;
    const STIFFNESS: f64 = 15.0;
    const WEIGHT: f64 = 0.6;

    /// Two visible nodes, of which the first is coupled to a linear hidden node: F = ½(1 − W²)x_1² + ½x_2².
    fn linear() -> Ideal<f32> {
        let layers = Layers::new(vec![2, 1]).unwrap();
        let activation = Activation {
            kind: ActivationKind::Identity,
            clamp: None,
        };
        let mut couplings = Couplings::<f32>::zeros(layers.clone());
        couplings.weight_mut(0)[(0, 0)] = WEIGHT as f32;
        let mut substrate = Ideal::new(layers, activation, Relaxation::default());
        substrate.program(&couplings).unwrap();
        substrate
    }

    fn config(temperature: f64, cool_until: f64) -> SamplingConfig {
        SamplingConfig {
            step: 0.05,
            method: FlowMethod::Euler,
            temperature,
            cool_until,
            ..SamplingConfig::default()
        }
    }

    type Flow = Result<Generation, GenerateError<analog_substrate::IdealError>>;

    /// Samples of a flow from 0 on; of each the first node is held if asked.
    fn flow(config: &SamplingConfig, count: usize, until: f64, hold: bool) -> Flow {
        let substrate = linear();
        let held = Array2::from_shape_fn((count, 2), |(_, i)| i == 0);
        let generator = Generator::new(&substrate, STIFFNESS, ALPHA, config)
            .seeded(5)
            .holding(hold.then(|| held.view()));
        let steps = FlowSteps {
            moments: &[until],
            step: config.step,
            extra_steps: 0,
        };
        generator.integrate(Array2::zeros((count, 2)), &steps)
    }

    /// e^(−F/T) has the variance T/k, and Euler's steps of dt make it T/k · 1/(1 − αk dt/2). Read at a spring, F is
    /// softened: k λ/(k + λ).
    #[test]
    fn the_stationary_variance_is_temperature_over_curvature() {
        let count = 8_000;
        for read_out in [ReadOut::Clamped, ReadOut::Spring] {
            // Long steps, so that what they do to the variance is more than its standard error.
            let config = SamplingConfig {
                read_out,
                step: 0.25,
                ..config(0.1, 0.0)
            };
            let flow = flow(&config, count, 5.0, false).unwrap();
            let x = flow.samples.index_axis(Axis(0), 0);
            for (node, mut curvature) in [1.0 - WEIGHT * WEIGHT, 1.0].into_iter().enumerate() {
                if read_out == ReadOut::Spring {
                    curvature *= STIFFNESS / (curvature + STIFFNESS);
                }
                let euler = 1.0 / (1.0 - 0.5 * ALPHA * curvature * config.step);
                // What the start at 0 has left to come.
                let passed = 1.0 - (1.0 - ALPHA * curvature * config.step).powi(40);
                let expected = 0.1 / curvature * euler * passed;
                let column = x.column(node).mapv(f64::from);
                let variance = (&column * &column).mean().unwrap();
                // The standard error of a normal variance is √(2/n) of it.
                let error = (2.0 / count as f64).sqrt();
                assert!(
                    (variance / expected - 1.0).abs() < 4.0 * error,
                    "{read_out:?} {node}: {variance} for {expected}"
                );
            }
        }
    }

    #[test]
    fn noise_is_of_its_sample_and_step_and_spares_held_nodes() {
        let config = config(0.1, 0.0);
        let many = flow(&config, 40, 0.5, false).unwrap().samples;
        let few = flow(&config, 7, 0.5, false).unwrap().samples;
        assert_eq!(many.slice(s![.., ..7, ..]), few);
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let pool = pool.build().unwrap();
            let again = pool.install(|| flow(&config, 40, 0.5, false).unwrap().samples);
            assert_eq!(again, many, "{threads} threads");
        }
        assert!(many.iter().all(|&x| x != 0.0));
        let held = flow(&config, 7, 0.5, true).unwrap().samples;
        assert!(held.slice(s![.., .., 0]).iter().all(|&x| x == 0.0));
        assert!(held.slice(s![.., .., 1]).iter().all(|&x| x != 0.0));
    }

    #[test]
    fn what_has_cooled_moves_as_without_noise() {
        let cooled = config(0.1, 1.0);
        let (early, late) = (
            flow(&cooled, 100, 1.0, false).unwrap().samples,
            flow(&cooled, 100, 2.0, false).unwrap().samples,
        );
        // The second node alone: twenty steps of −2x · 0.05.
        let factor = 0.9_f32.powi(20);
        let nodes = early.slice(s![0, .., 1]);
        for (early, late) in nodes.iter().zip(late.slice(s![0, .., 1])) {
            assert!((early * factor - late).abs() < 1e-6, "{early} {late}");
            assert!(*early != 0.0);
        }
        let none = flow(&config(0.0, 1.0), 3, 1.0, false).unwrap();
        assert!(none.samples.iter().all(|&x| x == 0.0));
    }

    #[test]
    fn noise_is_refused_where_it_has_no_law() {
        for (method, stop_below, word) in [
            (FlowMethod::Heun, 0.0, "order"),
            (FlowMethod::Rk4, 0.0, "order"),
            (FlowMethod::Nesterov, 0.0, "momentum"),
            (FlowMethod::Adaptive, 0.0, "local error"),
            (FlowMethod::Euler, 0.3, "sampling.stop_below = 0"),
        ] {
            let config = SamplingConfig {
                method,
                stop_below,
                ..config(0.1, 0.0)
            };
            let refused = flow(&config, 2, 1.0, false).unwrap_err().to_string();
            assert!(refused.contains(word), "{refused}");
            assert!(config.validate().is_err());
        }
        let hot = flow(&config(1e12, 0.0), 2, 1.0, false).unwrap_err();
        assert!(hot.to_string().contains("is too strong"), "{hot}");
    }
}
