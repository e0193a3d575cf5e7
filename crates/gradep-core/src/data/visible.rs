//! What visible nodes carry beside the pixels: labels, and what is known of an image.

use super::{DataError, Dataset};
use crate::image::BesidePixels;
use ndarray::{Array2, Axis, concatenate};

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
