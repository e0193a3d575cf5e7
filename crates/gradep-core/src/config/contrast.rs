//! `[contrast]`: whether energies are lowered at the data and raised at negatives, and how these come about.

use super::{Config, InvalidConfig, validate::within};
use serde::{Deserialize, Serialize};

/// Where chains of negatives begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NegativeStart {
    /// At the images of the batch.
    Data,
    /// Where the flow has carried noise.
    Noise,
    /// Every other one at its image, the rest where the flow has carried noise: half and half, as in arXiv 2504.10612.
    #[default]
    Both,
}

impl NegativeStart {
    /// Whether the chain of this sample of a batch begins with noise.
    pub fn is_noise(self, sample: usize) -> bool {
        match self {
            Self::Data => false,
            Self::Noise => true,
            Self::Both => sample % 2 == 1,
        }
    }
}

/// `[contrast]`
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContrastConfig {
    /// Factor on mean F(data) − mean F(negatives), which is added to the loss; 0 for none.
    pub weight: f64,
    /// Share of the epochs after which it is.
    pub from: f64,
    /// Where chains begin.
    pub start: NegativeStart,
    /// Flow time for which noise follows the flow before a chain begins.
    pub flow_until: f64,
    /// Langevin steps of a chain.
    pub steps: u64,
    /// Length of a step.
    pub step: f64,
    /// T, in units of E.
    pub temperature: f64,
}

impl Default for ContrastConfig {
    /// As runs from before there were negatives.
    fn default() -> Self {
        Self {
            weight: 0.0,
            from: 0.8,
            start: NegativeStart::Both,
            flow_until: 3.0,
            steps: 20,
            step: 0.1,
            temperature: 0.01,
        }
    }
}

impl ContrastConfig {
    /// Whether an epoch of a run of `epochs` has negatives.
    pub fn acts_in(&self, epoch: u64, epochs: u64) -> bool {
        self.weight > 0.0 && epoch as f64 >= self.from * epochs as f64
    }
}

impl Config {
    /// Ranges; steps that do not overshoot; at least one epoch that has negatives.
    pub(super) fn validate_contrast(&self) -> Result<(), InvalidConfig> {
        let contrast = &self.contrast;
        within("contrast.weight", contrast.weight)?;
        within("contrast.from", contrast.from)?;
        within("contrast.flow_until", contrast.flow_until)?;
        within("contrast.steps", contrast.steps as f64)?;
        within("contrast.step", contrast.step)?;
        within("contrast.temperature", contrast.temperature)?;
        if contrast.weight <= 0.0 {
            return Ok(());
        }
        // The slope of v is never below −α but for leaks, which are trained: x + v dt overshoots where α dt > 1.
        let longest = 1.0 / self.spring.output_scale;
        if contrast.step > longest {
            return Err(InvalidConfig::OutOfRange {
                key: "contrast.step",
                value: contrast.step,
                expected: format!(
                    "at most 1/spring.output_scale = {longest}: a longer step overshoots"
                ),
            });
        }
        let epochs = self.training.epochs;
        let last = epochs.saturating_sub(1);
        if !contrast.acts_in(last, epochs) {
            return Err(InvalidConfig::OutOfRange {
                key: "contrast.from",
                value: contrast.from,
                expected: format!(
                    "at most {} with training.epochs = {epochs}, or no epoch has negatives",
                    last as f64 / epochs as f64
                ),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Request};

    fn resolved(overrides: &[&str]) -> Result<Config, String> {
        let request = Request {
            overrides: overrides.iter().map(|&text| text.to_owned()).collect(),
            ..Request::default()
        };
        let resolved = request.resolve();
        resolved.map(|it| it.config).map_err(|it| it.to_string())
    }

    #[test]
    fn steps_that_overshoot_and_phases_without_epochs_are_refused() {
        let on = ["contrast.weight=0.1", "training.epochs=5"];
        for (wrong, told) in [
            ("contrast.step=0.51", "at most 1/spring.output_scale = 0.5"),
            ("contrast.from=0.81", "at most 0.8 with training.epochs = 5"),
        ] {
            let said = resolved(&[&on[..], &[wrong]].concat()).unwrap_err();
            assert!(said.contains(told), "{said}");
            resolved(&[wrong, "contrast.weight=0"]).unwrap();
        }
        for right in ["contrast.step=0.5", "contrast.from=0.8"] {
            resolved(&[&on[..], &[right]].concat()).unwrap();
        }
    }

    #[test]
    fn the_second_phase_begins_after_its_share_of_the_epochs() {
        let config = resolved(&["contrast.weight=0.1", "contrast.from=0.5"]).unwrap();
        let acts = |epoch| config.contrast.acts_in(epoch, 5);
        assert_eq!([0, 1, 2, 3, 4].map(acts), [false, false, false, true, true]);
        let off = resolved(&["contrast.from=0"]).unwrap();
        assert!(!off.contrast.acts_in(4, 5));
        // With nothing to contrast the configuration is that of a run from before there was anything.
        let mut plain = off;
        plain.contrast = super::ContrastConfig::default();
        assert_eq!(
            plain.hash(),
            Config::preset(crate::config::DEFAULT_PRESET)
                .unwrap()
                .hash()
        );
        assert_ne!(plain.hash(), config.hash());
    }
}
