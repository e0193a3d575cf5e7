//! The built-in digits, read the plain way, for tests only.

use crate::{
    domain::{Digits, Domain, Track},
    judge::{Evaluator, OtherRange, ValueRange},
};
use gradep_core::data::ImageShape;
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

/// Some digits, judged as all are.
#[derive(Debug)]
pub(crate) struct SomeDigits {
    pub(crate) real: Array2<f64>,
    pub(crate) training: Option<Array2<f64>>,
}

impl Domain for SomeDigits {
    fn name(&self) -> String {
        "some digits".to_owned()
    }

    fn track(&self) -> Track {
        if self.training.is_some() {
            Track::HeldOut
        } else {
            Track::Published
        }
    }

    fn shape(&self) -> ImageShape {
        ImageShape::of_pixels(64)
    }

    fn classes(&self) -> Option<usize> {
        Digits::PUBLISHED.classes()
    }

    fn images(&self) -> Array2<f64> {
        Digits::PUBLISHED.images()
    }

    fn real(&self) -> Array2<f64> {
        self.real.clone()
    }

    fn training(&self) -> Option<Array2<f64>> {
        self.training.clone()
    }

    fn judge(&self) -> Option<Evaluator> {
        Digits::PUBLISHED.judge()
    }

    fn id(&self) -> Option<String> {
        None
    }

    fn median_square(&self) -> Option<f64> {
        Digits::PUBLISHED.median_square()
    }

    fn check_range(&self, values: &ValueRange) -> Result<(), OtherRange> {
        values.check_digits()
    }

    fn doubt(&self, _trained_on: Option<&str>) -> Option<String> {
        None
    }

    fn about(&self) -> String {
        self.name()
    }
}
