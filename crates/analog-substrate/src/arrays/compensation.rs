//! Compensation of drift: sensed currents are multiplied by what a calibration read found just after
//! programming over what the same read finds now (V. Joshi et al., Nat. Commun. 11, 2473, 2020).

use super::Compensation;
use ndarray::{Array1, Array2, Axis, Zip};

/// What a calibration read finds: sums of the conductances of both polarities that a signal sees, S.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    rows: Array1<f64>,
    columns: Array1<f64>,
    all: f64,
}

/// What the currents of sensed lines are multiplied by.
#[derive(Clone, Debug)]
pub(super) struct Factors {
    /// Of each row, where rows are sensed.
    pub(super) up: Array1<f64>,
    /// Of each column, where columns are.
    pub(super) down: Array1<f64>,
}

impl Lines {
    /// Of the conductances of two banks, `[rows, columns]`.
    pub(super) fn of(banks: &[Array2<f64>; 2]) -> Self {
        let total = &banks[0] + &banks[1];
        Self {
            rows: total.sum_axis(Axis(1)),
            columns: total.sum_axis(Axis(0)),
            all: total.sum(),
        }
    }

    /// What restores these sums, given the present ones; a line without current is left alone.
    pub(super) fn over(&self, now: &Self, compensation: Compensation) -> Factors {
        let factor = |before: f64, now: f64| if now > 0.0 { before / now } else { 1.0 };
        let all = factor(self.all, now.all);
        let lines = |before: &Array1<f64>, now: &Array1<f64>| match compensation {
            Compensation::None => Array1::ones(before.len()),
            Compensation::Global => Array1::from_elem(before.len(), all),
            Compensation::Column => Zip::from(before)
                .and(now)
                .map_collect(|&before, &now| factor(before, now)),
        };
        Factors {
            up: lines(&self.rows, &now.rows),
            down: lines(&self.columns, &now.columns),
        }
    }
}
