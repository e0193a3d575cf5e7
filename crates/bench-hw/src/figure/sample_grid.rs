//! Generated images side by side.

use super::{
    FigureError,
    canvas::{self, Area, Drawing, Drawn},
    theme, tiles,
};
use ndarray::ArrayView2;
use plotters::{prelude::*, style::text_anchor::HPos};
use std::path::Path;

const FIGURE: &str = "sample grid";
/// Width that the tiles of a large grid share, and the least and most that one tile gets.
const GRID_WIDTH: usize = 1000;
const TILE_WIDTHS: (usize, usize) = (32, 96);

/// Samples in one block of ⌈√n⌉ columns, in reading order.
///
/// Light on dark: −1 is black, +1 is white; values beyond are clamped for display, and the
/// caption says how many.
#[derive(Clone, Copy, Debug)]
pub struct SampleGrid<'a> {
    /// Which run this is: the heading.
    pub run: &'a str,
    /// Square images `[n, pixels]` in [−1, 1], dimensionless.
    pub images: ArrayView2<'a, f32>,
    /// Seed that the samples were drawn with.
    pub seed: u64,
    /// Flow time t at which they were taken.
    pub flow_time: f64,
}

impl SampleGrid<'_> {
    /// Writes the figure; the extension of `path` chooses the format.
    pub fn write(&self, path: &Path) -> Result<(), FigureError> {
        canvas::check_path(path)?;
        let side = tiles::check_images(FIGURE, &self.images.into_dyn())?;
        if !self.flow_time.is_finite() {
            return Err(FigureError::NotFinite {
                figure: FIGURE,
                what: "flow time".to_owned(),
                index: 0,
                value: self.flow_time,
            });
        }
        theme::register();
        let layout = Layout::new(*self, side);
        let (width, height) = layout.size();
        tiles::check_size(FIGURE, width as i32, height as i32)?;
        canvas::save(path, &layout)
    }
}

/// Where everything goes, device pixels.
struct Layout<'a> {
    grid: SampleGrid<'a>,
    side: usize,
    factor: i32,
    columns: usize,
    /// Left and top edge of the first tile.
    origin: (i32, i32),
    heading: Vec<String>,
    caption: Vec<String>,
}

impl<'a> Layout<'a> {
    fn new(grid: SampleGrid<'a>, side: usize) -> Self {
        let samples = grid.images.nrows();
        let columns = samples.isqrt() + usize::from(samples.isqrt().pow(2) < samples);
        let target = (GRID_WIDTH / columns).clamp(TILE_WIDTHS.0, TILE_WIDTHS.1);
        let left = theme::text_width(&samples.to_string(), theme::SMALL) + tiles::HEADING_GAP;
        let top = theme::line_height(theme::SMALL);
        let mut layout = Self {
            grid,
            side,
            factor: tiles::magnification(side, target),
            columns,
            origin: (theme::MARGIN + left, theme::MARGIN + top + 12),
            heading: Vec::new(),
            caption: Vec::new(),
        };
        let plural = if samples == 1 { "sample" } else { "samples" };
        let caption = format!(
            "{samples} {plural} at flow time t = {}, seed {}. {} A sample's number is its row's \
             plus its column's.",
            grid.flow_time,
            grid.seed,
            tiles::shades_caption(side, &grid.images.into_dyn()),
        );
        let room = layout.width() - 2 * theme::MARGIN;
        layout.heading = theme::wrap(grid.run, theme::TITLE, room);
        layout.origin.1 += layout.heading.len() as i32 * theme::line_height(theme::TITLE);
        layout.caption = theme::wrap(&caption, theme::SMALL, room);
        layout
    }

    fn rows(&self) -> usize {
        self.grid.images.nrows().div_ceil(self.columns)
    }

    /// From one tile to the next.
    fn pitch(&self) -> i32 {
        self.side as i32 * self.factor + tiles::GAP
    }

    fn width(&self) -> i32 {
        let tiles_right = self.origin.0 + self.columns as i32 * self.pitch() - tiles::GAP;
        tiles::figure_width(tiles_right - theme::MARGIN)
    }

    fn caption_top(&self) -> i32 {
        self.origin.1 + self.rows() as i32 * self.pitch() + tiles::CAPTION_GAP - tiles::GAP
    }

    fn draw_headings<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        let edge = self.pitch() - tiles::GAP;
        let (left, top) = self.origin;
        let widest = theme::text_width(&format!("+{}", self.columns - 1), theme::SMALL);
        for column in (0..self.columns).step_by(tiles::heading_stride(widest, self.pitch())) {
            let centre = left + column as i32 * self.pitch() + edge / 2;
            let above = top - theme::line_height(theme::SMALL) - tiles::GAP / 2;
            tiles::draw_column_heading(area, &format!("+{column}"), centre, above)?;
        }
        for row in (0..self.rows()).step_by(tiles::heading_stride(theme::SMALL, self.pitch())) {
            let middle = top + row as i32 * self.pitch() + edge / 2;
            let first = (row * self.columns).to_string();
            tiles::draw_row_heading(area, &first, left - tiles::HEADING_GAP, middle)?;
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
        let block = (
            self.columns as i32 * self.pitch() - tiles::GAP,
            self.rows() as i32 * self.pitch() - tiles::GAP,
        );
        tiles::draw_mat(area, self.origin, block)?;
        for (index, image) in self.grid.images.rows().into_iter().enumerate() {
            let (column, row) = (index % self.columns, index / self.columns);
            let corner = (
                self.origin.0 + column as i32 * self.pitch(),
                self.origin.1 + row as i32 * self.pitch(),
            );
            tiles::draw_tile(area, &image, corner, (self.side, self.factor))?;
        }
        let below = (margin, self.caption_top());
        canvas::draw_lines(area, &self.caption, theme::SMALL, below, HPos::Left)
    }
}
