//! Whether a model can be measured against the digits, and what that says of it.

use crate::{
    commands::source::Source,
    failure::{Result, Usage, ensure},
};
use bench_hw::metrics::{FEWEST, PIXELS, Track, check_size};

/// Refuses, before anything is announced, what no bench can measure; warns where numbers would not mean what
/// they seem to.
pub(super) fn check(name: &str, source: &Source, track: Track, samples: usize) -> Result<()> {
    let pixels = source.model.couplings.layers().visible();
    ensure!(
        pixels == PIXELS,
        Usage(format!(
            "{name}: generates {pixels} pixels; expected {PIXELS} (8 × 8 digits)"
        ))
    );
    ensure!(
        samples >= FEWEST,
        Usage(format!(
            "--count {samples}: too few samples to measure; expected at least {FEWEST}"
        ))
    );
    check_size(samples)?;
    if let Some(doubt) = track.doubt(source.trained_on()) {
        tracing::warn!("{name}: {doubt}");
    }
    Ok(())
}
