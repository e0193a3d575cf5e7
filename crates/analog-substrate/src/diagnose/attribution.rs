//! Which imperfection does what: each switched on alone.

use super::{Diagnosis, Tail, diagnose};
use crate::{
    chip::{Design, Network, Overheads, Trace, TransientSettings},
    hw_spec::{Spec, Status},
    kernels::Real,
};
use ndarray::{Array2, Array3, Axis, Zip};
use serde::Serialize;
use units::statistics::median;

/// What one imperfection alone does to the relaxation of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Effect {
    /// Key of the imperfection, `none` for the chip without any, `all` for the chip as it is.
    pub imperfection: &'static str,
    /// Rms over samples and visible nodes of how far x ends from where it ends without imperfections, in
    /// units of V_unit.
    pub shift_x: f64,
    /// The same of the hidden nodes' states.
    pub shift_hidden: f64,
    /// Recorded intervals, of all samples, in which the energy of the nominal network rose.
    pub energy_rises: usize,
    /// The largest of these rises in watts.
    pub largest_rise_w: f64,
    /// Samples in which a mode rings, or a node oscillates.
    pub ringing: usize,
    /// Samples whose residual ends in noise.
    pub noise_limited: usize,
    /// Samples that settled.
    pub settled: usize,
    /// Median over the samples of the slowest rate in 1/τ, of those that have one.
    pub slowest_rate: Option<f64>,
}

/// Name of the chip without imperfections.
const NONE: &str = "none";
/// Name of the chip with all of them.
const ALL: &str = "all";

/// Relaxes on the chip without imperfections, with each alone that acts along a relaxation, and with all;
/// `relax` records the trace of a batch on a design and its co-content `[batch, T]` in watts, always
/// from the same seed and at the same instants.
///
/// # Errors
/// Those of `relax`.
pub fn attribute<R: Real, E>(
    spec: &Spec,
    settings: &TransientSettings,
    network: &Network<R>,
    mut relax: impl FnMut(&Design) -> Result<(Trace<R>, Array2<f64>), E>,
) -> Result<Vec<Effect>, E> {
    let clean = alone(spec, &[]);
    let (reference, energy) = relax(&clean)?;
    let effect = |imperfection, design: &Design, trace: &Trace<R>, energy: &Array2<f64>| {
        let samples = diagnose(design, settings, network, trace, energy);
        Effect::of(imperfection, &samples, (trace, &reference))
    };
    let mut effects = vec![effect(NONE, &clean, &reference, &energy)];
    for value in spec.values().filter(|value| value.status == Status::On) {
        let design = alone(spec, &[value.key.name]);
        if along_a_relaxation(&design) != along_a_relaxation(&clean) {
            let (trace, energy) = relax(&design)?;
            effects.push(effect(value.key.name, &design, &trace, &energy));
        }
    }
    let design = spec.design();
    let (trace, energy) = relax(&design)?;
    effects.push(effect(ALL, &design, &trace, &energy));
    Ok(effects)
}

fn alone(spec: &Spec, names: &[&str]) -> Design {
    let mut spec = spec.clone();
    spec.only(names).expect("the names are keys of the spec");
    spec.design()
}

/// A design without what acts on read-outs, the clock and the ledger alone.
fn along_a_relaxation(design: &Design) -> Design {
    let mut design = design.clone();
    design.converters.adc_bits = None;
    design.converters.dac_energy = 0.0;
    design.converters.adc_energy = 0.0;
    design.overheads = Overheads {
        reset: 0.0,
        write: 0.0,
        read: 0.0,
    };
    design.environment.bias_power = 0.0;
    design
}

impl Effect {
    fn of<R: Real>(
        imperfection: &'static str,
        samples: &[Diagnosis],
        (trace, reference): (&Trace<R>, &Trace<R>),
    ) -> Self {
        let pairs = || trace.states.iter().zip(&reference.states);
        let count = |is: &dyn Fn(&Diagnosis) -> bool| samples.iter().filter(|s| is(s)).count();
        let largest = samples.iter().map(|s| s.largest_rise_w);
        Self {
            imperfection,
            shift_x: rms_shift(pairs().take(1)),
            shift_hidden: rms_shift(pairs().skip(1)),
            energy_rises: samples.iter().map(|s| s.energy_rises).sum(),
            largest_rise_w: largest.fold(0.0, f64::max),
            ringing: count(&|s| s.ringing.is_some() || s.oscillation.is_some()),
            noise_limited: count(&|s| s.tail == Tail::Noise),
            settled: count(&|s| s.settling_tau.is_some()),
            slowest_rate: median(samples.iter().filter_map(|s| s.slowest_rate)),
        }
    }
}

/// Rms difference of the last recorded states of layers.
fn rms_shift<'a, R: Real>(layers: impl Iterator<Item = (&'a Array3<R>, &'a Array3<R>)>) -> f64 {
    let (mut sum, mut count) = (0.0, 0);
    for (states, reference) in layers {
        let Some(last) = states.len_of(Axis(1)).checked_sub(1) else {
            continue;
        };
        let (states, reference) = (
            states.index_axis(Axis(1), last),
            reference.index_axis(Axis(1), last),
        );
        Zip::from(states).and(reference).for_each(|a, b| {
            sum += (a.to_f64() - b.to_f64()).powi(2);
            count += 1;
        });
    }
    (sum / f64::from(count.max(1))).sqrt()
}
