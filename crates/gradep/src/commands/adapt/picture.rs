//! Samples of a chip before and after it learned, side by side.

use super::Subject;
use crate::failure::Result;
use bench_hw::adaptation::{Adapted, Bench, Best, Programmed};
use hw_report::figure::SampleGroups;
use ndarray::Array3;
use std::path::Path;

/// Samples of each group, and how many of them are below each other.
const SAMPLES: usize = 36;
const ROWS: usize = 6;

/// What is drawn: a chip, how good it was, and what that is called.
pub(super) type Group<'a> = (&'a str, Programmed<'a>, Best);

impl Subject<'_> {
    /// Draws samples of each group from the same noise, at the time that is best for it; nothing where visible nodes are no pixels of an
    /// image.
    pub(super) fn draw(
        &self,
        bench: &Bench<'_>,
        adapted: &Adapted,
        groups: &[Group<'_>],
        path: &Path,
    ) -> Result<()> {
        let shape = self.domain.shape();
        let count = SAMPLES.min(bench.samples);
        let mut images = Array3::zeros((groups.len(), count, shape.pixels()));
        for ((_, programmed, best), mut to) in groups.iter().zip(images.outer_iter_mut()) {
            let drawn = bench.samples_at(programmed, best.time, count)?;
            if drawn.ncols() < shape.pixels() {
                return Ok(());
            }
            to.assign(&drawn.slice(ndarray::s![.., ..shape.pixels()]));
        }
        let headings = groups
            .iter()
            .map(|(what, _, best)| format!("{what}: {:.1} at t = {}", best.distance, best.time));
        let caption = format!(
            "The first {count} of {} samples, seed {}, the same noise in all. Numbers: {} against {}; lower is better. Learned: {} updates.",
            bench.samples,
            self.arguments.seed,
            bench.reference.decisive(),
            self.domain.about(),
            adapted.updates
        );
        SampleGroups {
            title: &format!("{}, chip {}", self.spec.name(), adapted.chip),
            caption: &caption,
            images: images.view(),
            shape,
            headings: &headings.collect::<Vec<_>>(),
            rows: ROWS,
        }
        .write(path)?;
        Ok(())
    }
}
