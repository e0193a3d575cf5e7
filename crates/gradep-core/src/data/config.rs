//! Which data, and how they are read.

use super::{LabelColumn, is_digits};
use serde::{Deserialize, Serialize};

/// `[data]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// `digits` (the 1,797 built-in images), `digits-half` (898 of them, to be judged by the others), a
    /// `.csv`, `.npy`, `.npz` or IDX file, or a folder of PNG images.
    pub source: String,
    /// Value that is scaled to −1 (digits: 0).
    pub low: f64,
    /// Value that is scaled to +1 (digits: 16).
    pub high: f64,
    /// CSV: which column is the label. `true` and `false` are `last` and `none`.
    pub label_column: LabelColumn,
    /// A file of labels, one for each image; empty: as the data say.
    #[serde(default)]
    pub labels: String,
    /// Height, width and channels of an image, `[H, W]` or `[H, W, C]`; empty: as the file says, else a
    /// square, else one row.
    #[serde(default)]
    pub shape: Vec<usize>,
    /// Classes whose one-hot labels are visible nodes after the pixels, −1 and +1; 0: labels are no part of the
    /// network.
    #[serde(default)]
    pub label_nodes: usize,
    /// Share of the images that training does not see and that samples are compared with.
    #[serde(default)]
    pub held_out: f64,
}

impl DataConfig {
    /// Whether the images are built-in digits, whose classes are known.
    pub fn is_digits(&self) -> bool {
        is_digits(&self.source)
    }
}
