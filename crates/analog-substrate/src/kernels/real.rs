//! The scalar types that the kernels are compiled for.

use super::simd::Isa;
use ndarray::{LinalgScalar, ScalarOperand};
use std::fmt::{Debug, Display};
use std::ops::{AddAssign, DivAssign, MulAssign, Neg, SubAssign};

/// f32 for hot loops, f64 where differences or long sums are taken.
pub trait Real:
    LinalgScalar
    + ScalarOperand
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
    + PartialOrd
    + Debug
    + Display
    + Default
    + Send
    + Sync
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// Distance from 1 to the next number.
    const EPSILON: Self;
    /// Rounds a double.
    fn from_f64(value: f64) -> Self;
    /// Widens to a double.
    fn to_f64(self) -> f64;
    /// |x|.
    fn abs(self) -> Self;
    /// √x.
    fn sqrt(self) -> Self;
    /// Whether neither infinite nor NaN.
    fn is_finite(self) -> bool;
    /// `self·b + c`, fused where the instruction set fuses.
    fn fma<I: Isa>(self, b: Self, c: Self) -> Self;
    /// `(e^r − 1, 2^n)` with `x = n ln 2 + r`, |r| ≤ ½ ln 2, for |x| clamped to the range in which
    /// 2^n is a normal number. Then `e^x = 2^n (p + 1)` and `e^x − 1 = 2^n p + (2^n − 1)`.
    fn reduced_exp<I: Isa>(self) -> (Self, Self);
    /// `(e, m)` with `x = 2^e m`, √½ ≤ m < √2, for a positive normal x.
    fn split(self) -> (Self, Self);

    /// The larger; `self` where `other` is NaN.
    #[inline(always)]
    fn larger(self, other: Self) -> Self {
        if other > self { other } else { self }
    }
    /// The smaller; `self` where `other` is NaN.
    #[inline(always)]
    fn smaller(self, other: Self) -> Self {
        if other < self { other } else { self }
    }
    /// e^x.
    #[inline(always)]
    fn exponential<I: Isa>(self) -> Self {
        let (p, scale) = self.reduced_exp::<I>();
        p.fma::<I>(scale, scale)
    }
    /// ln x of a positive normal number: e ln 2 + 2 artanh((m − 1)/(m + 1)), x = 2^e m.
    #[inline(always)]
    fn natural_log<I: Isa>(self) -> Self {
        let (e, m) = self.split();
        let y = (m - Self::ONE) / (m + Self::ONE);
        // |y| ≤ (√2 − 1)/(√2 + 1) = 0.1716: the next term of the series is below half a unit in the
        // last place (y¹¹/11 = 3.5e-10, y²³/23 = 1.1e-19).
        let terms = if size_of::<Self>() == 4 { 5 } else { 11 };
        let y2 = y * y;
        let mut series = Self::ZERO;
        for k in (0..terms).rev() {
            series = series.fma::<I>(y2, Self::from_f64(1.0 / f64::from(2 * k + 1)));
        }
        e.fma::<I>(Self::from_f64(std::f64::consts::LN_2), (y + y) * series)
    }
    /// tanh(x) = m/(m + 2), m = e^{2x} − 1: accurate relative to x for small x.
    #[inline(always)]
    fn hyperbolic_tangent<I: Isa>(self) -> Self {
        let (p, scale) = (self + self).reduced_exp::<I>();
        let m = p.fma::<I>(scale, scale - Self::ONE);
        m / (m + Self::ONE + Self::ONE)
    }
}

/// Taylor coefficients 1/k! of (e^r − 1)/r − 1, highest first: the remainder at |r| = ½ ln 2 is
/// below half a unit in the last place (r⁷/8! = 1.5e-8 for f32, r¹³/14! = 1.2e-17 for f64).
macro_rules! impl_real {
    ($t:ident, $bits:ident, $sqrt_half:expr, $mantissa:expr, $bias:expr, $magic:expr, $low:expr, $high:expr,
     $ln2_high:expr, $ln2_low:expr, [$($c:expr),+]) => {
        impl Real for $t {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const EPSILON: Self = $t::EPSILON;
            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                value as Self
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                $t::abs(self)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                $t::sqrt(self)
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                $t::is_finite(self)
            }
            #[inline(always)]
            fn fma<I: Isa>(self, b: Self, c: Self) -> Self {
                if I::FMA { self.mul_add(b, c) } else { self * b + c }
            }
            #[inline(always)]
            fn reduced_exp<I: Isa>(self) -> (Self, Self) {
                // ln 2 in two parts: the high one has enough trailing zeros for n·high to be exact.
                const HIGH: $t = $ln2_high;
                const LOW: $t = $ln2_low;
                let x = self.larger($low).smaller($high);
                // Adding 1.5·2^mantissa leaves round(x / ln 2) in the low bits.
                let shifted = x.fma::<I>(std::$t::consts::LOG2_E, $magic);
                let n = shifted - $magic;
                let r = n.fma::<I>(-LOW, n.fma::<I>(-HIGH, x));
                let scale = $t::from_bits(shifted.to_bits().wrapping_add($bias) << $mantissa);
                let mut q: $t = 0.0;
                $( q = q.fma::<I>(r, $c as $t); )+
                ((q * r).fma::<I>(r, r), scale)
            }
            #[inline(always)]
            fn split(self) -> (Self, Self) {
                // Bits of √½: subtracting them moves the exponent's carry to where m passes √2.
                let e = self.to_bits().wrapping_sub($sqrt_half).cast_signed() >> $mantissa;
                let m = $t::from_bits(self.to_bits().wrapping_sub((e << $mantissa).cast_unsigned()));
                (e as $t, m)
            }
        }
    };
}

impl_real!(
    f32,
    u32,
    std::f32::consts::FRAC_1_SQRT_2.to_bits(),
    23,
    127,
    12_582_912.0,
    -87.0,
    88.0,
    0.693_145_75,
    1.428_606_8e-6,
    [
        1.0 / 5040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5
    ]
);
impl_real!(
    f64,
    u64,
    std::f64::consts::FRAC_1_SQRT_2.to_bits(),
    52,
    1023,
    6_755_399_441_055_744.0,
    -708.0,
    709.0,
    0.693_147_180_369_123_8,
    1.908_214_929_270_587_7e-10,
    [
        1.0 / 6_227_020_800.0,
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40320.0,
        1.0 / 5040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5
    ]
);

#[cfg(test)]
mod tests {
    use super::super::simd::{Avx2, Portable};
    use super::*;

    fn worst<R: Real, I: Isa>(exp: bool) -> f64 {
        (-4000..4000)
            .map(|i| {
                let x = R::from_f64(f64::from(i) * 0.004_321);
                let (ours, exact) = if exp {
                    (x.exponential::<I>(), x.to_f64().exp())
                } else {
                    (x.hyperbolic_tangent::<I>(), x.to_f64().tanh())
                };
                if exact == 0.0 {
                    0.0
                } else {
                    (ours.to_f64() / exact - 1.0).abs()
                }
            })
            .fold(0.0, f64::max)
    }

    #[test]
    fn exp_and_tanh_are_within_three_units_in_the_last_place() {
        assert!(worst::<f32, Portable>(true) < 3.0 * f64::from(f32::EPSILON));
        assert!(worst::<f32, Portable>(false) < 3.0 * f64::from(f32::EPSILON));
        assert!(worst::<f32, Avx2>(true) < 3.0 * f64::from(f32::EPSILON));
        assert!(worst::<f64, Portable>(true) < 3.0 * f64::EPSILON);
        assert!(worst::<f64, Avx2>(false) < 3.0 * f64::EPSILON);
    }

    fn worst_log<R: Real, I: Isa>() -> f64 {
        (-4000..4000)
            .map(|i| {
                let x = R::from_f64((f64::from(i) * 0.004_321).exp());
                let exact = x.to_f64().ln();
                (x.natural_log::<I>().to_f64() - exact).abs() / exact.abs().max(1e-3)
            })
            .fold(0.0, f64::max)
    }

    #[test]
    fn the_logarithm_is_within_three_units_in_the_last_place() {
        assert!(worst_log::<f32, Portable>() < 3.0 * f64::from(f32::EPSILON));
        assert!(worst_log::<f32, Avx2>() < 3.0 * f64::from(f32::EPSILON));
        assert!(worst_log::<f64, Avx2>() < 3.0 * f64::EPSILON);
    }

    #[test]
    fn extreme_arguments_stay_finite() {
        assert!((1e30_f32.hyperbolic_tangent::<Portable>() - 1.0).abs() < f32::EPSILON);
        assert!(((-1e30_f32).hyperbolic_tangent::<Portable>() + 1.0).abs() < f32::EPSILON);
        assert!(1e30_f64.exponential::<Portable>().is_finite());
        assert!((-1e30_f64).exponential::<Portable>() >= 0.0);
    }
}
