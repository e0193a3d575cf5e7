//! From a drawing to a file.

use super::{FigureError, raster::RasterBackend, theme};
use analog_substrate::text::printable_lines;
use plotters::style::text_anchor::{HPos, VPos};
use plotters::{coord::Shift, drawing::DrawingAreaErrorKind, prelude::*};
use std::{
    error::Error,
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

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

    /// Also the ending of the temporary file: the PNG encoder goes by it.
    fn suffix(self) -> &'static str {
        match self {
            Self::Svg => ".svg",
            Self::Png => ".png",
        }
    }
}

/// Whether a path names a format, to be checked before any work is done for a figure.
pub(super) fn check_path(path: &Path) -> Result<(), FigureError> {
    Format::of(path).map(|_| ())
}

/// Draws into a temporary file beside `path` and moves it there.
pub(super) fn save(path: &Path, drawing: &impl Drawing) -> Result<(), FigureError> {
    let format = Format::of(path)?;
    theme::register();
    let temporary = temporary_beside(path, format).map_err(|source| FigureError::Write {
        path: path.into(),
        source,
    })?;
    match format {
        Format::Svg => {
            let mut text = String::new();
            render(
                SVGBackend::with_string(&mut text, drawing.size()),
                drawing,
                path,
            )?;
            // XML has no control characters, not even escaped.
            let text = printable_lines(&text);
            fs::write(temporary.path(), in_points(&text, drawing.size())).map_err(|source| {
                FigureError::Write {
                    path: path.into(),
                    source,
                }
            })?;
        }
        Format::Png => {
            let backend = BitMapBackend::new(temporary.path(), drawing.size());
            render(RasterBackend(backend), drawing, path)?;
        }
    }
    temporary
        .persist(path)
        .map_err(|failed| FigureError::Write {
            path: path.into(),
            source: failed.error,
        })?;
    Ok(())
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

/// An empty file that disappears unless it is kept, readable by whoever may read new files.
fn temporary_beside(path: &Path, format: Format) -> io::Result<tempfile::NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_path_buf(),
        _ => PathBuf::from("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".figure-").suffix(format.suffix());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Narrowed by the umask, as for any new file.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
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
