//! When a transient has settled, found between the steps of its integrator.

/// The instant from which on a residual stays at or below a limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Settling {
    limit: f64,
    /// What a residual is known to, relative to that of the step before.
    resolution: f64,
    /// Time in τ and residual of the last step.
    last: Option<(f64, f64)>,
    since: Option<f64>,
}

impl Settling {
    /// Before the first step; `resolution` is the relative rounding of residuals.
    pub(super) fn new(limit: f64, resolution: f64) -> Self {
        Self {
            limit,
            resolution,
            last: None,
            since: None,
        }
    }

    /// One more step that ended at `time` τ with `residual`.
    pub(super) fn observe(&mut self, time: f64, residual: f64) {
        // Of what is not a number, neither holds.
        if residual <= self.limit {
            let crossing = || match self.last {
                Some(before) => self.crossing(before, (time, residual)),
                None => time,
            };
            self.since = Some(self.since.unwrap_or_else(crossing));
        } else {
            self.since = None;
        }
        self.last = Some((time, residual));
    }

    /// Since when, in τ, the residual has been at or below the limit; none if it is above.
    pub(crate) fn since(&self) -> Option<f64> {
        self.since
    }

    /// Where between two steps the residual met the limit. The largest imbalance of a network that
    /// relaxes is, but for the moments at which another mode takes over, that of one mode and falls
    /// exponentially: its logarithm is a straight line in time, also over steps that are long against
    /// its decay, as those of exponential integrators are. Where the second residual is below the
    /// rounding of the first, the line goes to that rounding: more is not known.
    fn crossing(&self, (before, above): (f64, f64), (time, below): (f64, f64)) -> f64 {
        let below = below.max(self.resolution * above);
        let share = (above / self.limit).ln() / (above / below).ln();
        // Not finite where the step before was not.
        if share.is_finite() {
            before + share.clamp(0.0, 1.0) * (time - before)
        } else {
            time
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observed(limit: f64, steps: &[(f64, f64)]) -> Option<f64> {
        let mut settling = Settling::new(limit, f64::EPSILON);
        for &(time, residual) in steps {
            settling.observe(time, residual);
        }
        settling.since()
    }

    #[test]
    fn an_exponential_is_crossed_where_it_is_whatever_the_steps() {
        let (rate, start, limit) = (16.0, 0.7, 1e-2);
        let exact = f64::ln(start / limit) / rate;
        for step in [0.001, 0.03, 0.1, 0.7, 2.0] {
            let steps: Vec<_> = (0..1000)
                .map(|k| f64::from(k) * step)
                .map(|t| (t, start * (-rate * t).exp()))
                .collect();
            let found = observed(limit, &steps).unwrap();
            assert!((found - exact).abs() < 1e-12, "{step}: {found}, {exact}");
        }
    }

    #[test]
    fn what_counts_is_the_last_crossing() {
        let steps = [(0.0, 1.0), (1.0, 0.01), (2.0, 0.2), (3.0, 0.05), (4.0, 0.1)];
        let found = observed(0.1, &steps).unwrap();
        assert!((found - 2.5).abs() < 1e-12, "{found}");
        assert_eq!(observed(0.1, &steps[..3]), None);
    }

    #[test]
    fn the_limit_itself_is_settled_and_so_is_a_start_below_it() {
        assert_eq!(observed(0.1, &[(0.0, 0.1), (1.0, 0.05)]), Some(0.0));
        assert_eq!(observed(0.1, &[(0.0, 1.0), (1.0, 0.1)]), Some(1.0));
    }

    #[test]
    fn no_number_is_not_settled() {
        assert_eq!(observed(0.1, &[(0.0, 0.05), (1.0, f64::NAN)]), None);
        assert_eq!(observed(0.1, &[(0.0, f64::NAN), (1.0, 0.05)]), Some(1.0));
        assert_eq!(
            observed(0.1, &[(0.0, f64::INFINITY), (1.0, 0.05)]),
            Some(1.0)
        );
    }

    #[test]
    fn a_residual_of_zero_lies_within_the_step() {
        let found = observed(0.1, &[(0.0, 1.0), (1.0, 0.0)]).unwrap();
        assert!(found > 0.0 && found < 1.0, "{found}");
    }
}
