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
            Self::RanAway { .. } => Fault::Numbers,
            Self::Interrupted => Fault::Interrupted,
            Self::Sampling(cause) => cause.fault(),
            Self::NotPositive { .. } | Self::Moment { .. } => Fault::Input,
        }
    }
}
