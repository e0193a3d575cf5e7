//! 1/f noise as a sum of Ornstein–Uhlenbeck processes.
//!
//! One process of rate ω₀ and variance v has density 4vω₀/(ω₀² + ω²) (Uhlenbeck & Ornstein 1930);
//! spread evenly in ln ω₀ with ρ per unit they sum to ρv/f (van der Ziel 1950).

/// Processes per decade: their sum ripples by less than 2 % (tested where noise is drawn).
const PER_DECADE: f64 = 2.0;

/// Processes whose rates are spread evenly in the logarithm over a band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Processes {
    /// How many.
    pub(crate) count: usize,
    /// Of each, its part of the band in ln ω: 1/ρ.
    pub(crate) width: f64,
}

impl Processes {
    /// Of a band of this width in ln ω, with two processes a decade or the next number below or above.
    pub(crate) fn nearest(band: f64) -> Self {
        Self::of(band, (band / std::f64::consts::LN_10 * PER_DECADE).round())
    }

    /// Of a band of this width in ln ω, with at least two processes a decade.
    pub(crate) fn at_least(band: f64) -> Self {
        Self::of(band, (band / std::f64::consts::LN_10 * PER_DECADE).ceil())
    }

    fn of(band: f64, count: f64) -> Self {
        let count = count.max(1.0);
        Self {
            #[expect(clippy::cast_sign_loss, reason = "at least one")]
            count: count as usize,
            width: band / count,
        }
    }

    /// The rates of the processes over the lowest of the band.
    pub(crate) fn rates(self) -> impl Iterator<Item = f64> {
        (0..self.count).map(move |k| (self.width * (k as f64 + 0.5)).exp())
    }
}
