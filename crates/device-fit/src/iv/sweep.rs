//! The table of a current-voltage sweep, and readings of the wrong sign in it.

use super::{
    super::{FitError, Measurements, Options, Range, check_count, choice},
    law::{Currents, Shape, shapes},
};
use units::Unit;

/// Share of a device's largest current that the noise floor of an instrument may have where the sweep
/// itself does not tell it: what is left of an instrument's accuracy at the bottom of its range.
const NOISE_FLOOR: f64 = 0.01;
/// Standard deviations within which a reading belongs to a law.
const FAR: f64 = 4.0;

/// Readings at a voltage.
pub(super) struct Sweep {
    /// Rows of the table.
    pub(super) rows: Vec<usize>,
    pub(super) volts: Vec<f64>,
    pub(super) amperes: Vec<f64>,
    pub(super) devices: Vec<usize>,
}

impl Sweep {
    /// Nothing flows at 0 V, whatever the device: those rows are left out.
    pub(super) fn read(measurements: &Measurements) -> Result<Self, FitError> {
        let volts = measurements.quantity("voltage", Unit::Volt)?;
        let amperes = measurements.quantity("current", Unit::Ampere)?;
        let groups = measurements.groups(&["device"]);
        let rows: Vec<usize> = (0..volts.len()).filter(|&row| volts[row] != 0.0).collect();
        check_count(measurements, "measurements at a voltage", rows.len(), 8)?;
        let all = Self {
            rows: (0..volts.len()).collect(),
            volts,
            amperes,
            devices: groups,
        };
        let sweep = all.of(&rows);
        // Numbered anew, since a device may have been read at 0 V alone.
        let mut known = sweep.devices.clone();
        known.sort_unstable();
        known.dedup();
        let devices = sweep.devices.iter();
        Ok(Self {
            devices: devices
                .map(|device| known.partition_point(|k| k < device))
                .collect(),
            ..sweep
        })
    }

    /// Some of the readings.
    fn of(&self, places: &[usize]) -> Self {
        Self {
            rows: places.iter().map(|&i| self.rows[i]).collect(),
            volts: places.iter().map(|&i| self.volts[i]).collect(),
            amperes: places.iter().map(|&i| self.amperes[i]).collect(),
            devices: places.iter().map(|&i| self.devices[i]).collect(),
        }
    }

    /// Whether a current flows with its voltage.
    fn is_right(&self, i: usize) -> bool {
        self.volts[i] * self.amperes[i] > 0.0
    }

    /// Conductance of each device, S: the line through 0 of least squares over readings of the right
    /// sign; not a number without any.
    fn slopes(&self) -> Vec<f64> {
        let count = self.devices.iter().max().map_or(0, |last| last + 1);
        let mut sums = vec![[0.0; 2]; count];
        for i in (0..self.volts.len()).filter(|&i| self.is_right(i)) {
            let [product, square] = &mut sums[self.devices[i]];
            *product += self.volts[i] * self.amperes[i];
            *square += self.volts[i] * self.volts[i];
        }
        sums.into_iter()
            .map(|[product, square]| product / square)
            .collect()
    }

    /// The readings for laws.
    fn currents(&self, slopes: &[f64]) -> Currents {
        let nominal = Range {
            min: 0.0,
            max: slopes.iter().copied().fold(0.0, f64::max),
        };
        let centre = slopes.iter().map(|g| g.log10()).sum::<f64>() / slopes.len() as f64;
        Currents {
            volts: self.volts.clone(),
            measured: self.amperes.iter().map(|&i| nominal.share(i)).collect(),
            devices: self.devices.clone(),
            rough: slopes.iter().map(|&g| nominal.share(g)).collect(),
            nominal,
            centre,
        }
    }

    /// The readings for laws, after those of the wrong sign are found to be noise.
    ///
    /// Near 0 V a reading can have the wrong sign and still be right. It is borne if it is no further
    /// from the law of the others than their scatter or the noise floor of an instrument explains.
    pub(super) fn checked(
        &self,
        measurements: &Measurements,
        options: &Options,
    ) -> Result<Currents, FitError> {
        let wrong: Vec<usize> = (0..self.volts.len())
            .filter(|&i| !self.is_right(i))
            .collect();
        let slopes = self.slopes();
        let lost = wrong.iter().filter(|&&i| slopes[self.devices[i]].is_nan());
        if let Some(row) = measurements.first_in_file(lost.map(|&i| self.rows[i])) {
            let expected = "a current of the voltage's sign";
            return Err(measurements.refuse("current", row, expected));
        }
        let currents = self.currents(&slopes);
        if wrong.is_empty() {
            return Ok(currents);
        }
        let right: Vec<usize> = (0..self.volts.len())
            .filter(|&i| self.is_right(i))
            .collect();
        let others = self.of(&right).currents(&slopes);
        let (shape, values) = others.most_likely(options)?;
        let far = |i: usize| {
            let [mean, sd] = currents.moments(shape, &values, i);
            let own = (0..self.volts.len()).filter(|&k| self.devices[k] == self.devices[i]);
            let largest = own.map(|k| currents.measured[k].abs()).fold(0.0, f64::max);
            let noise = (FAR * sd).max(NOISE_FLOOR * largest);
            (currents.measured[i] - mean).abs() > noise
        };
        let far = wrong.iter().filter(|&&i| far(i)).map(|&i| self.rows[i]);
        match measurements.first_in_file(far) {
            Some(row) => {
                let expected =
                    "a current of the voltage's sign, or one within the noise of the sweep";
                Err(measurements.refuse("current", row, expected))
            }
            None => Ok(currents),
        }
    }
}

impl Currents {
    /// The law that the data ask for, with its parameters.
    fn most_likely(&self, options: &Options) -> Result<(Shape, Vec<f64>), FitError> {
        let shapes = shapes();
        let laws: Vec<_> = shapes.iter().map(|&shape| self.law(shape)).collect();
        let chosen = choice::choose(&laws, &self.measured, None, |index| {
            shapes[index].is_allowed(options)
        })?;
        Ok((shapes[chosen.index], chosen.estimate.values))
    }
}
