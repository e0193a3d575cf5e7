//! The keys of `[contrast]`.

use super::{Expected, KeyDoc, Range, whole};
use crate::config::{NegativeStart, choices};

pub(super) const WEIGHT: KeyDoc = KeyDoc {
    key: "contrast.weight",
    unit: "1",
    meaning: "λ, the factor with which mean F(data) − mean F(negatives) is added to the loss: the second phase of Energy Matching \
        (arXiv 2504.10612). F is the energy with hidden nodes at rest, negatives are where chains of Langevin steps on the \
        substrate come to. `metrics.csv` then has the difference as `energy_gap`. 0: no negatives.",
    expected: Expected::Number(Range::NotNegative),
};

pub(super) const FROM: KeyDoc = KeyDoc {
    key: "contrast.from",
    unit: "1",
    meaning: "Share of the epochs after which there are negatives.",
    expected: Expected::Number(Range::Decay),
};

pub(super) const START: KeyDoc = KeyDoc {
    key: "contrast.start",
    unit: "",
    meaning: "Where chains begin. `data`: at the images of the batch. `noise`: where the flow has carried noise by \
        `contrast.flow_until`. `both`: half and half.",
    expected: Expected::Choice(choices::<NegativeStart>),
};

pub(super) const FLOW_UNTIL: KeyDoc = KeyDoc {
    key: "contrast.flow_until",
    unit: "flow time",
    meaning: "`noise` and `both`: how long noise follows the flow, in steps of at most `contrast.step`, before a chain begins. \
        0: chains begin at the noise.",
    expected: Expected::Number(Range::NotNegative),
};

pub(super) const STEPS: KeyDoc = KeyDoc {
    key: "contrast.steps",
    unit: "steps",
    meaning: "Langevin steps of a chain, x ← x + v dt + √(2αT dt) ξ, each one relaxation with x clamped.",
    expected: whole(1),
};

pub(super) const STEP: KeyDoc = KeyDoc {
    key: "contrast.step",
    unit: "flow time",
    meaning: "dt of a chain. At most 1/`spring.output_scale`, or steps overshoot.",
    expected: Expected::Number(Range::Positive),
};

pub(super) const TEMPERATURE: KeyDoc = KeyDoc {
    key: "contrast.temperature",
    unit: "energy of the network",
    meaning: "T of a chain, in units of the energy: it samples exp(−F/T). No direction of F is stiffer than 1 but for leaks, so that \
        around a point at rest a node fluctuates by √T or more. 0: chains follow the flow.",
    expected: Expected::Number(Range::NotNegative),
};
