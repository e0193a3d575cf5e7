//! Chains against what Langevin dynamics has to do, and what is done with chains that run away.

use super::*;
use crate::config::NegativeStart;
use crate::{
    config::{FlowMethod, ReadOut, SamplingConfig},
    generate::{FlowSteps, Generator},
    random::{Purpose, stream},
    trainer::xavier_normal,
};
use analog_substrate::{Activation, ActivationKind, Ideal, Layers, Points, Relaxation};
use ndarray::{Array2, s};
use rand::RngExt as _;
use rand_distr::StandardNormal;

const TRUST: Validity = Validity {
    max_unsettled: 0.2,
    exclude: true,
    max_displacement: f64::INFINITY,
};

const CHAIN: Chain = Chain {
    output_scale: 2.0,
    start: NegativeStart::Data,
    flow_until: 1.0,
    steps: 20,
    step: 0.1,
    temperature: 0.0,
};

const ADDRESS: Address = Address { seed: 3, update: 7 };

fn network<R>(couplings: &Couplings<R>) -> Ideal<R>
where
    R: analog_substrate::IdealScalar,
{
    let tanh = Activation {
        kind: ActivationKind::Tanh,
        clamp: None,
    };
    let topology = couplings.topology().clone();
    let mut ideal = Ideal::new(topology, tanh, Relaxation::default());
    ideal.program(couplings).unwrap();
    ideal
}

fn trained_like() -> Ideal<f32> {
    let layers = Layers::new(vec![6, 8, 5]).unwrap();
    network(&xavier_normal(layers, 0.5, 4))
}

fn images(count: usize) -> Array2<f32> {
    let mut generator = stream(11, Purpose::Check, 0, 0);
    Array2::from_shape_simple_fn((count, 6), || {
        0.5 * generator.sample::<f32, _>(StandardNormal)
    })
}

fn run(ideal: &Ideal<f32>, chain: Chain, data: &Array2<f32>) -> Negatives<f32> {
    chain
        .run(ideal, Points::from(data.view()), ADDRESS)
        .unwrap()
}

/// Of F = ½|x|² − b·x a chain has the mean b and the variance T/(1 − α dt/2): x ← (1 − α dt)x + α dt b + √(2αT dt) ξ.
#[test]
fn a_chain_samples_the_density_of_its_energy() {
    let mut couplings = Couplings::<f64>::zeros(Layers::new(vec![8, 2]).unwrap());
    couplings.visible_bias_mut().fill(0.7);
    let chain = Chain {
        start: NegativeStart::Both,
        steps: 40,
        temperature: 0.04,
        ..CHAIN
    };
    let data = Array2::zeros((2000, 8));
    let points = Points::from(data.view());
    let negatives = chain.run(&network(&couplings), points, ADDRESS).unwrap();
    // (1 − 0.2)⁴⁰ of where it began is left: 1e-4.
    let mean = negatives.x.mean().unwrap();
    let variance = negatives.x.mapv(|x| (x - mean).powi(2)).mean().unwrap();
    let expected = 0.04 / (1.0 - 0.1);
    // Standard errors of 16,000 values: 0.0017, and √2/126 of the variance; four of each.
    assert!((mean - 0.7).abs() < 0.007, "{mean}");
    assert!((variance / expected - 1.0).abs() < 0.045, "{variance}");
}

#[test]
fn a_chain_without_temperature_is_the_flow() {
    let (ideal, data) = (trained_like(), images(12));
    let config = SamplingConfig {
        until: 2.0,
        step: 0.1,
        method: FlowMethod::Euler,
        read_out: ReadOut::Clamped,
        extra_step: false,
        stop_below: 0.0,
        temperature: 0.0,
        cool_until: 0.0,
        tolerance: 1e-3,
    };
    let flow = Generator::new(&ideal, 15.0, 2.0, &config).warm(true);
    let steps = FlowSteps {
        moments: &[2.0],
        step: 0.1,
        extra_steps: 0,
    };
    let expected = flow.integrate(data.clone(), &steps).unwrap().samples;
    let negatives = run(&ideal, CHAIN, &data);
    let apart = &negatives.x - &expected.slice(s![0, .., ..]);
    assert!(apart.iter().all(|d| d.abs() < 1e-5), "{apart}");
}

#[test]
fn chains_begin_where_they_are_to_and_held_nodes_stay() {
    let (ideal, data) = (trained_like(), images(12));
    let of = |start, temperature| {
        let chain = Chain {
            start,
            temperature,
            ..CHAIN
        };
        run(&ideal, chain, &data).x
    };
    let (from_data, from_noise, both) = (
        of(NegativeStart::Data, 0.01),
        of(NegativeStart::Noise, 0.01),
        of(NegativeStart::Both, 0.01),
    );
    for sample in 0..12 {
        let other = [&from_data, &from_noise][sample % 2];
        assert_eq!(both.row(sample), other.row(sample));
        assert_ne!(from_data.row(sample), from_noise.row(sample));
    }
    assert_ne!(from_data, of(NegativeStart::Data, 0.0));
    let held = Array2::from_shape_fn((12, 6), |(i, j)| (i + j) % 3 == 0);
    let points = Points {
        x: data.view(),
        held: Some(held.view()),
    };
    let chain = Chain {
        start: NegativeStart::Both,
        temperature: 0.01,
        ..CHAIN
    };
    let negatives = chain.run(&ideal, points, ADDRESS).unwrap();
    for (place, &held) in held.indexed_iter() {
        let stays = negatives.x[place].to_bits() == data[place].to_bits();
        assert_eq!(stays, held, "{place:?}");
    }
}

#[test]
fn chains_are_the_same_on_any_number_of_threads_and_others_in_every_update() {
    let (ideal, data) = (trained_like(), images(33));
    let chain = Chain {
        start: NegativeStart::Both,
        temperature: 0.01,
        ..CHAIN
    };
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(|| run(&ideal, chain, &data))
    };
    let one = on(1);
    assert_eq!(one, on(5));
    // A chain knows nothing of those beside it.
    let few = data.slice(s![..4, ..]).to_owned();
    assert_eq!(run(&ideal, chain, &few).x, one.x.slice(s![..4, ..]));
    let next = Address {
        update: 8,
        ..ADDRESS
    };
    let next = chain.run(&ideal, Points::from(data.view()), next).unwrap();
    assert!(
        next.x
            .iter()
            .zip(&one.x)
            .all(|(a, b)| a.to_bits() != b.to_bits())
    );
}

#[test]
fn negatives_that_ran_away_are_left_out_or_the_update_is_refused() {
    let (ideal, data) = (trained_like(), images(20));
    // Steps far beyond 1/α swing ever further: by 9 and more each.
    let away = Chain {
        step: 5.0,
        temperature: 0.01,
        ..CHAIN
    };
    let lost = run(&ideal, away, &data);
    assert!(lost.lost.iter().all(|&lost| lost) && lost.x.iter().all(|&x| x == 0.0));
    let found = contrast(&ideal, data.view(), &lost, &TRUST).unwrap();
    let all = Refusal::Negatives {
        share: 1.0,
        limit: 0.2,
    };
    assert_eq!(found.refusal, Some(all));
    assert_eq!(all.kind(), "negatives");

    // One that is lost, and one that is out of range: as if neither they nor their images were there.
    let mut negatives = run(&ideal, CHAIN, &data);
    negatives.lost[4] = true;
    negatives.x.row_mut(9).fill(1.6);
    let found = contrast(&ideal, data.view(), &negatives, &TRUST).unwrap();
    assert_eq!(found.refusal, None);
    assert!((found.left_out - 0.1).abs() < 1e-12);
    let others: Vec<usize> = (0..20).filter(|row| ![4, 9].contains(row)).collect();
    let select = |x: &Array2<f32>| x.select(ndarray::Axis(0), &others);
    let rest = Negatives {
        x: select(&negatives.x),
        lost: vec![false; 18],
    };
    let expected = contrast(&ideal, select(&data).view(), &rest, &TRUST).unwrap();
    assert!((found.energy_gap - expected.energy_gap).abs() < 1e-9);
    for (a, b) in found.gradient.flat().iter().zip(expected.gradient.flat()) {
        assert!((a - b).abs() < 1e-6, "{a} {b}");
    }
}
