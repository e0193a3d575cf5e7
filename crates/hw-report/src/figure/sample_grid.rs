//! Generated images side by side.

use super::{
    FigureError,
    canvas::{self, Area, Drawing, Drawn},
    sheet::Sheet,
    theme,
    tiles::{self, shades_caption},
};
use gradep_core::data::ImageShape;
use ndarray::{Array2, ArrayView2};
use plotters::prelude::DrawingBackend;
use std::path::Path;

const FIGURE: &str = "sample grid";
/// Width that the tiles of a large grid share.
const GRID_WIDTH: usize = 1000;

/// Samples in one block of ⌈√n⌉ columns, in reading order, each at the right of what was given of it, if anything was.
///
/// Light on dark: −1 is black, +1 is white, three channels are red, green and blue; values beyond are clamped for
/// display, and the caption says how many.
#[derive(Clone, Copy, Debug)]
pub struct SampleGrid<'a> {
    /// Which run this is: the heading.
    pub run: &'a str,
    /// Images `[n, pixels]` in [−1, 1], dimensionless.
    pub images: ArrayView2<'a, f32>,
    /// What was given of each, `[n, pixels]`; NaN, drawn in middle grey, where nothing was.
    pub given: Option<ArrayView2<'a, f32>>,
    /// Height, width and channels of an image.
    pub shape: ImageShape,
    /// Seed that the samples were drawn with.
    pub seed: u64,
    /// Flow time t at which they were taken.
    pub flow_time: f64,
}

impl SampleGrid<'_> {
    /// Writes the figure; the extension of `path` chooses the format.
    pub fn write(&self, path: &Path) -> Result<(), FigureError> {
        canvas::check_path(path)?;
        tiles::check_images(FIGURE, &self.images.into_dyn(), self.shape)?;
        if !self.flow_time.is_finite() {
            return Err(FigureError::NotFinite {
                figure: FIGURE,
                what: "flow time".to_owned(),
                index: 0,
                value: self.flow_time,
            });
        }
        if let Some(given) = &self.given {
            check_given(given, &self.images)?;
        }
        theme::register();
        let tiles = self.tiles();
        let layout = Layout::new(*self, tiles);
        let (width, height) = layout.size();
        tiles::check_size(FIGURE, width as i32, height as i32)?;
        canvas::save(path, &layout)
    }
}

/// Columns between what was given and what was found.
const GAP: usize = 1;

impl SampleGrid<'_> {
    /// What is drawn of each sample, and its shape: the image, or what was given beside it.
    fn tiles(&self) -> Tiles {
        let shape = self.shape;
        let Some(given) = &self.given else {
            return Tiles {
                images: self.images.to_owned(),
                shape,
            };
        };
        let width = 2 * shape.width + GAP;
        let wide = ImageShape::of_axes(&[shape.height, width, shape.channels]).unwrap_or(shape);
        let mut images = Array2::from_elem((self.images.nrows(), wide.pixels()), 1.0);
        for ((mut tile, given), found) in (images.rows_mut().into_iter())
            .zip(given.rows())
            .zip(self.images.rows())
        {
            for row in 0..shape.height {
                for column in 0..shape.width {
                    for channel in 0..shape.channels {
                        let from = shape.place(row, column, channel);
                        let known = given[from];
                        tile[wide.place(row, column, channel)] =
                            if known.is_nan() { 0.0 } else { known };
                        let right = column + shape.width + GAP;
                        tile[wide.place(row, right, channel)] = found[from];
                    }
                }
            }
        }
        Tiles {
            images,
            shape: wide,
        }
    }
}

/// Images as they are drawn.
struct Tiles {
    images: Array2<f32>,
    shape: ImageShape,
}

/// As many given images as samples, of numbers or NaN.
fn check_given(
    given: &ArrayView2<'_, f32>,
    images: &ArrayView2<'_, f32>,
) -> Result<(), FigureError> {
    if given.dim() != images.dim() {
        return Err(FigureError::Length {
            figure: FIGURE,
            what: "given pixels".to_owned(),
            found: given.len(),
            expected: images.len(),
        });
    }
    match given.iter().position(|value| value.is_infinite()) {
        None => Ok(()),
        Some(index) => Err(FigureError::NotFinite {
            figure: FIGURE,
            what: "given pixels".to_owned(),
            index,
            value: f64::INFINITY,
        }),
    }
}

struct Layout {
    tiles: Tiles,
    sheet: Sheet,
}

impl Layout {
    fn new(grid: SampleGrid<'_>, tiles: Tiles) -> Self {
        let samples = grid.images.nrows();
        let columns = samples.isqrt() + usize::from(samples.isqrt().pow(2) < samples);
        let sheet = Sheet::new((samples, columns), tiles.shape, GRID_WIDTH / columns);
        let mut layout = Self { tiles, sheet };
        let plural = if samples == 1 { "sample" } else { "samples" };
        let caption = format!(
            "{samples} {plural} at flow time t = {}, seed {}. {}{} A sample's number is its row's \
             plus its column's.",
            grid.flow_time,
            grid.seed,
            match grid.given {
                Some(_) => "Left of each what was given, grey where nothing was. ",
                None => "",
            },
            shades_caption(grid.shape, &grid.images.into_dyn()),
        );
        let width = layout.width();
        layout.sheet.write(grid.run, &caption, width);
        layout
    }

    fn width(&self) -> i32 {
        let right = self.sheet.origin.0 + self.sheet.block_width();
        tiles::figure_width(right - theme::MARGIN)
    }

    fn draw_headings<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        let (sheet, pitch) = (&self.sheet, self.sheet.pitch());
        let widest = theme::text_width(&format!("+{}", sheet.columns - 1), theme::SMALL);
        for column in (0..sheet.columns).step_by(tiles::heading_stride(widest, pitch)) {
            let centre = sheet.origin.0 + column as i32 * pitch + sheet.tile_width() / 2;
            let heading = format!("+{column}");
            tiles::draw_column_heading(area, &heading, centre, sheet.headings_top())?;
        }
        Ok(())
    }
}

impl Drawing for Layout {
    fn size(&self) -> (u32, u32) {
        self.sheet.size(self.width())
    }

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        let left = self.sheet.origin.0;
        self.draw_headings(area)?;
        self.sheet.draw_texts(area, left)?;
        self.sheet.draw_block(area, left, &self.tiles.images.view())
    }
}
