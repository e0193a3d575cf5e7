//! Free-running generation: visible nodes float on large capacitors, and the chip relaxes from noise.

use super::{
    Chip, ChipError, Clock, Ledger, NoiseRamp, Trace,
    account::Account,
    circuit::{Circuit, VisibleMode},
    trace::{instants, positive},
    transient::{Course, Drives, Schedule},
};
use crate::chip::ChipScalar;
use crate::{Drive, Points, Visible};
use ndarray::Array3;

/// How visible nodes that run free are started and how slow they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FreeRun {
    /// r = C_x/C_h.
    pub ratio: f64,
    /// τ for which hidden nodes settle with x held, before x is let go.
    pub presettle: f64,
    /// α: flow time = time / (α r τ).
    pub output_scale: f64,
    /// How much stronger thermal noise is than that of the circuit by itself.
    pub noise: NoiseRamp,
}

/// Visible nodes at some moments of a free run, and what it had cost by then.
#[derive(Clone, Debug)]
pub struct FreeFlow<R> {
    /// x in units of V_unit, `[moments, batch, n_0]`.
    pub samples: Array3<R>,
    /// Clock of the chip if the run had ended at that moment, `[moments]`.
    pub clocks: Vec<Clock>,
    /// Its energy ledger, likewise.
    pub ledgers: Vec<Ledger>,
    /// Integrator steps up to that moment.
    pub steps: Vec<u64>,
}

/// Most equal parts of a run that moments may divide it into.
const MOST_PARTS: usize = 4096;
/// Rounding of a moment relative to the length of the run.
const ROUNDING: f64 = 1e-9;

/// A run that is over.
struct Floated<R> {
    circuit: Circuit<R>,
    courses: Vec<Course<R>>,
    /// The step that all samples took.
    step: Option<f64>,
    /// The account of the chip when x was let go.
    before: Account,
}

impl<R: ChipScalar> Chip<R> {
    /// Generation without clock or converters: hidden nodes settle under the held `start` `[n, n_0]`,
    /// then x is let go on capacitors C_x = r·C and the network relaxes; dx/dt = −∂E/∂x /(r τ), so
    /// flow time is t/(α r τ). Recorded at `intervals` + 1 instants of the flow from 0 to `until`. Nodes that the
    /// start holds stay where they are.
    pub fn run_free<'a>(
        &self,
        start: impl Into<Points<'a, R>>,
        free: &FreeRun,
        until: f64,
        intervals: usize,
    ) -> Result<Trace<R>, ChipError> {
        let intervals = intervals.max(1);
        let start = start.into();
        self.check_recorded(start.x.nrows(), intervals)?;
        let run = self.float(start, free, until, (intervals, None))?;
        let time = instants(free.duration(until), intervals);
        Ok(Trace::new(&run.circuit, &run.courses, (time, run.step)))
    }

    /// One run as [`Chip::run_free`], seen at `moments` of the flow: ascending from 0 or above, all
    /// multiples of a common part of the last (as decimals are).
    ///
    /// Clock and ledger at a moment are those of a run that ends there and is read: on top of what the
    /// chip's account held before.
    ///
    /// # Errors
    /// [`ChipError::Moments`] for other moments.
    pub fn flow_free<'a>(
        &self,
        start: impl Into<Points<'a, R>>,
        free: &FreeRun,
        moments: &[f64],
    ) -> Result<FreeFlow<R>, ChipError> {
        let start = start.into();
        let until = moments.last().copied().unwrap_or_default();
        positive("the end of the flow", until)?;
        let (intervals, kept) = parts(moments).ok_or_else(|| ChipError::Moments {
            moments: moments.to_vec(),
        })?;
        let run = self.float(start, free, until, (intervals, Some(&kept)))?;
        let width: usize = run.circuit.widths.iter().sum();
        let shape = (moments.len(), start.x.nrows(), start.x.ncols());
        let samples = Array3::from_shape_fn(shape, |(moment, sample, i)| {
            run.courses[sample].recorded[moment * width + i]
        });
        let all_steps = run.courses.iter().map(|course| course.steps).max();
        let (mut clocks, mut ledgers, mut steps) = (Vec::new(), Vec::new(), Vec::new());
        for (moment, &interval) in kept.iter().enumerate() {
            let share = interval as f64 / intervals as f64;
            let mut account = run.before;
            account.add((run.courses.iter()).map(|c| (&c.works[moment], share * c.time)));
            account.read(start.x.ncols());
            clocks.push(account.clock(self.design()));
            ledgers.push(account.ledger(self.design(), self.couplings.layers()));
            // Equal steps (only the adaptive integrator's are not), and as many in every part.
            steps.push(u64::from(all_steps.unwrap_or(0)) * interval as u64 / intervals as u64);
        }
        Ok(FreeFlow {
            samples,
            clocks,
            ledgers,
            steps,
        })
    }

    /// Lets hidden nodes settle under the held start, then x go, for flow time `until`, and reads x.
    fn float(
        &self,
        Points { x: start, held }: Points<'_, R>,
        free: &FreeRun,
        until: f64,
        (intervals, kept): (usize, Option<&[usize]>),
    ) -> Result<Floated<R>, ChipError> {
        self.check_rows("the start", start, start.nrows())?;
        positive("the capacitance ratio", free.ratio)?;
        free.noise.check(self.design())?;
        positive("the end of the flow", until)?;
        let fixed = self.mask(held, start.nrows())?;
        let circuit = self.circuit(VisibleMode::Floating { ratio: free.ratio })?;
        let parts = if free.presettle > 0.0 {
            let drive = Drive {
                anchor: start,
                visible: Visible::Clamped,
                held,
            };
            self.settle_charged(&drive, None, (free.presettle, free.ratio))?
                .parts
        } else {
            let relaxation = self.next_relaxation();
            let held = self.held(start, relaxation);
            self.book_write(&held);
            let start = self.cold_start(&circuit, held.view());
            self.book_cold_start(start.view(), free.ratio, &fixed);
            start
        };
        let duration = free.duration(until);
        positive("the duration", duration)?;
        let none = vec![R::ZERO; start.nrows() * circuit.widths[0]];
        let drives = Drives {
            anchor_force: &none,
            fixed: &fixed,
            ..Drives::NONE
        };
        let relaxation = self.next_relaxation();
        let before = self.with_account(|account| *account);
        let schedule = Schedule {
            // The flow is over when its time is.
            stop_at: None,
            noise_gain: free.noise.in_time(duration, free.duration(1.0)),
            kept,
            ..self.schedule(&circuit, duration, intervals)
        };
        let courses = self.run(&circuit, &drives, parts.view(), relaxation, &schedule)?;
        self.book_read(start.ncols());
        Ok(Floated {
            circuit,
            courses,
            step: schedule.step_taken(),
            before,
        })
    }
}

impl FreeRun {
    /// τ that a flow until `until` takes.
    fn duration(&self, until: f64) -> f64 {
        until * self.output_scale * self.ratio
    }
}

/// The smallest number of equal parts of the time up to the last moment whose ends meet all moments,
/// and which ends those are; none if there is no such number or the moments do not ascend.
fn parts(moments: &[f64]) -> Option<(usize, Vec<usize>)> {
    let until = *moments.last()?;
    let ascending = moments.is_sorted_by(|a, b| a < b) && moments[0] >= 0.0;
    if !ascending {
        return None;
    }
    (1..=MOST_PARTS).find_map(|parts| {
        let places = moments.iter().map(|moment| {
            let place = moment / until * parts as f64;
            let nearest = place.round();
            #[expect(clippy::cast_sign_loss, reason = "moments are not negative")]
            ((place - nearest).abs() <= ROUNDING * parts as f64).then_some(nearest as usize)
        });
        Some((parts, places.collect::<Option<Vec<_>>>()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_divide_a_run_into_the_fewest_equal_parts() {
        assert_eq!(parts(&[1.1]), Some((1, vec![1])));
        assert_eq!(parts(&[0.0, 0.5, 1.0]), Some((2, vec![0, 1, 2])));
        assert_eq!(
            parts(&[0.8, 1.0, 1.1, 1.5]),
            Some((15, vec![8, 10, 11, 15]))
        );
        for bad in [
            &[1.0, 0.5][..],
            &[1.0, 1.0],
            &[-0.1, 1.0],
            &[1.0, 2_f64.sqrt()],
            &[],
        ] {
            assert_eq!(parts(bad), None, "{bad:?}");
        }
    }
}
