//! The couplings that training begins with.

use crate::{
    config::{InitialBias, NetworkConfig},
    random::{Purpose, stream},
};
use analog_substrate::{Couplings, Topology};
use rand::RngExt;
use rand_distr::StandardNormal;

/// The couplings from which training starts: [`xavier_normal`] weights, biases as [`InitialBias`] says.
pub fn initial_couplings(network: &NetworkConfig, seed: u64) -> Couplings<f32> {
    draw_couplings(network.topology(), network, seed)
}

pub(super) fn draw_couplings(
    topology: Topology,
    network: &NetworkConfig,
    seed: u64,
) -> Couplings<f32> {
    let layers = &network.layers;
    let mut couplings = xavier_normal(topology, network.weight_gain, seed);
    if network.initial_bias == InitialBias::Uniform {
        for l in 0..layers.hidden() {
            let bound = 1.0 / (layers.size(l) as f64).sqrt();
            let mut generator = stream(seed, Purpose::Biases, l as u64, 0);
            let draw = |bias: &mut f32| *bias = generator.random_range(-bound..bound) as f32;
            couplings.bias_mut(l).iter_mut().for_each(draw);
        }
    }
    couplings
}

/// Weights ~ N(0, gain²·2/(n_l + n_{l+1})), biases 0 (Glorot & Bengio 2010, eq. 16, normal form), of dense couplings between
/// [`Layers`](analog_substrate::Layers). Of a [`Topology`] of other couplings n_l and n_{l+1} are the nodes that a node is coupled with
/// ([`fans`](analog_substrate::coupling::Connection::fans)).
pub fn xavier_normal(topology: impl Into<Topology>, gain: f64, seed: u64) -> Couplings<f32> {
    let mut couplings = Couplings::zeros(topology);
    for l in 0..couplings.layers().hidden() {
        let (below, above) = couplings.topology().connection(l).fans();
        let deviation = gain * (2.0 / (below + above)).sqrt();
        let mut generator = stream(seed, Purpose::Weights, l as u64, 0);
        couplings.parameters_mut(l).iter_mut().for_each(|weight| {
            let normal: f64 = generator.sample(StandardNormal);
            *weight = (deviation * normal) as f32;
        });
    }
    couplings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn biases_start_at_zero_or_as_in_the_published_code() {
        let paper = initial_couplings(&Config::preset("paper").unwrap().network, 1);
        let published = initial_couplings(&Config::preset("paper-explicit").unwrap().network, 1);
        assert!(paper.visible_bias().iter().all(|&bias| bias == 0.0));
        assert!(published.visible_bias().iter().all(|&bias| bias == 0.0));
        for (l, inputs) in [(0, 64.0_f64), (1, 128.0)] {
            assert_eq!(paper.weight(l), published.weight(l));
            assert!(paper.bias(l).iter().all(|&bias| bias == 0.0));
            let bias = published
                .bias(l)
                .mapv(|bias| f64::from(bias) * inputs.sqrt());
            assert!(bias.iter().all(|bias| bias.abs() <= 1.0));
            // Of 128 values: mean 0 ± 0.051, mean square 1/3 ± 0.026.
            let square = bias.mapv(|bias| bias * bias).mean().unwrap();
            assert!(bias.mean().unwrap().abs() < 0.2, "{bias}");
            assert!((square - 1.0 / 3.0).abs() < 0.1, "{square}");
        }
    }
}
