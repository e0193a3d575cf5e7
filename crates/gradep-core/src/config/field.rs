//! Whether a network can have the field that it is to learn.

use super::{Config, InvalidConfig};
use crate::objective::{DecayKind, ObjectiveKind};
use analog_substrate::Cell;

/// By how much, relatively, a slope may exceed the bound: rounding of 1/(1 − a).
const ROUNDING: f64 = 1e-9;

impl Config {
    /// The largest slope with which the velocity of the network can fall along any direction of x; none where there is no
    /// such bound.
    ///
    /// The energy at rest is F(x) = min over h of E(x, h), and E is ½|x|² and terms that are at most linear in x. Hence
    /// F − ½|x|² is a minimum of linear functions, which is concave, and no eigenvalue of the Hessian of F is above 1: the
    /// slope of v = −α∇F is never below −α. Where the activation of a hopfield cell falls, its fixed points need not be
    /// minima, and there is no such bound. A leak k of a visible node adds ½kx² to E: where it is trained, the bound
    /// α(1 + k) moves with it.
    pub fn steepest_field(&self) -> Option<f64> {
        let network = &self.network;
        let are_minima = network.cell != Cell::Hopfield || network.activation.rises();
        (are_minima && !network.visible_leak).then_some(self.spring.output_scale)
    }

    /// Refuses a target of Equilibrium Matching that is steeper than any field of the network.
    pub(super) fn validate_field(&self) -> Result<(), InvalidConfig> {
        let flow = &self.flow;
        let steepest = flow.equilibrium_matching().steepest();
        let Some(limit) = self.steepest_field() else {
            return Ok(());
        };
        if flow.objective != ObjectiveKind::EquilibriumMatching
            || steepest <= limit * (1.0 + ROUNDING)
        {
            return Ok(());
        }
        let (multiplier, most) = (flow.multiplier, limit / flow.multiplier);
        let at_the_data = 1.0 / (1.0 - flow.decay_from);
        let raise = format!(
            "or spring.output_scale at least {:.4}, or network.visible_leak = true",
            round_up(steepest)
        );
        let too_steep = |key, value, where_it_is, remedy| InvalidConfig::TooSteep {
            key,
            value,
            steepest,
            where_it_is,
            output_scale: limit,
            remedy,
        };
        // A multiplier that no decay could make up for is what is wrong.
        if multiplier > limit * (1.0 + ROUNDING) || flow.decay == DecayKind::Linear {
            let remedy = format!("Choose at most {:.4}, {raise}", round_down(limit));
            let place = "the multiplier, times 1/(1 - flow.decay_from) towards an image";
            return Err(too_steep("flow.multiplier", multiplier, place, remedy));
        }
        if flow.decay == DecayKind::Piecewise && flow.decay_start > at_the_data {
            let remedy = format!("Choose at most {:.4}, {raise}", round_down(most));
            let place = "flow.multiplier times flow.decay_start, at the noise";
            return Err(too_steep(
                "flow.decay_start",
                flow.decay_start,
                place,
                remedy,
            ));
        }
        let remedy = format!(
            "Choose at most {:.4}, {raise}",
            round_down(1.0 - 1.0 / most)
        );
        let place = "flow.multiplier/(1 - flow.decay_from), towards an image";
        Err(too_steep("flow.decay_from", flow.decay_from, place, remedy))
    }
}

/// What is shown as the most has to be allowed: rounded to the digits that are shown, but for rounding of the number itself.
fn round_down(most: f64) -> f64 {
    (most * 1e4 * (1.0 + ROUNDING)).floor() / 1e4
}

fn round_up(least: f64) -> f64 {
    (least * 1e4 * (1.0 - ROUNDING)).ceil() / 1e4
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Request};

    fn resolved(overrides: &[&str]) -> Result<Config, String> {
        let overrides = [&["flow.objective=equilibrium-matching"], overrides].concat();
        let request = Request {
            overrides: overrides.iter().map(|&text| text.to_owned()).collect(),
            ..Request::default()
        };
        request
            .resolve()
            .map(|resolved| resolved.config)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_field_that_the_network_cannot_have_is_refused_with_the_key_to_change() {
        for (overrides, key, most) in [
            (&["flow.decay_from=0.8"][..], "flow.decay_from", "0.5000"),
            (&["flow.multiplier=1.5"], "flow.decay_from", "0.2500"),
            (&["flow.multiplier=2.5"], "flow.multiplier", "2.0000"),
            (
                &["flow.decay=linear", "flow.multiplier=2.1"],
                "flow.multiplier",
                "2.0000",
            ),
            (
                &["flow.decay=piecewise", "flow.decay_start=2.5"],
                "flow.decay_start",
                "2.0000",
            ),
            (
                &["flow.decay=piecewise", "flow.decay_from=0.8"],
                "flow.decay_from",
                "0.5000",
            ),
        ] {
            let said = resolved(overrides).unwrap_err();
            let named = format!("`{key}` = ");
            let remedy = format!("Choose at most {most}, or spring.output_scale at least ");
            assert!(
                said.contains(&named) && said.contains(&remedy),
                "{overrides:?}: {said}"
            );
        }
    }

    #[test]
    fn what_the_remedy_says_is_not_refused() {
        for overrides in [
            &[][..],
            &["flow.decay_from=0.5"],
            &["flow.decay_from=0.8", "spring.output_scale=5"],
            &["flow.multiplier=1.5", "flow.decay_from=0.25"],
            &[
                "flow.multiplier=1.4",
                "flow.decay_from=0.3",
                "spring.output_scale=2",
            ],
            &["flow.decay=linear", "flow.multiplier=2"],
            &["flow.decay=piecewise", "flow.decay_start=2"],
            &["network.visible_leak=true", "flow.decay_from=0.8"],
            // Its fixed points need not be minima where SiLU falls.
            &[
                "network.cell=hopfield",
                "network.activation=silu",
                "flow.decay_from=0.8",
            ],
        ] {
            resolved(overrides).unwrap();
        }
    }
}
