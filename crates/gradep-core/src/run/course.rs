//! Whether a training is still getting anywhere, by its losses alone.

use crate::objective::Unlearned;

/// Consecutive epochs without a single update, or far above a network that has learned nothing, after which a
/// run is given up: new batches have had their chance.
pub const MAX_REFUSED_EPOCHS: u64 = 20;

/// At the end a run has diverged that loses more than this many times what a network without learning loses and
/// more than it lost at first: twice is beyond the noise of a loss and below anything that runs away.
const ABOVE_AT_THE_END: f64 = 2.0;

/// The losses of a run, epoch after epoch.
#[derive(Clone, Debug)]
pub(super) struct LossCourse {
    unlearned: Unlearned,
    first: f64,
    last: f64,
    lowest: f64,
    /// Length of the present row of epochs that are far above a network without learning and set no new low.
    hopeless: u64,
}

impl LossCourse {
    /// Of a run with these losses so far.
    pub(super) fn new(unlearned: Unlearned, losses: &[f64]) -> Self {
        let mut course = Self {
            unlearned,
            first: f64::NAN,
            last: f64::NAN,
            lowest: f64::INFINITY,
            hopeless: 0,
        };
        for &loss in losses {
            course.add(loss);
        }
        course
    }

    /// One more epoch.
    pub(super) fn add(&mut self, loss: f64) {
        if self.first.is_nan() {
            self.first = loss;
        }
        self.last = loss;
        // A network that begins with large weights is far above as well, but falls.
        if self.unlearned.is_far_above(loss) && loss >= self.lowest {
            self.hopeless += 1;
        } else {
            self.hopeless = 0;
        }
        self.lowest = self.lowest.min(loss);
    }

    /// Whether there is no use in going on.
    pub(super) fn is_hopeless(&self) -> bool {
        self.hopeless >= MAX_REFUSED_EPOCHS
    }

    /// Whether what has been trained is worse than nothing, now that all epochs are done.
    pub(super) fn ends_worse_than_nothing(&self) -> bool {
        let twice = ABOVE_AT_THE_END * self.unlearned.worst();
        self.unlearned.is_far_above(self.last) || (self.last > twice && self.last > self.first)
    }

    pub(super) fn first(&self) -> f64 {
        self.first
    }

    pub(super) fn last(&self) -> f64 {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNLEARNED: Unlearned = Unlearned {
        zero_velocity: 1.6,
        zero_couplings: 2.7,
    };

    fn course(losses: &[f64]) -> LossCourse {
        LossCourse::new(UNLEARNED, losses)
    }

    #[test]
    fn a_beginner_is_not_taken_for_a_runaway() {
        // A network that learns, one that stands still, one that begins with large weights and falls slowly.
        let falling: Vec<f64> = (0..40).map(|epoch| 400.0 * 0.98_f64.powi(epoch)).collect();
        for losses in [vec![2.7, 2.6, 1.2, 0.4], vec![2.7; 40], falling.clone()] {
            let course = course(&losses);
            assert!(!course.is_hopeless(), "{losses:?}");
        }
        assert!(!course(&[2.7, 1.2, 0.4]).ends_worse_than_nothing());
        assert!(!course(&[2.7, 2.71]).ends_worse_than_nothing());
        assert!(
            !course(&[20.0, 9.0]).ends_worse_than_nothing(),
            "it is still falling"
        );
        assert!(
            course(&falling).ends_worse_than_nothing(),
            "nothing that could be used"
        );
    }

    #[test]
    fn a_runaway_is_noticed_and_an_excursion_forgiven() {
        let mut losses = vec![2.7];
        losses.extend([2e15; 19]);
        assert!(!course(&losses).is_hopeless());
        losses.push(2e15);
        assert!(course(&losses).is_hopeless());
        // Up to another scale and down again.
        let mut losses = vec![0.4];
        losses.extend([100.0; 19]);
        losses.push(0.9);
        losses.extend([100.0; 19]);
        assert!(!course(&losses).is_hopeless());
        losses.push(100.0);
        assert!(course(&losses).is_hopeless());
        assert!(course(&[1e15, 2e15, 2e15]).ends_worse_than_nothing());
        assert!(course(&[2.7, 6.0]).ends_worse_than_nothing());
    }
}
