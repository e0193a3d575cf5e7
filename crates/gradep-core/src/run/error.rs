//! Why a run cannot begin, go on, or come to a good end.

use crate::{
    checkpoint::CheckpointError, config::ConfigError, data::DataError, files::ModelFileError,
    gradep::Refusal, run_dir::RunDirError, trainer::TrainError,
};
use analog_substrate::hw_spec::SpecError;
use std::path::PathBuf;
use units::fault::{Blame, Fault};

/// Why a run cannot begin or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The directory cannot be used.
    #[error("{0}")]
    Directory(#[from] RunDirError),
    /// The configuration cannot be used.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// The data cannot be read.
    #[error("{0}")]
    Data(#[from] DataError),
    /// The trainer refused.
    #[error("{0}")]
    Train(#[from] TrainError),
    /// A checkpoint cannot be read or written.
    #[error("{0}")]
    Checkpoint(#[from] CheckpointError),
    /// A model cannot be read or written.
    #[error("{0}")]
    Model(#[from] ModelFileError),
    /// The configuration is not the one that began the run, in more than can change.
    #[error(
        "{}: its configuration has changed: {what}; a run that has begun can change training.epochs, \
         training.checkpoint_every, data.source and sampling alone: restore config.resolved.toml, or begin another run \
         (with --from this one, if it is to learn on)",
        directory.display()
    )]
    ConfigChanged {
        /// The run directory.
        directory: PathBuf,
        /// Keys with their values, or hashes.
        what: String,
    },
    /// The run is on a chip, and is begun or gone on with as one that is not.
    #[error(
        "chip.spec = {spec:?}: the run is trained on a chip of its configuration; expected chip.spec = \"\" here"
    )]
    OnAChip {
        /// The spec.
        spec: String,
    },
    /// The chip of a run cannot be read.
    #[error("{0}")]
    Chip(#[source] Box<SpecError>),
    /// The chip in the folder is not the one that the run began with.
    #[error(
        "{}: is another chip (hash {found}) than the run began with ({expected}); restore the file, or begin another run",
        path.display()
    )]
    ChipChanged {
        /// `chip.toml`.
        path: PathBuf,
        /// Hash of the design now.
        found: String,
        /// Hash at the beginning.
        expected: String,
    },
    /// There is no use in what was trained.
    #[error("{0}")]
    Diverged(#[from] Divergence),
    /// The run has a substrate or an objective of some program's own, which is in no file.
    #[error(
        "{}: the run was made by a program, with a {what} of its own that the folder does not hold; begin another run (with \
         --from this one, if it is to learn on)",
        directory.display()
    )]
    OfAProgram {
        /// The run directory.
        directory: PathBuf,
        /// `substrate` or `objective`, and what it is called.
        what: String,
    },
    /// More epochs are done than are asked for.
    #[error("training.epochs = {asked}: {done} epochs are done already; expected at least as many")]
    TooFewEpochs {
        /// Epochs done.
        done: u64,
        /// Epochs asked for.
        asked: u64,
    },
    /// The file of the data is not there.
    #[error(
        "{source_name}: the data of the run are not there; looked for {}; put the file back, or say where it is with \
         -s data.source=FILE",
        places.join(", ")
    )]
    DataNotFound {
        /// `data.source`.
        source_name: String,
        /// All places, absolute.
        places: Vec<String>,
    },
    /// A model to begin from that is of another network.
    #[error("{}: is of another network than the run; its own would be {differing}", path.display())]
    OtherNetwork {
        /// The model.
        path: PathBuf,
        /// The settings that would fit.
        differing: String,
    },
    /// The data are not those that the run began with.
    #[error("{source_name}: the data have changed (blake3 {found}, the run began with {expected})")]
    DataChanged {
        /// The data.
        source_name: String,
        /// Hash at the beginning.
        expected: String,
        /// Hash now.
        found: String,
    },
    /// A checkpoint belongs to a run with another configuration.
    #[error(
        "{}: belongs to a run with another configuration (hash {found}, here {expected})",
        path.display()
    )]
    ForeignCheckpoint {
        /// The file.
        path: PathBuf,
        /// Hash of the configuration here.
        expected: String,
        /// Hash of the configuration in the file.
        found: String,
    },
    /// A run that began from a model and has kept nothing: what it began from is in no configuration.
    #[error(
        "{}: was begun from a model and has no intact checkpoint to go on from; begin it again with --from, --out and --force",
        directory.display()
    )]
    NothingSaved {
        /// The run directory.
        directory: PathBuf,
    },
    /// There is neither a model nor an intact checkpoint.
    #[error("{}: has neither model.safetensors nor an intact checkpoint", directory.display())]
    NoModel {
        /// The run directory.
        directory: PathBuf,
    },
}

impl From<SpecError> for RunError {
    fn from(error: SpecError) -> Self {
        Self::Chip(Box::new(error))
    }
}

impl Blame for RunError {
    fn fault(&self) -> Fault {
        match self {
            Self::Directory(cause) => cause.fault(),
            Self::Config(cause) => cause.fault(),
            Self::Data(cause) => cause.fault(),
            Self::Chip(cause) => cause.fault(),
            Self::Train(cause) => cause.fault(),
            Self::Checkpoint(cause) => cause.fault(),
            Self::Model(cause) => cause.fault(),
            Self::Diverged(cause) => cause.fault(),
            Self::ConfigChanged { .. }
            | Self::OnAChip { .. }
            | Self::ChipChanged { .. }
            | Self::OfAProgram { .. }
            | Self::TooFewEpochs { .. }
            | Self::DataNotFound { .. }
            | Self::OtherNetwork { .. }
            | Self::DataChanged { .. }
            | Self::ForeignCheckpoint { .. }
            | Self::NothingSaved { .. }
            | Self::NoModel { .. } => Fault::Input,
        }
    }
}

/// Why there is no use in going on, and what to try.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Divergence {
    /// The loss is infinite or NaN.
    #[error(
        "the loss of epoch {epoch} is {loss}; try a smaller optimiser.learning_rate, or a smaller \
         relaxation.step_size with the explicit solver"
    )]
    Loss {
        /// Number of the epoch, from 0.
        epoch: u64,
        /// Its loss.
        loss: f64,
    },
    /// A node relaxes to infinity or NaN.
    #[error(
        "in epoch {epoch} the network no longer relaxes to finite states; try a smaller \
         optimiser.learning_rate, or a smaller relaxation.step_size with the explicit solver"
    )]
    States {
        /// Number of the epoch, from 0.
        epoch: u64,
    },
    /// A coupling is infinite or NaN.
    #[error(
        "the updates of epoch {epoch} left couplings that are not finite; try a smaller \
         optimiser.learning_rate"
    )]
    Couplings {
        /// Number of the epoch, from 0.
        epoch: u64,
    },
    /// The loss has grown beyond what a network that has learned nothing would lose.
    #[error(
        "the training diverged: the loss is {last:.4e} after {epochs} epochs and was {first:.4e} at first, where the \
         velocity zero has {zero_velocity:.3} and a network without couplings {zero_couplings:.3}; {refused} of \
         {updates} updates were refused; try a smaller optimiser.learning_rate than {learning_rate}"
    )]
    Grown {
        /// Epochs done.
        epochs: u64,
        /// Loss of the first epoch.
        first: f64,
        /// Loss of the last epoch.
        last: f64,
        /// Loss of the velocity zero.
        zero_velocity: f64,
        /// Loss of a network without couplings.
        zero_couplings: f64,
        /// Updates that were refused.
        refused: u64,
        /// Updates of all epochs done.
        updates: u64,
        /// Peak learning rate of the run.
        learning_rate: f64,
    },
    /// Nothing is learned any more.
    #[error("every update of the last {epochs} epochs was refused: {reason}")]
    Refused {
        /// Number of epochs.
        epochs: u64,
        /// Why the last update was.
        reason: Refusal,
    },
    /// The run has come to its end with the couplings that it began with.
    #[error(
        "nothing was learned: each of the {updates} updates was refused; the column `refusal` of \
         metrics.csv says why"
    )]
    NoUpdate {
        /// Updates of the whole run.
        updates: u64,
    },
}

impl Blame for Divergence {
    fn fault(&self) -> Fault {
        Fault::Numbers
    }
}
