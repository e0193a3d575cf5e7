//! From a drawing to a file.

use super::{
    FigureError,
    raster::{RasterBackend, png_file},
    theme,
};
use gradep_core::files::write_atomically;
use plotters::{
    coord::Shift,
    drawing::DrawingAreaErrorKind,
    prelude::*,
    style::text_anchor::{HPos, VPos},
};
use std::{error::Error, ffi::OsStr, io::Write as _, path::Path};
use units::printable::printable_lines;

/// A part of a picture, in device pixels from its upper left corner.
pub(super) type Area<DB> = DrawingArea<DB, Shift>;

/// What a back-end may answer.
pub(super) type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// Something with a size that can be drawn on any back-end.
pub(super) trait Drawing {
    /// Width and height, device pixels.
    fn size(&self) -> (u32, u32);
    /// Draws on a blank area of that size.
    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB>;
}

#[derive(Clone, Copy)]
enum Format {
    Svg,
    Png,
}

impl Format {
    fn of(path: &Path) -> Result<Self, FigureError> {
        let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        if extension.eq_ignore_ascii_case("svg") {
            Ok(Self::Svg)
        } else if extension.eq_ignore_ascii_case("png") {
            Ok(Self::Png)
        } else {
            Err(FigureError::Extension { path: path.into() })
        }
    }
}

/// Whether a path names a format, to be checked before any work is done for a figure.
pub(super) fn check_path(path: &Path) -> Result<(), FigureError> {
    Format::of(path).map(|_| ())
}

/// Draws in memory and writes the whole file.
pub(super) fn save(path: &Path, drawing: &impl Drawing) -> Result<(), FigureError> {
    let format = Format::of(path)?;
    theme::register();
    let size = drawing.size();
    let file = match format {
        Format::Svg => {
            let mut text = String::new();
            render(SVGBackend::with_string(&mut text, size), drawing, path)?;
            // XML has no place for control characters.
            printable_lines(&in_points(&text, size))
                .into_owned()
                .into_bytes()
        }
        Format::Png => {
            let mut rgb = vec![0; 3 * size.0 as usize * size.1 as usize];
            let backend = BitMapBackend::with_buffer(&mut rgb, size);
            render(RasterBackend(backend), drawing, path)?;
            png_file(&rgb, size, png::Compression::Default)
        }
    };
    write_atomically(path, |to| to.write_all(&file)).map_err(|source| FigureError::Write {
        path: path.into(),
        source,
    })
}

fn render<DB>(backend: DB, drawing: &impl Drawing, path: &Path) -> Result<(), FigureError>
where
    DB: DrawingBackend,
    DB::ErrorType: 'static,
{
    let area = backend.into_drawing_area();
    area.fill(&theme::PAPER)
        .and_then(|()| drawing.draw(&area))
        .and_then(|()| area.present())
        .map_err(|error| FigureError::Draw {
            path: path.into(),
            source: Box::<dyn Error + Send + Sync>::from(error),
        })
}

/// Gives an SVG text its size in points (the drawing has two units per point, which
/// the view box keeps), and keeps neighbouring tiles from showing a seam.
fn in_points(svg: &str, (width, height): (u32, u32)) -> String {
    let points = theme::PIXELS_PER_POINT;
    let wide = format!("<svg width=\"{width}\" height=\"{height}\"");
    let sized = format!(
        "<svg width=\"{}\" height=\"{}\"",
        width / points,
        height / points
    );
    svg.replacen(&wide, &sized, 1).replacen(
        ">\n",
        ">\n<style>rect { shape-rendering: crispEdges; }</style>\n",
        1,
    )
}

/// Writes lines of text downwards from `top`, centred at `x` or starting there; returns the
/// height they take.
pub(super) fn draw_lines<DB: DrawingBackend>(
    area: &Area<DB>,
    lines: &[String],
    size: i32,
    (x, top): (i32, i32),
    anchor: HPos,
) -> Drawn<DB> {
    let style = theme::text(size, anchor, VPos::Top);
    for (line, row) in lines.iter().zip(0..) {
        let y = top + row * theme::line_height(size);
        area.draw(&Text::new(line.as_str(), (x, y), style.clone()))?;
    }
    Ok(())
}
