//! What visible nodes carry beside the pixels: labels, and what is known of an image.

use super::{DataError, Dataset};
use ndarray::{Array2, Axis, concatenate};

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

/// Values of the label nodes of each sample, `[n, classes]`: `amplitude` at its class and −1 at the others. Images are
/// trained with amplitude 1.
///
/// # Panics
/// If a class is none of the `classes`.
pub fn one_hot(labels: &[u32], classes: usize, amplitude: f32) -> Array2<f32> {
    let mut nodes = Array2::from_elem((labels.len(), classes), -1.0);
    for (mut row, &label) in nodes.rows_mut().into_iter().zip(labels) {
        row[label as usize] = amplitude;
    }
    nodes
}

/// The images with their label nodes, and copies that know nothing.
pub(super) fn nodes_of(data: &Dataset, beside: BesidePixels) -> Result<Array2<f32>, DataError> {
    let images = data.images();
    let copies = if beside.copies { images.ncols() } else { 0 };
    let copies = Array2::zeros((images.nrows(), copies));
    let labels = labels_of(data, beside.label_nodes)?;
    Ok(concatenate![
        Axis(1),
        images.view(),
        labels.view(),
        copies.view()
    ])
}

/// `[image, label_nodes]`.
fn labels_of(data: &Dataset, label_nodes: usize) -> Result<Array2<f32>, DataError> {
    if label_nodes == 0 {
        return Ok(Array2::zeros((data.images().nrows(), 0)));
    }
    let Some(labels) = data.labels() else {
        return Err(DataError::NoLabels {
            source_name: data.name().to_owned(),
            label_nodes,
        });
    };
    let beyond = |label: &u32| *label as usize >= label_nodes;
    if let Some(image) = labels.iter().position(beyond) {
        return Err(DataError::NoSuchClass {
            source_name: data.name().to_owned(),
            image,
            label: labels[image],
            label_nodes,
        });
    }
    Ok(one_hot(labels, label_nodes, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn copies_of_images_of_which_nothing_is_known_are_zero() {
        let digits = Dataset::digits();
        let beside = BesidePixels {
            label_nodes: 10,
            copies: true,
        };
        let nodes = digits.visible_nodes(beside).unwrap();
        let plain = digits.images();
        assert_eq!(nodes.ncols(), 64 + 10 + 64);
        assert_eq!(nodes.slice(ndarray::s![.., ..64]), plain);
        assert!(nodes.slice(ndarray::s![.., 74..]).iter().all(|&v| v == 0.0));
    }
}
