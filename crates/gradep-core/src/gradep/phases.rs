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

impl PhaseScheme {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Centred, Self::OneSided, Self::RandomSign];

    /// As files and options write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Centred => "centred",
            Self::OneSided => "one-sided",
            Self::RandomSign => "random-sign",
        }
    }
}
