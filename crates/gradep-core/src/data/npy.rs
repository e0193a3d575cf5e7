//! Images in a `NumPy` array.

use super::{DataError, ImageShape, Scale};
use crate::files::{Elements, decode_npy};
use ndarray::Array2;

/// Images `[image, pixel]`; axes after the first are flattened into rows, and say their shape.
pub(super) fn read(
    source: &str,
    bytes: &[u8],
    scale: &Scale,
) -> Result<(Array2<f32>, ImageShape), DataError> {
    let values = decode_npy::<f64>(bytes, Elements::Numbers).map_err(|cause| DataError::Npy {
        source_name: source.to_owned(),
        cause,
    })?;
    if values.ndim() < 2 {
        return Err(DataError::Rank {
            source_name: source.to_owned(),
            shape: values.shape().to_owned(),
        });
    }
    let images = values.shape()[0];
    let width = values.len() / images;
    let pixels = values.iter().enumerate().map(|(i, &value)| {
        scale.pixel(value, source, || {
            format!("image {}, pixel {} (from 0)", i / width, i % width)
        })
    });
    let pixels = pixels.collect::<Result<_, _>>()?;
    let shape = ImageShape::of_axes(&values.shape()[1..]);
    let images =
        Array2::from_shape_vec((images, width), pixels).expect("the axes multiply to the length");
    Ok((
        images,
        shape.unwrap_or_else(|| ImageShape::of_pixels(width)),
    ))
}
