//! The keys of a configuration, as types. What each means, its unit and its range is said by [`KEYS`](super::KEYS);
//! what they are where nothing is said, by the presets.

pub use super::chip::ChipConfig;
pub use super::contrast::{ContrastConfig, NegativeStart};
pub use super::flow::{CouplingKind, FlowConfig, Pairing};
pub use crate::data::DataConfig;
use crate::gradep::PhaseScheme;
use analog_substrate::{ActivationKind, Cell, Layers, NudgeKind, Relaxation};
use serde::{Deserialize, Serialize};

/// A complete run: with the crate's version it determines every bit of the result.
///
/// ```
/// use gradep_core::config::Config;
///
/// let config = Config::preset("best")?;
/// assert_eq!(config.network.layers.sizes(), [64, 128, 128]);
/// assert_eq!(config.data.source, "digits");
/// # Ok::<(), gradep_core::config::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Seed of every random draw of the run.
    pub seed: u64,
    /// What is learned.
    pub data: DataConfig,
    /// Shape of the network.
    pub network: NetworkConfig,
    /// The spring and the scale of the velocity.
    pub spring: SpringConfig,
    /// How equilibria are found.
    pub relaxation: Relaxation,
    /// How the gradient is estimated.
    pub nudge: NudgeConfig,
    /// Batches and pairs.
    pub flow: FlowConfig,
    /// What is given to the network while it trains.
    #[serde(default)]
    pub held: HeldConfig,
    /// Negatives, at which energies are raised.
    #[serde(default)]
    pub contrast: ContrastConfig,
    /// The chip that it runs on.
    #[serde(default)]
    pub chip: ChipConfig,
    /// How parameters move.
    pub optimiser: OptimiserConfig,
    /// How long to train, and when an update is refused.
    pub training: TrainingConfig,
    /// How samples are drawn for the figures.
    pub sampling: SamplingConfig,
}

/// `[network]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// Nodes per layer, visible first.
    pub layers: Layers,
    /// Circuit of hidden nodes, and so whose energy is descended and learned in; runs from before
    /// there were several have gradient cells.
    #[serde(default)]
    pub cell: Cell,
    /// Nonlinearity of hidden nodes. Of resistive cells it must rise everywhere; of hopfield and
    /// resistive cells it is [`Config::MONOTONE_ACTIVATION`] unless it is set.
    pub activation: ActivationKind,
    /// Soft clamp c of the activation, c·tanh(f/c); 0 for none.
    pub clamp: f64,
    /// Gain of the Xavier-normal initial weights.
    pub weight_gain: f64,
    /// Whether each visible node has a trained leak to ground; runs from before there was one have none.
    #[serde(default)]
    pub visible_leak: bool,
    /// Initial biases of hidden nodes; runs from before there was a choice have zeros.
    #[serde(default)]
    pub initial_bias: InitialBias,
}

/// Biases of hidden nodes before training; those of visible nodes are zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InitialBias {
    /// None.
    #[default]
    Zero,
    /// Uniform within ±1/√n of the n nodes of the layer below: what the paper's code has, whose
    /// layers are PyTorch's `Linear` with only the weights drawn anew.
    Uniform,
}

/// `[spring]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpringConfig {
    /// λ, in units of a node's own leak.
    pub stiffness: f64,
    /// α: velocity = α × spring current.
    pub output_scale: f64,
}

/// `[nudge]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NudgeConfig {
    /// Conductance (the paper) or current.
    pub kind: NudgeKind,
    /// Which phases are compared.
    pub phases: PhaseScheme,
    /// β.
    pub beta: f64,
    /// Tilt: furthest that the nudge may pull a visible node against its own stiffness, by a smaller
    /// β for the sample; 0 for any distance.
    pub linear_range: f64,
}

/// `[held]`: nodes that a source holds at their data while the network trains, of which nothing is asked.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldConfig {
    /// Which nodes of a sample.
    pub nodes: HeldNodes,
    /// Share of the samples of an epoch, chosen at random, that have held nodes.
    pub share: f64,
    /// Whether each pixel has a second visible node that tells what is known of it.
    #[serde(default)]
    pub copies: bool,
}

impl Default for HeldConfig {
    /// As runs from before nodes could be held.
    fn default() -> Self {
        Self {
            nodes: HeldNodes::None,
            share: 0.9,
            copies: false,
        }
    }
}

/// Which nodes of a training sample are held. Where pixels are, label nodes are as well in half of the samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeldNodes {
    /// None.
    #[default]
    None,
    /// The label nodes.
    Labels,
    /// A random set of pixels, a share of them that is drawn for each sample.
    Scattered,
    /// Pixels that follow each other row by row, from a random one on, as many as is drawn for each sample.
    Span,
    /// Scattered pixels or a span, each in half of the samples.
    Mixed,
}

impl HeldNodes {
    /// Whether pixels are given.
    pub fn are_pixels(self) -> bool {
        matches!(self, Self::Scattered | Self::Span | Self::Mixed)
    }
}

/// `[optimiser]`: Adam.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptimiserConfig {
    /// Peak learning rate.
    pub learning_rate: f64,
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// Added to the root of the second moment.
    pub epsilon: f64,
    /// Gradients longer than this are scaled down to it; 0 for never.
    pub clip_norm: f64,
    /// Epochs of linear warm-up.
    pub warmup_epochs: u64,
    /// What follows the warm-up.
    pub schedule: Schedule,
    /// `cosine`: final learning rate as a share of the peak.
    pub final_fraction: f64,
    /// Decay per update of the exponential moving average of the parameters; 0 for none.
    pub ema_decay: f64,
    /// Which parameters move; in runs from before there was a choice, all.
    #[serde(default)]
    pub learn: Learn,
}

/// Which parameters training moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Learn {
    /// All.
    #[default]
    All,
    /// Biases of visible and hidden nodes. Weights, and leaks of visible nodes, stay as they are to the last bit.
    Biases,
}

/// Learning rate after the warm-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// Constant.
    Constant,
    /// Half a cosine from the peak to `final_fraction` of it at the last epoch.
    Cosine,
}

/// `[training]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    /// Passes over the data.
    pub epochs: u64,
    /// Epochs between checkpoints.
    pub checkpoint_every: u64,
    /// What becomes of samples that are not settled, or that the nudge moves too far.
    pub invalid_samples: InvalidSamples,
    /// An update is refused when a larger share of the samples is unsettled.
    pub max_unsettled: f64,
    /// Largest output displacement by a nudge that counts as linear response. A sample beyond it is
    /// invalid; an update whose median sample is beyond it is refused.
    pub max_displacement: f64,
}

/// What becomes of samples that are not settled in some phase of an update, or that the nudge moves
/// further than `max_displacement`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InvalidSamples {
    /// Left out of the gradient and counted.
    Exclude,
    /// Used all the same, as the published run does, and counted.
    Include,
}

/// `[sampling]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SamplingConfig {
    /// End of the flow; 1 is where the data is.
    pub until: f64,
    /// dt of the integrator.
    pub step: f64,
    /// Integrator of dx/dt = v(x).
    pub method: FlowMethod,
    /// How the velocity is read.
    pub read_out: ReadOut,
    /// One more Euler step than until/step, as the published sampler takes.
    pub extra_step: bool,
    /// Share of its first speed below which a sample stays where it is; 0 for never, as in runs from before there was a choice.
    #[serde(default)]
    pub stop_below: f64,
    /// T of the noise along the flow, in units of the network's energy; 0 for none, as in runs from before there was a choice.
    #[serde(default)]
    pub temperature: f64,
    /// Flow time at which T has fallen to 0 on a straight line; 0: it stays.
    #[serde(default)]
    pub cool_until: f64,
    /// Adaptive steps: local error of a sample per unit of flow time.
    #[serde(default = "default_tolerance")]
    pub tolerance: f64,
}

/// As in the preset that the others stand on; of runs from before there were adaptive steps.
fn default_tolerance() -> f64 {
    0.01
}

/// Integrator of dx/dt = v(x).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlowMethod {
    /// Order 1, one relaxation a step.
    Euler,
    /// Order 2, two relaxations a step.
    Heun,
    /// Order 4, four relaxations a step.
    Rk4,
    /// Accelerated descent with a momentum of 0.3, one relaxation a step: to come to rest, not to follow the flow.
    Nesterov,
    /// Order 3, with steps of each sample's own by its local error, three relaxations a step.
    Adaptive,
}

/// How the velocity is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadOut {
    /// All nodes relax; v = αλ(x* − x_t).
    Spring,
    /// x is held at x_t; v = −α ∂E/∂x.
    Clamped,
}
