//! The same samples at several flow times: noise on the left, images on the right.

use super::{
    FigureError,
    canvas::{self, Area, Drawing, Drawn},
    sheet::Sheet,
    theme, tiles,
};
use gradep_core::data::ImageShape;
use ndarray::{ArrayView3, Axis};
use plotters::prelude::DrawingBackend;
use std::path::Path;

const FIGURE: &str = "time strip";
/// Samples below each other before a flow time gets another column.
const ROWS: usize = 10;
/// Width that all tiles share.
const STRIP_WIDTH: usize = 1200;
/// Least space between the tiles of two flow times, and between their headings.
const GROUP_GAP: i32 = 28;

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
        theme::register();
        let layout = Layout::new(*self);
        let (width, height) = layout.size();
        tiles::check_size(FIGURE, width as i32, height as i32)?;
        canvas::save(path, &layout)
    }
}

struct Layout<'a> {
    strip: TimeStrip<'a>,
    /// One block per flow time.
    sheet: Sheet,
    headings: Vec<String>,
}

impl<'a> Layout<'a> {
    fn new(strip: TimeStrip<'a>) -> Self {
        let samples = strip.images.len_of(Axis(1));
        let columns = samples.div_ceil(ROWS);
        let target = STRIP_WIDTH / (columns * strip.flow_times.len());
        let mut layout = Self {
            strip,
            sheet: Sheet::new((samples, columns), strip.shape, target),
            headings: strip
                .flow_times
                .iter()
                .map(|t| format!("t = {t}"))
                .collect(),
        };
        let listed: Vec<String> = strip.flow_times.iter().map(f64::to_string).collect();
        let plural = if samples == 1 { "sample" } else { "samples" };
        let rows = if columns == 1 {
            "One row per sample".to_owned()
        } else {
            format!("{columns} samples in a row, numbered on the left")
        };
        let caption = format!(
            "{samples} {plural} along the flow, seed {}; t = {}. {rows}. {}",
            strip.seed,
            listed.join(", "),
            tiles::shades_caption(strip.shape, &strip.images.into_dyn()),
        );
        let width = layout.width();
        layout.sheet.write(strip.run, &caption, width);
        layout
    }

    /// From one flow time to the next: headings do not touch.
    fn group_pitch(&self) -> i32 {
        let widths = self
            .headings
            .iter()
            .map(|line| theme::text_width(line, theme::SMALL));
        self.sheet.block_width().max(widths.max().unwrap_or(0)) + GROUP_GAP
    }

    /// Left edge of the tiles of a flow time, centred in its share of the width.
    fn group_left(&self, group: usize) -> i32 {
        let spare = self.group_pitch() - GROUP_GAP - self.sheet.block_width();
        self.sheet.origin.0 + group as i32 * self.group_pitch() + spare / 2
    }

    fn width(&self) -> i32 {
        let groups = self.strip.flow_times.len() as i32;
        let right = self.sheet.origin.0 + groups * self.group_pitch() - GROUP_GAP;
        tiles::figure_width(right - theme::MARGIN)
    }
}

impl Drawing for Layout<'_> {
    fn size(&self) -> (u32, u32) {
        self.sheet.size(self.width())
    }

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        self.sheet.draw_texts(area, self.group_left(0))?;
        let groups = self.strip.images.outer_iter().zip(&self.headings);
        for (group, (samples, heading)) in groups.enumerate() {
            let left = self.group_left(group);
            let centre = left + self.sheet.block_width() / 2;
            tiles::draw_column_heading(area, heading, centre, self.sheet.headings_top())?;
            self.sheet.draw_block(area, left, &samples)?;
        }
        Ok(())
    }
}
