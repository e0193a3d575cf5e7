//! Time of an exact pairing of the 1,797 digits with fresh noise: cold, and from learned potentials.
//!
//! `cargo bench -p gradep-core --bench assignment`
#![allow(missing_docs, reason = "a benchmark")]

use divan::Bencher;
use gradep_core::{
    data::Dataset,
    flow::assignment::{DataPotential, Workspace, assign},
};
use ndarray::{Array2, Axis};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

fn main() {
    divan::main();
}

fn gaussian(seed: u64, n: usize) -> Array2<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    Array2::from_shape_simple_fn((n, 64), || StandardNormal.sample(&mut rng))
}

/// Noise batches from which the potential is learned, and samples: a different batch of noise is
/// solved for each time, as in training.
#[divan::bench(args = [(0, 512), (1, 512), (4, 512), (0, 1797), (1, 1797), (4, 1797), (16, 1797)], sample_count = 50)]
fn pairing(bencher: Bencher<'_, '_>, (learned, samples): (u64, usize)) {
    let digits = Dataset::digits();
    let n = digits.images().nrows();
    let start = DataPotential::learn(digits.images(), (0..learned).map(|seed| gaussian(seed, n)))
        .expect("finite");
    let rows: Vec<usize> = (0..samples).map(|k| k * n / samples).collect();
    let (data, start) = (digits.images().select(Axis(0), &rows), start.select(&rows));
    let mut workspace = Workspace::default();
    let mut seed = 100;
    bencher
        .with_inputs(|| {
            seed += 1;
            gaussian(seed, samples)
        })
        .bench_local_refs(|noise| {
            assign(&noise.view(), &data, &start, &mut workspace).expect("finite")
        });
}
