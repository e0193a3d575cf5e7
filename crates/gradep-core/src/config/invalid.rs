//! What is wrong with values that do not make a run that can work.

use analog_substrate::ActivationKind;
use units::fault::{Blame, Fault};

/// Values that do not make a run that can work.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidConfig {
    /// A value outside its range.
    #[error("`{key}` = {value}: expected {expected}")]
    OutOfRange {
        /// The dotted key.
        key: &'static str,
        /// The value.
        value: f64,
        /// The range.
        expected: String,
    },
    /// Text that must not be empty.
    #[error("`{key}` is empty")]
    Empty {
        /// The dotted key.
        key: &'static str,
    },
    /// Text of more than a printable line.
    #[error("`{key}` = {shown}: expected text that can be printed, in one line")]
    Unprintable {
        /// The dotted key.
        key: &'static str,
        /// The text, with escapes.
        shown: String,
    },
    /// The cell cannot have that activation.
    #[error(
        "`network.activation` = {activation:?} with `network.cell` = \"resistive\": the leak of a \
         resistive cell is the inverse of the activation, which therefore has to rise everywhere; \
         expected {}, or another network.cell",
        ActivationKind::rising()
    )]
    CellActivation {
        /// f, as files name it.
        activation: String,
    },
    /// The quadratic nudge takes away more stiffness than the visible nodes have.
    #[error(
        "`nudge.beta` = {beta}: q = β(αλ)²/(1+λ) = {q:.4} must be less than 1, or the −β phase has \
         no minimum and the gradient changes sign; at λ = {stiffness} and α = {output_scale} beta \
         must be less than {limit:.6e} (or set nudge.kind = \"tilt\", which has no such limit)"
    )]
    NudgeTooStrong {
        /// β.
        beta: f64,
        /// λ.
        stiffness: f64,
        /// α.
        output_scale: f64,
        /// q = β(αλ)²/(1+λ).
        q: f64,
        /// β at which q = 1.
        limit: f64,
    },
    /// The explicit step is outside its region of stability.
    #[error(
        "`relaxation.step_size` = {step_size}: ε(1+λ+κ) = {rate:.4} must be less than 2, or the \
         visible nodes oscillate and diverge; with 1+λ+κ = {stiffness:.4} the step size must be \
         less than {limit:.6e}"
    )]
    UnstableStep {
        /// ε.
        step_size: f64,
        /// 1+λ+κ: leak, spring and quadratic nudge at +β.
        stiffness: f64,
        /// ε(1+λ+κ).
        rate: f64,
        /// ε at which the rate is 2.
        limit: f64,
    },
    /// A step that is stable when training begins need not be when leaks have grown.
    #[error(
        "`network.visible_leak` = true: a step of relaxation.solver = \"explicit\" that is stable now is not when the leaks \
         have grown; choose \"anderson\" or \"block\""
    )]
    LeakWithSteps,
    /// The target is steeper than any field of the network.
    #[error(
        "`{key}` = {value}: the target of Equilibrium Matching falls by {steepest:.4} per unit of x ({where_it_is}), and the \
         velocity of a network with `spring.output_scale` = {output_scale} by no more than {output_scale}: hidden nodes can only \
         soften a visible node. {remedy}"
    )]
    TooSteep {
        /// The dotted key.
        key: &'static str,
        /// Its value.
        value: f64,
        /// Slope of the target.
        steepest: f64,
        /// Where it has this slope, in words.
        where_it_is: &'static str,
        /// α.
        output_scale: f64,
        /// What to change.
        remedy: String,
    },
    /// The visible nodes are not pixels, label nodes and a copy of each pixel.
    #[error(
        "`network.layers` begins with {visible} visible nodes; with held.copies = true expected an even number of pixels and \
         copies beside the {label_nodes} label nodes"
    )]
    Copies {
        /// n_0.
        visible: usize,
        /// `data.label_nodes`.
        label_nodes: usize,
    },
    /// Copies of pixels that are never held.
    #[error(
        "`held.copies` = true: copies tell which pixels are held, and `held.nodes` = \"{held}\" holds none; expected \
         held.nodes = \"scattered\", \"span\" or \"mixed\""
    )]
    CopiesOfNothing {
        /// What is held.
        held: String,
    },
    /// Labels are to be held, or matched by, where there are none.
    #[error(
        "`{key}` = \"{value}\": the network has no label nodes; set data.label_nodes to the number of classes"
    )]
    NoLabelNodes {
        /// The dotted key.
        key: &'static str,
        /// Its value.
        value: String,
    },
    /// Pairs are matched over samples of which something is given.
    #[error(
        "`flow.coupling` = \"optimal-transport\" with `held.nodes` = \"{held}\": matching ties the noise to what is \
         given, to which it is not tied when samples are drawn: the loss falls, and so does what samples are worth; \
         expected flow.coupling = \"independent\"{}",
        if *labels_only { ", or flow.pairing = \"class\"" } else { "" }
    )]
    TransportWithCondition {
        /// What is held.
        held: String,
        /// Whether that is the class alone.
        labels_only: bool,
    },
    /// Noise along a flow that is not integrated by plain steps, or that is to rest.
    #[error(
        "`sampling.temperature` = {temperature} beside `{beside}`: {reason}, or sampling.temperature = 0"
    )]
    NoiseAlong {
        /// T.
        temperature: f64,
        /// What it does not go with.
        beside: &'static str,
        /// Why, and what to change.
        reason: &'static str,
    },
    /// Something is asked for that does nothing beside the rest.
    #[error("`{key}` = {value}: {reason}")]
    Idle {
        /// The dotted key.
        key: &'static str,
        /// What was asked for.
        value: f64,
        /// Why it does nothing, and what to change.
        reason: &'static str,
    },
    /// Steps that adapt beside one of the published sampler's length.
    #[error(
        "`sampling.extra_step` = true: steps of sampling.method = \"adaptive\" have no length of which one more could be taken; \
         expected false"
    )]
    ExtraAdaptiveStep,
    /// An integration step that does not fit into the flow.
    #[error(
        "`sampling.step` = {step}: a step must not be larger than the flow, which ends at \
         `sampling.until` = {until}"
    )]
    StepBeyondFlow {
        /// dt.
        step: f64,
        /// End of the flow.
        until: f64,
    },
}

impl Blame for InvalidConfig {
    fn fault(&self) -> Fault {
        Fault::Input
    }
}

impl InvalidConfig {
    /// The dotted key at fault.
    pub fn key(&self) -> &'static str {
        match self {
            Self::OutOfRange { key, .. } | Self::Empty { key } | Self::Unprintable { key, .. } => {
                key
            }
            Self::TooSteep { key, .. }
            | Self::NoLabelNodes { key, .. }
            | Self::Idle { key, .. } => key,
            Self::LeakWithSteps => "network.visible_leak",
            Self::CellActivation { .. } => "network.activation",
            Self::NudgeTooStrong { .. } => "nudge.beta",
            Self::UnstableStep { .. } => "relaxation.step_size",
            Self::TransportWithCondition { .. } => "flow.coupling",
            Self::Copies { .. } => "network.layers",
            Self::CopiesOfNothing { .. } => "held.copies",
            Self::NoiseAlong { .. } => "sampling.temperature",
            Self::ExtraAdaptiveStep => "sampling.extra_step",
            Self::StepBeyondFlow { .. } => "sampling.step",
        }
    }
}
