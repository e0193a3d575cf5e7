//! Anderson acceleration of the block sweeps, per sample.
//!
//! D. G. Anderson, J. ACM 12 (1965) 547; type II as in H. F. Walker & P. Ni, SIAM J. Numer. Anal.
//! 49 (2011) 1715, eq. 2.1–2.2: with f_k = g(h_k) − h_k and the last m differences Δh, Δf,
//! `h_{k+1} = h_k + f_k − (ΔH + ΔF) γ`, γ = argmin |f_k − ΔF γ|².
//!
//! Acceleration alone would go to any stationary point. In free phases an accelerated step that
//! raises the energy is taken back and replaced by the plain one, which never does: the way leads
//! down from the start. That it does not end at a saddle is not proved, only measured (none among
//! thousands of samples of the digits networks; a few per cent in small random ones at 1e-4).

use crate::kernels::{
    Real, SimdLevel,
    reduce::{add_scaled, dot},
    simd::{Isa, Kernel},
};

/// Differences kept per sample. Five need 14–15 sweeps to 1e-6 where none need 41–43 (measured on
/// the digits model); more add storage, not speed.
pub(super) const WINDOW: usize = 5;

/// Without an energy to go by, a sample's history is dropped when its residual exceeds the smallest
/// since the last drop by this factor: the secant model has left its validity.
const GROWTH_LIMIT: f64 = 4.0;

/// Histories of a block of samples.
#[derive(Debug)]
pub(super) struct Anderson<R> {
    /// Unknowns per sample (padded).
    dimension: usize,
    rows: Vec<History>,
    /// Per row: `WINDOW` differences of h, `WINDOW` of f, the previous h and the previous f.
    vectors: Vec<R>,
}

/// What is known of one sample.
#[derive(Clone, Debug)]
struct History {
    /// Differences in store, and the slot of the next one.
    count: usize,
    next: usize,
    /// Whether a previous iterate is in store.
    started: bool,
    smallest: f64,
    /// Energy at the previous iterate.
    energy: f64,
    /// ΔFᵀΔF.
    gram: [[f64; WINDOW]; WINDOW],
}

impl History {
    const NEW: Self = Self {
        count: 0,
        next: 0,
        started: false,
        smallest: f64::INFINITY,
        energy: f64::INFINITY,
        gram: [[0.0; WINDOW]; WINDOW],
    };
}

impl History {
    fn is_uphill(&self, energy: Energy) -> bool {
        self.started && energy.value > self.energy + energy.rounding
    }
}

impl<R: Real> Anderson<R> {
    pub(super) fn new(rows: usize, dimension: usize) -> Self {
        Self {
            dimension,
            rows: vec![History::NEW; rows],
            vectors: vec![R::ZERO; rows * Self::stride(dimension)],
        }
    }

    const fn stride(dimension: usize) -> usize {
        (2 * WINDOW + 2) * dimension
    }

    /// Forgets everything.
    pub(super) fn reset(&mut self) {
        self.rows.fill(History::NEW);
    }

    /// Moves the history of row `from` to row `to`.
    pub(super) fn move_row(&mut self, from: usize, to: usize) {
        self.rows[to] = self.rows[from].clone();
        let stride = Self::stride(self.dimension);
        self.vectors
            .copy_within(from * stride..(from + 1) * stride, to * stride);
    }

    /// Whether the last accelerated step of a sample raised its energy.
    pub(super) fn went_uphill(&self, row: usize, energy: Energy) -> bool {
        self.rows[row].is_uphill(energy)
    }

    /// Replaces `h` by the next iterate, given the step f = g(h) − h, its residual, and the energy
    /// at h with its rounding error, if known.
    pub(super) fn advance(
        &mut self,
        level: SimdLevel,
        row: usize,
        residual: f64,
        energy: Option<Energy>,
        (h, f): (&mut [R], &[R]),
    ) {
        let stride = Self::stride(self.dimension);
        let history = &mut self.rows[row];
        let vectors = &mut self.vectors[row * stride..(row + 1) * stride];
        if let Some(energy) = energy {
            if history.is_uphill(energy) {
                let (h_previous, f_previous) =
                    vectors[2 * WINDOW * self.dimension..].split_at(self.dimension);
                for (h, (&previous, &step)) in h.iter_mut().zip(h_previous.iter().zip(f_previous)) {
                    *h = previous + step;
                }
                *history = History::NEW;
                return;
            }
            history.energy = energy.value;
        } else if residual > GROWTH_LIMIT * history.smallest {
            *history = History::NEW;
        }
        history.smallest = history.smallest.min(residual);
        level.run(Advance {
            history,
            vectors,
            h,
            f,
        });
    }
}

/// A sample's energy S and how far rounding may have moved it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Energy {
    pub(super) value: f64,
    pub(super) rounding: f64,
}

struct Advance<'a, R> {
    history: &'a mut History,
    vectors: &'a mut [R],
    h: &'a mut [R],
    f: &'a [R],
}

impl<R: Real> Kernel for Advance<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let Self {
            history,
            vectors,
            h,
            f,
        } = self;
        let n = h.len();
        let (dh, rest) = vectors.split_at_mut(WINDOW * n);
        let (df, previous) = rest.split_at_mut(WINDOW * n);
        let (h_previous, f_previous) = previous.split_at_mut(n);
        if history.started {
            let slot = history.next;
            let (new_dh, new_df) = (&mut dh[slot * n..][..n], &mut df[slot * n..][..n]);
            for i in 0..n {
                new_dh[i] = h[i] - h_previous[i];
                new_df[i] = f[i] - f_previous[i];
            }
            history.count = (history.count + 1).min(WINDOW);
            history.next = (slot + 1) % WINDOW;
            for j in 0..history.count {
                let product = dot::<R, I>(&df[slot * n..][..n], &df[j * n..][..n]).to_f64();
                (history.gram[slot][j], history.gram[j][slot]) = (product, product);
            }
        }
        history.started = true;
        h_previous.copy_from_slice(h);
        f_previous.copy_from_slice(f);
        let mut weights = [0.0; WINDOW];
        for j in 0..history.count {
            weights[j] = dot::<R, I>(&df[j * n..][..n], f).to_f64();
        }
        let usable = solve(
            &history.gram,
            &mut weights,
            history.count,
            R::EPSILON.to_f64(),
        );
        for i in 0..n {
            h[i] += f[i];
        }
        if usable {
            for (j, weight) in weights.iter().take(history.count).enumerate() {
                let factor = R::from_f64(-weight);
                add_scaled::<R, I>(h, factor, &dh[j * n..][..n]);
                add_scaled::<R, I>(h, factor, &df[j * n..][..n]);
            }
        }
    }
}

/// Solves the normal equations of the first `n` differences in place by Cholesky, with each
/// diagonal raised by a share `epsilon` of itself; false where they are not positive definite.
fn solve(gram: &[[f64; WINDOW]; WINDOW], x: &mut [f64; WINDOW], n: usize, epsilon: f64) -> bool {
    let mut l = [[0.0; WINDOW]; WINDOW];
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| l[i][k] * l[j][k]).sum();
            if i == j {
                let pivot = gram[i][i] * (1.0 + epsilon) - sum;
                if pivot <= 0.25 * epsilon * gram[i][i] {
                    return false;
                }
                l[i][i] = pivot.sqrt();
            } else {
                l[i][j] = (gram[i][j] - sum) / l[j][j];
            }
        }
    }
    for i in 0..n {
        let sum: f64 = (0..i).map(|k| l[i][k] * x[k]).sum();
        x[i] = (x[i] - sum) / l[i][i];
    }
    for i in (0..n).rev() {
        let sum: f64 = (i + 1..n).map(|k| l[k][i] * x[k]).sum();
        x[i] = (x[i] - sum) / l[i][i];
    }
    true
}
