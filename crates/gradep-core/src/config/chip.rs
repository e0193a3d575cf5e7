//! `[chip]`: the chip whose transients are the phases of a training, in place of exact equilibria.

use super::{
    Config, InvalidConfig,
    validate::{out_of_range, within},
};
use analog_substrate::{
    chip::{Die, Integrator, TransientSettings},
    hw_spec::{Spec, SpecError},
};
use serde::{Deserialize, Serialize};
use units::printable::{is_line, printable};

/// `[chip]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChipConfig {
    /// The hardware spec: the name of one that comes along, or a file; empty for exact equilibria.
    pub spec: String,
    /// What is set in it, each as `KEY=VALUE`.
    pub set: Vec<String>,
    /// Which chip of it.
    pub number: u64,
    /// Seed of the deviations of its chips.
    pub seed: u64,
    /// Relaxation of a free phase in τ.
    pub free: f64,
    /// Relaxation of a nudged phase in τ.
    pub nudged: f64,
    /// Longest step of the integrator in τ.
    pub step: f64,
    /// How many times the largest weight at first devices can hold.
    pub headroom: f64,
}

impl Default for ChipConfig {
    /// As runs from before they could be on a chip.
    fn default() -> Self {
        Self {
            spec: String::new(),
            set: Vec::new(),
            number: 0,
            seed: 0,
            free: 30.0,
            nudged: 10.0,
            step: 0.5,
            headroom: 1.5,
        }
    }
}

impl ChipConfig {
    /// Whether training runs on a chip.
    pub fn is_on(&self) -> bool {
        !self.spec.is_empty()
    }

    /// The spec with what is set in it; none for exact equilibria. A run that has begun has a copy of it in its folder.
    ///
    /// # Errors
    /// [`SpecError`] as [`Spec::load`] and [`Spec::override_with`].
    pub fn resolve(&self) -> Result<Option<Spec>, SpecError> {
        if !self.is_on() {
            return Ok(None);
        }
        let mut spec = Spec::load(&self.spec)?;
        spec.override_with(&self.set)?;
        Ok(Some(spec))
    }

    /// Which chip it is, in words; none of exact equilibria.
    pub fn in_words(&self) -> Option<String> {
        let (spec, die) = (printable(&self.spec), self.die());
        self.is_on().then(|| format!("{spec}, {die}"))
    }

    /// Which chip it is.
    pub fn die(&self) -> Die {
        Die {
            seed: self.seed,
            number: self.number,
        }
    }

    /// How its transients are computed.
    pub fn transients(&self) -> TransientSettings {
        TransientSettings {
            integrator: Integrator::Etd2,
            step: self.step,
            duration: self.free,
            nudge_duration: Some(self.nudged),
            ..TransientSettings::default()
        }
    }
}

impl Config {
    pub(super) fn validate_chip(&self) -> Result<(), InvalidConfig> {
        let chip = &self.chip;
        let lines = std::iter::once(("chip.spec", &chip.spec));
        let mut lines = lines.chain(chip.set.iter().map(|text| ("chip.set", text)));
        if let Some((key, text)) = lines.find(|(_, text)| !is_line(text)) {
            return Err(InvalidConfig::Unprintable {
                key,
                shown: printable(text).into_owned(),
            });
        }
        for (key, seed) in [("chip.number", chip.number), ("chip.seed", chip.seed)] {
            if i64::try_from(seed).is_err() {
                // The last of TOML's whole numbers is not exact as a float.
                return Err(out_of_range(key, seed as f64));
            }
        }
        within("chip.free", chip.free)?;
        within("chip.nudged", chip.nudged)?;
        within("chip.step", chip.step)?;
        within("chip.headroom", chip.headroom)
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Request, Resolved};

    fn resolved(overrides: &[&str]) -> Result<Resolved, String> {
        let request = Request {
            overrides: overrides.iter().map(|&text| text.to_owned()).collect(),
            ..Request::default()
        };
        request.resolve().map_err(|error| error.to_string())
    }

    /// A section that both have is one in which `-s` has to tell them apart by the whole key, and a key that both have is the
    /// configuration's.
    #[test]
    fn one_key_is_of_configurations_and_of_specs() {
        let of_specs = || analog_substrate::hw_spec::KEYS.iter().map(|key| key.name);
        let keys = crate::config::KEYS.iter().map(|key| key.key);
        let both: Vec<_> = keys
            .clone()
            .filter(|&key| of_specs().any(|name| name == key))
            .collect();
        assert_eq!(both, ["spring.stiffness"]);
        let first = |key: &'static str| key.split('.').next().unwrap_or(key);
        let shared = keys
            .map(first)
            .filter(|&own| of_specs().any(|name| first(name) == own));
        assert!(shared.into_iter().all(|section| section == "spring"));

        let found = resolved(&[
            "chip.spec=D3",
            "spring.stiffness=12",
            "spring.mismatch.spread=2 %",
        ]);
        let config = found.unwrap().config;
        assert_eq!(config.spring.stiffness.to_bits(), 12.0_f64.to_bits());
        assert_eq!(config.chip.set, ["spring.mismatch.spread=2 %"]);
        let said = resolved(&["spring.stifness=12"]).unwrap_err();
        assert!(said.contains("did you mean `spring.stiffness`"), "{said}");
    }

    #[test]
    fn keys_of_a_spec_are_set_in_the_chip_that_there_is() {
        let found = resolved(&[
            "chip.spec=D3",
            "chip.set=['node.capacitance=50 fF']",
            "device=pcm",
            "seed=3",
            "chip.only=thermal_noise",
        ])
        .unwrap();
        let set = [
            "node.capacitance=50 fF",
            "device=pcm",
            "chip.only=thermal_noise",
        ];
        assert_eq!(found.config.chip.set, set);
        assert_eq!(found.config.seed, 3);
        let origin = found.origins["chip.set"].to_string();
        assert_eq!(origin, "override chip.only=thermal_noise");
        let spec = found.config.chip.resolve().unwrap().unwrap();
        assert_eq!(
            spec.design().node.capacitance.mean.to_bits(),
            50e-15_f64.to_bits()
        );

        let said = resolved(&["node.capacitance=50 fF"]).unwrap_err();
        assert!(
            said.contains("`node.capacitance`") && said.contains("--chip"),
            "{said}"
        );
        let said = resolved(&["chip.spec=D3", "nodes.capacitance=50 fF"]).unwrap_err();
        assert!(
            said.contains("neither") && said.contains("`node.capacitance`"),
            "{said}"
        );
        let said = resolved(&["chip.spec=D3", "node.capacitance=50 fX"]).unwrap_err();
        assert!(said.contains("50 fX"), "{said}");
        let said = resolved(&["chip.spec=D9"]).unwrap_err();
        assert!(said.contains("chip.spec") && said.contains("D9"), "{said}");
        let said = resolved(&["chip.spec=D3", "chip.set=[1]"]).unwrap_err();
        assert!(said.contains("chip.set") && said.contains("text"), "{said}");
    }

    #[test]
    fn a_chip_is_nudged_as_far_as_it_can_tell_unless_somebody_says_otherwise() {
        let found = resolved(&["chip.spec=D3"]).unwrap();
        let nudge = &found.config.nudge;
        // 70 times √(2kT/C) or a step of 12 bits.
        assert!((0.1..=0.3).contains(&nudge.linear_range), "{nudge:?}");
        let origin = found.origins["nudge.linear_range"].to_string();
        assert_eq!(origin, "implied by chip.spec");
        let own = resolved(&["chip.spec=D3", "nudge.linear_range=0.01"]).unwrap();
        assert_eq!(own.config.nudge.linear_range.to_bits(), 0.01_f64.to_bits());
        let quadratic = resolved(&["chip.spec=D3", "nudge.kind=quadratic"]).unwrap();
        let beta = Config::preset("best").unwrap().nudge.beta;
        assert_eq!(quadratic.config.nudge.beta.to_bits(), beta.to_bits());
    }

    /// Where pulses leave the model in the devices, an average of what was asked of them is nowhere.
    #[test]
    fn no_average_is_kept_of_what_is_pulsed() {
        let average = |update: &str| {
            let update = format!("array.update={update}");
            let all = [
                "chip.spec=D3",
                "device=generic",
                "array.update_pulses=1000",
                &update,
            ];
            resolved(&all).unwrap().config.optimiser.ema_decay
        };
        assert!(average("exact") > 0.9 && average("rewrite") > 0.9);
        for update in ["pulses", "mixed-precision"] {
            assert_eq!(average(update).to_bits(), 0.0_f64.to_bits());
        }
    }

    #[test]
    fn a_run_without_a_chip_is_the_run_that_it_was() {
        let mut config = Config::preset("best").unwrap();
        let before = config.hash();
        assert!(!config.chip.is_on());
        config.chip.spec = "D3".to_owned();
        assert_ne!(config.hash(), before);
    }
}
