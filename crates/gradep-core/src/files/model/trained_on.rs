//! What a model was trained on.

use crate::{
    image::{BesidePixels, ImageShape, is_digits},
    objective::ObjectiveKind,
};

/// What a model was trained on, and so what its samples are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainedOn {
    /// `data.source` of its run: the name of built-in data or the path of a file, as it was given.
    pub source: String,
    /// Height, width and channels of an image.
    pub shape: ImageShape,
    /// Visible nodes that follow the pixels.
    pub beside: BesidePixels,
    /// What it learned of them.
    pub objective: ObjectiveKind,
    /// The chip through whose errors it learned and which it therefore suits alone, in words; none of a model of exact equilibria.
    pub chip: Option<String>,
}

impl TrainedOn {
    /// Whether that is the built-in digits, all or half of them: samples can then be compared with them.
    pub fn is_digits(&self) -> bool {
        is_digits(&self.source)
    }
}
