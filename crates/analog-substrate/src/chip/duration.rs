//! How long a chip is left to relax: in seconds, or in time constants of its nodes.

use super::Design;
use std::{fmt, str::FromStr};
use units::fault::{Blame, Fault};

/// A length of time, finite and above 0.
///
/// ```
/// use analog_substrate::{chip::Duration, hw_spec::Spec};
///
/// let design = Spec::load("D3")?.design();
/// let settle: Duration = "300 ns".parse()?;
/// assert_eq!(settle, Duration::Seconds(3e-7));
/// assert!((settle.time_constants(&design) - 3e-7 / design.time_constant()).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Duration {
    /// Seconds.
    Seconds(f64),
    /// Multiples of τ = C / g_unit.
    TimeConstants(f64),
}

/// A text is not a [`Duration`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a duration; expected a number above 0 and one of s, ms, us, ns, ps, fs, tau, \
     such as \"300ns\" or \"30 tau\""
)]
pub struct DurationError {
    /// What was given.
    pub text: String,
}

impl Blame for DurationError {
    fn fault(&self) -> Fault {
        Fault::Input
    }
}

impl Duration {
    /// In seconds, on this design.
    pub fn seconds(self, design: &Design) -> f64 {
        match self {
            Self::Seconds(seconds) => seconds,
            Self::TimeConstants(number) => number * design.time_constant(),
        }
    }

    /// In units of τ, on this design.
    pub fn time_constants(self, design: &Design) -> f64 {
        match self {
            Self::Seconds(seconds) => seconds / design.time_constant(),
            Self::TimeConstants(number) => number,
        }
    }
}

impl FromStr for Duration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        let error = || DurationError {
            text: text.to_owned(),
        };
        // The unit is the trailing run of letters; no unit is spelled like an exponent.
        let unit_start = text
            .trim_end()
            .rfind(|c: char| !c.is_alphabetic())
            .map_or(0, |last| {
                last + text[last..].chars().next().map_or(1, char::len_utf8)
            });
        let (number, unit) = text.trim_end().split_at(unit_start);
        let number: f64 = number.trim().parse().map_err(|_| error())?;
        // Divided where that is exact: "300ns" is the number nearest to 3e-7.
        let duration = match unit {
            "s" => Self::Seconds(number),
            "ms" => Self::Seconds(number / 1e3),
            "us" | "µs" | "μs" => Self::Seconds(number / 1e6),
            "ns" => Self::Seconds(number / 1e9),
            "ps" => Self::Seconds(number / 1e12),
            "fs" => Self::Seconds(number / 1e15),
            "tau" | "τ" => Self::TimeConstants(number),
            _ => return Err(error()),
        };
        let (Self::Seconds(value) | Self::TimeConstants(value)) = duration;
        if value > 0.0 && value.is_finite() {
            Ok(duration)
        } else {
            Err(error())
        }
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seconds(seconds) => write!(f, "{seconds:e} s"),
            Self::TimeConstants(number) => write!(f, "{number} tau"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn units_and_spaces() {
        for (text, duration) in [
            ("300ns", Duration::Seconds(3e-7)),
            ("300 ns", Duration::Seconds(3e-7)),
            (" 1.5us ", Duration::Seconds(1.5e-6)),
            ("1.5 µs", Duration::Seconds(1.5e-6)),
            ("1e-7 s", Duration::Seconds(1e-7)),
            ("30tau", Duration::TimeConstants(30.0)),
            ("30 τ", Duration::TimeConstants(30.0)),
            ("2e1 tau", Duration::TimeConstants(20.0)),
        ] {
            assert_eq!(text.parse(), Ok(duration), "{text}");
        }
    }

    #[test]
    fn seconds_and_time_constants_are_related_by_the_node() {
        // D3's node: 100 fF / 10 µS = 10 ns.
        let design = Design::ideal();
        let thirty = Duration::TimeConstants(30.0);
        assert!((thirty.seconds(&design) - 3e-7).abs() < 1e-20);
        let same = Duration::Seconds(3e-7).time_constants(&design);
        assert!((same - 30.0).abs() < 1e-12, "{same}");
    }

    #[test]
    fn what_is_no_duration_is_named() {
        for text in [
            "", "ns", "300", "300 n", "-3ns", "0tau", "inf s", "nan s", "1e400 s", "3 m s", "ns 3",
            "30TAU",
        ] {
            let error = text.parse::<Duration>().unwrap_err();
            assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,12}") {
            let _ = text.parse::<Duration>();
        }

        #[test]
        fn what_is_printed_is_read_back(value in 1e-15..1e3_f64, in_tau: bool) {
            let duration = if in_tau {
                Duration::TimeConstants(value)
            } else {
                Duration::Seconds(value)
            };
            prop_assert_eq!(duration.to_string().parse(), Ok(duration));
        }
    }
}
