//! What the lines of a panel, or of all panels of a figure, are called.

use super::{canvas::Area, theme};
use plotters::{
    prelude::*,
    style::text_anchor::{HPos, VPos},
};

/// Length of a line in a legend, and the space after it.
const SWATCH: i32 = 44;
const SWATCH_GAP: i32 = 12;
/// Space between two entries of a legend.
const ENTRY_GAP: i32 = 36;

/// Text, style of the line, whether it is dashed.
pub(super) type Entry<'a> = (&'a str, ShapeStyle, bool);

/// Draws a legend in rows from `(left, top)` to `right`, above a plot so that it covers no curve;
/// returns the height it takes.
pub(super) fn draw<DB: DrawingBackend>(
    area: &Area<DB>,
    entries: &[Entry<'_>],
    (left, top): (i32, i32),
    right: i32,
) -> Result<i32, DrawingAreaErrorKind<DB::ErrorType>> {
    for (&(label, style, dashed), (x, y)) in entries.iter().zip(places(entries, left, right)) {
        let middle = top + y + theme::line_height(theme::SMALL) / 2;
        let pieces = if dashed {
            vec![(0, 14), (24, 38)]
        } else {
            vec![(0, SWATCH)]
        };
        for (from, to) in pieces {
            area.draw(&PathElement::new(
                vec![(x + from, middle), (x + to, middle)],
                style,
            ))?;
        }
        let style = theme::text(theme::SMALL, HPos::Left, VPos::Center);
        area.draw(&Text::new(
            label,
            (x + SWATCH + SWATCH_GAP, middle + theme::MIDDLE),
            style,
        ))?;
    }
    Ok(height(entries, left, right))
}

/// Where the entries of a legend begin, `y` from its top.
fn places(entries: &[Entry<'_>], left: i32, right: i32) -> Vec<(i32, i32)> {
    let (mut x, mut y) = (left, 0);
    entries
        .iter()
        .map(|(label, ..)| {
            let width = SWATCH + SWATCH_GAP + theme::text_width(label, theme::SMALL);
            if x > left && x + width > right {
                (x, y) = (left, y + theme::line_height(theme::SMALL));
            }
            let place = (x, y);
            x += width + ENTRY_GAP;
            place
        })
        .collect()
}

/// Height of a legend in a row from `left` to `right`.
pub(super) fn height(entries: &[Entry<'_>], left: i32, right: i32) -> i32 {
    let last = places(entries, left, right).last().map(|place| place.1);
    last.map_or(0, |y| y + theme::line_height(theme::SMALL))
}
