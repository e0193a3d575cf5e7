//! The keys of `[held]`.

use super::{Expected, KeyDoc, Range};
use crate::config::{HeldNodes, choices};

pub(super) const NODES: KeyDoc = KeyDoc {
    key: "held.nodes",
    unit: "",
    meaning: "What is given to the network while it trains: nodes that are held at their data, whatever the flow time, \
        and of which nothing is asked. `none`: nothing. `labels`: the label nodes. `scattered`: a random set of pixels, a share of them \
        that is drawn for each sample. `span`: pixels that follow each other row by row. `mixed`: either. Where \
        pixels are held, label nodes are as well in half of the samples. It makes a network that fills in what is \
        missing (`gradep sample --hold`), and needs pairs that are independent (`flow.coupling`), or with `labels` \
        matched within each class (`flow.pairing`).",
    expected: Expected::Choice(choices::<HeldNodes>),
};

pub(super) const SHARE: KeyDoc = KeyDoc {
    key: "held.share",
    unit: "1",
    meaning: "Share of the samples, drawn anew in every epoch, that have held nodes; of the others nothing is given.",
    expected: Expected::Number(Range::Share),
};
