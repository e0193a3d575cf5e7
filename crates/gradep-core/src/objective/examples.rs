//! What the network is asked and what it should answer.

use ndarray::{Array2, ArrayView2, Zip, s};
use std::ops::Range;

/// A number of examples, one a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Examples {
    /// Where each example lies on the axis on which the loss is told apart, `[n]`, in [0, 1]: the time of the path.
    pub times: Vec<f32>,
    /// x_t, at which the network is asked, `[n, n_0]`.
    pub anchor: Array2<f32>,
    /// u, what it should answer, `[n, n_0]`.
    pub target: Array2<f32>,
}

impl Examples {
    /// The examples `rows`.
    ///
    /// # Panics
    /// If there are fewer.
    pub fn slice(&self, rows: Range<usize>) -> Self {
        Self {
            times: self.times[rows.clone()].to_vec(),
            anchor: self.anchor.slice(s![rows.clone(), ..]).to_owned(),
            target: self.target.slice(s![rows, ..]).to_owned(),
        }
    }

    /// Whether `objective` made what it was asked for: arrays of `shape` `[n, n_0]`, finite throughout, with times in [0, 1].
    ///
    /// # Errors
    /// [`ObjectiveError`] names the objective and what is wrong.
    pub(crate) fn check(&self, objective: &str, shape: [usize; 2]) -> Result<(), ObjectiveError> {
        for (what, array) in [("anchors", &self.anchor), ("targets", &self.target)] {
            let found = [array.nrows(), array.ncols()];
            if found != shape {
                return Err(ObjectiveError::Shape {
                    objective: objective.to_owned(),
                    what,
                    found,
                    expected: shape,
                });
            }
            let spoilt = |row: ndarray::ArrayView1<'_, f32>| row.iter().any(|v| !v.is_finite());
            if let Some(row) = array.rows().into_iter().position(spoilt) {
                return Err(ObjectiveError::NotFinite {
                    objective: objective.to_owned(),
                    what,
                    row,
                });
            }
        }
        let outside = |time: &f32| !(0.0..=1.0).contains(time);
        let outside = self.times.iter().copied().find(outside);
        if self.times.len() != shape[0] || outside.is_some() {
            return Err(ObjectiveError::Times {
                objective: objective.to_owned(),
                count: self.times.len(),
                expected: shape[0],
                outside,
            });
        }
        Ok(())
    }
}

/// Why the examples of an objective cannot be learned from.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ObjectiveError {
    /// An array has the wrong shape.
    #[error("objective {objective}: the {what} have shape {found:?}, expected {expected:?}")]
    Shape {
        /// Name of the objective.
        objective: String,
        /// Which array.
        what: &'static str,
        /// Its shape.
        found: [usize; 2],
        /// `[n, n_0]`.
        expected: [usize; 2],
    },
    /// An array holds an infinity or NaN.
    #[error("objective {objective}: the {what} of example {row} are not finite")]
    NotFinite {
        /// Name of the objective.
        objective: String,
        /// Which array.
        what: &'static str,
        /// Row of the example.
        row: usize,
    },
    /// Times are missing or nowhere on the axis.
    #[error(
        "objective {objective}: {count} times{}, expected {expected} within [0, 1]",
        outside.map(|time| format!(", one of them {time}")).unwrap_or_default()
    )]
    Times {
        /// Name of the objective.
        objective: String,
        /// Times given.
        count: usize,
        /// Times asked for.
        expected: usize,
        /// The first that is not within [0, 1].
        outside: Option<f32>,
    },
}

/// x_t = (1 − t)x_0 + t x_1, `[n, n_0]`: the straight path from noise to data, paired by row, each at its own time.
///
/// # Panics
/// If the shapes differ.
pub fn linear_path(
    noise: ArrayView2<'_, f32>,
    data: ArrayView2<'_, f32>,
    times: &[f32],
) -> Array2<f32> {
    assert_eq!(noise.dim(), data.dim(), "noise and data are paired by row");
    let mut path = noise.to_owned();
    for ((mut row, data), &t) in path.rows_mut().into_iter().zip(data.rows()).zip(times) {
        Zip::from(&mut row)
            .and(&data)
            .for_each(|x, &x_1| *x = (1.0 - t) * *x + t * x_1);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn what_cannot_be_learned_from_is_refused_with_its_reason() {
        let good = Examples {
            times: vec![0.0, 1.0],
            anchor: Array2::zeros((2, 3)),
            target: Array2::zeros((2, 3)),
        };
        assert_eq!(good.check("mine", [2, 3]), Ok(()));
        let said = |bad: &Examples| bad.check("mine", [2, 3]).unwrap_err().to_string();
        let mut bad = good.clone();
        bad.target = Array2::zeros((2, 2));
        assert_eq!(
            said(&bad),
            "objective mine: the targets have shape [2, 2], expected [2, 3]"
        );
        bad = good.clone();
        bad.anchor[[1, 2]] = f32::NAN;
        assert_eq!(
            said(&bad),
            "objective mine: the anchors of example 1 are not finite"
        );
        bad = good.clone();
        bad.times[1] = 1.5;
        assert_eq!(
            said(&bad),
            "objective mine: 2 times, one of them 1.5, expected 2 within [0, 1]"
        );
        bad.times = vec![0.5];
        assert_eq!(
            said(&bad),
            "objective mine: 1 times, expected 2 within [0, 1]"
        );
    }

    #[test]
    fn the_path_starts_at_noise_and_ends_at_data() {
        let (noise, data) = (
            array![[1.0, 2.0], [1.0, 2.0]],
            array![[3.0, -2.0], [3.0, -2.0]],
        );
        let path = linear_path(noise.view(), data.view(), &[0.0, 0.75]);
        assert_eq!(path, array![[1.0, 2.0], [2.5, -1.0]]);
    }
}
