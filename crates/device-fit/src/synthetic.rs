//! Made-up measurements: what an experimenter would write down of devices that follow a device file.

use super::{FitError, Kind};
use analog_substrate::{
    device::{Device, Effects, Programmed, Way, normalised},
    random::{Purpose, stream},
};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use std::fmt::Write as _;

/// A made-up experiment.
#[derive(Clone, Copy, Debug)]
pub struct Synthetic {
    /// What is measured.
    pub kind: Kind,
    /// Number of devices; of sweeps over the range, of pulses.
    pub devices: usize,
    /// Relative standard deviation of a reading of the instrument.
    pub reading_error: f64,
    /// Seed of devices and instrument.
    pub seed: u64,
}

/// Times of a drift experiment after the first one, even in the logarithm.
const TIMES: u32 = 15;
/// The last of them over the first: from 20 s, the first read of phase-change memory, to a day.
const LATEST: f64 = 4320.0;
/// Voltages of a sweep, to each side of zero.
const VOLTAGES: i32 = 10;
/// Largest voltage of a sweep where the device's file has no limit, V.
const VOLTAGE: f64 = 0.5;
/// Smallest share of the largest conductance in a drift experiment.
const SMALLEST_DRIFTING: f64 = 0.05;
/// Microsiemens and microamperes.
const MICRO: f64 = 1e6;

/// The table of a made-up experiment, a comment first that says so.
///
/// # Errors
/// [`FitError::NoSuchLaw`] if the device's file has no such law.
pub fn measure(device: &Device, experiment: &Synthetic) -> Result<String, FitError> {
    let Synthetic {
        kind,
        devices,
        reading_error,
        seed,
    } = *experiment;
    let mut text = format!(
        "# synthetic: made up by `gradep chip measure` from the laws of {}, not measured; {devices} {}, readings ± {} %, seed {seed}\n",
        device.name(),
        if kind == Kind::PulseResponse {
            "sweeps"
        } else {
            "devices"
        },
        100.0 * reading_error
    );
    let mut bench = Bench {
        device,
        devices,
        error: reading_error,
        instrument: stream(seed, Purpose::Check, 0, 0),
        seed,
        text: &mut text,
    };
    match kind {
        Kind::ProgrammingNoise => bench.programming(),
        Kind::Drift => bench.drift()?,
        Kind::PulseResponse => bench.pulses()?,
        Kind::Iv => bench.iv()?,
    }
    Ok(text)
}

struct Bench<'a> {
    device: &'a Device,
    devices: usize,
    error: f64,
    instrument: ChaCha8Rng,
    seed: u64,
    text: &'a mut String,
}

impl Bench<'_> {
    fn write(&mut self, line: std::fmt::Arguments<'_>) {
        writeln!(self.text, "{line}").expect("a String takes any text");
    }

    /// What the instrument shows.
    fn reading(&mut self, value: f64) -> f64 {
        let deviate: f64 = self.instrument.sample(StandardNormal);
        value * (1.0 + self.error * deviate)
    }

    /// Conductances spread evenly from `least` to `most`.
    fn targets(&self, least: f64, most: f64) -> Vec<f64> {
        let count = self.devices.max(2) - 1;
        (0..self.devices)
            .map(|k| least + (most - least) * k as f64 / count as f64)
            .collect()
    }

    fn programmed(&self, targets: &[f64], effects: Effects) -> Programmed {
        self.device.program(
            targets,
            &effects,
            &mut stream(self.seed, Purpose::Fabrication, 0, 0),
            &mut stream(self.seed, Purpose::Programming, 0, 0),
        )
    }

    fn missing(&self, kind: Kind) -> FitError {
        FitError::NoSuchLaw {
            device: self.device.name().to_owned(),
            kind: kind.name(),
        }
    }

    fn programming(&mut self) {
        let (min, max) = self.device.conductance_range();
        let targets = self.targets(min, max);
        let effects = Effects {
            programming_noise: true,
            ..Effects::NONE
        };
        let made = self.programmed(&targets, effects);
        self.write(format_args!("target_uS,achieved_uS"));
        for (target, achieved) in targets.into_iter().zip(made.achieved) {
            let (target, achieved) = (MICRO * target, MICRO * self.reading(achieved));
            self.write(format_args!("{target:.9},{achieved:.9}"));
        }
    }

    fn drift(&mut self) -> Result<(), FitError> {
        let Some(first) = self.device.drift_start() else {
            return Err(self.missing(Kind::Drift));
        };
        let longest = (self.device.known_times()[1] / first).min(LATEST);
        // Devices near zero have exponents of their law's clip alone.
        let (min, max) = self.device.conductance_range();
        let targets = self.targets(min.max(SMALLEST_DRIFTING * max), max);
        let effects = Effects {
            drift: true,
            ..Effects::NONE
        };
        let made = self.programmed(&targets, effects);
        let decades = longest.log10();
        let count = TIMES;
        self.write(format_args!("device,time_s,conductance_uS"));
        for k in 0..=count {
            let time = first * 10.0_f64.powf(decades * f64::from(k) / f64::from(count));
            // Rounding carries the last one past what is known.
            let time = time.min(first * longest);
            let conductances = self.device.after(&made, time, &effects)?;
            for (device, conductance) in conductances.into_iter().enumerate() {
                let shown = MICRO * self.reading(conductance);
                if shown > 0.0 {
                    self.write(format_args!("{device},{time:.9},{shown:.9}"));
                }
            }
        }
        Ok(())
    }

    fn pulses(&mut self) -> Result<(), FitError> {
        let Some(law) = self.device.pulses().cloned() else {
            return Err(self.missing(Kind::PulseResponse));
        };
        let (min, max) = self.device.conductance_range();
        let mut generator = stream(self.seed, Purpose::Programming, 0, 0);
        self.write(format_args!("device,way,pulse,conductance_uS"));
        for sweep in 0..self.devices {
            for way in [Way::Up, Way::Down] {
                let (start, sign, name) = match way {
                    Way::Up => (min, 1.0, "up"),
                    Way::Down => (max, -1.0, "down"),
                };
                let (c, step) = (law.curvature(way), 1.0 / f64::from(law.count()));
                let mut passed = 0.0;
                for pulse in 1..=law.count() {
                    let deviate: f64 = generator.sample(StandardNormal);
                    // One pulse on, wherever the device is, also beyond the ends of the range.
                    passed =
                        passed * (-c * step).exp() + normalised(c, step) + law.cycle() * deviate;
                    let conductance = (start + sign * (max - min) * passed).max(0.0);
                    let shown = MICRO * self.reading(conductance);
                    self.write(format_args!("{sweep},{name},{pulse},{shown:.9}"));
                }
            }
        }
        Ok(())
    }

    fn iv(&mut self) -> Result<(), FitError> {
        let Some(fitted) = self.device.fitted_currents() else {
            return Err(self.missing(Kind::Iv));
        };
        let (_, max) = self.device.conductance_range();
        let [least, most] = fitted.map(|share| share * max);
        let largest = self.device.largest_voltage().unwrap_or(VOLTAGE);
        self.write(format_args!("device,voltage_V,current_uA"));
        for (device, conductance) in self.targets(least, most).into_iter().enumerate() {
            for k in (-VOLTAGES..=VOLTAGES).filter(|&k| k != 0) {
                let volts = largest * f64::from(k) / f64::from(VOLTAGES);
                let shown = MICRO * self.reading(self.device.current(conductance, volts));
                self.write(format_args!("{device},{volts:.4},{shown:.9}"));
            }
        }
        Ok(())
    }
}
