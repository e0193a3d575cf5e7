//! Steps that are unstable and energies without a minimum are errors, in both precisions alike.

use super::*;
use crate::Scalar;
use crate::{
    Substrate as _,
    chip::{ChipError, FreeRun, Integrator, NoiseRamp, Runaway},
};

const OPEN_SILU: Activation = Activation {
    kind: ActivationKind::Silu,
    clamp: None,
};

fn settings(integrator: Integrator, step: f64) -> TransientSettings {
    TransientSettings {
        integrator,
        step,
        ..TransientSettings::default()
    }
}

fn relaxed<R: Scalar>(
    nature: (Activation, Cell),
    gain: f64,
    settings: TransientSettings,
) -> Result<f64, ChipError> {
    let couplings = couplings::<R>(&[8, 16, 16], gain, 3);
    let chip = chip(Design::ideal(), &couplings, nature, settings);
    let anchor = normals(9, 3, 8, 1.0);
    let settled = chip.settle(&drive(&anchor, SPRING), None)?;
    Ok((0..3)
        .flat_map(|l| settled.state(l))
        .fold(0.0, |most, s| s.to_f64().abs().max(most)))
}

/// A spring of λ = 15 makes a rate of 16/τ: Euler's method is stable to 2/16, Kutta's to 2.785/16.
#[test]
fn explicit_steps_are_refused_beyond_the_limit_of_the_fastest_node() {
    for (integrator, longest) in [
        (Integrator::Euler, 2.0 / 16.0),
        (Integrator::Rk4, 2.785_293_563 / 16.0),
    ] {
        let nature = (SILU, Cell::Gradient);
        // 30 τ in equal steps: those taken are a little below those asked for.
        let largest = relaxed::<f64>(nature, 0.4, settings(integrator, 0.99 * longest));
        assert!(largest.unwrap() < 5.0);
        let error = relaxed::<f64>(nature, 0.4, settings(integrator, 1.02 * longest)).unwrap_err();
        let ChipError::StepTooLong {
            rate,
            longest: said,
            ..
        } = error
        else {
            panic!("{error}");
        };
        assert!((rate - 16.0).abs() < 1e-12 && (said - longest).abs() < 1e-9);
    }
}

/// What one node by itself allows is not all. Two nodes of identity coupled by 0.9 have rates of 0.1 and
/// 1.9/τ, and saturated leaks of resistive cells any.
#[test]
fn steps_that_feed_on_themselves_are_found_on_the_way() {
    let mut pair = Couplings::<f64>::zeros(layers(&[1, 1, 1]));
    pair.weight_mut(1)[(0, 0)] = 0.9;
    pair.bias_mut(0)[0] = 1.0;
    let end = |integrator, step| {
        let settings = TransientSettings {
            duration: 1500.0,
            ..settings(integrator, step)
        };
        let chip = chip(Design::ideal(), &pair, (IDENTITY, Cell::Gradient), settings);
        let anchor = Array2::zeros((1, 1));
        let settled = chip.settle(&drive(&anchor, Visible::Clamped), None)?;
        Ok(settled.state(1)[(0, 0)])
    };
    for (integrator, stable, unstable) in [
        (Integrator::Euler, 1.0, 1.2),
        (Integrator::Rk4, 1.4, 1.7),
        (Integrator::Etd2, 10.0, f64::INFINITY),
    ] {
        // h = 1/(1 − 0.9²).
        let rest = end(integrator, stable).unwrap();
        assert!((rest * 0.19 - 1.0).abs() < 1e-5, "{integrator:?}: {rest}");
        if unstable.is_finite() {
            let error: ChipError = end(integrator, unstable).unwrap_err();
            assert!(error.is_of_steps(), "{error}");
        }
    }
    for integrator in [Integrator::Rk4, Integrator::Euler] {
        let nature = (TANH, Cell::Resistive);
        let double = relaxed::<f64>(nature, 2.0, settings(integrator, 0.1)).unwrap_err();
        let single = relaxed::<f32>(nature, 2.0, settings(integrator, 0.1)).unwrap_err();
        assert!(
            double.is_of_steps() && single.is_of_steps(),
            "{double}; {single}"
        );
    }
}

/// The exponential steps hold with the same networks.
#[test]
fn steps_that_are_stable_are_let_be() {
    for nature in [
        (TANH, Cell::Resistive),
        (SILU, Cell::Gradient),
        (TANH, Cell::Hopfield),
        (SILU, Cell::Hopfield),
    ] {
        for step in [0.1, 0.5] {
            for design in [Design::ideal(), noisy()] {
                let couplings = couplings::<f64>(&[8, 16, 16], 2.0, 3);
                let chip = chip(design, &couplings, nature, settings(Integrator::Etd2, step));
                let anchor = normals(9, 40, 8, 1.0);
                let settled = chip.settle_for(&drive(&anchor, SPRING), None, 200.0);
                assert!(settled.is_ok(), "{nature:?} {step}: {settled:?}");
            }
        }
    }
}

/// With an activation that no clamp bounds and large weights the energy has no minimum: the nodes run
/// away in single and in double precision, with every integrator, under a spring, held, and free.
#[test]
fn an_energy_without_a_minimum_is_an_error_in_both_precisions() {
    fn check<R: Scalar>() {
        for integrator in [
            Integrator::Etd2,
            Integrator::Rk4,
            Integrator::Euler,
            Integrator::Adaptive,
        ] {
            let couplings = couplings::<R>(&[8, 16, 16], 3.0, 3);
            let nature = (OPEN_SILU, Cell::Gradient);
            let chip = chip(
                Design::ideal(),
                &couplings,
                nature,
                settings(integrator, 0.05),
            );
            let anchor = normals(9, 3, 8, 1.0);
            let free = FreeRun {
                ratio: 20.0,
                presettle: 0.0,
                output_scale: 2.0,
                noise: NoiseRamp::NONE,
            };
            let away = [
                chip.settle(&drive(&anchor, SPRING), None).map(|_| ()),
                chip.settle(&drive(&anchor, Visible::Clamped), None)
                    .map(|_| ()),
                chip.trace(&drive(&anchor, SPRING), 30.0, 10).map(|_| ()),
                chip.flow_free(anchor.view(), &free, &[0.5, 1.0])
                    .map(|_| ()),
            ];
            for outcome in away {
                let error = outcome.unwrap_err();
                let ChipError::RanAway {
                    time,
                    largest,
                    cause,
                    ..
                } = error
                else {
                    panic!("{integrator:?}: {error}");
                };
                assert!(matches!(cause, Runaway::NoMinimum { .. }), "{error}");
                assert!(time < 30.0 && largest < 1e9, "{error}");
            }
        }
    }
    check::<f32>();
    check::<f64>();
}

#[test]
fn the_step_that_was_taken_is_known() {
    let couplings = couplings::<f64>(&[2, 1], 0.5, 3);
    let anchor = normals(9, 1, 2, 1.0);
    let step = |integrator, duration, intervals| {
        let settings = settings(integrator, 0.1);
        let chip = chip(
            Design::ideal(),
            &couplings,
            (SILU, Cell::Gradient),
            settings,
        );
        let trace = chip.trace(&drive(&anchor, SPRING), duration, intervals);
        trace.unwrap().step
    };
    assert_eq!(step(Integrator::Etd2, 1.0, 10), Some(0.1));
    assert_eq!(step(Integrator::Etd2, 1.0, 40), Some(0.025));
    assert_eq!(step(Integrator::Adaptive, 1.0, 40), None);
}
