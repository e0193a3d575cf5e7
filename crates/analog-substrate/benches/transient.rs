//! Continuous-time relaxation of 64-128-128 for 30 τ: milliseconds of one core per sample, per
//! integrator, with and without noise, and what the second core earns.
//!
//! `cargo bench -p analog-substrate --bench transient`. Each figure is the best of several runs, since a
//! shared machine only ever adds time.
#![expect(clippy::print_stdout, reason = "the table is the result")]
#![allow(missing_docs, reason = "a benchmark")]

use analog_substrate::{
    Activation, Cell, Couplings, Drive, Layers, Scalar, Visible,
    chip::{Chip, ChipParts, Design, Instance, Integrator, Network, TransientSettings},
    random::{Purpose, stream},
};
use ndarray::Array2;
use rand_distr::{Distribution, StandardNormal};
use std::time::Instant;

const SIZES: [usize; 3] = [64, 128, 128];
const DURATION: f64 = 30.0;
const REPEATS: usize = 4;

fn main() {
    println!(
        "{:<44} {:>12} {:>12} {:>7}",
        "64-128-128, 30 tau", "ms/sample", "all threads", "x"
    );
    let noisy = {
        let mut design = Design::ideal();
        design.environment.thermal_noise = true;
        design
    };
    let quiet = Design::ideal();
    for (design, noise) in [(&quiet, ""), (&noisy, ", thermal noise")] {
        for (integrator, step) in [
            (Integrator::Etd2, 0.5),
            (Integrator::Etd2, 0.1),
            (Integrator::Rk4, 0.1),
        ] {
            let name = format!("f32 {integrator:?} {step} tau{noise}");
            row::<f32>(&name, design, Cell::Gradient, integrator, step);
        }
    }
    row::<f32>(
        "f32 Etd2 0.5 tau, hopfield",
        &quiet,
        Cell::Hopfield,
        Integrator::Etd2,
        0.5,
    );
    row::<f64>(
        "f64 Rk4 0.1 tau",
        &quiet,
        Cell::Gradient,
        Integrator::Rk4,
        0.1,
    );
    row::<f64>(
        "f64 adaptive 1e-9",
        &quiet,
        Cell::Gradient,
        Integrator::Adaptive,
        0.1,
    );
}

fn row<R: Scalar>(name: &str, design: &Design, cell: Cell, integrator: Integrator, step: f64) {
    let samples = 128;
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("a thread");
    let single = one.install(|| best::<R>(design, cell, (integrator, step), samples));
    let all = best::<R>(design, cell, (integrator, step), samples);
    println!(
        "{name:<44} {single:>9.3} ms {all:>9.3} ms {:>6.2}x",
        single / all
    );
}

/// Milliseconds per sample.
fn best<R: Scalar>(design: &Design, cell: Cell, method: (Integrator, f64), samples: usize) -> f64 {
    let settings = TransientSettings {
        integrator: method.0,
        step: method.1,
        duration: DURATION,
        ..TransientSettings::default()
    };
    let couplings = couplings::<R>();
    let instance = Instance::nominal(design, couplings.layers());
    let chip = Chip::new(ChipParts {
        design: design.clone(),
        instance,
        network: Network {
            couplings,
            activation: Activation::PAPER,
            cell,
        },
        settings,
        noise_seed: 1,
    })
    .expect("a valid chip");
    let anchor = normals::<R>(7, samples, SIZES[0], 1.0);
    let drive = Drive {
        anchor: anchor.view(),
        visible: Visible::Spring { stiffness: 15.0 },
        held: None,
    };
    (0..REPEATS)
        .map(|_| {
            let start = Instant::now();
            chip.trace(&drive, DURATION, 1).expect("finite anchors");
            start.elapsed().as_secs_f64() * 1e3 / samples as f64
        })
        .fold(f64::INFINITY, f64::min)
}

/// Gain-1 random weights.
fn couplings<R: Scalar>() -> Couplings<R> {
    let layers = Layers::new(SIZES.to_vec()).expect("three layers");
    let mut couplings = Couplings::zeros(layers.clone());
    for l in 0..layers.hidden() {
        let (rows, columns) = (SIZES[l + 1], SIZES[l]);
        let scale = (2.0 / (rows + columns) as f64).sqrt();
        couplings
            .weight_mut(l)
            .assign(&normals(l as u64, rows, columns, scale));
    }
    couplings
}

fn normals<R: Scalar>(seed: u64, rows: usize, columns: usize, scale: f64) -> Array2<R> {
    let mut generator = stream(seed, Purpose::Check, 0, 0);
    Array2::from_shape_simple_fn((rows, columns), || {
        let z: f64 = StandardNormal.sample(&mut generator);
        R::from_f64(scale * z)
    })
}
