//! What a training run came to: figures of how it was trained and what it generates, and
//! [`Summary`], the numbers in `summary.json`.

mod figures;
mod samples;
mod summary;

pub use samples::digit_shares;
pub use summary::{SampleSummary, Summary};

use crate::{ClassShareError, figure::FigureError};
use analog_substrate::IdealError;
use gradep_core::{
    config::Config,
    files::Model,
    generate::{GenerateError, Generator, starting_noise},
    run::{Run, trained_model},
    run_dir::RunDirError,
};
use ndarray::{Axis, s};
use samples::{CLASS_TIME, SHARE_SAMPLES, STRIP_TIMES};
use std::path::Path;

/// Samples in the grid, and in each column of the strip.
const GRID_SAMPLES: usize = 64;
const STRIP_SAMPLES: usize = 10;

/// Why a run could not be reported on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The run directory refused.
    #[error(transparent)]
    Directory(#[from] RunDirError),
    /// The couplings cannot be programmed.
    #[error(transparent)]
    Substrate(#[from] IdealError),
    /// Samples cannot be generated.
    #[error("generating samples: {0}")]
    Generate(#[from] GenerateError<IdealError>),
    /// Samples cannot be labelled.
    #[error(transparent)]
    Classes(#[from] ClassShareError),
}

/// The summary of a run, and what could not be drawn.
#[derive(Debug)]
pub struct Report {
    /// As written to `summary.json`.
    pub summary: Summary,
    /// Figures that are not there, each with the reason: images that are not square, say.
    pub undrawn: Vec<FigureError>,
}

/// Draws the figures of a run that has done all its epochs and writes `summary.json`.
///
/// `figures/` gets `loss.svg`, `traces.svg`, `strip.png` (samples at flow times 0 to 1.2) and
/// `samples.png` (at `sampling.until`). Samples are drawn with the seed of the run.
///
/// # Errors
/// [`ReportError`]; a figure that cannot be drawn is not an error.
pub fn write_report(run: &Run) -> Result<Report, ReportError> {
    let (directory, trainer) = (run.directory(), run.trainer());
    let config = trainer.config();
    let table = directory.metrics()?;
    let name = folder_name(directory.root());
    let mut undrawn = Vec::new();
    let mut drawn = |outcome: Result<(), FigureError>| undrawn.extend(outcome.err());
    let folder = directory.figures();
    drawn(figures::draw_loss(&name, &table, &folder.join("loss.svg"))?);
    drawn(figures::draw_traces(
        &name,
        config,
        &table,
        &folder.join("traces.svg"),
    )?);

    let samples = samples_of(config, &trained_model(config, trainer.averaged_couplings()))?;
    let strip = samples.strip.slice(s![.., ..STRIP_SAMPLES, ..]);
    drawn(figures::draw_strip(
        &name,
        strip,
        config.seed,
        &folder.join("strip.png"),
    ));
    drawn(figures::draw_grid(
        &name,
        samples.grid.view(),
        config,
        &folder.join("samples.png"),
    ));

    let summary = Summary::new(run, &table, samples.summary)?;
    directory.write_summary(&summary)?;
    Ok(Report { summary, undrawn })
}

/// What the report shows of a model.
struct Samples {
    /// `[times, n, n_0]`.
    strip: ndarray::Array3<f32>,
    /// `[n, n_0]`.
    grid: ndarray::Array2<f32>,
    summary: SampleSummary,
}

fn samples_of(config: &Config, model: &Model<f32>) -> Result<Samples, ReportError> {
    let substrate = model.ideal(config.relaxation.clone())?;
    let sampling = &config.sampling;
    let generator = Generator::new(
        &substrate,
        model.spring_stiffness,
        model.output_scale,
        sampling,
    );
    let pixels = config.network.layers.visible();
    let noise = |count| starting_noise(config.seed, count, pixels);

    let mut moments = STRIP_TIMES.to_vec();
    let place = moments.partition_point(|&t| t < CLASS_TIME);
    moments.insert(place, CLASS_TIME);
    let flow = generator.integrate(noise(SHARE_SAMPLES), &moments, sampling.step, 0)?;
    let labelled = flow.samples.index_axis(Axis(0), place);
    let shares = (config.data.is_digits())
        .then(|| digit_shares(labelled))
        .transpose()?;
    let times: Vec<usize> = (0..moments.len()).filter(|&time| time != place).collect();

    let extra = u64::from(sampling.extra_step);
    let grid = generator.integrate(noise(GRID_SAMPLES), &[sampling.until], sampling.step, extra)?;
    Ok(Samples {
        strip: flow.samples.select(Axis(0), &times),
        grid: grid.samples.index_axis_move(Axis(0), 0),
        summary: SampleSummary::new(&flow, shares),
    })
}

/// What figures and pages of a run are headed with: the name of its folder.
pub(crate) fn folder_name(root: &Path) -> String {
    let absolute = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let name = absolute.file_name().unwrap_or(absolute.as_os_str());
    name.to_string_lossy().into_owned()
}
