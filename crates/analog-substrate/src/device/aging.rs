//! What time does to programmed devices.

use super::{
    Device, DeviceError, Effects, Programmed, Stuck, law,
    program::scattered,
    sections::{Creep, Drift, Relaxation, Shift},
};

impl Creep {
    /// Standard deviation at a time, s, in siemens.
    pub(super) fn sd_at(&self, seconds: f64) -> f64 {
        self.start_sd.0 + self.sd.0 * seconds.ln()
    }
}

impl Drift {
    /// What a device of this exponent has left this long after its last programming pulse, of what it
    /// had when the law begins.
    fn left(&self, seconds: f64, exponent: f64) -> f64 {
        (seconds / self.start.0).powf(-exponent)
    }
}

impl Shift {
    fn at(&self, conductance: f64) -> f64 {
        self.unit.0 * law::polynomial(&self.polynomial, conductance / self.unit.0)
    }
}

impl Device {
    /// Conductances this long after the last programming pulse, S: `G·(t/t_c)^(−ν)` for power-law
    /// drift, G being the conductance at t_c; for a tabulated relaxation each device keeps its deviate
    /// while the deviation grows; creep moves and spreads with ln t, a leak lets a conductance decay.
    /// Stuck devices stay. What was programmed is what a first read finds: the laws of the write noise
    /// hold at the time at which those of the ageing begin.
    ///
    /// # Errors
    /// A time that is negative or not finite, or at which the device is not known: before t_c,
    /// notably, where a power law says nothing.
    pub fn after(
        &self,
        programmed: &Programmed,
        seconds: f64,
        effects: &Effects,
    ) -> Result<Vec<f64>, DeviceError> {
        if !effects.drift {
            if !(seconds.is_finite() && seconds >= 0.0) {
                return self.check_time(seconds).map(|()| Vec::new());
            }
            return Ok(programmed.achieved.clone());
        }
        self.check_time(seconds)?;
        let devices = programmed.achieved.iter().zip(&programmed.stuck);
        let aged = |law: &dyn Fn(usize, f64) -> f64| -> Vec<f64> {
            devices
                .enumerate()
                .map(|(i, (&g, stuck))| match stuck {
                    Stuck::Free => law(i, g),
                    _ => g,
                })
                .collect()
        };
        if let Some(drift) = &self.drift {
            return Ok(aged(&|i, g| {
                g * drift.left(seconds, programmed.drift_exponents[i])
            }));
        }
        if let Some(table) = &self.relaxation {
            if seconds.to_bits() == table.start.0.to_bits() {
                return Ok(programmed.achieved.clone());
            }
            return Ok(aged(&|i, _| {
                let (mean, sigma) = self.relaxed(table, programmed.goals[i], seconds);
                scattered(mean, sigma, programmed.deviates[i])
            }));
        }
        if let Some(creep) = &self.creep {
            let (moved, sigma) = (creep.mean.0 * seconds.ln(), creep.sd_at(seconds));
            return Ok(aged(&|i, g| {
                (g + moved + sigma * programmed.aging[i]).max(0.0)
            }));
        }
        if let Some(leak) = &self.leak {
            return Ok(aged(&|i, g| {
                let time = leak.time.0 * (leak.spread.0 * programmed.aging[i]).exp();
                leak.rest.0 + (g - leak.rest.0) * (-seconds / time).exp()
            }));
        }
        Ok(programmed.achieved.clone())
    }

    /// Mean and standard deviation of a tabulated device, of those at the times before and after,
    /// with which it is on a straight line. The time has been checked.
    fn relaxed(&self, table: &Relaxation, goal: f64, seconds: f64) -> (f64, f64) {
        let max = self.conductance.max.0;
        let mut before = (table.start.0, goal, self.programming_sigma(goal));
        for later in &table.later {
            let mean = goal + later.shift.as_ref().map_or(0.0, |shift| shift.at(goal));
            let after = (later.at.0, mean, later.sigma.at(self.share(mean), max));
            if seconds <= after.0 {
                let share = (seconds - before.0) / (after.0 - before.0);
                let between = |a: f64, b: f64| a + share * (b - a);
                return (between(before.1, after.1), between(before.2, after.2));
            }
            before = after;
        }
        (before.1, before.2)
    }

    /// Mean and standard deviation of devices that were asked for a conductance, S: of the law of
    /// time alone, with the exponent or the lifetime at its middle value.
    ///
    /// # Errors
    /// As [`after`](Self::after).
    pub fn aged_moments(&self, g: f64, seconds: f64) -> Result<(f64, f64), DeviceError> {
        self.check_time(seconds)?;
        if let Some(drift) = &self.drift {
            let (mean, sd) = self.drift_exponent(g);
            let middle = g * drift.left(seconds, mean);
            return Ok((middle, middle * (seconds / drift.start.0).ln() * sd));
        }
        if let Some(table) = &self.relaxation {
            return Ok(self.relaxed(table, g, seconds));
        }
        if let Some(creep) = &self.creep {
            return Ok((g + creep.mean.0 * seconds.ln(), creep.sd_at(seconds)));
        }
        if let Some(leak) = &self.leak {
            let left = (-seconds / leak.time.0).exp();
            let middle = leak.rest.0 + (g - leak.rest.0) * left;
            let sd = (g - leak.rest.0) * left * seconds / leak.time.0 * leak.spread.0;
            return Ok((middle, sd.abs()));
        }
        Ok((g, 0.0))
    }

    /// Mean and standard deviation of the exponent of power-law drift; zeros without such drift.
    pub fn drift_exponent(&self, target: f64) -> (f64, f64) {
        let g = self.share(target);
        self.drift.as_ref().map_or((0.0, 0.0), |drift| {
            (law::value(&drift.mean, g), law::value(&drift.sd, g))
        })
    }

    /// The time after the last programming pulse at which power-law drift begins, s; none without such drift.
    pub fn drift_start(&self) -> Option<f64> {
        self.drift.as_ref().map(|drift| drift.start.0)
    }

    /// Whether conductances are known at every time of their validity range, not at some times only.
    pub fn drifts_continuously(&self) -> bool {
        self.relaxation.as_ref().is_none_or(|law| law.interpolate)
    }

    /// Whether time does anything to it.
    pub const fn ages(&self) -> bool {
        self.drift.is_some()
            || self.relaxation.is_some()
            || self.creep.is_some()
            || self.leak.is_some()
    }
}
