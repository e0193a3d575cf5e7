//! The same samples at several flow times: noise on the left, images on the right.

use super::{FigureError, canvas, sample_groups::SampleGroups, tiles};
use gradep_core::data::ImageShape;
use ndarray::{ArrayView3, Axis};
use std::path::Path;

const FIGURE: &str = "time strip";
/// Samples below each other before a flow time gets another column.
const ROWS: usize = 10;

/// Samples as rows, flow times as groups of columns.
///
/// Up to ten samples are one column per flow time, more are several, filled row by row. Shades as
/// in [`SampleGrid`](super::SampleGrid).
#[derive(Clone, Copy, Debug)]
pub struct TimeStrip<'a> {
    /// Which run this is: the heading.
    pub run: &'a str,
    /// Images `[times, n, pixels]` in [−1, 1], dimensionless.
    pub images: ArrayView3<'a, f32>,
    /// Height, width and channels of an image.
    pub shape: ImageShape,
    /// Flow time t of each group, `[times]`.
    pub flow_times: &'a [f64],
    /// Seed that the samples were drawn with.
    pub seed: u64,
}

impl TimeStrip<'_> {
    /// Writes the figure; the extension of `path` chooses the format.
    pub fn write(&self, path: &Path) -> Result<(), FigureError> {
        canvas::check_path(path)?;
        tiles::check_images(FIGURE, &self.images.into_dyn(), self.shape)?;
        let times = self.images.len_of(Axis(0));
        super::check::check_series(FIGURE, "flow times", self.flow_times, times)?;
        let samples = self.images.len_of(Axis(1));
        let columns = samples.div_ceil(ROWS);
        let listed: Vec<String> = self.flow_times.iter().map(f64::to_string).collect();
        let plural = if samples == 1 { "sample" } else { "samples" };
        let rows = if columns == 1 {
            "One row per sample".to_owned()
        } else {
            format!("{columns} samples in a row, numbered on the left")
        };
        let caption = format!(
            "{samples} {plural} along the flow, seed {}; t = {}. {rows}.",
            self.seed,
            listed.join(", "),
        );
        let headings = self.flow_times.iter().map(|t| format!("t = {t}"));
        SampleGroups {
            title: self.run,
            caption: &caption,
            images: self.images,
            shape: self.shape,
            headings: &headings.collect::<Vec<_>>(),
            rows: ROWS,
        }
        .write(path)
    }
}
