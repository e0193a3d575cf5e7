//! The gradient of every objective that a configuration can name, three ways.

use super::relative_error;
use analog_substrate::{Couplings, Drive, Ideal, Relaxation, Substrate as _, Visible};
use gradep_core::{
    config::{Config, Request},
    draws::normal_rows,
    files::Model,
    flow::BatchSource,
    oracle::{Agreement, directional_difference, implicit_gradient},
    random::Purpose,
    trainer::initial_couplings,
};
use ndarray::{Array2, Axis};

const PIXELS: usize = 6;

/// Configurations of small networks: each objective, decay and density of times, and each cell.
fn configs() -> Vec<Config> {
    let equilibrium = "flow.objective=equilibrium-matching";
    let cases: [&[&str]; 8] = [
        &["flow.time_power=0.7", "network.cell=resistive"],
        &[equilibrium, "network.cell=resistive"],
        &[equilibrium, "flow.decay=linear", "flow.multiplier=1.8"],
        &[
            equilibrium,
            "flow.decay=piecewise",
            "flow.decay_from=0.4",
            "flow.decay_start=1.6",
            "network.cell=hopfield",
        ],
        &[
            equilibrium,
            "flow.late_share=0.3",
            "flow.late_share_end=0.8",
            "network.cell=resistive",
        ],
        &["flow.late_share=0.5", "flow.late_from=0.7"],
        &[
            equilibrium,
            "flow.decay_from=0.8",
            "network.visible_leak=true",
            "network.cell=resistive",
        ],
        &["network.visible_leak=true"],
    ];
    let config = |overrides: &[&str]| {
        let common = ["network.layers=[6,16,8]", "network.weight_gain=0.7"];
        let overrides = overrides.iter().chain(&common);
        let request = Request {
            overrides: overrides.map(|&text| text.to_owned()).collect(),
            ..Request::default()
        };
        request.resolve().unwrap().config
    };
    cases.into_iter().map(config).collect()
}

#[test]
fn every_objective_has_the_gradient_of_its_loss() {
    for config in configs() {
        let mut couplings: Couplings<f64> = initial_couplings(&config.network, 3).cast();
        if let Some(leak) = couplings.visible_leak_mut() {
            leak.into_iter()
                .enumerate()
                .for_each(|(i, k)| *k = 0.4 * i as f64);
        }
        let model = Model::<f64> {
            couplings,
            activation: config.network.activation(),
            cell: config.network.cell,
            spring_stiffness: config.spring.stiffness,
            output_scale: config.spring.output_scale,
            trained_on: None,
        };
        let images = normal_rows(5, Purpose::Check, 0, 48, PIXELS).mapv(f32::tanh);
        let source = BatchSource::new(images, config.flow.clone(), 1).unwrap();
        let examples = source.over(10).epoch(6).unwrap();
        let anchor = examples.anchor.mapv(f64::from);
        let target = examples.target.mapv(f64::from);
        let exact = implicit_gradient(&model, anchor.view(), target.view()).unwrap();
        let flow = &config.flow;
        assert_eq!(exact.usable().len(), examples.times.len(), "{flow:?}");

        // Along a random direction, against the loss itself.
        let mut direction = Couplings::zeros(model.couplings.topology().clone());
        let drawn = normal_rows(2, Purpose::Check, 0, 1, direction.flat().len());
        let drawn = drawn.index_axis(Axis(0), 0);
        let pairs = direction.flat_mut().iter_mut().zip(drawn);
        pairs.for_each(|(d, &drawn)| *d = f64::from(drawn));
        let slope =
            directional_difference(&model, anchor.view(), target.view(), &direction, 1e-4).unwrap();
        let products = exact.gradient.flat().iter().zip(direction.flat());
        let along: f64 = products.map(|(g, d)| g * d).sum();
        let off = (along - slope.derivative).abs();
        assert!(
            off < 1e-6 * along.abs() + slope.error,
            "{flow:?}: {along} {slope:?}"
        );

        // What the rule measures with the tightest phases: an error of order β².
        let relaxation = Relaxation {
            tolerance: 1e-13,
            nudged_tolerance: 1e-10,
            ..Relaxation::default()
        };
        let topology = model.couplings.topology().clone();
        let mut substrate = Ideal::<f64>::new(topology, model.activation, relaxation)
            .with_cell(model.cell)
            .unwrap();
        substrate.program(&model.couplings).unwrap();
        let mut rule = config.gradep();
        rule.beta = 2e-5;
        let estimate = rule
            .estimate(&substrate, anchor.view(), target.view(), 1.0)
            .unwrap();
        let agreement = Agreement::between(&estimate.gradient, &exact.gradient);
        assert!(agreement.cosine > 1.0 - 1e-10, "{flow:?}: {agreement:?}");
        let error = relative_error(estimate.gradient.flat(), exact.gradient.flat());
        assert!(error < 1e-6, "{flow:?}: {error}");
    }
}

/// The slope of v at x along a direction, by central differences of the field at held x.
fn slope(substrate: &Ideal<f64>, alpha: f64, x: &Array2<f64>, along: &Array2<f64>) -> Vec<f64> {
    let step = 1e-5;
    let velocity = |x: Array2<f64>| {
        let drive = Drive {
            anchor: x.view(),
            visible: Visible::Clamped,
            held: None,
        };
        let settled = substrate.settle(&drive, None).unwrap();
        substrate.current(&settled) * alpha
    };
    let change = velocity(x + &(along * step)) - velocity(x - &(along * step));
    let products = (&change * along).sum_axis(Axis(1)) / (2.0 * step);
    let squares = (along * along).sum_axis(Axis(1));
    (products / squares).to_vec()
}

/// Hidden nodes can only soften a visible one: no field falls by more than α per unit of x, and a leak lifts that.
#[test]
fn no_field_is_steeper_than_its_bound() {
    let alpha = 2.0;
    for overrides in [
        &["network.cell=resistive"][..],
        &["network.cell=hopfield"],
        &["network.cell=gradient"],
    ] {
        let overrides = [
            overrides,
            &["network.layers=[6,16,8]", "network.visible_leak=true"],
        ]
        .concat();
        let request = Request {
            overrides: overrides.iter().map(|&text| text.to_owned()).collect(),
            ..Request::default()
        };
        let config = request.resolve().unwrap().config;
        let relaxation = Relaxation {
            tolerance: 1e-12,
            max_sweeps: 5000,
            ..Relaxation::default()
        };
        let mut couplings: Couplings<f64> = initial_couplings(&config.network, 2).cast();
        let mut substrate = Ideal::<f64>::new(
            config.network.topology(),
            config.network.activation(),
            relaxation,
        )
        .with_cell(config.network.cell)
        .unwrap();
        let (mut steepest, mut softest) = (f64::INFINITY, f64::NEG_INFINITY);
        for leak in [0.0, 3.0] {
            couplings.visible_leak_mut().unwrap().fill(leak);
            substrate.program(&couplings).unwrap();
            let x = normals(11);
            let slopes = slope(&substrate, alpha, &x, &normals(12));
            let bound = -alpha * (1.0 + leak);
            for &found in &slopes {
                assert!(found > bound - 1e-6, "{overrides:?} k = {leak}: {found}");
            }
            let least = slopes.iter().copied().fold(f64::INFINITY, f64::min);
            steepest = f64::min(steepest, least);
            softest = f64::max(softest, least);
        }
        // The leak does what nothing else can, and hidden nodes do soften.
        assert!(
            steepest < -1.5 * alpha && softest > -alpha,
            "{overrides:?}: {steepest} {softest}"
        );
    }
}

fn normals(step: u64) -> Array2<f64> {
    normal_rows(9, Purpose::Check, step, 40, PIXELS).mapv(f64::from)
}
