//! Keys that do nothing beside the others.

use super::{Config, FlowMethod, HeldNodes, NegativeStart, Origin, Resolved, Schedule};
use crate::objective::{DecayKind, ObjectiveKind};
use analog_substrate::NudgeKind;
use std::path::Path;

impl Resolved {
    /// What was set on the command line and does nothing beside the rest, a sentence each.
    pub fn idle(&self) -> Vec<String> {
        let typed = self
            .origins
            .iter()
            .filter(|(_, origin)| matches!(origin, Origin::Override(_) | Origin::Flag(_)));
        typed
            .filter_map(|(key, _)| Some((key, self.config.why_idle(key)?)))
            .map(|(key, reason)| format!("{key} does nothing: {reason}"))
            .collect()
    }
}

impl Config {
    /// Why a key does nothing; none where it acts.
    fn why_idle(&self, key: &str) -> Option<&'static str> {
        let takes_steps = !self.relaxation.solver.iterates_until_settled();
        let is_csv = Path::new(&self.data.source)
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("csv") || end.eq_ignore_ascii_case("gz"));
        let (is_idle, reason) = match key {
            "relaxation.steps" | "relaxation.step_size" => (
                !takes_steps,
                "only relaxation.solver = \"explicit\" takes steps",
            ),
            "relaxation.max_sweeps" => (
                takes_steps,
                "relaxation.solver = \"explicit\" takes relaxation.steps",
            ),
            "nudge.linear_range" => (
                self.nudge.kind == NudgeKind::Quadratic,
                "it limits nudge.kind = \"tilt\" only",
            ),
            "held.share" => (self.held.nodes == HeldNodes::None, "held.nodes is \"none\""),
            "flow.decay" | "flow.multiplier" | "flow.decay_from" | "flow.decay_start"
                if self.flow.objective == ObjectiveKind::FlowMatching =>
            {
                (
                    true,
                    "flow.objective = \"flow-matching\" has a target that does not decay",
                )
            }
            "flow.decay_from" => (
                self.flow.decay == DecayKind::Linear,
                "flow.decay = \"linear\" falls from the beginning",
            ),
            "flow.decay_start" => (
                self.flow.decay != DecayKind::Piecewise,
                "only flow.decay = \"piecewise\" begins elsewhere than at 1",
            ),
            "flow.late_from" => (
                self.flow.late_share <= 0.0 && self.flow.late_share_end <= 0.0,
                "no times are drawn late with flow.late_share = 0",
            ),
            "sampling.cool_until" => (
                self.sampling.temperature <= 0.0,
                "sampling.temperature is 0",
            ),
            "sampling.tolerance" => (
                self.sampling.method != FlowMethod::Adaptive,
                "only sampling.method = \"adaptive\" has steps of their own",
            ),
            "contrast.weight" | "chip.spec" => return None,
            key if key.starts_with("chip.") && !self.chip.is_on() => {
                (true, "there is no chip with chip.spec = \"\"")
            }
            "chip.headroom" => {
                let spec = self.chip.resolve().ok().flatten();
                let has_device = spec.is_none_or(|spec| spec.device().is_some());
                (!has_device, "the chip has no devices")
            }
            key if key.starts_with("contrast.") && self.contrast.weight <= 0.0 => {
                (true, "there are no negatives with contrast.weight = 0")
            }
            "contrast.flow_until" => (
                self.contrast.start == NegativeStart::Data,
                "contrast.start = \"data\" begins no chain with noise",
            ),
            "optimiser.final_fraction" => (
                self.optimiser.schedule == Schedule::Constant,
                "optimiser.schedule is \"constant\"",
            ),
            "data.labels" => (
                self.data.is_digits(),
                "the built-in digits have labels of their own",
            ),
            "data.label_column" => (!is_csv, "only tables of comma-separated values have one"),
            _ => return None,
        };
        is_idle.then_some(reason)
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Request;

    fn idle(overrides: &[&str]) -> Vec<String> {
        let request = Request {
            overrides: overrides.iter().map(|&text| text.to_owned()).collect(),
            ..Request::default()
        };
        request.resolve().unwrap().idle()
    }

    #[test]
    fn a_key_that_does_nothing_is_named_with_what_it_belongs_to() {
        for (overrides, expected) in [
            (
                &["relaxation.solver=block", "relaxation.steps=40"][..],
                "relaxation.steps does nothing",
            ),
            (
                &[
                    "nudge.kind=quadratic",
                    "nudge.beta=1e-3",
                    "nudge.linear_range=1",
                ],
                "nudge.linear_range does nothing",
            ),
            (
                &[
                    "optimiser.schedule=constant",
                    "optimiser.final_fraction=0.1",
                ],
                "schedule is \"constant\"",
            ),
            (&["flow.decay=linear"], "flow.decay does nothing"),
            (&["flow.multiplier=2"], "does not decay"),
            (
                &[
                    "flow.objective=equilibrium-matching",
                    "flow.decay=linear",
                    "flow.decay_from=0.4",
                ],
                "flow.decay_from does nothing",
            ),
            (
                &["flow.objective=equilibrium-matching", "flow.decay_start=2"],
                "flow.decay_start does nothing",
            ),
            (&["flow.late_from=0.9"], "flow.late_from does nothing"),
            (
                &["contrast.steps=9"],
                "no negatives with contrast.weight = 0",
            ),
            (
                &[
                    "contrast.weight=0.1",
                    "contrast.start=data",
                    "contrast.flow_until=2",
                ],
                "contrast.flow_until does nothing",
            ),
            (&["chip.free=20"], "chip.free does nothing"),
            (&["chip.spec=D3", "chip.headroom=2"], "no devices"),
            (
                &["data.source=digits", "data.label_column=true"],
                "data.label_column does nothing",
            ),
            (
                &["data.source=digits", "data.labels=mine.npy"],
                "data.labels does nothing",
            ),
        ] {
            let said = idle(overrides);
            assert!(
                said.len() == 1 && said[0].contains(expected),
                "{overrides:?}: {said:?}"
            );
        }
        for overrides in [
            &[
                "seed=3",
                "optimiser.schedule=cosine",
                "optimiser.final_fraction=0.1",
            ][..],
            &["nudge.kind=tilt", "nudge.linear_range=1"],
            &["flow.late_share_end=0.5", "flow.late_from=0.9"],
            &["contrast.weight=0.1", "contrast.temperature=0.02"],
            &[
                "flow.objective=equilibrium-matching",
                "flow.decay=piecewise",
                "flow.decay_from=0.4",
                "flow.decay_start=1.5",
                "flow.multiplier=0.9",
            ],
            &["data.source=mine.csv", "data.label_column=true"],
        ] {
            assert_eq!(idle(overrides), [""; 0], "{overrides:?}");
        }
    }
}
