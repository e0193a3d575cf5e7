//! Classifiers that are trained here: the second one for digits, the same network as the built-in one but
//! trained on other images; and those of other data.

use super::evaluator::{Evaluator, LAYERS, Layer};
use analog_substrate::{
    kernels::{PackedMatrix, SimdLevel, multiply, padded},
    random::{Purpose, stream},
};
use gradep_core::{
    config::{Learn, OptimiserConfig, Schedule},
    data::Dataset,
    draws::normal_rows,
    optimiser::{Adam, learning_rate},
};
use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use rand::seq::SliceRandom;
use std::sync::LazyLock;

/// Passes over the images, and images of an update.
const EPOCHS: u64 = 20;
const BATCH: usize = 128;
/// Updates of a classifier of other data: as many as the digits' 3,823 images and 20 passes make.
const UPDATES: u64 = 600;
/// Adam's customary settings (D. Kingma and J. Ba 2015), the rate falling to nothing along a cosine.
const OPTIMISER: OptimiserConfig = OptimiserConfig {
    learning_rate: 3e-3,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    clip_norm: 0.0,
    warmup_epochs: 0,
    schedule: Schedule::Cosine,
    final_fraction: 0.0,
    ema_decay: 0.0,
    learn: Learn::All,
};
/// Steps of a training seed's addresses.
const INITIAL: u64 = 1 << 32;

impl Evaluator {
    /// The classifier that cross-checks the built-in one: trained by this program (seed 0, once per
    /// process, about a second) on the 3,823 images of `optdigits.tra`, of which none is a reference
    /// and which other people wrote.
    pub fn second() -> Self {
        static SECOND: LazyLock<Evaluator> = LazyLock::new(|| Evaluator::trained(0));
        SECOND.clone()
    }

    /// A classifier trained on `optdigits.tra` from a seed: weights by K. He et al. (2015), cross
    /// entropy, Adam. The weights of a seed have the same bits on every processor with AVX2 or
    /// AVX-512, and rounding apart on others.
    #[expect(
        clippy::missing_panics_doc,
        reason = "the built-in digits have classes"
    )]
    pub fn trained(seed: u64) -> Self {
        let digits = Dataset::digits_held_out();
        let classes = digits.labels().expect("the digits have classes");
        let lesson = Lesson {
            layers: LAYERS,
            epochs: EPOCHS,
            seed,
        };
        lesson.train(digits.images().mapv(f64::from).view(), classes)
    }

    /// A classifier of other images `[n, pixels]` in [−1, 1] with classes from 0 to `count` − 1, `[n]`: the
    /// hidden layers of that for digits, as many updates, seed 0.
    pub fn of_classes(images: ArrayView2<'_, f64>, classes: &[u32], count: usize) -> Self {
        let [_, first, second, _] = LAYERS;
        let updates_of_an_epoch = images.nrows().div_ceil(BATCH).max(1) as u64;
        let lesson = Lesson {
            layers: [images.ncols(), first, second, count],
            epochs: UPDATES.div_ceil(updates_of_an_epoch),
            seed: 0,
        };
        lesson.train(images, classes)
    }
}

/// How a classifier is trained.
struct Lesson {
    layers: [usize; 4],
    epochs: u64,
    seed: u64,
}

impl Lesson {
    fn train(&self, images: ArrayView2<'_, f64>, classes: &[u32]) -> Evaluator {
        let mut parameters = initial(&self.layers, self.seed);
        let mut adam = Adam::new(&parameters, &OPTIMISER);
        for epoch in 0..self.epochs {
            let mut order: Vec<usize> = (0..images.nrows()).collect();
            order.shuffle(&mut stream(self.seed, Purpose::Baseline, epoch, 0));
            let rate = learning_rate(&OPTIMISER, epoch, self.epochs);
            for batch in order.chunks(BATCH) {
                let chosen: Vec<u32> = batch.iter().map(|&i| classes[i]).collect();
                let network = network(&self.layers, &parameters);
                let (_, gradient) =
                    loss_and_gradient(&network, images.select(Axis(0), batch), &chosen);
                adam.step(&mut parameters, &flat(&gradient), rate, &OPTIMISER);
            }
        }
        Evaluator::of(network(&self.layers, &parameters))
    }
}

/// Weights N(0, 2/inputs), no biases.
fn initial(layers: &[usize; 4], seed: u64) -> Vec<f32> {
    let layers = layers.windows(2).zip(INITIAL..).map(|(size, step)| {
        let scale = (2.0 / size[0] as f64).sqrt();
        let weight = normal_rows(seed, Purpose::Baseline, step, size[1], size[0]);
        (
            weight.mapv(|v| scale * f64::from(v)),
            Array1::zeros(size[1]),
        )
    });
    flat(&layers.collect::<Vec<_>>())
}

/// Parameters in one row: weight and bias, layer by layer.
fn flat(layers: &[Layer]) -> Vec<f32> {
    let parts = layers
        .iter()
        .flat_map(|(weight, bias)| weight.iter().chain(bias));
    parts.map(|&v| v as f32).collect()
}

fn network(layers: &[usize; 4], parameters: &[f32]) -> Vec<Layer> {
    let mut rest = parameters.iter().map(|&v| f64::from(v));
    let sizes = layers.windows(2);
    sizes
        .map(|size| {
            let weight = Array2::from_shape_simple_fn((size[1], size[0]), || {
                rest.next().expect("as many as there are weights")
            });
            let bias = Array1::from_iter(rest.by_ref().take(size[1]));
            (weight, bias)
        })
        .collect()
}

/// Mean cross entropy of `images` `[n, pixels]` of `classes` `[n]`, and its derivatives, by backpropagation.
fn loss_and_gradient(network: &[Layer], images: Array2<f64>, classes: &[u32]) -> (f64, Vec<Layer>) {
    let n = classes.len() as f64;
    let mut outputs = vec![images];
    for (l, (weight, bias)) in network.iter().enumerate() {
        let mut z = product(outputs[l].view(), weight.t()) + bias;
        if l + 1 < network.len() {
            z.mapv_inplace(|v| v.max(0.0));
        }
        outputs.push(z);
    }
    // ∂loss/∂logits = (softmax − one-hot)/n.
    let mut delta = outputs.pop().expect("there is a layer");
    let mut loss = 0.0;
    for (mut row, &class) in delta.rows_mut().into_iter().zip(classes) {
        let largest = row.fold(f64::NEG_INFINITY, |a, &b| a.max(b));
        row.mapv_inplace(|v| (v - largest).exp());
        let total = row.sum();
        row /= total;
        loss -= row[class as usize].ln() / n;
        row[class as usize] -= 1.0;
        row /= n;
    }
    let mut gradient = Vec::new();
    for ((weight, _), output) in network.iter().zip(&outputs).rev() {
        let of_weight = product(delta.t(), output.view());
        gradient.push((of_weight, delta.sum_axis(Axis(0))));
        let mut below = product(delta.view(), weight.view());
        below.zip_mut_with(output, |slope, &h| {
            if h <= 0.0 {
                *slope = 0.0;
            }
        });
        delta = below;
    }
    gradient.reverse();
    (loss, gradient)
}

/// A·B by the kernel whose sums have one order on every processor.
fn product(a: ArrayView2<'_, f64>, b: ArrayView2<'_, f64>) -> Array2<f64> {
    let (m, k, n) = (a.nrows(), a.ncols(), b.ncols());
    let packed = PackedMatrix::new(b);
    let mut rows = Array2::zeros((m, padded(k)));
    rows.slice_mut(s![.., ..k]).assign(&a);
    let mut product = Array2::zeros((m, padded(n)));
    let (rows, into) = (rows.as_slice(), product.as_slice_mut());
    let contiguous = "an array of its own is contiguous";
    multiply(
        SimdLevel::detect(),
        m,
        rows.expect(contiguous),
        &packed,
        into.expect(contiguous),
    );
    product.slice_move(s![.., ..n])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Central differences of step 1e-5 of a smooth piece: truncation 1e-10, rounding 1e-16/1e-5.
    #[test]
    fn gradients_are_those_of_finite_differences() {
        let digits = Dataset::digits_held_out();
        let images = digits.images().slice(s![..7, ..]).mapv(f64::from);
        let classes = &digits.labels().unwrap()[..7];
        let network = network(&LAYERS, &initial(&LAYERS, 3));
        let (_, gradient) = loss_and_gradient(&network, images.clone(), classes);
        let loss = |network: &[Layer]| loss_and_gradient(network, images.clone(), classes).0;
        for layer in 0..network.len() {
            let (rows, columns) = network[layer].0.dim();
            for trial in 0..8 {
                let place = (trial * 5 % rows, trial * 11 % columns);
                let moved = |step: f64| {
                    let (mut by_weight, mut by_bias) = (network.clone(), network.clone());
                    by_weight[layer].0[place] += step;
                    by_bias[layer].1[place.0] += step;
                    [loss(&by_weight), loss(&by_bias)]
                };
                let (above, below) = (moved(1e-5), moved(-1e-5));
                let found = [gradient[layer].0[place], gradient[layer].1[place.0]];
                for i in 0..2 {
                    let expected = (above[i] - below[i]) / 2e-5;
                    assert!(
                        (found[i] - expected).abs() < 1e-8,
                        "{} not {expected}",
                        found[i]
                    );
                }
            }
        }
    }

    /// The built-in classifier's twin has 0.972 on images that it has not seen.
    #[test]
    fn images_of_other_writers_are_recognised() {
        let accuracy = Evaluator::second().accuracy(&Dataset::digits()).unwrap();
        assert!(accuracy >= 0.95, "{accuracy}");
        let own = Evaluator::second().accuracy(&Dataset::digits_held_out());
        assert!(own.unwrap() > accuracy);
    }

    #[test]
    fn a_seed_is_one_classifier() {
        let digits = Dataset::digits_held_out();
        let images = digits.images().slice(s![..300, ..]).mapv(f64::from);
        let classes = &digits.labels().unwrap()[..300];
        let train = |seed| {
            let lesson = Lesson {
                layers: LAYERS,
                epochs: 2,
                seed,
            };
            lesson.train(images.view(), classes)
        };
        assert_eq!(train(1), train(1));
        assert_ne!(train(1), train(2));
    }
}
