//! What the numbers of a figure have to be.

use super::FigureError;

/// Checks that `values` is not empty and finite.
pub(super) fn check_finite(
    figure: &'static str,
    what: &str,
    values: &[f64],
) -> Result<(), FigureError> {
    if values.is_empty() {
        return Err(FigureError::Empty {
            figure,
            what: what.to_owned(),
        });
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(FigureError::NotFinite {
            figure,
            what: what.to_owned(),
            index,
            value: values[index],
        }),
        None => Ok(()),
    }
}

/// Checks that `values` has `expected` elements, at least one, all finite.
pub(super) fn check_series(
    figure: &'static str,
    what: &str,
    values: &[f64],
    expected: usize,
) -> Result<(), FigureError> {
    if values.len() != expected {
        return Err(FigureError::Length {
            figure,
            what: what.to_owned(),
            found: values.len(),
            expected,
        });
    }
    check_finite(figure, what, values)
}

/// Checks that no value is below `least` (`expected` in words).
pub(super) fn check_at_least(
    figure: &'static str,
    what: &str,
    values: &[f64],
    (least, expected): (f64, &'static str),
) -> Result<(), FigureError> {
    match values.iter().position(|&value| value < least) {
        Some(index) => Err(FigureError::OutOfRange {
            figure,
            what: what.to_owned(),
            index,
            value: values[index],
            expected,
        }),
        None => Ok(()),
    }
}
