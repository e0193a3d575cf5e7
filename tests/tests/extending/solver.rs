//! A solver from outside: the heavy ball, with nothing to go by but the forces.

use analog_substrate::{
    Activation, ActivationKind, Cell, Couplings, Drive, Ideal, IdealError, IdealScalar, Layers,
    NudgeKind, Phase, Relaxation, Settled, Solver, Substrate, Visible,
};
use gradep_core::{
    draws::normal_rows,
    gradep::{Estimate, GradEp, PhaseScheme, Validity},
    oracle::Agreement,
    random::Purpose,
    trainer::xavier_normal,
};
use ndarray::{Array2, s};
use std::sync::Arc;

/// Gradient descent with momentum (B. T. Polyak, USSR Comput. Math. Math. Phys. 4, 1, 1964, eq. 9):
/// s ← s + rate·force + momentum·(s − s before).
#[derive(Debug)]
struct HeavyBall {
    rate: f64,
    momentum: f64,
    most: u32,
}

impl<R: IdealScalar> Solver<R> for HeavyBall {
    fn relax(&self, phase: &Phase<'_, R>, state: &mut [Array2<R>]) -> Vec<u32> {
        let batch = state[0].nrows();
        let (rate, momentum) = (R::from_f64(self.rate), R::from_f64(self.momentum));
        let mut velocity: Vec<_> = state.iter().map(|s| Array2::zeros(s.raw_dim())).collect();
        let mut sweeps = vec![0; batch];
        let mut moving = vec![true; batch];
        for _ in 0..self.most {
            let forces = phase.force(state);
            for sample in 0..batch {
                let left = forces.iter().flat_map(|layer| layer.row(sample));
                let left = left.fold(R::ZERO, |worst, f| worst.larger(f.abs()));
                moving[sample] = left.to_f64() > phase.tolerance(sample);
                // A sample that is settled stays, so that none depends on the others.
                if !moving[sample] {
                    continue;
                }
                sweeps[sample] += 1;
                for (l, layer) in state.iter_mut().enumerate() {
                    let pushed = layer.row_mut(sample).into_iter().zip(forces[l].row(sample));
                    let pushed = pushed.zip(velocity[l].row_mut(sample));
                    for ((s, &force), v) in pushed {
                        *v = rate * force + momentum * *v;
                        *s += *v;
                        if let Some((low, high)) = phase.range().filter(|_| l > 0) {
                            *s = s.larger(low).smaller(high);
                        }
                    }
                }
            }
            if !moving.contains(&true) {
                break;
            }
        }
        sweeps
    }
}

const LAMBDA: f64 = 4.0;

fn relaxation() -> Relaxation {
    Relaxation {
        tolerance: 1e-10,
        nudged_tolerance: 1e-9,
        ..Relaxation::default()
    }
}

/// The stiffest node has 1 + λ = 5, which bounds the rate from above: 2(1 + momentum)/5.
fn heavy_ball() -> Arc<HeavyBall> {
    Arc::new(HeavyBall {
        rate: 0.3,
        momentum: 0.6,
        most: 3000,
    })
}

fn network<R: IdealScalar>(kind: ActivationKind, cell: Cell) -> Ideal<R> {
    let layers = Layers::new(vec![6, 9, 7]).unwrap();
    // Couplings so weak that a sample has one equilibrium, whichever way leads there.
    let couplings: Couplings<R> = xavier_normal(layers.clone(), 0.3, 4).cast();
    let activation = Activation { kind, clamp: None };
    let network = Ideal::new(layers, activation, relaxation());
    let mut network = network.with_cell(cell).unwrap();
    network.program(&couplings).unwrap();
    network
}

fn settle<R: IdealScalar>(network: &Ideal<R>, visible: Visible) -> Settled<R> {
    let anchor = normal_rows(3, Purpose::Check, 0, 40, 6).mapv(|x| R::from_f64(f64::from(x)));
    let drive = Drive {
        anchor: anchor.view(),
        visible,
        held: None,
    };
    network.settle(&drive, None).unwrap()
}

#[test]
fn its_equilibria_are_those_of_the_accelerated_solver() {
    let spring = Visible::Spring { stiffness: LAMBDA };
    for (kind, cell) in [
        (ActivationKind::Silu, Cell::Gradient),
        (ActivationKind::HardSigmoid, Cell::Gradient),
        (ActivationKind::Tanh, Cell::Hopfield),
        (ActivationKind::Tanh, Cell::Resistive),
    ] {
        for visible in [spring, Visible::Clamped] {
            let anderson = network::<f64>(kind, cell);
            let mine = anderson.clone().with_solver(heavy_ball());
            let (exact, found) = (settle(&anderson, visible), settle(&mine, visible));
            assert!(
                mine.is_settled(&found).iter().all(|&settled| settled),
                "{kind} {cell}"
            );
            for l in 0..3 {
                let worst = (exact.state(l) - found.state(l)).fold(0.0, |w: f64, d| w.max(d.abs()));
                // Residuals of 1e-10 over a curvature of a hundredth at the least.
                assert!(worst < 1e-8, "{kind} {cell}: {worst:e}");
            }
        }
    }
}

#[test]
fn a_sample_does_not_depend_on_its_batch_and_single_precision_settles() {
    let network =
        network::<f32>(ActivationKind::Tanh, Cell::Resistive).with_relaxation(Relaxation {
            tolerance: 1e-5,
            ..relaxation()
        });
    let network = network.with_solver(heavy_ball());
    let anchor = normal_rows(3, Purpose::Check, 0, 40, 6);
    let visible = Visible::Spring { stiffness: LAMBDA };
    let settle = |rows: std::ops::Range<usize>| {
        let drive = Drive {
            anchor: anchor.slice(s![rows, ..]),
            visible,
            held: None,
        };
        network.settle(&drive, None).unwrap()
    };
    let (all, last) = (settle(0..40), settle(39..40));
    assert!(network.is_settled(&all).iter().all(|&settled| settled));
    for l in 0..3 {
        assert_eq!(all.state(l).row(39), last.state(l).row(0));
    }
}

#[test]
fn a_gradient_is_estimated_at_its_equilibria() {
    let rule = GradEp {
        spring: LAMBDA,
        output_scale: 2.0,
        nudge: NudgeKind::Tilt,
        phases: PhaseScheme::Centred,
        beta: 1e-3,
        linear_range: None,
        validity: Validity {
            max_unsettled: 0.0,
            exclude: false,
            max_displacement: 1.0,
        },
    };
    let anderson = network::<f64>(ActivationKind::Silu, Cell::Gradient);
    let mine = anderson.clone().with_solver(heavy_ball());
    let rows = |step| normal_rows(3, Purpose::Check, step, 12, 6).mapv(f64::from);
    let (anchor, target) = (rows(0), rows(1));
    let estimate = |network: &Ideal<f64>| -> Estimate<f64> {
        rule.estimate(network, anchor.view(), target.view(), 1.0)
            .unwrap()
    };
    let (exact, found) = (estimate(&anderson), estimate(&mine));
    assert_eq!(found.refusal, None);
    let agreement = Agreement::between(&found.gradient, &exact.gradient);
    // States to 1e-9 over nudges of 1e-3: differences of phases to 1e-6.
    assert!(agreement.cosine > 1.0 - 1e-9, "{agreement:?}");
    assert!((agreement.norm_ratio - 1.0).abs() < 1e-5, "{agreement:?}");
}

#[test]
fn what_it_leaves_is_measured_and_not_believed() {
    /// Says that it is done at once.
    #[derive(Debug)]
    struct Idle;
    impl Solver<f64> for Idle {
        fn relax(&self, _: &Phase<'_, f64>, state: &mut [Array2<f64>]) -> Vec<u32> {
            vec![1; state[0].nrows()]
        }
    }
    /// Loses samples.
    #[derive(Debug)]
    struct Lossy;
    impl Solver<f64> for Lossy {
        fn relax(&self, _: &Phase<'_, f64>, state: &mut [Array2<f64>]) -> Vec<u32> {
            state[1] = Array2::zeros((2, 9));
            vec![1; state[0].nrows()]
        }
    }
    let network = network::<f64>(ActivationKind::Silu, Cell::Gradient);
    let visible = Visible::Spring { stiffness: LAMBDA };
    let idle = network.clone().with_solver(Arc::new(Idle));
    let left = settle(&idle, visible);
    assert!(!idle.is_settled(&left).contains(&true));
    assert!(
        idle.residuals(&left)
            .iter()
            .all(|&residual| residual > 1e-3)
    );

    let lossy = network.with_solver(Arc::new(Lossy));
    let anchor = Array2::zeros((4, 6));
    let drive = Drive {
        anchor: anchor.view(),
        visible,
        held: None,
    };
    let error = lossy.settle(&drive, None).unwrap_err();
    assert!(matches!(error, IdealError::Solver { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains("Lossy returned states of shapes [[4, 6], [2, 9], [4, 7]]"),
        "{error}"
    );
}
