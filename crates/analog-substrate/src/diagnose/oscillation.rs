//! Nodes that swing to and fro.

use super::Trace;
use crate::kernels::Real;
use serde::Serialize;
use std::f64::consts::PI;

/// Smallest swing that counts, as a share of all that the node moves.
const LEAST_SHARE: f64 = 1e-3;
/// Smallest swing that counts where there is noise, in standard deviations: the extremes of hundreds of
/// independent values are 4 to either side.
pub(super) const NOISE_SWING: f64 = 10.0;
/// Turning points in a row of a node that oscillates.
const FEWEST_TURNS: usize = 6;
/// Most by which successive times between turns of an oscillating node differ, as a ratio. An overdamped
/// network relaxes by a sum of exponentials of ever slower modes: its nodes turn too, but each time after
/// much longer.
const EVEN: f64 = 1.5;
/// Most by which the swings of an oscillating node grow from one to the next: a steady oscillation, seen at
/// the recorded instants. A node that is pushed about on the way past saddles has swings of any size.
const GROWTH: f64 = 1.2;

/// The damped oscillation of that node of a sample which turns most often at even distances.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Oscillation {
    /// Its layer, 0 for x.
    pub layer: usize,
    /// Its place in the layer.
    pub unit: usize,
    /// Evenly spaced changes of sign of its velocity, between swings that exceed 0.1 % of its motion and
    /// the noise.
    pub turns: usize,
    /// Angular frequency in 1/τ: π over the mean time between turns.
    pub angular_frequency: f64,
    /// Rate in 1/τ at which the swings decay (their logarithmic decrement over the time between turns);
    /// negative where they grow.
    pub damping: f64,
}

/// The node of a sample that oscillates with the most turns, if any does; swings below `least` units are
/// not counted.
pub(super) fn find<R: Real>(trace: &Trace<R>, sample: usize, least: f64) -> Option<Oscillation> {
    let mut most: Option<Oscillation> = None;
    for (layer, states) in trace.states.iter().enumerate() {
        for unit in 0..states.dim().2 {
            let course = (0..trace.time.len()).map(|at| states[(sample, at, unit)].to_f64());
            let turns = turns(&trace.time, &course.collect::<Vec<_>>(), least);
            let regular = regular(&turns);
            let turns_before = most.map_or(FEWEST_TURNS - 1, |found| found.turns);
            if regular.len() > turns_before {
                most = Some(Oscillation::of(regular, (layer, unit)));
            }
        }
    }
    most
}

impl Oscillation {
    /// Of at least three turning points `(t, s)`.
    fn of(turns: &[(f64, f64)], (layer, unit): (usize, usize)) -> Self {
        let last = turns.len() - 1;
        let between = (turns[last].0 - turns[0].0) / last as f64;
        let swing = |k: usize| (turns[k + 1].1 - turns[k].1).abs();
        let decrement = (swing(0) / swing(last - 1)).ln() / (last - 1) as f64;
        Self {
            layer,
            unit,
            turns: turns.len(),
            angular_frequency: PI / between,
            damping: decrement / between,
        }
    }
}

/// The longest run of turning points with about the same time between them and swings that do not grow.
fn regular(turns: &[(f64, f64)]) -> &[(f64, f64)] {
    let between = |k: usize| turns[k + 1].0 - turns[k].0;
    let swing = |k: usize| (turns[k + 1].1 - turns[k].1).abs();
    let (mut first, mut longest) = (0, &turns[..turns.len().min(2)]);
    for last in 2..turns.len() {
        let ratio = between(last - 1) / between(last - 2);
        let growth = swing(last - 1) / swing(last - 2);
        if !(1.0 / EVEN..=EVEN).contains(&ratio) || growth > GROWTH {
            first = last - 1;
        }
        if last + 1 - first > longest.len() {
            longest = &turns[first..=last];
        }
    }
    longest
}

/// Extremes `(t, s)` of a course, after each of which it returns by more than 0.1 % of its range and
/// more than `least`.
fn turns(time: &[f64], course: &[f64], least: f64) -> Vec<(f64, f64)> {
    let (low, high) = course
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &s| {
            (low.min(s), high.max(s))
        });
    let swing = least.max(LEAST_SHARE * (high - low));
    let mut turns = Vec::new();
    let Some(&start) = course.first() else {
        return turns;
    };
    // The extreme so far in the present direction: 1 up, −1 down, 0 not known yet.
    let (mut direction, mut extreme) = (0.0, (time[0], start));
    for (&t, &s) in time.iter().zip(course) {
        if direction == 0.0 {
            if (s - start).abs() > swing {
                (direction, extreme) = ((s - start).signum(), (t, s));
            }
        } else if direction * (s - extreme.1) >= 0.0 {
            extreme = (t, s);
        } else if direction * (extreme.1 - s) > swing {
            turns.push(extreme);
            (direction, extreme) = (-direction, (t, s));
        }
    }
    turns
}
