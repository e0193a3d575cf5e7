//! Conductances that decay as a stretched exponential.

use super::{AgingLaw, Flaw, Moments, Times, aged};
use crate::device::{
    basis::Basis,
    programmed::Programmed,
    quantity::{Seconds, Share, Siemens},
};
use serde::{Deserialize, Serialize};

/// `[stretched]`: `G(t) = rest + (G − rest)·exp(−(t/T)^stretch)`, T = time·exp(spread·N(0, 1)): many rates of decay at
/// once. Retention of volatile memristors (T. Chang, S.-H. Jo and W. Lu, ACS Nano 5, 7669, 2011).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::device) struct Stretched {
    time: Seconds,
    /// From above 0 to 1; at 1 the decay is exponential.
    stretch: f64,
    rest: Siemens,
    spread: Share,
}

impl Stretched {
    /// The share that is left of the way to the rest.
    fn left(&self, seconds: f64, time: f64) -> f64 {
        (-(seconds / time).powf(self.stretch)).exp()
    }
}

impl AgingLaw for Stretched {
    fn check(&self, basis: &Basis<'_>) -> Option<Flaw> {
        if self.time.0 <= 0.0 {
            return Some(Flaw::of("time", "expected a time above zero"));
        }
        if !(self.stretch > 0.0 && self.stretch <= 1.0) {
            return Some(Flaw::of("stretch", "expected a number above 0, at most 1"));
        }
        if !(0.0..=basis.max()).contains(&self.rest.0) {
            return Some(Flaw::of(
                "rest",
                "expected a rest from 0 to the largest conductance",
            ));
        }
        if !(0.0..=1.0).contains(&self.spread.0) {
            return Some(Flaw::of("spread", "expected a spread from 0 to 100 %"));
        }
        None
    }

    fn times(&self) -> Times {
        Times::From(0.0)
    }

    fn draws(&self, _: &Basis<'_>, _: f64, deviate: f64) -> f64 {
        deviate
    }

    fn after(&self, _: &Basis<'_>, programmed: &Programmed, seconds: f64) -> Vec<f64> {
        aged(programmed, |i, g| {
            let time = self.time.0 * (self.spread.0 * programmed.aging[i]).exp();
            self.rest.0 + (g - self.rest.0) * self.left(seconds, time)
        })
    }

    /// The deviation is the first order in the spread: d exp(−x^b)/d ln T = b x^b exp(−x^b), x = t/T.
    fn moments(&self, _: &Basis<'_>, conductance: f64, seconds: f64) -> Moments {
        let span = conductance - self.rest.0;
        let left = self.left(seconds, self.time.0);
        let slope = self.stretch * (seconds / self.time.0).powf(self.stretch) * left;
        Moments {
            mean: self.rest.0 + span * left,
            deviation: (span * slope).abs() * self.spread.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        device::{Device, DeviceError, Effects, Programmed},
        random::{Purpose, stream},
    };

    fn device(law: &str) -> Result<Device, DeviceError> {
        let text = format!(
            r#"
            name = "volatile"
            summary = "made up"
            evidence = "assumed"
            sources = ["a test"]
            conductance = {{ min = "1 uS", max = "20 uS" }}
            {law}
            "#
        );
        Device::parse(&text, "volatile.toml")
    }

    fn programmed(device: &Device, count: usize) -> Programmed {
        device.program(
            &vec![15e-6; count],
            &Effects::ALL,
            &mut stream(1, Purpose::Fabrication, 0, 0),
            &mut stream(1, Purpose::Programming, 0, 0),
        )
    }

    /// Against the numbers of the formula: 2 uS + 13 uS·exp(−(30/10)^0.4).
    #[test]
    fn what_is_left_follows_the_formula() {
        let law = r#"stretched = { time = "10 s", stretch = 0.4, rest = "2 uS", spread = "0 %" }"#;
        let device = device(law).unwrap();
        let made = programmed(&device, 3);
        assert_eq!(device.after(&made, 0.0, &Effects::ALL).unwrap(), [15e-6; 3]);
        for g in device.after(&made, 30.0, &Effects::ALL).unwrap() {
            assert!((g - 4.754_136_0e-6).abs() < 1e-12, "{g}");
        }
        let (mean, deviation) = device.aged_moments(15e-6, 30.0).unwrap();
        assert!((mean - 4.754_136_0e-6).abs() < 1e-12, "{mean}");
        assert!(deviation.abs() < 1e-18, "{deviation}");
    }

    /// With a stretch of one it is the leak, device by device.
    #[test]
    fn without_stretching_it_is_a_leak() {
        let stretched =
            r#"stretched = { time = "10 s", stretch = 1, rest = "2 uS", spread = "20 %" }"#;
        let leak = r#"leak = { time = "10 s", rest = "2 uS", spread = "20 %" }"#;
        let [one, other] = [stretched, leak].map(|law| {
            let device = device(law).unwrap();
            let made = programmed(&device, 50);
            let moments = device.aged_moments(15e-6, 7.0).unwrap();
            (device.after(&made, 7.0, &Effects::ALL).unwrap(), moments)
        });
        for (a, b) in one.0.iter().zip(&other.0) {
            assert!((a / b - 1.0).abs() < 1e-14, "{a} {b}");
        }
        assert!((one.1.1 / other.1.1 - 1.0).abs() < 1e-12);
    }

    /// Moments against many devices: the deviation is that of small spreads.
    #[test]
    fn moments_are_those_of_many_devices() {
        let law = r#"stretched = { time = "10 s", stretch = 0.5, rest = "2 uS", spread = "5 %" }"#;
        let device = device(law).unwrap();
        let made = programmed(&device, 20_000);
        let found = device.after(&made, 12.0, &Effects::ALL).unwrap();
        let mean = found.iter().sum::<f64>() / 20_000.0;
        let variance = found.iter().map(|g| (g - mean).powi(2)).sum::<f64>() / 20_000.0;
        let (expected, deviation) = device.aged_moments(15e-6, 12.0).unwrap();
        // The mean of the bent law is off by the square of the spread; four standard errors of the deviation, 0.5 %
        // each.
        assert!((mean / expected - 1.0).abs() < 1e-3, "{mean} {expected}");
        assert!(
            (variance.sqrt() / deviation - 1.0).abs() < 0.02,
            "{variance} {deviation}"
        );
    }

    #[test]
    fn numbers_that_make_no_law_are_refused() {
        for (law, key) in [
            (
                r#"stretched = { time = "0 s", stretch = 0.5, rest = "2 uS", spread = "0 %" }"#,
                "stretched.time",
            ),
            (
                r#"stretched = { time = "1 s", stretch = 1.5, rest = "2 uS", spread = "0 %" }"#,
                "stretched.stretch",
            ),
            (
                r#"stretched = { time = "1 s", stretch = 0.5, rest = "21 uS", spread = "0 %" }"#,
                "stretched.rest",
            ),
            (
                r#"stretched = { time = "1 s", stretch = 0.5, rest = "2 uS", spread = "200 %" }"#,
                "stretched.spread",
            ),
        ] {
            let message = device(law).unwrap_err().to_string();
            assert!(message.contains(key), "{message}");
        }
    }
}
