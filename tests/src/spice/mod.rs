//! Netlists against an independent simulator (ngspice) and an independent integration.

mod bench;
mod golden;
mod linear;
mod ngspice;
mod reference;

pub use bench::{Bench, chip_of};
pub use golden::{Golden, is_updating};
pub use linear::Fluctuations;
pub use ngspice::{Ngspice, Table};
pub use reference::Reference;

use analog_substrate::{Couplings, Layers};

/// Couplings with normal weights of standard deviation `gain/√(columns)` and biases of 0.3, from a
/// linear congruential generator (Knuth's MMIX) and sums of twelve uniforms: the same everywhere.
///
/// # Panics
/// If `sizes` is no network.
pub fn random_couplings(sizes: &[usize], gain: f64, seed: u64) -> Couplings<f64> {
    let layers = Layers::new(sizes.to_vec()).expect("a valid shape");
    let mut couplings = Couplings::zeros(layers.clone());
    let mut state = seed;
    let mut normal = move || {
        (0..12)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                (state >> 11) as f64 / (1_u64 << 53) as f64
            })
            .sum::<f64>()
            - 6.0
    };
    couplings
        .visible_bias_mut()
        .mapv_inplace(|_| 0.3 * normal());
    for l in 0..layers.hidden() {
        let scale = gain / (layers.size(l) as f64).sqrt();
        couplings.weight_mut(l).mapv_inplace(|_| scale * normal());
        couplings.bias_mut(l).mapv_inplace(|_| 0.3 * normal());
    }
    couplings
}

/// An anchor that is spread over ±1: the same everywhere.
pub fn spread_anchor(nodes: usize) -> Vec<f64> {
    (0..nodes)
        .map(|i| ((0.618_033_988_75 * (i + 1) as f64).fract() * 2.0) - 1.0)
        .collect()
}
