//! The exact optimal-transport coupling: which noise sample is paired with which image.
//!
//! Given noise x₀ and data x₁, both [n, d], find the permutation σ that minimises
//! Σᵢ |x₀ᵢ − x₁ⱼ|² with j = σ(i). Both norms sum to constants, so the same permutation *maximises*
//! Σᵢ x₀ᵢ·x₁ⱼ. In the words of the auction literature: data point j has a price pⱼ, noise
//! sample i earns the profit πᵢ = maxⱼ (x₀ᵢ·x₁ⱼ − pⱼ), and a pairing in which every sample has one
//! of its most profitable data points is optimal (Bertsekas, *Network Optimization*, 1998, §7.1).
//!
//! In training the data are the same in every epoch and only the noise is new, so good prices are
//! known before the noise is drawn: they are the semi-discrete transport potential of the data
//! (Peyré and Cuturi, *Computational Optimal Transport*, 2019, §5). [`DataPotential`] learns them
//! once; [`assign`] starts there. The start changes the time and nothing else.
//!
//! How a solve goes:
//!
//! 1. all inner products in single precision, by one matrix product;
//! 2. profits of the samples and, from them, lower prices for data that nobody wants: two dense
//!    passes (row and column reduction of Jonker and Volgenant, *Computing* 38, 1987);
//! 3. for each sample the few data points within a margin of its best: its *candidates*, with
//!    inner products recomputed in double precision;
//! 4. augmenting row reduction, then shortest augmenting paths (same paper) over the candidates.
//!    Prices only rise from here on, so the data points that a sample has not listed stay below a
//!    known profit; a search that reaches that level widens the list and goes on. Nothing has to
//!    be checked afterwards.
//!
//! Single precision therefore only proposes (its rounding error is bounded and added to the
//! level); what is optimal is decided on double-precision inner products summed in a fixed
//! order. The pairing does not depend on the instruction set, the start or the number of
//! threads. Exact ties (duplicate images) are the one exception: then any of the optimal pairings
//! may come out, and which one can depend on the start; the same inputs always give the same.

mod augment;
mod candidates;
mod potential;
#[cfg(test)]
mod tests;

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayRef2, ArrayView2, ArrayViewMut2};
use units::fault::{Blame, Fault};

use self::augment::Search;
use self::candidates::Candidates;
pub use self::potential::DataPotential;

/// The optimal pairing, the proof that it is optimal, and what it cost to find.
///
/// With cᵢⱼ = x₀ᵢ·x₁ⱼ the proof is `profit[i] + price[j] ≥ cᵢⱼ` for all pairs, with equality for
/// matched ones, both up to double rounding. In terms of squared distances the dual
/// variables are |x₀ᵢ|² − 2·`profit[i]` and |x₁ⱼ|² − 2·`price[j]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// σ: row of the data paired with each row of the noise `[n]`.
    pub data_of: Vec<u32>,
    /// Σᵢ |x₀ᵢ − x₁ⱼ|² with j = σ(i).
    pub cost: f64,
    /// πᵢ, dual variable of each row of the noise `[n]`.
    pub profit: Vec<f64>,
    /// pⱼ, dual variable of each row of the data `[n]`.
    pub price: Vec<f64>,
    /// Counts of what was done.
    pub work: Work,
}

/// Work of one solve, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Candidate pairs listed before the search, of n².
    pub candidates: usize,
    /// Steps of augmenting row reduction.
    pub bids: usize,
    /// Shortest augmenting paths found.
    pub augmentations: usize,
    /// Rows scanned by all path searches.
    pub scanned_rows: usize,
    /// Candidate pairs looked at by all path searches.
    pub scanned_pairs: usize,
    /// How often a row's candidates did not reach far enough and were widened.
    pub widened_rows: usize,
}

/// Why a pairing was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AssignmentError {
    /// Noise and data differ in shape.
    #[error("noise is {noise:?} and data is {data:?}; both must be the same [samples, units]")]
    ShapeMismatch {
        /// Rows and columns of the noise.
        noise: [usize; 2],
        /// Rows and columns of the data.
        data: [usize; 2],
    },
    /// The potential belongs to another number of data points.
    #[error("the potential has {potential} prices for {data} rows of data")]
    PotentialLength {
        /// Prices in the potential.
        potential: usize,
        /// Rows of the data.
        data: usize,
    },
    /// A NaN or an infinity among the inputs.
    #[error("{array}[{row}, {column}] is {value}; a finite number was expected")]
    NonFinite {
        /// `noise` or `data`.
        array: &'static str,
        /// Row of the value.
        row: usize,
        /// Column of the value.
        column: usize,
        /// The value.
        value: f32,
    },
    /// Inner products or prices could overflow single precision.
    #[error(
        "inner products and prices can reach {bound:e}; at most {limit:e} fits single precision"
    )]
    TooLarge {
        /// Largest |x₀ᵢ||x₁ⱼ| plus the largest price.
        bound: f64,
        /// What is allowed.
        limit: f64,
    },
}

impl Blame for AssignmentError {
    fn fault(&self) -> Fault {
        Fault::Input
    }
}

/// Buffers of a solve, kept between solves (n² single-precision inner products: 13 MB at n = 1797).
#[derive(Debug, Default)]
pub struct Workspace {
    similarity: Vec<f32>,
    candidates: Candidates,
    search: Search,
}

/// Pair each row of `noise` `[n, d]` with one row of `data` `[n, d]` at the least total squared distance.
///
/// `start` holds one price per row of `data`; it decides how long this takes, not what comes out.
/// For a mini-batch pass the chosen rows of the data and [`DataPotential::select`] of the same rows.
pub fn assign(
    noise: &ArrayRef2<f32>,
    data: &ArrayRef2<f32>,
    start: &DataPotential,
    workspace: &mut Workspace,
) -> Result<Assignment, AssignmentError> {
    let (n, d) = noise.dim();
    if noise.dim() != data.dim() {
        let (rows, columns) = data.dim();
        return Err(AssignmentError::ShapeMismatch {
            noise: [n, d],
            data: [rows, columns],
        });
    }
    if start.prices().len() != n {
        return Err(AssignmentError::PotentialLength {
            potential: start.prices().len(),
            data: n,
        });
    }
    let (noise, data) = (noise.as_standard_layout(), data.as_standard_layout());
    let points = Points::new(&noise, &data);
    let rounding = points.rounding(start.prices())?;

    let Workspace {
        similarity,
        candidates,
        search,
    } = workspace;
    points.inner_products(similarity);
    candidates.build(points, similarity, start.prices(), &rounding);
    let mut work = Work {
        candidates: candidates.len(),
        ..Work::default()
    };
    search.run(points, similarity, candidates, &mut work);

    let data_of = search.data_of().to_vec();
    let pairs = (0..).zip(&data_of);
    let cost = pairs
        .map(|(i, &j)| points.squared_distance(i, j as usize))
        .sum();
    let (profit, price) = (search.profit().to_vec(), search.price().to_vec());
    Ok(Assignment {
        data_of,
        cost,
        profit,
        price,
        work,
    })
}

/// Both clouds, row-major `[n, d]`.
#[derive(Clone, Copy)]
struct Points<'a> {
    noise: &'a [f32],
    data: &'a [f32],
    n: usize,
    units: usize,
}

impl<'a> Points<'a> {
    /// Both arrays have the same shape and standard layout.
    fn new(noise: &'a ArrayRef2<f32>, data: &'a ArrayRef2<f32>) -> Self {
        let (n, units) = noise.dim();
        let slice = |a: &'a ArrayRef2<f32>| a.as_slice().expect("standard layout is contiguous");
        Self {
            noise: slice(noise),
            data: slice(data),
            n,
            units,
        }
    }

    /// x₀ᵢ·x₁ⱼ for all pairs `[n, n]`, in single precision.
    fn inner_products(&self, out: &mut Vec<f32>) {
        let shape = (self.n, self.units);
        out.resize(self.n * self.n, 0.0);
        let view = |values| ArrayView2::from_shape(shape, values).expect("the slice is [n, d]");
        let mut product = ArrayViewMut2::from_shape((self.n, self.n), out.as_mut_slice())
            .expect("the buffer was just given n² elements");
        general_mat_mul(
            1.0,
            &view(self.noise),
            &view(self.data).t(),
            0.0,
            &mut product,
        );
    }

    fn noise(&self, i: usize) -> &'a [f32] {
        &self.noise[i * self.units..][..self.units]
    }

    fn data(&self, j: usize) -> &'a [f32] {
        &self.data[j * self.units..][..self.units]
    }

    /// x₀ᵢ·x₁ⱼ in double precision, always summed in the same order.
    fn inner_product(&self, i: usize, j: usize) -> f64 {
        sum_of_products(self.noise(i), self.data(j))
    }

    fn squared_distance(&self, i: usize, j: usize) -> f64 {
        self.noise(i)
            .iter()
            .zip(self.data(j))
            .map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2))
            .sum()
    }

    /// For each row of the noise, a bound on |r̂ − r| for all j, where r = x₀ᵢ·x₁ⱼ − pⱼ and r̂ is its
    /// single-precision value.
    ///
    /// An inner product of d terms summed in any order, fused or not, is within γ|x₀ᵢ||x₁ⱼ|, with
    /// γ = du/(1 − du) and u = 2⁻²⁴ (Higham, *Accuracy and Stability of Numerical Algorithms*,
    /// 2002, §3.1); the subtraction adds u(|x₀ᵢ·x₁ⱼ| + |pⱼ|). Doubled for second-order terms, and
    /// the smallest normal number added for underflow.
    fn rounding(&self, prices: &[f32]) -> Result<Vec<f32>, AssignmentError> {
        const LIMIT: f64 = f32::MAX as f64 / 8.0;
        let noise = norms("noise", self.noise, self.n, self.units)?;
        let data = norms("data", self.data, self.n, self.units)?;
        let largest = data.iter().copied().fold(0.0, f64::max);
        let price = prices
            .iter()
            .fold(0.0, |m: f64, &p| m.max(f64::from(p).abs()));
        let bound = noise.iter().copied().fold(0.0, f64::max) * largest + price;
        if bound > LIMIT {
            return Err(AssignmentError::TooLarge {
                bound,
                limit: LIMIT,
            });
        }
        let unit = f64::from(f32::EPSILON) / 2.0;
        let bound = |norm: &f64| 2.0 * unit * ((self.units + 1) as f64 * norm * largest + price);
        Ok(noise
            .iter()
            .map(|norm| bound(norm) as f32 + f32::MIN_POSITIVE)
            .collect())
    }
}

/// Euclidean norm of each row, or the first value that is not finite.
fn norms(
    array: &'static str,
    values: &[f32],
    n: usize,
    units: usize,
) -> Result<Vec<f64>, AssignmentError> {
    (0..n)
        .map(|row| {
            let values = &values[row * units..][..units];
            // Squares of finite f32 cannot overflow f64: the sum is finite exactly if all values are.
            let square = sum_of_products(values, values);
            match values.iter().position(|v| !v.is_finite()) {
                Some(column) if !square.is_finite() => Err(AssignmentError::NonFinite {
                    array,
                    row,
                    column,
                    value: values[column],
                }),
                _ => Ok(square.sqrt()),
            }
        })
        .collect()
}

/// Σ aₖbₖ in double precision in eight interleaved chains, a fixed order that vectorises.
fn sum_of_products(a: &[f32], b: &[f32]) -> f64 {
    let (a_blocks, a_rest) = a.as_chunks::<8>();
    let (b_blocks, b_rest) = b.as_chunks::<8>();
    let mut chains = [0.0_f64; 8];
    for (x, y) in a_blocks.iter().zip(b_blocks) {
        for (chain, (&x, &y)) in chains.iter_mut().zip(x.iter().zip(y)) {
            *chain += f64::from(x) * f64::from(y);
        }
    }
    let rest: f64 = a_rest
        .iter()
        .zip(b_rest)
        .map(|(&x, &y)| f64::from(x) * f64::from(y))
        .sum();
    let [c0, c1, c2, c3, c4, c5, c6, c7] = chains;
    (((c0 + c1) + (c2 + c3)) + ((c4 + c5) + (c6 + c7))) + rest
}
