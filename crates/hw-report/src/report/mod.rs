//! What a training run came to: figures of how it was trained and what it generates, and
//! [`TrainingSummary`], the numbers in `summary.json`.

mod figures;
mod sampler;
mod samples;
mod summary;

use crate::figure::FigureError;
use analog_substrate::Substrate;
use bench_hw::{
    ClassShareError, digit_shares,
    generation::{Condition, Generated, GenerationError},
    results::training::{SampleSummary, TrainingSummary},
};
use gradep_core::{
    config::Config,
    data::ImageShape,
    files::{ArrayFileError, Model, write_npz},
    generate::starting_noise,
    run::{Divergence, Run},
    run_dir::{FIGURE_FILES, MetricsTable, RunDir, RunDirError},
};
use ndarray::{ArrayView2, Axis, arr0, s};
pub use sampler::Sampler;
use samples::{SHARE_SAMPLES, class_time, strip_times};
use std::path::Path;
pub(crate) use summary::FINAL_EPOCHS;
use units::fault::{Blame, Fault};

/// Samples in the grid, and in each column of the strip.
const GRID_SAMPLES: usize = 64;
const STRIP_SAMPLES: usize = 10;

/// Whether a finished run has all its figures: a disk that was full when it ended leaves it without.
pub fn has_figures(directory: &RunDir) -> bool {
    let folder = directory.figures();
    FIGURE_FILES.iter().all(|name| folder.join(name).is_file())
}

/// Why a run could not be reported on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The run directory refused.
    #[error("{0}")]
    Directory(#[from] RunDirError),
    /// Samples cannot be generated.
    #[error("generating samples: {0}")]
    Generate(#[from] GenerationError),
    /// Samples cannot be kept.
    #[error("{0}")]
    Samples(#[from] ArrayFileError),
    /// Samples cannot be labelled.
    #[error("{0}")]
    Classes(#[from] ClassShareError),
}

impl Blame for ReportError {
    fn fault(&self) -> Fault {
        match self {
            Self::Directory(cause) => cause.fault(),
            Self::Generate(cause) => cause.fault(),
            Self::Samples(cause) => cause.fault(),
            Self::Classes(cause) => cause.fault(),
        }
    }
}

/// The summary of a run, and what could not be drawn.
#[derive(Debug)]
pub struct Report {
    /// As written to `summary.json`.
    pub summary: TrainingSummary,
    /// Figures that are not there, each with the reason: images too large for a picture, say.
    pub undrawn: Vec<FigureError>,
}

/// Writes `samples.npz` and `summary.json` of a run that has done all its epochs, then draws its figures: a
/// picture that fails costs no numbers.
///
/// `figures/` gets `loss.svg`, `traces.svg`, `strip.png` (samples at flow times 0 to 1.2, or until a field is at rest) and
/// `samples.png` (at `sampling.until`). Samples are drawn as `sampler` does, with the seed of the run. `go_on` is told the share of the
/// sampling that is done and asked whether to go on.
///
/// # Errors
/// [`ReportError`], [`gradep_core::generate::GenerateError::Interrupted`] among them; a figure that cannot be drawn is not an error.
pub fn write_report<S: Substrate<Scalar = f32> + Send>(
    run: &Run<S>,
    sampler: &Sampler,
    mut go_on: impl FnMut(f64) -> bool,
) -> Result<Report, ReportError> {
    let (directory, config) = (run.directory(), run.trainer().config());
    let table = directory.metrics()?;
    let model = run.model();
    let shape = model.image_shape();
    let samples = samples_of(config, &model, sampler, &mut go_on)?;
    let time = class_time(config.flow.objective);
    write_samples(&directory.samples(), samples.counted.view(), shape, time)?;
    let summary = summary::summary(run, &table, Some((samples.summary, sampler)), None)?;
    directory.write_summary(&summary)?;

    let mut undrawn = draw_training(run, &table)?;
    let mut drawn = |outcome: Result<(), FigureError>| undrawn.extend(outcome.err());
    let (name, folder) = (folder_name(directory.root()), directory.figures());
    let strip = samples.strip.slice(s![.., ..STRIP_SAMPLES, ..]);
    drawn(figures::draw_strip(
        &name,
        strip,
        shape,
        config,
        &folder.join("strip.png"),
    ));
    drawn(figures::draw_grid(
        &name,
        samples.grid.view(),
        shape,
        config,
        &folder.join("samples.png"),
    ));
    Ok(Report { summary, undrawn })
}

/// Draws how a run that has diverged was trained, and writes a `summary.json` that says why it ended. There are
/// no samples of such a run.
///
/// # Errors
/// [`ReportError::Directory`].
pub fn write_divergence<S: Substrate<Scalar = f32> + Send>(
    run: &Run<S>,
    why: &Divergence,
) -> Result<Report, ReportError> {
    let directory = run.directory();
    let table = directory.metrics()?;
    let summary = summary::summary(run, &table, None, Some(why.to_string()))?;
    directory.write_summary(&summary)?;
    let undrawn = draw_training(run, &table)?;
    Ok(Report { summary, undrawn })
}

/// `loss.svg` and `traces.svg`; what could not be drawn.
fn draw_training<S: Substrate<Scalar = f32> + Send>(
    run: &Run<S>,
    table: &MetricsTable,
) -> Result<Vec<FigureError>, RunDirError> {
    let (directory, config) = (run.directory(), run.trainer().config());
    let (name, folder) = (folder_name(directory.root()), directory.figures());
    let loss = figures::draw_loss(&name, table, &folder.join("loss.svg"))?;
    let traces = figures::draw_traces(&name, config, table, &folder.join("traces.svg"))?;
    Ok([loss, traces].into_iter().filter_map(Result::err).collect())
}

/// What the report shows of a model.
struct Samples {
    /// `[times, n, n_0]`.
    strip: ndarray::Array3<f32>,
    /// Those that are counted and kept, `[n, n_0]` at [`class_time`].
    counted: ndarray::Array2<f32>,
    /// `[n, n_0]`.
    grid: ndarray::Array2<f32>,
    summary: SampleSummary,
}

fn samples_of(
    config: &Config,
    model: &Model<f32>,
    sampler: &Sampler,
    go_on: &mut impl FnMut(f64) -> bool,
) -> Result<Samples, ReportError> {
    let sampling = &config.sampling;
    // Of the work, the grid is as much as its samples are of all, steps being about as many.
    let of_grid = GRID_SAMPLES as f64 / (GRID_SAMPLES + SHARE_SAMPLES) as f64;
    let mut generated = |count, times, extra_steps, (from, to): (f64, f64)| {
        let condition = Condition {
            extra_steps,
            ..Condition::new(sampling, config.relaxation.clone(), times)
        };
        let noise = starting_noise(config.seed, count, config.network.layers.visible());
        let go_on = |share| go_on(from + (to - from) * share);
        sampler.draw(model, condition, (noise, config.seed), go_on)
    };

    let counted_at = class_time(config.flow.objective);
    let mut moments = strip_times(config.flow.objective).to_vec();
    let place = moments.partition_point(|&t| t < counted_at);
    moments.insert(place, counted_at);
    let times: Vec<usize> = (0..moments.len()).filter(|&time| time != place).collect();
    let flow: Generated = generated(SHARE_SAMPLES, moments, 0, (0.0, 1.0 - of_grid))?;
    let counted = flow.samples.index_axis(Axis(0), place);
    let shares = (model.is_of_digits() == Some(true))
        .then(|| digit_shares(counted))
        .transpose()?;
    let extra = u64::from(sampling.extra_step);
    let until = vec![sampling.until];
    let grid = generated(GRID_SAMPLES, until, extra, (1.0 - of_grid, 1.0))?;
    // Costs are those of the whole flow: what a velocity takes is a mean over it.
    let cost = &flow.costs[flow.costs.len() - 1];
    Ok(Samples {
        strip: flow.samples.select(Axis(0), &times),
        counted: counted.to_owned(),
        grid: grid.samples.index_axis_move(Axis(0), 0),
        summary: summary::of_samples(counted_at, counted, cost, shares),
    })
}

/// `samples` `[n, n_0]` as integrated, the flow `time` and `image_shape`, the axes of one image.
fn write_samples(
    path: &Path,
    samples: ArrayView2<'_, f32>,
    shape: ImageShape,
    time: f64,
) -> Result<(), ArrayFileError> {
    write_npz(path, |arrays| {
        arrays.add("samples", &samples)?;
        arrays.add("time", &arr0(time))?;
        arrays.add_shape(shape)
    })
}

/// What figures and pages of a run are headed with: the name of its folder.
pub(crate) fn folder_name(root: &Path) -> String {
    let absolute = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let name = absolute.file_name().unwrap_or(absolute.as_os_str());
    name.to_string_lossy().into_owned()
}
