//! The same samples under several conditions: groups of tiles side by side, each under its heading.

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

const FIGURE: &str = "sample groups";
/// Width that all tiles share.
const WIDTH: usize = 1200;
/// Least space between the tiles of two groups, and between their headings.
const GROUP_GAP: i32 = 28;

/// The same samples as groups, filled row by row. Shades as in [`SampleGrid`](super::SampleGrid).
#[derive(Clone, Copy, Debug)]
pub struct SampleGroups<'a> {
    /// What this is of: the heading of it all.
    pub title: &'a str,
    /// What there is to say below; what the shades are is added.
    pub caption: &'a str,
    /// Images `[groups, n, pixels]` in [−1, 1], dimensionless.
    pub images: ArrayView3<'a, f32>,
    /// Height, width and channels of an image.
    pub shape: ImageShape,
    /// What stands above each group, `[groups]`.
    pub headings: &'a [String],
    /// Samples below each other before a group gets another column.
    pub rows: usize,
}

impl SampleGroups<'_> {
    /// Writes the figure; the extension of `path` chooses the format.
    ///
    /// # Errors
    /// [`FigureError`].
    pub fn write(&self, path: &Path) -> Result<(), FigureError> {
        canvas::check_path(path)?;
        tiles::check_images(FIGURE, &self.images.into_dyn(), self.shape)?;
        let groups = self.images.len_of(Axis(0));
        if self.headings.len() != groups {
            return Err(FigureError::Length {
                figure: FIGURE,
                what: "headings".to_owned(),
                found: self.headings.len(),
                expected: groups,
            });
        }
        theme::register();
        let layout = Layout::new(*self);
        let (width, height) = layout.size();
        tiles::check_size(FIGURE, width as i32, height as i32)?;
        canvas::save(path, &layout)
    }
}

struct Layout<'a> {
    groups: SampleGroups<'a>,
    /// One block per group.
    sheet: Sheet,
}

impl<'a> Layout<'a> {
    fn new(groups: SampleGroups<'a>) -> Self {
        let samples = groups.images.len_of(Axis(1));
        let columns = samples.div_ceil(groups.rows.max(1));
        let target = WIDTH / (columns * groups.headings.len());
        let mut layout = Self {
            groups,
            sheet: Sheet::new((samples, columns), groups.shape, target),
        };
        let caption = format!(
            "{} {}",
            groups.caption,
            tiles::shades_caption(groups.shape, &groups.images.into_dyn()),
        );
        let width = layout.width();
        layout.sheet.write(groups.title, &caption, width);
        layout
    }

    /// From one group to the next: headings do not touch.
    fn group_pitch(&self) -> i32 {
        let headings = self.groups.headings.iter();
        let widths = headings.map(|line| theme::text_width(line, theme::SMALL));
        self.sheet.block_width().max(widths.max().unwrap_or(0)) + GROUP_GAP
    }

    /// Left edge of the tiles of a group, centred in its share of the width.
    fn group_left(&self, group: usize) -> i32 {
        let spare = self.group_pitch() - GROUP_GAP - self.sheet.block_width();
        self.sheet.origin.0 + group as i32 * self.group_pitch() + spare / 2
    }

    fn width(&self) -> i32 {
        let groups = self.groups.headings.len() as i32;
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
        let groups = self.groups.images.outer_iter().zip(self.groups.headings);
        for (group, (samples, heading)) in groups.enumerate() {
            let left = self.group_left(group);
            let centre = left + self.sheet.block_width() / 2;
            tiles::draw_column_heading(area, heading, centre, self.sheet.headings_top())?;
            self.sheet.draw_block(area, left, &samples)?;
        }
        Ok(())
    }
}
