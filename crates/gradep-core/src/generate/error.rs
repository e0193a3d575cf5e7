//! Why samples cannot be generated.

use crate::config::InvalidConfig;
use units::budget::BudgetError;
use units::fault::{Blame, Fault};

/// Why generation failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError<E: std::error::Error> {
    /// The substrate refused.
    #[error("{0}")]
    Substrate(#[source] E),
    /// The flow left every range: its steps are too long, or the energy has no minimum.
    #[error(
        "{samples} of {of} samples ran away by t = {time}: steps of {step} in flow time are too long, {}or \
         the model's energy has no minimum there",
        if *temperature > 0.0 { format!("noise of temperature {temperature} is too strong, ") } else { String::new() }
    )]
    RanAway {
        /// How many.
        samples: usize,
        /// Of how many.
        of: usize,
        /// Flow time reached.
        time: f64,
        /// The step.
        step: f64,
        /// T of the noise along the flow.
        temperature: f64,
    },
    /// Adaptive steps do not come to their end.
    #[error(
        "{samples} of {of} samples took {steps} steps and are at t = {time:.6} with a step of {step:.1e}: their error stays above \
         {tolerance} per unit of flow time; raise sampling.tolerance (--flow-tolerance), or lower relaxation.tolerance"
    )]
    TooManySteps {
        /// How many.
        samples: usize,
        /// Of how many.
        of: usize,
        /// Steps that each tried.
        steps: u64,
        /// Flow time that the first of them reached.
        time: f64,
        /// The step that it would try next.
        step: f64,
        /// Error that a step may have per unit of flow time.
        tolerance: f64,
    },
    /// Adaptive steps need relaxations that stand by themselves.
    #[error(
        "sampling.method = \"adaptive\": samples take steps of their own, so that no relaxation begins where one of all samples \
         ended; expected hidden nodes that start cold, or sampling.method = \"euler\""
    )]
    WarmAdaptive,
    /// The ways of sampling do not go together.
    #[error("{0}")]
    Sampling(#[from] InvalidConfig),
    /// More than can be computed.
    #[error("{0}")]
    Budget(#[from] BudgetError),
    /// A time or step is not usable.
    #[error("{what} = {value} is not a positive finite number")]
    NotPositive {
        /// Which quantity.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// It was asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// A moment lies outside the flow.
    #[error("cannot show t = {moment}: the flow runs from 0 to {until}")]
    Moment {
        /// Asked for.
        moment: f64,
        /// End of the flow.
        until: f64,
    },
}

impl<E: Blame + 'static> Blame for GenerateError<E> {
    fn fault(&self) -> Fault {
        match self {
            Self::Substrate(cause) => cause.fault(),
            Self::Budget(cause) => cause.fault(),
            Self::RanAway { .. } | Self::TooManySteps { .. } => Fault::Numbers,
            Self::Interrupted => Fault::Interrupted,
            Self::Sampling(cause) => cause.fault(),
            Self::NotPositive { .. } | Self::Moment { .. } | Self::WarmAdaptive => Fault::Input,
        }
    }
}
