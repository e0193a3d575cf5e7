//! The kernels over rows of nodes, compiled here once for each scalar type, as
//! [`Compiled`] is.
#![expect(
    private_interfaces,
    reason = "this crate alone calls and implements them"
)]

use super::{
    curve::{Curve, ForCurve},
    difference::{EvaluateDifference, SettleDifferenceRow, StepDifferenceRow},
    evaluate::{Evaluate, EvaluateSlopes},
    inverse::Invert,
    newton::{SettleRow, StepRow},
};
use crate::kernels::{Compiled, SimdLevel};

macro_rules! compiled {
    ($($(#[doc = $doc:literal])* $name:ident($kernel:ident) -> $output:ty;)*) => {
        /// A scalar type with the kernels over rows of nodes: f32 or f64.
        pub trait ActivationScalar: Compiled {
            $($(#[doc = $doc])*
            fn $name(level: SimdLevel, kernel: ForCurve<$kernel<'_, Self>, Self>) -> $output;)*
        }
        compiled!(@for f32: $($name($kernel) -> $output;)*);
        compiled!(@for f64: $($name($kernel) -> $output;)*);
    };
    (@for $scalar:ty: $($name:ident($kernel:ident) -> $output:ty;)*) => {
        impl ActivationScalar for $scalar {
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

macro_rules! applied {
    ($($kernel:ident => $name:ident -> $output:ty;)*) => {$(
        impl<R: ActivationScalar> $kernel<'_, R> {
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
