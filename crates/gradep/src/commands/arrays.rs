//! What the commands over arrays share.

use crate::exit::Usage;
use analog_substrate::{Layers, kernels::Real};
use anyhow::ensure;
use gradep_core::files::read_array;
use ndarray::Array2;
use std::path::Path;

/// A batch of visible states `[batch, n_0]` from a file.
pub(super) fn read_visible<R: Real>(path: &Path, layers: &Layers) -> anyhow::Result<Array2<R>> {
    let array = read_array::<R>(path, None)?;
    let (batch, columns) = array.dim();
    ensure!(
        columns == layers.visible() && batch > 0,
        Usage(format!(
            "{}: has shape [{batch}, {columns}], expected [batch, {}]: one column per visible node of \
             the model",
            path.display(),
            layers.visible()
        ))
    );
    Ok(array)
}
