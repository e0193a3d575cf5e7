//! Images as tiles, pixel by pixel: grey, in colour, or channel beside channel.

use super::{
    FigureError,
    canvas::{Area, Drawn},
    theme,
};
use gradep_core::data::ImageShape;
use ndarray::{ArrayView1, ArrayViewD};
use plotters::{
    prelude::*,
    style::text_anchor::{HPos, VPos},
};

/// Between two tiles, device pixels.
pub(super) const GAP: i32 = 8;
/// Between tiles and the caption below them.
pub(super) const CAPTION_GAP: i32 = 20;
/// Between headings and tiles.
pub(super) const HEADING_GAP: i32 = 14;
/// Captions are not broken to less than this, however narrow the tiles are.
const CAPTION_WIDTH: i32 = 840;
/// Widest and highest picture, device pixels: 800 MB of colours.
const LARGEST: usize = 16_384;

/// Checks that there is something to draw in images whose last axis is the pixel, that they have this shape, and
/// that every value is finite.
pub(super) fn check_images(
    figure: &'static str,
    images: &ArrayViewD<'_, f32>,
    shape: ImageShape,
) -> Result<(), FigureError> {
    if images.is_empty() {
        return Err(FigureError::Empty {
            figure,
            what: "images".to_owned(),
        });
    }
    let pixels = images.shape()[images.ndim() - 1];
    let expected = shape.pixels();
    if pixels != expected {
        return Err(FigureError::Shape {
            figure,
            pixels,
            expected,
            shape,
        });
    }
    match images
        .iter()
        .enumerate()
        .find(|(_, value)| !value.is_finite())
    {
        Some((index, &value)) => Err(FigureError::NotFinite {
            figure,
            what: "a pixel".to_owned(),
            index,
            value: f64::from(value),
        }),
        None => Ok(()),
    }
}

/// Refuses pictures that no viewer opens.
pub(super) fn check_size(figure: &'static str, width: i32, height: i32) -> Result<(), FigureError> {
    let (width, height) = (
        width.unsigned_abs() as usize,
        height.unsigned_abs() as usize,
    );
    if width.max(height) > LARGEST {
        return Err(FigureError::TooLarge {
            figure,
            width,
            height,
            limit: LARGEST,
        });
    }
    Ok(())
}

/// Whether the channels of an image are one colour per pixel; more or fewer than three are drawn beside each other.
fn is_colour(shape: ImageShape) -> bool {
    shape.channels == 3
}

/// Width and height of a tile, image pixels.
pub(super) fn tile_size(shape: ImageShape) -> (usize, usize) {
    let across = if is_colour(shape) { 1 } else { shape.channels };
    (shape.width * across, shape.height)
}

/// Device pixels per image pixel: even, so that an SVG tile has edges on whole points, and such
/// that the longer edge of a tile is about `target` long.
pub(super) fn magnification((width, height): (usize, usize), target: usize) -> i32 {
    let nearest = (target / width.max(height)).div_ceil(2) * 2;
    nearest.max(2) as i32
}

/// What the shades mean, and how many values were beyond them.
pub(super) fn shades_caption(shape: ImageShape, images: &ArrayViewD<'_, f32>) -> String {
    let beyond = images.iter().filter(|value| value.abs() > 1.0).count();
    let all = images.len();
    let (width, height) = (shape.width, shape.height);
    let shades = match shape.channels {
        1 => "−1 black to +1 white".to_owned(),
        3 => "red, green and blue from −1 dark to +1 bright".to_owned(),
        n => format!("{n} channels side by side, −1 black to +1 white"),
    };
    format!(
        "{width} × {height} pixels, {shades}; values beyond are clamped for display \
         ({beyond} of {all})."
    )
}

/// Width of a figure whose tiles and headings take `tiles` device pixels.
pub(super) fn figure_width(tiles: i32) -> i32 {
    tiles.max(CAPTION_WIDTH) + 2 * theme::MARGIN
}

/// Of headings that are `extent` long at places `pitch` apart, every how many can be shown.
pub(super) fn heading_stride(extent: i32, pitch: i32) -> usize {
    let extent = (extent + theme::SMALL / 2).unsigned_abs();
    extent.div_ceil(pitch.unsigned_abs()) as usize
}

/// Draws what lies behind a block of tiles with its upper left tile at `(left, top)`.
pub(super) fn draw_mat<DB: DrawingBackend>(
    area: &Area<DB>,
    (left, top): (i32, i32),
    (width, height): (i32, i32),
) -> Drawn<DB> {
    let corners = [
        (left - GAP / 2, top - GAP / 2),
        (left + width + GAP / 2, top + height + GAP / 2),
    ];
    area.draw(&Rectangle::new(corners, theme::MAT.filled()))
}

/// Draws an image with its upper left corner at `(left, top)`.
pub(super) fn draw_tile<DB: DrawingBackend>(
    area: &Area<DB>,
    image: &ArrayView1<'_, f32>,
    (left, top): (i32, i32),
    (shape, factor): (ImageShape, i32),
) -> Drawn<DB> {
    let (width, height) = tile_size(shape);
    let right = left + width as i32 * factor;
    let black = RGBColor(0, 0, 0);
    let corners = [(left, top), (right, top + height as i32 * factor)];
    area.draw(&Rectangle::new(corners, black.filled()))?;
    for row in 0..height {
        let colours: Vec<[u8; 3]> = (0..width)
            .map(|column| colour(image, shape, row, column))
            .collect();
        let upper = top + row as i32 * factor;
        let mut column = 0;
        // Neighbours of one colour are one rectangle: smaller files.
        for run in colours.chunk_by(|a, b| a == b) {
            let next = column + run.len() as i32;
            if run[0] != [0; 3] {
                let corners = [
                    (left + column * factor, upper),
                    (left + next * factor, upper + factor),
                ];
                let [red, green, blue] = run[0];
                area.draw(&Rectangle::new(
                    corners,
                    RGBColor(red, green, blue).filled(),
                ))?;
            }
            column = next;
        }
    }
    Ok(())
}

/// Red, green and blue of a pixel of a tile.
fn colour(image: &ArrayView1<'_, f32>, shape: ImageShape, row: usize, column: usize) -> [u8; 3] {
    let at = |column: usize, channel| level(image[shape.place(row, column, channel)]);
    if is_colour(shape) {
        return [0, 1, 2].map(|channel| at(column, channel));
    }
    [at(column % shape.width, column / shape.width); 3]
}

/// −1 to 0, +1 to 255.
fn level(value: f32) -> u8 {
    ((value.clamp(-1.0, 1.0) + 1.0) * 127.5).round() as u8
}

/// Writes a heading to the left of a row of tiles.
pub(super) fn draw_row_heading<DB: DrawingBackend>(
    area: &Area<DB>,
    heading: &str,
    right: i32,
    middle: i32,
) -> Drawn<DB> {
    let style = theme::text(theme::SMALL, HPos::Right, VPos::Center);
    area.draw(&Text::new(heading, (right, middle + theme::MIDDLE), style))
}

/// Writes a heading above a column of tiles.
pub(super) fn draw_column_heading<DB: DrawingBackend>(
    area: &Area<DB>,
    heading: &str,
    centre: i32,
    top: i32,
) -> Drawn<DB> {
    let style = theme::text(theme::SMALL, HPos::Center, VPos::Top);
    area.draw(&Text::new(heading, (centre, top), style))
}
