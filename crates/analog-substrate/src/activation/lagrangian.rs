//! The energy of nodes that follow their input: h·a(h) − Λ(h), Λ′ = a, with Λ from a table.

use crate::{Activation, kernels::Real};

/// The table spans ±FAR. Beyond, the last cubic goes on: exact where a is constant or linear.
const FAR: u32 = 64;

/// Λ(h) = ∫₀ʰ a by cubic Hermite interpolation between equidistant nodes, whose slope is a.
#[derive(Debug)]
pub(crate) struct Lagrangian {
    /// Nodes per unit of h.
    density: f64,
    /// Λ and a/density at each node, from −FAR on.
    nodes: Vec<[f64; 2]>,
    /// Largest error of one value within the table.
    error: f64,
    /// Whether a′ < 0 somewhere.
    falls: bool,
}

impl Lagrangian {
    /// A table as fine as the scalar type is worth: errors of the interpolation, a‴/(384 density⁴),
    /// are below the rounding of an energy of order 10.
    pub(crate) fn new<R: Real>(activation: Activation) -> Self {
        let density: u32 = if size_of::<R>() == 4 { 16 } else { 256 };
        let step = 1.0 / f64::from(density);
        let count = FAR * density;
        let mut error = 0.0_f64;
        let mut half = |sign: f64| {
            let mut value = 0.0;
            let mut nodes = Vec::with_capacity(count as usize + 1);
            for i in 0..=count {
                let from = f64::from(i) * step;
                let slope = |at: f64| activation.derivatives(sign * at).0;
                nodes.push([sign * value, step * slope(from)]);
                let first = activation.integral(sign, from, from + 0.5 * step);
                let second = activation.integral(sign, from + 0.5 * step, from + step);
                // Half-way, a cubic Hermite is the mean of the ends and an eighth of the slopes.
                let ends = 0.5 * (first + second);
                let middle = ends + 0.125 * step * (slope(from) - slope(from + step));
                error = error.max((middle - first).abs());
                value += first + second;
            }
            nodes
        };
        let (below, above) = (half(-1.0), half(1.0));
        let places = (0..2 * count).map(|i| f64::from(i) * step - f64::from(FAR));
        let falls = places
            .map(|h| activation.derivatives(h).1)
            .any(|slope| slope < 0.0);
        let nodes = below.into_iter().rev().chain(above.into_iter().skip(1));
        Self {
            density: f64::from(density),
            nodes: nodes.collect(),
            error,
            falls,
        }
    }

    /// Whether the activation falls somewhere, so that Λ is not convex.
    pub(crate) fn falls(&self) -> bool {
        self.falls
    }

    /// Largest error of one value within the table.
    pub(crate) fn error(&self) -> f64 {
        self.error
    }

    /// Σ Λ(h) over a row of nodes.
    pub(crate) fn sum<R: Real>(&self, h: &[R]) -> f64 {
        h.iter().map(|h| self.value(h.to_f64())).sum()
    }

    fn value(&self, h: f64) -> f64 {
        let place = h * self.density + f64::from(FAR) * self.density;
        // A float converts to the nearest index that there is; NaN to 0, and stays NaN in t.
        #[expect(clippy::cast_sign_loss, reason = "saturates at 0")]
        let index = (place as usize).min(self.nodes.len() - 2);
        let t = place - index as f64;
        let [[low, low_slope], [high, high_slope]] = [self.nodes[index], self.nodes[index + 1]];
        let rise = high - low;
        // low + t(m₀ + t(3Δ − 2m₀ − m₁ + t(m₀ + m₁ − 2Δ)))
        let cubic = low_slope + high_slope - 2.0 * rise;
        let square = rise - low_slope - cubic;
        low + t * (low_slope + t * (square + t * cubic))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ActivationKind;

    #[test]
    fn the_table_is_the_integral_within_its_error() {
        for &kind in ActivationKind::ALL {
            for clamp in [None, Some(10.0)] {
                let activation = Activation { kind, clamp };
                let (single, double) = (
                    Lagrangian::new::<f32>(activation),
                    Lagrangian::new::<f64>(activation),
                );
                // 256 nodes of an energy of order 100 round by 8·2⁻²³·100 = 1e-4 in f32; in f64 by
                // 2e-13, which steps with residuals above 1e-4 exceed by far.
                assert!(single.error < 3e-7, "{activation:?}: {:e}", single.error);
                assert!(double.error < 1e-11, "{activation:?}: {:e}", double.error);
                for i in -110..110 {
                    let h = f64::from(i) * 0.634;
                    let exact = activation.primitive(h);
                    // Sums of up to 16,384 panels to rounding of values of up to 2,400.
                    let rounding = 1e-12 * (1.0 + exact.abs());
                    for table in [&single, &double] {
                        // The slope of a tail goes on beyond the table: a′(64) of 10·tanh is 1e-4.
                        let beyond = 1e-4 * (h.abs() - 64.0).max(0.0).powi(2);
                        let error = (table.value(h) - exact).abs();
                        let bound = 1.01 * table.error + rounding + beyond;
                        assert!(error <= bound, "{activation:?} {h}: {error:e} {bound:e}");
                    }
                }
            }
        }
    }
}
