//! Whether an estimate may be used. A wrong gradient that is applied still spoils the optimiser's
//! moments, so an update outside its validity is refused, counted and explained.

use serde::{Deserialize, Serialize, Serializer};
use units::fault::{Blame, Fault};

/// Limits within which an estimate is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Validity {
    /// Largest share of samples that may be unsettled in some phase.
    pub max_unsettled: f64,
    /// Whether samples that are unsettled or displaced too far are left out of the gradient.
    pub exclude: bool,
    /// Largest nudge displacement of any output that counts as linear response; checked per sample,
    /// and for the median sample to accept the update.
    pub max_displacement: f64,
}

/// The median displacement must exceed the substrate's resolution by this factor: below it the
/// rounding of a node's difference is over a tenth of the difference itself.
pub(super) const RESOLUTION_MARGIN: f64 = 10.0;

/// Why an update is not applied.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Too many samples did not reach equilibrium: an under-relaxed gradient may point backwards.
    #[error(
        "{share:.3} of the samples are unsettled (limit {limit}); allow more sweeps or a looser tolerance"
    )]
    Unsettled {
        /// Share of the batch.
        share: f64,
        /// Its limit.
        limit: f64,
    },
    /// The quadratic nudge is as stiff as the node itself: one phase has no minimum.
    #[error(
        "q = β(αλ)²/(1+λ) = {q:.3} is not below 1: the −β phase has no minimum; use a smaller β or the tilt"
    )]
    Stiffness {
        /// q.
        q: f64,
    },
    /// The nudge is not small.
    #[error(
        "the nudge moves the median sample by {displacement:.3} (limit {limit}); use a smaller β"
    )]
    Displacement {
        /// Largest output displacement of the median sample.
        displacement: f64,
        /// Its limit.
        limit: f64,
    },
    /// The nudge is lost in rounding or read-out noise.
    #[error(
        "the nudge moves the median sample by {displacement:.2e}, within {RESOLUTION_MARGIN} × the resolution {resolution:.2e}; use a larger β"
    )]
    Resolution {
        /// Largest output displacement of the median sample.
        displacement: f64,
        /// Smallest difference that the substrate resolves.
        resolution: f64,
    },
    /// States of samples that are not excluded are beyond what a circuit can have.
    #[error(
        "{samples} samples ran away: the energy has no minimum there (an activation without a clamp \
         and large weights), or the solver's step is too large"
    )]
    RanAway {
        /// How many.
        samples: usize,
    },
    /// Too few pairs of an image and a negative are left to learn from.
    #[error(
        "{share:.3} of the negatives ran away or did not settle (limit {limit}); lower contrast.step, \
         contrast.temperature or contrast.weight"
    )]
    Negatives {
        /// Share of the pairs.
        share: f64,
        /// Its limit.
        limit: f64,
    },
    /// The gradient holds an infinity or NaN.
    #[error("the gradient is not finite")]
    NotFinite,
}

impl Blame for Refusal {
    fn fault(&self) -> Fault {
        Fault::Numbers
    }
}

impl Refusal {
    /// The reason without its numbers: what refusals are counted by.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unsettled { .. } => "unsettled",
            Self::Stiffness { .. } => "stiffness",
            Self::Displacement { .. } => "displacement",
            Self::Resolution { .. } => "resolution",
            Self::RanAway { .. } => "ran-away",
            Self::Negatives { .. } => "negatives",
            Self::NotFinite => "not-finite",
        }
    }
}

/// Written as its [`kind`](Refusal::kind).
impl Serialize for Refusal {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.kind())
    }
}

/// q = β(αλ)²/(1+λ), the stiffness of the quadratic nudge relative to the visible node's own.
///
/// A centred estimate is off by 1/(1 − q²), a one-sided one by 1/(1 + q); at q ≥ 1 the −β phase has
/// no minimum.
pub fn stiffness_ratio(beta: f64, output_scale: f64, spring: f64) -> f64 {
    beta * (output_scale * spring).powi(2) / (1.0 + spring)
}
