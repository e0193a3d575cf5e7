//! Classifiers whose features and classes the metrics use.

use gradep_core::{
    data::Dataset,
    files::{ArrayFileError, FileAccessError, NpzArrays, NpzFile, read_file},
};
use ndarray::{Array1, Array2, ArrayD, ArrayView2, Axis, Ix1, Ix2};
use std::{
    io,
    path::{Path, PathBuf},
    sync::LazyLock,
};
use units::fault::{Blame, Fault};

/// Units of a network for digits: pixels, two hidden layers, classes.
pub(super) const LAYERS: [usize; 4] = [64, 128, 32, 10];

/// Weight `[out, in]` and bias `[out]`.
pub(super) type Layer = (Array2<f64>, Array1<f64>);

/// A ReLU network `pixels-128-32-classes` that tells classes of images.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluator {
    layers: Vec<Layer>,
}

/// A file that is no such network.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluatorError {
    /// The file system refuses.
    #[error("{0}")]
    Access(#[from] FileAccessError),
    /// Not an archive of arrays, or without one that is needed.
    #[error("{0}; expected `weight_l` [out, in] and `bias_l` [out], l = 0 to 2, in float32")]
    Array(#[from] ArrayFileError),
    /// Another network.
    #[error("{}: array `{array}` has shape {found:?}; expected {expected:?} (a network 64-128-32-10)", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// The array.
        array: String,
        /// Its shape.
        found: Vec<usize>,
        /// What it should be.
        expected: Vec<usize>,
    },
    /// NaN or an infinity.
    #[error("{}: array `{array}` has an element that is not finite", path.display())]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// The array.
        array: String,
    },
}

impl Blame for EvaluatorError {
    fn fault(&self) -> Fault {
        match self {
            Self::Access(cause) => cause.fault(),
            Self::Array(cause) => cause.fault(),
            Self::Shape { .. } | Self::NotFinite { .. } => Fault::Input,
        }
    }
}

/// What the classifier says of images.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// Post-ReLU activations of the second hidden layer, `[n, 32]`.
    pub features: Array2<f64>,
    /// Likeliest class, `[n]`.
    pub classes: Vec<usize>,
    /// Its probability, `[n]`.
    pub confidence: Vec<f64>,
    /// How many classes there are.
    pub number_of_classes: usize,
}

impl Evaluator {
    /// The classifier that comes with the crate, trained on all 1,797 images of `optdigits.tes`
    /// (`data/evaluator/README.md`).
    pub fn built_in() -> Self {
        static BUILT_IN: LazyLock<Evaluator> = LazyLock::new(|| {
            let name = "evaluator_64-128-32-10.npz";
            let bytes = include_bytes!("../../data/evaluator/evaluator_64-128-32-10.npz");
            Evaluator::decode(Path::new(name), bytes).expect("the file is part of the program")
        });
        BUILT_IN.clone()
    }

    /// A classifier from an `.npz` file: f32 arrays `weight_l` `[out, in]` and `bias_l` `[out]`.
    ///
    /// # Errors
    /// Any [`EvaluatorError`].
    pub fn read(path: &Path) -> Result<Self, EvaluatorError> {
        Self::decode(path, &read_file(path)?)
    }

    fn decode(path: &Path, bytes: &[u8]) -> Result<Self, EvaluatorError> {
        let mut file = NpzFile::open(path, bytes)?;
        let mut read = |array: String, expected: &[usize]| {
            let values = file.array::<f64>(&array)?;
            check(path, array, values, expected)
        };
        let layers = LAYERS.windows(2).enumerate().map(|(l, size)| {
            let weight = read(format!("weight_{l}"), &[size[1], size[0]])?;
            let bias = read(format!("bias_{l}"), &[size[1]])?;
            Ok((
                weight.into_dimensionality::<Ix2>().expect("two axes"),
                bias.into_dimensionality::<Ix1>().expect("one axis"),
            ))
        });
        layers.collect::<Result<_, _>>().map(Self::of)
    }

    /// Adds the arrays that [`read`](Self::read) takes.
    ///
    /// # Errors
    /// As [`NpzArrays::add`].
    pub fn write(&self, file: &mut NpzArrays<'_>) -> io::Result<()> {
        for (l, (weight, bias)) in self.layers.iter().enumerate() {
            file.add(&format!("weight_{l}"), &weight.mapv(|v| v as f32))?;
            file.add(&format!("bias_{l}"), &bias.mapv(|v| v as f32))?;
        }
        Ok(())
    }

    pub(super) fn of(layers: Vec<Layer>) -> Self {
        Self { layers }
    }

    /// Pixels of the images that it tells.
    pub fn pixels(&self) -> usize {
        self.layers[0].0.ncols()
    }

    /// Number of classes that it tells.
    pub fn classes(&self) -> usize {
        self.layers[self.layers.len() - 1].0.nrows()
    }

    /// Share of images that are told rightly; none of images without classes.
    pub fn accuracy(&self, data: &Dataset) -> Option<f64> {
        Some(self.share_told(data.images().mapv(f64::from).view(), data.labels()?))
    }

    /// Share of images `[n, pixels]` of these classes `[n]` that are told rightly.
    pub(crate) fn share_told(&self, images: ArrayView2<'_, f64>, labels: &[u32]) -> f64 {
        let judgement = self.judge(images);
        let pairs = judgement.classes.iter().zip(labels);
        let right = pairs.filter(|&(&found, &class)| found == class as usize);
        right.count() as f64 / judgement.classes.len() as f64
    }

    /// Classifies images `[n, pixels]` in [−1, 1].
    pub fn judge(&self, images: ArrayView2<'_, f64>) -> Judgement {
        let mut x = images.to_owned();
        let mut features = x.clone();
        for (l, (weight, bias)) in self.layers.iter().enumerate() {
            x = x.dot(&weight.t()) + bias;
            if l + 1 < self.layers.len() {
                x.mapv_inplace(|v| v.max(0.0));
                features.clone_from(&x);
            }
        }
        let (mut classes, mut confidence) = (Vec::new(), Vec::new());
        for logits in x.axis_iter(Axis(0)) {
            let (class, largest) =
                logits
                    .iter()
                    .copied()
                    .enumerate()
                    .fold((0, f64::NEG_INFINITY), |best, next| {
                        if next.1 > best.1 { next } else { best }
                    });
            classes.push(class);
            // Softmax at its largest entry.
            confidence.push(1.0 / logits.iter().map(|v| (v - largest).exp()).sum::<f64>());
        }
        Judgement {
            features,
            classes,
            confidence,
            number_of_classes: self.classes(),
        }
    }
}

/// An array of this shape whose elements are finite.
fn check(
    path: &Path,
    array: String,
    values: ArrayD<f64>,
    expected: &[usize],
) -> Result<ArrayD<f64>, EvaluatorError> {
    let path = path.to_owned();
    if values.shape() != expected {
        let (found, expected) = (values.shape().to_owned(), expected.to_owned());
        return Err(EvaluatorError::Shape {
            path,
            array,
            found,
            expected,
        });
    }
    if values.iter().any(|v| !v.is_finite()) {
        return Err(EvaluatorError::NotFinite { path, array });
    }
    Ok(values)
}
