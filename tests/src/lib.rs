//! Golden numbers and live programs for the end-to-end and cross-validation tests beside this crate.

pub mod live;
pub mod spice;

use analog_substrate::{Couplings, Layers};
use ndarray::{Array0, Array1, Array2};
use ndarray_npy::NpzReader;
use std::{fs::File, path::PathBuf};

/// A file under `tests/golden`.
pub fn golden_path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("golden")
        .join(name)
}

/// Arrays of an `.npz` file under `tests/golden`.
pub struct Golden(NpzReader<File>);

impl Golden {
    /// Opens `name`.
    ///
    /// # Panics
    /// If the file is not there.
    pub fn open(name: &str) -> Self {
        let path = golden_path(name);
        let file = File::open(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        Self(NpzReader::new(file).expect("a zip archive"))
    }

    /// A matrix in double precision.
    ///
    /// # Panics
    /// If there is none of that name.
    pub fn matrix(&mut self, key: &str) -> Array2<f64> {
        let name = format!("{key}.npy");
        if let Ok(array) = self.0.by_name(&name) {
            return array;
        }
        let single: Array2<f32> = self
            .0
            .by_name(&name)
            .unwrap_or_else(|e| panic!("{key}: {e}"));
        single.mapv(f64::from)
    }

    /// A vector in double precision.
    ///
    /// # Panics
    /// If there is none of that name.
    pub fn vector(&mut self, key: &str) -> Array1<f64> {
        let name = format!("{key}.npy");
        if let Ok(array) = self.0.by_name(&name) {
            return array;
        }
        let single: Array1<f32> = self
            .0
            .by_name(&name)
            .unwrap_or_else(|e| panic!("{key}: {e}"));
        single.mapv(f64::from)
    }

    /// A number in double precision.
    ///
    /// # Panics
    /// If there is none of that name.
    pub fn scalar(&mut self, key: &str) -> f64 {
        let array: Array0<f64> = self
            .0
            .by_name(&format!("{key}.npy"))
            .unwrap_or_else(|e| panic!("{key}: {e}"));
        array.into_scalar()
    }

    /// The parameters whose keys start with `prefix`, as couplings of the 64-128-128 network.
    ///
    /// # Panics
    /// If one is missing.
    pub fn couplings(&mut self, prefix: &str) -> Couplings<f64> {
        let layers = Layers::new(vec![64, 128, 128]).expect("a valid shape");
        let mut flat = self.vector(&format!("{prefix}visible_bias")).to_vec();
        for l in 0..2 {
            flat.extend(self.matrix(&format!("{prefix}weight_{l}")));
            flat.extend(self.vector(&format!("{prefix}bias_{l}")));
        }
        Couplings::from_flat(layers, flat).expect("24,896 parameters")
    }
}

/// Largest |a − b|.
pub fn largest_difference(a: &Array2<f64>, b: &Array2<f64>) -> f64 {
    (a - b).iter().fold(0.0, |worst, d| worst.max(d.abs()))
}
