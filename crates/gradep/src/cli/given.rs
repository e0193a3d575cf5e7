//! What is given of samples.

use super::values::{input, not_negative};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// Largest value of a label node that is asked for: further from its 1 in training than any chip's node.
const LARGEST: f64 = 1e3;

/// Parses the value of a held label node.
pub(super) fn amplitude(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number > 0.0 && number <= LARGEST => Ok(number),
        _ => Err(format!("expected a number above 0, at most {LARGEST}")),
    }
}

/// What is held while the rest is generated, and where it begins.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "What is given")]
pub struct GivenArgs {
    /// Hold pixels at those of these images, [n, pixels] or [n, h, w] in [−1, 1], and generate the rest
    /// (inpainting): a .npy file or an array of an .npz. NaN leaves a pixel free. With fewer images than
    /// samples, in turn.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = input())]
    pub hold: Option<PathBuf>,
    /// Which pixels of --hold are held: not 0 or true, one mask for all or one for each image.
    #[arg(long, value_name = "FILE", requires = "hold", value_hint = ValueHint::FilePath, value_parser = input())]
    pub mask: Option<PathBuf>,
    /// Hold the label nodes at this class, or at these in turn (of a model with data.label_nodes).
    #[arg(long = "class", value_name = "CLASS,…", value_delimiter = ',')]
    pub classes: Vec<u32>,
    /// Value of the label node of the class, 1 in training: larger is truer to the class and less various.
    #[arg(long, value_name = "VALUE", default_value = "1", requires = "classes", value_parser = amplitude)]
    pub class_amplitude: f64,
    /// Begin at these images and not at noise, [n, pixels] or [n, h, w], at flow time --start-time: partly
    /// noised images, (1 − t) noise + t image, are denoised.
    #[arg(long, value_name = "FILE", requires = "start_time", value_hint = ValueHint::FilePath, value_parser = input())]
    pub start: Option<PathBuf>,
    /// Flow time at which the images of --start are.
    #[arg(long, value_name = "T", requires = "start", value_parser = not_negative)]
    pub start_time: Option<f64>,
}
