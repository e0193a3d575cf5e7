//! The objectives that configurations can name.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a network learns, as a configuration names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObjectiveKind {
    /// [`FlowMatching`](super::FlowMatching): a flow that is at the data at time 1.
    #[default]
    FlowMatching,
    /// [`EquilibriumMatching`](super::EquilibriumMatching): a field that comes to rest on the data.
    EquilibriumMatching,
}

/// The name that files give it.
impl fmt::Display for ObjectiveKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl ObjectiveKind {
    /// Time at which samples are read unless told otherwise, where that is not as the preset says: at rest, and so late.
    pub fn rest(self) -> Option<f64> {
        (self == Self::EquilibriumMatching).then_some(REST)
    }
}

/// In units of flow time, in which a field with c = 1 throughout takes noise to data in 1.
const REST: f64 = 5.0;
