//! The last decay of a residual.

use serde::Serialize;
use units::statistics::median;

/// Fewest recorded instants that say anything about a tail.
const FEWEST: usize = 12;
/// A residual whose median over the last quarter is at least this share of the quarter before has
/// stopped to decay. A mode of rate 0.1/τ, the slowest of trained networks, leaves a half at 30 τ.
const STANDS: f64 = 0.9;
/// A fit ends where the residual is this multiple of the floor on which it ends: the floor bends the
/// logarithm by less than a fifth there.
const ABOVE_FLOOR: f64 = 5.0;

/// What the end of a residual's course is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Tail {
    /// It still decays: the rate is that of the slowest mode seen.
    Decays,
    /// It fluctuates about what noise makes of it: modes slower than the fitted rate may hide there.
    Noise,
    /// It stands at what rounding, or the integrator's tolerance, leaves.
    Precision,
    /// It stands, or grows, because nodes keep oscillating.
    Oscillates,
    /// It does not decay, without any of these reasons: a plateau between two decays.
    Stands,
    /// It is not finite.
    RanAway,
    /// Too few instants were recorded.
    TooShort,
}

/// What is known of a residual besides its course.
pub(super) struct Nature {
    pub(super) is_noisy: bool,
    pub(super) rings: bool,
    /// Largest residual that rounding explains.
    pub(super) left_by_rounding: f64,
}

/// What the tail is, and the rate in 1/τ by least squares on the logarithm of the residual: over its
/// last third while it decays; else over the later half of what precedes the floor.
pub(super) fn fit(time: &[f64], residual: &[f64], nature: &Nature) -> (Tail, Option<f64>) {
    if residual.iter().any(|r| !r.is_finite()) {
        return (Tail::RanAway, None);
    }
    let n = residual.len();
    if n < FEWEST {
        return (Tail::TooShort, None);
    }
    let middle = |part: &[f64]| median(part.iter().copied()).unwrap_or_default();
    let before = middle(&residual[n / 2..3 * n / 4]);
    let last = middle(&residual[3 * n / 4..]);
    if last < STANDS * before {
        return (
            Tail::Decays,
            rate(&time[2 * n / 3..], &residual[2 * n / 3..]),
        );
    }
    let tail = if last <= nature.left_by_rounding {
        Tail::Precision
    } else if nature.is_noisy {
        Tail::Noise
    } else if nature.rings {
        Tail::Oscillates
    } else {
        Tail::Stands
    };
    let end = residual
        .iter()
        .position(|r| *r < ABOVE_FLOOR * last)
        .unwrap_or(n);
    (tail, rate(&time[end / 2..end], &residual[end / 2..end]))
}

/// −d ln(residual)/dt by least squares; none of fewer than five positive values, or if it grows.
fn rate(time: &[f64], residual: &[f64]) -> Option<f64> {
    let points: Vec<(f64, f64)> = (time.iter().zip(residual))
        .filter(|(_, r)| **r > 0.0)
        .map(|(t, r)| (*t, r.ln()))
        .collect();
    if points.len() < 5 {
        return None;
    }
    let count = points.len() as f64;
    let (t, y) = points
        .iter()
        .fold((0.0, 0.0), |(t, y), p| (t + p.0 / count, y + p.1 / count));
    let (across, along) = points.iter().fold((0.0, 0.0), |(across, along), p| {
        let from = p.0 - t;
        (across + from * (p.1 - y), along + from * from)
    });
    let rate = -across / along;
    (rate > 0.0).then_some(rate)
}
