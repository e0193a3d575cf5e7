//! Thermal noise that is stronger at the start of a free run than the circuit's own.

use super::{ChipError, Design};

/// How much stronger the thermal noise of all nodes is along a free run than that of the circuit by itself: annealing.
///
/// The circuit: beside each node a noise source of the spectrum of the node's own currents (such as the amplified noise of an
/// equal resistor) with a gain that one ramp, common to all nodes, lowers to nothing. Independent sources add by their powers, so
/// that an amplitude of G times takes a source of √(G² − 1) times that of the node's own currents. What sources and
/// amplifiers take is not in the ledger: no number for them has a source. Amplifier noise and 1/f noise stay as they are,
/// and so does the noise before x is let go.
///
/// ```
/// use analog_substrate::chip::NoiseRamp;
///
/// let ramp = NoiseRamp { gain: 3.0, until: Some(2.0) };
/// assert!(!ramp.is_none() && NoiseRamp::NONE.is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoiseRamp {
    /// Factor of the amplitude when x is let go, at least 1.
    pub gain: f64,
    /// Flow time at which the factor has fallen to 1 on a straight line; none: the end of the run.
    pub until: Option<f64>,
}

impl NoiseRamp {
    /// The noise of the circuit by itself.
    pub const NONE: Self = Self {
        gain: 1.0,
        until: None,
    };

    /// Whether the noise is that of the circuit by itself.
    pub fn is_none(&self) -> bool {
        self.gain <= 1.0
    }

    /// Refuses a gain that is none, an end that is no time, and a chip whose noise is off.
    ///
    /// # Errors
    /// [`ChipError::NoiseGain`], [`ChipError::NotPositive`], [`ChipError::NothingToAmplify`].
    pub fn check(&self, design: &Design) -> Result<(), ChipError> {
        let gain = self.gain;
        if !(gain >= 1.0 && gain.is_finite()) {
            return Err(ChipError::NoiseGain { gain });
        }
        let is_time = |until: f64| until.is_finite() && until > 0.0;
        if let Some(value) = self.until.filter(|until| !is_time(*until)) {
            let what = "the end of the noise gain's ramp";
            return Err(ChipError::NotPositive { what, value });
        }
        if !self.is_none() && design.thermal_variance() <= 0.0 {
            return Err(ChipError::NothingToAmplify {
                design: design.name.clone(),
                gain,
            });
        }
        Ok(())
    }

    /// The factor along a run of `duration` τ, of which a unit of flow time takes `unit` τ.
    pub(super) fn in_time(&self, duration: f64, unit: f64) -> GainRamp {
        GainRamp {
            first: self.gain,
            until: self.until.map_or(duration, |until| until * unit),
        }
    }
}

/// A factor that falls to 1 on a straight line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct GainRamp {
    /// At the start.
    pub(crate) first: f64,
    /// τ after which it is 1.
    pub(crate) until: f64,
}

impl GainRamp {
    /// No amplification.
    pub(crate) const ONE: Self = Self {
        first: 1.0,
        until: 0.0,
    };

    /// The factor after `time` τ.
    pub(crate) fn at(self, time: f64) -> f64 {
        if time >= self.until {
            1.0
        } else {
            1.0 + (self.first - 1.0) * (1.0 - time / self.until)
        }
    }
}
