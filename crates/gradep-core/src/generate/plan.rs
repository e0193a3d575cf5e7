//! The steps of a flow.

use super::GenerateError;
use units::budget::{MOST_STEPS, check_count};

/// The steps of a flow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlowSteps<'a> {
    /// Flow times at which x is wanted, ascending; 0 is the start itself.
    pub moments: &'a [f64],
    /// Longest step between them.
    pub step: f64,
    /// More such steps after the last moment, as the published sampler takes one.
    pub extra_steps: u64,
}

/// The steps that lead to a moment.
pub(super) struct Leg {
    pub(super) steps: u64,
    pub(super) dt: f64,
    pub(super) until: f64,
}

/// The steps to each of the moments, equal between two of them, and those after the last.
pub(super) fn plan<E: std::error::Error>(
    steps: &FlowSteps<'_>,
) -> Result<Vec<Leg>, GenerateError<E>> {
    let &FlowSteps {
        moments,
        step,
        extra_steps,
    } = steps;
    let positive = |what, value: f64| {
        if value.is_finite() && value > 0.0 {
            Ok(())
        } else {
            Err(GenerateError::NotPositive { what, value })
        }
    };
    positive("step", step)?;
    let until = moments.last().copied().unwrap_or_default();
    positive("the end of the flow", until)?;
    check_count(
        || format!("a flow to t = {until} in steps of {step:e}"),
        until / step + moments.len() as f64,
        "steps",
        MOST_STEPS,
        "lengthen the step (--step, --steps, sampling.step)",
    )?;
    let mut legs = Vec::with_capacity(moments.len());
    let mut t = 0.0;
    for &moment in moments {
        if !(t..=until).contains(&moment) {
            return Err(GenerateError::Moment { moment, until });
        }
        // The number of equal steps that keeps them at `step` or below, but for rounding.
        #[expect(clippy::cast_sign_loss, reason = "clamped at 0")]
        let steps = ((moment - t) / step - 1e-9).ceil().max(0.0) as u64;
        let dt = if steps > 0 {
            (moment - t) / steps as f64
        } else {
            step
        };
        legs.push(Leg {
            steps,
            dt,
            until: moment,
        });
        t = moment;
    }
    if let Some(last) = legs.last_mut() {
        last.steps += extra_steps;
    }
    Ok(legs)
}
