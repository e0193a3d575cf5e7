//! The digit classifier whose features and labels the metrics use.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use ndarray_npy::NpzReader;
use std::{io::Cursor, sync::LazyLock};

/// A ReLU network 64-128-32-10, trained on all 1,797 images of `optdigits.tes`
/// (`data/evaluator/README.md`).
#[derive(Clone, Debug)]
pub struct Evaluator {
    /// `[out, in]` and `[out]` per layer.
    layers: Vec<(Array2<f64>, Array1<f64>)>,
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
}

impl Evaluator {
    /// The classifier that comes with the crate.
    pub fn built_in() -> Self {
        static BUILT_IN: LazyLock<Evaluator> = LazyLock::new(Evaluator::read);
        BUILT_IN.clone()
    }

    fn read() -> Self {
        let bytes = include_bytes!("../../../../data/evaluator/evaluator_64-128-32-10.npz");
        let mut file = NpzReader::new(Cursor::new(&bytes[..])).expect("an npz file");
        let layers = (0..3).map(|l| {
            let weight: Array2<f32> = file.by_name(&format!("weight_{l}.npy")).expect("a weight");
            let bias: Array1<f32> = file.by_name(&format!("bias_{l}.npy")).expect("a bias");
            (weight.mapv(f64::from), bias.mapv(f64::from))
        });
        Self {
            layers: layers.collect(),
        }
    }

    /// Classifies images `[n, 64]` in [−1, 1].
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
        }
    }
}
