//! The power law of one device, as a straight line of logarithms.

/// A straight line of ln G over ln(t/t_0), by least squares.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// ln G at t = t_0.
    pub(super) intercept: f64,
    pub(super) slope: f64,
    /// Sum of squared residuals.
    pub(super) squares: f64,
    /// Sum of squared distances of the abscissae from their mean.
    pub(super) width: f64,
    /// Variance of the intercept over that of a reading.
    pub(super) origin: f64,
}

/// The line through the measurements of one device.
pub(super) fn line(track: &[[f64; 2]], start: f64) -> Line {
    let count = track.len() as f64;
    let points: Vec<[f64; 2]> = track
        .iter()
        .map(|&[t, log]| [(t / start).ln(), log])
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
        origin: count.recip() + centre[0] * centre[0] / width,
    }
}
