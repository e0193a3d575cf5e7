//! Labels as values of visible nodes.

use super::{DataError, Dataset};
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

/// The images with their label nodes.
pub(super) fn with_labels(data: &Dataset, label_nodes: usize) -> Result<Array2<f32>, DataError> {
    if label_nodes == 0 {
        return Ok(data.images().clone());
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
    let nodes = one_hot(labels, label_nodes, 1.0);
    Ok(concatenate![Axis(1), data.images().view(), nodes.view()])
}
