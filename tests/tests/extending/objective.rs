//! An objective from outside: Equilibrium Matching with another decay, learned by the library's trainer.

use analog_substrate::{ActivationKind, Couplings, Ideal, Layers, Relaxation, Substrate as _};
use gradep_core::{
    config::{Config, CouplingKind},
    draws::normal_rows,
    files::Model,
    gradep::GradEp,
    objective::{Draw, Examples, FlowMatching, Objective, TimeDensity, linear_path},
    oracle::{Agreement, directional_difference, implicit_gradient},
    random::Purpose,
    run::trained_model,
    trainer::Trainer,
};
use ndarray::{Array2, ArrayView2, Axis, s};
use std::{f32::consts::FRAC_PI_2, sync::Arc};

/// Equilibrium Matching with a decay of its own: on the path of flow matching, the target is c(t)(x_1 − x_0),
/// c(t) = cos(πt/2) (after R. Wang & Y. Du, arXiv 2510.02300, eq. 3; their sign is that of the energy's gradient). It
/// vanishes on the data, where a network that has learned it comes to rest.
#[derive(Debug)]
struct CosineDecay;

impl Objective for CosineDecay {
    fn name(&self) -> &'static str {
        "cosine-decay"
    }

    fn pair(&self, noise: ArrayView2<'_, f32>, data: ArrayView2<'_, f32>, draw: Draw) -> Examples {
        let times = draw.times(noise.nrows());
        let mut target = &data - &noise;
        for (mut row, t) in target.rows_mut().into_iter().zip(&times) {
            row *= (FRAC_PI_2 * t).cos();
        }
        Examples {
            anchor: linear_path(noise, data, &times),
            target,
            times,
        }
    }
}

/// Images near one of two patterns of six pixels.
fn images() -> Array2<f32> {
    let mut images = normal_rows(5, Purpose::Check, 0, 64, 6) * 0.05;
    for (i, mut row) in images.rows_mut().into_iter().enumerate() {
        let sign = if i % 2 == 0 { 0.7 } else { -0.7 };
        row += sign;
        let mut end = row.slice_mut(s![3..]);
        end -= 0.5 * sign;
    }
    images
}

fn config() -> Config {
    let mut config = Config::preset("paper").unwrap();
    config.network.layers = Layers::new(vec![6, 16, 8]).unwrap();
    config.network.activation = ActivationKind::Tanh;
    config.flow.coupling = CouplingKind::OptimalTransport;
    config.optimiser.learning_rate = 2e-2;
    config.training.epochs = 150;
    config
}

/// A trained model, the losses on the way, and the loss of the answer zero.
fn train(objective: Arc<dyn Objective>) -> (Model<f32>, Vec<f64>, f64) {
    let config = config();
    let trainer = Trainer::new(&config, images()).unwrap();
    let mut trainer = trainer.with_objective(objective);
    let mut losses = Vec::new();
    while !trainer.is_finished() {
        losses.push(trainer.epoch().unwrap().loss);
    }
    let unlearned = trainer.unlearned();
    let model = trained_model(&config, trainer.couplings().clone());
    (model, losses, unlearned.zero_velocity)
}

/// Root mean square of what a model answers at its own training images.
fn speed_on_data(model: &Model<f32>) -> f64 {
    let substrate = model.ideal(Relaxation::default()).unwrap();
    let rule: GradEp = config().gradep();
    let images = images();
    let target = Array2::zeros(images.raw_dim());
    let estimate = rule
        .estimate(&substrate, images.view(), target.view(), 1.0)
        .unwrap();
    estimate.loss().sqrt()
}

#[test]
fn a_network_learns_an_objective_from_outside() {
    let (model, losses, zero) = train(Arc::new(CosineDecay));
    let last = losses.last().unwrap();
    assert!(*last < 0.3 * zero, "{last} of {zero}");
    // What tells it from flow matching: the field comes to rest on the data. Flow matching arrives there at full speed.
    let (flowing, ..) = train(Arc::new(FlowMatching));
    let (still, moving) = (speed_on_data(&model), speed_on_data(&flowing));
    // It leaves more than 1 − t does: near the data cos(πt/2) is π/2 times as large.
    assert!(still < 0.7 * moving, "{still} {moving}");
}

#[test]
fn losses_of_no_learning_are_those_of_its_own_targets() {
    // The mean of cos² over uniform times is a half.
    let images = images();
    let mine = CosineDecay.unlearned(images.view(), 1.875);
    let flow = FlowMatching.unlearned(images.view(), 1.875);
    let share = mine.zero_velocity / flow.zero_velocity;
    // Of 64 times: a standard error of 0.354/8.
    assert!((share - 0.5).abs() < 0.14, "{share}");
}

#[test]
fn an_interrupted_run_goes_on_with_the_same_bits() {
    let mut config = config();
    config.training.epochs = 6;
    let begin = || {
        let trainer = Trainer::new(&config, images()).unwrap();
        trainer.with_objective(Arc::new(CosineDecay))
    };
    let mut whole = begin();
    (0..6).for_each(|_| drop(whole.epoch().unwrap()));
    let mut first = begin();
    (0..3).for_each(|_| drop(first.epoch().unwrap()));
    let mut second = begin();
    second.restore(first.state()).unwrap();
    (0..3).for_each(|_| drop(second.epoch().unwrap()));
    assert_eq!(whole.couplings(), second.couplings());
}

#[test]
fn its_gradient_is_that_of_finite_differences() {
    let config = config();
    let trainer = Trainer::new(&config, images()).unwrap();
    let model = Model::<f64> {
        couplings: trainer.couplings().cast(),
        activation: config.network.activation(),
        cell: config.network.cell,
        spring_stiffness: config.spring.stiffness,
        output_scale: config.spring.output_scale,
        trained_on: None,
    };
    let noise = normal_rows(1, Purpose::Check, 0, 64, 6);
    let draw = Draw {
        seed: 1,
        epoch: 0,
        epochs: 1,
        density: TimeDensity::UNIFORM,
    };
    let examples = CosineDecay.pair(noise.view(), images().view(), draw);
    let (anchor, target) = (
        examples.anchor.mapv(f64::from),
        examples.target.mapv(f64::from),
    );
    let exact = implicit_gradient(&model, anchor.view(), target.view()).unwrap();
    assert_eq!(exact.usable().len(), 64);

    let mut direction = Couplings::zeros(model.couplings.layers().clone());
    let drawn = normal_rows(2, Purpose::Check, 0, 1, direction.flat().len());
    let pairs = direction
        .flat_mut()
        .iter_mut()
        .zip(drawn.index_axis(Axis(0), 0));
    pairs.for_each(|(d, &drawn)| *d = f64::from(drawn));
    let slope = directional_difference(&model, anchor.view(), target.view(), &direction, 1e-4);
    let slope = slope.unwrap();
    let along: f64 = exact
        .gradient
        .flat()
        .iter()
        .zip(direction.flat())
        .map(|(g, d)| g * d)
        .sum();
    // The bound that the difference itself gives, and rounding of losses near 1 over a step of 1e-4.
    assert!(
        (along - slope.derivative).abs() < slope.error + 1e-9,
        "{along} {slope:?}"
    );

    // What the chip can measure of it.
    let relaxation = Relaxation {
        tolerance: 1e-12,
        nudged_tolerance: 1e-9,
        ..Relaxation::default()
    };
    let mut substrate = Ideal::<f64>::new(
        model.couplings.layers().clone(),
        model.activation,
        relaxation,
    );
    substrate.program(&model.couplings).unwrap();
    let mut rule = config.gradep();
    rule.beta = 1e-4;
    let estimate = rule
        .estimate(&substrate, anchor.view(), target.view(), 1.0)
        .unwrap();
    let agreement = Agreement::between(&estimate.gradient, &exact.gradient);
    // Centred: an error of order β².
    assert!(agreement.cosine > 1.0 - 1e-8, "{agreement:?}");
}
