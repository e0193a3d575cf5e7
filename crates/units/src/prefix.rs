//! Engineering prefixes: one table for what is read and written, and the typography of figures.

/// SI prefixes with their power of ten, smallest first.
pub(crate) const PREFIXES: &[(&str, i32)] = &[
    ("a", -18),
    ("f", -15),
    ("p", -12),
    ("n", -9),
    ("u", -6),
    ("m", -3),
    ("", 0),
    ("k", 3),
    ("M", 6),
    ("G", 9),
    ("T", 12),
];

/// Powers of ten of the first and the last prefix that figures use.
const SHOWN: (i32, i32) = (-18, 6);

/// The prefix of a unit, and what it stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prefix {
    /// `n` in `ns`.
    pub symbol: &'static str,
    /// Prefixed units per unit: 10⁹ for `n`.
    pub per_unit: f64,
}

impl Prefix {
    /// The prefix with which a value of this size lies between 1 and 1000; none for 0.
    pub fn of(largest: f64) -> Self {
        let power = if largest.abs() > 0.0 {
            // What rounding has made a little less than a power of ten counts as one.
            ((largest.abs().log10() + 1e-9) / 3.0).floor() * 3.0
        } else {
            0.0
        };
        let power = (power as i32).clamp(SHOWN.0, SHOWN.1);
        let symbol = PREFIXES.iter().find(|(_, ten)| *ten == power);
        Self {
            symbol: match symbol {
                Some(("u", _)) => "µ",
                Some((symbol, _)) => symbol,
                None => "",
            },
            per_unit: 10_f64.powi(-power),
        }
    }
}

/// A quantity as figures write it, with this many significant digits at most: `203.5 µV`, with a minus sign and µ.
/// [`Unit::show`](crate::Unit::show) writes what files and terminals hold.
pub fn quantity(value: f64, unit: &str, digits: usize) -> String {
    let prefix = Prefix::of(value);
    let scaled = value * prefix.per_unit;
    format!("{} {}{unit}", significant(scaled, digits), prefix.symbol)
}

/// A number with this many significant digits at most, without trailing zeros.
pub fn significant(value: f64, digits: usize) -> String {
    let before = if value.abs() > 0.0 {
        value.abs().log10().floor() as i32 + 1
    } else {
        1
    };
    let digits = i32::try_from(digits).unwrap_or(i32::MAX);
    let decimals = usize::try_from(digits.saturating_sub(before)).unwrap_or(0);
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lie_between_one_and_a_thousand() {
        for (value, expected) in [
            (1e-8, "10 ns"),
            (3e-7, "300 ns"),
            (1e-6 * (1.0 + f64::EPSILON), "1 µs"),
            (1e-6 * (1.0 - f64::EPSILON), "1 µs"),
            (4.5678e-2, "45.7 ms"),
            (-2.5e-17, "−25 as"),
            (1e-22, "0.0001 as"),
            (12.0, "12 s"),
            (0.0, "0 s"),
            (2.5e10, "25000 Ms"),
        ] {
            assert_eq!(quantity(value, "s", 3), expected);
        }
    }
}
