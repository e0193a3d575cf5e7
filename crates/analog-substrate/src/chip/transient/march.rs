//! The steps of a block of samples, one after another.

use super::{
    super::ChipError,
    Course, Drives,
    block::Block,
    limits::imbalances,
    step::{Moment, Place, Step},
};
use crate::activation::ActivationScalar;
use ndarray::ArrayView2;

impl<R: ActivationScalar> Block<'_, R> {
    /// Runs the samples `rows` of a batch.
    ///
    /// # Errors
    /// Of the first sample that runs away or whose steps are unstable.
    pub(super) fn run(
        &mut self,
        method: &dyn Step<R>,
        drives: &Drives<'_, R>,
        rows: &[usize],
        start: ArrayView2<'_, R>,
    ) -> Result<Vec<Course<R>>, ChipError> {
        self.load(drives, rows, start);
        self.prepare(drives, method.is_exponential());
        let steps = self.schedule.steps();
        let stride = steps / self.schedule.intervals.max(1);
        let mut courses: Vec<_> = rows.iter().map(|_| Course::start(self.schedule)).collect();
        let mut reading: Vec<usize> = (0..rows.len()).collect();
        for step in 0..=steps {
            self.set_force(drives, rows, step as f64);
            self.evaluate(drives, rows.len());
            if step > 0 {
                self.meter.close(
                    self.circuit,
                    &self.instant,
                    (&self.state, &self.drift),
                    (&self.force, R::from_f64(drives.stiffening)),
                    &mut self.work[..rows.len()],
                );
                let time = step as f64 * self.step;
                for &row in &reading {
                    let now = (&self.state[..], &self.drift[..]);
                    let place = (row, rows[row]);
                    self.watch.check(
                        self.circuit,
                        (&self.meter, &self.instant),
                        now,
                        place,
                        time,
                    )?;
                }
            }
            let recording = step % stride == 0 && self.schedule.records(step / stride);
            if recording || step == steps || self.schedule.follows_residuals() {
                let residuals = &mut self.imbalance[..rows.len()];
                imbalances(self.circuit, &self.state, &self.drift, residuals);
                reading.retain(|&row| {
                    let residual = self.imbalance[row].to_f64();
                    let time = step as f64 * self.step;
                    let course = &mut courses[row];
                    if let Some(settling) = &mut course.settling {
                        settling.observe(time, residual);
                    }
                    if recording {
                        self.copy_row(row, &mut course.recorded);
                        course.residuals.push(residual);
                        course.works.push(self.work_of(row));
                    }
                    let settled = self.schedule.stop_at.is_some_and(|limit| residual <= limit);
                    let read = step == steps || settled;
                    if read {
                        self.copy_row(row, &mut course.last);
                        course.residual = residual;
                        course.time = time;
                        course.steps = step as u32;
                        course.work = self.work_of(row);
                    }
                    !read
                });
            }
            if reading.is_empty() {
                break;
            }
            let at = Moment {
                drives,
                rows,
                steps: step as f64,
            };
            self.advance(method, &at);
            self.schedule.tally.add(rows.len() as f64 * self.step);
        }
        Ok(courses)
    }

    /// One step from a state whose drift is known.
    fn advance(&mut self, method: &dyn Step<R>, at: &Moment<'_, R>) {
        let m = at.rows.len();
        self.meter.open(
            self.circuit,
            &self.instant,
            (m, &self.state, &self.drift),
            &self.force,
        );
        method.advance(self, at);
        if !method.adds_noise() {
            self.add_noise(m, Place::State);
        }
        if let Some(noise) = &mut self.noise {
            noise.advance(self.circuit);
        }
    }
}
