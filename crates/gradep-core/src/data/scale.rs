//! The one place where pixels become numbers from −1 to 1.

use super::{DataError, Values};
use std::cell::Cell;

/// A linear map, low to −1 and high to +1; or none, which keeps account of what it sees.
pub(super) struct Scale {
    low: f64,
    high: f64,
    seen: Option<Cell<(f64, f64, bool)>>,
}

impl Scale {
    /// Low below high, a finite distance apart.
    pub(super) fn new(low: f64, high: f64) -> Result<Self, DataError> {
        if low < high && (high - low).is_finite() {
            Ok(Self {
                low,
                high,
                seen: None,
            })
        } else {
            Err(DataError::Range { low, high })
        }
    }

    /// Leaves finite values as they are, and notes their range.
    pub(super) fn as_they_are() -> Self {
        Self {
            low: f64::MIN,
            high: f64::MAX,
            seen: Some(Cell::new((f64::INFINITY, f64::NEG_INFINITY, true))),
        }
    }

    /// What values were seen.
    pub(super) fn seen(&self) -> Values {
        let (smallest, largest, whole) = self.seen.as_ref().map(Cell::get).unwrap_or_default();
        Values::Numbers {
            smallest,
            largest,
            whole,
        }
    }

    /// A pixel, scaled; `place` says where it is, if it is out of range or NaN.
    pub(super) fn pixel(
        &self,
        value: f64,
        source: &str,
        place: impl FnOnce() -> String,
    ) -> Result<f32, DataError> {
        if (self.low..=self.high).contains(&value) {
            if let Some(seen) = &self.seen {
                let (smallest, largest, whole) = seen.get();
                let whole = whole && value.fract() == 0.0;
                seen.set((smallest.min(value), largest.max(value), whole));
                return Ok(value as f32);
            }
            // Exactly 0 and 1 at the ends.
            let share = (value - self.low) / (self.high - self.low);
            return Ok((2.0 * share - 1.0) as f32);
        }
        Err(DataError::OutOfRange {
            source_name: source.to_owned(),
            place: place(),
            value,
            low: self.low,
            high: self.high,
        })
    }

    /// What a scaled pixel was in the file, but for rounding.
    pub(super) fn value(&self, pixel: f32) -> f64 {
        if self.seen.is_some() {
            return f64::from(pixel);
        }
        self.low + 0.5 * (f64::from(pixel) + 1.0) * (self.high - self.low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_ends_are_hit_exactly_and_nothing_leaves_them(
            a in -1e307..1e307, b in -1e307..1e307, share in 0.0_f64..=1.0,
        ) {
            let (low, high) = (f64::min(a, b), f64::max(a, b));
            prop_assume!(low < high);
            let scale = Scale::new(low, high).unwrap();
            let pixel = |value| scale.pixel(value, "", String::new).unwrap();
            prop_assert_eq!((pixel(low), pixel(high)), (-1.0, 1.0));
            let between = f64::clamp(low * (1.0 - share) + high * share, low, high);
            prop_assert!((-1.0..=1.0).contains(&pixel(between)));
        }
    }

    #[test]
    fn a_range_orders_two_numbers() {
        for (low, high) in [
            (1.0, 1.0),
            (2.0, 1.0),
            (f64::NAN, 1.0),
            (0.0, f64::INFINITY),
        ] {
            assert!(matches!(
                Scale::new(low, high),
                Err(DataError::Range { .. })
            ));
        }
    }
}
