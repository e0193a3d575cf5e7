//! Which imperfections act.

/// Imperfections that can be switched; one that is off leaves no trace, bit for bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches")]
pub struct Effects {
    /// Only the device's levels can be asked for.
    pub levels: bool,
    /// What is reached scatters about what is asked, anew with every programming.
    pub programming_noise: bool,
    /// Devices differ from each other.
    pub device_variation: bool,
    /// Some devices are stuck at an end of the range.
    pub stuck: bool,
    /// Conductances change with the time since programming.
    pub drift: bool,
    /// Readings fluctuate.
    pub read_noise: bool,
    /// Currents are not in proportion to voltages.
    pub nonlinearity: bool,
}

impl Effects {
    /// None.
    pub const NONE: Self = Self::all(false);
    /// All.
    pub const ALL: Self = Self::all(true);
    /// The names that [`Effects::only`] takes.
    pub const NAMES: &[&'static str] = &[
        "levels",
        "programming_noise",
        "device_variation",
        "stuck",
        "drift",
        "read_noise",
        "nonlinearity",
    ];

    const fn all(on: bool) -> Self {
        Self {
            levels: on,
            programming_noise: on,
            device_variation: on,
            stuck: on,
            drift: on,
            read_noise: on,
            nonlinearity: on,
        }
    }

    /// The effect of this name alone; none if there is no such effect.
    pub fn only(name: &str) -> Option<Self> {
        let mut effects = Self::NONE;
        *match name {
            "levels" => &mut effects.levels,
            "programming_noise" => &mut effects.programming_noise,
            "device_variation" => &mut effects.device_variation,
            "stuck" => &mut effects.stuck,
            "drift" => &mut effects.drift,
            "read_noise" => &mut effects.read_noise,
            "nonlinearity" => &mut effects.nonlinearity,
            _ => return None,
        } = true;
        Some(effects)
    }
}
