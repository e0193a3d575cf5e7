//! Functions of the share g = G/max.

use serde::{Deserialize, Serialize};

/// One piece: `clip(log·ln g + scale·g^exponent + Σ polynomial_i g^i)` below its limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Piece {
    #[serde(default = "unlimited")]
    below: f64,
    #[serde(default)]
    log: f64,
    #[serde(default)]
    scale: f64,
    #[serde(default)]
    exponent: f64,
    #[serde(default)]
    polynomial: Vec<f64>,
    clip: Option<[f64; 2]>,
}

/// Smallest share that enters a logarithm or a power: both are clipped long before.
const LEAST: f64 = 1e-12;

/// Shares at which a law is looked at for its sign: the steepest published law, a polynomial of
/// degree four, moves by less than 0.5 % of its maximum between two of them.
const LOOKS: u32 = 4096;

fn unlimited() -> f64 {
    f64::INFINITY
}

/// The polynomial with these coefficients, lowest first.
pub fn polynomial(coefficients: &[f64], g: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * g + c)
}

/// The first of evenly spaced shares at which a function is negative or no number, with its value.
pub(super) fn negative(f: impl Fn(f64) -> f64, [low, high]: [f64; 2]) -> Option<(f64, f64)> {
    (0..=LOOKS)
        .map(|k| low + (high - low) * f64::from(k) / f64::from(LOOKS))
        .map(|g| (g, f(g)))
        .find(|(_, value)| value.is_nan() || *value < 0.0)
}

/// What is said of the share and value of [`negative`].
pub(super) fn says_negative((g, value): (f64, f64)) -> String {
    format!(
        "is {value:.3e} at {g:.4} of the largest conductance; expected no negative value within the validity range"
    )
}

/// What is wrong with a law: a piece, or that pieces do not follow one another up to the largest share.
pub(super) fn problem(pieces: &[Piece]) -> Option<&'static str> {
    if let Some(problem) = pieces.iter().find_map(Piece::problem) {
        return Some(problem);
    }
    let rising = pieces.windows(2).all(|pair| pair[0].below < pair[1].below);
    let covers = pieces.last().is_some_and(|last| last.below > 1.0);
    if rising && covers {
        None
    } else {
        Some("expected pieces with rising `below`, the last without")
    }
}

/// The law's value: that of the first piece whose limit is above g.
pub(super) fn value(pieces: &[Piece], g: f64) -> f64 {
    let piece = pieces.iter().find(|piece| g < piece.below);
    piece.map_or(0.0, |piece| piece.at(g))
}

impl Piece {
    fn at(&self, g: f64) -> f64 {
        let least = g.max(LEAST);
        let value = self.log * least.ln()
            + self.scale * least.powf(self.exponent)
            + polynomial(&self.polynomial, g);
        self.clip
            .map_or(value, |[low, high]| value.max(low).min(high))
    }

    /// What is wrong with the piece.
    fn problem(&self) -> Option<&'static str> {
        let numbers = [self.log, self.scale, self.exponent];
        let finite = numbers
            .iter()
            .chain(&self.polynomial)
            .all(|x| x.is_finite());
        let ordered = self
            .clip
            .is_none_or(|[low, high]| low.is_finite() && high.is_finite() && low <= high);
        let bounded = (self.log == 0.0 && self.exponent >= 0.0) || self.clip.is_some();
        match (finite && !self.below.is_nan(), ordered, bounded) {
            (false, ..) => Some("expected finite numbers"),
            (_, false, _) => Some("expected clip = [least, most]"),
            (.., false) => Some("a law that diverges at zero needs clip = [least, most]"),
            _ => None,
        }
    }
}
