//! How far a piece of work is, for who looks on.

use std::sync::atomic::{AtomicU64, Ordering};

/// An amount of work done, written by those who do it and read by whoever shows it. Nothing depends on it.
#[derive(Debug, Default)]
pub struct Tally(AtomicU64);

impl Tally {
    /// So much more is done; the unit is that of whoever knows the whole.
    pub fn add(&self, amount: f64) {
        let more = |bits| Some((f64::from_bits(bits) + amount).to_bits());
        // The closure never refuses.
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
    }

    /// What is done so far.
    pub fn done(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;
    use rayon::prelude::*;

    #[test]
    fn nothing_is_lost_between_threads() {
        let tally = Tally::default();
        (0..1000).into_par_iter().for_each(|_| tally.add(0.5));
        assert!((tally.done() - 500.0).abs() < 1e-12);
    }
}
