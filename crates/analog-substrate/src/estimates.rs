//! What work with a network takes, by its layers: memory and steps, to hold against the limits of
//! [`units::budget`].

use crate::Layers;

/// Multiply-adds above which work is announced before it begins: ten seconds of one slow core.
const LONG: f64 = 2e10;

/// Whether so many steps of so many samples of a network take long enough to be announced. A step multiplies
/// with every weight twice, upwards and downwards.
pub fn is_long(steps: f64, samples: usize, layers: &Layers) -> bool {
    2.0 * steps * samples as f64 * parameters(layers) > LONG
}

/// Parameters of a network; not a count, so that it has no largest value.
pub fn parameters(layers: &Layers) -> f64 {
    let sizes = layers
        .sizes()
        .windows(2)
        .map(|w| (w[0] as f64, w[1] as f64));
    layers.visible() as f64 + sizes.map(|(from, to)| to * (from + 1.0)).sum::<f64>()
}

/// Nodes of all layers.
pub fn nodes(layers: &Layers) -> f64 {
    layers.sizes().iter().map(|&n| n as f64).sum()
}

/// Bytes that training takes beside its data: of each parameter, in f32, the value, its average, two moments,
/// the gradient and its two halves, the substrate's packings upwards and downwards, and four of them again in
/// a checkpoint that is being written: 13. Of each sample of a batch its anchor, noise, image, target,
/// velocity and force, and the states of three phases with what Anderson's method keeps of the iterates, five
/// copies. Matched samples (`group` at once): an n × n matrix of f32.
pub fn training(layers: &Layers, batch: usize, group: usize) -> f64 {
    let per_sample = 6.0 * layers.visible() as f64 + 3.0 * 5.0 * nodes(layers);
    4.0 * (13.0 * parameters(layers) + batch as f64 * per_sample + (group as f64).powi(2))
}

/// Bytes that generating samples takes, in f32: of each sample its start, x and four slopes, x at every moment
/// twice (as it is found, and as it is written), and the state of its relaxation five times.
pub fn generation(layers: &Layers, samples: usize, moments: usize) -> f64 {
    let per_sample = (6.0 + 2.0 * moments as f64) * layers.visible() as f64 + 5.0 * nodes(layers);
    4.0 * samples as f64 * per_sample
}

/// Bytes that recorded transients take: of each instant of each sample the states of `size` bytes a node, as
/// they are recorded, by layer, and of one layer in volts, with residual, energy and eight kinds of work in
/// f64; and what is there once for a sample.
pub fn traces(layers: &Layers, samples: f64, intervals: usize, size: usize) -> f64 {
    let instants = intervals as f64 + 1.0;
    let of_instant = 3.0 * size as f64 * nodes(layers) + 8.0 * 10.0;
    samples * (instants * of_instant + 5.0 * size as f64 * nodes(layers))
}

/// Bytes that measuring samples takes, in f64: of each pair of samples its distance, two kernels and a product
/// on the way; of each sample as much with up to 4,000 real images, pixels, features and neighbours.
pub fn distances(samples: usize) -> f64 {
    let samples = samples as f64;
    8.0 * samples * (4.0 * (samples + 4000.0) + 300.0)
}

/// Bytes that maps of the conductances of chips take while they are written: of each device of a pair what is
/// asked and what is achieved in f64, whether it is stuck, and its programming, on the chip and in its map.
pub fn maps(layers: &Layers, chips: f64) -> f64 {
    2.0 * 2.0 * 40.0 * chips * parameters(layers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper() -> Layers {
        Layers::new(vec![64, 128, 128]).unwrap()
    }

    #[test]
    fn estimates_are_those_of_the_shapes() {
        assert!((parameters(&paper()) - 24_896.0).abs() < 1e-9);
        assert!((nodes(&paper()) - 320.0).abs() < 1e-9);
        // 64 samples: 8 rows of 64 pixels and 5 of 320 nodes, in f32.
        let expected = 4.0 * 64.0 * (8.0 * 64.0 + 5.0 * 320.0);
        assert!((generation(&paper(), 64, 1) - expected).abs() < 1e-6);
    }
}
