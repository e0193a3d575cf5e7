//! How samples are generated.

use analog_substrate::{
    Relaxation,
    chip::{Design, Duration, NoiseRamp, TransientSettings},
    hw_spec::VisibleNodes,
};
use gradep_core::{
    config::{FlowMethod, ReadOut, SamplingConfig},
    generate::Annealing,
};
use serde::{Deserialize, Serialize};

/// What integrates the flow, and on what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Exact equilibria, without a chip or a clock.
    Ideal,
    /// A chip: set x_t, relax with the spring, read its stretch, move x_t, repeat.
    Stepped,
    /// A chip: hold x, relax hidden nodes, read the current into x, move x, repeat.
    Clamped,
    /// A chip: give x large capacitors and let everything relax from noise.
    Free,
}

impl Mode {
    /// As options and files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ideal => "ideal",
            Self::Stepped => "stepped",
            Self::Clamped => "clamped",
            Self::Free => "free",
        }
    }

    /// What visible nodes of a chip do; none without a chip.
    pub const fn visible(self) -> Option<VisibleNodes> {
        match self {
            Self::Ideal => None,
            Self::Stepped => Some(VisibleNodes::Springs),
            Self::Clamped => Some(VisibleNodes::Held),
            Self::Free => Some(VisibleNodes::Floating),
        }
    }
}

/// Sweeps of a relaxation of a trained network, about.
const SWEEPS: f64 = 20.0;

/// A way to generate samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// What integrates the flow.
    pub mode: Mode,
    /// Flow times at which samples are wanted, ascending.
    pub times: Vec<f64>,
    /// All but free: longest step of x in flow time.
    pub step: f64,
    /// All but free: integrator of dx/dt = v(x).
    pub method: FlowMethod,
    /// Ideal: how the velocity is read. Stepped reads the spring, clamped the current into x.
    pub read_out: ReadOut,
    /// All but free: steps more than the last time asks for, as the published sampler takes one.
    pub extra_steps: u64,
    /// All but free: share of its first speed below which a sample stays where it is; 0 for never.
    pub stop_below: f64,
    /// Ideal, adaptive steps: local error per unit of flow time.
    pub tolerance: f64,
    /// All but free: noise along the flow.
    pub annealing: Annealing,
    /// All but free: hidden nodes start each relaxation where the last one left them.
    pub warm: bool,
    /// Ideal: solver and tolerance of the equilibria.
    pub relaxation: Relaxation,
    /// Stepped and clamped: how long to relax for each velocity.
    pub settle: Duration,
    /// Free: r = C_x/C_h; none: as the chip's design says.
    pub ratio: Option<f64>,
    /// Free: how long hidden nodes settle under the noise before x is let go.
    pub presettle: Duration,
    /// Free: how much stronger thermal noise is than that of the circuit by itself.
    pub noise: NoiseRamp,
    /// Chips: how transients are computed; the duration is that of `settle`.
    pub transients: TransientSettings,
}

/// How a chip generates, whatever the model and its flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// What integrates the flow.
    pub mode: Mode,
    /// Stepped and clamped: hidden nodes start each relaxation where the last one left them.
    pub warm: bool,
    /// Stepped and clamped: how long to relax for each velocity.
    pub settle: Duration,
    /// Free: r = C_x/C_h; none: as the chip's design says.
    pub ratio: Option<f64>,
    /// Free: how long hidden nodes settle under the noise before x is let go.
    pub presettle: Duration,
    /// Free: how much stronger thermal noise is than that of the circuit by itself.
    pub noise: NoiseRamp,
    /// How transients are computed; the duration is that of `settle`.
    pub transients: TransientSettings,
}

impl Condition {
    /// The same flow, generated in a way of a chip.
    #[must_use]
    pub fn on_chip(self, way: &Way) -> Self {
        Self {
            mode: way.mode,
            warm: way.warm,
            settle: way.settle,
            ratio: way.ratio,
            presettle: way.presettle,
            noise: way.noise,
            transients: way.transients,
            ..self
        }
    }

    /// Time for which hidden nodes settle under the noise before a free run, unless told otherwise, in
    /// τ: their slowest decay is with 1/τ, so that e⁻⁵ of the start is left.
    pub const PRESETTLE: f64 = 5.0;
    /// Time that a velocity gets, unless told otherwise, in τ: that of the paper, 300 steps of 0.1.
    pub const SETTLE: f64 = 30.0;

    /// Equilibria with the settings of a run, at `times`; change the mode for a chip.
    pub fn new(sampling: &SamplingConfig, relaxation: Relaxation, times: Vec<f64>) -> Self {
        Self {
            mode: Mode::Ideal,
            times,
            step: sampling.step,
            method: sampling.method,
            read_out: sampling.read_out,
            extra_steps: 0,
            stop_below: sampling.stop_below,
            tolerance: sampling.tolerance,
            annealing: sampling.into(),
            warm: false,
            relaxation,
            settle: Duration::TimeConstants(Self::SETTLE),
            ratio: None,
            presettle: Duration::TimeConstants(Self::PRESETTLE),
            noise: NoiseRamp::NONE,
            transients: TransientSettings::default(),
        }
    }

    /// Velocities that are read up to the last time, each one relaxation; of a free run none.
    pub fn velocities(&self) -> f64 {
        if self.mode == Mode::Free {
            return 0.0;
        }
        let stages = match self.method {
            // Adaptive steps are longer than the first for most of a flow.
            FlowMethod::Euler | FlowMethod::Nesterov | FlowMethod::Adaptive => 1.0,
            FlowMethod::Heun => 2.0,
            FlowMethod::Rk4 => 4.0,
        };
        let until = self.times.last().copied().unwrap_or_default();
        stages * ((until / self.step).ceil() + self.extra_steps as f64)
    }

    /// Integrator steps of a sample on a chip of this design, or relaxation sweeps without one; of sweeps it is
    /// assumed that a velocity takes twenty, as those of trained networks do.
    pub fn steps(&self, design: Option<&Design>, output_scale: f64) -> f64 {
        match design {
            Some(design) => self.relaxation_time(design, output_scale) / self.transients.step,
            None => SWEEPS * self.velocities(),
        }
    }

    /// τ that a sample passes on a chip of this design, with a velocity of α times the current.
    pub fn relaxation_time(&self, design: &Design, output_scale: f64) -> f64 {
        if self.mode == Mode::Free {
            let until = self.times.last().copied().unwrap_or_default();
            let ratio = self.ratio.unwrap_or(design.node.visible_ratio);
            return self.presettle.time_constants(design) + until * output_scale * ratio;
        }
        self.velocities() * self.settle.time_constants(design)
    }
}
