//! The same samples at several flow times: noise on the left, images on the right.

use super::{
    FigureError,
    canvas::{self, Area, Drawing, Drawn},
    theme, tiles,
};
use ndarray::{ArrayView3, Axis};
use plotters::{prelude::*, style::text_anchor::HPos};
use std::path::Path;

const FIGURE: &str = "time strip";
/// Samples below each other before a flow time gets another column.
const ROWS: usize = 10;
/// Width that all tiles share, and the least and most that one tile gets.
const STRIP_WIDTH: usize = 1200;
const TILE_WIDTHS: (usize, usize) = (32, 96);
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
    /// Square images `[times, n, pixels]` in [−1, 1], dimensionless.
    pub images: ArrayView3<'a, f32>,
    /// Flow time t of each group, `[times]`.
    pub flow_times: &'a [f64],
    /// Seed that the samples were drawn with.
    pub seed: u64,
}

impl TimeStrip<'_> {
    /// Writes the figure; the extension of `path` chooses the format.
    pub fn write(&self, path: &Path) -> Result<(), FigureError> {
        canvas::check_path(path)?;
        let side = tiles::check_images(FIGURE, &self.images.into_dyn())?;
        let times = self.images.len_of(Axis(0));
        super::panel::check_series(FIGURE, "flow times", self.flow_times, times)?;
        theme::register();
        let layout = Layout::new(*self, side);
        let (width, height) = layout.size();
        tiles::check_size(FIGURE, width as i32, height as i32)?;
        canvas::save(path, &layout)
    }
}

/// Where everything goes, device pixels.
struct Layout<'a> {
    strip: TimeStrip<'a>,
    side: usize,
    factor: i32,
    /// Columns of tiles per flow time.
    columns: usize,
    /// Left and top edge of the first tile.
    origin: (i32, i32),
    headings: Vec<String>,
    heading: Vec<String>,
    caption: Vec<String>,
}

impl<'a> Layout<'a> {
    fn new(strip: TimeStrip<'a>, side: usize) -> Self {
        let samples = strip.images.len_of(Axis(1));
        let columns = samples.div_ceil(ROWS);
        let target =
            (STRIP_WIDTH / (columns * strip.flow_times.len())).clamp(TILE_WIDTHS.0, TILE_WIDTHS.1);
        let left = theme::text_width(&samples.to_string(), theme::SMALL) + tiles::HEADING_GAP;
        let top = theme::line_height(theme::SMALL);
        let mut layout = Self {
            strip,
            side,
            factor: tiles::magnification(side, target),
            columns,
            origin: (theme::MARGIN + left, theme::MARGIN + top + 12),
            headings: strip
                .flow_times
                .iter()
                .map(|t| format!("t = {t}"))
                .collect(),
            heading: Vec::new(),
            caption: Vec::new(),
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
            tiles::shades_caption(side, &strip.images.into_dyn()),
        );
        let room = layout.width() - 2 * theme::MARGIN;
        layout.heading = theme::wrap(strip.run, theme::TITLE, room);
        layout.origin.1 += layout.heading.len() as i32 * theme::line_height(theme::TITLE);
        layout.caption = theme::wrap(&caption, theme::SMALL, room);
        layout
    }

    fn rows(&self) -> usize {
        self.strip.images.len_of(Axis(1)).div_ceil(self.columns)
    }

    /// From one tile to the next.
    fn pitch(&self) -> i32 {
        self.side as i32 * self.factor + tiles::GAP
    }

    fn group_width(&self) -> i32 {
        self.columns as i32 * self.pitch() - tiles::GAP
    }

    /// From one flow time to the next: headings do not touch.
    fn group_pitch(&self) -> i32 {
        let widths = self
            .headings
            .iter()
            .map(|line| theme::text_width(line, theme::SMALL));
        self.group_width().max(widths.max().unwrap_or(0)) + GROUP_GAP
    }

    /// Left edge of the tiles of a flow time, centred in its share of the width.
    fn group_left(&self, group: usize) -> i32 {
        let spare = self.group_pitch() - GROUP_GAP - self.group_width();
        self.origin.0 + group as i32 * self.group_pitch() + spare / 2
    }

    fn width(&self) -> i32 {
        let groups = self.strip.flow_times.len() as i32;
        let right = self.origin.0 + groups * self.group_pitch() - GROUP_GAP;
        tiles::figure_width(right - theme::MARGIN)
    }

    fn caption_top(&self) -> i32 {
        self.origin.1 + self.rows() as i32 * self.pitch() + tiles::CAPTION_GAP - tiles::GAP
    }

    fn draw_headings<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        let above = self.origin.1 - theme::line_height(theme::SMALL) - tiles::GAP / 2;
        for (group, heading) in self.headings.iter().enumerate() {
            let centre = self.group_left(group) + self.group_width() / 2;
            tiles::draw_column_heading(area, heading, centre, above)?;
        }
        for row in (0..self.rows()).step_by(tiles::heading_stride(theme::SMALL, self.pitch())) {
            let middle =
                self.origin.1 + row as i32 * self.pitch() + (self.pitch() - tiles::GAP) / 2;
            let first = (row * self.columns).to_string();
            let right = self.group_left(0) - tiles::HEADING_GAP;
            tiles::draw_row_heading(area, &first, right, middle)?;
        }
        Ok(())
    }
}

impl Drawing for Layout<'_> {
    fn size(&self) -> (u32, u32) {
        let caption = self.caption.len() as i32 * theme::line_height(theme::SMALL);
        let height = self.caption_top() + caption + theme::MARGIN;
        let even = |length: i32| {
            length
                .unsigned_abs()
                .next_multiple_of(theme::PIXELS_PER_POINT)
        };
        (even(self.width()), even(height))
    }

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        let margin = theme::MARGIN;
        canvas::draw_lines(
            area,
            &self.heading,
            theme::TITLE,
            (margin, margin),
            HPos::Left,
        )?;
        self.draw_headings(area)?;
        for (group, samples) in self.strip.images.outer_iter().enumerate() {
            let height = self.rows() as i32 * self.pitch() - tiles::GAP;
            let corner = (self.group_left(group), self.origin.1);
            tiles::draw_mat(area, corner, (self.group_width(), height))?;
            for (index, image) in samples.rows().into_iter().enumerate() {
                let (column, row) = (index % self.columns, index / self.columns);
                let corner = (
                    self.group_left(group) + column as i32 * self.pitch(),
                    self.origin.1 + row as i32 * self.pitch(),
                );
                tiles::draw_tile(area, &image, corner, (self.side, self.factor))?;
            }
        }
        let below = (margin, self.caption_top());
        canvas::draw_lines(area, &self.caption, theme::SMALL, below, HPos::Left)
    }
}
