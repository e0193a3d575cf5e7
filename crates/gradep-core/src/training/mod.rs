//! Training in a few words: a preset, what is set in it, what it learns from.

use crate::{
    config::{BESIDE_PIXELS, Config, ConfigError, DATA_FLAG, Flag, Origin, Request, Resolved},
    data::{DataConfig, Dataset},
    files::Model,
    objective::Objective,
    run::{
        Beginning, Described, Ending, Maker, Run, RunError,
        epochs::{InMemory, Progress},
        maker, model_of, read_ancestor,
    },
    run_dir::{RunDir, RunState},
    trainer::{EpochReport, Trainer},
};
use analog_substrate::{Couplings, Ideal, Substrate};
use ndarray::Array2;
use std::{
    cell::Cell,
    path::{Path, PathBuf},
    sync::Arc,
};
use units::fault::{Blame as _, Fault};

/// A training in the making: everything that is not said is as the command line has it.
///
/// Nothing is read or checked before [`run`](Self::run), which therefore returns every error there is. The same preset,
/// settings, seed and data give the same model as `gradep train`, bit for bit, in memory and in a
/// [`folder`](Self::folder).
///
/// ```
/// use gradep_core::{Training, data::Dataset};
/// use ndarray::{Array2, s};
///
/// // A corner of 40 digits; `Dataset::digits()` and 300 epochs for a model worth having.
/// let digits = Dataset::digits();
/// let corners: Array2<f32> = digits.images().slice(s![..40, 32..41]).to_owned();
/// let trained = Training::preset("best")
///     .set("network.layers", "[9, 16, 16]")
///     .set("flow.batch", "20")
///     .epochs(2)
///     .seed(1)
///     .on_images(corners)
///     .run()?;
/// assert_eq!(trained.epochs().len(), 2);
/// assert_eq!(trained.model().couplings.layers().sizes(), [9, 16, 16]);
/// # Ok::<(), gradep_core::run::RunError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Training {
    request: Request,
    data: Option<Data>,
    objective: Option<Arc<dyn Objective>>,
    from: Option<PathBuf>,
    folder: Option<PathBuf>,
}

/// What is learned, where that is not what the configuration says.
#[derive(Clone, Debug)]
enum Data {
    Set(Box<Dataset>),
    Images(Array2<f32>),
}

/// What images of a program are called in models and messages.
const OWN_IMAGES: &str = "images of a program";

/// A training that came to its end, or was stopped on its way.
#[derive(Clone, Debug)]
pub struct TrainingOutcome {
    config: Config,
    model: Model<f32>,
    epochs: Vec<EpochReport>,
    finished: bool,
    folder: Option<PathBuf>,
}

impl Default for Training {
    /// The preset that the command line starts from.
    fn default() -> Self {
        Self {
            request: Request::default(),
            data: None,
            objective: None,
            from: None,
            folder: None,
        }
    }
}

impl Training {
    /// Begins with one of the [`PRESETS`](crate::config::PRESETS).
    pub fn preset(name: &str) -> Self {
        let request = Request {
            preset: name.to_owned(),
            ..Request::default()
        };
        Self {
            request,
            ..Self::default()
        }
    }

    /// Lays a configuration file with any subset of the keys over the preset.
    pub fn config_file(mut self, path: impl AsRef<Path>) -> Self {
        self.request.file = Some(path.as_ref().to_owned());
        self
    }

    /// Sets a key of the configuration as `--set KEY=VALUE` does: `.set("nudge.beta", "1e-3")`. A later one wins.
    pub fn set(mut self, key: &str, value: &str) -> Self {
        self.request.overrides.push(format!("{key}={value}"));
        self
    }

    /// Passes over the data.
    pub fn epochs(self, epochs: u64) -> Self {
        self.set("training.epochs", &epochs.to_string())
    }

    /// Seed of every random draw.
    pub fn seed(self, seed: u64) -> Self {
        self.set("seed", &seed.to_string())
    }

    /// Learns the images of a file or folder of one's own, as `--data` does: their range and size are taken from them.
    pub fn data(mut self, path: impl AsRef<Path>) -> Self {
        self.request.flags.push(Flag {
            name: DATA_FLAG,
            key: "data.source",
            value: path.as_ref().display().to_string().into(),
        });
        self
    }

    /// Learns these images rather than those of `data.source`.
    ///
    /// The network gets as many visible nodes as an image has pixels, unless `network.layers` is set.
    pub fn on(mut self, data: Dataset) -> Self {
        self.data = Some(Data::Set(Box::new(data)));
        self
    }

    /// As [`on`](Self::on), images `[image, pixel]` of the program's own, every value in [−1, 1].
    pub fn on_images(mut self, images: Array2<f32>) -> Self {
        self.data = Some(Data::Images(images));
        self
    }

    /// Learns this rather than flow matching.
    pub fn objective(mut self, objective: impl Objective + 'static) -> Self {
        self.objective = Some(Arc::new(objective));
        self
    }

    /// Begins from the model of a run directory or of a model file, of the same network, instead of random couplings.
    pub fn from(mut self, run_or_model: impl AsRef<Path>) -> Self {
        self.from = Some(run_or_model.as_ref().to_owned());
        self
    }

    /// Keeps configuration, metrics, checkpoints and models in a new run directory, as `gradep train --out` does. What
    /// the command line draws at the end (samples, figures, summary) comes with `gradep train --resume`.
    pub fn folder(mut self, path: impl AsRef<Path>) -> Self {
        self.folder = Some(path.as_ref().to_owned());
        self
    }

    /// The configuration that is asked for.
    ///
    /// # Errors
    /// [`ConfigError`] names the key, its value and what was expected.
    pub fn config(&self) -> Result<Config, ConfigError> {
        Ok(self.request.resolve()?.config)
    }

    /// Trains on exact equilibria.
    ///
    /// # Errors
    /// [`RunError`] for what was asked, for the data and the folder; [`RunError::Diverged`] where there is no use in
    /// what was trained.
    pub fn run(self) -> Result<TrainingOutcome, RunError> {
        self.run_while(|_| true)
    }

    /// [`run`](Self::run) that shows every epoch as it is done, and stops after one for which `go_on` says so.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_while(
        self,
        go_on: impl FnMut(&EpochReport) -> bool,
    ) -> Result<TrainingOutcome, RunError> {
        let asked = self.config()?.chip.resolve()?;
        let Some(spec) = asked else {
            let trainer =
                |config: &Config, images, _: Option<&Couplings<f32>>| Trainer::new(config, images);
            return self.carry_out::<Ideal<f32>>(trainer, |beginning| beginning, go_on);
        };
        let on_chip = spec.clone();
        self.carry_out(maker(&spec), |beginning| beginning.on_chip(on_chip), go_on)
    }

    /// [`run_while`](Self::run_while) on a substrate of its own, such as a chip. It is programmed at every update, so
    /// what it was programmed with before does not matter.
    ///
    /// # Errors
    /// As [`run`](Self::run); the substrate's own as the source of [`TrainError::Substrate`](crate::trainer::TrainError::Substrate).
    pub fn run_on<S: Substrate<Scalar = f32> + Send>(
        self,
        on: Described<S>,
        go_on: impl FnMut(&EpochReport) -> bool,
    ) -> Result<TrainingOutcome, RunError> {
        let Described {
            substrate,
            description,
        } = on;
        let asked = self.config()?.chip;
        if asked.is_on() {
            return Err(RunError::OnAChip { spec: asked.spec });
        }
        self.carry_out(
            |config: &Config, images, _: Option<&Couplings<f32>>| {
                Trainer::with_substrate(config, images, substrate)
            },
            |beginning| beginning.on_substrate(description),
            go_on,
        )
    }

    fn carry_out<S: Substrate<Scalar = f32> + Send>(
        self,
        trainer: impl Maker<S>,
        noted: impl FnOnce(Beginning<S>) -> Beginning<S>,
        mut go_on: impl FnMut(&EpochReport) -> bool,
    ) -> Result<TrainingOutcome, RunError> {
        let data = match self.data {
            Some(Data::Set(data)) => Some(*data),
            Some(Data::Images(images)) => Some(Dataset::from_images(OWN_IMAGES, images)?),
            None => None,
        };
        let (resolved, data) = if let Some(data) = data {
            (fitted(self.request, &data)?, data)
        } else {
            let resolved = self.request.resolve()?;
            let data = Dataset::load(&resolved.config.data)?;
            (resolved, data)
        };
        let from = self.from.as_deref().map(read_ancestor).transpose()?;
        let objective = self.objective;
        let name = objective
            .as_ref()
            .map(|objective| objective.name().to_owned());
        let trainer = |config: &Config, images: Array2<f32>, from: Option<&Couplings<f32>>| {
            let trainer = trainer(config, images, from)?;
            Ok(match objective {
                Some(objective) => trainer.with_objective(objective),
                None => trainer,
            })
        };
        let mut beginning = noted(Beginning::of(&resolved, &data, from, trainer)?);
        if let Some(name) = name {
            beginning = beginning.with_objective(name);
        }
        let config = beginning.resolved.config.clone();
        // Asked before an epoch, answered after the one before.
        let stopped = Cell::new(false);
        let mut epochs = Vec::new();
        let stop = || stopped.get();
        let observe = |report: &EpochReport| {
            epochs.push(report.clone());
            stopped.set(!go_on(report));
        };
        let (ending, model) = match &self.folder {
            None => in_memory(beginning, stop, observe)?,
            Some(folder) => in_folder(beginning, folder, stop, observe)?,
        };
        if let Ending::Diverged(why) = ending {
            return Err(why.into());
        }
        Ok(TrainingOutcome {
            config,
            model,
            epochs,
            finished: ending == Ending::Finished,
            folder: self.folder,
        })
    }
}

/// Resolves what is asked for with this data. The network gets as many visible nodes as an image has pixels where no more
/// than a preset has chosen another number.
fn fitted(mut request: Request, data: &Dataset) -> Result<Resolved, ConfigError> {
    let mut resolved = request.resolve()?;
    let visible = resolved
        .config
        .beside_pixels()
        .visible(data.images().ncols());
    let layers = &resolved.config.network.layers;
    let chosen = resolved.origins.get("network.layers");
    let fits = match chosen {
        Some(Origin::Preset(_)) => true,
        Some(Origin::Implied(key)) => BESIDE_PIXELS.contains(key),
        _ => false,
    };
    if fits && layers.visible() != visible {
        let hidden = &layers.sizes()[1..];
        let sizes = [&[visible], hidden].concat();
        request.overrides.push(format!("network.layers={sizes:?}"));
        resolved = request.resolve()?;
    }
    let [low, high] = data.range();
    resolved.config.data = DataConfig {
        source: data.name().to_owned(),
        low,
        high,
        ..resolved.config.data
    };
    Ok(resolved)
}

fn in_memory<S: Substrate<Scalar = f32> + Send>(
    beginning: Beginning<S>,
    stop: impl FnMut() -> bool,
    observe: impl FnMut(&EpochReport),
) -> Result<(Ending, Model<f32>), RunError> {
    let shape = beginning.shape;
    let mut progress = Progress::new(beginning.trainer, &[]);
    let ending = progress.train(&mut InMemory, stop, observe)?;
    Ok((ending, model_of(&progress.trainer, shape)))
}

fn in_folder<S: Substrate<Scalar = f32> + Send>(
    beginning: Beginning<S>,
    folder: &Path,
    stop: impl FnMut() -> bool,
    observe: impl FnMut(&EpochReport),
) -> Result<(Ending, Model<f32>), RunError> {
    let mut run = beginning.in_directory(|_| RunDir::create_at(folder, false))?;
    let outcome = run.train(stop, observe).and_then(|ending| {
        if ending == Ending::Finished {
            run.write_models()?;
        }
        Ok(ending)
    });
    end(&mut run, &outcome)?;
    Ok((outcome?, run.model()))
}

/// Notes how the process ends, with the status that the command line ends with.
fn end<S: Substrate<Scalar = f32> + Send>(
    run: &mut Run<S>,
    outcome: &Result<Ending, RunError>,
) -> Result<(), RunError> {
    match outcome {
        Ok(Ending::Finished) => run.end(RunState::Finished, 0),
        Ok(Ending::Interrupted) => run.end(RunState::Interrupted, Fault::Interrupted.status()),
        Ok(Ending::Diverged(why)) => run.end(RunState::Failed, why.fault().status()),
        // What went wrong first is what the caller has to know.
        Err(error) => run.end(RunState::Failed, error.fault().status()).or(Ok(())),
    }
}

impl TrainingOutcome {
    /// The complete configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The model to generate with: the average of the couplings, if it is kept.
    pub fn model(&self) -> &Model<f32> {
        &self.model
    }

    /// The epochs in order, each as the metrics table has it.
    pub fn epochs(&self) -> &[EpochReport] {
        &self.epochs
    }

    /// Loss of the last epoch: the mean squared error of the velocity; none without epochs.
    pub fn loss(&self) -> Option<f64> {
        self.epochs.last().map(|report| report.loss)
    }

    /// Whether all epochs are done.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// The run directory, if one was asked for.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }
}

#[cfg(test)]
mod tests;
