//! Random numbers by address: (seed, purpose, step, sample).
//!
//! A draw depends on its address alone, so results do not change with threads, batch geometry or
//! resume, and checkpoints hold no generator state. The generator is `ChaCha8` (Bernstein 2008),
//! whose key, stream and word position are the address.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// What a draw is for: draws of different purposes are independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// Initial weights.
    Weights = 1,
    /// Order of the data within an epoch.
    Shuffle = 2,
    /// x_0 of training pairs.
    Source = 3,
    /// Flow times.
    Time = 4,
    /// Which matched pairs are drawn, with replacement.
    Pairs = 5,
    /// Sign of a random-sign nudge.
    NudgeSign = 6,
    /// x_0 of generated samples.
    Generation = 7,
    /// Noise batches from which the transport potential is learned.
    Potential = 8,
    /// Anchors and directions of gradient checks.
    Check = 9,
    /// What one chip has of its own: mismatch, offsets.
    Device = 10,
    /// Noise along a transient.
    Noise = 11,
    /// What devices of a chip have of their own.
    Fabrication = 13,
    /// What one programming of the devices did.
    Programming = 14,
    /// How conductances fluctuate between relaxations.
    Fluctuation = 15,
    /// Initial biases.
    Biases = 16,
    /// Which nodes of a training example are held.
    Held = 24,
    /// Where chains of negatives begin, and the noise along them.
    Negatives = 26,
    /// Pulses that a verified programming repeats.
    Verification = 21,
    /// Noise that a sample-and-hold or a converter freezes.
    Converter = 12,
    /// Sample sets that a generator is held against, and the classifier that judges them.
    Baseline = 20,
    /// What devices have of their own in pulses of updates, and what each of these does.
    Update = 41,
    /// Noise along a flow that is integrated step by step.
    Annealing = 40,
}

/// Words of 32 bits that are set apart for one sample: more than any use of [`stream`] draws. What
/// may draw more takes a [`Stream`].
const WORDS_PER_SAMPLE: u128 = 1 << 24;

/// Words of a stretch after which [`Stream::renew`] goes on to the next: what is left of a sample's
/// room is for what is drawn between two calls.
const WORDS_PER_STRETCH: u128 = WORDS_PER_SAMPLE / 2;

/// The generator of one sample at one step.
///
/// ```
/// use analog_substrate::random::{Purpose, stream};
/// use rand::RngExt as _;
///
/// // An address has its draws, whatever else was drawn before.
/// let draw = |item| stream(1, Purpose::Check, 0, item).random::<u64>();
/// assert_eq!(draw(3), draw(3));
/// assert_ne!(draw(3), draw(4));
/// ```
pub fn stream(seed: u64, purpose: Purpose, step: u64, sample: u64) -> ChaCha8Rng {
    stretch(seed, purpose, step, sample, 0)
}

/// The generator of one sample at one step, however much it draws: its words come in stretches, each
/// with a key of its own, so that none are those of another sample.
#[derive(Clone, Debug)]
pub struct Stream {
    generator: ChaCha8Rng,
    seed: u64,
    purpose: Purpose,
    step: u64,
    sample: u64,
    stretch: u64,
}

impl Stream {
    /// At the beginning: the words of [`stream`].
    pub fn new(seed: u64, purpose: Purpose, step: u64, sample: u64) -> Self {
        Self {
            generator: stream(seed, purpose, step, sample),
            seed,
            purpose,
            step,
            sample,
            stretch: 0,
        }
    }

    /// What to draw from.
    pub fn generator(&mut self) -> &mut ChaCha8Rng {
        &mut self.generator
    }

    /// Goes on to the next stretch if half of the present one is drawn (8,388,608 words). To be called
    /// before as many words again are drawn.
    pub fn renew(&mut self) {
        let start = u128::from(self.sample) * WORDS_PER_SAMPLE;
        if self.generator.get_word_pos() - start >= WORDS_PER_STRETCH {
            self.stretch += 1;
            self.generator = stretch(
                self.seed,
                self.purpose,
                self.step,
                self.sample,
                self.stretch,
            );
        }
    }
}

fn stretch(seed: u64, purpose: Purpose, step: u64, sample: u64, stretch: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&(purpose as u64).to_le_bytes());
    key[16..24].copy_from_slice(&stretch.to_le_bytes());
    let mut generator = ChaCha8Rng::from_seed(key);
    generator.set_stream(step);
    generator.set_word_pos(u128::from(sample) * WORDS_PER_SAMPLE);
    generator
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    #[test]
    fn every_part_of_the_address_matters_and_nothing_else() {
        let draw = |seed, purpose, step, sample| stream(seed, purpose, step, sample).next_u64();
        let reference = draw(1, Purpose::Source, 2, 3);
        assert_eq!(reference, draw(1, Purpose::Source, 2, 3));
        assert_ne!(reference, draw(2, Purpose::Source, 2, 3));
        assert_ne!(reference, draw(1, Purpose::Time, 2, 3));
        assert_ne!(reference, draw(1, Purpose::Source, 3, 3));
        assert_ne!(reference, draw(1, Purpose::Source, 2, 4));
    }

    #[test]
    fn a_long_stream_never_runs_into_the_next_samples() {
        let mut long = Stream::new(1, Purpose::Noise, 2, 3);
        let mut next = stream(1, Purpose::Noise, 2, 4);
        assert_eq!(
            long.generator().next_u64(),
            stream(1, Purpose::Noise, 2, 3).next_u64()
        );
        long.renew();
        assert_eq!(long.stretch, 0);
        // As far as 2^24 words are drawn in steps of 2^22.
        let mut drawn = Vec::new();
        for _ in 0..4 {
            let generator = long.generator();
            generator.set_word_pos(generator.get_word_pos() + (1 << 22));
            long.renew();
            drawn.push(long.generator().clone().next_u64());
        }
        assert_eq!(long.stretch, 2);
        drawn.push(next.next_u64());
        drawn.sort_unstable();
        drawn.dedup();
        assert_eq!(drawn.len(), 5);
    }
}
