//! Estimated gradients against the exact one, and against the numbers of the paper's official code.

mod objectives;
mod work;

use analog_substrate::{
    Activation, ActivationKind, Cell, Couplings, Ideal, Layers, NudgeKind, Relaxation, Scalar,
    SolverKind, Substrate,
    coupling::{Dense, LayerContrast},
};
use gradep_core::{
    data::Dataset,
    draws::normal_rows,
    files::Model,
    gradep::{
        Estimate, GradEp, LINEAR_RANGE, PhaseScheme, Validity, bias_gradient, coupling_gradient,
    },
    objective::Examples,
    oracle::{
        Agreement, Budget, CheckPlan, Precision, check_batch, directional_difference,
        gradient_table, implicit_gradient,
    },
    random::Purpose,
    trainer::xavier_normal,
};
use gradep_tests::Golden;
use ndarray::{Array2, ArrayView2};

const LAMBDA: f64 = 15.0;
const ALPHA: f64 = 2.0;
const BETAS: [f64; 5] = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1];
const NAMES: [&str; 3] = ["initial", "step 500", "step 2000"];

const TRUST: Validity = Validity {
    max_unsettled: 1.0,
    exclude: false,
    max_displacement: f64::INFINITY,
};

/// As drawn, after 500 updates by the official code, and after 2,000 of a first run.
fn couplings(name: &str) -> Couplings<f64> {
    match name {
        "initial" => xavier_normal(Layers::new(vec![64, 128, 128]).unwrap(), 0.5, 0).cast(),
        "step 500" => Golden::open("floweqprop_official_step500.npz").couplings(""),
        _ => Golden::open("model_step2000.npz").couplings(""),
    }
}

fn model(name: &str) -> Model<f64> {
    Model {
        couplings: couplings(name),
        activation: Activation::PAPER,
        cell: Cell::Gradient,
        spring_stiffness: LAMBDA,
        output_scale: ALPHA,
        trained_on: None,
    }
}

fn digits(samples: usize) -> Examples {
    check_batch(Dataset::digits().images().clone(), samples, 0).unwrap()
}

fn rule(nudge: NudgeKind, beta: f64) -> GradEp {
    GradEp {
        spring: LAMBDA,
        output_scale: ALPHA,
        nudge,
        phases: PhaseScheme::Centred,
        beta,
        linear_range: Some(LINEAR_RANGE),
        validity: TRUST,
    }
}

fn estimate<R: Scalar>(
    rule: &GradEp,
    couplings: &Couplings<f64>,
    relaxation: Relaxation,
    (anchor, target): (ArrayView2<'_, f64>, ArrayView2<'_, f64>),
) -> Estimate<R> {
    let mut substrate = Ideal::<R>::new(couplings.layers().clone(), Activation::PAPER, relaxation);
    substrate.program(&couplings.cast()).unwrap();
    let (anchor, target) = (anchor.mapv(R::from_f64), target.mapv(R::from_f64));
    rule.estimate(&substrate, anchor.view(), target.view(), 1.0)
        .unwrap()
}

/// |a − b|/|b|.
fn relative_error(a: &[f64], b: &[f64]) -> f64 {
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
    norm(&mut a.iter().zip(b).map(|(a, b)| a - b)) / norm(&mut b.iter().copied())
}

/// The largest relative error of any of the five tensors.
fn worst_tensor(a: &Couplings<f64>, b: &Couplings<f64>) -> f64 {
    let tensors = |c: &Couplings<f64>| -> Vec<Vec<f64>> {
        let hidden = (0..c.layers().hidden())
            .flat_map(|l| [c.weight(l).iter().copied().collect(), c.bias(l).to_vec()]);
        std::iter::once(c.visible_bias().to_vec())
            .chain(hidden)
            .collect()
    };
    let pairs = tensors(a).into_iter().zip(tensors(b));
    pairs
        .map(|(a, b)| relative_error(&a, &b))
        .fold(0.0, f64::max)
}

fn anderson(tolerance: f64, nudged_tolerance: f64) -> Relaxation {
    Relaxation {
        tolerance,
        nudged_tolerance,
        ..Relaxation::default()
    }
}

#[test]
fn three_hundred_explicit_steps_give_the_official_gradient() {
    let mut golden = Golden::open("floweqprop_official_step500.npz");
    let couplings = golden.couplings("");
    let official = golden.couplings("t300_grad_");
    let loss = golden.scalar("t300_flow_loss");
    let (x, u) = (golden.matrix("x_t"), golden.matrix("u_t"));
    let rule = rule(NudgeKind::Quadratic, 1.25e-3);
    let relaxation = Relaxation {
        solver: SolverKind::Explicit,
        ..Relaxation::default()
    };
    let batch = (x.view(), u.view());
    // Double precision, other order of sums: 1e-12 at most (measured 3e-13).
    let double: Estimate<f64> = estimate(&rule, &couplings, relaxation.clone(), batch);
    assert!(worst_tensor(&double.gradient, &official) < 1e-11);
    assert!((double.loss() / loss - 1.0).abs() < 1e-12);
    // States near 1 to 1e-7 over displacements near 1e-3 (measured 9e-5).
    let single: Estimate<f32> = estimate(&rule, &couplings, relaxation, batch);
    assert!(worst_tensor(&single.gradient.cast(), &official) < 2e-4);
    assert!((single.loss() / loss - 1.0).abs() < 1e-6);
}

#[test]
fn solvers_of_true_equilibria_give_the_converged_official_gradient() {
    let mut golden = Golden::open("floweqprop_official_step500.npz");
    let couplings = golden.couplings("");
    let converged = golden.couplings("converged_grad_");
    let loss = golden.scalar("converged_flow_loss");
    let (x, u) = (golden.matrix("x_t"), golden.matrix("u_t"));
    let rule = rule(NudgeKind::Quadratic, 1.25e-3);
    for solver in [SolverKind::Block, SolverKind::Anderson] {
        let relaxation = Relaxation {
            solver,
            ..anderson(1e-11, 1e-9)
        };
        let estimate: Estimate<f64> = estimate(&rule, &couplings, relaxation, (x.view(), u.view()));
        assert!(estimate.unsettled <= 0.0, "{solver:?}");
        // 3,000 steps of 0.1 leave e^{−0.1·0.043·3000} = 2.5e-6 of the softest sample's distance.
        let error = worst_tensor(&estimate.gradient, &converged);
        assert!(error < 3e-6, "{solver:?}: {error:e}");
        assert!((estimate.loss() / loss - 1.0).abs() < 1e-7, "{solver:?}");
    }
}

#[test]
fn implicit_gradient_equals_differences_of_the_loss() {
    let path = digits(8);
    let (anchor, target) = (path.anchor.mapv(f64::from), path.target.mapv(f64::from));
    for name in NAMES {
        let model = model(name);
        let exact = implicit_gradient(&model, anchor.view(), target.view()).unwrap();
        assert_eq!(exact.usable().len(), 8, "{name}");
        let scale = model.couplings.flat().len() as f64;
        for seed in 0..2 {
            // A direction of length about 1, with a component along the gradient.
            let gradient = exact.gradient.flat();
            let norm = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
            let random = xavier_normal(Layers::new(vec![64, 128, 128]).unwrap(), 5.0, seed);
            let random = random.flat().iter().map(|&r| f64::from(r) / scale.sqrt());
            let direction: Vec<f64> = random.zip(gradient).map(|(r, g)| r + g / norm).collect();
            let along: f64 = direction.iter().zip(gradient).map(|(d, g)| d * g).sum();
            let direction =
                Couplings::from_flat(model.couplings.layers().clone(), direction).unwrap();
            let difference =
                directional_difference(&model, anchor.view(), target.view(), &direction, 3e-5)
                    .unwrap();
            let error = (difference.derivative / along - 1.0).abs();
            assert!(error < 1e-6, "{name}: {along} {difference:?}");
        }
    }
}

/// Small nudges are not lost in single precision: there is no floor as β → 0, and default tolerances
/// are enough. Large ones are cut to the linear range per sample: without that the bias O(β²) of two
/// finite nudges appears (2.5 % of the initial gradient's norm at β = 0.1), and a near-marginal
/// sample can be pushed out of its minimum.
#[test]
fn the_centred_tilt_in_single_precision_is_exact_for_every_beta() {
    let path = digits(64);
    for name in NAMES {
        let plan = CheckPlan {
            nudges: vec![NudgeKind::Tilt],
            phases: vec![PhaseScheme::Centred],
            budgets: [(1e-4, 1e-4), (1e-6, 1e-4), (1e-5, 1e-5)]
                .map(|(tolerance, nudged_tolerance)| Budget::Anderson {
                    tolerance,
                    nudged_tolerance,
                })
                .to_vec(),
            precisions: vec![Precision::F32],
            betas: BETAS.to_vec(),
            ..CheckPlan::default()
        };
        let table = gradient_table(&model(name), &path, &plan).unwrap();
        assert_eq!(table.left_out, 0, "{name}");
        for row in &table.rows {
            assert!(row.agreement.cosine >= 0.9999, "{name} {row:?}");
            let error = (row.agreement.norm_ratio - 1.0).abs();
            assert!(error <= 1e-3, "{name} {row:?}");
            assert_eq!(row.refusal, None, "{name}");
        }
    }
}

/// The same for the other cells, each against the gradient of its own energy.
#[test]
fn every_cell_learns_in_its_own_energy() {
    let path = digits(64);
    for (cell, kind) in [
        (Cell::Hopfield, ActivationKind::Silu),
        (Cell::Hopfield, ActivationKind::Tanh),
        (Cell::Resistive, ActivationKind::Softplus),
        (Cell::Resistive, ActivationKind::Tanh),
    ] {
        for name in ["initial", "step 500"] {
            let mut model = model(name);
            (model.cell, model.activation.kind) = (cell, kind);
            let plan = CheckPlan {
                nudges: vec![NudgeKind::Tilt],
                phases: vec![PhaseScheme::Centred],
                budgets: vec![Budget::Anderson {
                    tolerance: 1e-4,
                    nudged_tolerance: 1e-4,
                }],
                precisions: vec![Precision::F32],
                betas: vec![1e-4, 1e-2],
                ..CheckPlan::default()
            };
            let table = gradient_table(&model, &path, &plan).unwrap();
            assert_eq!(table.left_out, 0, "{cell:?} {kind:?} {name}");
            for row in &table.rows {
                assert!(
                    row.agreement.cosine >= 0.9999,
                    "{cell:?} {kind:?} {name} {row:?}"
                );
                let error = (row.agreement.norm_ratio - 1.0).abs();
                assert!(error <= 1e-3, "{cell:?} {kind:?} {name} {row:?}");
                assert_eq!(row.refusal, None, "{cell:?} {kind:?} {name}");
            }
        }
    }
}

/// What is left at large β is in the phases, not in the arithmetic.
#[test]
fn single_precision_estimates_what_double_precision_does_for_every_beta() {
    let path = digits(64);
    let (anchor, target) = (path.anchor.mapv(f64::from), path.target.mapv(f64::from));
    for name in NAMES {
        let couplings = couplings(name);
        for beta in BETAS {
            let rule = rule(NudgeKind::Tilt, beta);
            let batch = (anchor.view(), target.view());
            let double: Estimate<f64> = estimate(&rule, &couplings, anderson(1e-10, 1e-8), batch);
            let single: Estimate<f32> = estimate(&rule, &couplings, anderson(1e-5, 1e-5), batch);
            let agreement = Agreement::between(&single.gradient, &double.gradient);
            assert!(agreement.cosine >= 0.9999, "{name} {beta}: {agreement:?}");
            assert!(
                (agreement.norm_ratio - 1.0).abs() <= 1e-3,
                "{name} {beta}: {agreement:?}"
            );
        }
    }
}

#[test]
fn the_bias_of_the_centred_tilt_grows_with_the_square_of_beta() {
    let plan = CheckPlan {
        nudges: vec![NudgeKind::Tilt],
        phases: vec![PhaseScheme::Centred],
        budgets: vec![Budget::Anderson {
            tolerance: 1e-10,
            nudged_tolerance: 1e-9,
        }],
        precisions: vec![Precision::F64],
        betas: vec![1e-2, 2e-2],
        linear_range: None,
        ..CheckPlan::default()
    };
    let table = gradient_table(&model("initial"), &digits(64), &plan).unwrap();
    let excess = |row: usize| table.rows[row].agreement.norm_ratio - 1.0;
    // Next order: a share β²·(2.2e-2/2.2e-4 − 100)/100, below 1 % here.
    assert!((excess(1) / excess(0) / 4.0 - 1.0).abs() < 0.02);
}

/// The law counts leak and spring; coupled hidden nodes soften x a little further (3 % at q = 0.56).
#[test]
fn the_quadratic_nudge_follows_its_law_and_is_refused_where_it_has_no_minimum() {
    let plan = CheckPlan {
        nudges: vec![NudgeKind::Quadratic],
        budgets: vec![Budget::Anderson {
            tolerance: 1e-6,
            nudged_tolerance: 1e-5,
        }],
        betas: vec![1e-4, 1e-3, 5e-3, 1e-2, 1.8e-2, 1e-1],
        ..CheckPlan::default()
    };
    let table = gradient_table(&model("initial"), &digits(64), &plan).unwrap();
    assert_eq!(table.rows.len(), 12);
    for row in &table.rows {
        if let Some(predicted) = row.predicted_norm_ratio {
            let error = row.agreement.norm_ratio / predicted - 1.0;
            assert!(error.abs() < 0.03, "{row:?}");
            assert!(row.agreement.cosine > 0.999, "{row:?}");
            assert_eq!(row.refusal, None);
        } else {
            assert!(row.beta > 1.7e-2, "{row:?}");
            assert!(row.refusal.is_some(), "{row:?}");
        }
    }
}

fn contrast((mean, difference): &(Array2<f32>, Array2<f32>)) -> LayerContrast<'_, f32> {
    LayerContrast {
        mean: mean.view(),
        difference: difference.view(),
    }
}

/// By its signature a coupling's gradient sees the layers at its ends alone; of those, each element
/// sees its own two nodes.
#[test]
fn a_gradient_depends_on_the_two_ends_of_its_coupling_alone() {
    let draw = |seed: u64, n: usize| {
        let noise = normal_rows(seed, Purpose::Check, 0, 4, n);
        let shift = normal_rows(seed, Purpose::Check, 1, 4, n);
        (noise, shift)
    };
    let (before, after) = (draw(1, 5), draw(2, 6));
    let dense = Dense { below: 5, above: 6 };
    let of = |after: &(Array2<f32>, Array2<f32>)| {
        let gradient = coupling_gradient(&dense, contrast(after), contrast(&before), 1.0);
        Array2::from_shape_vec((6, 5), gradient).unwrap()
    };
    let gradient = of(&after);
    let mut changed = after.clone();
    changed.0.column_mut(3).fill(7.0);
    changed.1.column_mut(3).fill(-2.0);
    let moved = of(&changed);
    for ((row, column), value) in gradient.indexed_iter() {
        assert_eq!(value.to_bits() == moved[[row, column]].to_bits(), row != 3);
    }
    let biases = (
        bias_gradient(contrast(&after), 1.0),
        bias_gradient(contrast(&changed), 1.0),
    );
    for (row, value) in biases.0.iter().enumerate() {
        assert_eq!(value.to_bits() == biases.1[row].to_bits(), row != 3);
    }
}
