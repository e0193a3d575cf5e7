//! Images that a program has, rather than a file.

use super::{DataError, Dataset, scale::Scale};
use ndarray::Array2;

impl Dataset {
    /// Images of a program's own, `[image, pixel]`, every value in [−1, 1]. `name` is what models and messages call
    /// them; it is not looked for anywhere. They have no classes, and the [`shape`](Self::shape) of a square or of one
    /// row.
    ///
    /// ```
    /// use gradep_core::data::Dataset;
    /// use ndarray::Array2;
    ///
    /// let ramp = Array2::from_shape_fn((20, 9), |(image, pixel)| (image + pixel) as f32 / 28.0);
    /// let data = Dataset::from_images("ramps", ramp)?;
    /// assert_eq!(data.shape().to_string(), "3x3");
    /// assert!(Dataset::from_images("bytes", Array2::from_elem((20, 9), 255.0)).is_err());
    /// # Ok::<(), gradep_core::data::DataError>(())
    /// ```
    ///
    /// # Errors
    /// [`DataError::Empty`] without images or pixels, [`DataError::OutOfRange`] for a value outside [−1, 1], NaN included.
    pub fn from_images(name: &str, images: Array2<f32>) -> Result<Self, DataError> {
        if images.is_empty() {
            return Err(DataError::Empty {
                source_name: name.to_owned(),
            });
        }
        let scale = Scale::new(-1.0, 1.0)?;
        for ((image, pixel), &value) in images.indexed_iter() {
            scale.pixel(f64::from(value), name, || {
                format!("image {image}, pixel {pixel}")
            })?;
        }
        let bytes: Vec<u8> = images.iter().flat_map(|v| v.to_le_bytes()).collect();
        Ok(Self {
            range: [-1.0, 1.0],
            ..Self::new(name, &bytes, images, None)
        })
    }
}
