//! The large kernels, compiled here once for each scalar type.
//!
//! Code that is generic over [`Real`] is compiled by the crates that choose the scalar; through [`Compiled`] it
//! calls what this crate has compiled, at this crate's level of optimisation.
#![expect(
    private_interfaces,
    reason = "this crate alone calls and implements them"
)]

use super::{
    PackedMatrix, Real, SimdLevel,
    activation::{
        Curve, Evaluate, EvaluateDifference, EvaluateSlopes, ForCurve, Invert, SettleDifferenceRow,
        SettleRow, StepDifferenceRow, StepRow,
    },
    gemm::Multiply,
};

macro_rules! compiled {
    ($($(#[doc = $doc:literal])* $name:ident($kernel:ident) -> $output:ty;)*) => {
        /// A scalar type with the kernels over slices of it: f32 or f64.
        pub trait Compiled: Real {
            /// C += A·B.
            fn multiply(level: SimdLevel, kernel: Multiply<'_, Self>);
            $($(#[doc = $doc])*
            fn $name(level: SimdLevel, kernel: ForCurve<$kernel<'_, Self>, Self>) -> $output;)*
        }
        compiled!(@for f32: $($name($kernel) -> $output;)*);
        compiled!(@for f64: $($name($kernel) -> $output;)*);
    };
    (@for $scalar:ty: $($name:ident($kernel:ident) -> $output:ty;)*) => {
        impl Compiled for $scalar {
            fn multiply(level: SimdLevel, kernel: Multiply<'_, Self>) {
                level.run(kernel);
            }
            $(fn $name(level: SimdLevel, kernel: ForCurve<$kernel<'_, Self>, Self>) -> $output {
                level.run(kernel)
            })*
        }
    };
}

compiled! {
    /// Outputs, slopes and bends.
    evaluate(Evaluate) -> ();
    /// Outputs and slopes.
    evaluate_slopes(EvaluateSlopes) -> ();
    /// Differences of outputs and slopes.
    evaluate_difference(EvaluateDifference) -> ();
    /// Nodes settled for a given input.
    settle_row(SettleRow) -> Self;
    /// One Newton step of every node.
    step_row(StepRow) -> Self;
    /// Deviations settled for a given input.
    settle_difference_row(SettleDifferenceRow) -> Self;
    /// One Newton step of every deviation.
    step_difference_row(StepDifferenceRow) -> Self;
    /// Inputs that outputs belong to.
    invert(Invert) -> ();
}

/// C += A·B, where A is `[m, b.rows()]` and C is `[m, b.columns()]`, both row-major.
///
/// Each element is one chain of multiply-adds over k starting from the value in C: its bits depend
/// neither on `m` nor on the instruction set (AVX2 and AVX-512; the portable level rounds twice).
///
/// # Panics
/// If `a` or `c` is shorter than `m` rows.
pub fn multiply<R: Compiled>(
    level: SimdLevel,
    m: usize,
    a: &[R],
    b: &PackedMatrix<R>,
    c: &mut [R],
) {
    let (a, c) = (&a[..m * b.rows()], &mut c[..m * b.columns()]);
    R::multiply(level, Multiply { a, b, c });
}

macro_rules! applied {
    ($($kernel:ident => $name:ident -> $output:ty;)*) => {$(
        impl<R: Compiled> $kernel<'_, R> {
            /// Runs the kernel for nodes of this activation.
            pub(crate) fn apply(self, level: SimdLevel, curve: Curve<R>) -> $output {
                R::$name(level, ForCurve(self, curve))
            }
        }
    )*};
}

applied! {
    EvaluateDifference => evaluate_difference -> ();
    StepDifferenceRow => step_difference_row -> R;
    SettleDifferenceRow => settle_difference_row -> R;
    SettleRow => settle_row -> R;
    StepRow => step_row -> R;
    Invert => invert -> ();
    Evaluate => evaluate -> ();
    EvaluateSlopes => evaluate_slopes -> ();
}
