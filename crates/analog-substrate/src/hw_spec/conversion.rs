//! The energy of a conversion follows the number of bits.

use super::{Evidence, Setting, Spec, entry::Entry};

/// A number of bits, and the energy of a conversion with it.
const CONVERTERS: [[&str; 2]; 2] = [
    ["converters.adc_bits", "converters.adc_energy"],
    ["converters.dac_bits", "converters.dac_energy"],
];

impl Spec {
    /// Scales the energy of a conversion by 2 to the number of bits more than in `before`, where the energy is not given anew itself:
    /// `is_given` says so of a key. An ADC takes a figure of merit × 2^bits (R. Walden, IEEE JSAC 17, 539, 1999), a DAC that
    /// redistributes charge has 2^bits unit capacitors.
    pub(super) fn follow_bits(&mut self, before: &Self, is_given: impl Fn(&str) -> bool) {
        for [bits, energy] in CONVERTERS {
            let count = |spec: &Self| match spec.entries.get(bits)?.setting {
                Some((Setting::Count(count), _)) => Some(count),
                _ => None,
            };
            let (Some(old), Some(new)) = (count(before), count(self)) else {
                continue;
            };
            let stated = |key: &str| self.entries.get(key)?.setting.clone();
            let (Some((_, origin)), Some((Setting::Number(joules), _))) =
                (stated(bits), stated(energy))
            else {
                continue;
            };
            // A converter that is not counted costs nothing with any number of bits.
            if old != new && joules != 0.0 && !is_given(energy) {
                let joules = joules * f64::from(new).exp2() / f64::from(old).exp2();
                self.entries.entry(energy).or_default().overlay(Entry {
                    setting: Some((Setting::Number(joules), origin)),
                    source: Some(format!("that of {old} bits, by 2^bits")),
                    evidence: Some(Evidence::Derived),
                    ..Entry::default()
                });
            }
        }
    }
}
