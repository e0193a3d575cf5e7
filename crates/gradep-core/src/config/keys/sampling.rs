//! The keys of `[sampling]`.

use super::{Expected, KeyDoc, Range};
use crate::config::{FlowMethod, ReadOut, choices};

pub(super) const UNTIL: KeyDoc = KeyDoc {
    key: "sampling.until",
    unit: "flow time",
    meaning: "End of the flow. The data are at 1; a flow that goes on sharpens samples and costs variety. A field of \
        `equilibrium-matching` comes to rest: 5 unless it is set.",
    expected: Expected::Number(Range::Positive),
};

pub(super) const STEP: KeyDoc = KeyDoc {
    key: "sampling.step",
    unit: "flow time",
    meaning: "Step of the integrator; of `adaptive` the first that is tried. It is at most `sampling.until`.",
    expected: Expected::Number(Range::Positive),
};

pub(super) const METHOD: KeyDoc = KeyDoc {
    key: "sampling.method",
    unit: "",
    meaning: "Integrator of dx/dt = v(x): `euler`, `heun` and `rk4` take one, two and four relaxations a step, and are \
        of order 1, 2 and 4. `nesterov`: descent with a momentum of 0.3, one relaxation a step, to come to rest in a \
        field of `equilibrium-matching`. `adaptive`: order 3, three relaxations a step, each sample with steps of its own \
        that keep its error at `sampling.tolerance`; for exact equilibria.",
    expected: Expected::Choice(choices::<FlowMethod>),
};

pub(super) const READ_OUT: KeyDoc = KeyDoc {
    key: "sampling.read_out",
    unit: "",
    meaning: "How the velocity is read. `spring`: all nodes relax, v = αλ(x* − x_t). `clamped`: x is held at x_t, \
        v = −α ∂E/∂x.",
    expected: Expected::Choice(choices::<ReadOut>),
};

pub(super) const EXTRA_STEP: KeyDoc = KeyDoc {
    key: "sampling.extra_step",
    unit: "",
    meaning: "Whether one more Euler step is taken than until/step, as by the published sampler.",
    expected: Expected::Switch,
};

pub(super) const STOP_BELOW: KeyDoc = KeyDoc {
    key: "sampling.stop_below",
    unit: "1",
    meaning: "A sample stays where it is from the step on at which the root mean square of its velocity is below this \
        share of what it was at first. 0: never. A chip that runs free has no steps.",
    expected: Expected::Number(Range::Share),
};

pub(super) const TEMPERATURE: KeyDoc = KeyDoc {
    key: "sampling.temperature",
    unit: "energy of the network",
    meaning: "T of noise along the flow: every step adds √(2αT dt) times a standard normal number to each node that is \
        not held, so that x is distributed as e^(−F/T) in the end, F the energy at rest. 0: none. `euler` alone takes \
        it. A chip that runs free has noise of its own: `--noise-gain`.",
    expected: Expected::Number(Range::NotNegative),
};

pub(super) const COOL_UNTIL: KeyDoc = KeyDoc {
    key: "sampling.cool_until",
    unit: "flow time",
    meaning: "When `sampling.temperature` has fallen to 0, on a straight line from the start. 0: it stays as it is.",
    expected: Expected::Number(Range::NotNegative),
};

pub(super) const TOLERANCE: KeyDoc = KeyDoc {
    key: "sampling.tolerance",
    unit: "1/flow time",
    meaning: "Local error of `adaptive` steps per unit of flow time: root mean square over the nodes of a sample that are \
        not held. It should be above the error with which velocities are read, about α times `relaxation.tolerance`.",
    expected: Expected::Number(Range::Positive),
};
