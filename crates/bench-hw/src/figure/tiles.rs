//! Square grey images as tiles, pixel by pixel.

use super::{
    FigureError,
    canvas::{Area, Drawn},
    theme,
};
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

/// Pixels along each edge of square images whose last axis is the pixel; checks that there is
/// something to draw and that every value is finite.
pub(super) fn check_images(
    figure: &'static str,
    images: &ArrayViewD<'_, f32>,
) -> Result<usize, FigureError> {
    if images.is_empty() {
        return Err(FigureError::Empty {
            figure,
            what: "images".to_owned(),
        });
    }
    let pixels = images.shape()[images.ndim() - 1];
    let side = pixels.isqrt();
    if side * side != pixels {
        return Err(FigureError::NotSquare { figure, pixels });
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
        None => Ok(side),
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

/// Device pixels per image pixel: even, so that an SVG tile has edges on whole points, and such
/// that a tile is about `target` wide.
pub(super) fn magnification(side: usize, target: usize) -> i32 {
    let nearest = (target / side).div_ceil(2) * 2;
    nearest.max(2) as i32
}

/// What the shades mean, and how many values were beyond them.
pub(super) fn shades_caption(side: usize, images: &ArrayViewD<'_, f32>) -> String {
    let beyond = images.iter().filter(|value| value.abs() > 1.0).count();
    let all = images.len();
    format!(
        "{side} × {side} pixels, −1 black to +1 white; values beyond are clamped for display \
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
    (side, factor): (usize, i32),
) -> Drawn<DB> {
    let edge = side as i32 * factor;
    let black = RGBColor(0, 0, 0);
    let corners = [(left, top), (left + edge, top + edge)];
    area.draw(&Rectangle::new(corners, black.filled()))?;
    for (row, pixels) in (0..).zip(image.to_vec().chunks(side)) {
        let levels: Vec<u8> = pixels.iter().map(|&value| grey_level(value)).collect();
        let mut column = 0;
        // Neighbours of one level are one rectangle: smaller files.
        for run in levels.chunk_by(|a, b| a == b) {
            let next = column + run.len() as i32;
            if run[0] > 0 {
                let corners = [
                    (left + column * factor, top + row * factor),
                    (left + next * factor, top + (row + 1) * factor),
                ];
                let grey = RGBColor(run[0], run[0], run[0]);
                area.draw(&Rectangle::new(corners, grey.filled()))?;
            }
            column = next;
        }
    }
    Ok(())
}

/// −1 to 0, +1 to 255.
fn grey_level(value: f32) -> u8 {
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
