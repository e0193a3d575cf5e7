//! Training: batches, estimates and updates in order, and a state that can be put away and resumed.

mod initial;
#[cfg(test)]
mod objectives;
#[cfg(test)]
mod on_chip;
mod report;
mod second_phase;
mod spent;

use crate::{
    config::Config,
    data::BesidePixels,
    flow::{BatchError, BatchSource, Conditioned},
    gradep::{Estimate, GradEp},
    objective::{Objective, Unlearned},
    optimiser::{Adam, keep_learned, learning_rate},
};
use analog_substrate::{Couplings, Ideal, Points, Substrate, estimates};
use initial::draw_couplings;
pub use initial::{initial_couplings, xavier_normal};
use ndarray::Array2;
use report::Tally;
pub use report::{Contrasted, ENERGY_GAP, EpochReport, LOSS_BY_TIME, OfTheChip};
use serde::{Deserialize, Serialize};
pub use spent::{ADAM_STEP_J, MULTIPLY_ADD_J};
use std::sync::Arc;
use units::{
    budget::{BudgetError, MOST_STEPS, check_count, check_memory},
    fault::{Blame, Fault},
    words::counted,
};

/// What is beside the pixels, for a message.
fn in_words(beside: BesidePixels) -> String {
    let labels = match beside.label_nodes {
        0 => String::new(),
        nodes => format!(", {nodes} label nodes (key data.label_nodes)"),
    };
    let copies = if beside.copies {
        ", a copy of each (key held.copies)"
    } else {
        ""
    };
    labels + copies
}

/// Why training cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The substrate refused.
    #[error("{cause}")]
    Substrate {
        /// Whose fault it is, as the substrate says.
        fault: Fault,
        /// What it says.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// There are no examples to learn from.
    #[error("{0}")]
    Examples(#[from] BatchError),
    /// Images and network do not fit.
    #[error(
        "the images have {pixels} pixels{}; the network has {visible} visible nodes (key network.layers)",
        in_words(*beside)
    )]
    Pixels {
        /// Pixels per image.
        pixels: usize,
        /// What is beside them.
        beside: BesidePixels,
        /// n_0.
        visible: usize,
    },
    /// The substrate is another network.
    #[error("the substrate has layers {substrate:?}, expected {network:?} (key network.layers)")]
    Layers {
        /// Nodes per layer of the substrate.
        substrate: Vec<usize>,
        /// Nodes per layer of the configuration.
        network: Vec<usize>,
    },
    /// The substrate has leaks of visible nodes and the network has none, or the other way round.
    #[error(
        "network.visible_leak = {asked}: the substrate was made {} leaks of visible nodes",
        if *asked { "without" } else { "with" }
    )]
    VisibleLeak {
        /// What the configuration says.
        asked: bool,
    },
    /// More than can be computed.
    #[error("{0}")]
    Budget(#[from] BudgetError),
    /// A state belongs to another network.
    #[error("the state has {found} parameters, the network {expected}")]
    State {
        /// Parameters of the network.
        expected: usize,
        /// Parameters of the state.
        found: usize,
    },
}

impl TrainError {
    /// That the substrate refused, in its words.
    pub fn of_substrate<E: Blame + Send + Sync + 'static>(error: E) -> Self {
        Self::Substrate {
            fault: error.fault(),
            cause: Box::new(error),
        }
    }
}

impl Blame for TrainError {
    fn fault(&self) -> Fault {
        match self {
            Self::Substrate { fault, .. } => *fault,
            Self::Examples(cause) => cause.fault(),
            Self::Budget(cause) => cause.fault(),
            Self::Pixels { .. }
            | Self::Layers { .. }
            | Self::VisibleLeak { .. }
            | Self::State { .. } => Fault::Input,
        }
    }
}

/// Everything of a run that changes: with the configuration and the data it determines the rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainState<M = ()> {
    /// Epochs done.
    pub epoch: u64,
    /// Parameters in the order of [`Couplings::flat`].
    pub parameters: Vec<f32>,
    /// Moments and average.
    pub adam: Adam,
    /// Updates refused so far.
    pub refused: u64,
    /// The last epochs up to now in which every update was refused.
    pub refused_epochs: u64,
    /// What the substrate has to be told; nothing, and no bytes, of one that remembers nothing.
    pub substrate: M,
}

impl<M> TrainState<M> {
    /// The state for another substrate, or for one that is not to go on.
    pub fn for_substrate<N>(self, substrate: N) -> TrainState<N> {
        TrainState {
            epoch: self.epoch,
            parameters: self.parameters,
            adam: self.adam,
            refused: self.refused,
            refused_epochs: self.refused_epochs,
            substrate,
        }
    }
}

/// Trains one network on one substrate.
///
/// ```
/// use gradep_core::{config::Request, data::Dataset, trainer::Trainer};
/// use ndarray::s;
///
/// let request = Request {
///     overrides: ["network.layers=[64,8]", "flow.batch=20"].map(str::to_owned).to_vec(),
///     ..Request::default()
/// };
/// let images = Dataset::digits().images().slice(s![..40, ..]).to_owned();
/// let mut trainer = Trainer::new(&request.resolve()?.config, images)?;
/// let report = trainer.epoch()?;
/// assert_eq!((report.epoch, trainer.epochs_done()), (0, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Trainer<S> {
    config: Config,
    substrate: S,
    source: Arc<BatchSource>,
    rule: GradEp,
    couplings: Couplings<f32>,
    adam: Adam,
    epoch: u64,
    refused: u64,
    refused_epochs: u64,
    unlearned: Unlearned,
    /// The examples of the next epoch, drawn while the last one was relaxing.
    next: Option<Conditioned>,
}

/// Refuses a training that does not fit into the memory, or does not end, before anything of it is allocated.
///
/// # Errors
/// [`BudgetError`], with the keys that are too large.
pub fn check_budget(config: &Config, images: usize) -> Result<(), BudgetError> {
    let layers = &config.network.layers;
    let batch = config.flow.batch_of(images);
    let group = config.flow.matched_at_once(images);
    check_memory(
        || {
            let samples = counted(batch as u64, "sample");
            format!(
                "training layers {:?} on batches of {samples}",
                layers.sizes()
            )
        },
        estimates::training(layers, batch, group),
        "choose smaller layers (network.layers), or smaller batches (flow.batch)",
    )?;
    let updates = (images / batch.max(1)) as f64;
    check_count(
        || format!("training.epochs = {}", config.training.epochs),
        config.training.epochs as f64 * updates,
        "updates",
        MOST_STEPS,
        "choose fewer epochs",
    )?;
    second_phase::check_budget(config, updates)
}

impl Trainer<Ideal<f32>> {
    /// A fresh run on the ideal substrate; `images` `[n, n_0]` in [−1, 1].
    pub fn new(config: &Config, images: Array2<f32>) -> Result<Self, TrainError> {
        check_budget(config, images.nrows())?;
        let substrate = Ideal::new(
            config.network.topology(),
            config.network.activation(),
            config.relaxation.clone(),
        )
        .with_cell(config.network.cell)
        .map_err(TrainError::of_substrate)?;
        Self::with_substrate(config, images, substrate)
    }
}

impl<S: Substrate<Scalar = f32> + Send> Trainer<S> {
    /// A fresh run on any substrate.
    pub fn with_substrate(
        config: &Config,
        images: Array2<f32>,
        substrate: S,
    ) -> Result<Self, TrainError> {
        check_budget(config, images.nrows())?;
        let layers = &config.network.layers;
        let beside = config.beside_pixels();
        if images.ncols() != layers.visible() {
            return Err(TrainError::Pixels {
                pixels: beside.pixels(images.ncols()).unwrap_or_default(),
                beside,
                visible: layers.visible(),
            });
        }
        let topology = substrate.topology();
        if topology.layers() != layers {
            return Err(TrainError::Layers {
                substrate: topology.layers().sizes().to_vec(),
                network: layers.sizes().to_vec(),
            });
        }
        if topology.has_visible_leak() != config.network.visible_leak {
            return Err(TrainError::VisibleLeak {
                asked: config.network.visible_leak,
            });
        }
        let couplings = draw_couplings(topology, &config.network, config.seed);
        let source = BatchSource::new(images, config.flow.clone(), config.seed)?
            .over(config.training.epochs)
            .with_held(config.held, config.data.label_nodes);
        Ok(Self {
            adam: Adam::new(couplings.flat(), &config.optimiser),
            rule: config.gradep(),
            unlearned: source.unlearned(config.spring.decay()),
            source: Arc::new(source),
            config: config.clone(),
            substrate,
            couplings,
            epoch: 0,
            refused: 0,
            refused_epochs: 0,
            next: None,
        })
    }

    /// The same run with another objective than `flow.objective`. Choose it before the first epoch.
    #[must_use]
    pub fn with_objective(self, objective: Arc<dyn Objective>) -> Self {
        let source = Arc::unwrap_or_clone(self.source);
        let source = source.with_objective(objective);
        Self {
            unlearned: source.unlearned(self.config.spring.decay()),
            source: Arc::new(source),
            next: None,
            ..self
        }
    }

    /// The configuration of the run.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Updates per epoch.
    pub fn updates_per_epoch(&self) -> u64 {
        self.source.batches_per_epoch() as u64
    }

    /// What networks that have learned nothing would lose.
    pub fn unlearned(&self) -> Unlearned {
        self.unlearned
    }

    /// Updates refused so far.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// Length of the present row of epochs in which every update was refused.
    pub fn refused_epochs(&self) -> u64 {
        self.refused_epochs
    }

    /// Epochs done.
    pub fn epochs_done(&self) -> u64 {
        self.epoch
    }

    /// Whether all epochs are done.
    pub fn is_finished(&self) -> bool {
        self.epoch >= self.config.training.epochs
    }

    /// The couplings as trained.
    pub fn couplings(&self) -> &Couplings<f32> {
        &self.couplings
    }

    /// The couplings to generate with: their average, if it is kept.
    pub fn averaged_couplings(&self) -> Couplings<f32> {
        let mut averaged = self.couplings.clone();
        if let Some(average) = self.adam.average() {
            averaged.flat_mut().copy_from_slice(average);
            averaged.floor_visible_leak();
        }
        averaged
    }

    /// What must be kept to resume.
    pub fn state(&self) -> TrainState<S::Memory> {
        TrainState {
            substrate: self.substrate.memory(),
            epoch: self.epoch,
            parameters: self.couplings.flat().to_vec(),
            adam: self.adam.clone(),
            refused: self.refused,
            refused_epochs: self.refused_epochs,
        }
    }

    /// Begins from these couplings instead of random ones.
    ///
    /// # Panics
    /// If they are of other layers.
    pub fn begin_from(&mut self, couplings: Couplings<f32>) {
        assert_eq!(couplings.topology(), self.couplings.topology());
        self.adam = Adam::new(couplings.flat(), &self.config.optimiser);
        self.couplings = couplings;
    }

    /// Begins from these couplings with the moments of an earlier training of the same network, and an average of its own: fresh moments
    /// would make the first steps as long as the learning rate, whatever the gradient.
    ///
    /// # Panics
    /// If they are of other layers.
    pub fn begin_again(&mut self, couplings: Couplings<f32>, moments: Adam) {
        self.begin_from(couplings);
        self.adam = moments.averaging_from(self.couplings.flat());
    }

    /// The optimiser, as the last update has left it.
    pub fn optimiser(&self) -> &Adam {
        &self.adam
    }

    /// Goes on from a state of the same configuration.
    pub fn restore(&mut self, state: TrainState<S::Memory>) -> Result<(), TrainError> {
        let (expected, found) = (self.couplings.flat().len(), state.parameters.len());
        if found != expected {
            return Err(TrainError::State { expected, found });
        }
        let recalled = self.substrate.recall(state.substrate);
        recalled.map_err(TrainError::of_substrate)?;
        self.couplings.flat_mut().copy_from_slice(&state.parameters);
        self.adam = state.adam;
        self.epoch = state.epoch;
        self.refused = state.refused;
        self.refused_epochs = state.refused_epochs;
        self.next = None;
        Ok(())
    }

    /// One pass over the data.
    pub fn epoch(&mut self) -> Result<EpochReport, TrainError> {
        let epoch = self.epoch;
        let samples = match self.next.take() {
            Some(samples) => samples,
            None => self.source.conditioned(epoch)?,
        };
        // The next epoch's pairs need nothing of this one: one thread matches, the other relaxes.
        let source = Arc::clone(&self.source);
        let last = epoch + 1 >= self.config.training.epochs;
        let (next, report) = rayon::join(
            || (!last).then(|| source.conditioned(epoch + 1)).transpose(),
            || self.updates(&samples),
        );
        self.next = next?;
        let report = report?;
        self.refused += report.refused;
        let all_refused = report.refused >= self.updates_per_epoch();
        self.refused_epochs = if all_refused {
            self.refused_epochs + 1
        } else {
            0
        };
        self.epoch += 1;
        Ok(report)
    }

    /// All updates of an epoch.
    fn updates(&mut self, samples: &Conditioned) -> Result<EpochReport, TrainError> {
        let rate = learning_rate(
            &self.config.optimiser,
            self.epoch,
            self.config.training.epochs,
        );
        let (size, batches) = (self.source.batch_size(), self.source.batches_per_epoch());
        let weights = self
            .source
            .time_weights(self.epoch, &samples.examples.times);
        let mut tally = Tally::new(&self.config);
        for part in 0..batches {
            let rows = part * size..(part + 1) * size;
            let batch = samples.slice(rows.clone());
            let step = self.epoch * batches as u64 + part as u64;
            let sign = self.rule.phases.sign(self.config.seed, step);
            let (estimate, contrasted, norm) = self.update(&batch, (step, sign), rate)?;
            tally.add(&batch.examples.times, &weights[rows], &estimate, norm);
            tally.add_contrast(contrasted);
        }
        let spent = self.spent();
        Ok(tally.report(self.epoch, rate, spent.as_ref()))
    }

    /// One update of a batch, by its number and the sign of its nudge: what was estimated, how energies compared if there
    /// are negatives, and the norm of the gradient; NaN where it was refused.
    fn update(
        &mut self,
        batch: &Conditioned,
        (step, sign): (u64, f64),
        rate: f64,
    ) -> Result<(Estimate<f32>, Option<Contrasted>, f64), TrainError> {
        let refused = TrainError::of_substrate::<S::Error>;
        self.substrate.program(&self.couplings).map_err(refused)?;
        let mut estimate = self
            .rule
            .estimate(
                &self.substrate,
                Points {
                    x: batch.examples.anchor.view(),
                    held: batch.held.as_ref().map(|held| held.view()),
                },
                batch.examples.target.view(),
                sign,
            )
            .map_err(refused)?;
        let contrasted = self.contrast(batch, step, &mut estimate)?;
        keep_learned(&mut estimate.gradient, self.config.optimiser.learn);
        let mut norm = f64::NAN;
        if estimate.refusal.is_none() {
            let gradient = estimate.gradient.flat();
            norm = self.adam.step(
                self.couplings.flat_mut(),
                gradient,
                rate,
                &self.config.optimiser,
            );
            self.couplings.floor_visible_leak();
        }
        Ok((estimate, contrasted, norm))
    }
}
