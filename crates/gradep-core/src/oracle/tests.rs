//! Small networks of every activation: the two oracles against each other and against the estimator.

mod contrast;
mod held;

use super::*;
use crate::{
    config::Config,
    files::Model,
    gradep::{GradEp, PhaseScheme, Validity},
    random::{Purpose, stream},
    run::trained_model,
    trainer::xavier_normal,
};
use analog_substrate::{
    Activation, ActivationKind, Cell, Couplings, Ideal, Layers, NudgeKind, Relaxation, Substrate,
};
use ndarray::Array2;
use rand::RngExt;
use rand_distr::StandardNormal;

/// Everything is trusted: these tests look at the gradient itself.
const TRUST: Validity = Validity {
    max_unsettled: 0.0,
    exclude: false,
    max_displacement: f64::INFINITY,
};

fn normal(seed: u64, count: usize) -> Vec<f64> {
    let mut generator = stream(seed, Purpose::Check, 0, 0);
    (0..count)
        .map(|_| generator.sample(StandardNormal))
        .collect()
}

/// Every cell with every activation that it can have.
fn nodes() -> impl Iterator<Item = (Cell, ActivationKind)> {
    [Cell::Gradient, Cell::Hopfield, Cell::Resistive]
        .into_iter()
        .flat_map(|cell| ActivationKind::ALL.iter().map(move |&kind| (cell, kind)))
        .filter(|&(cell, kind)| cell.check(Activation { kind, clamp: None }).is_ok())
}

fn model(kind: ActivationKind, sizes: &[usize], gain: f64) -> Model<f64> {
    let layers = Layers::new(sizes.to_vec()).unwrap();
    let mut couplings = xavier_normal(layers.clone(), gain, 5).cast::<f64>();
    let biases = normal(9, layers.parameters());
    let mut offsets = couplings.visible_bias_mut();
    offsets
        .iter_mut()
        .zip(&biases)
        .for_each(|(b, n)| *b = 0.3 * n);
    for l in 0..layers.hidden() {
        let mut offsets = couplings.bias_mut(l);
        // Inside the range of the hard sigmoid for most nodes, not for all.
        offsets
            .iter_mut()
            .zip(&biases)
            .for_each(|(b, n)| *b = 0.4 + 0.3 * n);
    }
    Model {
        couplings,
        activation: Activation {
            kind,
            clamp: Some(10.0),
        },
        cell: Cell::Gradient,
        spring_stiffness: 15.0,
        output_scale: 2.0,
        trained_on: None,
    }
}

fn batch(n: usize) -> (Array2<f64>, Array2<f64>) {
    let rows = |seed| Array2::from_shape_vec((6, n), normal(seed, 6 * n)).unwrap();
    (rows(1), rows(2))
}

fn largest(values: &[f64]) -> f64 {
    values
        .iter()
        .fold(0.0, |worst, value| worst.max(value.abs()))
}

#[test]
fn implicit_gradient_equals_differences_of_the_loss() {
    for (cell, kind) in nodes() {
        for sizes in [&[6, 9][..], &[6, 9, 7], &[5, 8, 6, 4]] {
            let model = Model {
                cell,
                ..model(kind, sizes, 0.7)
            };
            let (anchor, target) = batch(sizes[0]);
            let exact = implicit_gradient(&model, anchor.view(), target.view()).unwrap();
            assert_eq!(exact.usable().len(), 6, "{cell:?} {kind:?} {sizes:?}");
            for seed in 20..23 {
                let direction = normal(seed, exact.gradient.flat().len());
                let along: f64 = direction
                    .iter()
                    .zip(exact.gradient.flat())
                    .map(|(d, g)| d * g)
                    .sum();
                let direction =
                    Couplings::from_flat(exact.gradient.layers().clone(), direction).unwrap();
                // A node that follows its input can pass a kink within a step.
                let step = match (cell, kind) {
                    (Cell::Hopfield | Cell::Resistive, ActivationKind::HardSigmoid) => 1e-6,
                    _ => 1e-4,
                };
                // The loss is exact to about 1e-11 (states to 1e-12, slope of order 10): over a step of
                // 1e-4 that is 1e-7; the truncation is reported.
                let difference =
                    directional_difference(&model, anchor.view(), target.view(), &direction, step)
                        .unwrap();
                let tolerance = 1e-10 / step + 1e-6 * along.abs() + difference.error;
                assert!(
                    (difference.derivative - along).abs() < tolerance,
                    "{cell:?} {kind:?} {sizes:?}: {along} {difference:?}"
                );
            }
        }
    }
}

#[test]
fn the_estimate_tends_to_the_implicit_gradient() {
    for (cell, kind) in nodes() {
        let model = Model {
            cell,
            ..model(kind, &[6, 9, 7], 0.7)
        };
        let (anchor, target) = batch(6);
        let exact = implicit_gradient(&model, anchor.view(), target.view()).unwrap();
        let relaxation = Relaxation {
            tolerance: 1e-12,
            nudged_tolerance: 1e-10,
            ..Relaxation::default()
        };
        let mut substrate = Ideal::<f64>::new(
            model.couplings.layers().clone(),
            model.activation,
            relaxation,
        )
        .with_cell(cell)
        .unwrap();
        substrate.program(&model.couplings).unwrap();
        let rule = GradEp {
            spring: 15.0,
            output_scale: 2.0,
            nudge: NudgeKind::Tilt,
            phases: PhaseScheme::Centred,
            beta: 1e-5,
            linear_range: None,
            validity: TRUST,
        };
        let estimate = rule
            .estimate(&substrate, anchor.view(), target.view(), 1.0)
            .unwrap();
        assert_eq!(estimate.refusal, None, "{cell:?} {kind:?}");
        assert!((estimate.loss() - exact.loss).abs() < 1e-10 * exact.loss);
        // Bias β²·30²·(v − u)²/16² of order 1e-8; the hard sigmoid's differences are subtracted: 1e-16/1e-5.
        let scale = largest(exact.gradient.flat());
        for (a, b) in estimate.gradient.flat().iter().zip(exact.gradient.flat()) {
            assert!((a - b).abs() < 1e-7 * scale, "{cell:?} {kind:?}: {a} {b}");
        }
    }
}

/// At rest x = h = 0 of a network without biases is an equilibrium of S for x_t = 0, and with
/// tanh its curvature along the coupled pair is (1 + λ) − w² < 0 for w² > 1 + λ: a saddle.
#[test]
fn a_saddle_is_marked_and_has_no_gradient() {
    let layers = Layers::new(vec![1, 1]).unwrap();
    let couplings = Couplings::from_flat(layers, vec![0.0, 5.0, 0.0]).unwrap();
    let model = Model {
        couplings,
        activation: Activation {
            kind: ActivationKind::Tanh,
            clamp: None,
        },
        cell: Cell::Gradient,
        spring_stiffness: 15.0,
        output_scale: 2.0,
        trained_on: None,
    };
    let target = Array2::ones((1, 1));
    let alone = implicit_gradient(&model, Array2::zeros((1, 1)).view(), target.view());
    assert!(matches!(
        alone,
        Err(OracleError::NoEquilibrium { samples: 1, .. })
    ));
    // Beside a sample that leaves the symmetric point, it is marked and left out.
    let anchor = ndarray::array![[0.0], [0.5]];
    let target = Array2::ones((2, 1));
    let both = implicit_gradient(&model, anchor.view(), target.view()).unwrap();
    assert_eq!(both.usable(), [1]);
    assert!(both.samples[0].at_equilibrium && both.samples[0].smallest_curvature < 0.0);
    let one = implicit_gradient(
        &model,
        anchor.slice(ndarray::s![1.., ..]),
        target.slice(ndarray::s![1.., ..]),
    );
    assert_eq!(both.gradient, one.unwrap().gradient);
}

/// Without couplings S has curvature 1 + λ on x and nothing else matters.
#[test]
fn curvature_of_an_uncoupled_network_is_that_of_its_visible_nodes() {
    let mut model = model(ActivationKind::Silu, &[6, 9, 7], 0.0);
    let (anchor, target) = batch(6);
    let exact = implicit_gradient(&model, anchor.view(), target.view()).unwrap();
    for sample in &exact.samples {
        assert!(
            (sample.smallest_curvature - 16.0).abs() < 1e-6,
            "{sample:?}"
        );
        assert_eq!(sample.iterations, 1);
    }
    model.spring_stiffness = 3.0;
    let softer = implicit_gradient(&model, anchor.view(), target.view()).unwrap();
    assert!(
        softer
            .samples
            .iter()
            .all(|s| (s.smallest_curvature - 4.0).abs() < 1e-6)
    );
}

/// Without couplings the law of the quadratic nudge is exact.
#[test]
fn the_table_finds_the_law_of_the_quadratic_nudge_and_refuses_what_has_no_minimum() {
    let model = model(ActivationKind::Silu, &[64, 9, 7], 0.0);
    let images = crate::data::Dataset::digits().images().clone();
    let path = check_batch(images, 16, 1).unwrap();
    let plan = CheckPlan {
        betas: vec![1e-3, 1e-2, 1.8e-2],
        precisions: vec![Precision::F32, Precision::F64],
        ..CheckPlan::default()
    };
    let table = gradient_table(&model, &path, &plan).unwrap();
    assert_eq!((table.samples, table.left_out), (16, 0));
    assert_eq!(table.rows.len(), 2 * 2 * 2 * 2 * 3);
    for row in &table.rows {
        // Explicit states in single precision are subtracted: 1e-7 of displacements of 1e-3.
        let tolerance = if row.precision == Precision::F64 {
            1e-6
        } else {
            1e-3
        };
        // A step of 0.1 is stable for 0.1(1 + λ + κ) < 2, κ = 900β.
        let explicit = matches!(row.budget, Budget::Explicit { .. });
        let unstable = explicit && row.nudge == NudgeKind::Quadratic && row.beta > 4.4e-3;
        match row.predicted_norm_ratio {
            Some(ratio) if !unstable => {
                assert!(row.agreement.cosine > 1.0 - tolerance, "{row:?}");
                assert!(
                    (row.agreement.norm_ratio / ratio - 1.0).abs() < tolerance,
                    "{row:?}"
                );
            }
            _ => assert!(row.refusal.is_some(), "{row:?}"),
        }
    }
    let json = serde_json::to_value(&table.rows[0]).unwrap();
    for key in [
        "nudge",
        "phases",
        "solver",
        "precision",
        "beta",
        "cosine",
        "norm_ratio",
    ] {
        assert!(!json[key].is_null(), "{key}");
    }
}

#[test]
fn the_row_of_training_has_every_setting_of_the_run() {
    let mut config = Config::preset("paper-explicit").unwrap();
    config.relaxation.steps = 40;
    config.relaxation.step_size = 0.05;
    config.relaxation.tolerance = 0.5;
    config.nudge.beta = 2.5e-3;
    config.nudge.phases = PhaseScheme::OneSided;
    config.training.max_displacement = 1e-6;
    let network = &config.network;
    let couplings = xavier_normal(network.layers.clone(), network.weight_gain, 3);
    let trained = trained_model(&config, couplings);
    let model = Model {
        couplings: trained.couplings.cast(),
        activation: trained.activation,
        cell: analog_substrate::Cell::Gradient,
        spring_stiffness: trained.spring_stiffness,
        output_scale: trained.output_scale,
        trained_on: None,
    };
    let images = crate::data::Dataset::digits().images().clone();
    let path = check_batch(images, 16, 1).unwrap();
    let plan = CheckPlan {
        as_trained: Some(AsTrained::of(&config)),
        budgets: Vec::new(),
        ..CheckPlan::default()
    };
    let table = gradient_table(&model, &path, &plan).unwrap();
    assert_eq!((table.left_out, table.rows.len()), (0, 1));

    // The same by the trainer's own means.
    let substrate = trained.ideal(config.relaxation.clone()).unwrap();
    let (anchor, target) = (path.anchor.view(), path.target.view());
    let estimate = config
        .gradep()
        .estimate(&substrate, anchor, target, 1.0)
        .unwrap();
    let (anchor, target) = (path.anchor.mapv(f64::from), path.target.mapv(f64::from));
    let exact = implicit_gradient(&model, anchor.view(), target.view()).unwrap();
    let row = &table.rows[0];
    assert!(row.as_trained);
    assert_eq!(
        (row.nudge, row.phases, row.beta, row.precision, row.budget),
        (
            NudgeKind::Quadratic,
            PhaseScheme::OneSided,
            2.5e-3,
            Precision::F32,
            Budget::Explicit { steps: 40 }
        )
    );
    assert_eq!(
        row.agreement,
        Agreement::between(&estimate.gradient, &exact.gradient)
    );
    assert_eq!(
        (row.unsettled, row.refusal.clone()),
        (
            estimate.unsettled,
            estimate.refusal.map(|why| why.to_string())
        )
    );
    assert!(row.refusal.as_ref().unwrap().contains("limit 0.000001"));
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let model = model(ActivationKind::Silu, &[6, 9], 0.5);
    let (anchor, target) = batch(6);
    let short = target.slice(ndarray::s![..5, ..]);
    let error = implicit_gradient(&model, anchor.view(), short).unwrap_err();
    assert!(matches!(error, OracleError::TargetShape { .. }), "{error}");
    let direction = Couplings::zeros(Layers::new(vec![6, 8]).unwrap());
    let error =
        directional_difference(&model, anchor.view(), target.view(), &direction, 1e-4).unwrap_err();
    assert!(
        matches!(error, OracleError::DirectionLayers { .. }),
        "{error}"
    );
}
