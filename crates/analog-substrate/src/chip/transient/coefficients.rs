//! The numbers of an exponential step: what a node's own damping does to it over one step.

use super::super::circuit::Circuit;
use crate::kernels::{
    Real,
    simd::{Isa, Kernel},
};

/// Coefficients of one part for one step h, per node (a row) or per element (`[m, n]`).
///
/// With `u′ = F(u)`, damping D and `z = Dh`: stage `a = u + p1·F(u)`, step
/// `u₁ = a + p2·(F(a) − F(u) + D(a − u))`, `p1 = h(1 − e^{−z})/z`, `p2 = h(e^{−z} − 1 + z)/z²`
/// (Cox & Matthews 2002, eq. 22, for N = F + Du). Along the step, where N goes in a straight line,
/// `∫u dt = h(u + p2·F(u) + p3·(F(a) − F(u) + D(a − u)))`, `p3 = h(½ − φ₂)/z` with φ₂ = p2/h. The Ornstein–Uhlenbeck noise of unit conductance has
/// variance `Θμ²(1 − e^{−2z})/D`, exactly (Uhlenbeck & Ornstein 1930).
#[derive(Clone, Debug)]
pub(super) struct Coefficients<R> {
    pub(super) p1: Vec<R>,
    pub(super) p2: Vec<R>,
    pub(super) p3: Vec<R>,
    pub(super) damping: Vec<R>,
    /// Variance of a step's noise: constant part, and the part that goes with a′².
    pub(super) variance: Vec<R>,
    pub(super) variance_through: Vec<R>,
    /// Whether rows of a block have coefficients of their own.
    pub(super) per_element: bool,
}

impl<R: Real> Coefficients<R> {
    /// For a damping that is the same in every sample: `exponential` or explicit (D = 0).
    pub(super) fn constant(
        circuit: &Circuit<R>,
        part: usize,
        h: f64,
        (stiffening, theta): (f64, f64),
        exponential: bool,
    ) -> Self {
        let n = circuit.widths[part];
        let mut new = Self::zeros(n);
        for i in 0..n {
            let mobility = circuit.mobility[part][i].to_f64();
            let own = circuit.stiffness[part][i].to_f64();
            let added = if part == 0 { stiffening } else { 0.0 };
            let damping = if exponential {
                mobility * (own + added)
            } else {
                0.0
            };
            let z = damping * h;
            let [phi1, phi2, phi3] = phi(z);
            let decay = if z < SMALL {
                2.0 * h
            } else {
                -(-2.0 * z).exp_m1() / damping
            };
            let unit = theta * mobility * mobility * decay;
            new.p1[i] = R::from_f64(h * phi1);
            new.p2[i] = R::from_f64(if exponential { h * phi2 } else { 0.0 });
            new.p3[i] = R::from_f64(if exponential { h * phi3 } else { 0.0 });
            new.damping[i] = R::from_f64(damping);
            // A negative nudging conductance is an active element: it makes noise like its size.
            let noise = |rows: &[Vec<R>]| rows.get(part).map_or(0.0, |row| row[i].to_f64().abs());
            new.variance[i] = R::from_f64(unit * (noise(&circuit.noise.own) + added.abs()));
            new.variance_through[i] = R::from_f64(unit * noise(&circuit.noise.through_slope));
        }
        new
    }

    /// Room for coefficients per element.
    pub(super) fn elements(n: usize, block: usize) -> Self {
        Self {
            per_element: true,
            ..Self::zeros(n * block)
        }
    }

    fn zeros(n: usize) -> Self {
        let zeros = || vec![R::ZERO; n];
        Self {
            p1: zeros(),
            p2: zeros(),
            p3: zeros(),
            damping: zeros(),
            variance: zeros(),
            variance_through: zeros(),
            per_element: false,
        }
    }

    /// The coefficients of row `row`.
    pub(super) fn row(&self, row: usize, n: usize) -> std::ops::Range<usize> {
        let start = if self.per_element { row * n } else { 0 };
        start..start + n
    }

    /// Damping of `m` rows of resistive nodes: `D = F/(y* − y)`, the secant of the leak between the
    /// output y and y* = a(z), to which the present input z draws it. A node then goes to y*
    /// monotonically, however steep its leak; close to y* it is the tangent, μ·leak·da⁻¹/dy.
    pub(super) fn follow(
        &mut self,
        circuit: &Circuit<R>,
        part: usize,
        (state, drift, aim): (&[R], &[R], &[R]),
        slope: &[R],
        (h, theta): (f64, f64),
    ) {
        circuit.level.run(Follow {
            target: self,
            state,
            drift,
            aim,
            slope: &slope[..state.len()],
            mobility: &circuit.mobility[part],
            leak: &circuit.stiffness[part],
            conductance: &circuit.noise.own[part],
            h: R::from_f64(h),
            theta: R::from_f64(theta),
        });
    }
}

/// Below this z the series of φ₁, φ₂ is exact to rounding with three terms (z³/120 < 1e-16).
const SMALL: f64 = 1e-5;

/// `φ₁ = (1 − e^{−z})/z`, `φ₂ = (1 − φ₁)/z`, `φ₃ = (½ − φ₂)/z`.
fn phi(z: f64) -> [f64; 3] {
    if z < SMALL {
        return [
            1.0 - z / 2.0 + z * z / 6.0,
            0.5 - z / 6.0 + z * z / 24.0,
            1.0 / 6.0 - z / 24.0 + z * z / 120.0,
        ];
    }
    let phi1 = -(-z).exp_m1() / z;
    // Differences lose digits for small z: series take over (z⁶/20160 < 1e-16, z⁷/10! < 1e-17).
    let phi2 = if z < 1e-2 {
        0.5 - z / 6.0 + z * z / 24.0 - z.powi(3) / 120.0 + z.powi(4) / 720.0 - z.powi(5) / 5040.0
    } else {
        (1.0 - phi1) / z
    };
    let phi3 = if z < 3e-2 {
        SERIES.iter().rev().fold(0.0, |sum, term| term - z * sum)
    } else {
        (0.5 - phi2) / z
    };
    [phi1, phi2, phi3]
}

/// 1/3!, 1/4! … of φ₃ = Σ (−z)ᵏ/(k + 3)!.
const SERIES: [f64; 7] = [
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5040.0,
    1.0 / 40_320.0,
    1.0 / 362_880.0,
];

/// Distance from rest below which the tangent stands for the secant: the distance is a difference of
/// numbers near one, and its rounding would be a share of the secant. At this distance that share is
/// 2e-7 in double and 1e-4 in single precision; at the ends of the range, where the leak is singular,
/// the two damping rates differ by any factor within it.
fn near<R: Real>() -> R {
    let single = R::EPSILON.to_f64() > 1e-10;
    R::from_f64(if single { 1e-3 } else { 1e-9 })
}

struct Follow<'a, R> {
    target: &'a mut Coefficients<R>,
    state: &'a [R],
    drift: &'a [R],
    /// y* per element.
    aim: &'a [R],
    slope: &'a [R],
    mobility: &'a [R],
    leak: &'a [R],
    conductance: &'a [R],
    h: R,
    theta: R,
}

impl<R: Real> Kernel for Follow<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let n = self.leak.len();
        let (half, two) = (R::from_f64(0.5), R::ONE + R::ONE);
        let near = near::<R>();
        for (row, slope) in self.slope.chunks_exact(n).enumerate() {
            let range = row * n..(row + 1) * n;
            let p1 = &mut self.target.p1[range.clone()];
            let p2 = &mut self.target.p2[range.clone()];
            let p3 = &mut self.target.p3[range.clone()];
            let damping = &mut self.target.damping[range.clone()];
            let variance = &mut self.target.variance[range.clone()];
            let (state, drift) = (&self.state[range.clone()], &self.drift[range.clone()]);
            let aim = &self.aim[range];
            for i in 0..n {
                let mobility = self.mobility[i];
                let tangent = mobility * self.leak[i] * slope[i];
                let distance = aim[i] - state[i];
                let secant = drift[i] / distance;
                let d = if distance.abs() > near && secant > R::ZERO {
                    secant
                } else {
                    tangent
                };
                let (p, scale) = (-(d * self.h)).reduced_exp::<I>();
                let m1 = p.fma::<I>(scale, scale - R::ONE);
                let first = -m1 / d;
                p1[i] = first;
                let second = (self.h - first) / (d * self.h);
                p2[i] = second;
                p3[i] = (half * self.h - second) / (d * self.h);
                damping[i] = d;
                // A nonlinear leak makes noise like its differential conductance.
                let conductance = self.conductance[i] + self.leak[i] * (slope[i] - R::ONE);
                let unit = self.theta * mobility * mobility * (-m1) * (two + m1) / d;
                variance[i] = unit * conductance.abs();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::phi;

    #[test]
    fn phi_functions_are_weighted_means_of_the_decay() {
        for z in [
            1e-9, 0.99e-5, 1.01e-5, 0.99e-2, 1.01e-2, 2.99e-2, 3.01e-2, 0.3, 5.0, 30.0_f64,
        ] {
            let [phi1, phi2, phi3] = phi(z);
            // ∫₀¹ e^{−z(1−s)} s^k ds, k = 0 and 1, by the midpoint rule; its error is z²/24 of a panel
            // squared.
            let mean = |weight: fn(f64) -> f64| -> f64 {
                let panels = 20_000;
                let at = |k: i32| (f64::from(k) + 0.5) / f64::from(panels);
                (0..panels)
                    .map(|k| weight(at(k)) * (-z * (1.0 - at(k))).exp() / f64::from(panels))
                    .sum()
            };
            let error = 1e-9 + z * z / 9e9;
            assert!((phi1 - mean(|_| 1.0)).abs() < error, "{z}");
            assert!((phi2 - mean(|s| s)).abs() < error, "{z}");
            assert!((phi3 - mean(|s| 0.5 * s * s)).abs() < error, "{z}");
        }
    }
}
