//! How the process ends.

use analog_substrate::{
    CellError, IdealError,
    chip::{ChipError, netlist::NetlistError, spec::SpecError},
    device::{DeviceError, fit::FitError},
    kernels::SimdError,
};
use bench_hw::{
    baselines::BaselineTableError,
    generation::GenerationError,
    metrics::{EvaluatorError, MetricsError},
    page::PageError,
    sweep::SweepError,
};
use gradep_core::{
    config::{ConfigError, InvalidConfig},
    data::DataError,
    files::{ArrayFileError, ConductanceFileError, ModelFileError},
    generate::GenerateError,
    gradep::Refusal,
    run::{Divergence, RunError},
    run_dir::RunDirError,
    trainer::TrainError,
};
use std::{
    io::{self, ErrorKind},
    process::ExitCode,
};

/// How the process ends, apart from the second signal (130 or 143, see [`crate::signals`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All done.
    Success = 0,
    /// Something outside went wrong: a file, the machine.
    Failure = 1,
    /// The command line or the configuration is at fault (also clap's own code).
    Usage = 2,
    /// The numbers are at fault: diverged, or not converged where that was required.
    Numerics = 4,
    /// A signal; a checkpoint was written and the run can be resumed (`EX_TEMPFAIL`, which batch
    /// systems can requeue on).
    Interrupted = 75,
}

/// What was asked for makes no sense, in words.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Prints the error, if any, and names the exit.
pub(crate) fn report(outcome: anyhow::Result<Exit>) -> Exit {
    match outcome {
        Ok(exit) => exit,
        // `gradep … | head`: the reader has what it wanted.
        Err(error) if is_broken_pipe(&error) => Exit::Success,
        Err(error) => {
            eprintln!("error: {error:#}");
            of(&error)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

/// The exit that an error ends in, by the first of its causes that says so.
pub(crate) fn of(error: &anyhow::Error) -> Exit {
    error.chain().find_map(of_cause).unwrap_or(Exit::Failure)
}

fn of_cause(cause: &(dyn std::error::Error + 'static)) -> Option<Exit> {
    if cause.is::<Usage>()
        || cause.is::<ConfigError>()
        || cause.is::<InvalidConfig>()
        || cause.is::<SimdError>()
        || cause.is::<SpecError>()
        || cause.is::<CellError>()
        || cause.is::<MetricsError>()
        || cause.is::<BaselineTableError>()
        || cause.is::<DeviceError>()
        || cause.is::<FitError>()
        || cause.is::<NetlistError>()
    {
        return Some(Exit::Usage);
    }
    if let Some(error) = cause.downcast_ref::<EvaluatorError>() {
        let usage = !matches!(error, EvaluatorError::Access { .. });
        return usage.then_some(Exit::Usage);
    }
    if let Some(error) = cause.downcast_ref() {
        return of_arrays(error);
    }
    if let Some(error) = cause.downcast_ref::<ConductanceFileError>() {
        return of_map(error);
    }
    if let Some(error) = cause.downcast_ref() {
        return of_model(error);
    }
    if let Some(error) = cause.downcast_ref() {
        return of_data(error);
    }
    if cause.is::<Divergence>() || cause.is::<Refusal>() {
        return Some(Exit::Numerics);
    }
    // A transparent error does not show what it wraps as a cause: it is looked into here.
    if let Some(error) = cause.downcast_ref() {
        return of_ideal(error);
    }
    if let Some(error) = cause.downcast_ref() {
        return of_chip(error);
    }
    if let Some(error) = cause.downcast_ref() {
        return of_flow(error, of_chip);
    }
    if let Some(error) = cause.downcast_ref() {
        return of_generation(error);
    }
    if let Some(error) = cause.downcast_ref() {
        return of_sweep(error);
    }
    if let Some(error) = cause.downcast_ref() {
        return of_directory(error);
    }
    if let Some(error) = cause.downcast_ref() {
        return of_flow(error, of_ideal);
    }
    if let Some(error) = cause.downcast_ref() {
        return of_page(error);
    }
    of_run(cause.downcast_ref()?)
}

/// A flow that ran away, or what its substrate says.
fn of_flow<E: std::error::Error>(
    error: &GenerateError<E>,
    of_substrate: impl Fn(&E) -> Option<Exit>,
) -> Option<Exit> {
    match error {
        GenerateError::Substrate(error) => of_substrate(error),
        GenerateError::RanAway { .. } => Some(Exit::Numerics),
        _ => None,
    }
}

fn of_run(error: &RunError) -> Option<Exit> {
    match error {
        RunError::Directory(error) => of_directory(error),
        RunError::Config(_)
        | RunError::ConfigChanged { .. }
        | RunError::DataChanged { .. }
        | RunError::ForeignCheckpoint { .. }
        | RunError::TooFewEpochs { .. }
        | RunError::OtherNetwork { .. } => Some(Exit::Usage),
        RunError::Train(error) => of_training(error),
        RunError::Model(error) => of_model(error),
        RunError::Data(error) => of_data(error),
        _ => None,
    }
}

/// A file that can be read but holds no images that can be used.
fn of_data(error: &DataError) -> Option<Exit> {
    let usage = !matches!(error, DataError::Access(_));
    usage.then_some(Exit::Usage)
}

/// A file that can be read but holds no model.
fn of_model(error: &ModelFileError) -> Option<Exit> {
    let usage = !matches!(error, ModelFileError::Access(_));
    usage.then_some(Exit::Usage)
}

/// Sources that are none, results of another version, or what the run, the chip and the maps say.
fn of_page(error: &PageError) -> Option<Exit> {
    match error {
        PageError::Run(error) => of_run(error),
        PageError::Directory(error) => of_directory(error),
        PageError::Chip(error) => of_chip(error),
        PageError::Spec(_)
        | PageError::NotASource { .. }
        | PageError::NotResults { .. }
        | PageError::Json { .. }
        | PageError::Schema { .. }
        | PageError::Samples { .. } => Some(Exit::Usage),
        _ => None,
    }
}

fn of_generation(error: &GenerationError) -> Option<Exit> {
    match error {
        GenerationError::Ideal(error) => of_ideal(error),
        GenerationError::Chip(error) => of_chip(error),
        GenerationError::IdealFlow(error) => of_cause(error),
        GenerationError::ChipFlow(error) => of_cause(error),
        GenerationError::NoChip { .. } | GenerationError::ChipWithoutUse => Some(Exit::Usage),
        _ => None,
    }
}

/// A file that can be read but is not what was asked for.
fn of_arrays(error: &ArrayFileError) -> Option<Exit> {
    let usage = !matches!(error, ArrayFileError::Access(_));
    usage.then_some(Exit::Usage)
}

fn of_sweep(error: &SweepError) -> Option<Exit> {
    match error {
        SweepError::Spec(_)
        | SweepError::Axis { .. }
        | SweepError::Idle { .. }
        | SweepError::Between { .. }
        | SweepError::Perfect { .. }
        | SweepError::Occupied { .. }
        | SweepError::Metrics(MetricsError::Pixels { .. } | MetricsError::TooFew { .. }) => {
            Some(Exit::Usage)
        }
        SweepError::Chip(error) => of_chip(error),
        SweepError::Generation(error) => of_generation(error),
        _ => None,
    }
}

/// A map that is none; the file system is not the map's fault.
fn of_map(error: &ConductanceFileError) -> Option<Exit> {
    match error {
        ConductanceFileError::Access(_) => None,
        ConductanceFileError::Arrays(error) => of_arrays(error),
        _ => Some(Exit::Usage),
    }
}

fn of_directory(error: &RunDirError) -> Option<Exit> {
    let usage = matches!(
        error,
        RunDirError::Config(_) | RunDirError::NotEmpty { .. } | RunDirError::NotARun { .. }
    );
    usage.then_some(Exit::Usage)
}

fn of_training(error: &TrainError) -> Option<Exit> {
    match error {
        TrainError::Pixels { .. } => Some(Exit::Usage),
        TrainError::Substrate(cause) => of_ideal(cause.downcast_ref()?),
        _ => None,
    }
}

/// States or couplings that are no longer finite, or a network without an equilibrium.
fn of_ideal(error: &IdealError) -> Option<Exit> {
    let numerics = matches!(
        error,
        IdealError::NotFinite { .. } | IdealError::Unstable { .. }
    );
    numerics.then_some(Exit::Numerics)
}

/// A chip that the command line should not have asked for, or numbers that are at fault.
fn of_chip(error: &ChipError) -> Option<Exit> {
    match error {
        ChipError::Cell(_)
        | ChipError::OtherCell { .. }
        | ChipError::NoisyAdaptive
        | ChipError::NotPositive { .. }
        | ChipError::Moments { .. } => Some(Exit::Usage),
        error if error.is_numerical() => Some(Exit::Numerics),
        _ => None,
    }
}
