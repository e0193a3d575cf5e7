//! Watching a chip: recorded transients.

use super::{
    Chip, ChipError,
    circuit::Circuit,
    transient::{self, Course, Drives},
};
use crate::{
    Cell, Drive, Energy, Visible,
    activation::{Curve, Invert},
    chip::ChipScalar,
    estimates::traces,
    kernels::{Real, SimdLevel},
};
use ndarray::{Array2, Array3, ArrayView2, Axis, concatenate};
use rayon::prelude::*;
use units::{budget::check_memory, words::counted};

/// A recorded relaxation of a batch.
#[derive(Clone, Debug)]
pub struct Trace<R> {
    /// Recorded instants in τ, `[T]`.
    pub time: Vec<f64>,
    /// x, h_1 … h_L (y_l of resistive cells) in units of V_unit, `[batch, T, n_l]`.
    pub states: Vec<Array3<R>>,
    /// Largest imbalance of a node's currents in g_unit·V_unit, `[batch, T]`.
    pub residual: Array2<f64>,
    /// Steps that each sample took, `[batch]`.
    pub steps: Vec<u32>,
    /// Newton iterations of each sample's implicit steps, refused ones among them, `[batch]`: what a stiff
    /// stretch costs. 0 where no step was implicit.
    pub newton: Vec<u32>,
    /// The step that all samples took, in τ; none where each took its own.
    pub step: Option<f64>,
    /// When each sample was read in τ, `[batch]`: the end, unless it was read as soon as it had
    /// settled, at the end of that step. What was read is held from then on.
    pub read: Vec<f64>,
    /// When each sample had settled for good in τ, `[batch]`: from then on its residual stays at or below
    /// the limit of the chip's settings. Found between the integrator's own steps, however few of them
    /// are recorded; none where the residual ends above the limit.
    pub settled: Vec<Option<f64>>,
}

impl<R: Real> Trace<R> {
    pub(super) fn new(
        circuit: &Circuit<R>,
        courses: &[Course<R>],
        (time, step): (Vec<f64>, Option<f64>),
    ) -> Self {
        let width: usize = circuit.widths.iter().sum();
        let (batch, instants) = (courses.len(), time.len());
        let mut column = 0;
        let mut states = Vec::new();
        for (l, &n) in circuit.layers.sizes().iter().enumerate() {
            let mut values = Array3::zeros((batch, instants, n));
            for (sample, course) in courses.iter().enumerate() {
                let recorded = course.recorded.chunks_exact(width);
                let held = std::iter::repeat(&course.last[..]);
                for (at, parts) in recorded.chain(held).take(instants).enumerate() {
                    for i in 0..n {
                        values[(sample, at, i)] = parts[column + i];
                    }
                }
            }
            column += circuit.widths[l];
            states.push(values);
        }
        let residual = Array2::from_shape_fn((batch, instants), |(sample, at)| {
            let course = &courses[sample];
            course.residuals.get(at).copied().unwrap_or(course.residual)
        });
        Self {
            states,
            residual,
            step,
            steps: courses.iter().map(|course| course.steps).collect(),
            newton: courses.iter().map(|course| course.newton).collect(),
            read: courses.iter().map(|course| course.time).collect(),
            settled: courses
                .iter()
                .map(|course| course.settling.and_then(|settling| settling.since()))
                .collect(),
            time,
        }
    }

    /// The samples of several traces of the same length, one after the other; none of none.
    pub fn join(traces: impl Iterator<Item = Self>) -> Option<Self> {
        traces.reduce(|mut all, next| {
            for (all, next) in all.states.iter_mut().zip(&next.states) {
                *all = concatenate![Axis(0), all.view(), next.view()];
            }
            all.residual = concatenate![Axis(0), all.residual, next.residual];
            all.steps.extend(next.steps);
            all.newton.extend(next.newton);
            all.read.extend(next.read);
            all.settled.extend(next.settled);
            all
        })
    }

    /// The `count` units of a layer whose states of a sample cover the widest range, widest first.
    pub fn most_moving(&self, sample: usize, layer: usize, count: usize) -> Vec<usize> {
        let states = self.states[layer].index_axis(Axis(0), sample);
        let range = |unit: usize| {
            let values = states.column(unit).into_iter().map(|v| v.to_f64());
            let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
                (low.min(v), high.max(v))
            });
            high - low
        };
        let mut units: Vec<(usize, f64)> = (0..states.ncols()).map(|i| (i, range(i))).collect();
        units.sort_by(|a, b| b.1.total_cmp(&a.1));
        units
            .into_iter()
            .take(count)
            .map(|(unit, _)| unit)
            .collect()
    }
}

impl<R: ChipScalar> Chip<R> {
    /// Relaxes from a cold start, recording the nodes at `intervals` + 1 equally spaced instants of
    /// `duration` τ. Samples are read at its end, or once they have settled if the settings say so.
    pub fn trace(
        &self,
        drive: &Drive<'_, R>,
        duration: f64,
        intervals: usize,
    ) -> Result<Trace<R>, ChipError> {
        let fixed = self.fixed(drive)?;
        positive("the duration", duration)?;
        self.check_recorded(drive.anchor.nrows(), intervals)?;
        let circuit = self.circuit(self.mode_under(drive)?)?;
        let relaxation = self.next_relaxation();
        let held = self.held(drive.anchor, relaxation);
        self.book_write(&held);
        let start = self.cold_start(&circuit, held.view());
        self.book_cold_start(start.view(), circuit.mode.visible_ratio(), &fixed);
        let force = Self::anchor_force(&circuit, &held);
        let schedule = transient::Schedule {
            watched: Some(self.limit(&circuit).residual),
            ..self.schedule(&circuit, duration, intervals.max(1))
        };
        let courses = self.run(
            &circuit,
            &Drives {
                anchor_force: &force,
                droop: self.droop(),
                fixed: &fixed,
                ..Drives::NONE
            },
            start.view(),
            relaxation,
            &schedule,
        )?;
        let time = instants(duration, intervals.max(1));
        Ok(Trace::new(
            &circuit,
            &courses,
            (time, schedule.step_taken()),
        ))
    }

    /// Refuses a trace that does not fit into the memory.
    pub(super) fn check_recorded(&self, batch: usize, intervals: usize) -> Result<(), ChipError> {
        let layers = self.couplings.layers();
        Ok(check_memory(
            || {
                let samples = counted(batch as u64, "sample");
                let sizes = layers.sizes();
                format!("a trace of {samples} at {intervals} intervals of layers {sizes:?}")
            },
            traces(layers, batch as f64, intervals, size_of::<R>()),
            "record fewer intervals (--intervals), or relax fewer samples",
        )?)
    }

    /// Co-content of the nominal network along a trace, in watts, `[batch, T]`: g_unit·V_unit²·S of
    /// the cell's own energy, of a hopfield or resistive cell its Legendre form. It never rises while
    /// noiseless gradient or resistive cells relax.
    pub fn co_content(&self, trace: &Trace<R>, drive: &Drive<'_, R>) -> Array2<f64> {
        let couplings = self.couplings().cast::<f64>();
        let energy = Energy::new(&couplings, self.activation()).with_cell(self.cell());
        let anchor = drive.anchor.mapv(R::to_f64);
        let stiffness = self.design().spring.stiffness;
        let visible = match (drive.visible, stiffness) {
            (Visible::Spring { .. }, Some(stiffness)) => Visible::Spring { stiffness },
            (visible, _) => visible,
        };
        let curve = Curve::new(self.activation());
        let at = |t: usize| {
            let state: Vec<Array2<f64>> = trace
                .states
                .iter()
                .enumerate()
                .map(|(l, layer)| {
                    let state = layer.index_axis(Axis(1), t).mapv(R::to_f64);
                    if l > 0 && self.cell() == Cell::Resistive {
                        state_of_output(curve, state)
                    } else {
                        state
                    }
                })
                .collect();
            let anchor = anchor.view();
            energy.total(
                &state,
                &Drive {
                    anchor,
                    visible,
                    held: None,
                },
            )
        };
        let power = self.design().unit_power();
        let columns: Vec<_> = (0..trace.time.len()).into_par_iter().map(at).collect();
        Array2::from_shape_fn((trace.residual.nrows(), columns.len()), |(sample, t)| {
            power * columns[t][sample]
        })
    }

    /// Runs and books a transient.
    pub(super) fn run(
        &self,
        circuit: &Circuit<R>,
        drives: &Drives<'_, R>,
        start: ArrayView2<'_, R>,
        relaxation: u64,
        schedule: &transient::Schedule<'_>,
    ) -> Result<Vec<Course<R>>, ChipError> {
        let noise = self.noise(relaxation);
        let courses = R::transient(circuit, schedule, drives, noise.as_ref(), start)?;
        self.book(&courses);
        Ok(courses)
    }
}

/// h = a⁻¹(y).
fn state_of_output(curve: Curve<f64>, output: Array2<f64>) -> Array2<f64> {
    let (low, high) = curve.output_range();
    let y: Vec<f64> = output.iter().map(|y| y.clamp(low, high)).collect();
    let (mut state, mut slope) = (output, vec![0.0; y.len()]);
    let mut h = vec![0.0; y.len()];
    Invert {
        y: &y,
        h: &mut h,
        slope: &mut slope,
    }
    .apply(SimdLevel::detect(), curve);
    state.iter_mut().zip(h).for_each(|(state, h)| *state = h);
    state
}

/// `intervals` + 1 instants from 0 to `duration`.
pub(super) fn instants(duration: f64, intervals: usize) -> Vec<f64> {
    (0..=intervals)
        .map(|k| duration * k as f64 / intervals as f64)
        .collect()
}

pub(super) fn positive(what: &'static str, value: f64) -> Result<(), ChipError> {
    if value.is_finite() && value > 0.0 {
        Ok(())
    } else {
        Err(ChipError::NotPositive { what, value })
    }
}
