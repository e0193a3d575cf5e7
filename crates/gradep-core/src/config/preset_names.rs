//! What presets are called.

/// Names of the presets: the paper's objective at true equilibria, the published run to the
/// letter, our choice of schedule, a shorter one, the former for the half of the digits that the other half judges, and a
/// field that comes to rest on that half.
pub const PRESETS: &[&str] = &[
    "paper",
    "paper-explicit",
    "best",
    "quick",
    "track-h",
    "equilibrium",
];

/// The preset that a run starts from unless it names another.
pub const DEFAULT_PRESET: &str = "quick";
