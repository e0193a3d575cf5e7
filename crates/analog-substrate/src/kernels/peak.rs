//! What the processor can do at most: the yardstick of every benchmark.

use super::{
    SimdLevel,
    simd::{Isa, Kernel},
};

/// Independent accumulators, 4 × 64 numbers: sixteen 512-bit vectors, enough to fill the pipelines of
/// two multiply-add units of latency 4.
const CHAINS: usize = 4;
const LANES: usize = 64;

/// Does `rounds` rounds of independent single-precision multiply-adds in registers and returns how
/// many floating-point operations that was (and a value, so that nothing is optimised away).
pub fn multiply_add_rounds(level: SimdLevel, rounds: u64) -> (f64, f32) {
    let value = level.run(Rounds(rounds));
    (2.0 * (CHAINS * LANES) as f64 * rounds as f64, value)
}

struct Rounds(u64);

impl Kernel for Rounds {
    type Output = f32;

    #[inline(always)]
    fn run<I: Isa>(self) -> f32 {
        use super::Real;
        let mut sums = [[1.0_f32; LANES]; CHAINS];
        let factor = std::hint::black_box([0.999_f32; LANES]);
        let term = std::hint::black_box([0.001_f32; LANES]);
        for _ in 0..self.0 {
            for chain in 0..CHAINS {
                for lane in 0..LANES {
                    sums[chain][lane] = sums[chain][lane].fma::<I>(factor[lane], term[lane]);
                }
            }
        }
        let mut total = 0.0;
        for chain in 0..CHAINS {
            for lane in 0..LANES {
                total += sums[chain][lane];
            }
        }
        total
    }
}
