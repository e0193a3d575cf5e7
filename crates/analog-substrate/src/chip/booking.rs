//! What a chip books of its transients.

use super::{Chip, Clock, Ledger, account::Account, transient::Course};
use crate::chip::ChipScalar;
use crate::kernels::{Real, padded};
use ndarray::{Array2, ArrayView2, s};
use std::sync::PoisonError;

impl<R: ChipScalar> Chip<R> {
    /// Time that passed per sample since the chip was made or [`Chip::reset_account`] was called.
    pub fn clock(&self) -> Clock {
        self.with_account(|account| account.clock(&self.design))
    }

    /// Energy per sample since then.
    pub fn ledger(&self) -> Ledger {
        self.with_account(|account| account.ledger(&self.design, self.couplings.layers()))
    }

    /// Sets clock and ledger to zero.
    pub fn reset_account(&self) {
        self.with_account(|account| *account = Account::default());
    }

    pub(super) fn with_account<T>(&self, read: impl FnOnce(&mut Account) -> T) -> T {
        // An account is plain numbers: usable whatever happened to another thread.
        let mut account = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        read(&mut account)
    }

    /// Books the transients of one relaxation: means over the batch.
    pub(super) fn book(&self, courses: &[Course<R>]) {
        let transients = courses.iter().map(|course| (&course.work, course.time));
        self.with_account(|account| account.add(transients));
    }

    /// Books the writing of anchors on their hold capacitors.
    pub(super) fn book_write(&self, held: &Array2<R>) {
        let hold = self.design.converters.hold_capacitance.unwrap_or(0.0)
            / self.design.node.capacitance.mean;
        let squares = held.iter().map(|x| x.to_f64().powi(2)).sum::<f64>();
        self.with_account(|account| {
            account.writes += 1.0;
            account.dac += held.ncols() as f64;
            account.forced += hold * squares / held.nrows().max(1) as f64;
        });
    }

    /// Books a cold start: every node is brought from 0 to `start` (padded parts, `[batch, …]`)
    /// through its switch, all at once, visible nodes with `ratio` times their capacitance. That takes
    /// as many times [`super::Overheads::reset`] as the largest node has C. Nodes that a source holds (`fixed`,
    /// `[batch, padded n_0]`, or empty) are not on the larger capacitance: each takes C V² once per window.
    pub(super) fn book_cold_start(&self, start: ArrayView2<'_, R>, ratio: f64, fixed: &[bool]) {
        let visible = &self.instance.capacitance[0];
        let width = padded(visible.len());
        let mut rows = fixed.chunks_exact(width).map(|row| &row[..visible.len()]);
        let all_held = !fixed.is_empty() && rows.all(|row| row.iter().all(|&held| held));
        let ratio = if all_held { 1.0 } else { ratio };
        let mut forced = 0.0;
        let mut column = 0;
        for (l, capacitance) in self.instance.capacitance.iter().enumerate() {
            let share = if l == 0 { ratio } else { 1.0 };
            let states = start.slice(s![.., column..column + capacitance.len()]);
            forced += share * charged(states, capacitance);
            column += padded(capacitance.len());
        }
        if !fixed.is_empty() {
            let mut held = start.slice(s![.., ..visible.len()]).to_owned();
            for (mut row, fixed) in held.rows_mut().into_iter().zip(fixed.chunks_exact(width)) {
                let nodes = row.iter_mut().zip(fixed);
                nodes.for_each(|(x, &fixed)| *x = if fixed { *x } else { R::ZERO });
            }
            forced -= (ratio - 1.0) * charged(held.view(), visible);
        }
        self.with_account(|account| {
            account.resets += ratio.max(1.0);
            account.forced += forced;
        });
    }

    /// Books the step of visible nodes, `[batch, n_0]`, from where a relaxation left them to their new
    /// anchors. It is over when these are written, and hidden nodes stay as they are.
    pub(super) fn book_visible_step(&self, step: &Array2<R>) {
        let forced = charged(step.view(), &self.instance.capacitance[0]);
        self.with_account(|account| account.forced += forced);
    }

    pub(super) fn book_read(&self, values: usize) {
        self.with_account(|account| account.read(values));
    }
}

/// Σ C_i/C·ΔV_i² of a part, mean over the batch.
fn charged<R: Real>(steps: ArrayView2<'_, R>, capacitance: &[f64]) -> f64 {
    let squares: f64 = (steps.rows().into_iter())
        .flat_map(|row| row.into_iter().zip(capacitance))
        .map(|(v, capacitance)| capacitance * v.to_f64().powi(2))
        .sum();
    squares / steps.nrows().max(1) as f64
}
