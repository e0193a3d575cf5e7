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
    /// Pulses that a verified programming repeats.
    Verification = 21,
    /// Noise that a sample-and-hold or a converter freezes.
    Converter = 12,
}

/// Words of 32 bits that are set apart for one sample: far more than any sample uses.
const WORDS_PER_SAMPLE: u128 = 1 << 24;

/// The generator of one sample at one step.
pub fn stream(seed: u64, purpose: Purpose, step: u64, sample: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&(purpose as u64).to_le_bytes());
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
}
