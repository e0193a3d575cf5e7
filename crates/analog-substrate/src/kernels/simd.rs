//! Run-time choice of the instruction set: the one place with `unsafe`.

use std::{
    ffi::{OsStr, OsString},
    fmt,
    sync::OnceLock,
};
use units::fault::{Blame, Fault};

/// Environment variable that asks for a lower level than the processor's best.
const VARIABLE: &str = "GRADEP_SIMD";

/// Instruction set for which a kernel is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SimdLevel {
    /// Whatever the target guarantees (SSE2 on x86-64), without fused multiply-add.
    Portable,
    /// AVX2 and FMA: 256-bit vectors.
    Avx2,
    /// AVX-512 F, VL, BW, DQ: 512-bit vectors.
    Avx512,
}

/// Why the level that the environment asks for cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SimdError {
    /// No level has this name.
    #[error("{VARIABLE}={}: expected {}", value.display(), SimdLevel::names(*best))]
    Unknown {
        /// The variable's value.
        value: OsString,
        /// The highest that the processor has.
        best: SimdLevel,
    },
    /// The processor lacks these instructions.
    #[error("{VARIABLE}={level}: this processor lacks it; expected {}", SimdLevel::names(*best))]
    Unavailable {
        /// The level asked for.
        level: SimdLevel,
        /// The highest that the processor has.
        best: SimdLevel,
    },
}

impl Blame for SimdError {
    fn fault(&self) -> Fault {
        Fault::Input
    }
}

impl SimdLevel {
    /// Every level, lowest first.
    const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    const fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// The names of the levels up to `highest`, as a message lists them.
    fn names(highest: Self) -> String {
        let names: Vec<&str> = Self::ALL
            .into_iter()
            .filter(|level| *level <= highest)
            .map(Self::name)
            .collect();
        names.join(" or ")
    }

    /// The best level of this processor, or a lower one that the environment variable
    /// `GRADEP_SIMD` (`portable`, `avx2`, `avx512`) asks for. Looked up once.
    ///
    /// What cannot be honoured is ignored here; a program checks it by [`SimdLevel::requested`].
    pub fn detect() -> Self {
        static LEVEL: OnceLock<SimdLevel> = OnceLock::new();
        *LEVEL.get_or_init(|| Self::requested().unwrap_or_else(|_| Self::best()))
    }

    /// The level that `GRADEP_SIMD` asks for; the best of this processor where it is unset or empty.
    ///
    /// # Errors
    /// [`SimdError`] where it names no level, or one that this processor lacks.
    pub fn requested() -> Result<Self, SimdError> {
        Self::of_request(std::env::var_os(VARIABLE).as_deref(), Self::best())
    }

    fn of_request(request: Option<&OsStr>, best: Self) -> Result<Self, SimdError> {
        let Some(value) = request.filter(|value| !value.is_empty()) else {
            return Ok(best);
        };
        let name = value.to_str();
        let level = Self::ALL
            .into_iter()
            .find(|level| name == Some(level.name()))
            .ok_or_else(|| SimdError::Unknown {
                value: value.to_owned(),
                best,
            })?;
        if level > best {
            return Err(SimdError::Unavailable { level, best });
        }
        Ok(level)
    }

    /// The levels that this processor can run, lowest first.
    pub fn available() -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|level| *level <= Self::best())
            .collect()
    }

    #[cfg(target_arch = "x86_64")]
    fn best() -> Self {
        let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        let avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq");
        match (avx2, avx512) {
            (true, true) => Self::Avx512,
            (true, false) => Self::Avx2,
            _ => Self::Portable,
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn best() -> Self {
        Self::Portable
    }

    /// Runs a kernel as compiled for this level, or for the best one below it that exists here.
    #[inline]
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.min(Self::best_cached()) {
            Self::Portable => kernel.run::<Portable>(),
            #[cfg(target_arch = "x86_64")]
            #[expect(unsafe_code, reason = "calling a function compiled for AVX2 and FMA")]
            // SAFETY: `best_cached` has seen AVX2 and FMA on this processor.
            Self::Avx2 => unsafe { run_avx2(kernel) },
            #[cfg(target_arch = "x86_64")]
            #[expect(unsafe_code, reason = "calling a function compiled for AVX-512")]
            // SAFETY: `best_cached` has seen AVX-512 F, VL, BW, DQ, AVX2 and FMA on this processor.
            Self::Avx512 => unsafe { run_avx512(kernel) },
            #[cfg(not(target_arch = "x86_64"))]
            _ => kernel.run::<Portable>(),
        }
    }

    #[inline]
    fn best_cached() -> Self {
        static BEST: OnceLock<SimdLevel> = OnceLock::new();
        *BEST.get_or_init(Self::best)
    }
}

impl fmt::Display for SimdLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a kernel may assume of the instruction set that it is compiled for.
pub trait Isa: Copy {
    /// Whether fused multiply-add is one instruction.
    const FMA: bool;
    /// Bytes of a vector register.
    const VECTOR_BYTES: usize;
}

#[derive(Clone, Copy)]
pub(crate) struct Portable;
impl Isa for Portable {
    const FMA: bool = false;
    const VECTOR_BYTES: usize = 16;
}

#[derive(Clone, Copy)]
#[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "x86-64 only"))]
pub(crate) struct Avx2;
impl Isa for Avx2 {
    const FMA: bool = true;
    const VECTOR_BYTES: usize = 32;
}

#[derive(Clone, Copy)]
#[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "x86-64 only"))]
pub(crate) struct Avx512;
impl Isa for Avx512 {
    const FMA: bool = true;
    const VECTOR_BYTES: usize = 64;
}

/// A computation that is compiled once per instruction set; `run` must be `#[inline(always)]`.
pub(crate) trait Kernel {
    /// What it returns.
    type Output;
    /// The body, generic over the instruction set.
    fn run<I: Isa>(self) -> Self::Output;
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn run_avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Avx2>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")]
fn run_avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Avx512>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{self, Write as _};

    /// Kernels are tried at every level that there is; those that there are not are named, past the capture of
    /// a test's output.
    #[test]
    fn levels_that_are_not_tried_here_are_named() {
        let (here, all) = (SimdLevel::available(), SimdLevel::ALL);
        assert_eq!(here, all[..here.len()], "the lowest ones, and no gaps");
        assert_eq!(here[0], SimdLevel::Portable);
        for level in &all[here.len()..] {
            let name = level.name();
            let _ = writeln!(
                io::stderr(),
                "NOT TESTED: {name}, which this processor lacks"
            );
        }
    }

    #[test]
    fn a_request_is_honoured_or_refused_with_what_can_be_asked_for() {
        let of = |value: &str, best| SimdLevel::of_request(Some(OsStr::new(value)), best);
        for best in SimdLevel::ALL {
            assert_eq!(SimdLevel::of_request(None, best), Ok(best));
            assert_eq!(of("", best), Ok(best));
            for level in SimdLevel::ALL {
                let answer = of(level.name(), best);
                if level <= best {
                    assert_eq!(answer, Ok(level));
                } else {
                    assert_eq!(answer, Err(SimdError::Unavailable { level, best }));
                }
            }
        }
        for (value, best, message) in [
            (
                "avx9",
                SimdLevel::Avx512,
                "GRADEP_SIMD=avx9: expected portable or avx2 or avx512",
            ),
            (
                "avx512",
                SimdLevel::Avx2,
                "GRADEP_SIMD=avx512: this processor lacks it; expected portable or avx2",
            ),
        ] {
            assert_eq!(of(value, best).unwrap_err().to_string(), message);
        }
    }
}
