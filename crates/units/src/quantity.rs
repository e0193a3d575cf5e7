//! Quantities as text: `"100 fF"`.

use super::Unit;
use crate::fault::{Blame, Fault};
use std::fmt;

/// A finite number with its unit.
///
/// ```
/// use units::{Quantity, Unit};
///
/// let length = Quantity::parse("300 ns", Unit::Second)?;
/// assert_eq!(length.value, 3e-7);
/// assert_eq!(length.rounded(2), "300 ns");
/// assert!(Quantity::parse("300 nS", Unit::Second).is_err());
/// # Ok::<(), units::QuantityError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity {
    /// The number, in the unit without prefix.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
}

/// Why a text is not the quantity that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QuantityError {
    /// It does not begin with a decimal number.
    #[error("does not begin with a decimal number")]
    NotANumber,
    /// There is no unit behind the number.
    #[error("has no unit")]
    NoUnit,
    /// What stands behind the number is no unit that specs know.
    #[error("has no known unit")]
    UnknownUnit,
    /// It is a quantity of another kind.
    #[error("is {}", found.dimension())]
    WrongUnit {
        /// The unit that was found.
        found: Unit,
    },
    /// The number is infinite, not a number, or too large for double precision.
    #[error("is not a finite number")]
    NotFinite,
    /// The number is not zero and too small for double precision.
    #[error("is too small a number")]
    Underflow,
}

impl Blame for QuantityError {
    fn fault(&self) -> Fault {
        Fault::Input
    }
}

impl Quantity {
    /// Reads a quantity of a given unit, such as `"100 fF"` or `"1e-13 F"`; the result is the
    /// double nearest to the decimal number, whatever the prefix.
    ///
    /// # Errors
    /// [`QuantityError`].
    pub fn parse(text: &str, unit: Unit) -> Result<Self, QuantityError> {
        let number = Number::split(text.trim())?;
        let Some(exponent) = unit.exponent(number.rest) else {
            return Err(number.wrong_unit());
        };
        Ok(Self {
            value: number.scaled(exponent)?,
            unit,
        })
    }

    /// The quantity with this many significant digits and an engineering prefix.
    pub fn rounded(self, digits: usize) -> String {
        self.engineering(&format!("{:.*e}", digits.saturating_sub(1), self.value))
    }

    /// Sets a number in exponential notation out with the prefix that suits its size.
    fn engineering(self, scientific: &str) -> String {
        if !self.value.is_finite() {
            return format!("{} {}", self.value, self.unit.symbol());
        }
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let mantissa = if mantissa.contains('.') {
            mantissa.trim_end_matches('0').trim_end_matches('.')
        } else {
            mantissa
        };
        let unit = match self.unit {
            Unit::One => String::new(),
            unit => format!(" {}", unit.symbol()),
        };
        if self.value == 0.0 {
            return format!("0{unit}");
        }
        match self.unit.prefix(exponent) {
            Some((prefix, ten)) => {
                let number = shifted(mantissa, exponent - ten);
                format!("{number} {prefix}{}", self.unit.symbol())
            }
            None if (-4..7).contains(&exponent) => format!("{}{unit}", shifted(mantissa, exponent)),
            None => format!("{mantissa}e{exponent}{unit}"),
        }
    }
}

impl Unit {
    /// A value of this unit with this many significant digits at most and an engineering prefix:
    /// `300 ns`, `9.5 nJ`.
    pub fn show(self, value: f64, digits: usize) -> String {
        Quantity { value, unit: self }.rounded(digits)
    }
}

/// Every digit of the value, with an engineering prefix: [`Quantity::parse`] reads it back exactly.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.engineering(&format!("{:e}", self.value)))
    }
}

/// The decimal notation of `mantissa`·10^`shift`; the mantissa has one digit before the point.
fn shifted(mantissa: &str, shift: i32) -> String {
    let (sign, mantissa) = mantissa
        .strip_prefix('-')
        .map_or(("", mantissa), |rest| ("-", rest));
    let digits = mantissa.replace('.', "");
    match usize::try_from(shift) {
        Ok(shift) if digits.len() <= shift + 1 => {
            format!("{sign}{digits}{}", "0".repeat(shift + 1 - digits.len()))
        }
        Ok(shift) => format!("{sign}{}.{}", &digits[..=shift], &digits[shift + 1..]),
        Err(_) => {
            let zeros = "0".repeat(shift.unsigned_abs() as usize - 1);
            format!("{sign}0.{zeros}{digits}")
        }
    }
}

/// A decimal number at the beginning of a text.
struct Number<'a> {
    /// Sign, digits and point.
    mantissa: &'a str,
    /// The power of ten behind `e`.
    exponent: i32,
    /// What follows, without the space between.
    rest: &'a str,
}

impl<'a> Number<'a> {
    fn split(text: &'a str) -> Result<Self, QuantityError> {
        let digits = |from: usize| {
            let tail = &text.as_bytes()[from..];
            tail.iter().take_while(|byte| byte.is_ascii_digit()).count()
        };
        let sign = usize::from(text.starts_with(['+', '-']));
        let whole = digits(sign);
        let mut end = sign + whole;
        let mut count = whole;
        if text[end..].starts_with('.') {
            let fraction = digits(end + 1);
            end += 1 + fraction;
            count += fraction;
        }
        if count == 0 {
            let word = text[sign..].to_ascii_lowercase();
            return Err(if word.starts_with("inf") || word.starts_with("nan") {
                QuantityError::NotFinite
            } else {
                QuantityError::NotANumber
            });
        }
        let mantissa = &text[..end];
        let mut exponent = 0;
        if text[end..].starts_with(['e', 'E']) {
            let sign = usize::from(text[end + 1..].starts_with(['+', '-']));
            let length = digits(end + 1 + sign);
            if length > 0 {
                let stop = end + 1 + sign + length;
                // More digits than an i32 holds: beyond double precision either way.
                exponent = text[end + 1..stop].parse().unwrap_or(match sign {
                    1 if text[end + 1..].starts_with('-') => -1_000_000,
                    _ => 1_000_000,
                });
                end = stop;
            }
        }
        Ok(Self {
            mantissa,
            exponent,
            rest: text[end..].trim_start(),
        })
    }

    /// The double nearest to the number times 10^`exponent`.
    fn scaled(&self, exponent: i32) -> Result<f64, QuantityError> {
        let exponent = self.exponent.clamp(-1_000_000, 1_000_000) + exponent;
        let value: f64 = format!("{}e{exponent}", self.mantissa)
            .parse()
            .map_err(|_| QuantityError::NotANumber)?;
        if !value.is_finite() {
            return Err(QuantityError::NotFinite);
        }
        if value == 0.0 && self.mantissa.contains(|c: char| matches!(c, '1'..='9')) {
            return Err(QuantityError::Underflow);
        }
        // No negative zeros: they print as another quantity.
        Ok(value + 0.0)
    }

    /// What is wrong with the unit, given that it is not the expected one.
    fn wrong_unit(&self) -> QuantityError {
        if self.rest.is_empty() {
            return QuantityError::NoUnit;
        }
        Unit::ALL
            .iter()
            .find(|unit| unit.exponent(self.rest).is_some())
            .map_or(QuantityError::UnknownUnit, |&found| {
                QuantityError::WrongUnit { found }
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(text: &str, unit: Unit) -> f64 {
        Quantity::parse(text, unit).expect(text).value
    }

    fn refusal(text: &str, unit: Unit) -> QuantityError {
        Quantity::parse(text, unit).expect_err(text)
    }

    #[test]
    fn prefixes_round_as_literals_do() {
        for (text, unit, expected) in [
            ("100 fF", Unit::Farad, 100e-15_f64),
            ("1nF", Unit::Farad, 1e-9),
            ("0.1 V", Unit::Volt, 0.1),
            ("-5 mV", Unit::Volt, -5e-3),
            ("10 uS", Unit::Siemens, 10e-6),
            ("10 µS", Unit::Siemens, 10e-6),
            ("10 μS", Unit::Siemens, 10e-6),
            ("5 nV/sqrt(Hz)", Unit::VoltPerRootHertz, 5e-9),
            ("5 nV/√Hz", Unit::VoltPerRootHertz, 5e-9),
            ("3 uV^2", Unit::VoltSquared, 3e-12),
            ("3 µV²", Unit::VoltSquared, 3e-12),
            ("1 MHz", Unit::Hertz, 1e6),
            ("1 mHz", Unit::Hertz, 1e-3),
            ("2 pJ", Unit::Joule, 2e-12),
            ("10 1/s", Unit::PerSecond, 10.0),
            ("10 1/ms", Unit::PerSecond, 10e3),
            ("1e-13 F", Unit::Farad, 1e-13),
            ("1e2 fF", Unit::Farad, 1e2 * 1e-15),
            (" .5 ns ", Unit::Second, 0.5e-9),
            ("3 %", Unit::One, 0.03),
            ("1.02", Unit::One, 1.02),
            ("300 K", Unit::Kelvin, 300.0),
            ("15 GW", Unit::Watt, 15e9),
        ] {
            assert_eq!(value(text, unit).to_bits(), expected.to_bits(), "{text}");
        }
    }

    #[test]
    fn refusals_say_what_is_wrong() {
        use QuantityError as E;
        let siemens = E::WrongUnit {
            found: Unit::Siemens,
        };
        for (text, expected) in [
            ("10 uS", siemens),
            ("100", E::NoUnit),
            ("100 f", E::UnknownUnit),
            ("100 FF", E::UnknownUnit),
            ("100 f F", E::UnknownUnit),
            ("", E::NotANumber),
            ("fF", E::NotANumber),
            (".", E::NotANumber),
            ("e5 F", E::NotANumber),
            ("--1 F", E::NotANumber),
            ("1 e5 F", E::UnknownUnit),
            ("1,5 fF", E::UnknownUnit),
            ("nan F", E::NotFinite),
            ("-inf F", E::NotFinite),
            ("1e400 F", E::NotFinite),
            ("1e99999999999999999999 F", E::NotFinite),
            ("1e-400 F", E::Underflow),
            ("1e-99999999999999999999 F", E::Underflow),
        ] {
            assert_eq!(refusal(text, Unit::Farad), expected, "{text}");
        }
    }

    #[test]
    fn sizes_get_the_prefix_that_reads_best() {
        let show = |value, unit| Quantity { value, unit }.to_string();
        assert_eq!(show(100e-15, Unit::Farad), "100 fF");
        assert_eq!(show(2.5e-17, Unit::Joule), "25 aJ");
        assert_eq!(show(0.0, Unit::Volt), "0 V");
        assert_eq!(show(-1.5e-3, Unit::Volt), "-1.5 mV");
        assert_eq!(show(0.02, Unit::One), "0.02");
        assert_eq!(show(4.1e-6, Unit::One), "4.1e-6");
        assert_eq!(show(2000.0, Unit::PerSecond), "2000 1/s");
        assert_eq!(show(2.5e-13, Unit::VoltSquared), "250000 nV^2");
        assert_eq!(show(1e-30, Unit::Farad), "1e-30 F");
        let pi = Quantity {
            value: std::f64::consts::PI * 1e-9,
            unit: Unit::Second,
        };
        assert_eq!(pi.rounded(4), "3.142 ns");
        assert_eq!(pi.rounded(1), "3 ns");
        assert_eq!(Unit::Second.show(999.96e-9, 4), "1 us");
        assert_eq!(Unit::Joule.show(9.5e-9, 3), "9.5 nJ");
        assert_eq!(Unit::Joule.show(f64::NAN, 3), "NaN J");
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back_to_the_same_bits(
            bits in any::<u64>(), unit in prop::sample::select(Unit::ALL)
        ) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite() && value.to_bits() != (-0.0_f64).to_bits());
            let text = Quantity { value, unit }.to_string();
            let back = Quantity::parse(&text, unit).unwrap().value;
            prop_assert_eq!(back.to_bits(), bits, "{}", text);
        }

        #[test]
        fn ordinary_sizes_read_back_too(mantissa in -1e3..1e3_f64, exponent in -20..12_i32,
            unit in prop::sample::select(Unit::ALL)
        ) {
            let value = mantissa * 10_f64.powi(exponent);
            let value: f64 = value;
            let back = Quantity::parse(&Quantity { value, unit }.to_string(), unit).unwrap();
            prop_assert_eq!(back.value.to_bits(), value.to_bits());
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,24}", unit in prop::sample::select(Unit::ALL)) {
            if let Ok(quantity) = Quantity::parse(&text, unit) {
                prop_assert!(quantity.value.is_finite());
            }
        }
    }
}
