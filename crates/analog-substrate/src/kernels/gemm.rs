//! C = C₀ + A·B for a row-major A of few rows and a B that stays: the one product of relaxation.

use super::{
    LANES, Real, padded,
    simd::{Isa, Kernel},
};
use ndarray::ArrayView2;

/// A matrix B `[k, n]` laid out for [`multiply`](super::multiply): panels of up to 64 columns, each panel row-major,
/// columns padded with zeros to a multiple of [`LANES`], rows likewise.
#[derive(Clone, Debug)]
pub struct PackedMatrix<R> {
    /// Padded rows.
    rows: usize,
    /// Padded columns.
    columns: usize,
    values: Vec<R>,
}

/// Columns of a full panel: four 512-bit vectors of f32, so a panel of 128 rows fits the L1 cache.
const PANEL: usize = 64;

impl<R: Real> PackedMatrix<R> {
    /// Packs B.
    pub fn new(b: ArrayView2<'_, R>) -> Self {
        let (rows, columns) = (padded(b.nrows()), padded(b.ncols()));
        let mut values = Vec::with_capacity(rows * columns);
        for start in (0..columns).step_by(PANEL) {
            for row in 0..rows {
                values.extend(
                    (start..(start + PANEL).min(columns))
                        .map(|column| b.get((row, column)).copied().unwrap_or(R::ZERO)),
                );
            }
        }
        Self {
            rows,
            columns,
            values,
        }
    }

    /// Rows of B, padded: the row length of A.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Columns of B, padded: the row length of C.
    pub fn columns(&self) -> usize {
        self.columns
    }
}

/// See [`multiply`](super::multiply).
pub(crate) struct Multiply<'a, R> {
    pub(super) a: &'a [R],
    pub(super) b: &'a PackedMatrix<R>,
    pub(super) c: &'a mut [R],
}

impl<R: Real> Kernel for Multiply<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let c = self.c;
        let (a, b) = (self.a, self.b);
        for (index, start) in (0..b.columns).step_by(PANEL).enumerate() {
            let width = PANEL.min(b.columns - start);
            let panel = &b.values[index * PANEL * b.rows..][..width * b.rows];
            let place = Place {
                k: b.rows,
                width,
                ldc: b.columns,
                start,
            };
            // Accumulator tiles that fill, but do not exceed, the registers.
            match (I::VECTOR_BYTES, size_of::<R>()) {
                (64, 4) if width == PANEL => panel_product::<R, I, 4, 64>(a, panel, c, place),
                (64, _) => panel_product::<R, I, 8, 16>(a, panel, c, place),
                (32, 4) => panel_product::<R, I, 6, 16>(a, panel, c, place),
                (32, _) => panel_product::<R, I, 6, 8>(a, panel, c, place),
                _ => panel_product::<R, I, 4, 8>(a, panel, c, place),
            }
        }
    }
}

/// Where a panel of B lies: its length k and width, the row length of C and its first column.
#[derive(Clone, Copy)]
struct Place {
    k: usize,
    width: usize,
    ldc: usize,
    start: usize,
}

#[inline(always)]
fn panel_product<R: Real, I: Isa, const M: usize, const W: usize>(
    a: &[R],
    panel: &[R],
    c: &mut [R],
    place: Place,
) {
    let rows = a.len() / place.k;
    for column in (0..place.width).step_by(W) {
        let mut row = 0;
        while row + M <= rows {
            tile::<R, I, M, W>(
                &a[row * place.k..],
                panel,
                &mut c[row * place.ldc..],
                place,
                column,
            );
            row += M;
        }
        while row < rows {
            tile::<R, I, 1, W>(
                &a[row * place.k..],
                panel,
                &mut c[row * place.ldc..],
                place,
                column,
            );
            row += 1;
        }
    }
}

#[inline(always)]
fn tile<R: Real, I: Isa, const M: usize, const W: usize>(
    a: &[R],
    panel: &[R],
    c: &mut [R],
    place: Place,
    column: usize,
) {
    debug_assert!(W.is_multiple_of(8) && place.width.is_multiple_of(LANES));
    let first = place.start + column;
    let mut sums = [[R::ZERO; W]; M];
    for i in 0..M {
        sums[i].copy_from_slice(&c[i * place.ldc + first..][..W]);
    }
    let a_rows: [&[R]; M] = std::array::from_fn(|i| &a[i * place.k..(i + 1) * place.k]);
    for (k, b_row) in panel.chunks_exact(place.width).enumerate() {
        let b: &[R; W] = b_row[column..column + W].try_into().expect("W columns");
        for i in 0..M {
            let factor = a_rows[i][k];
            for j in 0..W {
                sums[i][j] = factor.fma::<I>(b[j], sums[i][j]);
            }
        }
    }
    for i in 0..M {
        c[i * place.ldc + first..][..W].copy_from_slice(&sums[i]);
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{SimdLevel, multiply},
        *,
    };
    use ndarray::Array2;
    use proptest::prelude::*;

    fn product(level: SimdLevel, a: &Array2<f32>, b: &Array2<f32>) -> Array2<f32> {
        let packed = PackedMatrix::new(b.view());
        let m = a.nrows();
        let mut padded_a = vec![0.0; m * packed.rows()];
        for (row, values) in a.rows().into_iter().enumerate() {
            for (k, &v) in values.iter().enumerate() {
                padded_a[row * packed.rows() + k] = v;
            }
        }
        let mut c = vec![1.0; m * packed.columns()];
        multiply(level, m, &padded_a, &packed, &mut c);
        Array2::from_shape_fn((m, b.ncols()), |(i, j)| c[i * packed.columns() + j])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn every_level_equals_the_textbook_product(
            m in 1_usize..19, k in 1_usize..70, n in 1_usize..150, seed in 0_u32..1000,
        ) {
            let value = |i: usize, j: usize, s: u32| {
                (((i * 31 + j * 17 + (seed + s) as usize * 7) % 97) as f32 - 48.0) / 48.0
            };
            let a = Array2::from_shape_fn((m, k), |(i, j)| value(i, j, 0));
            let b = Array2::from_shape_fn((k, n), |(i, j)| value(i, j, 5));
            let exact = a.mapv(f64::from).dot(&b.mapv(f64::from)) + 1.0;
            let mut fused: Option<Array2<f32>> = None;
            for level in SimdLevel::available() {
                let c = product(level, &a, &b);
                for (ours, exact) in c.iter().zip(&exact) {
                    // k terms of size ≤ 1, each rounded once or twice.
                    prop_assert!((f64::from(*ours) - exact).abs() <= 2.0 * (k + 1) as f64 * 6e-8 * k as f64);
                }
                // Rows alone give the bits that they give in company.
                let alone = product(level, &a.slice(ndarray::s![m - 1.., ..]).to_owned(), &b);
                prop_assert_eq!(alone.row(0), c.row(m - 1));
                if level > SimdLevel::Portable {
                    if let Some(other) = &fused {
                        prop_assert_eq!(other, &c);
                    }
                    fused = Some(c);
                }
            }
        }
    }
}
