//! The keys of `[chip]`.

use super::{Expected, KeyDoc, Range};

/// TOML has no larger whole numbers.
const WHOLE: Expected = Expected::Whole {
    least: 0,
    most: Some(i64::MAX as u64),
};

pub(super) const SPEC: KeyDoc = KeyDoc {
    key: "chip.spec",
    unit: "",
    meaning: "The chip to train on: the name of a hardware spec that comes along (`gradep chip list`), or a spec file. Every \
        phase is then a transient of that one simulated chip, with its noise, its deviations and its devices, and the clock and \
        the energy of the chip are counted. Empty: exact equilibria. Where no more than a preset has said otherwise, a chip \
        makes the tilt as strong as the chip can tell (`nudge.linear_range`, `nudge.beta`) and uses all samples \
        (`training.invalid_samples`, `training.max_unsettled`).",
    expected: Expected::Text,
};

pub(super) const SET: KeyDoc = KeyDoc {
    key: "chip.set",
    unit: "",
    meaning: "What is set in the spec, each as `KEY=VALUE` with a key of hardware specs (`gradep chip explain`). With a chip, -s \
        with such a key adds to this list, but for `spring.stiffness`, which is that of the configuration.",
    expected: Expected::Texts,
};

pub(super) const NUMBER: KeyDoc = KeyDoc {
    key: "chip.number",
    unit: "chip",
    meaning: "Which chip of the spec: chips differ in the deviations of their elements.",
    expected: WHOLE,
};

pub(super) const SEED: KeyDoc = KeyDoc {
    key: "chip.seed",
    unit: "seed",
    meaning: "Seed of the deviations of all chips of the spec. The noise along transients has the seed of the run.",
    expected: WHOLE,
};

pub(super) const FREE: KeyDoc = KeyDoc {
    key: "chip.free",
    unit: "tau",
    meaning: "How long the network relaxes in a free phase, from rest. What has not settled by then is what is learned from.",
    expected: Expected::Number(Range::Positive),
};

pub(super) const NUDGED: KeyDoc = KeyDoc {
    key: "chip.nudged",
    unit: "tau",
    meaning: "How long it relaxes under each nudge, from where the free phase was left.",
    expected: Expected::Number(Range::Positive),
};

pub(super) const STEP: KeyDoc = KeyDoc {
    key: "chip.step",
    unit: "tau",
    meaning: "Longest step of the integrator. Steps of 0.5 train as shorter ones do, and overstate the noise by about a tenth.",
    expected: Expected::Number(Range::Positive),
};

pub(super) const HEADROOM: KeyDoc = KeyDoc {
    key: "chip.headroom",
    unit: "1",
    meaning: "Of a chip with devices: how many times the largest weight of an array at the beginning its devices can hold. They \
        are programmed once and then moved within this range. A spec with array.scale has its own.",
    expected: Expected::Number(Range::OneOrMore),
};
