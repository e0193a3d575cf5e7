//! Blocks of numbered tiles below a heading and above a caption.

use super::{
    canvas::{self, Area, Drawn},
    theme, tiles,
};
use gradep_core::data::ImageShape;
use ndarray::ArrayView2;
use plotters::{prelude::*, style::text_anchor::HPos};

/// Least and most that one tile gets, device pixels.
const TILE_WIDTHS: (usize, usize) = (32, 96);

/// What the figures made of tiles have in common: where a block of them goes, device pixels.
///
/// Rows are numbered on the left of the first block by the first sample in them.
pub(super) struct Sheet {
    samples: usize,
    /// Of an image, and device pixels for each of its pixels.
    shape: ImageShape,
    factor: i32,
    /// Tiles in a row of a block.
    pub(super) columns: usize,
    /// Left and top edge of the first tile.
    pub(super) origin: (i32, i32),
    heading: Vec<String>,
    caption: Vec<String>,
}

impl Sheet {
    /// Blocks of `samples` images, `columns` in a row, with tiles about `target` wide.
    pub(super) fn new(
        (samples, columns): (usize, usize),
        shape: ImageShape,
        target: usize,
    ) -> Self {
        let left = theme::text_width(&samples.to_string(), theme::SMALL) + tiles::HEADING_GAP;
        let top = theme::line_height(theme::SMALL);
        Self {
            samples,
            shape,
            factor: tiles::magnification(
                tiles::tile_size(shape),
                target.clamp(TILE_WIDTHS.0, TILE_WIDTHS.1),
            ),
            columns,
            origin: (theme::MARGIN + left, theme::MARGIN + top + 12),
            heading: Vec::new(),
            caption: Vec::new(),
        }
    }

    /// Sets heading and caption, broken into lines for a figure of this width.
    pub(super) fn write(&mut self, heading: &str, caption: &str, width: i32) {
        let room = width - 2 * theme::MARGIN;
        self.heading = theme::wrap(heading, theme::TITLE, room);
        self.origin.1 += self.heading.len() as i32 * theme::line_height(theme::TITLE);
        self.caption = theme::wrap(caption, theme::SMALL, room);
    }

    /// From one tile to the next beside it.
    pub(super) fn pitch(&self) -> i32 {
        self.tile_width() + tiles::GAP
    }

    /// From one tile to the next below it.
    fn row_pitch(&self) -> i32 {
        self.tile_height() + tiles::GAP
    }

    pub(super) fn tile_width(&self) -> i32 {
        tiles::tile_size(self.shape).0 as i32 * self.factor
    }

    fn tile_height(&self) -> i32 {
        tiles::tile_size(self.shape).1 as i32 * self.factor
    }

    pub(super) fn block_width(&self) -> i32 {
        self.columns as i32 * self.pitch() - tiles::GAP
    }

    fn rows(&self) -> usize {
        self.samples.div_ceil(self.columns)
    }

    fn block_height(&self) -> i32 {
        self.rows() as i32 * self.row_pitch() - tiles::GAP
    }

    fn caption_top(&self) -> i32 {
        self.origin.1 + self.block_height() + tiles::CAPTION_GAP
    }

    /// Top of the headings above the tiles.
    pub(super) fn headings_top(&self) -> i32 {
        self.origin.1 - theme::line_height(theme::SMALL) - tiles::GAP / 2
    }

    /// Width and height of a figure this wide, in whole points.
    pub(super) fn size(&self, width: i32) -> (u32, u32) {
        let caption = self.caption.len() as i32 * theme::line_height(theme::SMALL);
        let height = self.caption_top() + caption + theme::MARGIN;
        let whole = |length: i32| {
            length
                .unsigned_abs()
                .next_multiple_of(theme::PIXELS_PER_POINT)
        };
        (whole(width), whole(height))
    }

    /// Draws heading, caption and, with the first block at `left`, the numbers of the rows.
    pub(super) fn draw_texts<DB: DrawingBackend>(&self, area: &Area<DB>, left: i32) -> Drawn<DB> {
        let corner = (theme::MARGIN, theme::MARGIN);
        canvas::draw_lines(area, &self.heading, theme::TITLE, corner, HPos::Left)?;
        for row in (0..self.rows()).step_by(tiles::heading_stride(theme::SMALL, self.row_pitch())) {
            let middle = self.origin.1 + row as i32 * self.row_pitch() + self.tile_height() / 2;
            let first = (row * self.columns).to_string();
            tiles::draw_row_heading(area, &first, left - tiles::HEADING_GAP, middle)?;
        }
        let below = (theme::MARGIN, self.caption_top());
        canvas::draw_lines(area, &self.caption, theme::SMALL, below, HPos::Left)
    }

    /// Draws a block of images `[n, pixels]`, in reading order, with its left edge at `left`.
    pub(super) fn draw_block<DB: DrawingBackend>(
        &self,
        area: &Area<DB>,
        left: i32,
        images: &ArrayView2<'_, f32>,
    ) -> Drawn<DB> {
        let block = (self.block_width(), self.block_height());
        tiles::draw_mat(area, (left, self.origin.1), block)?;
        for (index, image) in images.rows().into_iter().enumerate() {
            let (column, row) = (index % self.columns, index / self.columns);
            let corner = (
                left + column as i32 * self.pitch(),
                self.origin.1 + row as i32 * self.row_pitch(),
            );
            tiles::draw_tile(area, &image, corner, (self.shape, self.factor))?;
        }
        Ok(())
    }
}
