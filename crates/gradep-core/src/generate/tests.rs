use super::*;
use analog_substrate::{Activation, ActivationKind, Couplings, Ideal, Layers, Relaxation};

fn steps(moments: &[f64], step: f64, extra_steps: u64) -> FlowSteps<'_> {
    FlowSteps {
        moments,
        step,
        extra_steps,
    }
}

/// With identity hidden nodes the clamped velocity is linear: v = α(b_x + W_0ᵀ(W_0 x + b_0) − x),
/// so with W_0 = 0 and b_x = 0 it is −αx, and x(t) = x(0) e^{−αt}.
fn decay_error(method: FlowMethod, step: f64) -> f64 {
    let layers = Layers::new(vec![3, 2]).unwrap();
    let activation = Activation {
        kind: ActivationKind::Identity,
        clamp: None,
    };
    let mut substrate = Ideal::<f32>::new(layers.clone(), activation, Relaxation::default());
    substrate.program(&Couplings::zeros(layers)).unwrap();
    let config = SamplingConfig {
        until: 1.0,
        step,
        method,
        read_out: ReadOut::Clamped,
        extra_step: false,
    };
    let generator = Generator::new(&substrate, 15.0, 2.0, &config);
    let x = starting_noise(5, 4, 3);
    let out = generator
        .integrate(x.clone(), &steps(&[1.0], step, 0))
        .unwrap();
    let exact = x.mapv(|x| x * (-2.0_f32).exp());
    let last = out.samples.index_axis(Axis(0), 0);
    (&last - &exact)
        .iter()
        .fold(0.0, |worst, e| worst.max(f64::from(e.abs())))
}

#[test]
fn every_method_converges_with_its_order() {
    for (method, order) in [
        (FlowMethod::Euler, 1.0),
        (FlowMethod::Heun, 2.0),
        (FlowMethod::Rk4, 4.0),
    ] {
        let measured = (decay_error(method, 0.25) / decay_error(method, 0.125)).log2();
        assert!((measured - order).abs() < 0.4, "{method:?}: {measured}");
    }
}

#[test]
fn a_generation_can_be_watched_and_stopped() {
    let layers = Layers::new(vec![3, 2]).unwrap();
    let substrate = Ideal::<f32>::new(layers, Activation::PAPER, Relaxation::default());
    let config = crate::config::Config::preset("best").unwrap().sampling;
    let generator = Generator::new(&substrate, 15.0, 2.0, &config);
    let noise = || starting_noise(1, 2, 3);
    let mut shares = Vec::new();
    let watched = generator.integrate_observed(
        noise(),
        &steps(&[0.5, 1.0], 0.25, 1),
        |_| {},
        |share| {
            shares.push(share);
            true
        },
    );
    let plain = generator
        .integrate(noise(), &steps(&[0.5, 1.0], 0.25, 1))
        .unwrap();
    assert_eq!(watched.unwrap(), plain);
    assert_eq!(shares, [0.0, 0.2, 0.4, 0.6, 0.8]);
    let stopped = generator.integrate_observed(
        noise(),
        &steps(&[1.0], 0.25, 0),
        |_| {},
        |share| share < 0.5,
    );
    assert!(matches!(stopped, Err(GenerateError::Interrupted)));
}

#[test]
fn steps_are_counted_and_moments_hit() {
    let layers = Layers::new(vec![3, 2]).unwrap();
    let substrate = Ideal::<f32>::new(layers, Activation::PAPER, Relaxation::default());
    let config = SamplingConfig {
        until: 1.0,
        step: 0.01,
        method: FlowMethod::Euler,
        read_out: ReadOut::Spring,
        extra_step: true,
    };
    let generator = Generator::new(&substrate, 15.0, 2.0, &config);
    let out = generator
        .integrate(starting_noise(1, 2, 3), &steps(&[0.0, 0.5, 1.0], 0.01, 1))
        .unwrap();
    assert_eq!((out.steps, out.evaluations), (101, 101));
    assert_eq!(out.samples.index_axis(Axis(0), 0), starting_noise(1, 2, 3));
    assert!(
        generator
            .integrate(starting_noise(1, 2, 3), &steps(&[1.0, 0.5], 0.01, 0))
            .is_err()
    );
    assert!(
        generator
            .integrate(starting_noise(1, 2, 3), &steps(&[1.0], 0.0, 0))
            .is_err()
    );
}
