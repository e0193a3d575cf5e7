//! Equilibrium Matching: a field that comes to rest on the data.

use super::{Decay, Draw, Examples, Objective, Unlearned, linear_path};
use ndarray::ArrayView2;

/// Equilibrium Matching (R. Wang & Y. Du, arXiv 2510.02300, eq. 3): x_t = (1 − t)x_0 + t x_1 as in flow matching,
/// u = m c(t)(x_1 − x_0). Their target is that of an energy's gradient and has the other sign.
///
/// c falls to 0 at the data, where a network that has learned it comes to rest.
///
/// ```
/// use gradep_core::objective::{Decay, Draw, EquilibriumMatching, Objective as _, TimeDensity};
/// use ndarray::array;
///
/// let objective = EquilibriumMatching { decay: Decay::Truncated { from: 0.5 }, multiplier: 1.0 };
/// let draw = Draw { seed: 0, epoch: 0, epochs: 1, density: TimeDensity::UNIFORM };
/// let examples = objective.pair(array![[1.0_f32]].view(), array![[-1.0]].view(), draw);
/// let t = f64::from(examples.times[0]);
/// assert_eq!(examples.target[[0, 0]], -2.0 * objective.decay.at(t) as f32);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EquilibriumMatching {
    /// c(t).
    pub decay: Decay,
    /// m, above 0: how fast the field is. It rescales the time of a flow along it.
    pub multiplier: f64,
}

impl EquilibriumMatching {
    /// m c(t).
    fn speed(&self, t: f64) -> f64 {
        self.multiplier * self.decay.at(t)
    }

    /// How steeply the field has to fall towards a single image: the largest m c(t)/(1 − t).
    pub fn steepest(&self) -> f64 {
        self.multiplier * self.decay.steepest()
    }

    /// ∫f dt over [0, 1] of a polynomial of order up to 3 in t and c(t), by Simpson's rule on each line of c.
    fn over_time(&self, f: impl Fn(f64, f64) -> f64) -> f64 {
        let corner = self.decay.corner();
        // c from the left at a corner is c at the corner: it does not jump, unless the line before has no length.
        let at = |t: f64| f(t, self.speed(t));
        let piece = |from: f64, to: f64| {
            (to - from) / 6.0 * (at(from) + 4.0 * at(0.5 * (from + to)) + at(to))
        };
        piece(0.0, corner) + piece(corner, 1.0)
    }
}

impl Objective for EquilibriumMatching {
    fn name(&self) -> &'static str {
        "equilibrium-matching"
    }

    fn pair(&self, noise: ArrayView2<'_, f32>, data: ArrayView2<'_, f32>, draw: Draw) -> Examples {
        let times = draw.times(noise.nrows());
        let mut target = &data - &noise;
        for (mut row, &t) in target.rows_mut().into_iter().zip(&times) {
            row *= self.speed(f64::from(t)) as f32;
        }
        Examples {
            anchor: linear_path(noise, data, &times),
            target,
            times,
        }
    }

    /// With m the mean square of a pixel, s = multiplier·c(t) and t uniform, the mean of u² is (1 + m)∫s² dt. That of
    /// (v − u)² at v = −a x_t is ∫(a(1 − t) − s)² dt + m ∫(at + s)² dt.
    fn unlearned(&self, images: ArrayView2<'_, f32>, decay: f64) -> Unlearned {
        let square: f64 = images.iter().map(|&v| f64::from(v).powi(2)).sum();
        let mean_square = square / images.len() as f64;
        let a = decay;
        let noise = self.over_time(|t, s| (a * (1.0 - t) - s).powi(2));
        let data = self.over_time(|t, s| (a * t + s).powi(2));
        Unlearned {
            zero_velocity: (1.0 + mean_square) * self.over_time(|_, s| s * s),
            zero_couplings: noise + mean_square * data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        data::Dataset,
        draws::normal_rows,
        objective::{FlowMatching, TimeDensity},
        random::Purpose,
    };

    const DRAW: Draw = Draw {
        seed: 3,
        epoch: 2,
        epochs: 4,
        density: TimeDensity::UNIFORM,
    };

    fn objectives() -> Vec<EquilibriumMatching> {
        let decays = [
            Decay::Linear,
            Decay::Truncated { from: 0.5 },
            Decay::Piecewise {
                from: 0.8,
                start: 1.4,
            },
        ];
        let of = |(decay, multiplier)| EquilibriumMatching { decay, multiplier };
        decays.into_iter().zip([2.0, 1.0, 0.5]).map(of).collect()
    }

    #[test]
    fn the_target_is_the_way_that_is_left_where_it_is_a_denoiser() {
        // c = 1 − t: x_t + u is the image itself.
        let objective = EquilibriumMatching {
            decay: Decay::Linear,
            multiplier: 1.0,
        };
        let noise = normal_rows(1, Purpose::Check, 0, 50, 4);
        let data = normal_rows(1, Purpose::Check, 1, 50, 4);
        let examples = objective.pair(noise.view(), data.view(), DRAW);
        let ends = &examples.anchor + &examples.target;
        let furthest = (&ends - &data)
            .mapv(f32::abs)
            .into_iter()
            .fold(0.0, f32::max);
        assert!(furthest < 1e-5, "{furthest}");
    }

    #[test]
    fn anchors_and_times_are_those_of_flow_matching() {
        let noise = normal_rows(1, Purpose::Check, 0, 50, 4);
        let data = normal_rows(1, Purpose::Check, 1, 50, 4);
        let flow = FlowMatching.pair(noise.view(), data.view(), DRAW);
        for objective in objectives() {
            let examples = objective.pair(noise.view(), data.view(), DRAW);
            assert_eq!(examples.anchor, flow.anchor);
            assert_eq!(examples.times, flow.times);
            assert!(examples.target != flow.target);
        }
    }

    /// The closed forms are means over drawn examples.
    #[test]
    fn losses_without_learning_are_those_of_the_examples() {
        let digits = Dataset::digits();
        let images = digits.images().view();
        let decay = 2.0 * 15.0 / 16.0;
        let (count, dimension) = images.dim();
        for objective in objectives() {
            let exact = objective.unlearned(images, decay);
            let noise = normal_rows(0, Purpose::Check, 0, count, dimension);
            let examples = objective.pair(noise.view(), images, DRAW);
            let drawn = Unlearned::on(&examples, decay);
            // 1,797 flow times: the standard error of either mean is near 2 % where c is far from constant.
            assert!(
                (drawn.zero_velocity / exact.zero_velocity - 1.0).abs() < 0.06,
                "{drawn:?} {exact:?}"
            );
            assert!(
                (drawn.zero_couplings / exact.zero_couplings - 1.0).abs() < 0.06,
                "{drawn:?} {exact:?}"
            );
        }
    }
}
