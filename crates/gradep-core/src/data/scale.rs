//! The one place where pixels become numbers from −1 to 1.

use super::DataError;

/// A linear map, low to −1 and high to +1.
pub(super) struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    /// Low below high, a finite distance apart.
    pub(super) fn new(low: f64, high: f64) -> Result<Self, DataError> {
        if low < high && (high - low).is_finite() {
            Ok(Self { low, high })
        } else {
            Err(DataError::Range { low, high })
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
