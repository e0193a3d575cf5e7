//! Ranges, and the two bounds that the physics sets.

use super::{
    Config, FlowMethod, InvalidConfig, NudgeConfig, SamplingConfig, SpringConfig, check_noise,
    key_doc,
};
use crate::gradep::{PhaseScheme, stiffness_ratio};
use analog_substrate::{CellError, NudgeKind, Relaxation};
use units::printable::{is_line, printable};

impl Config {
    /// Checks every range, and the bounds on nudge and explicit step.
    ///
    /// # Errors
    /// The first problem, in the order of the keys.
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        // The last of TOML's whole numbers is not exact as a float.
        if i64::try_from(self.seed).is_err() {
            return Err(out_of_range("seed", self.seed as f64));
        }
        let data = &self.data;
        if data.source.is_empty() {
            return Err(InvalidConfig::Empty { key: "data.source" });
        }
        // Models, results and pages name their data.
        if !is_line(&data.source) {
            return Err(InvalidConfig::Unprintable {
                key: "data.source",
                shown: printable(&data.source).into_owned(),
            });
        }
        within("data.low", data.low)?;
        within("data.high", data.high)?;
        if data.high <= data.low {
            return Err(InvalidConfig::OutOfRange {
                key: "data.high",
                value: data.high,
                expected: "a finite number above data.low".to_owned(),
            });
        }
        if !is_line(&data.labels) {
            return Err(InvalidConfig::Unprintable {
                key: "data.labels",
                shown: printable(&data.labels).into_owned(),
            });
        }
        within("data.held_out", data.held_out)?;
        if data.held_out > 0.0 && data.is_digits() {
            return Err(InvalidConfig::OutOfRange {
                key: "data.held_out",
                value: data.held_out,
                expected: "0 with the built-in digits, whose halves are those of data.source = digits-half"
                    .to_owned(),
            });
        }
        let network = &self.network;
        network.cell.check(network.activation()).map_err(refused)?;
        within("network.clamp", network.clamp)?;
        within("network.weight_gain", network.weight_gain)?;
        if network.visible_leak && !self.relaxation.solver.iterates_until_settled() {
            return Err(InvalidConfig::LeakWithSteps);
        }
        self.spring.validate()?;
        self.validate_relaxation()?;
        self.nudge.validate(&self.spring)?;
        check_step(&self.relaxation, &self.spring, Some(&self.nudge))?;
        self.validate_flow()?;
        self.validate_conditions()?;
        self.validate_contrast()?;
        self.validate_chip()?;
        self.validate_optimiser()?;
        self.validate_training()?;
        self.sampling.validate()
    }

    fn validate_relaxation(&self) -> Result<(), InvalidConfig> {
        let relaxation = &self.relaxation;
        within("relaxation.tolerance", relaxation.tolerance)?;
        within("relaxation.max_sweeps", f64::from(relaxation.max_sweeps))?;
        within("relaxation.steps", f64::from(relaxation.steps))?;
        within("relaxation.step_size", relaxation.step_size)?;
        within("relaxation.nudged_tolerance", relaxation.nudged_tolerance)
    }

    fn validate_flow(&self) -> Result<(), InvalidConfig> {
        let flow = &self.flow;
        within("flow.decay_from", flow.decay_from)?;
        within("flow.decay_start", flow.decay_start)?;
        within("flow.multiplier", flow.multiplier)?;
        within("flow.late_share", flow.late_share)?;
        within("flow.late_share_end", flow.late_share_end)?;
        within("flow.late_from", flow.late_from)?;
        within("flow.time_power", flow.time_power)?;
        within("flow.time_bins", flow.time_bins as f64)?;
        self.validate_field()
    }

    fn validate_optimiser(&self) -> Result<(), InvalidConfig> {
        let optimiser = &self.optimiser;
        within("optimiser.learning_rate", optimiser.learning_rate)?;
        within("optimiser.beta1", optimiser.beta1)?;
        within("optimiser.beta2", optimiser.beta2)?;
        within("optimiser.epsilon", optimiser.epsilon)?;
        within("optimiser.clip_norm", optimiser.clip_norm)?;
        within("optimiser.final_fraction", optimiser.final_fraction)?;
        within("optimiser.ema_decay", optimiser.ema_decay)
    }

    fn validate_training(&self) -> Result<(), InvalidConfig> {
        let training = &self.training;
        within("training.epochs", training.epochs as f64)?;
        within(
            "training.checkpoint_every",
            training.checkpoint_every as f64,
        )?;
        within("training.max_unsettled", training.max_unsettled)?;
        within("training.max_displacement", training.max_displacement)
    }
}

impl SamplingConfig {
    /// 0 < step ≤ until, a share to stop below, and noise only where it has its law.
    ///
    /// # Errors
    /// [`InvalidConfig::OutOfRange`], [`InvalidConfig::StepBeyondFlow`], [`InvalidConfig::NoiseAlong`],
    /// [`InvalidConfig::ExtraAdaptiveStep`].
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        let &Self { until, step, .. } = self;
        within("sampling.until", until)?;
        within("sampling.step", step)?;
        within("sampling.stop_below", self.stop_below)?;
        within("sampling.temperature", self.temperature)?;
        within("sampling.cool_until", self.cool_until)?;
        within("sampling.tolerance", self.tolerance)?;
        if step > until {
            return Err(InvalidConfig::StepBeyondFlow { step, until });
        }
        if self.extra_step && self.method == FlowMethod::Adaptive {
            return Err(InvalidConfig::ExtraAdaptiveStep);
        }
        check_noise(self.temperature, self.method, self.stop_below)
    }
}

impl SpringConfig {
    /// λ > 0 and α > 0.
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        within("spring.stiffness", self.stiffness)?;
        within("spring.output_scale", self.output_scale)
    }
}

/// The explicit step is stable on the visible nodes: ε(1+λ+κ) < 2, where the quadratic nudge adds
/// κ = β(αλ)², the tilt and no nudge at all nothing. The couplings can only lower the bound further.
///
/// # Errors
/// [`InvalidConfig::UnstableStep`].
pub fn check_step(
    relaxation: &Relaxation,
    spring: &SpringConfig,
    nudge: Option<&NudgeConfig>,
) -> Result<(), InvalidConfig> {
    let stiffness =
        (1.0 + spring.stiffness) * (1.0 + nudge.map_or(0.0, |nudge| nudge.stiffness_ratio(spring)));
    let rate = relaxation.step_size * stiffness;
    if relaxation.solver.iterates_until_settled() || rate < 2.0 {
        return Ok(());
    }
    Err(InvalidConfig::UnstableStep {
        step_size: relaxation.step_size,
        stiffness,
        rate,
        limit: 2.0 / stiffness,
    })
}

impl NudgeConfig {
    /// q: what the nudge adds to the stiffness 1+λ of a visible node, relative to it; 0 for the
    /// tilt, which adds none.
    fn stiffness_ratio(&self, spring: &SpringConfig) -> f64 {
        match self.kind {
            NudgeKind::Quadratic => {
                stiffness_ratio(self.beta, spring.output_scale, spring.stiffness)
            }
            NudgeKind::Tilt => 0.0,
        }
    }

    /// β > 0, and q = β(αλ)²/(1+λ) < 1 wherever a phase at −β is relaxed.
    pub fn validate(&self, spring: &SpringConfig) -> Result<(), InvalidConfig> {
        within("nudge.beta", self.beta)?;
        let q = self.stiffness_ratio(spring);
        let has_negative_phase = match self.phases {
            PhaseScheme::Centred | PhaseScheme::RandomSign => true,
            PhaseScheme::OneSided => false,
        };
        if !has_negative_phase || q < 1.0 {
            return Ok(());
        }
        Err(InvalidConfig::NudgeTooStrong {
            beta: self.beta,
            stiffness: spring.stiffness,
            output_scale: spring.output_scale,
            q,
            limit: self.beta / q,
        })
    }
}

fn refused(error: CellError) -> InvalidConfig {
    InvalidConfig::CellActivation {
        activation: super::choice_name(&error.activation),
    }
}

/// Refuses a number that [`KEYS`](super::KEYS) does not have in the range of its key; NaN is in none.
pub(super) fn within(key: &'static str, value: f64) -> Result<(), InvalidConfig> {
    if key_doc(key).is_some_and(|doc| doc.expected.contains(value)) {
        return Ok(());
    }
    Err(out_of_range(key, value))
}

pub(super) fn out_of_range(key: &'static str, value: f64) -> InvalidConfig {
    InvalidConfig::OutOfRange {
        key,
        value,
        expected: key_doc(key).map_or_else(String::new, |doc| doc.expected.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ConfigError, Request};
    use analog_substrate::SolverKind;

    fn paper() -> Config {
        Config::preset("paper").unwrap()
    }

    #[test]
    fn the_name_of_data_is_a_printable_line() {
        let mut config = paper();
        config.data.source = "Zahlen – µ.npy".to_owned();
        assert_eq!(config.validate(), Ok(()));
        config.data.source = "a\u{1b}[2J.npy".to_owned();
        let problem = config.validate().unwrap_err();
        assert_eq!(problem.key(), "data.source");
        assert!(problem.to_string().contains("a\\u{1b}[2J.npy"), "{problem}");
    }

    #[test]
    fn the_negative_phase_bounds_the_quadratic_nudge() {
        // (1+λ)/(αλ)² at λ = 15, α = 2, where a sign flip was measured: 16/900.
        let limit = 16.0 / 900.0;
        let mut config = paper();
        config.nudge.beta = 0.999 * limit;
        assert_eq!(config.validate(), Ok(()));
        config.nudge.beta = 1.001 * limit;
        let problem = config.validate().unwrap_err();
        let InvalidConfig::NudgeTooStrong { q, limit: told, .. } = problem else {
            panic!("{problem}");
        };
        // Rounding of three products is all that separates the two computations.
        assert!((q - 1.001).abs() < 1e-12 && (told - limit).abs() < 1e-15);

        config.nudge.phases = PhaseScheme::RandomSign;
        assert!(config.validate().is_err(), "half of its phases are at −β");
        config.nudge.phases = PhaseScheme::OneSided;
        assert_eq!(config.validate(), Ok(()), "it has no phase at −β");
        config.nudge.phases = PhaseScheme::Centred;
        config.nudge.kind = NudgeKind::Tilt;
        assert_eq!(config.validate(), Ok(()), "a current adds no stiffness");
    }

    #[test]
    fn the_explicit_step_is_bounded_by_the_nudged_stiffness() {
        let mut config = Config::preset("paper-explicit").unwrap();
        // The published run: 0.1·(1 + 15 + 1.125) = 1.7125.
        assert_eq!(config.validate(), Ok(()));
        config.relaxation.step_size = 0.12;
        let problem = config.validate().unwrap_err();
        assert!(
            matches!(problem, InvalidConfig::UnstableStep { stiffness, .. } if (stiffness - 17.125).abs() < 1e-12),
            "{problem}"
        );
        config.relaxation.solver = SolverKind::Block;
        assert_eq!(config.validate(), Ok(()), "other solvers take no such step");
    }

    #[test]
    fn every_range_is_checked_and_names_its_key() {
        for wrong in [
            "data.source=",
            "data.low=nan",
            "data.high=0",
            "network.clamp=-1",
            "network.weight_gain=0",
            "spring.stiffness=0",
            "spring.output_scale=inf",
            "relaxation.tolerance=0",
            "relaxation.max_sweeps=0",
            "relaxation.steps=0",
            "relaxation.step_size=-0.1",
            "relaxation.nudged_tolerance=nan",
            "nudge.beta=-1e-3",
            "data.label_nodes=1",
            "held.share=1.1",
            "held.nodes=labels",
            "flow.pairing=class",
            "flow.decay_from=1",
            "flow.decay_start=0",
            "flow.multiplier=-1",
            "flow.late_share=1",
            "flow.late_share_end=nan",
            "flow.late_from=1",
            "flow.time_power=1",
            "flow.time_bins=0",
            "flow.time_bins=1001",
            "flow.time_bins=1000000000",
            "contrast.weight=-1",
            "contrast.from=1",
            "contrast.flow_until=-1",
            "contrast.steps=0",
            "contrast.step=0",
            "contrast.temperature=nan",
            "chip.free=0",
            "chip.nudged=-1",
            "chip.step=nan",
            "chip.headroom=0.9",
            "optimiser.learning_rate=0",
            "optimiser.beta1=1",
            "optimiser.beta2=-0.1",
            "optimiser.epsilon=0",
            "optimiser.clip_norm=-1",
            "optimiser.final_fraction=1.5",
            "optimiser.ema_decay=1",
            "training.epochs=0",
            "training.checkpoint_every=0",
            "training.max_unsettled=-0.1",
            "training.max_displacement=0",
            "sampling.until=0",
            "sampling.step=0",
            "sampling.step=1.3",
            "sampling.stop_below=1.5",
            "sampling.temperature=-0.1",
            "sampling.cool_until=nan",
            "sampling.tolerance=0",
        ] {
            let request = Request {
                overrides: vec![wrong.to_owned()],
                ..Request::default()
            };
            let ConfigError::Invalid { problem, .. } = request.resolve().unwrap_err() else {
                panic!("{wrong} has the right type");
            };
            let (key, _) = wrong.split_once('=').unwrap();
            assert_eq!(problem.key(), key);
        }
        let mut config = paper();
        config.seed = 1 << 63;
        assert_eq!(config.validate().unwrap_err().key(), "seed");
    }
}
