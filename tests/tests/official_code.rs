//! States against the numbers of the paper's official code (float64), `golden/README.md`.

use analog_substrate::{
    Activation, Drive, Ideal, Layers, Nudge, NudgeKind, Relaxation, SolverKind, Substrate, Visible,
};
use gradep_tests::{Golden, largest_difference};
use ndarray::Array2;

const LAMBDA: f64 = 15.0;
const ALPHA: f64 = 2.0;
const BETA: f64 = 1.25e-3;

fn ideal(relaxation: Relaxation) -> Ideal<f64> {
    let layers = Layers::new(vec![64, 128, 128]).unwrap();
    Ideal::new(layers, Activation::PAPER, relaxation)
}

#[test]
fn explicit_steps_in_double_precision_are_the_official_ones() {
    let mut golden = Golden::open("floweqprop_official_step500.npz");
    let relaxation = Relaxation {
        solver: SolverKind::Explicit,
        ..Relaxation::default()
    };
    let mut substrate = ideal(relaxation);
    substrate.program(&golden.couplings("")).unwrap();
    let (x_t, u_t) = (golden.matrix("x_t"), golden.matrix("u_t"));
    let drive = Drive {
        anchor: x_t.view(),
        visible: Visible::Spring { stiffness: LAMBDA },
        held: None,
    };
    let free = substrate.settle(&drive, None).unwrap();
    let source: Array2<f64> = &x_t + &(&u_t / (ALPHA * LAMBDA));
    for (name, sign) in [("free", 0.0), ("plus", 1.0), ("minus", -1.0)] {
        let state = if sign == 0.0 {
            free.clone()
        } else {
            let strength = sign * BETA * (ALPHA * LAMBDA).powi(2);
            let nudge = Nudge {
                kind: NudgeKind::Quadratic,
                strength,
                pattern: source.view(),
            };
            substrate.nudge(&free, &nudge, None).unwrap()
        };
        for (l, layer) in ["x", "h1", "h2"].into_iter().enumerate() {
            let error = largest_difference(
                &state.state(l),
                &golden.matrix(&format!("t300_{name}_{layer}")),
            );
            assert!(error < 1e-9, "{name} {layer}: {error:e}");
        }
    }
    let clamped = Drive {
        anchor: x_t.view(),
        visible: Visible::Clamped,
        held: None,
    };
    let current = substrate
        .measure(&substrate.settle(&clamped, None).unwrap())
        .current;
    let velocity = golden.matrix("t300_velocity_clamped");
    let error = largest_difference(&(current * ALPHA), &velocity);
    assert!(error < 1e-9, "clamped velocity: {error:e}");
}

/// The reference took 3,000 explicit steps per phase. That leaves its two slowest samples, whose
/// smallest Hessian eigenvalue is near zero, 4e-6 short of equilibrium; all others are at rounding.
#[test]
fn block_and_anderson_reach_the_converged_reference_on_every_sample() {
    let mut golden = Golden::open("floweqprop_official_step500.npz");
    let (x_t, u_t) = (golden.matrix("x_t"), golden.matrix("u_t"));
    let source: Array2<f64> = &x_t + &(&u_t / (ALPHA * LAMBDA));
    for solver in [SolverKind::Block, SolverKind::Anderson] {
        let mut substrate = ideal(Relaxation {
            solver,
            tolerance: 1e-10,
            max_sweeps: 5000,
            nudged_tolerance: 1e-8,
            ..Relaxation::default()
        });
        substrate.program(&golden.couplings("")).unwrap();
        let drive = Drive {
            anchor: x_t.view(),
            visible: Visible::Spring { stiffness: LAMBDA },
            held: None,
        };
        let free = substrate.settle(&drive, None).unwrap();
        let nudged = |sign: f64| {
            let strength = sign * BETA * (ALPHA * LAMBDA).powi(2);
            let nudge = Nudge {
                kind: NudgeKind::Quadratic,
                strength,
                pattern: source.view(),
            };
            substrate.nudge(&free, &nudge, None).unwrap()
        };
        for (name, state) in [
            ("free", free.clone()),
            ("plus", nudged(1.0)),
            ("minus", nudged(-1.0)),
        ] {
            assert!(substrate.is_settled(&state).iter().all(|settled| *settled));
            for (l, layer) in ["x", "h1", "h2"].into_iter().enumerate() {
                let reference = golden.matrix(&format!("converged_{name}_{layer}"));
                let error = largest_difference(&state.state(l), &reference);
                assert!(error < 1e-5, "{solver:?} {name} {layer}: {error:e}");
            }
        }
    }
}
