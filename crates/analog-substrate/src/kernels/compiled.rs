//! The large kernels, compiled here once for each scalar type.
//!
//! Code that is generic over [`Real`](super::Real) is compiled by the crates that choose the scalar;
//! through this trait it calls what this crate has compiled, at this crate's level of optimisation.
#![expect(
    private_interfaces,
    reason = "this crate alone calls and implements them"
)]

use super::{
    SimdLevel,
    activation::{
        Evaluate, EvaluateDifference, EvaluateSlopes, ForCurve, Invert, SettleDifferenceRow,
        SettleRow, StepDifferenceRow, StepRow,
    },
    gemm::Multiply,
};

macro_rules! compiled {
    ($($(#[doc = $doc:literal])* $name:ident($kernel:ident) -> $output:ty;)*) => {
        /// Kernels over slices of a scalar type: f32 or f64.
        pub trait Compiled: Sized {
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
