//! Start prices and, for each noise sample, the data points worth looking at.
//!
//! The passes over all n² pairs are here. They are written so that they vectorise on any
//! processor: fixed-width blocks, comparisons as selects.

use super::Points;

/// Rank of the candidate that sets the margin. With a lower one rows are widened during the search,
/// with a higher one listing takes longer; on the digits the time is flat between 8 and 16.
const TARGET: usize = 12;

/// Rows from which the margin is estimated.
const SAMPLED_ROWS: usize = 32;

/// One data point that a noise sample may be paired with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    /// x₀ᵢ·x₁ⱼ.
    pub(super) similarity: f64,
    /// Profit at the start prices: an upper bound on the profit at any later prices.
    pub(super) profit_bound: f64,
    /// j.
    pub(super) column: u32,
}

/// Candidate lists of all rows, largest profit bound first, and what the unlisted pairs can reach.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    rows: Vec<Vec<Candidate>>,
    /// Start prices after column reduction.
    start: Vec<f32>,
    /// Row i lists exactly the pairs with single-precision profit at least `level[i]`.
    level: Vec<f32>,
    /// Distance of `level` from the row's best profit.
    margin: Vec<f32>,
    /// Bound on the single-precision error of a profit.
    rounding: Vec<f32>,
    columns: Vec<u32>,
}

impl Candidates {
    /// Reduce rows and columns of `similarity` `[n, n]` from `prices` and list what lies within the margin.
    pub(super) fn build(
        &mut self,
        points: Points<'_>,
        similarity: &[f32],
        prices: &[f32],
        rounding: &[f32],
    ) {
        let n = prices.len();
        self.rounding.clear();
        self.rounding.extend_from_slice(rounding);
        self.level.clear();
        self.margin.clear();
        self.rows.resize_with(n, Vec::new);
        self.start.clear();
        self.start.resize(n, f32::NEG_INFINITY);
        if n == 0 {
            return;
        }
        for row in similarity.chunks_exact(n) {
            let profit = largest_difference(row, prices);
            self.level.push(profit);
            lift_to_difference(&mut self.start, row, profit);
        }
        // Every column now has a row for which it is a best choice: nothing is too dear for all.
        let margin = self.typical_margin(similarity);
        for i in 0..n {
            self.rows[i].clear();
            self.margin.push(0.0);
            self.list(points, similarity, i, margin, f32::INFINITY);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.iter().map(Vec::len).sum()
    }

    pub(super) fn start(&self) -> &[f32] {
        &self.start
    }

    pub(super) fn row(&self, i: usize) -> &[Candidate] {
        &self.rows[i]
    }

    /// No unlisted pair of row i is more profitable than this, at any prices not below the start.
    pub(super) fn unlisted_bound(&self, i: usize) -> f64 {
        f64::from(self.level[i]) + f64::from(self.rounding[i])
    }

    /// List more of row i: at least twice the margin.
    pub(super) fn widen(&mut self, points: Points<'_>, similarity: &[f32], i: usize) {
        // Eight roundings change `level` for certain even where ties have left the margin at zero.
        let more = self.margin[i].max(8.0 * self.rounding[i]);
        let below = self.level[i];
        self.list(points, similarity, i, more, below);
    }

    /// Lower the level of row i by `more` and list the pairs between there and `below`.
    fn list(&mut self, points: Points<'_>, similarity: &[f32], i: usize, more: f32, below: f32) {
        let n = self.start.len();
        self.level[i] -= more;
        self.margin[i] += more;
        self.columns.clear();
        between(
            &similarity[i * n..][..n],
            &self.start,
            self.level[i],
            below,
            &mut self.columns,
        );
        let start = &self.start;
        let row = &mut self.rows[i];
        row.extend(self.columns.iter().map(|&column| {
            let similarity = points.inner_product(i, column as usize);
            let profit_bound = similarity - f64::from(start[column as usize]);
            Candidate {
                similarity,
                profit_bound,
                column,
            }
        }));
        row.sort_unstable_by(|a, b| {
            b.profit_bound
                .total_cmp(&a.profit_bound)
                .then(a.column.cmp(&b.column))
        });
        if row.len() == n {
            self.level[i] = f32::NEG_INFINITY;
        }
    }

    /// Mean distance from the best to the [`TARGET`]-th best profit, over a sample of rows.
    fn typical_margin(&self, similarity: &[f32]) -> f32 {
        let n = self.start.len();
        if n <= TARGET {
            return f32::INFINITY;
        }
        let step = n.div_ceil(SAMPLED_ROWS);
        let mut profits = Vec::with_capacity(n);
        let mut sum = 0.0;
        for i in (0..n).step_by(step) {
            profits.clear();
            profits.extend(
                similarity[i * n..][..n]
                    .iter()
                    .zip(&self.start)
                    .map(|(s, p)| s - p),
            );
            let (_, target, _) = profits.select_nth_unstable_by(TARGET - 1, |a, b| b.total_cmp(a));
            sum += f64::from((self.level[i] - *target).max(0.0));
        }
        (sum / n.div_ceil(step) as f64) as f32
    }
}

/// max(a − b). Neither is NaN.
fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 32;
    let larger = |x: f32, y: f32| if x > y { x } else { y };
    let (a_blocks, a_rest) = a.as_chunks::<LANES>();
    let (b_blocks, b_rest) = b.as_chunks::<LANES>();
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for (x, y) in a_blocks.iter().zip(b_blocks) {
        for k in 0..LANES {
            lanes[k] = larger(x[k] - y[k], lanes[k]);
        }
    }
    let rest = a_rest.iter().zip(b_rest).map(|(x, y)| x - y);
    lanes
        .into_iter()
        .chain(rest)
        .fold(f32::NEG_INFINITY, larger)
}

/// t = max(t, a − level).
fn lift_to_difference(t: &mut [f32], a: &[f32], level: f32) {
    for (t, a) in t.iter_mut().zip(a) {
        let r = a - level;
        *t = if r > *t { r } else { *t };
    }
}

/// Append the k with `low` ≤ a[k] − b[k] < `high`, ascending.
fn between(a: &[f32], b: &[f32], low: f32, high: f32, found: &mut Vec<u32>) {
    const LANES: usize = 16;
    for (block, (x, y)) in a.chunks(LANES).zip(b.chunks(LANES)).enumerate() {
        // Most blocks hold nothing: one vector comparison says so.
        let any = match (<&[f32; LANES]>::try_from(x), <&[f32; LANES]>::try_from(y)) {
            (Ok(x), Ok(y)) => {
                (0..LANES)
                    .map(|k| u32::from(x[k] - y[k] >= low))
                    .sum::<u32>()
                    > 0
            }
            _ => true,
        };
        if any {
            let profits = x.iter().zip(y).map(|(x, y)| x - y);
            let inside = profits.enumerate().filter(|&(_, r)| r >= low && r < high);
            found.extend(inside.map(|(k, _)| (block * LANES + k) as u32));
        }
    }
}
