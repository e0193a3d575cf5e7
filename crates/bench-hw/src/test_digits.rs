//! The built-in digits, read the plain way, for tests only.

use ndarray::{Array1, Array2};
use std::path::Path;

/// Images `[n, 64]` in [−1, 1] and labels `[n]` of a file in `data/`.
pub(crate) fn read(file: &str) -> (Array2<f32>, Array1<u8>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../data")
        .join(file);
    let text = std::fs::read_to_string(path).expect("the digits are in the repository");
    let numbers: Vec<u8> = text
        .split([',', '\n'])
        .filter_map(|field| field.trim().parse().ok())
        .collect();
    let table = Array2::from_shape_vec((numbers.len() / 65, 65), numbers).expect("65 columns");
    let images = table
        .slice(ndarray::s![.., ..64])
        .mapv(|level| f32::from(level) / 8.0 - 1.0);
    (images, table.column(64).to_owned())
}
