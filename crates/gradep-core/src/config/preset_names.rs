//! What presets are called.

/// Names of the presets: the paper's objective at true equilibria, the published run to the
/// letter, our choice of schedule, a shorter one, the former for the half of the digits that the other half judges, a
/// field that comes to rest on that half, a training on chip D3, and the further training of a model on a chip with a memory.
pub const PRESETS: &[&str] = &[
    "paper",
    "paper-explicit",
    "best",
    "quick",
    "track-h",
    "equilibrium",
    "on-chip-d3",
    "adapt-memory",
];

/// The preset that a run starts from unless it names another.
pub const DEFAULT_PRESET: &str = "quick";
