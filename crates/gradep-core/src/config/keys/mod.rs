//! Every key of a configuration: what it means, in which unit, and what it takes.
//!
//! This list is the one place that says so. Ranges are checked by it, `docs/reference/configuration.md` is
//! generated from it, and a test holds that it has the keys of the schema and no others.

mod chip;
mod contrast;
mod expected;
mod held;
mod sampling;

pub use expected::{Expected, Range};

use super::{CouplingKind, InitialBias, InvalidSamples, Learn, Pairing, Schedule, choices};
use crate::{
    data::LabelColumn,
    gradep::PhaseScheme,
    objective::{DecayKind, ObjectiveKind},
};
use analog_substrate::{ActivationKind, Cell, NudgeKind, SolverKind};

/// What a key of a configuration is.
#[derive(Clone, Copy, Debug)]
pub struct KeyDoc {
    /// The dotted key, such as `nudge.beta`.
    pub key: &'static str,
    /// The unit of its number; empty where there is none.
    pub unit: &'static str,
    /// What it is and does, in one or more sentences.
    pub meaning: &'static str,
    /// The values that it takes.
    pub expected: Expected,
}

/// The entry of a key; none where there is no such key.
pub fn key_doc(key: &str) -> Option<&'static KeyDoc> {
    KEYS.iter().find(|doc| doc.key == key)
}

const fn whole(least: u64) -> Expected {
    Expected::Whole { least, most: None }
}

/// Every key, in the order of sections and of the keys in them.
pub static KEYS: &[KeyDoc] = &[
    KeyDoc {
        key: "seed",
        unit: "",
        meaning: "Seed of every random draw of the run: initial weights, noise, choice of pairs, samples. \
            The same configuration and seed give the same bits, whatever the number of threads.",
        // TOML has no larger whole numbers, and a run has to be able to write its configuration.
        expected: Expected::Whole {
            least: 0,
            most: Some(i64::MAX as u64),
        },
    },
    KeyDoc {
        key: "data.source",
        unit: "",
        meaning: "The images to learn. `digits`: the 1,797 built-in ones of 8 × 8 pixels. `digits-half`: 898 of them, \
            to be judged by the others. Else a file: `.csv`, `.npy`, an array of an `.npz` (`FILE.npz:NAME`), or IDX \
            as MNIST's; tables and IDX may be gzipped. Or a folder of PNG images, or of one folder of them for each class.",
        expected: Expected::Text,
    },
    KeyDoc {
        key: "data.low",
        unit: "as in the data",
        meaning: "The value of the data that becomes −1 (digits: 0, blank). Values below it are an error.",
        expected: Expected::Number(Range::Finite),
    },
    KeyDoc {
        key: "data.high",
        unit: "as in the data",
        meaning: "The value of the data that becomes +1 (digits: 16, full ink; bytes: 255). It is above `data.low`. \
            Values above it are an error.",
        expected: Expected::Number(Range::Finite),
    },
    KeyDoc {
        key: "data.label_column",
        unit: "",
        meaning: "Which column of a table is the label of its row. `auto`: the one that a heading names, else the last, \
            unless the first looks like it. `none`: all columns are pixels. `true` and `false` are `last` and `none`.",
        expected: Expected::Choice(choices::<LabelColumn>),
    },
    KeyDoc {
        key: "data.labels",
        unit: "",
        meaning: "A file of labels, one whole number for each image: `.npy`, `.npz`, IDX, or one a line. Empty: as the \
            data say, if they do. Training does not look at them; they let samples be judged by classes.",
        expected: Expected::Text,
    },
    KeyDoc {
        key: "data.shape",
        unit: "pixels",
        meaning: "Height, width and, of colour images, channels: `[H, W]` or `[H, W, C]`. It is for figures. Empty: as \
            the file says, else a square, else one row.",
        expected: Expected::Counts,
    },
    KeyDoc {
        key: "data.label_nodes",
        unit: "classes",
        meaning: "Label nodes: so many visible nodes after the pixels, one for each class, +1 at that of the image and −1 \
            at the others. Labels are then learned with the images, and classes are asked for by `gradep sample --class`. \
            `network.layers` counts pixels and label nodes, and is fitted unless it is set. Labels are whole numbers below \
            it. 0: none.",
        expected: whole(0),
    },
    KeyDoc {
        key: "data.held_out",
        unit: "1",
        meaning: "Share of the images that training does not see and that samples are compared with. Which ones they are \
            does not depend on the seed. 0: all are trained on, and samples are compared with these.",
        expected: Expected::Number(Range::Decay),
    },
    KeyDoc {
        key: "network.layers",
        unit: "nodes",
        meaning: "Nodes of each layer, visible layer first: as many visible nodes as an image has pixels. Neighbouring \
            layers are coupled, each node with each.",
        expected: Expected::Counts,
    },
    KeyDoc {
        key: "network.cell",
        unit: "",
        meaning: "Circuit of a hidden node, and so the energy that relaxation descends and training learns in. \
            `gradient`: the paper's, with a multiplier at each node. `hopfield`: without one. `resistive`: a nonlinear leak \
            in place of an amplifier, which needs an activation that rises everywhere.",
        expected: Expected::Choice(choices::<Cell>),
    },
    KeyDoc {
        key: "network.activation",
        unit: "",
        meaning: "Nonlinearity a(h) of the hidden nodes. Hopfield and resistive cells take `tanh` unless another is set.",
        expected: Expected::Choice(choices::<ActivationKind>),
    },
    KeyDoc {
        key: "network.clamp",
        unit: "V_unit",
        meaning: "Soft limit c of the activation, c·tanh(a/c). 0: no limit.",
        expected: Expected::Number(Range::NotNegative),
    },
    KeyDoc {
        key: "network.weight_gain",
        unit: "1",
        meaning: "Gain of the initial weights, which are normal with the standard deviation of Xavier and Glorot (2010).",
        expected: Expected::Number(Range::Positive),
    },
    KeyDoc {
        key: "network.visible_leak",
        unit: "",
        meaning: "Whether each visible node has a conductance to ground of its own, k ≥ 0 in units of its leak, that is trained \
            as couplings are and begins at 0. Nothing else lets the velocity fall by more than `spring.output_scale` per \
            unit of x: with it by that times 1 + k.",
        expected: Expected::Switch,
    },
    KeyDoc {
        key: "network.initial_bias",
        unit: "",
        meaning: "Biases of hidden nodes before training. `uniform`: within ±1/√n of the n nodes of the layer below, as \
            the paper's code has them. Those of visible nodes begin at zero.",
        expected: Expected::Choice(choices::<InitialBias>),
    },
    KeyDoc {
        key: "spring.stiffness",
        unit: "g_unit",
        meaning: "λ, the conductance of the spring that ties a visible node to its anchor x_t, relative to the leak of a \
            node.",
        expected: Expected::Number(Range::Positive),
    },
    KeyDoc {
        key: "spring.output_scale",
        unit: "1",
        meaning: "α, the scale of the velocity: v is α times the current of the spring.",
        expected: Expected::Number(Range::Positive),
    },
    KeyDoc {
        key: "relaxation.solver",
        unit: "",
        meaning: "How equilibria are found in training. `explicit`: a fixed number of gradient steps, as the paper. \
            `block`: exact sweeps over the layers. `anderson`: these, accelerated. All but `explicit` stop at each sample \
            when it is settled.",
        expected: Expected::Choice(choices::<SolverKind>),
    },
    KeyDoc {
        key: "relaxation.tolerance",
        unit: "g_unit·V_unit",
        meaning: "A sample is settled when no node's current is out of balance by more than this.",
        expected: Expected::Number(Range::Positive),
    },
    KeyDoc {
        key: "relaxation.max_sweeps",
        unit: "sweeps",
        meaning: "`block` and `anderson`: sweeps after which a sample is left unsettled.",
        expected: whole(1),
    },
    KeyDoc {
        key: "relaxation.steps",
        unit: "steps",
        meaning: "`explicit`: steps of each phase.",
        expected: whole(1),
    },
    KeyDoc {
        key: "relaxation.step_size",
        unit: "τ",
        meaning: "`explicit`: ε, the length of a step. ε(1 + λ + κ) has to be below 2, where κ is the stiffness of a \
            quadratic nudge.",
        expected: Expected::Number(Range::Positive),
    },
    KeyDoc {
        key: "relaxation.nudged_tolerance",
        unit: "1",
        meaning: "`block` and `anderson`: a nudged phase is settled when the current out of balance is at most this share \
            of the largest force of the nudge on the sample.",
        expected: Expected::Number(Range::Positive),
    },
    KeyDoc {
        key: "nudge.kind",
        unit: "",
        meaning: "How visible nodes are pushed towards the target. `quadratic`: by a conductance, as the paper. `tilt`: by \
            a current, which adds no stiffness.",
        expected: Expected::Choice(choices::<NudgeKind>),
    },
    KeyDoc {
        key: "nudge.phases",
        unit: "",
        meaning: "Which phases are compared. `centred`: +β with −β, whose error is O(β²). `one-sided`: +β with the free \
            phase, O(β). `random-sign`: +β or −β, drawn for each update, with the free phase.",
        expected: Expected::Choice(choices::<PhaseScheme>),
    },
    KeyDoc {
        key: "nudge.beta",
        unit: "1",
        meaning: "β, the strength of the nudge. Of a quadratic nudge with a phase at −β, q = β(αλ)²/(1 + λ) has to be \
            below 1.",
        expected: Expected::Number(Range::Positive),
    },
    KeyDoc {
        key: "nudge.linear_range",
        unit: "V_unit",
        meaning: "`tilt`: how far the nudge may pull a visible node against its own stiffness. A sample that it would pull \
            further gets a smaller β. 0: any distance.",
        expected: Expected::Number(Range::NotNegative),
    },
    KeyDoc {
        key: "flow.objective",
        unit: "",
        meaning: "What the network learns to answer at x_t = (1 − t)x_0 + t x_1. `flow-matching`: x_1 − x_0, a flow that \
            is at the data at t = 1 and goes on. `equilibrium-matching` (arXiv 2510.02300): m c(t)(x_1 − x_0) with \
            m = `flow.multiplier` and a c(t) that falls to 0 at the data, a field that comes to rest there; \
            `sampling.until` is then 5 unless it is set.",
        expected: Expected::Choice(choices::<ObjectiveKind>),
    },
    KeyDoc {
        key: "flow.decay",
        unit: "",
        meaning: "`equilibrium-matching`: how the target fades. `linear`: c = 1 − t. `truncated`: c = 1 until \
            a = `flow.decay_from`, then (1 − t)/(1 − a). `piecewise`: from b = `flow.decay_start` to 1 on a straight line \
            until a, then the same.",
        expected: Expected::Choice(choices::<DecayKind>),
    },
    KeyDoc {
        key: "flow.decay_from",
        unit: "flow time",
        meaning: "`truncated` and `piecewise`: a, where c begins to fall to 0. The field has to fall by m/(1 − a) per unit of \
            x towards the data, and hidden nodes cannot make it fall by more than `spring.output_scale`: at most \
            1 − m/α.",
        expected: Expected::Number(Range::Decay),
    },
    KeyDoc {
        key: "flow.decay_start",
        unit: "1",
        meaning: "`piecewise`: b, the value of c at the noise. m b is at most `spring.output_scale`.",
        expected: Expected::Number(Range::Positive),
    },
    KeyDoc {
        key: "flow.multiplier",
        unit: "1",
        meaning: "`equilibrium-matching`: m, a factor on the target. It rescales the time of a flow.",
        expected: Expected::Number(Range::Positive),
    },
    KeyDoc {
        key: "flow.late_share",
        unit: "1",
        meaning: "q, the share of the flow times that are uniform in [`flow.late_from`, 1) rather than in [0, 1), when \
            training begins. Late times weight the loss towards the data; the loss that is reported is re-weighted to \
            uniform times.",
        expected: Expected::Number(Range::Decay),
    },
    KeyDoc {
        key: "flow.late_share_end",
        unit: "1",
        meaning: "q when training ends: it changes on a straight line over the epochs. As `flow.late_share` unless it is set.",
        expected: Expected::Number(Range::Decay),
    },
    KeyDoc {
        key: "flow.late_from",
        unit: "flow time",
        meaning: "Where the late times begin.",
        expected: Expected::Number(Range::Decay),
    },
    KeyDoc {
        key: "flow.time_power",
        unit: "1",
        meaning: "k, with which the times that are not late have the density (1 + k)tᵏ: the loss weighted by time. The loss \
            that is reported is re-weighted to uniform times. 0: uniform.",
        expected: Expected::Number(Range::Decay),
    },
    KeyDoc {
        key: "flow.coupling",
        unit: "",
        meaning: "How noise and images are paired. `optimal-transport`: so that the sum of the squared distances is the \
            least. `independent`: as drawn.",
        expected: Expected::Choice(choices::<CouplingKind>),
    },
    KeyDoc {
        key: "flow.pairing",
        unit: "",
        meaning: "Over which samples pairs are matched. `epoch`: over the whole data set (in groups of at most 4,096), then \
            dealt to the batches. `batch`: within each batch. `class`: as `epoch`, each class of `data.label_nodes` by \
            itself, so that noise says nothing of the class.",
        expected: Expected::Choice(choices::<Pairing>),
    },
    KeyDoc {
        key: "flow.with_replacement",
        unit: "",
        meaning: "Whether matched pairs are drawn with replacement, as in the published run: 63 % of them are distinct.",
        expected: Expected::Switch,
    },
    KeyDoc {
        key: "flow.batch",
        unit: "samples",
        meaning: "Samples of an update. 0: the whole data set.",
        expected: whole(0),
    },
    KeyDoc {
        key: "flow.time_bins",
        unit: "bins",
        meaning: "Bins of flow time in which the loss is reported, each a column of `metrics.csv`.",
        expected: Expected::Whole {
            least: 1,
            most: Some(1000),
        },
    },
    held::NODES,
    held::SHARE,
    contrast::WEIGHT,
    contrast::FROM,
    contrast::START,
    contrast::FLOW_UNTIL,
    contrast::STEPS,
    contrast::STEP,
    contrast::TEMPERATURE,
    chip::SPEC,
    chip::SET,
    chip::NUMBER,
    chip::SEED,
    chip::FREE,
    chip::NUDGED,
    chip::STEP,
    chip::HEADROOM,
    KeyDoc {
        key: "held.copies",
        unit: "",
        meaning: "Gives each pixel a second visible node, after the pixels and the label nodes. A source always holds it: \
            at the pixel where that is held, at 0 where it is not. The network so tells what is known from what is still \
            noise. `network.layers` counts these nodes, and is fitted unless it is set. It asks for pixels in `held.nodes`.",
        expected: Expected::Switch,
    },
    KeyDoc {
        key: "optimiser.learning_rate",
        unit: "1",
        meaning: "Learning rate of Adam at its peak, after the warm-up.",
        expected: Expected::Number(Range::Positive),
    },
    KeyDoc {
        key: "optimiser.beta1",
        unit: "1",
        meaning: "Adam: decay per update of the mean of the gradient.",
        expected: Expected::Number(Range::Decay),
    },
    KeyDoc {
        key: "optimiser.beta2",
        unit: "1",
        meaning: "Adam: decay per update of the mean of the squared gradient.",
        expected: Expected::Number(Range::Decay),
    },
    KeyDoc {
        key: "optimiser.epsilon",
        unit: "as the gradient",
        meaning: "Adam: what is added to the root of the mean square.",
        expected: Expected::Number(Range::Positive),
    },
    KeyDoc {
        key: "optimiser.clip_norm",
        unit: "as the gradient",
        meaning: "A gradient that is longer is scaled down to this length. 0: never.",
        expected: Expected::Number(Range::NotNegative),
    },
    KeyDoc {
        key: "optimiser.warmup_epochs",
        unit: "epochs",
        meaning: "Epochs over which the learning rate rises from zero on a straight line. A preset's is shortened in runs \
            that are not longer.",
        expected: whole(0),
    },
    KeyDoc {
        key: "optimiser.schedule",
        unit: "",
        meaning: "Learning rate after the warm-up. `cosine`: half a cosine from the peak to `optimiser.final_fraction` of it \
            at the last epoch.",
        expected: Expected::Choice(choices::<Schedule>),
    },
    KeyDoc {
        key: "optimiser.final_fraction",
        unit: "1",
        meaning: "`cosine`: learning rate at the last epoch as a share of the peak.",
        expected: Expected::Number(Range::Share),
    },
    KeyDoc {
        key: "optimiser.ema_decay",
        unit: "1",
        meaning: "Decay per update of the moving average of the parameters, which is the model that is saved. 0: no average.",
        expected: Expected::Number(Range::Decay),
    },
    KeyDoc {
        key: "optimiser.learn",
        unit: "",
        meaning: "Which parameters move. `biases`: those of visible and hidden nodes alone. Weights and leaks then stay as they \
            are, to the last bit; no product of the learning rule has to be formed, and on a chip no device of a weight is moved.",
        expected: Expected::Choice(choices::<Learn>),
    },
    KeyDoc {
        key: "training.epochs",
        unit: "epochs",
        meaning: "Passes over the data.",
        expected: whole(1),
    },
    KeyDoc {
        key: "training.checkpoint_every",
        unit: "epochs",
        meaning: "Epochs between checkpoints: what a power cut can cost.",
        expected: whole(1),
    },
    KeyDoc {
        key: "training.invalid_samples",
        unit: "",
        meaning: "What becomes of samples that are not settled in some phase of an update, or that the nudge moves further \
            than `training.max_displacement`. `exclude`: they are left out of the gradient. `include`: they are used, as in \
            the published run. Both count them.",
        expected: Expected::Choice(choices::<InvalidSamples>),
    },
    KeyDoc {
        key: "training.max_unsettled",
        unit: "1",
        meaning: "An update is refused when a larger share of its samples is not settled.",
        expected: Expected::Number(Range::Share),
    },
    KeyDoc {
        key: "training.max_displacement",
        unit: "V_unit",
        meaning: "How far a nudge may move an output for the response to count as linear. A sample beyond it is invalid; an \
            update whose median sample is beyond it is refused.",
        expected: Expected::Number(Range::Positive),
    },
    sampling::UNTIL,
    sampling::STEP,
    sampling::METHOD,
    sampling::READ_OUT,
    sampling::EXTRA_STEP,
    sampling::STOP_BELOW,
    sampling::TEMPERATURE,
    sampling::COOL_UNTIL,
    sampling::TOLERANCE,
];

#[cfg(test)]
mod tests;
