//! Arguments of `gradep bench …`.

mod baselines;
mod conditional;
mod evaluator;
mod outliers;
mod quality;
mod study;

pub use baselines::BaselinesArgs;
pub use conditional::{ClassesArgs, ConditionalArgs, InpaintArgs};
pub use evaluator::EvaluatorArgs;
pub use outliers::OutliersArgs;
pub use quality::QualityArgs;
pub use study::{SensitivityArgs, StudyArgs, SweepArgs, ToleranceArgs};

use clap::Subcommand;

/// `gradep bench …`.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Make sample sets of known quality and measure them: what scores mean.
    Baselines(BaselinesArgs),
    /// Train a classifier of digits to judge samples with.
    Evaluator(EvaluatorArgs),
    /// Measure sample quality against flow time, relaxation, seconds and joules.
    Quality(Box<QualityArgs>),
    /// Fill in what is missing of images, beside a normal distribution and nearest images.
    Inpaint(Box<InpaintArgs>),
    /// Draw every class that a model has label nodes for, and see whether it is told.
    Classes(Box<ClassesArgs>),
    /// Score images by their energy: how unlike they are what was learned.
    Outliers(OutliersArgs),
    /// Vary one or two keys of a chip's spec: quality, yield, velocity error.
    Sweep(SweepArgs),
    /// Rank a chip's imperfections by what they cost.
    Sensitivity(SensitivityArgs),
    /// Find how much of an imperfection chips bear.
    Tolerance(ToleranceArgs),
}
