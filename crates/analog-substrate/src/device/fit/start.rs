//! The time t_0 that power-law drift counts from.

use super::Base;

/// t_0 and how well it is known.
#[derive(Clone, Debug)]
pub(super) struct Start {
    pub(super) seconds: f64,
    /// Standard error of ln t_0; 0 where it is given.
    pub(super) log_error: f64,
    pub(super) warning: Option<String>,
}

/// Steps of the search for the best logarithm: the golden section leaves 1e-8 of the interval.
const STEPS: usize = 40;
/// Standard error of ln t_0 beyond which the data do not tell it: a factor of ten.
const VAGUE: f64 = std::f64::consts::LN_10;

impl Start {
    /// That of the base, which a measurement cannot improve where it is a convention; else the most
    /// likely one of `tracks`, `[time in seconds, ln G]` of each device.
    pub(super) fn of(base: &Base, tracks: &[Vec<[f64; 2]>]) -> Self {
        if let Some(seconds) = base.drift_start() {
            return Self {
                seconds,
                log_error: 0.0,
                warning: None,
            };
        }
        let times = || {
            tracks
                .iter()
                .flatten()
                .map(|[t, _]| *t)
                .filter(|t| *t > 0.0)
        };
        let least = times().fold(f64::INFINITY, f64::min);
        let most = times().fold(0.0, f64::max);
        let squares = |log: f64| {
            let sums = tracks.iter().map(|track| line(track, log.exp()).squares);
            sums.sum::<f64>()
        };
        let log = golden_section(squares, (least * 1e-2).ln(), (most * 10.0).ln());
        let freedom: usize = tracks
            .iter()
            .map(|track| track.len().saturating_sub(2))
            .sum();
        let variance = squares(log) / freedom.saturating_sub(1).max(1) as f64;
        let step = 0.05;
        let curvature =
            (squares(log + step) - 2.0 * squares(log) + squares(log - step)) / (step * step);
        let log_error = (2.0 * variance / curvature.max(f64::MIN_POSITIVE)).sqrt();
        let seconds = log.exp();
        let vague = log_error.is_nan() || log_error >= VAGUE;
        Self {
            seconds,
            log_error: log_error.min(VAGUE),
            warning: vague.then(|| {
                format!(
                    "the data do not tell drift.start: {seconds:.3e} s fits best, but a factor of ten more or less fits \
                     as well; measure earlier, or give it with --from"
                )
            }),
        }
    }
}

/// A straight line of ln G over ln((t + t_0)/t_0), by least squares.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// ln G at t = 0.
    pub(super) intercept: f64,
    pub(super) slope: f64,
    /// Sum of squared residuals.
    pub(super) squares: f64,
    /// Sum of squared distances of the abscissae from their mean.
    pub(super) width: f64,
}

/// The line through the measurements of one device.
pub(super) fn line(track: &[[f64; 2]], start: f64) -> Line {
    let count = track.len() as f64;
    let points: Vec<[f64; 2]> = track
        .iter()
        .map(|&[t, log]| [(t / start).ln_1p(), log])
        .collect();
    let mean = |k: usize| points.iter().map(|p| p[k]).sum::<f64>() / count;
    let centre = [mean(0), mean(1)];
    let product = |a: usize, b: usize| -> f64 {
        points
            .iter()
            .map(|p| (p[a] - centre[a]) * (p[b] - centre[b]))
            .sum()
    };
    let width = product(0, 0);
    let slope = product(0, 1) / width;
    let intercept = centre[1] - slope * centre[0];
    let squares = points
        .iter()
        .map(|[x, y]| (y - intercept - slope * x).powi(2))
        .sum();
    Line {
        intercept,
        slope,
        squares,
        width,
    }
}

/// The smallest value of a function between two places.
fn golden_section(f: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (low, high);
    for _ in 0..STEPS {
        let (left, right) = (high - ratio * (high - low), low + ratio * (high - low));
        if f(left) < f(right) {
            high = right;
        } else {
            low = left;
        }
    }
    f64::midpoint(low, high)
}
