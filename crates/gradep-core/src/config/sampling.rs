//! How samples are drawn, unless told otherwise and as told.

use super::{Config, DEFAULT_PRESET, FlowMethod, InvalidConfig, ReadOut, SamplingConfig};

impl Default for SamplingConfig {
    /// As in the default preset: of a model that comes without a run.
    fn default() -> Self {
        let preset = Config::preset(DEFAULT_PRESET);
        preset.expect("the tests resolve every preset").sampling
    }
}

/// What is asked for of a flow; nothing: as its run says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AskedFlow {
    /// End of the flow.
    pub until: Option<f64>,
    /// Longest step in flow time.
    pub step: Option<f64>,
    /// Number of equal steps, from 1, where no length is asked for.
    pub steps: Option<usize>,
    /// Integrator of dx/dt = v(x).
    pub method: Option<FlowMethod>,
    /// How the velocity is read.
    pub read_out: Option<ReadOut>,
    /// Share of its first speed below which a sample stays where it is.
    pub stop_below: Option<f64>,
    /// T of the noise along the flow.
    pub temperature: Option<f64>,
    /// Flow time at which T has fallen to 0.
    pub cool_until: Option<f64>,
    /// Adaptive steps: local error per unit of flow time.
    pub tolerance: Option<f64>,
}

impl SamplingConfig {
    /// What is asked for, laid over what a run says. A step that is asked for must fit into the flow; the run's own is
    /// only a bound on what a short flow is made of.
    ///
    /// ```
    /// use gradep_core::config::{AskedFlow, SamplingConfig};
    ///
    /// let asked = AskedFlow { until: Some(1.2), ..AskedFlow::default() };
    /// let sampling = SamplingConfig::default().asked(&asked)?;
    /// assert_eq!(sampling.until, 1.2);
    /// # Ok::<(), gradep_core::config::InvalidConfig>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidConfig`] for times and steps that make no flow.
    pub fn asked(&self, asked: &AskedFlow) -> Result<Self, InvalidConfig> {
        let until = asked.until.unwrap_or(self.until);
        let by_count = asked.steps.map(|steps| until / steps as f64);
        let step = asked.step.or(by_count);
        let method = asked.method.unwrap_or(self.method);
        let sampling = Self {
            until,
            step: step.unwrap_or(self.step.min(until)),
            method,
            read_out: asked.read_out.unwrap_or(self.read_out),
            // The published sampler's extra step belongs to its own step size, and steps that adapt have none.
            extra_step: self.extra_step
                && step.is_none()
                && asked.method != Some(FlowMethod::Adaptive),
            stop_below: asked.stop_below.unwrap_or(self.stop_below),
            temperature: asked.temperature.unwrap_or(self.temperature),
            cool_until: asked.cool_until.unwrap_or(self.cool_until),
            tolerance: asked.tolerance.unwrap_or(self.tolerance),
        };
        sampling.validate()?;
        let cools = asked.cool_until.is_some_and(|time| time > 0.0);
        if cools && sampling.temperature <= 0.0 {
            return Err(InvalidConfig::Idle {
                key: "sampling.cool_until",
                value: sampling.cool_until,
                reason: "there is no noise to cool; set sampling.temperature (--temperature) above 0",
            });
        }
        if asked.tolerance.is_some() && method != FlowMethod::Adaptive {
            return Err(InvalidConfig::Idle {
                key: "sampling.tolerance",
                value: sampling.tolerance,
                reason: "steps are of equal size; set sampling.method (--method) to adaptive",
            });
        }
        Ok(sampling)
    }
}

/// Noise is for [`FlowMethod::Euler`] alone, whose steps with it are those of Euler and Maruyama, and for samples that
/// are not to rest.
///
/// # Errors
/// [`InvalidConfig::NoiseAlong`].
pub(crate) fn check_noise(
    temperature: f64,
    method: FlowMethod,
    stop_below: f64,
) -> Result<(), InvalidConfig> {
    let (beside, reason) = match method {
        FlowMethod::Euler if stop_below > 0.0 => (
            "sampling.stop_below",
            "a sample that noise moves does not come to rest; expected sampling.stop_below = 0",
        ),
        FlowMethod::Euler => return Ok(()),
        FlowMethod::Nesterov => (
            "sampling.method = \"nesterov\"",
            "momentum carries noise on, which gives it another law; expected sampling.method = \"euler\"",
        ),
        FlowMethod::Adaptive => (
            "sampling.method = \"adaptive\"",
            "noise is no local error that shorter steps would lessen; expected sampling.method = \"euler\"",
        ),
        FlowMethod::Heun | FlowMethod::Rk4 => (
            "sampling.method",
            "with noise that is added once a step a higher order is lost; expected sampling.method = \"euler\"",
        ),
    };
    if temperature <= 0.0 {
        return Ok(());
    }
    Err(InvalidConfig::NoiseAlong {
        temperature,
        beside,
        reason,
    })
}
