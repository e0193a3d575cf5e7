//! One self-contained page on a run and its results: opens from a file, loads nothing, and its tables
//! and figures can be read without JavaScript.
//!
//! ```text
//! run directory, quality.json, sweep.json, maps  ──Page::gather──▶  numbers  ──Page::html──▶  one file
//! ```
//!
//! What needs a chip or a model is computed when the page is made, from fixed seeds. Large arrays are
//! thinned out, and the page says so: it stays below [`LARGEST`] bytes.

mod bars;
mod conductances;
mod doubts;
mod encode;
mod error;
mod gallery;
mod hints;
mod markup;
mod overview;
mod plot;
mod relaxation;
mod run;
mod source;
#[cfg(test)]
mod tests;

pub use error::PageError;
pub use hints::{Hints, Missing};
pub use overview::{BestTime, Overview, Worst};

use analog_substrate::hw_spec::Spec;
use bench_hw::generation::Way;
use conductances::Conductances;
use gallery::{Frames, Gallery};
use gradep_core::{
    config::AskedFlow,
    files::{ChipMap, Provenance, spec_hash},
};
use hints::Subject;
use ndarray::{Array2, Axis, concatenate};
use relaxation::Relaxations;
use run::RunData;
use source::{Results, Sources};
use std::path::{Path, PathBuf};
use units::printable::json_printable;

/// Most bytes of a page: what mail servers and browsers take.
pub const LARGEST: usize = 20_000_000;

/// Frames of the gallery towards which relaxations are shown, by flow time.
const ANCHOR_TIMES: [f64; 3] = [0.0, 0.5, 1.0];

/// What a page is made from.
#[derive(Debug)]
pub struct Request<'a> {
    /// A run directory or a directory of results.
    pub source: &'a Path,
    /// More results.
    pub benches: &'a [PathBuf],
    /// The chip that relaxes.
    pub chip: &'a Spec,
    /// The words of the command line that named and changed the chip; none if none did.
    pub chip_words: &'a [String],
    /// What is asked of the flow of the samples; nothing: as the run has it.
    pub flow: AskedFlow,
    /// How samples are also generated on the chip; none: they are not.
    pub on_chip: Option<&'a Way>,
    /// Measured or exported maps; without, a chip with devices is programmed.
    pub maps: &'a [ChipMap],
    /// The command line that makes the page.
    pub command: &'a [String],
}

/// A step of gathering that is done, for progress bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Files were read.
    Read,
    /// Samples were generated at equilibria.
    Generated,
    /// The chip relaxed, and generated if it was asked to.
    Relaxed,
    /// Neighbours were found, maps encoded.
    Encoded,
}

impl Stage {
    /// Which share of the steps is done.
    pub fn share(self) -> f64 {
        match self {
            Self::Read => 0.25,
            Self::Generated => 0.5,
            Self::Relaxed => 0.75,
            Self::Encoded => 1.0,
        }
    }

    /// What was done.
    pub fn text(self) -> &'static str {
        match self {
            Self::Read => "results read",
            Self::Generated => "samples generated",
            Self::Relaxed => "chip relaxed",
            Self::Encoded => "neighbours found",
        }
    }
}

/// Everything that a page shows.
pub struct Page {
    title: String,
    command: Vec<String>,
    overview: Overview,
    run: Option<RunData>,
    results: Results,
    relaxations: Option<Relaxations>,
    conductances: Option<Conductances>,
    gallery: Option<Gallery>,
}

impl Page {
    /// Reads results and computes what the page shows of the model.
    ///
    /// # Errors
    /// [`PageError`], for the first thing that is wrong.
    pub fn gather(
        request: &Request<'_>,
        mut progress: impl FnMut(Stage),
    ) -> Result<Self, PageError> {
        let sources = Sources::look(request.source, request.benches)?;
        let results = sources.results;
        let run = sources
            .run
            .map(|root| RunData::read(root, &request.flow))
            .transpose()?;
        progress(Stage::Read);
        let subject = match sources.run.zip(run.as_ref()) {
            Some((root, run)) => Some(Subject {
                path: root.display().to_string(),
                track: run.track().name().to_owned(),
            }),
            None => Subject::of_results(&results),
        };
        let mut overview = Overview::of(&results);
        overview.hints = hints::hints(request, subject.as_ref(), overview.lacks());
        overview.warnings = doubts::doubts(&results, run.as_ref());
        let mut frames = Vec::new();
        let (mut relaxations, mut programmed) = (None, Vec::new());
        if let Some(run) = &run {
            let equilibria = Frames::at_equilibria(run)?;
            progress(Stage::Generated);
            let seed = run.config.seed;
            let map = matching(request.maps, request.chip);
            let chip = relaxation::chip(request.chip, &run.model, map, seed)?;
            relaxations = Some(relax(&chip, run, &equilibria, seed)?);
            if let (None, Some(map)) = (map, chip.conductances()) {
                programmed.push(ChipMap {
                    provenance: Provenance {
                        spec: request.chip.name().to_owned(),
                        spec_hash: spec_hash(request.chip),
                        model: None,
                        seed,
                        chip: 0,
                    },
                    tile: None,
                    map,
                });
            }
            frames.push(equilibria);
            if let Some(way) = request.on_chip {
                frames.push(Frames::on_chip(&chip, run, way)?);
            }
            progress(Stage::Relaxed);
        }
        for quality in &results.qualities {
            frames.extend(Frames::of_quality(quality)?);
        }
        let maps = if request.maps.is_empty() {
            &programmed
        } else {
            request.maps
        };
        let digits = gradep_core::data::Dataset::digits();
        let data = match &run {
            Some(run) => run.data.as_ref().ok(),
            None => Some(&digits),
        };
        let gallery = Gallery::of(frames, data);
        progress(Stage::Encoded);
        Ok(Self {
            title: crate::report::folder_name(request.source),
            command: request.command.to_vec(),
            overview,
            gallery,
            conductances: Conductances::of(maps),
            run,
            results,
            relaxations,
        })
    }

    /// The answers at the top.
    pub fn overview(&self) -> &Overview {
        &self.overview
    }

    /// The page.
    ///
    /// # Errors
    /// [`PageError::TooLarge`].
    pub fn html(&self) -> Result<String, PageError> {
        let page = markup::page(self).into_string();
        // Names act on no one who reads the page or its source; in its JSON they stay what they are.
        let page = json_printable(&page).into_owned();
        if page.len() > LARGEST {
            return Err(PageError::TooLarge {
                found: page.len(),
                limit: LARGEST,
            });
        }
        Ok(page)
    }
}

/// The first map that is of the chip.
fn matching<'a>(maps: &'a [ChipMap], chip: &Spec) -> Option<&'a ChipMap> {
    let hash = spec_hash(chip);
    maps.iter().find(|map| map.provenance.spec_hash == hash)
}

/// Relaxes under springs to the first sample at some moments of its flow.
fn relax(
    chip: &analog_substrate::chip::Chip<f32>,
    run: &RunData,
    frames: &Frames,
    seed: u64,
) -> Result<Relaxations, PageError> {
    let places = ANCHOR_TIMES.map(|time| gallery::nearest_place(&frames.flow_times, time));
    let anchors = frames
        .samples
        .index_axis(Axis(1), 0)
        .select(Axis(0), &places);
    // What label nodes were at is not in a sample: they are tied to no class. Copies know nothing.
    let beside = run.model.couplings.layers().visible() - anchors.ncols();
    let free = Array2::zeros((places.len(), beside));
    let anchors = concatenate![Axis(1), anchors, free];
    let labels: Vec<String> = places
        .iter()
        .map(|&place| format!("sample 0 at flow time {:.1}", frames.flow_times[place]))
        .collect();
    Relaxations::compute(chip, run, (anchors.view(), &labels), seed)
}
