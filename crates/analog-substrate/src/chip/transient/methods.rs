//! The steps of each integrator.

use super::step::Step;
use crate::{
    activation::ActivationScalar,
    chip::integrator::{Integrator, integrators},
};

macro_rules! dispatch {
    ($($name:ident $text:literal [$($file:ident)?] $limit:expr, $doc:literal;)*) => {
        /// The equal steps that blocks of samples take together; none where every sample takes its own.
        pub(super) fn steps_of<R: ActivationScalar>(integrator: Integrator) -> Option<&'static dyn Step<R>> {
            let steps: &[&'static dyn Step<R>] = match integrator {
                $(Integrator::$name => &[$(&super::$file::Steps)?],)*
            };
            steps.first().copied()
        }
    };
}

integrators!(dispatch);
