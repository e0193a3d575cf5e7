//! Arguments of `gradep evaluate`.

use super::values::{finite, input};
use bench_hw::domain::Track;
use clap::{Args, ValueEnum, ValueHint};
use std::{convert::Infallible, path::PathBuf, str::FromStr};

/// `gradep evaluate`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  gradep evaluate samples.npz --track P\n\n\
        Samples are images from −1 (blank) to 1 (ink). Others are refused unless --low and --high say what\n\
        they are scaled from; what a flow overshoots is clamped, and its share printed. Distances of features (fd_features) are of the classifier that\n\
        comes with the program; mmd and kid are squared and unbiased, in natural units (tables often\n\
        print them times 1000). The standard error is from the choice of samples; the floor is what\n\
        real images get in their place, at the same number as far as there are as many. Distances\n\
        shrink with the number of samples: compare at the same number only.\n\n\
        A second opinion (--evaluator second, or a file of weights) is printed beside the first in what\n\
        depends on the classifier. Its distances have another scale: compare them with their floor.")]
pub struct EvaluateArgs {
    /// Samples: an .npz file with `samples` [n, pixels], as `gradep sample --out` writes it; FILE.npz:NAME
    /// for another array of it.
    #[arg(value_name = "SAMPLES.npz", value_hint = ValueHint::FilePath, value_parser = input())]
    pub samples: PathBuf,
    /// Value that is scaled to −1, e.g. 0 for counts from 0 to 16.
    #[arg(long, value_name = "VALUE", requires = "high", allow_negative_numbers = true, value_parser = finite)]
    pub low: Option<f64>,
    /// Value that is scaled to 1, e.g. 16 for counts from 0 to 16.
    #[arg(long, value_name = "VALUE", requires = "low", allow_negative_numbers = true, value_parser = finite)]
    pub high: Option<f64>,
    /// Real images to compare with, in place of the digits: a run, whose data and division are taken, or
    /// a file or folder of images.
    #[arg(long, visible_alias = "run", value_name = "FILE|RUN", value_hint = ValueHint::AnyPath, value_parser = input())]
    pub data: Option<PathBuf>,
    /// What to compare with: H, images that were kept from training, or P, those of the training
    /// [default: H; of own data without data.held_out P].
    #[arg(long, value_enum, value_name = "TRACK", ignore_case = true)]
    pub track: Option<TrackName>,
    /// Classifier of fd_features, recognisable and the class metrics: `built-in`; or beside it
    /// `second`, which is trained on the spot on digits by other writers; or a file of weights
    /// (`gradep bench evaluator`).
    #[arg(
        long,
        value_name = "built-in|second|FILE.npz",
        default_value = "built-in"
    )]
    pub evaluator: EvaluatorName,
    /// Print one JSON document instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// A classifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvaluatorName {
    /// The one that comes with the program.
    BuiltIn,
    /// The one that it trains.
    Second,
    /// One from a file.
    File(PathBuf),
}

impl FromStr for EvaluatorName {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "built-in" => Self::BuiltIn,
            "second" => Self::Second,
            path => Self::File(path.into()),
        })
    }
}

/// The two tracks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TrackName {
    /// The 898 held-out digits, for models trained on the other 898.
    #[value(name = "H")]
    H,
    /// All 1,797 digits, for models trained on them: no memorisation.
    #[value(name = "P")]
    P,
}

impl TrackName {
    /// As options and files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::H => "H",
            Self::P => "P",
        }
    }
}

impl From<TrackName> for Track {
    fn from(name: TrackName) -> Self {
        match name {
            TrackName::H => Self::HeldOut,
            TrackName::P => Self::Published,
        }
    }
}
