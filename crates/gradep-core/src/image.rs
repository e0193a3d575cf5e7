//! Images, whose pixels lie in one row of numbers: their shape, and the built-in ones by name.

use std::{fmt, str::FromStr};
use units::fault::{Blame, Fault};

/// Most channels that an axis of three or fewer pictures' axes is taken to count: grey, grey with alpha, colour,
/// colour with alpha.
const MOST_CHANNELS: usize = 4;

/// Whether `data.source` names built-in digits.
pub fn is_digits(source: &str) -> bool {
    matches!(source, "digits" | "digits-half")
}

/// Height, width and channels of an image, and in which order its pixels lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageShape {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Numbers per pixel: 1 for grey, 3 for red, green and blue.
    pub channels: usize,
    /// Whether each channel is a picture of its own (`[C, H, W]`), or the channels of a pixel stand together
    /// (`[H, W, C]`).
    planar: bool,
}

impl ImageShape {
    /// The shape that the axes of one image say: `[H, W]`, `[H, W, C]`, or `[C, H, W]` where only the first can be
    /// the channels (up to four). `None` of other numbers of axes, and without pixels.
    pub fn of_axes(axes: &[usize]) -> Option<Self> {
        let (height, width, channels, planar) = match *axes {
            [height, width] => (height, width, 1, false),
            [channels, height, width] if channels <= MOST_CHANNELS && width > MOST_CHANNELS => {
                (height, width, channels, channels > 1)
            }
            [height, width, channels] => (height, width, channels, false),
            _ => return None,
        };
        let shape = Self {
            height,
            width,
            channels,
            planar,
        };
        (shape.pixels() > 0).then_some(shape)
    }

    /// A square of grey pixels where `pixels` is a square number, else one row.
    pub fn of_pixels(pixels: usize) -> Self {
        let side = pixels.isqrt();
        let (height, width) = if side * side == pixels {
            (side, side)
        } else {
            (1, pixels)
        };
        Self {
            height,
            width,
            channels: 1,
            planar: false,
        }
    }

    /// Numbers per image.
    pub fn pixels(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// Place of a number in the row.
    pub fn place(&self, row: usize, column: usize, channel: usize) -> usize {
        if self.planar {
            (channel * self.height + row) * self.width + column
        } else {
            (row * self.width + column) * self.channels + channel
        }
    }

    /// The axes in the order in which they lie, without that of a single channel.
    pub fn axes(&self) -> Vec<usize> {
        match (self.channels, self.planar) {
            (1, _) => vec![self.height, self.width],
            (_, false) => vec![self.height, self.width, self.channels],
            (_, true) => vec![self.channels, self.height, self.width],
        }
    }
}

/// The axes, as in `28x28` or `32x32x3`.
impl fmt::Display for ImageShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let axes: Vec<String> = self.axes().iter().map(usize::to_string).collect();
        f.write_str(&axes.join("x"))
    }
}

/// Text that is not a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the axes of an image such as 28x28 or 32x32x3")]
pub struct NotAShape;

impl Blame for NotAShape {
    fn fault(&self) -> Fault {
        Fault::Input
    }
}

impl FromStr for ImageShape {
    type Err = NotAShape;

    fn from_str(text: &str) -> Result<Self, NotAShape> {
        let axes: Result<Vec<usize>, _> = text.split('x').map(str::parse).collect();
        let axes = axes.map_err(|_| NotAShape)?;
        let pixels = axes
            .iter()
            .try_fold(1_usize, |n, &axis| n.checked_mul(axis));
        pixels.and_then(|_| Self::of_axes(&axes)).ok_or(NotAShape)
    }
}

/// Which visible nodes follow the pixels: label nodes, then a copy of every pixel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BesidePixels {
    /// Classes with a node each, at +1 for the class of the image and −1 for others; 0: labels are no nodes.
    pub label_nodes: usize,
    /// Whether each pixel has a second node, which a source always holds: at the pixel where that is held, at 0 where it
    /// is not. It tells the network what is known from what is still noise.
    pub copies: bool,
}

impl BesidePixels {
    /// Visible nodes of images of so many pixels.
    pub const fn visible(self, pixels: usize) -> usize {
        pixels + self.label_nodes + if self.copies { pixels } else { 0 }
    }

    /// Pixels of images that so many visible nodes carry; none where no image has such nodes.
    pub const fn pixels(self, visible: usize) -> Option<usize> {
        let Some(left) = visible.checked_sub(self.label_nodes) else {
            return None;
        };
        let pixels = if self.copies { left / 2 } else { left };
        if pixels > 0 && self.visible(pixels) == visible {
            Some(pixels)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;

    #[test]
    fn numbers_lie_where_the_array_has_them() {
        for axes in [[4, 6, 3], [3, 4, 6], [5, 7, 9], [2, 3, 2]] {
            let shape = ImageShape::of_axes(&axes).unwrap();
            let array = Array3::from_shape_vec(axes, (0..axes.iter().product()).collect()).unwrap();
            for ((i, j, k), &place) in array.indexed_iter() {
                let found = if axes == [3, 4, 6] {
                    shape.place(j, k, i)
                } else {
                    shape.place(i, j, k)
                };
                assert_eq!(found, place, "{axes:?}");
            }
            assert_eq!(shape.axes(), axes);
        }
    }

    #[test]
    fn shapes_are_written_and_read_back() {
        for text in ["28x28", "1x10", "32x20x3", "3x32x20"] {
            let shape: ImageShape = text.parse().unwrap();
            assert_eq!(shape.to_string(), text);
        }
        assert_eq!("8x8x1".parse(), Ok(ImageShape::of_pixels(64)));
        assert_eq!("1x8x8".parse(), Ok(ImageShape::of_pixels(64)));
        for wrong in [
            "",
            "8",
            "8x",
            "0x8",
            "2x2x2x2",
            "a",
            "99999999999x99999999999",
        ] {
            assert_eq!(wrong.parse::<ImageShape>(), Err(NotAShape), "{wrong}");
        }
    }

    #[test]
    fn a_row_of_numbers_is_a_square_or_a_row() {
        assert_eq!(ImageShape::of_pixels(49).axes(), [7, 7]);
        assert_eq!(ImageShape::of_pixels(50).axes(), [1, 50]);
    }

    #[test]
    fn pixels_are_what_is_left_of_the_visible_nodes() {
        for label_nodes in [0, 2, 10] {
            for copies in [false, true] {
                let beside = BesidePixels {
                    label_nodes,
                    copies,
                };
                for pixels in 1..70 {
                    assert_eq!(beside.pixels(beside.visible(pixels)), Some(pixels));
                }
                assert_eq!(beside.pixels(label_nodes), None);
                assert_eq!(beside.pixels(label_nodes + 3).is_some(), !copies);
            }
        }
    }
}
