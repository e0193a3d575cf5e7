//! Time of an exact pairing of the 1,797 digits with fresh noise: cold, and from learned potentials.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use gradep_core::flow::assignment::{DataPotential, Workspace, assign};
use ndarray::{Array2, Axis};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

fn gaussian(seed: u64, n: usize) -> Array2<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    Array2::from_shape_simple_fn((n, 64), || StandardNormal.sample(&mut rng))
}

fn digits() -> Array2<f32> {
    let text = include_str!("../../../data/optdigits.tes");
    let pixel = |v: &str| v.parse::<f32>().expect("an integer pixel") / 8.0 - 1.0;
    let values: Vec<f32> = text
        .lines()
        .flat_map(|line| line.split(',').take(64).map(pixel))
        .collect();
    Array2::from_shape_vec((values.len() / 64, 64), values).expect("64 pixels a line")
}

/// Solve for a different noise batch each time, as training does.
fn pairing(criterion: &mut Criterion) {
    let data = digits();
    let n = data.nrows();
    let mut group = criterion.benchmark_group("assignment");
    group.sample_size(50);
    let batches: Vec<_> = (100..116).map(|seed| gaussian(seed, n)).collect();
    for learned in [0, 1, 4, 16] {
        let start = DataPotential::learn(&data, (0..learned).map(|seed| gaussian(seed, n)))
            .expect("finite");
        for size in [512, n] {
            let rows: Vec<usize> = (0..size).map(|k| k * n / size).collect();
            let (data, start) = (data.select(Axis(0), &rows), start.select(&rows));
            let mut workspace = Workspace::default();
            let mut noise = batches.iter().cycle();
            let id = BenchmarkId::new(format!("{learned} batches learned"), size);
            group.bench_function(id, |bencher| {
                bencher.iter(|| {
                    let noise = noise
                        .next()
                        .expect("a cycle")
                        .slice(ndarray::s![..size, ..]);
                    black_box(assign(&noise, &data, &start, &mut workspace).expect("finite"))
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, pairing);
criterion_main!(benches);
