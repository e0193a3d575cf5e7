//! What a network is to learn: at which anchors it is asked, and what it should answer there.
//!
//! Pairs of noise and data come from [`BatchSource`](crate::flow::BatchSource), which matches them. An [`Objective`] turns
//! each pair into an example, and the learning rule moves the network's answer v towards the example's target u. How
//! samples are drawn from what was learned is [`generate`](crate::generate).

mod decay;
mod equilibrium_matching;
mod examples;
mod flow_matching;
mod kind;
mod times;
mod unlearned;

pub use decay::{Decay, DecayKind};
pub use equilibrium_matching::EquilibriumMatching;
pub use examples::{Examples, ObjectiveError, linear_path};
pub use flow_matching::FlowMatching;
pub use kind::ObjectiveKind;
pub use times::TimeDensity;
pub use unlearned::Unlearned;

use crate::{
    draws::{normal_rows, uniform_times},
    random::Purpose,
};
use ndarray::ArrayView2;
use std::fmt;

/// What a network is to learn.
///
/// The loss of an example is ½|v(anchor) − target|², summed over visible nodes and averaged over the batch. v is what the
/// network answers: α times the current that its spring draws at equilibrium ([`GradEp`](crate::gradep::GradEp)).
///
/// An objective is a pure function of its arguments: all that is random in it comes from the seed and the epoch of its
/// [`Draw`], so that a run that was interrupted goes on with the same bits.
///
/// ```
/// use gradep_core::objective::{Draw, Examples, Objective, TimeDensity, linear_path};
/// use ndarray::ArrayView2;
///
/// /// To answer with the data itself, whatever the noise.
/// #[derive(Debug)]
/// struct Recall;
///
/// impl Objective for Recall {
///     fn name(&self) -> &str {
///         "recall"
///     }
///
///     fn pair(&self, noise: ArrayView2<'_, f32>, data: ArrayView2<'_, f32>, draw: Draw) -> Examples {
///         let times = draw.times(noise.nrows());
///         Examples { anchor: linear_path(noise, data, &times), target: data.to_owned(), times }
///     }
/// }
///
/// # use ndarray::Array2;
/// # let (noise, data) = (Array2::zeros((3, 2)), Array2::ones((3, 2)));
/// # let draw = Draw { seed: 0, epoch: 0, epochs: 1, density: TimeDensity::UNIFORM };
/// # assert_eq!(Recall.pair(noise.view(), data.view(), draw).target, data);
/// ```
pub trait Objective: fmt::Debug + Send + Sync {
    /// What messages call it.
    fn name(&self) -> &str;

    /// One example for each pair of noise x_0 and data x_1, `[n, n_0]` each, row by row.
    fn pair(&self, noise: ArrayView2<'_, f32>, data: ArrayView2<'_, f32>, draw: Draw) -> Examples;

    /// What networks that have learned nothing lose on `images` `[n, n_0]`. A network without couplings answers
    /// v = −`decay`·x, with decay αλ/(1 + λ).
    ///
    /// As provided, the means over one example for each image, with noise that is not matched to it. An objective with
    /// closed forms gives those.
    fn unlearned(&self, images: ArrayView2<'_, f32>, decay: f64) -> Unlearned {
        let (count, dimension) = images.dim();
        let noise = normal_rows(0, Purpose::Check, 0, count, dimension);
        let draw = Draw {
            seed: 0,
            epoch: 0,
            epochs: 1,
            density: TimeDensity::UNIFORM,
        };
        Unlearned::on(&self.pair(noise.view(), images, draw), decay)
    }
}

/// Which examples of a run are asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Draw {
    /// Seed of the run.
    pub seed: u64,
    /// Number of the epoch, from 0.
    pub epoch: u64,
    /// Epochs of the run, for what changes along it.
    pub epochs: u64,
    /// What times are drawn by in this epoch. The reported loss is re-weighted to uniform times by it.
    pub density: TimeDensity,
}

impl Draw {
    /// Times of `count` samples in [0, 1], drawn by the density: others in every epoch.
    pub fn times(&self, count: usize) -> Vec<f32> {
        let draws = uniform_times(self.seed, self.epoch, count);
        let time = |draw| self.density.time_of(draw);
        draws.into_iter().map(time).collect()
    }

    /// The share of the run that is over when the epoch begins: 0 at first, below 1 to the end.
    pub fn progress(&self) -> f64 {
        self.epoch as f64 / self.epochs.max(1) as f64
    }
}
