//! Phases that a gradient is estimated from.

use serde::{Deserialize, Serialize};

/// Which phases are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PhaseScheme {
    /// +β against −β: error O(β²).
    Centred,
    /// +β against free: error O(β).
    OneSided,
    /// ±β, the sign drawn per update, against free (Laborieux et al. 2021).
    RandomSign,
}
