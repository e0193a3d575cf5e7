//! The same bits whatever the number of threads, the company in the batch, or the vector width.

use analog_substrate::{
    Activation, Drive, Ideal, Nudge, NudgeKind, Relaxation, Settled, SolverKind, Substrate,
    Visible, kernels::SimdLevel,
};
use gradep_core::{data::Dataset, objective::Examples, oracle::check_batch};
use gradep_tests::Golden;
use ndarray::{Array2, s};

const SOLVERS: [SolverKind; 3] = [
    SolverKind::Explicit,
    SolverKind::Block,
    SolverKind::Anderson,
];

fn batch() -> Examples {
    check_batch(Dataset::digits().images().clone(), 100, 5).unwrap()
}

fn late_network(solver: SolverKind, level: SimdLevel) -> Ideal<f32> {
    let couplings = Golden::open("model_step2000.npz").couplings("").cast();
    let relaxation = Relaxation {
        solver,
        tolerance: 1e-4,
        max_sweeps: 500,
        ..Relaxation::default()
    };
    Ideal::new(couplings.layers().clone(), Activation::PAPER, relaxation)
        .with_simd_level(&couplings, level)
}

/// All layers of the free and of one nudged phase, and the sweeps that they took.
fn states(substrate: &Ideal<f32>, rows: &Examples) -> (Vec<Array2<f32>>, Vec<u32>) {
    let visible = Visible::Spring { stiffness: 15.0 };
    let free = substrate
        .settle(
            &Drive {
                anchor: rows.anchor.view(),
                visible,
                held: None,
            },
            None,
        )
        .unwrap();
    let nudge = Nudge {
        kind: NudgeKind::Tilt,
        strength: 0.03,
        pattern: rows.target.view(),
    };
    let nudged = substrate.nudge(&free, &nudge, None).unwrap();
    let layers = |phase: &Settled<f32>| (0..3).map(|l| phase.state(l)).collect::<Vec<_>>();
    let sweeps = [substrate.iterations(&free), substrate.iterations(&nudged)].concat();
    ([layers(&free), layers(&nudged)].concat(), sweeps)
}

#[test]
fn threads_and_company_do_not_matter() {
    let all = batch();
    for solver in SOLVERS {
        let substrate = late_network(solver, SimdLevel::detect());
        let (together, _) = states(&substrate, &all);
        let one = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .unwrap();
        assert_eq!(
            together,
            one.install(|| states(&substrate, &all)).0,
            "{solver:?}"
        );
        // A part of the batch, cut across the blocks of 32.
        let (alone, _) = states(&substrate, &all.slice(29..70));
        for (alone, together) in alone.iter().zip(&together) {
            assert_eq!(alone, together.slice(s![29..70, ..]), "{solver:?}");
        }
    }
}

#[test]
fn avx2_and_avx512_agree_bit_for_bit_and_the_portable_level_to_rounding() {
    let all = batch();
    for solver in SOLVERS {
        let at = |level| states(&late_network(solver, level), &all);
        let (portable, _) = at(SimdLevel::Portable);
        let mut fused: Option<Vec<Array2<f32>>> = None;
        for level in SimdLevel::available().into_iter().skip(1) {
            let (layers, _) = at(level);
            assert!(
                fused.is_none_or(|other| other == layers),
                "{solver:?} {level}"
            );
            // Both are equilibria to a residual of 1e-4 (explicit: 300 steps of the same path). The
            // median sample's curvature is 0.09, so states are within about 1e-3.
            for (ours, theirs) in layers.iter().zip(&portable) {
                let mut errors: Vec<f32> = (ours - theirs)
                    .rows()
                    .into_iter()
                    .map(|row| row.iter().fold(0.0, |worst: f32, e| worst.max(e.abs())))
                    .collect();
                errors.sort_by(f32::total_cmp);
                assert!(
                    errors[errors.len() / 2] < 2e-3,
                    "{solver:?} {level}: {errors:?}"
                );
            }
            fused = Some(layers);
        }
    }
}
