//! Whether a model can be measured against a domain, and what that says of it.

use crate::{
    commands::source::Source,
    failure::{Result, Usage, ensure},
};
use bench_hw::{
    domain::Domain,
    metrics::{FEWEST, check_size},
};

/// Refuses, before anything is announced, what no bench can measure; warns where numbers would not mean what
/// they seem to.
pub(in crate::commands) fn check(
    name: &str,
    source: &Source,
    domain: &dyn Domain,
    samples: usize,
) -> Result<()> {
    let pixels = source.model.pixels();
    ensure!(
        pixels == domain.shape().pixels(),
        Usage(format!(
            "{name}: generates {pixels} pixels; expected {} ({} of {})",
            domain.shape().pixels(),
            domain.shape(),
            domain.name()
        ))
    );
    ensure!(
        samples >= FEWEST,
        Usage(format!(
            "--count {samples}: too few samples to measure; expected at least {FEWEST}"
        ))
    );
    check_size(samples)?;
    if let Some(doubt) = domain.doubt(source.trained_on()) {
        tracing::warn!("{name}: {doubt}");
    }
    Ok(())
}
