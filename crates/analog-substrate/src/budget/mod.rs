//! What a piece of work takes, estimated before it is begun and compared with what there is.
//!
//! A request that no machine can answer is refused with its number, the limit and the key to change; without
//! this it ends in an abort of the allocator, or never. Estimates count the arrays that are held at the same
//! time, from the shapes that the code allocates, and leave out what is small. They are meant to be right
//! within a factor of two: what they refuse would not have fitted, what they let pass may still be slow.

mod available;
mod tally;

use crate::fault::{Blame, Fault};
pub use available::{Available, available};
pub use tally::Tally;

use crate::Layers;

/// Steps that one flow, run or training may take. At a microsecond each this is eleven days.
pub const MOST_STEPS: f64 = 1e12;

/// Steps of equal size that one transient may take: they are counted in 32 bits.
pub const MOST_TRANSIENT_STEPS: f64 = u32::MAX as f64;

/// Chips, curves or seeds that one command may try: each is a file, or a line of a document that is read as a
/// whole.
pub const MOST_TRIALS: f64 = 1e6;

/// Multiply-adds above which work is announced before it begins: ten seconds of one slow core.
const LONG: f64 = 2e10;

/// Work that is refused before it is begun.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct BudgetError(Box<Excess>);

impl Blame for BudgetError {
    fn fault(&self) -> Fault {
        self.0.fault()
    }
}

impl BudgetError {
    /// What is exceeded.
    pub fn excess(&self) -> &Excess {
        &self.0
    }
}

/// What is exceeded.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Excess {
    /// It does not fit into the memory.
    #[error(
        "{what}: about {} of memory are needed, {} are free ({source_of_limit}); {change}",
        bytes(*needed), bytes(*free as f64)
    )]
    Memory {
        /// What was asked for, with its numbers.
        what: String,
        /// Bytes that it takes.
        needed: f64,
        /// Bytes that there are.
        free: u64,
        /// Where that is from.
        source_of_limit: &'static str,
        /// What to change.
        change: &'static str,
    },
    /// It does not end.
    #[error("{what}: that is {steps:.3e} {unit}; expected at most {most:.3e}: {change}")]
    Count {
        /// What was asked for, with its numbers.
        what: String,
        /// How many steps (or other pieces) that is.
        steps: f64,
        /// What they are.
        unit: &'static str,
        /// The limit.
        most: f64,
        /// What to change.
        change: &'static str,
    },
}

impl Blame for Excess {
    fn fault(&self) -> Fault {
        Fault::Input
    }
}

/// Refuses work that takes more memory than there is; `what` says the work with its numbers, `change` the
/// way out.
///
/// # Errors
/// [`Excess::Memory`].
pub fn check_memory(
    what: impl FnOnce() -> String,
    needed: f64,
    change: &'static str,
) -> Result<(), BudgetError> {
    let Available { bytes, source } = available();
    // NaN is more than anything.
    if needed <= bytes as f64 {
        return Ok(());
    }
    Err(BudgetError(Box::new(Excess::Memory {
        what: what(),
        needed,
        free: bytes,
        source_of_limit: source,
        change,
    })))
}

/// Refuses more than `most` pieces of work.
///
/// # Errors
/// [`Excess::Count`].
pub fn check_count(
    what: impl FnOnce() -> String,
    (steps, unit): (f64, &'static str),
    most: f64,
    change: &'static str,
) -> Result<(), BudgetError> {
    if steps <= most {
        return Ok(());
    }
    Err(BudgetError(Box::new(Excess::Count {
        what: what(),
        steps,
        unit,
        most,
        change,
    })))
}

/// Refuses more than [`MOST_TRIALS`] of what an option (`--chips`) or several together ask for.
///
/// # Errors
/// [`Excess::Count`].
pub fn check_trials(
    options: &'static str,
    (count, unit): (f64, &'static str),
) -> Result<(), BudgetError> {
    check_count(
        || options.to_owned(),
        (count, unit),
        MOST_TRIALS,
        "ask for fewer, in several commands",
    )
}

/// Whether so many steps of so many samples of a network take long enough to be announced. A step multiplies
/// with every weight twice, upwards and downwards.
pub fn is_long(steps: f64, samples: usize, layers: &Layers) -> bool {
    2.0 * steps * samples as f64 * parameters(layers) > LONG
}

/// Parameters of a network; not a count, so that it has no largest value.
pub fn parameters(layers: &Layers) -> f64 {
    let sizes = layers
        .sizes()
        .windows(2)
        .map(|w| (w[0] as f64, w[1] as f64));
    layers.visible() as f64 + sizes.map(|(from, to)| to * (from + 1.0)).sum::<f64>()
}

/// Nodes of all layers.
pub fn nodes(layers: &Layers) -> f64 {
    layers.sizes().iter().map(|&n| n as f64).sum()
}

/// Bytes that training takes beside its data: of each parameter, in f32, the value, its average, two moments,
/// the gradient and its two halves, the substrate's packings upwards and downwards, and four of them again in
/// a checkpoint that is being written: 13. Of each sample of a batch its anchor, noise, image, target,
/// velocity and force, and the states of three phases with what Anderson's method keeps of the iterates, five
/// copies. Matched samples (`group` at once): an n × n matrix of f32.
pub fn training(layers: &Layers, batch: usize, group: usize) -> f64 {
    let per_sample = 6.0 * layers.visible() as f64 + 3.0 * 5.0 * nodes(layers);
    4.0 * (13.0 * parameters(layers) + batch as f64 * per_sample + (group as f64).powi(2))
}

/// Bytes that generating samples takes, in f32: of each sample its start, x and four slopes, x at every moment
/// twice (as it is found, and as it is written), and the state of its relaxation five times.
pub fn generation(layers: &Layers, samples: usize, moments: usize) -> f64 {
    let per_sample = (6.0 + 2.0 * moments as f64) * layers.visible() as f64 + 5.0 * nodes(layers);
    4.0 * samples as f64 * per_sample
}

/// Bytes that recorded transients take: of each instant of each sample the states of `size` bytes a node, as
/// they are recorded, by layer, and of one layer in volts, with residual, energy and eight kinds of work in
/// f64; and what is there once for a sample.
pub fn traces(layers: &Layers, samples: f64, intervals: usize, size: usize) -> f64 {
    let instants = intervals as f64 + 1.0;
    let of_instant = 3.0 * size as f64 * nodes(layers) + 8.0 * 10.0;
    samples * (instants * of_instant + 5.0 * size as f64 * nodes(layers))
}

/// Bytes that measuring samples takes, in f64: of each pair of samples its distance, two kernels and a product
/// on the way; of each sample as much with up to 4,000 real images, pixels, features and neighbours.
pub fn distances(samples: usize) -> f64 {
    let samples = samples as f64;
    8.0 * samples * (4.0 * (samples + 4000.0) + 300.0)
}

/// Bytes that maps of the conductances of chips take while they are written: of each device of a pair what is
/// asked and what is achieved in f64, whether it is stuck, and its programming, on the chip and in its map.
pub fn maps(layers: &Layers, chips: f64) -> f64 {
    2.0 * 2.0 * 40.0 * chips * parameters(layers)
}

/// A number of bytes as people read it: `37.3 GiB`.
pub fn bytes(count: f64) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut value = count;
    for unit in units {
        if value < 1024.0 {
            return format!("{value:.3} {unit}");
        }
        value /= 1024.0;
    }
    format!("{value:.1e} ZiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper() -> Layers {
        Layers::new(vec![64, 128, 128]).unwrap()
    }

    #[test]
    fn estimates_are_those_of_the_shapes() {
        assert!((parameters(&paper()) - 24_896.0).abs() < 1e-9);
        assert!((nodes(&paper()) - 320.0).abs() < 1e-9);
        // 64 samples: 8 rows of 64 pixels and 5 of 320 nodes, in f32.
        let expected = 4.0 * 64.0 * (8.0 * 64.0 + 5.0 * 320.0);
        assert!((generation(&paper(), 64, 1) - expected).abs() < 1e-6);
    }

    #[test]
    fn what_does_not_fit_is_refused_with_number_and_limit() {
        assert_eq!(check_memory(String::new, 1e3, ""), Ok(()));
        let what = || "1e12 samples".to_owned();
        let refused = check_memory(what, 5e15, "lower -n").unwrap_err();
        let text = refused.to_string();
        assert!(text.starts_with("1e12 samples: about 4.441 PiB"), "{text}");
        assert!(
            text.contains("are free (") && text.ends_with("lower -n"),
            "{text}"
        );
        for absurd in [f64::INFINITY, f64::NAN] {
            assert!(check_memory(String::new, absurd, "").is_err());
            assert!(check_count(String::new, (absurd, ""), 1.0, "").is_err());
        }
    }

    #[test]
    fn bytes_have_the_unit_that_keeps_them_short() {
        assert_eq!(bytes(1023.0), "1023.000 bytes");
        assert_eq!(bytes(1.5 * 1024.0 * 1024.0), "1.500 MiB");
        assert_eq!(bytes(1e30), "8.5e8 ZiB");
    }
}
