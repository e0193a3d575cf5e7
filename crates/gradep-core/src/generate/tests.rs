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
        ..SamplingConfig::default()
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
        ..SamplingConfig::default()
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

/// A network without couplings, whose field is v = −2x at held x, and where noise is after a flow.
fn decayed(method: FlowMethod, stop_below: f64, until: f64) -> (Generation, Array2<f32>) {
    let layers = Layers::new(vec![3, 2]).unwrap();
    let substrate = Ideal::<f32>::new(layers, Activation::PAPER, Relaxation::default());
    let config = SamplingConfig {
        until,
        step: 0.05,
        method,
        read_out: ReadOut::Clamped,
        stop_below,
        ..SamplingConfig::default()
    };
    let generator = Generator::new(&substrate, 15.0, 2.0, &config);
    let noise = starting_noise(5, 8, 3);
    let generated = generator.integrate(noise.clone(), &steps(&[until], 0.05, 0));
    (generated.unwrap(), noise)
}

#[test]
fn a_sample_stays_where_its_velocity_is_a_share_of_the_first() {
    for method in [FlowMethod::Euler, FlowMethod::Heun, FlowMethod::Rk4] {
        let (stopped, noise) = decayed(method, 0.2, 10.0);
        let last = stopped.samples.index_axis(Axis(0), 0);
        for (x, start) in last.iter().zip(&noise) {
            // The first step that begins below a fifth is not taken; each takes a tenth.
            let share = x / start;
            assert!(share < 0.2 && share > 0.17, "{method:?}: {share}");
        }
        // Nobody moves after that, and nothing is read.
        assert!(stopped.evaluations < 4 * 20, "{}", stopped.evaluations);
        assert_eq!(stopped.steps, 200);
        let (whole, _) = decayed(method, 0.0, 10.0);
        assert!(whole.samples.iter().all(|x| x.abs() < 1e-6));
    }
}

/// It comes to rest where Euler does, after the same time and with as many relaxations.
#[test]
fn momentum_comes_to_rest() {
    let (euler, noise) = decayed(FlowMethod::Euler, 0.0, 1.0);
    let (nesterov, _) = decayed(FlowMethod::Nesterov, 0.0, 1.0);
    assert_eq!(euler.evaluations, nesterov.evaluations);
    for (x, start) in nesterov.samples.iter().zip(&noise) {
        // e⁻² is 0.135; momentum begins slowly.
        let share = x / start;
        assert!((0.1..0.2).contains(&share), "{share}");
    }
    let (rest, _) = decayed(FlowMethod::Nesterov, 0.0, 8.0);
    assert!(rest.samples.iter().all(|x| x.abs() < 1e-5));
}
