//! Quantities over two keys: numbers in cells.

use super::{PERCENT, StudyFigures, meaning, median_of};
use crate::figure::{KeyAxis, SweepMap, ValueMap};
use bench_hw::sweep::{Axis, Cell};
use ndarray::Array2;

impl StudyFigures<'_> {
    /// Does something with the maps over two keys.
    pub(super) fn maps<T>(
        self,
        rows: &Axis,
        columns: &Axis,
        act: impl FnOnce(&SweepMap<'_>) -> T,
    ) -> T {
        let shape = (rows.values.len(), columns.values.len());
        let map = |value: &dyn Fn(&Cell) -> Option<f64>| {
            let cells = self.document.cells.iter();
            let values: Vec<f64> = cells.map(|cell| value(cell).unwrap_or(f64::NAN)).collect();
            Array2::from_shape_vec(shape, values)
                .unwrap_or_else(|_| Array2::from_elem(shape, f64::NAN))
        };
        let all = [
            (
                format!("{}, median of the chips", self.headline()),
                map(&|cell| median_of(cell, self.decisive())),
            ),
            (
                "yield (% of the chips)".to_owned(),
                map(&|cell| Some(PERCENT * cell.yielded.share.share)),
            ),
            (
                "median velocity error (%)".to_owned(),
                map(&|cell| Some(PERCENT * cell.velocity_error.as_ref()?.median?)),
            ),
        ];
        let maps: Vec<ValueMap<'_>> = all
            .iter()
            .filter(|(_, values)| values.iter().any(|value| value.is_finite()))
            .map(|(title, values)| ValueMap {
                title,
                values: values.view(),
            })
            .collect();
        let (chips, rule) = self.chips_and_rule();
        let ideal = self.ideal_reference().map_or(String::new(), |value| {
            format!(" The ideal chip has a {} of {value:.2}.", self.headline())
        });
        act(&SweepMap {
            heading: &format!(
                "{} and {} on chip {}",
                rows.key, columns.key, self.document.question.chip
            ),
            caption: &format!(
                "{}{}{}{ideal} Yield: {rule}.",
                meaning(&rows.key),
                meaning(&columns.key),
                self.conditions(chips)
            ),
            rows: KeyAxis {
                key: &rows.key,
                values: &rows.values,
            },
            columns: KeyAxis {
                key: &columns.key,
                values: &columns.values,
            },
            maps: &maps,
        })
    }
}
