//! What time does to a device.

use super::{
    Device, DeviceError, Effects, Programmed,
    aging::{AgingLaw, Moments, Times},
};

impl Device {
    /// Conductances this long after the last programming pulse, S, by the law of the device's file. Stuck devices
    /// stay. What was programmed is what a first read finds: the laws of the write noise hold at the time at
    /// which those of the ageing begin.
    ///
    /// # Errors
    /// A time that is negative or not finite, or at which the device is not known: before a power law begins,
    /// notably.
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
        Ok(match self.aging() {
            Some(law) => law.after(&self.basis(), programmed, seconds),
            None => programmed.achieved.clone(),
        })
    }

    /// Mean and standard deviation of devices that were asked for a conductance, S: of the law of
    /// time alone, with the exponent or the lifetime at its middle value.
    ///
    /// # Errors
    /// As [`after`](Self::after).
    pub fn aged_moments(&self, g: f64, seconds: f64) -> Result<(f64, f64), DeviceError> {
        self.check_time(seconds)?;
        let law = self.aging();
        let Moments { mean, deviation } = law.map_or(
            Moments {
                mean: g,
                deviation: 0.0,
            },
            |law| law.moments(&self.basis(), g, seconds),
        );
        Ok((mean, deviation))
    }

    /// Mean and standard deviation of the exponent of power-law drift; zeros without such drift.
    pub fn drift_exponent(&self, target: f64) -> (f64, f64) {
        let g = self.share(target);
        self.drift
            .as_ref()
            .map_or((0.0, 0.0), |drift| drift.exponent(g))
    }

    /// The time after the last programming pulse at which power-law drift begins, s; none without such drift.
    pub fn drift_start(&self) -> Option<f64> {
        self.drift.as_ref().map(|drift| drift.start.0)
    }

    /// Whether conductances are known at every time of their validity range, not at some times only.
    pub fn drifts_continuously(&self) -> bool {
        !matches!(self.aging().map(AgingLaw::times), Some(Times::At(_)))
    }

    /// Whether time does anything to it.
    pub fn ages(&self) -> bool {
        self.aging().is_some()
    }

    /// The first and the last time since the last programming pulse at which the laws of time hold, s:
    /// those of the file, but not before a law begins.
    pub fn known_times(&self) -> [f64; 2] {
        let begins = match self.aging().map(AgingLaw::times) {
            Some(Times::From(begins)) => begins,
            _ => 0.0,
        };
        let [first, last] = self.basis().valid_times().unwrap_or([0.0, f64::INFINITY]);
        [first.max(begins), last]
    }

    /// Whether conductances are known this long after the last programming pulse.
    ///
    /// # Errors
    /// [`DeviceError::Time`].
    pub fn check_time(&self, seconds: f64) -> Result<(), DeviceError> {
        let refuse = |expected: String| self.refuse_time(seconds, expected);
        if !(seconds.is_finite() && seconds >= 0.0) {
            return refuse("a finite time, not negative".to_owned());
        }
        let Some(law) = self.aging() else {
            return Ok(());
        };
        match law.times() {
            Times::Between(first, last) if !(first..=last).contains(&seconds) => {
                return refuse(format!("a time from {first} s to {last} s"));
            }
            Times::At(times) if !times.iter().any(|t| t.to_bits() == seconds.to_bits()) => {
                let times: Vec<_> = times.iter().map(|time| format!("{time} s")).collect();
                return refuse(times.join(", "));
            }
            _ => {}
        }
        let [first, last] = self.known_times();
        if (first..=last).contains(&seconds) {
            Ok(())
        } else if last.is_finite() {
            refuse(format!("a time from {first} s to {last} s"))
        } else {
            refuse(format!("a time from {first} s on"))
        }
    }

    /// Whether readings this long after the last programming pulse are known: 1/f noise grows from the
    /// first read on, and has no band before the first reading is over.
    ///
    /// # Errors
    /// [`DeviceError::Time`].
    pub fn check_read_time(&self, seconds: f64) -> Result<(), DeviceError> {
        let Some(read) = &self.read else {
            return Ok(());
        };
        let first = self.known_times()[0].max(read.time.0);
        if seconds.is_finite() && seconds >= first {
            Ok(())
        } else {
            self.refuse_time(
                seconds,
                format!("a time from {first} s on for its read noise"),
            )
        }
    }

    fn refuse_time(&self, seconds: f64, expected: String) -> Result<(), DeviceError> {
        Err(DeviceError::Time {
            device: self.name().to_owned(),
            seconds,
            expected,
        })
    }
}
