//! Bitmaps with smooth lines.

use plotters::prelude::{BitMapBackend, DrawingBackend};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, DrawingErrorKind};
use std::ops::Range;

type Answer<'a> = Result<(), DrawingErrorKind<<BitMapBackend<'a> as DrawingBackend>::ErrorType>>;

/// plotters' bitmap back-end with its own strokes.
///
/// Upstream fills a thick line as one polygon around its vertices, which tears and spikes where
/// vertices are closer than the line is wide: any curve of a thousand epochs. Here a pixel is
/// covered by how near it is to the nearest segment, so that joins and ends are round and a curve
/// that crosses itself is not blended twice.
pub(super) struct RasterBackend<'a>(pub(super) BitMapBackend<'a>);

/// A PNG file of `rgb`, three bytes a pixel, of a width and a height.
pub(crate) fn png_file(
    rgb: &[u8],
    (width, height): (u32, u32),
    compression: png::Compression,
) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(compression);
    let mut writer = encoder.write_header().expect("a header fits in memory");
    writer.write_image_data(rgb).expect("three bytes per pixel");
    writer.finish().expect("an end fits in memory");
    file
}

impl<'a> DrawingBackend for RasterBackend<'a> {
    type ErrorType = <BitMapBackend<'a> as DrawingBackend>::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.0.get_size()
    }

    fn ensure_prepared(&mut self) -> Answer<'a> {
        self.0.ensure_prepared()
    }

    fn present(&mut self) -> Answer<'a> {
        self.0.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, colour: BackendColor) -> Answer<'a> {
        self.0.draw_pixel(point, colour)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Answer<'a> {
        self.0.draw_rect(upper_left, bottom_right, style, fill)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Answer<'a> {
        let path: Vec<BackendCoord> = path.into_iter().collect();
        let (width, height) = self.get_size();
        let mut stroke = Stroke::around(&path, style.stroke_width(), (width as i32, height as i32));
        for ends in path.windows(2) {
            stroke.cover(ends[0], ends[1]);
        }
        let colour = style.color();
        for (point, covered) in stroke.covered() {
            let alpha = colour.alpha * f64::from(covered);
            self.0.draw_pixel(point, BackendColor { alpha, ..colour })?;
        }
        Ok(())
    }
}

/// How much of each pixel in a box a stroke covers, 0 to 1.
struct Stroke {
    x: Range<i32>,
    y: Range<i32>,
    radius: f32,
    coverage: Vec<f32>,
}

impl Stroke {
    /// Nothing covered yet, in a box that holds the path within a picture of `size`.
    fn around(path: &[BackendCoord], stroke_width: u32, size: (i32, i32)) -> Self {
        let radius = stroke_width as f32 / 2.0;
        let room = stroke_width as i32 + 1;
        let extent = |places: &mut dyn Iterator<Item = i32>, limit: i32| {
            let (low, high) = places.fold((i32::MAX, i32::MIN), |(l, h), p| (l.min(p), h.max(p)));
            clip(
                low.saturating_sub(room)..high.saturating_add(room + 1),
                &(0..limit),
            )
        };
        let x = extent(&mut path.iter().map(|point| point.0), size.0);
        let y = extent(&mut path.iter().map(|point| point.1), size.1);
        let coverage = vec![0.0; x.len() * y.len()];
        Self {
            x,
            y,
            radius,
            coverage,
        }
    }

    /// Covers the pixels near a segment. Coordinates are corners between pixels, as in SVG, so
    /// that upright lines of an even width have sharp edges.
    fn cover(&mut self, from: BackendCoord, to: BackendCoord) {
        let room = self.radius.ceil() as i32 + 1;
        let reach = |a: i32, b: i32| a.min(b) - room..a.max(b) + room;
        let (start_x, start_y) = (from.0 as f32, from.1 as f32);
        let (along_x, along_y) = ((to.0 - from.0) as f32, (to.1 - from.1) as f32);
        let length_squared = (along_x * along_x + along_y * along_y).max(f32::MIN_POSITIVE);
        for y in clip(reach(from.1, to.1), &self.y) {
            for x in clip(reach(from.0, to.0), &self.x) {
                let (dx, dy) = (x as f32 + 0.5 - start_x, y as f32 + 0.5 - start_y);
                let share = ((dx * along_x + dy * along_y) / length_squared).clamp(0.0, 1.0);
                let distance = (dx - share * along_x).hypot(dy - share * along_y);
                let covered = (self.radius + 0.5 - distance).clamp(0.0, 1.0);
                let row = (y - self.y.start) as usize * self.x.len();
                let pixel = &mut self.coverage[row + (x - self.x.start) as usize];
                *pixel = pixel.max(covered);
            }
        }
    }

    fn covered(&self) -> impl Iterator<Item = (BackendCoord, f32)> {
        let pixels = self
            .y
            .clone()
            .flat_map(|y| self.x.clone().map(move |x| (x, y)));
        pixels
            .zip(self.coverage.iter().copied())
            .filter(|&(_, covered)| covered > 0.0)
    }
}

fn clip(range: Range<i32>, limits: &Range<i32>) -> Range<i32> {
    let start = range.start.clamp(limits.start, limits.end);
    start..range.end.clamp(start, limits.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_is_the_area_of_the_stroke() {
        // A diagonal line of length 50 and width 4 with round ends covers 50·4 + π·2² pixels.
        let mut stroke = Stroke::around(&[(10, 10), (40, 50)], 4, (100, 100));
        stroke.cover((10, 10), (40, 50));
        let area: f32 = stroke.coverage.iter().sum();
        // Distance-based coverage is off by a few per mille of a pixel along each edge.
        assert!((area - 212.6).abs() < 2.0, "{area}");
    }

    #[test]
    fn dense_vertices_do_not_change_a_line() {
        let ends = [(5, 5), (5, 65)];
        let mut whole = Stroke::around(&ends, 4, (100, 100));
        whole.cover(ends[0], ends[1]);
        let mut pieces = Stroke::around(&ends, 4, (100, 100));
        for y in 5..65 {
            pieces.cover((5, y), (5, y + 1));
        }
        assert_eq!(whole.coverage, pieces.coverage);
        let row: Vec<f32> = (0..10).map(|x| whole.at(x, 30)).collect();
        assert_eq!(row, [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn strokes_are_clipped_to_the_picture() {
        let path = [(-20, 3), (30, 3)];
        let mut stroke = Stroke::around(&path, 2, (10, 10));
        stroke.cover(path[0], path[1]);
        assert!(
            stroke
                .covered()
                .all(|((x, y), _)| (0..10).contains(&x) && (0..10).contains(&y))
        );
        assert_eq!(stroke.covered().count(), 20);
        assert_eq!(Stroke::around(&[], 2, (10, 10)).covered().count(), 0);
    }

    impl Stroke {
        fn at(&self, x: i32, y: i32) -> f32 {
            if !self.x.contains(&x) || !self.y.contains(&y) {
                return 0.0;
            }
            self.coverage[(y - self.y.start) as usize * self.x.len() + (x - self.x.start) as usize]
        }
    }
}
